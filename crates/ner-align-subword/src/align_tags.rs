//! Words and tags to what a model takes, in one call.

use std::collections::BTreeSet;

use ner_align_core::{
    AlignmentCounts, AsTag, Label, LabelSet, SchemeDetector, SpecialTokens, SubwordTokenizer, Tag,
    Window,
};
use rayon::prelude::*;

use crate::{Aligner, Collator, PaddedBatch, Preparer, Strategy, SubwordError};

/// The inputs and labels of a token classifier from sentences of words and their tags, as the
/// usual `tokenize_and_align_labels` around transformers' tokenizers makes them.
///
/// `words` and `tags` have one list a sentence; a tag is a [`Tag`] or its text. The classes are the
/// tags' types in the scheme that the tags show, in the order that [`LabelSet`] documents.
/// [`TagAlignment`] has settings for all of it.
///
/// ```
/// use ner_align_subword::{HfTokenizer, Strategy, align_tags};
///
/// # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tokenizers/wordpiece");
/// let tokenizer = HfTokenizer::from_dir(folder)?;
/// let words = [vec!["Marta", "lives", "in", "Oslo"], vec!["Yes"]];
/// let tags = [vec!["B-PER", "O", "O", "B-LOC"], vec!["O"]];
/// let rows = align_tags(&tokenizer, &words, &tags, Strategy::First)?;
/// assert_eq!(rows.label_set.names(), ["O", "B-LOC", "I-LOC", "B-PER", "I-PER"]);
/// assert_eq!(rows.labels[1][..2], [-100, 0]); // [CLS], and the first subtoken of "Yes"
///
/// let padded = rows.padded(); // [batch, seq]: input_ids, attention_mask, labels
/// assert_eq!(padded.input_ids.nrows(), 2);
/// assert_eq!(padded.labels[[1, padded.labels.ncols() - 1]], -100);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`SubwordError::SentenceCount`], [`SubwordError::SentenceTags`] and [`SubwordError::Tag`] with
/// the sentence and the word, and what the tokenizer reports.
pub fn align_tags<W, S, G, T>(
    tokenizer: &dyn SubwordTokenizer,
    words: &[W],
    tags: &[G],
    strategy: Strategy,
) -> Result<AlignedRows, SubwordError>
where
    W: AsRef<[S]> + Sync,
    S: AsRef<str> + Sync,
    G: AsRef<[T]>,
    T: AsTag,
{
    TagAlignment::new(tokenizer).strategy(strategy).align(words, tags)
}

/// Settings of [`align_tags`].
///
/// | setting | default | |
/// |---|---|---|
/// | [`strategy`](Self::strategy) | `first` | which subtokens of a word carry its label |
/// | [`labels`](Self::labels) | those of the tags | the classes, by id |
/// | [`max_length`](Self::max_length) | 512 | positions in a row, special tokens included |
/// | [`stride`](Self::stride) | 128, or half a row where that is less | subtokens that rows of a long sentence share |
#[derive(Clone)]
pub struct TagAlignment<'a> {
    tokenizer: &'a dyn SubwordTokenizer,
    strategy: Strategy,
    labels: Option<LabelSet>,
    max_length: Option<usize>,
    stride: Option<usize>,
}

impl std::fmt::Debug for TagAlignment<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TagAlignment")
            .field("strategy", &self.strategy)
            .field("labels", &self.labels)
            .field("max_length", &self.max_length)
            .field("stride", &self.stride)
            .finish_non_exhaustive()
    }
}

impl<'a> TagAlignment<'a> {
    /// The settings above.
    #[must_use]
    pub fn new(tokenizer: &'a dyn SubwordTokenizer) -> Self {
        let strategy = Strategy::First;
        Self { tokenizer, strategy, labels: None, max_length: None, stride: None }
    }

    /// Which subtokens of a word carry its label.
    #[must_use]
    pub const fn strategy(mut self, strategy: Strategy) -> Self {
        self.strategy = strategy;
        self
    }

