//! The tokens and spans of one document, as a file has them.

use std::ops::Range;

use ner_align_core::{CharSpan, Entity, Finding, Label, Misalignment, Severity, SourceSpan};
use rustc_hash::FxHashMap;

use super::content::Row;
use super::groups::GroupSpan;
use super::reader::DocBinReader;
use crate::CorpusError;
use crate::formats::spacy_tokens::Assembly;

impl DocBinReader {
    /// The document of these tokens of the file.
    pub(super) fn assemble(&mut self, tokens: Range<usize>) -> Result<Assembly, CorpusError> {
        let rows = self.content.rows.get(tokens.clone()).unwrap_or_default();
        let spaces = self.content.spaces.get(tokens.clone()).unwrap_or_default();
        let rebuilt = self.content.unknown_spaces.get(self.progress.documents) == Some(&true);
        // Tokens of a file are there already, in a few bytes each.
        self.progress.weigh(rows.len(), rows.len())?;
        let mut assembly = Assembly { rebuilt, ..Assembly::default() };
        assembly.words.reserve_exact(rows.len());
        let mut empty = Vec::new();
        for (word, (row, space)) in rows.iter().zip(spaces).enumerate() {
            let text = self
                .content
                .text(row.word)
                .map_err(|id| self.no_string(word, "a word", id, "word"))?;
            if text.is_empty() {
                empty.push(word);
            }
            assembly.push(text, rebuilt || *space != 0);
            self.progress.weigh(word, assembly.text.len())?;
        }
        assembly.starts = sentence_starts(rows);
        if let Some((token, value)) = self.content.bad_iob.filter(|(at, _)| tokens.contains(at)) {
            let found = format!(
                "{value} for word {} of document {}",
                token - tokens.start,
                self.progress.documents
            );
            return Err(self.fault("0 to 3 as ENT_IOB", found));
        }
        let rows = rows.to_vec();
        self.entities(&rows, &mut assembly)?;
        self.groups(&mut assembly)?;
        for word in empty {
            let message =
                format!("expected words of one character or more, found none for word {word}");
            self.warn("empty-token", message);
        }
        if self.options.fold_white_space {
            assembly.fold_white_space();
        }
        Ok(assembly)
    }

    /// The entities of `doc.ents` and the words that are missing.
    fn entities(&mut self, rows: &[Row], assembly: &mut Assembly) -> Result<(), CorpusError> {
        let mut open: Option<(usize, Label)> = None;
        let mut label_of_open = 0;
        for (word, row) in rows.iter().enumerate() {
            let (iob, label) = (row.iob(), row.label());
            if iob == 1 {
                if open.is_none() {
                    open = self.label_at(word, label)?.map(|label| (word, label));
                    label_of_open = label;
                    let message = format!(
                        "expected an entity's first word before one that continues it, found none before word {word}, read as the first itself"
                    );
                    self.warn("inside-without-start", message);
                } else if label != label_of_open {
                    label_of_open = label;
                    let message = format!(
                        "expected one type throughout an entity, found another at word {word}, read as the first word's"
                    );
                    self.warn("type-changes", message);
                }
                continue;
            }
            if let Some((start, label)) = open.take() {
                assembly.entities.push(Entity::new(start, word, label));
            }
            match iob {
                0 => assembly.missing.push(word),
                // A first word without a type is spaCy's way to rule an entity out.
                3 => {
                    open = self.label_at(word, label)?.map(|label| (word, label));
                    label_of_open = label;
                }
                _ => {}
            }
        }
        if let Some((start, label)) = open {
            assembly.entities.push(Entity::new(start, rows.len(), label));
        }
        Ok(())
    }

    /// The label of an index, none for the empty string.
    fn label_at(&mut self, word: usize, index: u32) -> Result<Option<Label>, CorpusError> {
        match self.content.text(index) {
            Ok(text) => Ok(label(&mut self.labels, self.content.id(index), text)),
            Err(id) => Err(self.no_string(word, "an entity type", id, "word")),
        }
    }

