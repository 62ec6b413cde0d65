//! How far annotators agree with one another.
//!
//! ```
//! use ner_align_core::{DecodeMode, Scheme, Tag};
//! use ner_align_metrics::agreement::Agreement;
//!
//! let tags = |text: &str| -> Result<Vec<Tag>, _> { text.split(' ').map(Tag::parse).collect() };
//! let (ann, bob) = (tags("B-PER I-PER O B-LOC")?, tags("B-PER I-PER O O")?);
//! let mut agreement = Agreement::new(2, Scheme::Iob2, DecodeMode::Lenient);
//! agreement.add_sentence(&[&ann, &bob])?;
//! let scores = agreement.scores();
//! assert_eq!(scores.pairs[0].f1, Some(2.0 / 3.0));
//! assert_eq!(scores.types.observed, Some(0.75));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod disagreements;
mod words;

use std::collections::BTreeMap;

use ner_align_core::{DecodeMode, Metric, Scheme, Tag};
use serde::{Deserialize, Serialize};

pub use disagreements::{Disagreement, disagreements};
pub use words::WordAgreement;
use words::{WordCounts, corrected};

use crate::{ConfusionMatrix, MetricsError, Scorer};

/// Two annotators.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PairAgreement {
    /// Index of the first.
    pub first: usize,
    /// Index of the second.
    pub second: usize,
    /// Micro F1 of equal spans with equal types, which is the same from either side.
    pub f1: Option<f64>,
    /// Cohen's kappa (1960) over the tags of words.
    pub kappa: Option<f64>,
    /// Why a score is `None`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub undefined: BTreeMap<String, String>,
}

/// Agreement of all annotators.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AgreementScores {
    /// Number of annotators.
    pub annotators: usize,
    /// Number of sentences.
    pub sentences: u64,
    /// Each two annotators.
    pub pairs: Vec<PairAgreement>,
    /// Mean of the pairs' F1, undefined ones left out. Hripcsak and Rothschild (2005) show that
    /// this is what kappa tends to where `O` is by far the most frequent.
    pub mean_f1: Option<f64>,
    /// Over words, the categories being tags.
    pub tags: WordAgreement,
    /// Over words, the categories being entity types and `O`: boundaries between entities of one
    /// type do not matter.
    pub types: WordAgreement,
    /// As `types`, over the words that at least one annotator put into an entity. `O` cannot make
    /// this look good, but it makes chance agreement look rare: read it beside `types`.
    pub entity_words: WordAgreement,
}

/// Counts the annotations of several people on the same sentences.
///
/// A word that an annotator left open ([`Tag::Missing`]) is not an annotation; for a pair, it is
/// open on both sides.
#[derive(Debug, Clone)]
pub struct Agreement {
    annotators: usize,
    sentences: u64,
    /// Of each two annotators, the first as gold.
    pairs: Vec<(usize, usize, Scorer)>,
    tags: WordCounts<Tag>,
    types: WordCounts<Tag>,
    entity_words: WordCounts<Tag>,
}

impl Agreement {
    /// Agreement of so many annotators, whose tags are read in `scheme`.
    #[must_use]
    pub fn new(annotators: usize, scheme: Scheme, mode: DecodeMode) -> Self {
        let pairs = (0..annotators).flat_map(|first| {
            (first + 1..annotators).map(move |second| (first, second, Scorer::new(scheme, mode)))
        });
        let counts = WordCounts::new(annotators);
        Self {
            annotators,
            sentences: 0,
            pairs: pairs.collect(),
            tags: counts.clone(),
            types: counts.clone(),
            entity_words: counts,
        }
    }

