//! A `.spacy` to documents.

use std::collections::BTreeMap;
use std::io::Read;
use std::ops::Range;

use flate2::read::ZlibDecoder;
use ner_align_core::{
    CharSpan, CorpusReader, Document, Entity, Finding, Label, Location, Misalignment, Scheme,
    Severity, SourceSpan,
};
use rustc_hash::FxHashMap;

use super::content::{Content, Row};
use super::groups::{GROUP, GroupSpan};
use crate::formats::spacy_tokens::Assembly;
use crate::text::span_finding;
use crate::{
    CharMap, CorpusError, DEFAULT_MAX_FINDINGS, FindingLog, FormatReader, ReadOptions, Source,
};

/// How a `.spacy` is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocBinOptions {
    /// Make tokens of white space text between words.
    pub fold_white_space: bool,
    /// Findings kept; those beyond are only counted.
    pub max_findings: usize,
}

impl Default for DocBinOptions {
    fn default() -> Self {
        Self { fold_white_space: false, max_findings: DEFAULT_MAX_FINDINGS }
    }
}

impl From<&ReadOptions> for DocBinOptions {
    fn from(options: &ReadOptions) -> Self {
        Self { fold_white_space: options.fold_white_space, max_findings: options.max_findings }
    }
}

/// True if these first bytes of a file are those of a `.spacy`.
pub(crate) fn is_docbin(head: &[u8]) -> bool {
    let mut start = [0; 2];
    is_zlib(head)
        && ZlibDecoder::new(head).read_exact(&mut start).is_ok()
        // A map of up to 15 entries, and a short string.
        && start[0] & 0xF0 == 0x80
        && start[1] & 0xE0 == 0xA0
}

fn is_zlib(head: &[u8]) -> bool {
    let [first, second, ..] = head else { return false };
    first & 0x0F == 8 && u16::from_be_bytes([*first, *second]) % 31 == 0
}

/// Reads a file whole, then gives out its documents; see [the module](super) for the format.
///
/// ```
/// use ner_align_core::{CorpusReader, CorpusWriter, Document, Scheme, Tag};
/// use ner_align_corpus::formats::docbin::{DocBinOptions, DocBinReader, DocBinWriter, DocBinWriterOptions};
/// let mut builder = Document::builder();
/// builder.push_word("Madrid");
/// let document = builder.tagged(vec![Tag::parse("B-LOC")?], Scheme::Iob2)?;
/// let mut bytes = Vec::new();
/// let mut writer = DocBinWriter::new(&mut bytes, "a.spacy", DocBinWriterOptions::default());
/// writer.write_document(&document)?;
/// writer.finish()?;
/// let mut reader = DocBinReader::from_reader(&bytes[..], "a.spacy", DocBinOptions::default())?;
/// let again = reader.read_document()?.unwrap();
/// assert_eq!(again.entities(), document.entities());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct DocBinReader {
    content: Content,
    name: String,
    options: DocBinOptions,
    log: FindingLog,
    /// The document that comes next.
    document: usize,
    /// Its first token.
    offset: usize,
    /// Its first span of a group.
    span: usize,
    /// By string id.
    labels: FxHashMap<u64, Label>,
}

impl DocBinReader {
    /// Reads a source.
    ///
    /// # Errors
    /// A source that cannot be read or is no `.spacy`, with no document in it.
    pub fn new(source: Source, options: DocBinOptions) -> Result<Self, CorpusError> {
        let name = source.name().to_owned();
        Self::from_reader(source.into_stream(), name, options)
    }

    /// Reads from any source; `name` is its path in messages.
    ///
    /// # Errors
    /// As [`DocBinReader::new`].
    pub fn from_reader<R: Read>(
        source: R,
        name: impl Into<String>,
        options: DocBinOptions,
    ) -> Result<Self, CorpusError> {
        let log = FindingLog::new(options.max_findings);
        let reader = Self::with_log(source, name.into(), options, log)?;
        if reader.content.lengths.is_empty() {
            let expected = "at least one document";
            return Err(CorpusError::input("empty-file", expected, "none").at_path(&reader.name));
        }
        Ok(reader)
    }

    /// Reads one file of several; `log` has the findings of those before.
    pub(super) fn with_log<R: Read>(
        mut source: R,
        name: String,
        options: DocBinOptions,
        log: FindingLog,
    ) -> Result<Self, CorpusError> {
        let mut head = Vec::new();
        source
            .by_ref()
            .take(2)
            .read_to_end(&mut head)
            .map_err(|error| CorpusError::read(name.as_ref(), error))?;
        if !is_zlib(&head) {
            let found = match head.as_slice() {
                [] => "an empty file".to_owned(),
                head => format!("one that starts with the bytes {head:02X?}"),
            };
            let hint = "spaCy's JSON is read with --from spacy-json";
            return Err(CorpusError::input("docbin", "a .spacy file, compressed by zlib", found)
                .at_path(&name)
                .with_hint(hint));
        }
        let content = Content::read(head.as_slice().chain(source), &name)?;
        let labels = FxHashMap::default();
        let mut reader =
            Self { content, name, options, log, document: 0, offset: 0, span: 0, labels };
        reader.note_others();
        Ok(reader)
    }

    /// The findings so far, for the file after this one.
    pub(super) fn into_log(self) -> FindingLog {
        self.log
    }

    pub(super) const fn log(&self) -> &FindingLog {
        &self.log
    }

