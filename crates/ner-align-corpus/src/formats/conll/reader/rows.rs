//! Lines that are rows, and those that start with `#`.

use std::io::Read;

use super::ConllReader;
use crate::CorpusError;
use crate::formats::conll::brackets;
use crate::formats::conll::columns::{self, resolve, split, trim};
use crate::formats::conll::hash_lines::{self, Hash};
use crate::formats::conll::layout::{Annotation, says_no_space};
use crate::formats::conll::row_findings::{self, Wanted};
use crate::formats::tagged::{TaggedBuilder, document_id, empty_token, is_newdoc, named_tag};

/// What a line that starts with `#` is.
pub(super) enum Line {
    Row,
    Comment,
    /// A document starts, of this name.
    Mark(Option<String>),
}

impl<R: Read> ConllReader<R> {
    /// Takes the row that was read last.
    pub(super) fn row(&mut self, tagged: &mut TaggedBuilder) -> Result<(), CorpusError> {
        let line = self.lines.current();
        // Most rows are a word, a tab or a space and a tag, in a file whose layout asks for no more.
        let (word, tag_text, count, columns, plain) = match self
            .pairs
            .and_then(|between| columns::pair(line, between))
        {
            Some((word, tag)) => (word, tag, 2, (0, 1), true),
            None => {
                split(line, self.delimiter, &mut self.fields);
                let count = self.fields.len();
                let index = |column| resolve(column, count);
                let field = |index: usize| &line[self.fields[index].clone()];
                let tag = match self.layout.annotation {
                    Annotation::Ontonotes => brackets::column_of_entities((0..count).map(field)),
                    _ => index(self.layout.tag),
                };
                let alone = count == 1 && self.layout.annotation == Annotation::WordsAlone;
                let both = index(self.layout.token).zip(tag);
                let Some((token, tag)) = both.filter(|(token, tag)| token != tag || alone) else {
                    return Err(self.too_few_columns(count));
                };
                (field(token), trim(field(tag)), count, (token, tag), false)
            }
        };
        let word = match &self.layout.prefix {
            Some(prefix) => word.strip_prefix(&**prefix).unwrap_or(word),
            None => word,
        };
        let tag_text = match self.layout.annotation {
            _ if plain => tag_text,
            Annotation::Tags => tag_text,
            Annotation::Nothing => row_findings::if_tag(tag_text),
            Annotation::WordsAlone => "-",
            Annotation::Numbers => match named_tag(Some(&self.tag_names), tag_text) {
                Ok(name) => name,
                Err(error) => {
                    let column = Some(columns.1 as u64 + 1);
                    let error = error.at_path(&self.progress.name);
                    return Err(error.at(self.lines.number(), column));
                }
            },
            Annotation::Brackets | Annotation::Ontonotes => {
                let finding = self.brackets.push(tagged.builder.len(), tag_text);
                if let Some(finding) = finding.filter(|_| tag_text != "-") {
                    let place = tagged.place(self.lines.number());
                    let place = place.with_column(columns.1 as u64 + 1);
                    self.progress.note_in_document(finding.at(place));
                }
                if brackets::parse(tag_text).is_some() { "O" } else { "-" }
            }
        };
        let fault = tagged.push_tag(&mut self.table, tag_text);
        let levels = if plain { 0 } else { self.levels.columns.len() };
        for level in 0..levels {
            let column = resolve(self.levels.columns[level], count);
            let Some(column) = column.filter(|column| ![columns.0, columns.1].contains(column))
            else {
                return Err(self.too_few_columns(count));
            };
            let text = trim(&line[self.fields[column].clone()]);
            if let Some(fault) = self.levels.push(level, &mut self.table, text) {
                let place = tagged.place(self.lines.number()).with_column(column as u64 + 1);
                self.progress.note_in_document(fault.finding(text).at(place));
            }
        }
        if self.width != count || word.is_empty() || fault.is_some() {
            let line_number = self.lines.number();
            let place = tagged.place(line_number);
            if self.width == 0 {
                self.width = count;
                if line.contains('\r') {
                    let error = row_findings::bare_cr().at_path(&self.progress.name);
                    return Err(error.at(line_number, None));
                }
            } else if self.width != count && self.layout.annotation != Annotation::Ontonotes {
                let finding = row_findings::ragged(self.width, count, line, word, tag_text);
                self.progress.note_in_document(finding.at(place.clone()));
            }
            if word.is_empty() {
                self.progress.note_in_document(empty_token(columns.0).at(place.clone()));
            }
            if let Some(fault) = fault {
                let place = place.with_column(columns.1 as u64 + 1);
                self.progress.note_in_document(fault.finding(tag_text).at(place));
            }
        }
        if !tagged.in_sentence() {
            tagged.builder.set_line(self.lines.number());
            for comment in self.comments.drain(..) {
                tagged.builder.push_comment(&comment);
            }
        }
        tagged.builder.push_word(word);
        if !plain
            && let Some(misc) = self.layout.misc
            && self.fields.get(misc).is_some_and(|field| says_no_space(&line[field.clone()]))
        {
            tagged.builder.set_space_after("");
        }
        let (words, text) = tagged.size();
        self.progress.weigh(words, text).map_err(|error| error.at(self.lines.number(), None))
    }

