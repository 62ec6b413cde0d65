//! Rows of a word to sentences and documents.

use std::io::Read;

use ner_align_core::{Finding, Severity};

use super::CsvReader;
use crate::CorpusError;
use crate::formats::csv::SENTENCE;
use crate::formats::csv::layout::Layout;
use crate::formats::csv::wide::is_empty;
use crate::formats::tagged::{TaggedBuilder, empty_token, is_default_name, named_tag};
use crate::text::shorten;

/// What a row begins.
#[derive(PartialEq, Eq, Clone, Copy)]
pub(super) enum Begins {
    Nothing,
    Sentence,
    Document,
}

/// The name in a field; none where pandas or a database wrote that it is empty.
fn name_in(field: &str) -> &str {
    if is_empty(field) { "" } else { field.trim() }
}

impl<R: Read> CsvReader<R> {
    /// What the row begins, as its names say.
    pub(super) fn begins(&self) -> Result<Begins, CorpusError> {
        let name =
            |column: Option<usize>| column.map_or("", |column| name_in(self.rows.field(column)));
        if let Some(column) = self.layout.document {
            let document = name(Some(column));
            let another = document != self.document_name || self.sparse_documents;
            if !document.is_empty() && another {
                return Ok(Begins::Document);
            }
            if self.document_name.is_empty() {
                return Err(self.nameless("document", column));
            }
        }
        let Some(column) = self.layout.sentence else { return Ok(Begins::Nothing) };
        let sentence = name(Some(column));
        if !sentence.is_empty() && sentence != self.sentence_name {
            return Ok(Begins::Sentence);
        }
        if sentence.is_empty() && self.sentence_name.is_empty() {
            return Err(self.nameless("sentence", column));
        }
        Ok(Begins::Nothing)
    }

    fn nameless(&self, what: &str, column: usize) -> CorpusError {
        let found = "an empty field before the first one that is not";
        let expected = format!("the name of a {what} on its first row");
        self.rows
            .fault("no-name", &expected, found, Some(column + 1))
            .with_hint(format!("fill it in, or name another column with `columns: {what}=NAME`"))
    }

    /// Takes note of what the row begins.
    pub(super) fn begin(&mut self, begins: Begins, tagged: &mut TaggedBuilder) {
        if begins == Begins::Nothing {
            return;
        }
        if let Some(column) = self.layout.sentence {
            let name = name_in(self.rows.field(column));
            if !name.is_empty() {
                let numbered = name.strip_prefix(SENTENCE).unwrap_or(name);
                let number = numbered.trim().strip_suffix(".0").unwrap_or(numbered);
                self.named_sentences += usize::from(number.trim().parse::<u64>().is_err());
                name.clone_into(&mut self.sentence_name);
            }
        }
        if begins == Begins::Document
            && let Some(column) = self.layout.document
        {
            let name = name_in(self.rows.field(column));
            let nameless = is_default_name(name, self.progress.documents);
            tagged.builder.set_id((!nameless).then(|| name.to_owned()));
            name.clone_into(&mut self.document_name);
        }
    }

    /// Takes the row that was read last.
    pub(super) fn row(&mut self, tagged: &mut TaggedBuilder) -> Result<(), CorpusError> {
        let Layout { word: word_column, tag: tag_column, .. } = self.layout;
        let (word, text) = (self.rows.field(word_column), self.rows.field(tag_column).trim());
        let text = match &self.tag_names {
            Some(names) => named_tag(Some(names), text).map_err(|error| {
                let column = Some(tag_column as u64 + 1);
                error.at_path(self.rows.name()).at(self.rows.line(), column)
            })?,
            None if matches!(text, "nan" | "NaN") => "",
            None => text,
        };
        let fault = tagged.push_tag(&mut self.table, text);
        let place = |column: usize| tagged.place(self.rows.line()).with_column(column as u64 + 1);
        if word.is_empty() {
            self.progress.note_in_document(empty_token(word_column).at(place(word_column)));
        }
        if word.contains(['\n', '\r']) {
            let message = "expected a word on one line, found a line end in it, which is kept";
            let finding = Finding::new(Severity::Warning, "line-end-in-word", message)
                .with_text(shorten(word));
            self.progress.note_in_document(finding.at(place(word_column)));
        }
        if let Some(fault) = fault {
            self.progress.note_in_document(fault.finding(text).at(place(tag_column)));
        }
        if !tagged.in_sentence() {
            tagged.builder.set_line(self.rows.line());
        }
        tagged.builder.push_word(word);
        Ok(())
    }
}
