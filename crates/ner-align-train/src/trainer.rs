//! The training loop: the only one.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use ner_align_core::{Batch, BatchPlan, Dataset, Rows, StepInput, TrainStep, Window};

use crate::callback::{EvaluationRecord, StepRecord, TrainerCallback};
use crate::checkpoint::{Checkpoints, Evaluated, RunState};
use crate::config::{Batching, TrainConfig};
use crate::error::TrainError;
use crate::evaluate::{Evaluation, evaluate};
use crate::folder::{remove_leftovers, replace_folder};
use crate::predict::Decoding;
use crate::word_mask::WordMask;

/// Trains a model: steps, evaluates, keeps the best and the last model and checkpoints.
#[derive(Debug)]
pub struct Trainer<'a> {
    config: TrainConfig,
    decoding: Decoding<'a>,
    mask_id: Option<u32>,
    output: Option<PathBuf>,
    resume: bool,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainReport {
    /// Optimizer steps made.
    pub steps: usize,
    /// Epochs done, whole ones.
    pub epochs: usize,
    /// The best model's evaluation; `None` if the run was interrupted before the first.
    pub best: Option<Evaluated>,
    /// The newest evaluation.
    pub last: Option<Evaluated>,
    /// Real subtokens trained.
    pub subtokens: usize,
    /// Time spent training, evaluation not counted.
    pub seconds: f64,
    /// A callback asked to stop before the end.
    pub interrupted: bool,
    /// The newest checkpoint.
    pub checkpoint: Option<PathBuf>,
}

impl<'a> Trainer<'a> {
    /// A trainer that saves no model.
    ///
    /// # Errors
    /// [`TrainError::Config`] for a knob outside its range.
    pub fn new(config: TrainConfig, decoding: Decoding<'a>) -> Result<Self, TrainError> {
        config.check()?;
        Ok(Self { config, decoding, mask_id: None, output: None, resume: false })
    }

    /// The id that hides a word, [`ner_align_core::SpecialTokens::mask`]; `mask_words` needs it.
    #[must_use]
    pub const fn mask_id(mut self, mask: Option<u32>) -> Self {
        self.mask_id = mask;
        self
    }

    /// Saves `model-best`, `model-last` and `checkpoints` in this folder, which exists.
    #[must_use]
    pub fn output(mut self, directory: &Path) -> Self {
        self.output = Some(directory.to_owned());
        self
    }

    /// Takes up the run of the output folder where its newest checkpoint left it. On the CPU the
    /// run then ends with the weights of one that was never interrupted, bit for bit. Without a
    /// checkpoint the run starts from the beginning.
    #[must_use]
    pub const fn resume(mut self, resume: bool) -> Self {
        self.resume = resume;
        self
    }

