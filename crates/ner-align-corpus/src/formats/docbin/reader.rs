//! A `.spacy` to documents.

use std::collections::BTreeMap;
use std::io::Read;

use ner_align_core::{CorpusReader, Document, Finding, Label, Scheme, Severity};
use rustc_hash::FxHashMap;

use super::content::Content;
use super::groups::GROUP;
use super::options::DocBinOptions;
use super::sniff::is_zlib;
use crate::formats::progress::{Fused, Progress};
use crate::text::span_finding;
use crate::{CharMap, CorpusError, FindingLog, FormatReader, Source};

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
    pub(super) content: Content,
    pub(super) options: DocBinOptions,
    pub(super) progress: Progress,
    /// The first token of the next document.
    pub(super) offset: usize,
    /// Its first span of a group.
    pub(super) span: usize,
    /// By string id.
    pub(super) labels: FxHashMap<u64, Label>,
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
            return Err(reader.progress.empty("at least one document", "none"));
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
            let hint = "to read spaCy's JSON, name `format: spacy-json`";
            return Err(CorpusError::input("docbin", "a .spacy file, compressed by zlib", found)
                .at_path(&name)
                .with_format_hint(hint));
        }
        let content = Content::read(head.as_slice().chain(source), &name, options.max_memory)?;
        let labels = FxHashMap::default();
        let progress = Progress::with_log(name, log).within(options.max_memory);
        let mut reader = Self { content, options, progress, offset: 0, span: 0, labels };
        reader.note_others();
        Ok(reader)
    }

    /// The findings so far, for the file after this one.
    pub(super) fn into_log(self) -> FindingLog {
        self.progress.log
    }

    pub(super) const fn log(&self) -> &FindingLog {
        &self.progress.log
    }

    /// What a file holds and documents do not.
    fn note_others(&mut self) {
        let others = self.content.others.iter().map(|(kind, count)| (*kind, *count));
        self.progress.not_kept("words, sentences and entities", others);
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
            self.progress.note(Finding::new(Severity::Info, "span-groups", message));
        }
    }
}

impl Fused for DocBinReader {
    fn progress(&mut self) -> &mut Progress {
        &mut self.progress
    }

    fn next_document(&mut self) -> Result<Option<Document>, CorpusError> {
        let Some(&length) = self.content.lengths.get(self.progress.documents) else {
            return Ok(None);
        };
        let tokens = self.offset..self.offset + length as usize;
        let assembly = self.assemble(tokens.clone())?;
        // The scheme that `ENT_IOB` amounts to.
        let (document, lost) = assembly.document(Scheme::Iob2).map_err(|error| {
            CorpusError::input("document", "entities that fit", error.to_string())
                .at_path(&self.progress.name)
                .in_document(self.progress.documents)
        })?;
        if lost > 0 {
            let message = format!(
                "expected missing words in documents whose entities are in one sentence each and share no word, found {lost} others, read as in no entity"
            );
            self.warn("missing-not-kept", message);
        }
        if !document.unaligned().is_empty() {
            let map = CharMap::new(document.text());
            for span in document.unaligned() {
                self.progress.note_in_document(span_finding(&document, &map, span));
            }
        }
        self.offset = tokens.end;
        Ok(Some(document))
    }
}

impl CorpusReader for DocBinReader {
    type Error = CorpusError;

    fn read_document(&mut self) -> Result<Option<Document>, CorpusError> {
        self.read_fused()
    }

    fn take_findings(&mut self) -> Vec<Finding> {
        self.progress.log.take()
    }
}

impl FormatReader for DocBinReader {
    fn finding_counts(&self) -> &BTreeMap<String, usize> {
        self.progress.log.counts()
    }

    fn documents_marked(&self) -> bool {
        true
    }
}
