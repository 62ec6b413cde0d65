//! Builds documents word by word.

use super::{Document, DocumentError, Sentence, TextOrigin};
use crate::{ByteSpan, Scheme, Tag, WordSpan};

/// Builds a [`Document`] word by word.
///
/// The text is the words joined by single spaces, or by the strings that
/// [`DocumentBuilder::set_space_after`] gives. Call [`DocumentBuilder::push_word`] for each word
/// and [`DocumentBuilder::end_sentence`] after each sentence, then [`DocumentBuilder::tagged`] or
/// [`DocumentBuilder::untagged`].
///
/// ```
/// use ner_align_core::{Document, TextOrigin};
/// let mut builder = Document::builder();
/// builder.push_word("Oslo");
/// builder.set_space_after("");
/// builder.push_word("!");
/// let document = builder.untagged();
/// assert_eq!((document.text(), document.origin()), ("Oslo!", TextOrigin::Source));
/// ```
#[derive(Debug, Clone, Default)]
pub struct DocumentBuilder {
    id: Option<String>,
    text: String,
    /// What follows the last word is in the text already.
    spaced: bool,
    /// The source said at least once what follows a word.
    exact: bool,
    words: Vec<ByteSpan>,
    sentences: Vec<Sentence>,
    pending: Sentence,
}

impl DocumentBuilder {
    /// Appends a word, which may be empty or contain spaces.
    pub fn push_word(&mut self, word: &str) {
        if !self.words.is_empty() && !self.spaced {
            self.text.push(' ');
        }
        self.spaced = false;
        let start = self.text.len();
        self.text.push_str(word);
        self.words.push(ByteSpan::new(start, self.text.len()));
    }

    /// Sets the text between the last word and the next one, or after the last word of the
    /// document. The document's text then counts as the source's own, see
    /// [`TextOrigin::Source`]. Call it at most once after each word.
    pub fn set_space_after(&mut self, space: &str) {
        self.text.push_str(space);
        self.spaced = true;
        self.exact = true;
    }

    /// An empty builder with room for this many words and bytes of text.
    #[must_use]
    pub fn with_capacity(words: usize, bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            words: Vec::with_capacity(words),
            ..Self::default()
        }
    }

    /// Sets the line of the current sentence's first word in the source, counted from 1.
    pub const fn set_line(&mut self, line: u64) {
        self.pending.line = Some(line);
    }

    /// Adds a comment line to the current sentence, without the line end.
    pub fn push_comment(&mut self, comment: &str) {
        self.pending.comments.push(comment.to_owned());
    }

    /// Sets the document's id; `None` removes it.
    pub fn set_id(&mut self, id: Option<String>) {
        self.id = id;
    }

    /// The text so far.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Number of words so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// True if there are no words so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Ends the current sentence. Does nothing if no word was added since the last call.
    pub fn end_sentence(&mut self) {
        let start = self.sentences.last().map_or(0, |sentence| sentence.words.end);
        if start < self.words.len() {
            let mut sentence = std::mem::take(&mut self.pending);
            sentence.words = WordSpan::new(start, self.words.len());
            self.sentences.push(sentence);
        }
    }

    /// The document without annotation.
    #[must_use]
    pub fn untagged(mut self) -> Document {
        self.end_sentence();
        Document {
            id: self.id,
            text: self.text,
            origin: if self.exact { TextOrigin::Source } else { TextOrigin::Rebuilt },
            words: self.words,
            sentences: self.sentences,
            tags: None,
            spellings: Vec::new(),
            entities: Vec::new(),
            unaligned: Vec::new(),
            sentences_marked: true,
        }
    }

    /// The document with one tag for each word.
    ///
    /// # Errors
    /// [`DocumentError::TagCount`] if the number of tags is not the number of words.
    pub fn tagged(self, tags: Vec<Tag>, scheme: Scheme) -> Result<Document, DocumentError> {
        let mut document = self.untagged();
        document.set_tags(tags, scheme)?;
        Ok(document)
    }
}