    /// Trains `model` on `train` and scores it on `dev`.
    ///
    /// The best model is the one with the highest score of `select` on `dev`, the earlier of
    /// equals. A callback that breaks interrupts the run: a checkpoint is written and the report
    /// says so.
    ///
    /// # Errors
    /// [`TrainError`]: nothing to learn from, no mask for `mask_words`, a loss that is no number, a
    /// checkpoint of another run, an error of the model, a callback or the disk.
    pub fn fit<M: TrainStep + ?Sized>(
        &self,
        model: &mut M,
        train: &Dataset,
        dev: &Dataset,
        callback: &mut dyn TrainerCallback,
    ) -> Result<TrainReport, TrainError> {
        let plan = Plan::new(&self.config, train, self.mask_id)?;
        let checkpoints =
            self.output.as_ref().map(|o| Checkpoints::new(o, self.config.keep_checkpoints));
        let mut state = self.start(model, &plan, checkpoints.as_ref(), callback)?;
        callback.on_start(plan.total_steps, state.step)?;
        let mut interrupted = false;

        while state.step < plan.total_steps && !state.stopped && !interrupted {
            let steps = plan.epoch(state.epoch);
            while state.step_in_epoch < steps.len() {
                let started = Instant::now();
                let windows = &steps[state.step_in_epoch];
                let batches: Vec<Batch> =
                    windows.iter().map(|batch| plan.pack(batch, state.epoch)).collect();
                let rate = plan.rate(state.step);
                let input = StepInput { batches: &batches, step: state.step, learning_rate: rate };
                let output = model.train_step(input).map_err(TrainError::model)?;
                state.step += 1;
                state.step_in_epoch += 1;
                if !(output.loss.is_finite() && output.gradient_norm.is_finite()) {
                    let batch = windows.iter().flatten().map(|&i| plan.windows[i]);
                    return Err(TrainError::Diverged {
                        step: state.step,
                        loss: output.loss,
                        sentences: name_sentences(train, batch),
                        checkpoint: newest(checkpoints.as_ref())?,
                    });
                }
                let record = StepRecord {
                    step: state.step,
                    total_steps: plan.total_steps,
                    epoch: state.epoch as f64 + state.step_in_epoch as f64 / steps.len() as f64,
                    loss: output.loss,
                    learning_rate: rate,
                    gradient_norm: output.gradient_norm,
                    subtokens: batches.iter().map(Batch::subtokens).sum(),
                    seconds: started.elapsed().as_secs_f64(),
                };
                state.subtokens += record.subtokens;
                state.seconds += record.seconds;
                interrupted = callback.on_step(&record)?.is_break();

                let end_of_epoch = state.step_in_epoch == steps.len();
                let end = state.step == plan.total_steps;
                if end_of_epoch {
                    (state.epoch, state.step_in_epoch) = (state.epoch + 1, 0);
                }
                let every = |every: Option<usize>, otherwise: bool| {
                    every.map_or(otherwise, |every| state.step % every == 0)
                };
                let evaluates = end || every(self.config.eval_every, end_of_epoch);
                let checks = evaluates || every(self.config.checkpoint_every, false);
                if evaluates {
                    let flow = self.evaluate(model, dev, record.epoch, &mut state, callback)?;
                    interrupted |= flow.is_break();
                }
                if (checks || interrupted)
                    && let Some(checkpoints) = &checkpoints
                {
                    checkpoints.write(model, &self.config, plan.data, &state, callback)?;
                }
                if end_of_epoch || end || state.stopped || interrupted {
                    break;
                }
            }
        }
        // A run that is interrupted by its last step is done.
        interrupted &= state.step < plan.total_steps && !state.stopped;
        if let Some(last) = state.last.as_ref().filter(|_| !interrupted) {
            self.save(model, "model-last", &last.evaluation, callback)?;
        }
        Ok(TrainReport {
            steps: state.step,
            epochs: state.epoch,
            best: state.best,
            last: state.last,
            subtokens: state.subtokens,
            seconds: state.seconds,
            interrupted,
            checkpoint: newest(checkpoints.as_ref())?,
        })
    }

    /// The state that the run starts from.
    fn start<M: TrainStep + ?Sized>(
        &self,
        model: &mut M,
        plan: &Plan<'_>,
        checkpoints: Option<&Checkpoints>,
        callback: &mut dyn TrainerCallback,
    ) -> Result<RunState, TrainError> {
        let (Some(checkpoints), Some(output)) = (checkpoints, &self.output) else {
            return Ok(RunState::default());
        };
        remove_leftovers(output);
        if self.resume {
            let state = checkpoints.resume(model, &self.config, plan.data, callback)?;
            return Ok(state.unwrap_or_default());
        }
        checkpoints.clear()?;
        Ok(RunState::default())
    }

