//! What the readers of all formats keep, and what comes after the end or an error.

use std::fmt::Display;

use ner_align_core::{Document, Finding, Location, Severity};

use crate::contract::memory;
use crate::formats::label_limit::{label_too_long, overlong_label};
use crate::formats::tagged::TagStyle;
use crate::{CorpusError, DEFAULT_MAX_MEMORY, FindingLog};

/// What a reader keeps, whatever its format.
#[derive(Debug)]
pub(crate) struct Progress {
    /// The path of the source in messages.
    pub(crate) name: String,
    pub(crate) log: FindingLog,
    /// Number of documents read, which is the index of the next one.
    pub(crate) documents: usize,
    /// Bytes that a document may take.
    max_memory: u64,
    /// Bytes that the next document holds beside its words.
    held: u64,
    /// The source was read to its end, or an error was returned.
    ended: bool,
}

impl Progress {
    /// Nothing was read yet.
    pub(crate) const fn new(name: String, max_findings: usize) -> Self {
        Self::with_log(name, FindingLog::new(max_findings))
    }

    /// Nothing was read yet; the log has findings of other sources.
    pub(crate) const fn with_log(name: String, log: FindingLog) -> Self {
        Self { name, log, documents: 0, max_memory: DEFAULT_MAX_MEMORY, held: 0, ended: false }
    }

    /// With this limit to the memory of a document.
    pub(crate) const fn within(mut self, max_memory: u64) -> Self {
        self.max_memory = max_memory;
        self
    }

    /// Refuses a document that has so many words and bytes of text, and perhaps more to come, if it would take more
    /// memory than it may.
    #[inline]
    pub(crate) fn weigh(&self, words: usize, text: usize) -> Result<(), CorpusError> {
        if memory::of_document(words, text).saturating_add(self.held) > self.max_memory {
            return Err(self.too_large(words, text));
        }
        Ok(())
    }

    /// Counts bytes that the next document holds beside its words, such as those of a comment.
    pub(crate) fn hold(&mut self, bytes: usize) -> Result<(), CorpusError> {
        // With the allocation of its own that it has.
        self.held = self.held.saturating_add(bytes as u64 + 64);
        self.weigh(0, 0)
    }

    #[cold]
    fn too_large(&self, words: usize, text: usize) -> CorpusError {
        let mib = |bytes: u64| bytes.div_ceil(1 << 20);
        let expected =
            format!("a document that takes at most {} MiB of memory", mib(self.max_memory));
        let found = match mib(self.held) {
            0 | 1 => format!("one of {words} words and {} MiB of text or more", mib(text as u64)),
            held => format!("one with {held} MiB beside its words or more"),
        };
        CorpusError::input("document-too-large", expected, found)
            .at_path(&self.name)
            .in_document(self.documents)
            .with_hint("cut it into several documents, or allow more with `max_memory`")
    }

    /// Keeps a finding about the source.
    pub(crate) fn note(&mut self, finding: Finding) {
        self.log.push(finding.at(Location::file(&self.name)));
    }

    /// Says how tags are spelled, if not in the usual way.
    pub(crate) fn note_style(&mut self, style: TagStyle) {
        if let Some((seen, read)) = style.told() {
            let message = format!("expected tags as PREFIX-TYPE, found {seen}, read as {read}");
            self.note(Finding::new(Severity::Info, "tag-spelling", message));
        }
    }

    /// Keeps a finding about the next document.
    pub(crate) fn note_in_document(&mut self, finding: Finding) {
        self.log.push(finding.at(Location::file(&self.name).with_document(self.documents)));
    }

    /// Says what was found beside the `expected`, and how often.
    pub(crate) fn not_kept<K: Display>(
        &mut self,
        expected: &str,
        others: impl IntoIterator<Item = (K, usize)>,
    ) {
        for (kind, count) in others {
            let message = format!("expected {expected}, found {count} {kind}, not kept");
            self.note(Finding::new(Severity::Info, "not-kept", message));
        }
    }

    /// The error of a source without a document.
    pub(crate) fn empty(&self, expected: &str, found: &str) -> CorpusError {
        CorpusError::input("empty-file", expected, found).at_path(&self.name)
    }

    /// The error of a folder without a document.
    pub(crate) fn empty_folder(&self, expected: &str) -> CorpusError {
        CorpusError::input("empty-folder", expected, "none").at_path(&self.name)
    }
}

/// A reader that gives no document after its end or an error: what follows an error is not known.
pub(crate) trait Fused {
    /// What it keeps.
    fn progress(&mut self) -> &mut Progress;

    /// Reads the next document; `None` at the end. It is not called again after that or an error.
    fn next_document(&mut self) -> Result<Option<Document>, CorpusError>;

    /// The line of a word of the document that was read last, where that is known.
    fn line_of(&self, document: &Document, word: usize) -> Option<u64> {
        let sentences = document.sentences();
        sentences.get(sentences.partition_point(|sentence| sentence.words.end <= word))?.line
    }

    /// The next document; `None` after the last one and after an error.
    fn read_fused(&mut self) -> Result<Option<Document>, CorpusError> {
        if self.progress().ended {
            return Ok(None);
        }
        let next = match self.next_document() {
            Ok(Some(document)) => match overlong_label(&document) {
                Some((word, label)) => {
                    let (error, line) = (label_too_long(label), self.line_of(&document, word));
                    let progress = self.progress();
                    let error = error.at_path(&progress.name);
                    let error = match line {
                        Some(line) => error.at(line, None),
                        None => error,
                    };
                    Err(error.in_named_document(progress.documents, &document))
                }
                None => Ok(Some(document)),
            },
            other => other,
        };
        let progress = self.progress();
        match &next {
            Ok(Some(_)) => {
                progress.documents += 1;
                progress.held = 0;
            }
            _ => progress.ended = true,
        }
        next
    }
}
