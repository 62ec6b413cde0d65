//! Words in subtokens.

/// The subtokens of a sequence of words, without special tokens.
///
/// Word `w` has the ids `ids[starts[w]..starts[w + 1]]`; a word of which the tokenizer's normaliser
/// leaves nothing has none. Each word keeps its place, so labels cannot shift.
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
    /// An encoding of no words.
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

    /// All subtoken ids in order.
    #[must_use]
    pub fn ids(&self) -> &[u32] {
        &self.ids
    }

    /// The positions of a word's subtokens within [`Encoding::ids`]; empty past the end.
    #[must_use]
    pub fn range(&self, word: usize) -> std::ops::Range<usize> {
        match (self.starts.get(word), self.starts.get(word + 1)) {
            (Some(&start), Some(&end)) => start..end,
            _ => 0..0,
        }
    }

    /// The subtoken ids of a word.
    #[must_use]
    pub fn word(&self, word: usize) -> &[u32] {
        &self.ids[self.range(word)]
    }

    /// Number of words without any subtoken.
    #[must_use]
    pub fn words_without_subtokens(&self) -> usize {
        self.starts.windows(2).filter(|pair| pair[0] == pair[1]).count()
    }

    /// Forgets all words, keeping the memory.
    pub fn clear(&mut self) {
        self.ids.clear();
        self.starts.truncate(1);
    }
}

/// The special tokens that frame a sequence, the padding token and the mask.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SpecialTokens {
    /// Ids before the first subtoken, such as `[CLS]`.
    pub before: Vec<u32>,
    /// Ids after the last subtoken, such as `[SEP]`.
    pub after: Vec<u32>,
    /// The id that fills padded views.
    pub pad: u32,
    /// The id that hides a word, such as `[MASK]`; `None` if the tokenizer has none.
    pub mask: Option<u32>,
}

impl SpecialTokens {
    /// Number of positions that special tokens take from a window.
    #[must_use]
    pub fn count(&self) -> usize {
        self.before.len() + self.after.len()
    }
}
