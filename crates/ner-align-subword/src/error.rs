//! What can go wrong between words and windows.

use std::path::{Path, PathBuf};

use ner_align_core::{BoxError, SchemeError, TagError};
use thiserror::Error;

/// Characters of a word or text that a message shows.
const SHOWN: usize = 40;

/// Errors of this crate.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SubwordError {
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file is no JSON.
    #[error("{}:{}:{}: expected JSON: {source}", path.display(), source.line(), source.column())]
    Json {
        /// The file.
        path: PathBuf,
        /// What the parser says, with line and column.
        source: serde_json::Error,
    },
    /// A file is JSON, yet describes no tokenizer.
    #[error("{}: expected a tokenizer of the tokenizers library: {source}", path.display())]
    Tokenizer {
        /// The file.
        path: PathBuf,
        /// What the library says.
        source: BoxError,
    },
    /// A directory holds no tokenizer.
    #[error("{}: expected tokenizer.json, vocab.txt, or vocab.json and merges.txt, found none", path.display())]
    NoTokenizer {
        /// The directory.
        path: PathBuf,
    },
    /// A vocabulary without `tokenizer.json` is that of a class whose way of cutting is code.
    #[error("{}: expected the vocabulary of BERT's or RoBERTa's tokenizer, found that of {class}", path.display())]
    TokenizerClass {
        /// The vocabulary.
        path: PathBuf,
        /// The class.
        class: String,
    },
    /// A vocabulary lacks a token that the tokenizer cannot do without.
    #[error("{}: expected the token {token:?} in the vocabulary, found none", path.display())]
    NoToken {
        /// The vocabulary.
        path: PathBuf,
        /// The token.
        token: String,
    },
    /// The tokenizer failed on a word.
    #[error("the tokenizer failed on {word:?}: {source}")]
    Encode {
        /// The start of the word or text.
        word: String,
        /// What it says.
        source: BoxError,
    },
    /// Windows too short to hold anything.
    #[error(
        "a maximum length of {max_length} leaves no room beside {special_tokens} special tokens"
    )]
    MaxLength {
        /// Positions in a window.
        max_length: usize,
        /// Positions that special tokens take.
        special_tokens: usize,
    },
    /// Windows that overlap so much that they do not advance.
    #[error("a stride of {stride} subtokens does not advance in windows of {room} subtokens")]
    Stride {
        /// Subtokens shared by neighbouring windows.
        stride: usize,
        /// Subtokens in a window, special tokens not counted.
        room: usize,
    },
    /// The strategy `mark-x` over classes that lack `X`.
    #[error("the strategy mark-x needs a class X, found classes {names:?}")]
    NoContinuationClass {
        /// The classes.
        names: Vec<String>,
    },
    /// Not one tag a word.
    #[error("expected {words} tags, one a word, found {tags}")]
    TagCount {
        /// Number of tags.
        tags: usize,
        /// Number of words.
        words: usize,
    },
    /// Not one list of tags for each list of words.
    #[error("expected {words} lists of tags, one for each sentence, found {tags}")]
    SentenceCount {
        /// Number of sentences of words.
        words: usize,
        /// Number of lists of tags.
        tags: usize,
    },
    /// A sentence has not one tag for each word.
    #[error("sentence {sentence}: expected {words} tags, one for each word, found {tags}")]
    SentenceTags {
        /// Index of the sentence.
        sentence: usize,
        /// Number of words.
        words: usize,
        /// Number of tags.
        tags: usize,
    },
    /// A text in a list of tags is not a tag.
    #[error("sentence {sentence}, word {word}: {source}")]
    Tag {
        /// Index of the sentence.
        sentence: usize,
        /// Index of the word within the sentence.
        word: usize,
        /// What is wrong with the text.
        source: TagError,
    },
    /// Not one row of scores for each position asked for.
    #[error("expected scores of shape [{rows}, {classes}], found {found:?}")]
    Scores {
        /// Rows expected.
        rows: usize,
        /// Classes expected.
        classes: usize,
        /// The shape given.
        found: [usize; 2],
    },
    /// Not one row of scores for each position of a padded batch.
    #[error("expected scores of shape [{}, {}, classes], found {found:?}", expected[0], expected[1])]
    PaddedScores {
        /// Windows and positions expected.
        expected: [usize; 2],
        /// The shape given.
        found: [usize; 3],
    },
    /// A document's entities cannot be written as tags.
    #[error("document {document}{}: {source}", id.as_ref().map(|id| format!(" ({id})")).unwrap_or_default())]
    Scheme {
        /// Index of the document.
        document: usize,
        /// Its name, where it has one.
        id: Option<String>,
        /// Why not.
        source: SchemeError,
    },
}

impl SubwordError {
    /// What to do about it, where that is known.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoTokenizer { .. } => {
                Some("a model folder holds config.json, model.safetensors and tokenizer.json")
            }
            Self::TokenizerClass { .. } => Some(
                "a tokenizer.json says all that a tokenizer does: take a model that has one, or \
                 where transformers is installed, save one: \
                 AutoTokenizer.from_pretrained('FOLDER').save_pretrained('FOLDER')",
            ),
            Self::MaxLength { .. } => Some("set a larger max_length"),
            Self::Stride { .. } => Some("set a stride of at most half of max_length"),
            Self::NoContinuationClass { .. } => {
                Some("add the continuation class to the label set, or take another strategy")
            }
            Self::Tag { .. } => Some("a tag is O, - for missing, or a prefix and a type: B-PER"),
            _ => None,
        }
    }

    /// That a word, or a text of which a message shows the start, cannot be cut.
    pub(crate) fn encode(word: &str, source: BoxError) -> Self {
        Self::Encode { word: word.chars().take(SHOWN).collect(), source }
    }

    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.to_owned(), source }
    }
}