    /// The classes, by id. A word with another tag is ignored, and counted.
    #[must_use]
    pub fn labels(mut self, labels: LabelSet) -> Self {
        self.labels = Some(labels);
        self
    }

    /// Positions in a row, special tokens included. A longer sentence becomes several rows.
    #[must_use]
    pub const fn max_length(mut self, positions: usize) -> Self {
        self.max_length = Some(positions);
        self
    }

    /// Subtokens that neighbouring rows of a long sentence share, in whole words.
    #[must_use]
    pub const fn stride(mut self, subtokens: usize) -> Self {
        self.stride = Some(subtokens);
        self
    }

    /// Aligns sentences of words with their tags.
    ///
    /// # Errors
    /// As [`align_tags`]; also a length and a stride that make no rows.
    pub fn align<W, S, G, T>(&self, words: &[W], tags: &[G]) -> Result<AlignedRows, SubwordError>
    where
        W: AsRef<[S]> + Sync,
        S: AsRef<str> + Sync,
        G: AsRef<[T]>,
        T: AsTag,
    {
        let tags = read_tags(words, tags)?;
        let labels = self.labels.clone().unwrap_or_else(|| self.labels_of(&tags));
        let aligner = Aligner::new(self.strategy, &labels)?;
        let mut preparer = Preparer::new(self.tokenizer, &aligner, &labels);
        if let Some(max_length) = self.max_length {
            preparer = preparer.max_length(max_length);
        }
        if let Some(stride) = self.stride {
            preparer = preparer.stride(stride);
        }
        let prepared: Vec<_> = words
            .par_iter()
            .zip(&tags)
            .map(|(words, tags)| {
                let words: Vec<&str> = words.as_ref().iter().map(AsRef::as_ref).collect();
                preparer.sentence(&words, Some(tags))
            })
            .collect::<Result<_, _>>()?;
        let mut rows = AlignedRows::empty(labels, self.tokenizer.special_tokens().clone());
        for (sentence, prepared) in prepared.into_iter().enumerate() {
            rows.counts.add(&prepared.counts);
            for window in prepared.windows {
                rows.sentences.push(sentence);
                rows.input_ids.push(window.input_ids);
                rows.word_ids.push(window.word_ids);
                rows.labels.push(window.labels);
            }
        }
        Ok(rows)
    }

    /// The types of the tags, in the scheme that they show.
    fn labels_of(&self, tags: &[Vec<Tag>]) -> LabelSet {
        let mut detector = SchemeDetector::default();
        tags.iter().for_each(|tags| detector.observe(tags));
        let types: BTreeSet<Label> =
            tags.iter().flatten().filter_map(Tag::label).cloned().collect();
        self.strategy.label_set(types, detector.scheme())
    }
}

/// The tags of each sentence, one a word.
fn read_tags<W: AsRef<[S]>, S, G: AsRef<[T]>, T: AsTag>(
    words: &[W],
    tags: &[G],
) -> Result<Vec<Vec<Tag>>, SubwordError> {
    if words.len() != tags.len() {
        return Err(SubwordError::SentenceCount { words: words.len(), tags: tags.len() });
    }
    let of_sentence = |(sentence, (words, tags)): (usize, (&W, &G))| {
        let (words, tags) = (words.as_ref().len(), tags.as_ref());
        if words != tags.len() {
            return Err(SubwordError::SentenceTags { sentence, words, tags: tags.len() });
        }
        let tag = |(word, tag): (usize, &T)| match tag.as_tag() {
            Ok(tag) => Ok(tag.into_owned()),
            Err(source) => Err(SubwordError::Tag { sentence, word, source }),
        };
        tags.iter().enumerate().map(tag).collect()
    };
    words.iter().zip(tags).enumerate().map(of_sentence).collect()
}

