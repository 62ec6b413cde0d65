//! The subtokens of words, and the special tokens of a model.

/// The subtokens of a sequence of words, without special tokens.
///
/// Each word has an entry, even one that the tokenizer's normaliser removes and that has no
/// subtokens, so that labels cannot shift. Words and positions count from 0.
///
/// ```
/// use ner_align_core::Encoding;
/// let mut encoding = Encoding::new();
/// encoding.push_word(&[7, 8]);
/// encoding.push_word(&[]);
/// encoding.push_word(&[9]);
/// assert_eq!(encoding.ids(), [7, 8, 9]);
/// assert_eq!((encoding.range(2), encoding.word(1).len()), (2..3, 0));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoding {
    ids: Vec<u32>,
    starts: Vec<usize>,
}

impl Default for Encoding {
    fn default() -> Self {
        Self { ids: Vec::new(), starts: vec![0] }
    }
}

impl Encoding {
    /// An encoding without words.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a word with these subtokens.
    pub fn push_word(&mut self, ids: &[u32]) {
        self.ids.extend_from_slice(ids);
        self.starts.push(self.ids.len());
    }

    /// Number of words.
    #[must_use]
    pub fn words(&self) -> usize {
        self.starts.len() - 1
    }

    /// Number of subtokens.
    #[must_use]
    pub fn subtokens(&self) -> usize {
        self.ids.len()
    }

    /// The subtoken ids of all words, in order.
    #[must_use]
    pub fn ids(&self) -> &[u32] {
        &self.ids
    }

    /// The positions of a word's subtokens in [`Encoding::ids`]; empty past the last word.
    #[must_use]
    pub fn range(&self, word: usize) -> std::ops::Range<usize> {
        match (self.starts.get(word), self.starts.get(word + 1)) {
            (Some(&start), Some(&end)) => start..end,
            _ => 0..0,
        }
    }

    /// The subtoken ids of a word; empty past the last word.
    #[must_use]
    pub fn word(&self, word: usize) -> &[u32] {
        &self.ids[self.range(word)]
    }

    /// Number of words without any subtoken.
    #[must_use]
    pub fn words_without_subtokens(&self) -> usize {
        self.starts.windows(2).filter(|pair| pair[0] == pair[1]).count()
    }

    /// Removes all words and keeps the memory.
    pub fn clear(&mut self) {
        self.ids.clear();
        self.starts.truncate(1);
    }
}

/// The ids of a model's special tokens.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct SpecialTokens {
    /// Ids before the first subtoken, such as `[CLS]`.
    pub before: Vec<u32>,
    /// Ids after the last subtoken, such as `[SEP]`.
    pub after: Vec<u32>,
    /// The id of padding.
    pub pad: u32,
    /// The id that hides a word, such as `[MASK]`; `None` if the tokenizer has none.
    pub mask: Option<u32>,
    /// The id of what the vocabulary does not contain; `None` if the tokenizer has none.
    pub unknown: Option<u32>,
}

impl SpecialTokens {
    /// Special tokens without a mask and without one for the unknown.
    #[must_use]
    pub const fn new(before: Vec<u32>, after: Vec<u32>, pad: u32) -> Self {
        Self { before, after, pad, mask: None, unknown: None }
    }

    /// The same with the id that hides a word.
    #[must_use]
    pub const fn with_mask(mut self, mask: Option<u32>) -> Self {
        self.mask = mask;
        self
    }

    /// The same with the id of what the vocabulary does not contain.
    #[must_use]
    pub const fn with_unknown(mut self, unknown: Option<u32>) -> Self {
        self.unknown = unknown;
        self
    }

    /// Number of special tokens in each window: those before and after its subtokens.
    #[must_use]
    pub fn count(&self) -> usize {
        self.before.len() + self.after.len()
    }
}
