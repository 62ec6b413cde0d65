//! Rows to words.

use std::io::Read;

use super::{ConlluReader, Open};
use crate::CorpusError;
use crate::formats::conllu::annotation::{late_annotation, misc_of};
use crate::text::shorten;

impl<R: Read> ConlluReader<R> {
    /// Takes a row.
    pub(super) fn row(&mut self, line: &str, open: &mut Open) -> Result<(), CorpusError> {
        let number = self.lines.number();
        let refuse = |column: Option<u64>, expected: &str, found: String| {
            CorpusError::input("bad-row", expected, found)
                .at_path(&self.progress.name)
                .at(number, column)
                .in_document(self.progress.documents)
        };
        let mut fields: Vec<&str> = Vec::with_capacity(self.columns.count);
        fields.extend(line.split('\t'));
        let columns = &self.columns;
        let Some(form) = fields.get(columns.form).filter(|_| fields.len() == columns.count) else {
            let found = format!("{} in {:?}", fields.len(), shorten(line));
            let expected = format!("{} columns parted by tabs", columns.count);
            return Err(refuse(None, &expected, found));
        };
        if !self.grammar {
            let mut others = fields.iter().enumerate().filter(|(at, _)| columns.is_other(*at));
            self.grammar = others.any(|(_, field)| *field != "_");
        }
        let id = columns.id.and_then(|at| fields.get(at).copied()).unwrap_or("1");
        let whole = |id: &str| id.parse::<u64>().ok().filter(|id| *id > 0);
        let (id, last) = match (whole(id), id.split_once('-'), id.split_once('.')) {
            (Some(id), ..) => (id, None),
            (None, Some((first, last)), _) => match (whole(first), whole(last)) {
                (Some(first), Some(last)) if first < last => (first, Some(last)),
                _ => return Err(refuse(Some(1), "a range such as 1-2", format!("{id:?}"))),
            },
            (None, None, Some((before, index)))
                if index.parse::<u64>().is_ok() && before.parse::<u64>().is_ok() =>
            {
                self.empty_nodes += 1;
                return Ok(());
            }
            _ => return Err(refuse(Some(1), "a word's number, 1-2 or 1.1", format!("{id:?}"))),
        };
        if form.is_empty() {
            return Err(refuse(Some(2), "a word", "an empty field".to_owned()));
        }
        let misc = misc_of(&fields, columns);
        let tag = columns.tag_of(&fields, &misc);
        let covered = last.is_none() && open.covered_to.is_some_and(|to| id <= to);
        if covered {
            self.syntactic_words += 1;
        } else {
            open.covered_to = last;
        }
        let tagged = &mut open.tagged;
        if tag.is_some() && !self.annotated {
            self.annotated = true;
            self.progress.note_in_document(late_annotation().at(tagged.place(number)));
        }
        let spelled = tag.unwrap_or(if self.annotated { columns.untagged() } else { "-" });
        let tags = tagged.tags_mut();
        // A multi-word token has the tag of the first of its words that has one.
        let fault = if covered {
            tags.replace_outside(&mut self.table, spelled)
        } else {
            tags.push(&mut self.table, spelled)
        };
        if let Some(fault) = fault {
            let place = tagged.place(number).with_column(self.columns.tag_place());
            // A covered word is part of the one before.
            let token = place.token.map(|token| token - usize::from(covered));
            self.progress.note_in_document(fault.finding(spelled).at(place.with_token(token)));
        }
        if covered {
            return Ok(());
        }
        let mut between = match open.after.take() {
            Some(after) => after.unwrap_or_else(|| " ".to_owned()),
            None => String::new(),
        };
        between.push_str(misc.before.as_deref().unwrap_or_default());
        tagged.builder.set_space_after(&between);
        if !tagged.in_sentence() {
            open.sentence_text = tagged.builder.text().len();
            tagged.builder.set_line(number);
            for comment in self.comments.drain(..) {
                tagged.builder.push_comment(&comment);
            }
        }
        tagged.builder.push_word(form);
        open.after = Some(misc.after);
        let (words, text) = tagged.size();
        self.progress.weigh(words, text).map_err(|error| error.at(number, None))
    }
}