    /// Adds the spans of groups.
    fn groups(&mut self, assembly: &mut Assembly) -> Result<(), CorpusError> {
        let spans = self.content.groups.spans.get(self.span..).unwrap_or_default();
        let here = spans
            .iter()
            .take_while(|span| span.document as usize == self.progress.documents)
            .count();
        if here == 0 {
            return Ok(());
        }
        let spans: Vec<GroupSpan> = spans.get(..here).unwrap_or_default().to_vec();
        let words = assembly.words.len();
        // What a group repeats of `doc.ents` or of another group is there once.
        let mut known: FxHashMap<Entity, u32> =
            assembly.entities.iter().map(|entity| (entity.clone(), u32::MAX)).collect();
        let mut nameless = 0;
        let before = assembly.entities.len();
        for (index, span) in spans.iter().enumerate() {
            let Some(text) = self.content.text_of(span.label) else {
                return Err(self.no_string(index, "a span's type", span.label, "span"));
            };
            let Some(label) = label(&mut self.labels, span.label, text) else {
                nameless += 1;
                continue;
            };
            let place = |at: i32| usize::try_from(at).ok();
            match (place(span.start), place(span.end)) {
                (Some(start), Some(end)) if start < end && end <= words => {
                    let entity = Entity::new(start, end, label);
                    let group = *known.entry(entity.clone()).or_insert(span.group);
                    if group == span.group {
                        assembly.entities.push(entity);
                    }
                }
                _ => assembly.unaligned.push(misplaced(span, label)),
            }
        }
        self.span += here;
        if assembly.missing.len() == words && assembly.entities.len() > before {
            assembly.missing.clear();
        }
        if nameless > 0 {
            let message =
                format!("expected spans with a type, found {nameless} without one, not kept");
            let finding = Finding::new(Severity::Info, "not-kept", message);
            self.progress.note_in_document(finding);
        }
        Ok(())
    }

    fn fault(&self, expected: &str, found: String) -> CorpusError {
        CorpusError::input("docbin", expected, found)
            .at_path(&self.progress.name)
            .in_document(self.progress.documents)
    }

    fn no_string(&self, index: usize, what: &str, id: u64, unit: &str) -> CorpusError {
        let expected = format!("{what} in field \"strings\"");
        let found =
            format!("none of id {id} for {unit} {index} of document {}", self.progress.documents);
        self.fault(&expected, found)
            .with_hint("the file lacks a string; write it again from the documents")
    }

    pub(super) fn warn(&mut self, code: &str, message: String) {
        self.progress.note_in_document(Finding::new(Severity::Warning, code, message));
    }
}

fn label(labels: &mut FxHashMap<u64, Label>, id: u64, text: &str) -> Option<Label> {
    if let Some(label) = labels.get(&id) {
        return Some(label.clone());
    }
    let label = Label::new(text)?;
    labels.insert(id, label.clone());
    Some(label)
}

/// A span of a group that covers no words.
fn misplaced(span: &GroupSpan, label: Label) -> SourceSpan {
    let place = |at: i32| usize::try_from(at).unwrap_or_default();
    let reason = match span.end.cmp(&span.start) {
        std::cmp::Ordering::Less => Misalignment::Reversed,
        std::cmp::Ordering::Equal => Misalignment::Empty,
        std::cmp::Ordering::Greater => Misalignment::OutOfRange,
    };
    let piece = CharSpan::new(place(span.chars.0), place(span.chars.1));
    SourceSpan::new(vec![piece], label, reason)
}

/// The first words of sentences, as far as the file says. As in spaCy, the first word counts only
/// if it is the only one.
fn sentence_starts(rows: &[Row]) -> Option<Vec<usize>> {
    let (_, rest) = rows.split_first()?;
    if !rest.is_empty() && rest.iter().all(|row| row.start() == 0) {
        return None;
    }
    let starts = rows.iter().enumerate().filter(|(_, row)| row.start() == 1);
    Some(starts.map(|(word, _)| word).collect())
}