    /// Takes one sentence into account, one list of tags an annotator.
    ///
    /// # Errors
    /// [`MetricsError::Shape`] if there are not as many lists as annotators;
    /// [`MetricsError::LengthMismatch`] if one has not as many tags as the first.
    pub fn add_sentence(&mut self, annotations: &[&[Tag]]) -> Result<(), MetricsError> {
        if annotations.len() != self.annotators {
            return Err(MetricsError::Shape {
                what: "annotations of a sentence",
                expected: vec![self.annotators],
                found: vec![annotations.len()],
            });
        }
        let words = annotations.first().map_or(0, |tags| tags.len());
        if let Some(other) = annotations.iter().find(|tags| tags.len() != words) {
            let (sentence, predicted) = (self.sentences, other.len());
            return Err(MetricsError::LengthMismatch { sentence, gold: words, predicted });
        }
        self.sentences += 1;
        for (first, second, scorer) in &mut self.pairs {
            let (first, second) = both_known(annotations[*first], annotations[*second]);
            scorer.update(&first, &second)?;
        }
        let (mut tags, mut types) = (Vec::new(), Vec::new());
        for word in 0..words {
            tags.clear();
            tags.extend(
                annotations.iter().map(|a| a[word].clone()).filter(|tag| *tag != Tag::Missing),
            );
            types.clear();
            types.extend(tags.iter().map(without_prefix));
            self.tags.add(&tags);
            self.types.add(&types);
            if types.iter().any(|tag| *tag != Tag::Outside) {
                self.entity_words.add(&types);
            }
        }
        Ok(())
    }

    /// The agreement so far.
    #[must_use]
    pub fn scores(&self) -> AgreementScores {
        let pairs: Vec<PairAgreement> = self.pairs.iter().map(pair).collect();
        let f1: Vec<f64> = pairs.iter().filter_map(|pair| pair.f1).collect();
        AgreementScores {
            annotators: self.annotators,
            sentences: self.sentences,
            mean_f1: (!f1.is_empty()).then(|| f1.iter().sum::<f64>() / f1.len() as f64),
            pairs,
            tags: self.tags.scores(),
            types: self.types.scores(),
            entity_words: self.entity_words.scores(),
        }
    }
}

/// The two annotations, open where either is.
fn both_known(first: &[Tag], second: &[Tag]) -> (Vec<Tag>, Vec<Tag>) {
    let open = |a: &Tag, b: &Tag| *a == Tag::Missing || *b == Tag::Missing;
    let known = |(a, b): (&Tag, &Tag)| {
        if open(a, b) { (Tag::Missing, Tag::Missing) } else { (a.clone(), b.clone()) }
    };
    first.iter().zip(second).map(known).unzip()
}

fn without_prefix(tag: &Tag) -> Tag {
    match tag {
        Tag::Entity { label, .. } => Tag::entity(ner_align_core::Prefix::Inside, label.clone()),
        other => other.clone(),
    }
}

fn pair((first, second, scorer): &(usize, usize, Scorer)) -> PairAgreement {
    let scores = scorer.compute();
    let f1 = scores.strict().micro.f1;
    let kappa = cohen_kappa(&scores.confusion);
    let mut undefined = BTreeMap::new();
    if f1.is_none() {
        undefined.insert("f1".to_owned(), "no entities".to_owned());
    }
    if kappa.is_none() {
        let reason = if scores.tokens == 0 { "no words" } else { "one category only" };
        undefined.insert("kappa".to_owned(), reason.to_owned());
    }
    PairAgreement { first: *first, second: *second, f1, kappa, undefined }
}

/// Cohen's kappa of the two annotators, or of gold and predictions, that a confusion matrix counts;
/// `None` without counts, or where both used one category alone.
#[must_use]
pub fn cohen_kappa(confusion: &ConfusionMatrix) -> Option<f64> {
    let total = confusion.total();
    if total == 0 {
        return None;
    }
    let matrix = confusion.matrix();
    let by_chance = |category: usize| {
        let row: u64 = matrix[category].iter().sum();
        let column: u64 = matrix.iter().map(|row| row[category]).sum();
        u128::from(row) * u128::from(column)
    };
    let chance = (0..matrix.len()).map(by_chance).sum::<u128>() as f64 / (total as f64).powi(2);
    corrected(confusion.correct() as f64 / total as f64, chance)
}
