//! A text with its words, sentences and entities.

mod annotation;
mod builder;
mod mention;
mod source_span;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use builder::DocumentBuilder;
pub use mention::Mention;
pub use source_span::{Misalignment, SourceSpan};

use crate::{ByteSpan, Entity, Scheme, Tag, WordSpan};

/// Where a document's text comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TextOrigin {
    /// The source has this text, so offsets in it are valid in the source.
    Source,
    /// The source has words only; the text is the words joined by single spaces.
    Rebuilt,
}

/// A sentence: consecutive words, with its line and comments in the source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sentence {
    /// The words of the sentence within the document.
    pub words: WordSpan,
    /// The line of the first word in the source, counted from 1; `None` if the source has no lines.
    pub line: Option<u64>,
    /// The comment lines before the first word, without line ends.
    pub comments: Vec<String>,
}

/// A text with its words, sentences and entities.
///
/// Words are byte spans of the text, in order and without overlap. Each word is in exactly one
/// sentence. Entities are spans of words. Those that come from tags are decoded leniently, and
/// [`Document::tags`] keeps the tags as they were read, faults included. Spans of the source that
/// do not match words are kept beside the entities, see [`Document::unaligned`].
///
/// ```
/// use ner_align_core::{Document, Scheme, Tag};
/// let tag = |text| Tag::parse(text).unwrap();
/// let mut builder = Document::builder();
/// builder.push_word("Ada"); builder.push_word("Lovelace"); builder.push_word("wrote");
/// builder.end_sentence();
/// let document = builder.tagged(vec![tag("B-PER"), tag("I-PER"), tag("O")], Scheme::Iob2)?;
/// assert_eq!(document.text(), "Ada Lovelace wrote");
/// assert_eq!(document.surface(document.entities()[0].span), "Ada Lovelace");
/// # Ok::<(), ner_align_core::DocumentError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    id: Option<String>,
    text: String,
    origin: TextOrigin,
    words: Vec<ByteSpan>,
    sentences: Vec<Sentence>,
    tags: Option<(Vec<Tag>, Scheme)>,
    spellings: Vec<(usize, Box<str>)>,
    entities: Vec<Entity>,
    unaligned: Vec<SourceSpan>,
    sentences_marked: bool,
}

/// Why parts do not make a document.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// The number of tags is not the number of words.
    #[error("{tags} tags for {words} words")]
    TagCount {
        /// Number of tags given.
        tags: usize,
        /// Number of words in the document.
        words: usize,
    },
    /// A word overlaps the word before it, is outside the text, or splits a character.
    #[error("word {word} covers bytes {}..{}, which do not follow the word before it in the text", span.start, span.end)]
    Word {
        /// Index of the word.
        word: usize,
        /// Its bytes.
        span: ByteSpan,
    },
    /// An entity is empty or ends past the last word.
    #[error("entity {} over words {}..{} does not fit {words} words", entity.label, entity.span.start, entity.span.end)]
    Entity {
        /// The entity.
        entity: Entity,
        /// Number of words in the document.
        words: usize,
    },
}

impl DocumentError {
    /// What to do about it, where that is known.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::TagCount { .. } => Some("give one tag for each word"),
            Self::Word { .. } => {
                Some("give the words in the order of the text, as half-open spans of bytes")
            }
            Self::Entity { .. } => {
                Some("the span of an entity counts words of the document from 0 and is half-open")
            }
        }
    }
}

impl Document {
    /// A builder that makes a document word by word.
    #[must_use]
    pub fn builder() -> DocumentBuilder {
        DocumentBuilder::default()
    }

    /// A document of the source's text and the bytes of its words, in one sentence and without
    /// entities.
    ///
    /// # Errors [`DocumentError::Word`] if a word overlaps the word before it, is outside the text,
    /// or splits a character.
    pub fn from_text(text: impl Into<String>, words: Vec<ByteSpan>) -> Result<Self, DocumentError> {
        let text = text.into();
        let mut end = 0;
        for (word, &span) in words.iter().enumerate() {
            if span.start < end || span.end < span.start || text.get(span.range()).is_none() {
                return Err(DocumentError::Word { word, span });
            }
            end = span.end;
        }
        let all = Sentence { words: WordSpan::new(0, words.len()), ..Sentence::default() };
        let sentences = if words.is_empty() { Vec::new() } else { vec![all] };
        Ok(Self {
            id: None,
            text,
            origin: TextOrigin::Source,
            words,
            sentences,
            tags: None,
            spellings: Vec::new(),
            entities: Vec::new(),
            unaligned: Vec::new(),
            sentences_marked: false,
        })
    }

    /// The document's id in its source.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Sets the document's id; `None` removes it.
    pub fn set_id(&mut self, id: Option<String>) {
        self.id = id;
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the text comes from.
    #[must_use]
    pub const fn origin(&self) -> TextOrigin {
        self.origin
    }

    /// Number of words.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// True if there are no words.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The word at `index`; the empty string past the last word.
    #[must_use]
    pub fn word(&self, index: usize) -> &str {
        self.words.get(index).and_then(|span| self.text.get(span.range())).unwrap_or_default()
    }

    /// The words in order.
    #[must_use]
    pub fn words(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.words.iter().map(|span| self.text.get(span.range()).unwrap_or_default())
    }

    /// The span of each word in [`Document::text`].
    #[must_use]
    pub fn word_bytes(&self) -> &[ByteSpan] {
        &self.words
    }

    /// The sentences in order. Each word is in exactly one.
    #[must_use]
    pub fn sentences(&self) -> &[Sentence] {
        &self.sentences
    }

    /// True if the source marks sentences. Otherwise all words are in one sentence.
    #[must_use]
    pub const fn sentences_marked(&self) -> bool {
        self.sentences_marked
    }

    /// The entities, ordered by span. Spans are in words of the document.
    #[must_use]
    pub fn entities(&self) -> &[Entity] {
        &self.entities
    }

    /// The bytes from the first to the last word of `span`; an empty span if it is empty or ends
    /// past the last word.
    #[must_use]
    pub fn bytes_of(&self, span: WordSpan) -> ByteSpan {
        match (self.words.get(span.start), self.words.get(span.end.wrapping_sub(1))) {
            (Some(first), Some(last)) if !span.is_empty() => ByteSpan::new(first.start, last.end),
            _ => ByteSpan::default(),
        }
    }

    /// The text from the first to the last word of `span`; the empty string if it is empty or ends
    /// past the last word.
    #[must_use]
    pub fn surface(&self, span: WordSpan) -> &str {
        self.text.get(self.bytes_of(span).range()).unwrap_or_default()
    }

    /// Replaces the sentences by those that start at the words `starts`, in any order. The first
    /// word of the document always starts a sentence; indices past the last word are ignored.
    pub fn set_sentence_starts(&mut self, starts: &[usize]) {
        let mut bounds: Vec<usize> =
            starts.iter().copied().filter(|&s| s > 0 && s < self.len()).collect();
        bounds.sort_unstable();
        bounds.dedup();
        bounds.push(self.len());
        let mut start = 0;
        self.sentences_marked = true;
        self.sentences.clear();
        for end in bounds.into_iter().filter(|&end| end > 0) {
            let words = WordSpan::new(start, end);
            self.sentences.push(Sentence { words, ..Sentence::default() });
            start = end;
        }
    }
}