    /// Scores the model, and saves it if it is the best so far.
    fn evaluate<M: TrainStep + ?Sized>(
        &self,
        model: &M,
        dev: &Dataset,
        epoch: f64,
        state: &mut RunState,
        callback: &mut dyn TrainerCallback,
    ) -> Result<ControlFlow<()>, TrainError> {
        let (evaluation, _) =
            evaluate(model, dev, self.decoding, self.config.eval_batch_subtokens)?;
        let score = |evaluation: &Evaluation| self.config.select.score(evaluation);
        let is_best =
            state.best.as_ref().is_none_or(|best| score(&evaluation) > score(&best.evaluation));
        let record = EvaluationRecord {
            step: state.step,
            epoch,
            total_epochs: self.config.epochs,
            evaluation: &evaluation,
            is_best,
        };
        let flow = callback.on_evaluation(&record)?;
        let evaluated = Evaluated { step: state.step, epoch, evaluation };
        if is_best {
            self.save(model, "model-best", &evaluated.evaluation, callback)?;
            state.best = Some(evaluated.clone());
            state.since_best = 0;
        } else {
            state.since_best += 1;
            state.stopped |= self.config.patience.is_some_and(|most| state.since_best >= most);
        }
        state.last = Some(evaluated);
        Ok(flow)
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

/// What is trained on in which step.
struct Plan<'a> {
    config: &'a TrainConfig,
    windows: Vec<&'a Window>,
    lengths: Vec<usize>,
    mask: WordMask,
    total_steps: usize,
    /// Windows and subtokens, by which a resumed run knows its data.
    data: (usize, usize),
}

impl<'a> Plan<'a> {
    fn new(
        config: &'a TrainConfig,
        train: &'a Dataset,
        mask_id: Option<u32>,
    ) -> Result<Self, TrainError> {
        let mask = WordMask { id: mask_id, share: config.mask_words, seed: config.seed };
        if mask.share > 0.0 && mask.id.is_none() {
            return Err(TrainError::NoMask);
        }
        // A window without any label would add nothing but time.
        let windows: Vec<&Window> =
            train.windows.iter().filter(|window| window.labelled().next().is_some()).collect();
        if windows.is_empty() {
            return Err(TrainError::NoTrainingData);
        }
        let lengths: Vec<usize> = windows.iter().map(|window| window.len()).collect();
        let data = (windows.len(), lengths.iter().sum());
        let mut plan = Self { config, windows, lengths, mask, total_steps: 0, data };
        // With a budget of subtokens, epochs may have different numbers of batches.
        let most = config.max_steps.unwrap_or(usize::MAX);
        plan.total_steps = if config.batch_subtokens.is_none() {
            plan.epoch(0).len().saturating_mul(config.epochs).min(most)
        } else {
            // Epochs that `max_steps` cuts off are not counted: there may be very many.
            let mut steps = 0;
            for epoch in 0..config.epochs {
                if steps >= most {
                    break;
                }
                steps += plan.epoch(epoch).len();
            }
            steps.min(most)
        };
        Ok(plan)
    }

    /// The steps of an epoch, each with its batches, each with its windows.
    fn epoch(&self, epoch: usize) -> Vec<Vec<Vec<usize>>> {
        let plan = match self.config.batch_subtokens {
            Some(subtokens) => BatchPlan::subtokens(subtokens),
            None => BatchPlan::windows(self.config.windows_in_batch(self.windows.len())),
        };
        let plan = match self.config.batching {
            Batching::Random => plan,
            Batching::Bucketed => plan.bucketed(),
        };
        let batches = plan.shuffled(self.config.seed).batches(&self.lengths, epoch);
        batches.chunks(self.config.accumulate).map(<[Vec<usize>]>::to_vec).collect()
    }

    /// A batch as the model sees it in this epoch.
    fn pack(&self, batch: &[usize], epoch: usize) -> Batch {
        let windows: Vec<_> =
            batch.iter().map(|&i| self.mask.hide(self.windows[i], i, epoch)).collect();
        Batch::pack(windows.iter().map(AsRef::as_ref), Rows::Labelled)
    }

    fn rate(&self, step: usize) -> f64 {
        let warmup = self.config.warmup(self.total_steps);
        self.config.schedule.rate(step, self.total_steps, warmup, self.config.learning_rate)
    }
}

fn newest(checkpoints: Option<&Checkpoints>) -> Result<Option<PathBuf>, TrainError> {
    checkpoints.map_or(Ok(None), Checkpoints::newest)
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
