//! Answers equal to those of transformers' pipeline for token classification.

mod group;
mod options;
mod windows;

use ner_align_core::{Batch, BatchPlan, IGNORE_INDEX};
use serde::Serialize;

pub use options::{AggregationStrategy, PipelineInputs, PipelineOptions, PipelineRequest};

use super::Predictor;
use crate::PipelineError;
use group::Grouping;
use windows::{TextWindow, cut};

/// An entity as transformers' pipeline for token classification answers it.
///
/// Serialised it has the pipeline's keys in its order: `entity, score, index, word, start, end` with
/// [`AggregationStrategy::None`], else `entity_group, score, word, start, end`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PipelineEntity {
    /// The class of a subtoken, as `B-PER`; `None` for a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// The type of a group, as `PER`; `None` for a subtoken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity_group: Option<String>,
    /// Probability of the class, for a group the mean of its parts, 0 to 1.
    pub score: f32,
    /// Position of a subtoken in its window, special tokens counted; `None` for a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    /// The subtokens as the tokenizer's decoder joins them, which is not always the text.
    pub word: String,
    /// First code point, counted from 0 within the text.
    pub start: usize,
    /// First code point after it.
    pub end: usize,
}

/// What the pipeline answers to the inputs of a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum PipelineAnswer {
    /// To one text.
    One(Vec<PipelineEntity>),
    /// To a list of texts.
    Each(Vec<Vec<PipelineEntity>>),
}

impl Predictor {
    /// The entities of each text as transformers' pipeline for token classification answers them:
    /// equal texts, places, groups and scores, for programs that expect its answers.
    ///
    /// It shares neither words nor decoding with [`Predictor::entities`]. The pipeline's own rules
    /// hold, with what is odd in them:
    ///
    /// * The tokenizer finds the words. With WordPiece, a subtoken continues a word if it is longer
    ///   or shorter than its place in the text; with other tokenizers, if no space is before it, so
    ///   that punctuation belongs to the word.
    /// * Nothing holds the classes to the tag scheme: an `I-` may begin a group.
    /// * A word of the group is spelled by the tokenizer, `don't` perhaps as `don ' t`.
    /// * A text is cut off at the longest window, unless the options have a `stride`.
    ///
    /// It differs in two cases. A text that is too long for the model, with a tokenizer that has no
    /// limit, is an error there and is cut off here. The transitions of a CRF, which transformers
    /// does not know, take no part.
    ///
    /// # Errors
    /// [`PipelineError::Data`] for a stride with [`AggregationStrategy::None`] or one that leaves
    /// no room in a window; otherwise as [`Predictor::entities`].
    pub fn pipeline_entities<S: AsRef<str>>(
        &self,
        texts: &[S],
        options: &PipelineOptions,
    ) -> Result<Vec<Vec<PipelineEntity>>, PipelineError> {
        let specials = self.tokenizer_specials();
        let room = self.room();
        options.check(room)?;
        let mut windows = Vec::new();
        let mut encodings = Vec::with_capacity(texts.len());
        for (text, of) in texts.iter().zip(0..) {
            let encoding = self.tokenizer().encode_text(text.as_ref())?;
            windows.extend(cut(of, encoding.ids.len(), room, options.stride));
            encodings.push(encoding);
        }
        let scores = self.probabilities(&windows, &encodings)?;
        let grouping = Grouping {
            tokenizer: self.tokenizer(),
            names: self.labels().names(),
            strategy: options.aggregation_strategy,
        };
        let mut answers: Vec<Vec<PipelineEntity>> = vec![Vec::new(); texts.len()];
        let mut several = vec![0_usize; texts.len()];
        for (window, scores) in windows.iter().zip(&scores) {
            let (text, encoding) = (texts[window.text].as_ref(), &encodings[window.text]);
            let pieces =
                grouping.pieces(text, encoding, window.range.clone(), scores, specials.0.len());
            let found = grouping.entities(pieces)?;
            let kept = |entity: &PipelineEntity| {
                let name = entity.entity.as_ref().or(entity.entity_group.as_ref());
                name.is_none_or(|name| !options.ignore_labels.contains(name))
            };
            answers[window.text].extend(found.into_iter().filter(kept));
            several[window.text] += 1;
        }
        for (answer, windows) in answers.iter_mut().zip(several) {
            if windows > 1 {
                *answer = group::without_overlaps(std::mem::take(answer));
            }
        }
        Ok(answers)
    }