    fn push(&mut self, severity: Severity, code: &str, message: String) {
        let finding = Finding::new(severity, code, message).at(Location::file(self.name.clone()));
        self.log.push(finding);
    }

    /// What a file holds and documents do not.
    fn note_others(&mut self) {
        let others: Vec<(&'static str, usize)> =
            self.content.others.iter().map(|(kind, count)| (*kind, *count)).collect();
        for (kind, count) in others {
            let message =
                format!("expected words, sentences and entities, found {count} {kind}, not kept");
            self.push(Severity::Info, "not-kept", message);
        }
        let others: Vec<&str> = self
            .content
            .groups
            .names
            .iter()
            .map(String::as_str)
            .filter(|group| *group != GROUP)
            .take(8)
            .collect();
        if !others.is_empty() {
            let message = format!(
                "expected spans in the group {GROUP:?}, found the groups {others:?}, whose spans are read as entities too"
            );
            self.push(Severity::Info, "span-groups", message);
        }
    }

    fn next_document(&mut self) -> Result<Option<Document>, CorpusError> {
        let Some(&length) = self.content.lengths.get(self.document) else { return Ok(None) };
        let tokens = self.offset..self.offset + length as usize;
        let index = self.document;
        let assembly = self.assemble(tokens.clone())?;
        // The scheme that `ENT_IOB` amounts to.
        let (document, lost) = assembly.document(Scheme::Iob2).map_err(|error| {
            CorpusError::input("document", "entities that fit", error.to_string())
                .at_path(&self.name)
                .in_document(index)
        })?;
        if lost > 0 {
            let message = format!(
                "expected missing words in documents whose entities are in one sentence each and share no word, found {lost} others, read as in no entity"
            );
            self.push_in_document(Severity::Warning, "missing-not-kept", message);
        }
        if !document.unaligned().is_empty() {
            let map = CharMap::new(document.text());
            for span in document.unaligned() {
                let finding = span_finding(&document, &map, span)
                    .at(Location::file(self.name.clone()).with_document(index));
                self.log.push(finding);
            }
        }
        self.document += 1;
        self.offset = tokens.end;
        Ok(Some(document))
    }

    fn push_in_document(&mut self, severity: Severity, code: &str, message: String) {
        let finding = Finding::new(severity, code, message)
            .at(Location::file(self.name.clone()).with_document(self.document));
        self.log.push(finding);
    }

    fn assemble(&mut self, tokens: Range<usize>) -> Result<Assembly, CorpusError> {
        let rows = self.content.rows.get(tokens.clone()).unwrap_or_default();
        let spaces = self.content.spaces.get(tokens.clone()).unwrap_or_default();
        let rebuilt = self.content.unknown_spaces.get(self.document) == Some(&true);
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
        }
        assembly.starts = sentence_starts(rows);
        if let Some((token, value)) = self.content.bad_iob.filter(|(at, _)| tokens.contains(at)) {
            let found =
                format!("{value} for word {} of document {}", token - tokens.start, self.document);
            return Err(self.fault("0 to 3 as ENT_IOB", found));
        }
        let rows = rows.to_vec();
        self.entities(&rows, &mut assembly)?;
        self.groups(&mut assembly)?;
        for word in empty {
            let message =
                format!("expected words of one character or more, found none for word {word}");
            self.push_in_document(Severity::Warning, "empty-token", message);
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
                    self.push_in_document(Severity::Warning, "inside-without-start", message);
                } else if label != label_of_open {
                    label_of_open = label;
                    let message = format!(
                        "expected one type throughout an entity, found another at word {word}, read as the first word's"
                    );
                    self.push_in_document(Severity::Warning, "type-changes", message);
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
        let here = spans.iter().take_while(|span| span.document as usize == self.document).count();
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
            self.push_in_document(Severity::Info, "not-kept", message);
        }
        Ok(())
    }

    fn fault(&self, expected: &str, found: String) -> CorpusError {
        CorpusError::input("docbin", expected, found).at_path(&self.name).in_document(self.document)
    }

    fn no_string(&self, index: usize, what: &str, id: u64, unit: &str) -> CorpusError {
        let expected = format!("{what} in field \"strings\"");
        let found = format!("none of id {id} for {unit} {index} of document {}", self.document);
        self.fault(&expected, found)
            .with_hint("the file lacks a string; write it again from the documents")
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

/// A span of a group that lies at no words.
fn misplaced(span: &GroupSpan, label: Label) -> SourceSpan {
    let place = |at: i32| usize::try_from(at).unwrap_or_default();
    let reason = match span.end.cmp(&span.start) {
        std::cmp::Ordering::Less => Misalignment::Reversed,
        std::cmp::Ordering::Equal => Misalignment::Empty,
        std::cmp::Ordering::Greater => Misalignment::OutOfRange,
    };
    let piece = CharSpan::new(place(span.chars.0), place(span.chars.1));
    SourceSpan { pieces: vec![piece], label, reason }
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

impl CorpusReader for DocBinReader {
    type Error = CorpusError;

    fn read_document(&mut self) -> Result<Option<Document>, CorpusError> {
        let next = self.next_document();
        if next.is_err() {
            self.document = usize::MAX;
        }
        next
    }

    fn take_findings(&mut self) -> Vec<Finding> {
        self.log.take()
    }
}

impl FormatReader for DocBinReader {
    fn finding_counts(&self) -> &BTreeMap<String, usize> {
        self.log.counts()
    }

    fn documents_marked(&self) -> bool {
        true
    }
}
