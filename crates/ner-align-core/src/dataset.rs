//! Data sets: sentences split into windows of subtokens, ready for a model.

use std::ops::Range;

use crate::{LabelSet, Tag, WordSpan};

/// The label of positions that are neither trained on nor scored, as in PyTorch and transformers.
pub const IGNORE_INDEX: i64 = -100;

/// A part of a sentence that fits the model's maximum length.
///
/// `input_ids`, `word_ids` and `labels` have one entry for each position, special tokens included,
/// without padding.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Window {
    /// Index of the sentence within its [`Dataset`].
    pub sentence: usize,
    /// Index of the window within the sentence, from 0.
    pub index: usize,
    /// Subtoken ids, special tokens included: `[positions]`.
    pub input_ids: Vec<u32>,
    /// Index within the sentence of each position's word, `None` for special tokens: `[positions]`.
    pub word_ids: Vec<Option<u32>>,
    /// The words, within the sentence, that are labelled and predicted in this window. The others
    /// are context and owned by another window.
    pub owned: WordSpan,
    /// Class id of each position, [`IGNORE_INDEX`] where it is not trained on: `[positions]`.
    pub labels: Vec<i64>,
}

impl Window {
    /// Number of positions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.input_ids.len()
    }

    /// True if there are no positions.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.input_ids.is_empty()
    }

    /// The positions with a label, ascending.
    pub fn labelled(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.labels.len()).filter(|&position| self.labels[position] != IGNORE_INDEX)
    }

    /// The positions of owned words, ascending, each with its word: the first subtoken of each word
    /// if `first_only`, else all of them.
    pub fn owned_positions(&self, first_only: bool) -> impl Iterator<Item = (usize, usize)> + '_ {
        let mut previous = None;
        self.word_ids.iter().enumerate().filter_map(move |(position, word)| {
            let is_first = previous != *word;
            previous = *word;
            let word = (*word)? as usize;
            (self.owned.contains(word) && (is_first || !first_only)).then_some((position, word))
        })
    }
}

/// The words of a sentence with their gold tags, or of a document if windows are made of documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoldSentence {
    /// Index of the document within the corpus.
    pub document: usize,
    /// Index of the sentence within the document.
    pub sentence: usize,
    /// The gold tags, one for each word.
    pub tags: Vec<Tag>,
    /// If this is a document, the first words of its second and further sentences, ascending. No
    /// entity continues across them.
    pub breaks: Vec<usize>,
}

impl GoldSentence {
    /// The words of each sentence: one range, or several for a document.
    pub fn sentences(&self) -> impl Iterator<Item = Range<usize>> {
        let starts = std::iter::once(0).chain(self.breaks.iter().copied());
        let ends = self.breaks.iter().copied().chain([self.tags.len()]);
        starts.zip(ends).map(|(start, end)| start..end)
    }
}

/// Counts of what happened to the words on the way to windows. Everything dropped is counted here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct AlignmentCounts {
    /// All words.
    pub words: usize,
    /// Subtokens of all words, without special tokens and repeated context.
    pub subtokens: usize,
    /// Words without subtokens: not trained on, predicted `O`.
    pub words_without_subtokens: usize,
    /// Words of which the vocabulary knows a part or nothing, so that a subtoken says "unknown".
    pub words_with_unknown_subtokens: usize,
    /// Sentences (or documents, if windows are made of them) that needed more than one window.
    pub windowed_sentences: usize,
    /// Words with more subtokens than fit a window, cut to those that fit.
    pub cut_words: usize,
    /// Words whose tag is not a class of the label set: not trained on, and wrong when scored.
    pub words_with_unknown_tag: usize,
    /// Gold spans that do not match words: not scored, and their words not trained on.
    pub unaligned_spans: usize,
}

impl AlignmentCounts {
    /// What was lost or cut, with counts, in plain words. Counts of 0 are left out, and words that
    /// the vocabulary does not know unless they are more than half of all.
    pub fn losses(&self) -> impl Iterator<Item = (usize, &'static str)> {
        let mostly_unknown = self.words_with_unknown_subtokens > self.words / 2;
        [
            (
                if mostly_unknown { self.words_with_unknown_subtokens } else { 0 },
                "words, more than half, are unknown to the tokenizer: the model cannot tell them \
                 apart; choose a model for this language and script",
            ),
            (
                self.words_without_subtokens,
                "words became no subtoken: never trained on, always predicted O",
            ),
            (
                self.windowed_sentences,
                "sentences or documents were longer than max_length: cut into windows",
            ),
            (self.cut_words, "words have more subtokens than a window: their end was cut"),
            (
                self.words_with_unknown_tag,
                "words have a tag that the model has no class for: never learned, always counted \
                 as errors",
            ),
            (
                self.unaligned_spans,
                "gold spans match no words: neither trained on nor scored; training or converting \
                 with `on_misaligned` settles them",
            ),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
    }

    /// Adds the counts of another part of a data set.
    pub const fn add(&mut self, other: &Self) {
        self.words += other.words;
        self.subtokens += other.subtokens;
        self.words_without_subtokens += other.words_without_subtokens;
        self.words_with_unknown_subtokens += other.words_with_unknown_subtokens;
        self.windowed_sentences += other.windowed_sentences;
        self.cut_words += other.cut_words;
        self.words_with_unknown_tag += other.words_with_unknown_tag;
        self.unaligned_spans += other.unaligned_spans;
    }
}

/// Sentences and their windows, for a model with these classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    /// The classes of the ids in [`Window::labels`].
    pub labels: LabelSet,
    /// All sentences in the order of the corpus, those without a window included.
    pub sentences: Vec<GoldSentence>,
    /// All windows; those of one sentence follow each other in order.
    pub windows: Vec<Window>,
    /// What happened to the words.
    pub counts: AlignmentCounts,
}
