//! Rows of a sentence or a text to documents.

use std::io::Read;

use ner_align_core::{Document, Finding, Location, Severity, Tag};

use super::reader::CsvReader;
use super::spans;
use super::wide::{Row, Wide, is_empty, words_and_tags};
use crate::formats::tagged::{TaggedBuilder, named_tag};
use crate::text::{Surfaces, place_spans, shorten, span_finding};
use crate::{CharMap, CorpusError};

impl<R: Read> CsvReader<R> {
    /// The next document of a table with a sentence or a text a row.
    pub(super) fn next_wide(&mut self, wide: Wide) -> Result<Option<Document>, CorpusError> {
        let mut tagged = TaggedBuilder::default();
        while self.rows.advance()? {
            if self.rows.is_blank() {
                continue;
            }
            if let Some(id) = wide.id {
                let id = self.rows.field(id).trim();
                tagged.builder.set_id((!is_empty(id)).then(|| id.to_owned()));
            }
            if wide.row == Row::Spans {
                let document = self.text_row(wide)?;
                if document.is_empty() {
                    continue;
                }
                return Ok(Some(document));
            }
            self.words_row(wide, &mut tagged)?;
            self.weigh(&tagged)?;
            if wide.id.is_some() || self.group == Some(tagged.sentences()) {
                break;
            }
        }
        if tagged.is_empty() {
            if self.progress.documents == 0 {
                return Err(self.progress.empty("at least one row under the header", "none"));
            }
            return Ok(None);
        }
        let document = tagged.build(self.scheme);
        document.map(Some).map_err(|error| error.at_path(&self.progress.name))
    }

    /// Adds the sentence of a row.
    fn words_row(&mut self, wide: Wide, tagged: &mut TaggedBuilder) -> Result<(), CorpusError> {
        let (text, tags) = (self.rows.field(wide.text), self.rows.field(wide.annotation));
        let column = Some(wide.annotation + 1);
        let Some((words, mut tags)) = words_and_tags(text, tags) else {
            let words: Vec<&str> = text.split_whitespace().collect();
            let finding = self.no_annotation(wide);
            self.progress.note_in_document(finding);
            tagged.builder.set_line(self.rows.line());
            for word in words {
                tagged.push_tag(&mut self.table, "-");
                tagged.builder.push_word(word);
            }
            tagged.end_sentence();
            return Ok(());
        };
        if words.len() != tags.len() {
            let found = format!("{} tags for {} words", tags.len(), words.len());
            return Err(self
                .rows
                .fault("tag-count", "one tag a word", found, column)
                .with_hint("the words of a text are parted by white space"));
        }
        for tag in &mut tags {
            let name = named_tag(self.tag_names.as_deref(), tag);
            let name = name.map_err(|error| {
                error.at_path(self.rows.name()).at(self.rows.line(), column.map(|c| c as u64))
            })?;
            if name != tag {
                *tag = name.to_owned();
            }
        }
        tagged.builder.set_line(self.rows.line());
        for (word, tag) in words.iter().zip(&tags) {
            if let Some(fault) = tagged.push_tag(&mut self.table, tag) {
                let place = tagged.place(self.rows.line()).with_column(wide.annotation as u64 + 1);
                self.progress.note_in_document(fault.finding(tag).at(place));
            }
            tagged.builder.push_word(word);
        }
        tagged.end_sentence();
        Ok(())
    }

    /// The document of a row with spans.
    fn text_row(&mut self, wide: Wide) -> Result<Document, CorpusError> {
        let text = self.rows.field(wide.text);
        let cell = self.rows.field(wide.annotation);
        let misfit = |error: &dyn std::fmt::Display| {
            self.rows.fault("document", "words and entities that fit", error.to_string(), None)
        };
        let mut document =
            Document::from_text(text, self.splitter.split(text)).map_err(|error| misfit(&error))?;
        if let Some(id) = wide.id {
            let id = self.rows.field(id).trim();
            document.set_id((!is_empty(id)).then(|| id.to_owned()));
        }
        if is_empty(cell) {
            let tags = vec![Tag::Missing; document.len()];
            document.set_tags(tags, self.scheme).map_err(|error| misfit(&error))?;
            let finding = self.no_annotation(wide);
            self.progress.note_in_document(finding);
            return Ok(document);
        }
        let column = Some(wide.annotation + 1);
        let Some(spans) = spans::read(cell) else {
            let expected = "a list of spans with start, end and label";
            let found = format!("{:?}", shorten(cell));
            return Err(self.rows.fault("spans", expected, found, column));
        };
        let map = CharMap::new(text);
        let mut surfaces = Surfaces::new(text, &map, self.offsets);
        let line = self.rows.line();
        let mut note = |finding: Finding| {
            let place = Location::default().with_line(line).with_column(wide.annotation as u64 + 1);
            self.progress.note_in_document(finding.at(place));
        };
        let spans = spans.into_iter().map(|span| (span.span, span.text, span.label));
        let settled = surfaces.settle(spans, self.on_surface_mismatch, &mut note);
        let settled = settled.map_err(|error| {
            error.at_path(self.rows.name()).at(line, column.map(|column| column as u64))
        })?;
        let spans = settled.into_iter().map(|(span, label)| (vec![span], label));
        let placed = place_spans(&document, &map, spans);
        for span in &placed.unaligned {
            let place = Location::default().with_line(self.rows.line());
            self.progress.note_in_document(span_finding(&document, &map, span).at(place));
        }
        document.set_entities(placed.entities).map_err(|error| misfit(&error))?;
        document.set_unaligned(placed.unaligned);
        Ok(document)
    }

    fn no_annotation(&self, wide: Wide) -> Finding {
        let message =
            "expected annotation, found an empty cell; the words are read as not annotated";
        let place =
            Location::default().with_line(self.rows.line()).with_column(wide.annotation as u64 + 1);
        Finding::new(Severity::Info, "no-annotation", message).at(place)
    }
}
