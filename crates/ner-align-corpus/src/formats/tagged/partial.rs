//! The part of a document that has been read, a word and its tag at a time.

use ner_align_core::{DocumentBuilder, Tag};

/// A document of which more rows may come.
#[derive(Default)]
pub(crate) struct Partial {
    pub(crate) builder: DocumentBuilder,
    pub(crate) tags: Vec<Tag>,
    /// Tags whose text says something else.
    pub(crate) spellings: Vec<(usize, Box<str>)>,
    /// Complete sentences.
    pub(crate) sentences: usize,
    /// First word of the sentence being read.
    pub(crate) start: usize,
}

impl Partial {
    /// True if the sentence being read has words.
    pub(crate) fn in_sentence(&self) -> bool {
        self.tags.len() > self.start
    }

    /// Ends the sentence being read, if it has words.
    pub(crate) fn end_sentence(&mut self) {
        if self.in_sentence() {
            self.builder.end_sentence();
            self.sentences += 1;
            self.start = self.tags.len();
        }
    }
}
