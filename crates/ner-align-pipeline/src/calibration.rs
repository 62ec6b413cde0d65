//! What the development data say of a model's scores, kept in its folder.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write};
use std::ops::Range;
use std::path::Path;

use ndarray::{ArrayView2, s};
use ner_align_core::{
    Dataset, DecodeMode, Label, MAX_SETTINGS_BYTES, Tag, TransitionScores, read_small_text,
};
use ner_align_corpus::AtomicFile;
use ner_align_metrics::calibration::{
    Reliability, ScoredPrediction, fit_temperature, log_loss, threshold_for_precision,
};
use ner_align_subword::SpanScorer;
use ner_align_train::Predictions;
use serde::{Deserialize, Serialize};

use crate::PipelineError;
use crate::recall::RecallPromise;

/// The file of a model folder that holds its calibration.
pub const CALIBRATION: &str = "calibration.json";

/// Fewer predicted entities say nothing of a model's scores: its temperature stays 1.
const FEWEST_ENTITIES: usize = 20;
/// Sentences with entities from which the temperature is fitted at most, evenly spaced.
const MOST_SENTENCES: usize = 2000;
/// Bins of the reliability diagram.
const BINS: usize = 10;
/// Steps in which scores are counted.
const STEPS: f64 = 100.0;

/// How honest the scores of a model's entities are, measured on data it was not trained on, and what
/// makes them so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Calibration {
    /// The number that the model's scores are divided by before they become probabilities.
    pub temperature: f64,
    /// Expected calibration error of the entities' scores at temperature 1, 0 to 1; `None` without
    /// entities.
    pub error_before: Option<f64>,
    /// The same at the temperature.
    pub error: Option<f64>,
    /// Scores against precision at the temperature.
    pub reliability: Reliability,
    /// How many entities of each type had which score, and how many of them were right.
    pub by_type: BTreeMap<String, Vec<ScoreCount>>,
    /// The recall that the model was shown to keep, where somebody asked for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recall: Vec<RecallPromise>,
}

/// Predicted entities of one score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u8, usize, usize)", into = "(u8, usize, usize)")]
#[non_exhaustive]
pub struct ScoreCount {
    /// The score in hundredths, rounded down.
    pub hundredths: u8,
    /// Entities with that score.
    pub count: usize,
    /// Those of them that were right.
    pub correct: usize,
}

impl From<(u8, usize, usize)> for ScoreCount {
    fn from((hundredths, count, correct): (u8, usize, usize)) -> Self {
        Self { hundredths, count, correct }
    }
}

impl From<ScoreCount> for (u8, usize, usize) {
    fn from(own: ScoreCount) -> Self {
        (own.hundredths, own.count, own.correct)
    }
}

impl Calibration {
    /// Fits the temperature of a model to its predictions for annotated data.
    pub(crate) fn fit(dataset: &Dataset, predictions: &Predictions, scorer: &SpanScorer) -> Self {
        let judged = judged_sentences(dataset, predictions);
        let transitions = predictions.transitions.as_ref();
        let entities: usize = judged.iter().map(|sentence| sentence.entities.len()).sum();
        let every = judged.len().div_ceil(MOST_SENTENCES).max(1);
        let sample: Vec<&JudgedSentence<'_>> = judged.iter().step_by(every).collect();
        let temperature = if entities < FEWEST_ENTITIES {
            1.0
        } else {
            fit_temperature(|temperature| {
                let scorer = scorer.clone().with_temperature(temperature);
                let scored = scored(sample.iter().copied(), &scorer, transitions);
                let scored: Vec<_> = scored.into_iter().map(|(_, prediction)| prediction).collect();
                log_loss(&scored).unwrap_or(f64::NAN)
            })
        };
        let at = |temperature| {
            scored(judged.iter(), &scorer.clone().with_temperature(temperature), transitions)
        };
        let reliability = |scored: &[(&Label, ScoredPrediction)]| {
            let scored: Vec<_> = scored.iter().map(|(_, prediction)| *prediction).collect();
            Reliability::of(&scored, BINS)
        };
        let (before, after) = (reliability(&at(1.0)), at(temperature));
        let mut counts: BTreeMap<(String, u8), (usize, usize)> = BTreeMap::new();
        for (label, prediction) in &after {
            let hundredths = (prediction.score * STEPS) as u8;
            let (count, correct) = counts.entry((label.to_string(), hundredths)).or_default();
            *count += 1;
            *correct += usize::from(prediction.is_correct);
        }
        let mut by_type: BTreeMap<String, Vec<ScoreCount>> = BTreeMap::new();
        for ((label, hundredths), (count, correct)) in counts {
            by_type.entry(label).or_default().push(ScoreCount { hundredths, count, correct });
        }
        let reliability = reliability(&after);
        Self {
            temperature,
            error_before: before.expected_calibration_error(),
            error: reliability.expected_calibration_error(),
            reliability,
            by_type,
            recall: Vec::new(),
        }
    }

    /// The same calibration with these promises, in place of those that it has.
    #[must_use]
    pub fn with_recall(mut self, promises: Vec<RecallPromise>) -> Self {
        self.recall = promises;
        self
    }

    /// Scores against precision in predictions for annotated data, with the scorer as it is.
    pub(crate) fn reliability_of(
        dataset: &Dataset,
        predictions: &Predictions,
        scorer: &SpanScorer,
    ) -> Reliability {
        let judged = judged_sentences(dataset, predictions);
        let scored = scored(judged.iter(), scorer, predictions.transitions.as_ref());
        Reliability::of(&scored.into_iter().map(|(_, own)| own).collect::<Vec<_>>(), BINS)
    }