/// What a token classifier takes: a row for each sentence, several for a sentence that is longer
/// than a row. All lists of a row have one entry a position, special tokens included.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlignedRows {
    /// Subtoken ids with special tokens.
    pub input_ids: Vec<Vec<u32>>,
    /// The word within the sentence of each position; `None` for special tokens.
    pub word_ids: Vec<Vec<Option<u32>>>,
    /// Class ids, -100 where nothing is to be learned.
    pub labels: Vec<Vec<i64>>,
    /// The sentence of each row.
    pub sentences: Vec<usize>,
    /// The classes that `labels` mean.
    pub label_set: LabelSet,
    /// What became of the words: whatever was cut or ignored is counted here.
    pub counts: AlignmentCounts,
    specials: SpecialTokens,
}

impl AlignedRows {
    fn empty(label_set: LabelSet, specials: SpecialTokens) -> Self {
        Self {
            input_ids: Vec::new(),
            word_ids: Vec::new(),
            labels: Vec::new(),
            sentences: Vec::new(),
            label_set,
            counts: AlignmentCounts::default(),
            specials,
        }
    }

    /// The rows as arrays `[batch, seq]` with the tokenizer's padding token on the right, and the
    /// mask that says what is no padding.
    #[must_use]
    pub fn padded(&self) -> PaddedBatch {
        let window = |(ids, labels): (&Vec<u32>, &Vec<i64>)| Window {
            input_ids: ids.clone(),
            labels: labels.clone(),
            ..Window::default()
        };
        let windows: Vec<Window> = self.input_ids.iter().zip(&self.labels).map(window).collect();
        Collator::new(&self.specials).collate(&windows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HfTokenizer;

    fn tokenizer() -> HfTokenizer {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tokenizers/wordpiece");
        HfTokenizer::from_dir(folder).unwrap()
    }

    #[test]
    fn lists_of_any_kind_give_the_same_rows() {
        let tokenizer = tokenizer();
        let words = vec![vec!["Marta".to_owned(), "lives".to_owned()]];
        let tags = vec![vec![Tag::parse("U-PER").unwrap(), Tag::Outside]];
        let rows = align_tags(&tokenizer, &words, &tags, Strategy::First).unwrap();
        let same =
            align_tags(&tokenizer, &[["Marta", "lives"]], &[["U-PER", "O"]], Strategy::First);
        assert_eq!(rows, same.unwrap());
        assert_eq!(rows.label_set.len(), 5);
        let empty: [[&str; 0]; 1] = [[]];
        assert!(align_tags(&tokenizer, &empty, &empty, Strategy::First).unwrap().labels.is_empty());
    }

    #[test]
    fn long_sentences_become_rows_of_theirs() {
        let tokenizer = tokenizer();
        let (words, tags) = ([vec!["lives"; 40]], [vec!["O"; 40]]);
        let rows =
            TagAlignment::new(&tokenizer).max_length(16).stride(4).align(&words, &tags).unwrap();
        assert!(rows.labels.len() > 1);
        assert!(rows.sentences.iter().all(|sentence| *sentence == 0));
        // Each word is labelled once.
        let labelled = rows.labels.iter().flatten().filter(|label| **label != -100).count();
        assert_eq!((labelled, rows.counts.windowed_sentences), (40, 1));
    }

    #[test]
    fn faults_name_sentence_and_word() {
        let tokenizer = tokenizer();
        let words = [vec!["a"], vec!["b", "c"]];
        for (tags, message) in [
            (vec![vec!["O"]], "expected 2 lists of tags, one for each sentence, found 1"),
            (vec![vec!["O"], vec!["O"]], "sentence 1: expected 2 tags, one for each word, found 1"),
            (
                vec![vec!["O"], vec!["O", "PER"]],
                "sentence 1, word 1: tag \"PER\" has no known prefix",
            ),
        ] {
            let error = align_tags(&tokenizer, &words, &tags, Strategy::First).unwrap_err();
            assert!(error.to_string().starts_with(message), "{error}");
        }
    }
}
