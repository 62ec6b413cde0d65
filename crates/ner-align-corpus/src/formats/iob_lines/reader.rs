//! Lines of items to documents.

use std::collections::BTreeMap;
use std::io::Read;

use ner_align_core::{
    CorpusReader, Document, Finding, Location, Scheme, SchemeDetector, Severity, Tag,
};

use super::parts::Parts;
use crate::formats::tagged::TagTable;
use crate::text::Lines;
use crate::text::shorten;
use crate::{CorpusError, FindingLog, FormatReader, ReadOptions, Source};

/// Bytes at the start of a source that its scheme and the parts of its items are told from.
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
    log: FindingLog,
    document: usize,
    done: bool,
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
        let scheme = options.scheme.unwrap_or_else(|| scheme(head));
        let mut log = FindingLog::new(options.max_findings);
        if has_pos {
            let message = "expected words and tags, found parts of speech too, which are not kept";
            let finding = Finding::new(Severity::Info, "not-kept", message)
                .at(Location::file(lines.name().to_owned()));
            log.push(finding);
        }
        Ok(Self {
            lines,
            scheme,
            group: options.sentences_per_document,
            has_pos,
            table: TagTable::default(),
            log,
            document: 0,
            done: false,
        })
    }

    fn next_document(&mut self) -> Result<Option<Document>, CorpusError> {
        let mut builder = Document::builder();
        let mut tags = Vec::new();
        let mut spellings = Vec::new();
        let mut sentences = 0;
        while self.group == 0 || sentences < self.group {
            let Some(line) = self.lines.next_line()?.map(str::trim) else { break };
            if line.is_empty() {
                continue;
            }
            // The borrow of the line must not hold the rest of the reader.
            let line = line.to_owned();
            builder.set_line(self.lines.number());
            for (token, (column, item)) in items(&line).enumerate() {
                let place = |finding: Finding| {
                    finding.at(Location::file(self.lines.name())
                        .with_line(self.lines.number())
                        .with_column(column)
                        .with_document(self.document)
                        .with_sentence(sentences)
                        .with_token(token))
                };
                let Some((word, tag)) = item.rsplit_once('|') else {
                    let found = format!("{:?}", shorten(item));
                    return Err(CorpusError::input("no-tag", "word|TAG or word|POS|TAG", found)
                        .at_path(self.lines.name())
                        .at(self.lines.number(), Some(column))
                        .in_document(self.document)
                        .with_hint("words with white space cannot stand in this format"));
                };
                let word = match word.rsplit_once('|') {
                    Some((word, _)) if self.has_pos => word,
                    _ => word,
                };
                if word.is_empty() {
                    let message = "expected a token before |, found none";
                    self.log.push(place(Finding::new(Severity::Warning, "empty-token", message)));
                }
                let reading = self.table.read(tag);
                if let Some(fault) = reading.fault {
                    self.log.push(place(fault.finding(tag)));
                    spellings.push((tags.len(), Box::from(tag)));
                }
                builder.push_word(word);
                tags.push(reading.tag.clone());
            }
            builder.end_sentence();
            sentences += 1;
        }
        if tags.is_empty() {
            self.done = true;
            if self.document == 0 {
                let found = if self.lines.number() == 0 { "an empty file" } else { "blank lines" };
                return Err(CorpusError::input("empty-file", "at least one sentence", found)
                    .at_path(self.lines.name()));
            }
            return Ok(None);
        }
        let mut document = builder.tagged(tags, self.scheme).map_err(|error| {
            CorpusError::input("document", "one tag a word", error.to_string())
                .at_path(self.lines.name())
        })?;
        document.set_spellings(spellings);
        self.document += 1;
        Ok(Some(document))
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

fn scheme(head: &str) -> Scheme {
    let mut detector = SchemeDetector::default();
    let mut table = TagTable::default();
    for line in head.lines() {
        let mut tags: Vec<Tag> = Vec::new();
        for item in line.split_whitespace() {
            let Some((_, tag)) = item.rsplit_once('|') else { continue };
            let reading = table.read(tag);
            if reading.biluo {
                detector.saw_biluo_letter();
            }
            tags.push(reading.tag.clone());
        }
        detector.observe(&tags);
    }
    detector.scheme()
}

impl<R: Read> CorpusReader for IobLinesReader<R> {
    type Error = CorpusError;

    fn read_document(&mut self) -> Result<Option<Document>, CorpusError> {
        if self.done {
            return Ok(None);
        }
        let next = self.next_document();
        self.done |= next.is_err();
        next
    }

    fn take_findings(&mut self) -> Vec<Finding> {
        self.log.take()
    }
}

impl<R: Read + Send> FormatReader for IobLinesReader<R> {
    fn finding_counts(&self) -> &BTreeMap<String, usize> {
        self.log.counts()
    }

    fn documents_marked(&self) -> bool {
        false
    }
}