    /// The lowest threshold, in hundredths, at which the entities of a type (of all types: `None`)
    /// show this precision, 0 to 1, by the rule of [`threshold_for_precision`]. `None` if no threshold
    /// does.
    #[must_use]
    pub fn threshold(&self, label: Option<&str>, precision: f64) -> Option<f64> {
        let of_type = |name: &String| label.is_none_or(|label| label == name);
        let counts = self.by_type.iter().filter(|(name, _)| of_type(name));
        let predictions: Vec<ScoredPrediction> = counts
            .flat_map(|(_, counts)| counts)
            .flat_map(|counted| {
                let score = f64::from(counted.hundredths) / STEPS;
                (0..counted.count)
                    .map(move |index| ScoredPrediction::new(score, index < counted.correct))
            })
            .collect();
        threshold_for_precision(&predictions, precision)
    }

    /// Reads the calibration of a model folder; `None` if the folder has no such file.
    ///
    /// # Errors
    /// [`PipelineError::Folder`] with file, line and column if the file is not what this version
    /// writes.
    pub fn read(folder: impl AsRef<Path>) -> Result<Option<Self>, PipelineError> {
        let path = folder.as_ref().join(CALIBRATION);
        let text = match read_small_text(&path, MAX_SETTINGS_BYTES) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(PipelineError::io(path, error)),
        };
        let refuse = |place: String, found: String| PipelineError::Folder {
            path: place.into(),
            expected: "the calibration of a model".to_owned(),
            found,
            hint: Some("without the file, scores are used as they are".to_owned()),
        };
        let own: Self = serde_json::from_str(&text).map_err(|error| {
            let place = format!("{}:{}:{}", path.display(), error.line(), error.column());
            refuse(place, error.to_string())
        })?;
        if !(own.temperature.is_finite() && own.temperature > 0.0) {
            let found = format!("a temperature of {}", own.temperature);
            return Err(refuse(path.display().to_string(), found));
        }
        if let Some(promise) = own.recall.iter().find(|promise| !promise.is_sound()) {
            let RecallPromise { target, confidence, bonus, .. } = promise;
            let found = format!(
                "a recall of {target} at a confidence of {confidence} with a bonus of {bonus}"
            );
            return Err(refuse(path.display().to_string(), found));
        }
        Ok(Some(own))
    }

    /// Writes the calibration into a model folder, complete or not at all.
    ///
    /// # Errors
    /// [`PipelineError::Io`] or [`PipelineError::Corpus`] if the file cannot be written.
    pub fn write(&self, folder: impl AsRef<Path>) -> Result<(), PipelineError> {
        let path = folder.as_ref().join(CALIBRATION);
        let mut file = AtomicFile::create(&path)?;
        file.write_all(self.to_json()?.as_bytes())
            .map_err(|error| PipelineError::io(&path, error))?;
        Ok(file.commit()?)
    }

    /// The text of the file.
    ///
    /// # Errors
    /// [`PipelineError::Serialise`] if a value has no form in JSON.
    pub fn to_json(&self) -> Result<String, PipelineError> {
        serde_json::to_string(self)
            .map(|text| text + "\n")
            .map_err(|error| PipelineError::serialise(CALIBRATION, error))
    }
}

/// A sentence with predicted entities, and which of them are right.
struct JudgedSentence<'a> {
    scores: ArrayView2<'a, f32>,
    entities: Vec<(Range<usize>, Label, bool)>,
}

/// The sentences in which something was predicted. Of words whose annotation is missing, nobody knows
/// what is right.
fn judged_sentences<'a>(
    dataset: &Dataset,
    predictions: &'a Predictions,
) -> Vec<JudgedSentence<'a>> {
    let scheme = dataset.labels.scheme();
    let all = dataset.sentences.iter().zip(&predictions.sentences).zip(&predictions.scores);
    let mut judged = Vec::new();
    for ((gold, predicted), scores) in all {
        for words in gold.sentences() {
            let (Some(right), Some(found)) =
                (gold.tags.get(words.clone()), predicted.tags.get(words.clone()))
            else {
                continue;
            };
            let found = scheme.decode(found, DecodeMode::Lenient).entities;
            if found.is_empty() {
                continue;
            }
            let gold = scheme.decode(right, DecodeMode::Lenient).entities;
            let entities = found
                .into_iter()
                .filter(|entity| !right[entity.span.range()].contains(&Tag::Missing))
                .map(|entity| {
                    let is_right =
                        gold.iter().any(|g| (g.span, &g.label) == (entity.span, &entity.label));
                    (entity.span.range(), entity.label, is_right)
                })
                .collect();
            judged.push(JudgedSentence { scores: scores.slice(s![words, ..]), entities });
        }
    }
    judged
}

/// The score of each entity.
fn scored<'a>(
    sentences: impl Iterator<Item = &'a JudgedSentence<'a>>,
    scorer: &SpanScorer,
    transitions: Option<&TransitionScores>,
) -> Vec<(&'a Label, ScoredPrediction)> {
    let mut all = Vec::new();
    for sentence in sentences {
        let lattice = scorer.lattice(sentence.scores, transitions);
        all.extend(sentence.entities.iter().map(|(words, label, is_right)| {
            let score = lattice.as_ref().and_then(|lattice| lattice.entity(words.clone(), label));
            (label, ScoredPrediction::new(score.unwrap_or(0.0), *is_right))
        }));
    }
    all
}