    /// The largest stride that [`PipelineOptions`] may have: one subtoken less than a window has.
    #[must_use]
    pub fn longest_stride(&self) -> usize {
        self.room().saturating_sub(1)
    }

    /// Subtokens of a text in a window.
    fn room(&self) -> usize {
        let (before, after) = self.tokenizer_specials();
        self.longest_text_window().saturating_sub(before.len() + after.len())
    }

    /// The answer to a request for the pipeline: one list for one text, a list of lists for several.
    ///
    /// # Errors
    /// As [`Predictor::pipeline_entities`].
    pub fn pipeline_answer(
        &self,
        request: &PipelineRequest,
    ) -> Result<PipelineAnswer, PipelineError> {
        Ok(match &request.inputs {
            PipelineInputs::One(text) => {
                let mut answers = self.pipeline_entities(&[text], &request.parameters)?;
                PipelineAnswer::One(answers.pop().unwrap_or_default())
            }
            PipelineInputs::Each(texts) => {
                PipelineAnswer::Each(self.pipeline_entities(texts, &request.parameters)?)
            }
        })
    }

    /// The ids before and after each window.
    fn tokenizer_specials(&self) -> (&[u32], &[u32]) {
        use ner_align_core::SubwordTokenizer;
        let specials = self.tokenizer().special_tokens();
        (&specials.before, &specials.after)
    }

    /// Positions of the longest window of a text: what the tokenizer allows, within the model.
    fn longest_text_window(&self) -> usize {
        let longest = self.longest_window.unwrap_or(self.meta.codec.max_length);
        self.tokenizer().model_max_length().unwrap_or(longest).min(longest)
    }

    /// The probabilities of the classes for each subtoken of each window.
    fn probabilities(
        &self,
        windows: &[TextWindow],
        encodings: &[ner_align_subword::TextEncoding],
    ) -> Result<Vec<Vec<Vec<f32>>>, PipelineError> {
        let (before, after) = self.tokenizer_specials();
        let frame = before.len() + after.len();
        let lengths: Vec<usize> = windows.iter().map(|w| w.range.len() + frame).collect();
        let mut scores = vec![Vec::new(); windows.len()];
        let plan = BatchPlan::subtokens(self.batch_subtokens).bucketed().with_little_padding();
        for indices in plan.batches(&lengths, 0) {
            let mut batch = Batch { boundaries: vec![0], ..Batch::default() };
            for &index in &indices {
                let window = &windows[index];
                let first = batch.input_ids.len() + before.len();
                batch.input_ids.extend_from_slice(before);
                batch
                    .input_ids
                    .extend_from_slice(&encodings[window.text].ids[window.range.clone()]);
                batch.input_ids.extend_from_slice(after);
                batch.boundaries.push(batch.input_ids.len());
                batch.rows.extend(first..first + window.range.len());
            }
            batch.targets = vec![IGNORE_INDEX; batch.rows.len()];
            if batch.rows.is_empty() {
                continue;
            }
            let logits = self.model.logits(&batch)?;
            let expected = (batch.rows.len(), self.labels().len());
            if logits.dim() != expected {
                return Err(PipelineError::Data {
                    place: "model".to_owned(),
                    expected: format!("logits of shape {expected:?}"),
                    found: format!("{:?}", logits.dim()),
                    hint: None,
                });
            }
            let mut rows = logits.rows().into_iter();
            for index in indices {
                let of_window = rows.by_ref().take(windows[index].range.len());
                scores[index] = of_window.map(|row| softmax(row.iter().copied())).collect();
            }
        }
        Ok(scores)
    }
}

fn softmax(logits: impl Iterator<Item = f32> + Clone) -> Vec<f32> {
    let largest = logits.clone().fold(f32::NEG_INFINITY, f32::max);
    let mut row: Vec<f32> = logits.map(|logit| (logit - largest).exp()).collect();
    let sum: f32 = row.iter().sum();
    row.iter_mut().for_each(|value| *value /= sum);
    row
}
