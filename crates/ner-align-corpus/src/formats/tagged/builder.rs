//! A document that is read a word and its tag at a time.

use ner_align_core::{Document, DocumentBuilder, Finding, Location, Scheme, Severity};

use super::tags::{TagFault, TagTable, TagTexts};
use crate::CorpusError;

/// A document of which more words may come.
#[derive(Debug, Default)]
pub(crate) struct TaggedBuilder {
    /// The words, with all that belongs to the document.
    pub(crate) builder: DocumentBuilder,
    tags: TagTexts,
    /// Complete sentences.
    sentences: usize,
    /// First word of the sentence being read.
    start: usize,
}

impl TaggedBuilder {
    /// An empty document with room for this many words and bytes of text.
    pub(crate) fn with_capacity(words: usize, bytes: usize) -> Self {
        Self {
            builder: DocumentBuilder::with_capacity(words, bytes),
            tags: TagTexts::with_capacity(words),
            ..Self::default()
        }
    }

    /// True if there are no words so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.builder.is_empty()
    }

    /// Words and bytes of text so far.
    pub(crate) fn size(&self) -> (usize, usize) {
        (self.builder.len(), self.builder.text().len())
    }

    /// True if the sentence being read has words.
    pub(crate) fn in_sentence(&self) -> bool {
        self.builder.len() > self.start
    }

    /// Number of complete sentences, which is the index of the sentence being read.
    pub(crate) const fn sentences(&self) -> usize {
        self.sentences
    }

    /// The place of the word that comes next, which stands on this line of the source.
    pub(crate) fn place(&self, line: u64) -> Location {
        Location::default()
            .with_line(line)
            .with_sentence(self.sentences)
            .with_token(self.builder.len() - self.start)
    }

    /// Adds the tag of the next word, and returns what is wrong with its text. Each call belongs to
    /// one call of [`DocumentBuilder::push_word`].
    pub(crate) fn push_tag(&mut self, table: &mut TagTable, text: &str) -> Option<TagFault> {
        self.tags.push(table, text)
    }

    /// The tags so far.
    pub(crate) const fn tags_mut(&mut self) -> &mut TagTexts {
        &mut self.tags
    }

    /// Ends the sentence being read, if it has words.
    pub(crate) fn end_sentence(&mut self) {
        if self.in_sentence() {
            self.builder.end_sentence();
            self.sentences += 1;
            self.start = self.builder.len();
        }
    }

    /// The document. An error lacks its place.
    pub(crate) fn build(mut self, scheme: Scheme) -> Result<Document, CorpusError> {
        self.end_sentence();
        let mut document = self.builder.untagged();
        self.tags
            .set_on(&mut document, scheme)
            .map_err(|error| CorpusError::input("document", "one tag a word", error.to_string()))?;
        Ok(document)
    }
}

/// The finding of a row whose field of the word, from 0, is empty.
pub(crate) fn empty_token(field: usize) -> Finding {
    let message = "expected a token, found an empty field";
    Finding::new(Severity::Warning, "empty-token", message)
        .at(Location::default().with_column(field as u64 + 1))
}
