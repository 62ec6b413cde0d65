//! Lines of items to documents.

use std::collections::BTreeMap;
use std::io::Read;

use ner_align_core::{CorpusReader, Document, Finding, Scheme, Severity};

use super::parts::Parts;
use crate::formats::progress::{Fused, Progress};
use crate::formats::tagged::{SchemeGuess, TagTable, TaggedBuilder, scheme_and_style};
use crate::text::{Lines, shorten};
use crate::{CorpusError, FormatReader, ReadOptions, Source};

/// Bytes at the start of a source that show its scheme and the parts of its items.
const HEAD: usize = 1 << 20;

/// Reads one sentence a line; see [the module](super) for the format.
///
/// ```
/// use ner_align_core::CorpusReader;
/// use ner_align_corpus::ReadOptions;
/// use ner_align_corpus::formats::iob_lines::IobLinesReader;
/// let text = "Ada|NNP|B-PER wrote|VBD|O\n";
/// let mut reader = IobLinesReader::from_reader(text.as_bytes(), "train.iob", &ReadOptions::default())?;
/// let document = reader.read_document()?.unwrap();
/// assert_eq!((document.text(), document.entities().len()), ("Ada wrote", 1));
/// # Ok::<(), ner_align_corpus::CorpusError>(())
/// ```
#[derive(Debug)]
pub struct IobLinesReader<R> {
    lines: Lines<R>,
    scheme: Scheme,
    group: usize,
    /// Items hold a part of speech between word and tag.
    has_pos: bool,
    table: TagTable,
    progress: Progress,
}

impl IobLinesReader<Box<dyn Read + Send>> {
    /// Reads a source.
    ///
    /// # Errors
    /// A source that cannot be read.
    pub fn new(source: Source, options: &ReadOptions) -> Result<Self, CorpusError> {
        let name = source.name().to_owned();
        Self::from_reader(source.into_stream(), name, options)
    }
}

impl<R: Read> IobLinesReader<R> {
    /// Reads from any source; `name` is its path in messages.
    ///
    /// # Errors
    /// A source that cannot be read.
    pub fn from_reader(
        source: R,
        name: impl Into<String>,
        options: &ReadOptions,
    ) -> Result<Self, CorpusError> {
        let mut lines = Lines::new(source, name.into());
        let (head, _) = lines.peek(HEAD)?;
        let mut parts = Parts::default();
        head.split_whitespace().for_each(|item| parts.add(item));
        let has_pos = parts.has_pos();
        let (scheme, style) = scheme_and_style(usize::MAX, |guess| push_tags(head, guess));
        let scheme = options.scheme.unwrap_or(scheme);
        let mut progress =
            Progress::new(lines.name().to_owned(), options.max_findings).within(options.max_memory);
        progress.note_style(style);
        if has_pos {
            let message = "expected words and tags, found parts of speech too, which are not kept";
            progress.note(Finding::new(Severity::Info, "not-kept", message));
        }
        Ok(Self {
            lines,
            scheme,
            group: options.sentences_per_document,
            has_pos,
            table: TagTable::of_style(style),
            progress,
        })
    }

    /// Adds a word and its tag, which start at a column of the current line.
    fn item(
        &mut self,
        tagged: &mut TaggedBuilder,
        column: u64,
        item: &str,
    ) -> Result<(), CorpusError> {
        let line = self.lines.number();
        let Some((word, tag)) = item.rsplit_once('|') else {
            let found = format!("{:?}", shorten(item));
            return Err(CorpusError::input("no-tag", "word|TAG or word|POS|TAG", found)
                .at_path(&self.progress.name)
                .at(line, Some(column))
                .in_document(self.progress.documents)
                .with_hint("words with white space cannot stand in this format"));
        };
        let word = match word.rsplit_once('|') {
            Some((word, _)) if self.has_pos => word,
            _ => word,
        };
        let place = tagged.place(line).with_column(column);
        if word.is_empty() {
            let message = "expected a token before |, found none";
            let finding = Finding::new(Severity::Warning, "empty-token", message);
            self.progress.note_in_document(finding.at(place.clone()));
        }
        if let Some(fault) = tagged.push_tag(&mut self.table, tag) {
            self.progress.note_in_document(fault.finding(tag).at(place));
        }
        tagged.builder.push_word(word);
        let (words, text) = tagged.size();
        self.progress.weigh(words, text).map_err(|error| error.at(line, Some(column)))
    }
}

/// The items of a line with their columns, counted from 1 in code points.
fn items(line: &str) -> impl Iterator<Item = (u64, &str)> {
    let mut rest = line;
    let mut column = 1;
    std::iter::from_fn(move || {
        let trimmed = rest.trim_start();
        column += rest[..rest.len() - trimmed.len()].chars().count() as u64;
        let end = trimmed.find(char::is_whitespace).unwrap_or(trimmed.len());
        let (item, after) = trimmed.split_at(end);
        rest = after;
        let start = column;
        column += item.chars().count() as u64;
        (!item.is_empty()).then_some((start, item))
    })
}

fn push_tags(head: &str, guess: &mut SchemeGuess) {
    for line in head.lines() {
        let tags = line.split_whitespace().filter_map(|item| item.rsplit_once('|'));
        tags.for_each(|(_, tag)| guess.push(tag));
        guess.end_sentence();
    }
}

impl<R: Read> Fused for IobLinesReader<R> {
    fn progress(&mut self) -> &mut Progress {
        &mut self.progress
    }

    fn next_document(&mut self) -> Result<Option<Document>, CorpusError> {
        let mut tagged = TaggedBuilder::default();
        while self.group == 0 || tagged.sentences() < self.group {
            let Some(line) = self.lines.next_line()?.map(str::trim) else { break };
            if line.is_empty() {
                continue;
            }
            // The borrow of the line must not hold the rest of the reader.
            let line = line.to_owned();
            tagged.builder.set_line(self.lines.number());
            for (column, item) in items(&line) {
                self.item(&mut tagged, column, item)?;
            }
            tagged.end_sentence();
        }
        if tagged.is_empty() {
            if self.progress.documents == 0 {
                let found = if self.lines.number() == 0 { "an empty file" } else { "blank lines" };
                return Err(self.progress.empty("at least one sentence", found));
            }
            return Ok(None);
        }
        let document = tagged.build(self.scheme);
        document.map(Some).map_err(|error| error.at_path(&self.progress.name))
    }
}

impl<R: Read> CorpusReader for IobLinesReader<R> {
    type Error = CorpusError;

    fn read_document(&mut self) -> Result<Option<Document>, CorpusError> {
        self.read_fused()
    }

    fn take_findings(&mut self) -> Vec<Finding> {
        self.progress.log.take()
    }
}

impl<R: Read + Send> FormatReader for IobLinesReader<R> {
    fn finding_counts(&self) -> &BTreeMap<String, usize> {
        self.progress.log.counts()
    }

    fn documents_marked(&self) -> bool {
        false
    }
}
