//! The training loop: the only one.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use ner_align_core::{Batch, Dataset, Rows, TrainStep, Window};

use crate::batching::batches;
use crate::callback::{EvaluationRecord, StepRecord, TrainerCallback};
use crate::config::TrainConfig;
use crate::error::TrainError;
use crate::evaluate::{Evaluation, evaluate};
use crate::folder::replace_folder;
use crate::predict::Decoding;
use crate::schedule::linear_rate;

/// Trains a model: steps, evaluates after each epoch, keeps the best and the last model.
#[derive(Debug)]
pub struct Trainer<'a> {
    config: TrainConfig,
    decoding: Decoding<'a>,
    output: Option<PathBuf>,
}

/// How a run ended.
#[derive(Debug, Clone)]
pub struct TrainReport {
    /// Optimizer steps made.
    pub steps: usize,
    /// Epochs done, whole ones.
    pub epochs: usize,
    /// The evaluation of the best model and its epoch, from 1.
    pub best: (usize, Evaluation),
    /// The evaluation of the last model.
    pub last: Evaluation,
    /// Real subtokens trained.
    pub subtokens: usize,
    /// Time spent training, evaluation not counted.
    pub seconds: f64,
}

impl<'a> Trainer<'a> {
    /// A trainer that saves no model.
    ///
    /// # Errors
    /// [`TrainError::Config`] for a knob outside its range.
    pub fn new(config: TrainConfig, decoding: Decoding<'a>) -> Result<Self, TrainError> {
        config.check()?;
        Ok(Self { config, decoding, output: None })
    }

    /// Saves `model-best` and `model-last` in this folder, which exists.
    #[must_use]
    pub fn output(mut self, directory: &Path) -> Self {
        self.output = Some(directory.to_owned());
        self
    }

    /// Trains `model` on `train` and scores it on `dev` after each epoch.
    ///
    /// The best model is the one with the highest strict micro F1 on `dev`, the earlier of equals.
    ///
    /// # Errors
    /// [`TrainError`]: nothing to learn from, a loss that is no number, an error of the model, a
    /// callback or the disk.
    pub fn fit<M: TrainStep + ?Sized>(
        &self,
        model: &mut M,
        train: &Dataset,
        dev: &Dataset,
        callback: &mut dyn TrainerCallback,
    ) -> Result<TrainReport, TrainError> {
        // A window without any label would add nothing but time.
        let windows: Vec<&Window> =
            train.windows.iter().filter(|window| window.labelled().next().is_some()).collect();
        if windows.is_empty() {
            return Err(TrainError::NoTrainingData);
        }
        let lengths: Vec<usize> = windows.iter().map(|window| window.len()).collect();
        let TrainConfig { seed, epochs, batch_size, batching, learning_rate, .. } = self.config;
        let steps_per_epoch = windows.len().div_ceil(batch_size);
        let total_steps = steps_per_epoch * epochs;
        callback.on_start(total_steps)?;

        let (mut step, mut subtokens, mut seconds) = (0, 0, 0.0);
        let mut best: Option<(usize, Evaluation)> = None;
        let mut epoch = 0;
        loop {
            let mut flow = ControlFlow::Continue(());
            for indices in batches(&lengths, batch_size, batching, seed, epoch) {
                let started = Instant::now();
                let rate = linear_rate(step, total_steps, self.config.warmup_steps, learning_rate);
                let batch = Batch::pack(indices.iter().map(|&i| windows[i]), Rows::Labelled);
                let output = model.train_step(&batch, rate).map_err(TrainError::model)?;
                step += 1;
                if !(output.loss.is_finite() && output.gradient_norm.is_finite()) {
                    let sentences = name_sentences(train, indices.iter().map(|&i| windows[i]));
                    return Err(TrainError::Diverged { step, loss: output.loss, sentences });
                }
                let record = StepRecord {
                    step,
                    total_steps,
                    epoch: step as f64 / steps_per_epoch as f64,
                    loss: output.loss,
                    learning_rate: rate,
                    gradient_norm: output.gradient_norm,
                    subtokens: batch.subtokens(),
                    seconds: started.elapsed().as_secs_f64(),
                };
                subtokens += record.subtokens;
                seconds += record.seconds;
                flow = callback.on_step(&record)?;
                if flow.is_break() {
                    break;
                }
            }
            epoch += 1;

            let (evaluation, _) =
                evaluate(model, dev, self.decoding, self.config.eval_batch_subtokens)?;
            let is_best = best.as_ref().is_none_or(|(_, best)| evaluation.f1() > best.f1());
            let record = EvaluationRecord {
                step,
                epoch,
                total_epochs: epochs,
                evaluation: &evaluation,
                is_best,
            };
            if callback.on_evaluation(&record)?.is_break() {
                flow = ControlFlow::Break(());
            }
            if is_best {
                self.save(model, "model-best", &evaluation, callback)?;
                best = Some((epoch, evaluation.clone()));
            }
            if epoch == epochs || flow.is_break() {
                self.save(model, "model-last", &evaluation, callback)?;
                let best = best.unwrap_or_else(|| (epoch, evaluation.clone()));
                let last = evaluation;
                return Ok(TrainReport {
                    steps: step,
                    epochs: epoch,
                    best,
                    last,
                    subtokens,
                    seconds,
                });
            }
        }
    }

    fn save<M: TrainStep + ?Sized>(
        &self,
        model: &M,
        name: &str,
        evaluation: &Evaluation,
        callback: &mut dyn TrainerCallback,
    ) -> Result<(), TrainError> {
        let Some(output) = &self.output else { return Ok(()) };
        replace_folder(&output.join(name), |directory| {
            model.save(directory).map_err(TrainError::model)?;
            callback.on_save(directory, evaluation)
        })
    }
}

/// Names the sentences of a batch for a message: enough of them to find the culprit.
fn name_sentences<'w>(dataset: &Dataset, windows: impl Iterator<Item = &'w Window>) -> String {
    let mut names: Vec<String> = windows
        .filter_map(|window| dataset.sentences.get(window.sentence))
        .map(|gold| format!("{}.{}", gold.document, gold.sentence))
        .collect();
    names.sort();
    names.dedup();
    format!("the sentences (document.sentence, from 0) {}", names.join(" "))
}
