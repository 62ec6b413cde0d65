//! Sentences cut into windows of subtokens: what models are trained and scored on.

use std::ops::Range;

use crate::{LabelSet, Tag, WordSpan};

/// The label that losses and scores pass over.
pub const IGNORE_INDEX: i64 = -100;

/// A piece of a sentence that fits the model.
///
/// `input_ids`, `word_ids` and `labels` have one entry a position, special tokens included, padding
/// never.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Window {
    /// Index of the sentence within its [`Dataset`].
    pub sentence: usize,
    /// Number of the window within the sentence.
    pub index: usize,
    /// Subtoken ids with special tokens.
    pub input_ids: Vec<u32>,
    /// The word within the sentence that each position belongs to; `None` for special tokens.
    pub word_ids: Vec<Option<u32>>,
    /// The words that are labelled and predicted here; the others are context.
    pub owned: WordSpan,
    /// Class ids, [`IGNORE_INDEX`] where nothing is to be learned.
    pub labels: Vec<i64>,
}

impl Window {
    /// Number of positions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.input_ids.len()
    }

    /// True if there is no position.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.input_ids.is_empty()
    }

    /// Positions whose label counts.
    pub fn labelled(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.labels.len()).filter(|&position| self.labels[position] != IGNORE_INDEX)
    }

    /// Positions of owned words with the word, first subtokens only or all of them.
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

/// A sentence of a data set, or a document where that is the unit, as words see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoldSentence {
    /// Index of the document.
    pub document: usize,
    /// Index of the sentence within the document.
    pub sentence: usize,
    /// The gold tags, one a word.
    pub tags: Vec<Tag>,
    /// In a document, the words at which its second and further sentences begin, ascending. No
    /// entity goes on over them.
    pub breaks: Vec<usize>,
}

impl GoldSentence {
    /// The words of each sentence: one range, or several in a document.
    pub fn sentences(&self) -> impl Iterator<Item = Range<usize>> {
        let starts = std::iter::once(0).chain(self.breaks.iter().copied());
        let ends = self.breaks.iter().copied().chain([self.tags.len()]);
        starts.zip(ends).map(|(start, end)| start..end)
    }
}

/// What became of the words on the way to subtokens. Nothing is dropped without being here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AlignmentCounts {
    /// All words.
    pub words: usize,
    /// Subtokens of all words, special tokens and repeated context not counted.
    pub subtokens: usize,
    /// Words that became no subtoken: not trained on, predicted `O`.
    pub words_without_subtokens: usize,
    /// Sentences, or documents where they are the unit, that needed more than one window.
    pub windowed_sentences: usize,
    /// Words of more subtokens than a window holds, cut to what fits.
    pub cut_words: usize,
    /// Words whose tag is no class of the label set: not trained on, and wrong when scored.
    pub words_with_unknown_tag: usize,
    /// Gold spans that fit no words: in no score, and their words not trained on.
    pub unaligned_spans: usize,
}

impl AlignmentCounts {
    /// What was lost or cut, with how often, in plain words; nothing where nothing was.
    pub fn losses(&self) -> impl Iterator<Item = (usize, &'static str)> {
        [
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
                "words carry a tag that is no class of the model: never learned, always counted \
                 as errors",
            ),
            (
                self.unaligned_spans,
                "gold spans fit no words: neither trained on nor scored; converting the corpus \
                 with a policy for misaligned spans decides what becomes of them",
            ),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
    }

    /// Adds the counts of another part of the data.
    pub const fn add(&mut self, other: &Self) {
        self.words += other.words;
        self.subtokens += other.subtokens;
        self.words_without_subtokens += other.words_without_subtokens;
        self.windowed_sentences += other.windowed_sentences;
        self.cut_words += other.cut_words;
        self.words_with_unknown_tag += other.words_with_unknown_tag;
        self.unaligned_spans += other.unaligned_spans;
    }
}

/// Sentences with their windows, ready for a model with these classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    /// The classes that `labels` of the windows mean.
    pub labels: LabelSet,
    /// All sentences, in the order of the corpus, those without any window included.
    pub sentences: Vec<GoldSentence>,
    /// All windows; those of one sentence stand together and in order.
    pub windows: Vec<Window>,
    /// What happened on the way.
    pub counts: AlignmentCounts,
}
