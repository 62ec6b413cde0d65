//! What a model is unsure of in one document.

use std::collections::BTreeMap;
use std::ops::Range;

use ndarray::{ArrayView1, ArrayView2};
use ner_align_core::{DecodeMode, LabelSet, Tag};

use super::Uncertainty;

/// Words outside entities that have at least this probability of being in one are a mention that may be
/// asked about.
const POSSIBLE: f32 = 0.1;
/// The least probability that a logarithm is taken of.
const LEAST: f64 = 1e-12;

/// A document that may be annotated.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Candidate {
    /// What it is worth by itself, 0 or more.
    pub uncertainty: f64,
    /// The mentions that the model is unsure of, each once.
    pub doubts: Vec<Doubt>,
}

/// A mention that a model is unsure of.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Doubt {
    /// Its words in lower case, joined by spaces.
    pub surface: String,
    /// The share of the document's worth that comes of it, 0 to 1.
    pub share: f64,
}

impl Candidate {
    /// A document that is worth so much, of which the mentions with these surfaces have these shares.
    /// What is no number or below 0 is taken for 0.
    ///
    /// ```
    /// use ner_align_pipeline::suggest::Candidate;
    /// let candidate = Candidate::new(2.0, [("oslo".to_owned(), 0.75)]);
    /// assert_eq!(candidate.doubts[0].share, 0.75);
    /// ```
    pub fn new(uncertainty: f64, doubts: impl IntoIterator<Item = (String, f64)>) -> Self {
        let doubt = |(surface, share): (String, f64)| Doubt { surface, share: share.max(0.0) };
        Self { uncertainty: uncertainty.max(0.0), doubts: doubts.into_iter().map(doubt).collect() }
    }
}

/// Makes a [`Candidate`] of what a model says of the sentences of a document.
#[derive(Debug, Clone)]
pub struct CandidateBuilder<'a> {
    measure: Uncertainty,
    labels: &'a LabelSet,
    /// The class `O`.
    outside: Option<usize>,
    words: usize,
    /// What the measure sums.
    sum: f64,
    /// What the words are worth, of which mentions have shares.
    of_words: f64,
    mentions: BTreeMap<String, f64>,
}

impl<'a> CandidateBuilder<'a> {
    /// A document without sentences so far. Columns of probabilities will be these classes.
    #[must_use]
    pub fn new(measure: Uncertainty, labels: &'a LabelSet) -> Self {
        let outside = labels.id(&Tag::Outside);
        let mentions = BTreeMap::new();
        Self { measure, labels, outside, words: 0, sum: 0.0, of_words: 0.0, mentions }
    }

    /// Adds a sentence: its words, the probability of each class for each word, `[words, classes]`, 0 to
    /// 1, and the tags that the model chooses, one a word. `log_probability` is that of the tags together,
    /// where the model has one, as a CRF does; otherwise words are independent.
    ///
    /// A word with a row of `NaN` is one that the model did not see, and no question. Where words,
    /// rows and tags differ in number, the first ones count.
    pub fn add_sentence(
        &mut self,
        words: &[&str],
        probabilities: ArrayView2<'_, f32>,
        tags: &[Tag],
        log_probability: Option<f64>,
    ) {
        let rows = probabilities.rows().into_iter().zip(tags);
        let worth: Vec<f64> =
            words.iter().zip(rows).map(|(_, (row, tag))| self.doubt(row, tag)).collect();
        let of_words: f64 = worth.iter().sum();
        let of_path = matches!(self.measure, Uncertainty::Mnlp | Uncertainty::Total);
        let path = log_probability.filter(|own| of_path && own.is_finite());
        self.sum += path.map_or(of_words, |own| (-own).max(0.0));
        self.of_words += of_words;
        self.words += worth.len();
        for range in self.mentions_of(probabilities, tags.get(..worth.len()).unwrap_or(tags)) {
            let Some((words, worth)) = words.get(range.clone()).zip(worth.get(range)) else {
                continue;
            };
            let surface = words.join(" ").to_lowercase();
            *self.mentions.entry(surface).or_default() += worth.iter().sum::<f64>();
        }
    }

    /// The number of words so far.
    #[must_use]
    pub const fn words(&self) -> usize {
        self.words
    }

    /// The document.
    #[must_use]
    pub fn finish(self) -> Candidate {
        let by = if self.measure == Uncertainty::Total { 1 } else { self.words.max(1) };
        let share = |(surface, worth): (String, f64)| (surface, worth / self.of_words);
        let mentions = self.mentions.into_iter().filter(|(_, worth)| *worth > 0.0).map(share);
        Candidate::new(self.sum / by as f64, mentions)
    }

    /// What a word adds.
    fn doubt(&self, row: ArrayView1<'_, f32>, tag: &Tag) -> f64 {
        if row.iter().any(|own| own.is_nan()) {
            return 0.0;
        }
        let own = row.iter().map(|&own| f64::from(own).clamp(0.0, 1.0));
        match self.measure {
            Uncertainty::Mnlp | Uncertainty::Total => {
                let chosen = self.labels.id(tag).and_then(|class| row.get(class));
                let chosen = chosen.map_or(1.0, |&own| f64::from(own));
                -chosen.clamp(LEAST, 1.0).ln()
            }
            Uncertainty::Margin => {
                let best = own.fold((0.0, 0.0), |(first, second): (f64, f64), own| {
                    if own > first { (own, first) } else { (first, second.max(own)) }
                });
                1.0 - (best.0 - best.1)
            }
            Uncertainty::Entropy if row.len() > 1 => {
                let entropy: f64 = own.map(|own| -own * own.max(LEAST).ln()).sum();
                entropy / (row.len() as f64).ln()
            }
            Uncertainty::Entropy => 0.0,
        }
    }

    /// Predicted entities, and runs of other words that may be in one.
    fn mentions_of(&self, probabilities: ArrayView2<'_, f32>, tags: &[Tag]) -> Vec<Range<usize>> {
        let entities = self.labels.scheme().decode(tags, DecodeMode::Lenient).entities;
        let mut found: Vec<Range<usize>> =
            entities.iter().map(|entity| entity.span.start..entity.span.end).collect();
        let possible = |word: usize| {
            let outside = self.outside.and_then(|class| probabilities.get((word, class)));
            outside.is_some_and(|own| 1.0 - own >= POSSIBLE)
                && !entities.iter().any(|entity| entity.span.range().contains(&word))
        };
        let words: Vec<usize> = (0..tags.len()).filter(|&word| possible(word)).collect();
        let runs = words.chunk_by(|a, b| a + 1 == *b);
        found.extend(runs.filter_map(|run| Some(*run.first()?..run.last()? + 1)));
        found
    }
}