    /// Takes the line that was read last, which starts with `#`, unless it is a row.
    pub(super) fn hash_line(&mut self, tagged: &mut TaggedBuilder) -> Result<Line, CorpusError> {
        let Self { lines, layout, fields, .. } = self;
        let line = lines.current();
        match hash_lines::kind(line, layout, self.delimiter, self.tabs, fields) {
            Hash::Row => return Ok(Line::Row),
            Hash::Begin(id) => return Ok(Line::Mark(id)),
            Hash::End => return Ok(Line::Mark(None)),
            Hash::Comment => {}
        }
        self.progress.hold(line.len()).map_err(|error| error.at(lines.number(), None))?;
        let usual = line.starts_with("# ") && !tagged.in_sentence();
        if !usual && !std::mem::replace(&mut self.other_comments, true) {
            let place = tagged.place(lines.number()).with_token(None);
            self.progress.note_in_document(hash_lines::other_comment(line).at(place));
        }
        let name = hash_lines::hipe_document(line).filter(|_| layout.hipe);
        if is_newdoc(line) || name.is_some() {
            self.comments.push(line.to_owned());
            return Ok(Line::Mark(name.or(document_id(line)).map(str::to_owned)));
        }
        if tagged.in_sentence() {
            tagged.builder.push_comment(line);
        } else {
            self.comments.push(line.to_owned());
        }
        Ok(Line::Comment)
    }

    /// True if the number of the sentence in the row that was read last is not that of the row before, in
    /// the same sentence.
    pub(super) fn begins_sentence(&mut self, tagged: &TaggedBuilder) -> bool {
        let line = self.lines.current();
        split(line, self.delimiter, &mut self.fields);
        let field = self.layout.sentence.and_then(|at| self.fields.get(at));
        let Some(number) = field.map(|field| &line[field.clone()]) else { return false };
        if number == self.sentence_number {
            return false;
        }
        number.clone_into(&mut self.sentence_number);
        tagged.in_sentence()
    }

    pub(super) fn end_sentence(&mut self, tagged: &mut TaggedBuilder) {
        if let Some(finding) = self.brackets.end_sentence(tagged.builder.len()) {
            let place = tagged.place(self.lines.number());
            self.progress.note_in_document(finding.at(place));
        }
        tagged.end_sentence();
    }

    /// The error for the row that was read last.
    fn too_few_columns(&self, count: usize) -> CorpusError {
        let wanted = Wanted {
            token_column: self.layout.token,
            tag_column: self.layout.tag,
            delimiter: self.delimiter,
            width: self.width,
        };
        row_findings::too_few_columns(&wanted, self.lines.current(), count)
            .at_path(self.lines.name())
            .at(self.lines.number(), Some(count as u64))
            .in_document(self.progress.documents)
    }
}
