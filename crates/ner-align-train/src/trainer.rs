//! The training loop: the only one.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use ner_align_core::{Batch, Dataset, SoftRows, StepInput, TrainStep, Window};
use serde_json::{Map, Value};

use crate::callback::TrainerCallback;
use crate::check::{check_dataset, check_same_classes, check_soft};
use crate::checkpoint::Checkpoints;
use crate::config::TrainConfig;
use crate::error::TrainError;
use crate::evaluate::{Evaluation, evaluate};
use crate::folder::{check_is_writable, remove_leftovers, replace_folder};
use crate::identity::Identity;
use crate::plan::Plan;
use crate::predict::Decoding;
use crate::record::{EvaluationRecord, SavedKind, SavedModel, StepRecord};
use crate::state::{Evaluated, RunState};

/// Trains a model: steps, evaluates, keeps the best and the last model and checkpoints.
#[derive(Debug)]
pub struct Trainer<'a> {
    config: TrainConfig,
    decoding: Decoding<'a>,
    settings: Map<String, Value>,
    mask_id: Option<u32>,
    soft: Vec<SoftRows>,
    output: Option<PathBuf>,
    resume: bool,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct TrainReport {
    /// Optimizer steps made.
    pub steps: usize,
    /// Complete epochs.
    pub epochs: usize,
    /// The best model's evaluation; `None` if the run was interrupted before the first.
    pub best: Option<Evaluated>,
    /// The newest evaluation.
    pub last: Option<Evaluated>,
    /// Real subtokens trained.
    pub subtokens: usize,
    /// Seconds spent training, without evaluations.
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
    /// [`TrainError::Config`] for a setting outside its range.
    pub fn new(config: TrainConfig, decoding: Decoding<'a>) -> Result<Self, TrainError> {
        config.check()?;
        Ok(Self {
            config,
            decoding,
            settings: Map::new(),
            mask_id: None,
            soft: Vec::new(),
            output: None,
            resume: false,
        })
    }

    /// The id of the mask token, [`ner_align_core::SpecialTokens::mask`]; `mask_words` needs it.
    #[must_use]
    pub const fn mask_id(mut self, mask: Option<u32>) -> Self {
        self.mask_id = mask;
        self
    }

    /// Soft targets of some labelled positions, instead of their labels: one list for each window of
    /// the training data, of positions in the window, ascending. By default no position has one. A
    /// resumed run must have those of the run before.
    #[must_use]
    pub fn soft_targets(mut self, soft: Vec<SoftRows>) -> Self {
        self.soft = soft;
        self
    }

    /// Saves `model-best`, `model-last` and `checkpoints` in this folder, which must exist.
    ///
    /// Each model folder and checkpoint has what the model saves and what
    /// [`TrainerCallback::on_save`] adds, such as a tokenizer.
    #[must_use]
    pub fn output(mut self, directory: impl AsRef<Path>) -> Self {
        self.output = Some(directory.as_ref().to_owned());
        self
    }

    /// Settings of the model, its optimizer and its data by name. A resumed run must have the same
    /// ones as the run before, as it must have the same settings of the loop.
    #[must_use]
    pub fn settings(mut self, settings: Map<String, Value>) -> Self {
        self.settings = settings;
        self
    }

    /// Resumes the run of the output folder from its newest checkpoint. On the CPU the run then
    /// ends with the weights of an uninterrupted one, bit for bit. Without a checkpoint the run
    /// starts from the beginning.
    #[must_use]
    pub const fn resume(mut self, resume: bool) -> Self {
        self.resume = resume;
        self
    }

    /// Trains `model` on `train` and scores it on `dev`.
    ///
    /// The best model is the one with the highest score of `select` on `dev`; of those that score 0,
    /// the one with the lowest loss; of other equals, the earliest. A callback that breaks interrupts
    /// the run: a checkpoint is written, unless `keep_checkpoints` is 0, and the report says so.
    ///
    /// # Errors
    /// Before the first step: [`TrainError::Mismatch`] if the classes of the model and of both data
    /// sets differ, or windows do not fit their sentences; [`TrainError::NoTrainingData`],
    /// [`TrainError::NoMask`]; [`TrainError::Output`] for a missing output folder;
    /// [`TrainError::Resume`] or [`TrainError::Damaged`] for a checkpoint that cannot be resumed.
    /// Later: [`TrainError::Diverged`], and errors of the model, a callback or the disk.
    pub fn fit<M: TrainStep + ?Sized>(
        &self,
        model: &mut M,
        train: &Dataset,
        dev: &Dataset,
        callback: &mut dyn TrainerCallback,
    ) -> Result<TrainReport, TrainError> {
        if let Some(output) = &self.output {
            check_is_writable(output)?;
        }
        check_dataset("the training data", train, model.num_labels())?;
        check_same_classes(train, dev)?;
        check_dataset("the development data", dev, model.num_labels())?;
        check_soft(&self.soft, train, model.learns_soft_targets())?;
        let plan = Plan::new(&self.config, train, self.mask_id, &self.soft)?;
        let checkpoints =
            self.output.as_ref().map(|o| Checkpoints::new(o, self.config.keep_checkpoints));
        let run = Identity::new(&self.config, &self.settings, train, dev)?;
        let mut state = self.start(model, &run, &plan, checkpoints.as_ref(), callback)?;
        callback.on_start(plan.total_steps, state.step)?;
        let data = Data { run, plan, train, dev };
        let result = self.train(model, &data, &mut state, checkpoints.as_ref(), callback);
        let ended = callback.on_end();
        let interrupted = result?;
        ended?;
        Ok(TrainReport {
            steps: state.step,
            epochs: state.epoch,
            best: state.best,
            last: state.last,
            subtokens: state.subtokens,
            seconds: state.seconds,
            interrupted,
            checkpoint: newest_before(checkpoints.as_ref(), usize::MAX)?,
        })
    }

    /// Makes the remaining steps. True if a callback interrupted them.
    fn train<M: TrainStep + ?Sized>(
        &self,
        model: &mut M,
        data: &Data<'_>,
        state: &mut RunState,
        checkpoints: Option<&Checkpoints>,
        callback: &mut dyn TrainerCallback,
    ) -> Result<bool, TrainError> {
        let Data { run, plan, train, dev } = data;
        let mut interrupted = false;
        while state.step < plan.total_steps && !self.is_stopped(state) && !interrupted {
            let steps = plan.epoch(state.epoch);
            while state.step_in_epoch < steps.len() {
                let started = Instant::now();
                let windows = &steps[state.step_in_epoch];
                let (batches, soft): (Vec<Batch>, Vec<SoftRows>) =
                    windows.iter().map(|batch| plan.pack(batch, state.epoch)).unzip();
                let rate = plan.rate(state.step);
                let input = StepInput::new(&batches, state.step, rate).with_soft(&soft);
                let output = model.train_step(input).map_err(TrainError::model)?;
                state.step += 1;
                state.step_in_epoch += 1;
                for (name, number) in
                    [("loss", output.loss), ("gradient's norm", output.gradient_norm)]
                {
                    if !number.is_finite() {
                        let batch = windows.iter().flatten().map(|&i| plan.windows[i]);
                        return Err(TrainError::Diverged {
                            number: format!("the {name} of step {} is {number}", state.step),
                            sentences: Some(name_sentences(train, batch)),
                            // The loss is that of the weights before the step.
                            checkpoint: newest_before(checkpoints, state.step - 1)?,
                        });
                    }
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
                    every.map_or(otherwise, |every| state.step.is_multiple_of(every))
                };
                let evaluates = end || every(self.config.eval_every, end_of_epoch);
                let checks = evaluates || every(self.config.checkpoint_every, false);
                if evaluates {
                    let evaluation = self.score(model, dev, state, checkpoints)?;
                    let epochs = (record.epoch, plan.total_epochs);
                    let flow = self.evaluated(model, evaluation, epochs, state, callback)?;
                    interrupted |= flow.is_break();
                }
                if (checks || interrupted)
                    && let Some(checkpoints) = checkpoints
                {
                    checkpoints.write(model, run, state, callback)?;
                }
                if end_of_epoch || end || self.is_stopped(state) || interrupted {
                    break;
                }
            }
        }
        // A run that is interrupted at its last step is complete.
        interrupted &= state.step < plan.total_steps && !self.is_stopped(state);
        if let Some(last) = state.last.as_ref().filter(|_| !interrupted) {
            self.save(model, SavedKind::Last, &last.evaluation, callback)?;
        }
        Ok(interrupted)
    }

    /// True if `patience` evaluations brought no better score.
    fn is_stopped(&self, state: &RunState) -> bool {
        self.config.patience.is_some_and(|most| state.since_best >= most)
    }

    /// The state at the start of the run: that of a checkpoint, or zeros.
    fn start<M: TrainStep + ?Sized>(
        &self,
        model: &mut M,
        run: &Identity,
        plan: &Plan<'_>,
        checkpoints: Option<&Checkpoints>,
        callback: &mut dyn TrainerCallback,
    ) -> Result<RunState, TrainError> {
        let (Some(checkpoints), Some(output)) = (checkpoints, &self.output) else {
            return Ok(RunState::default());
        };
        remove_leftovers(output);
        if self.resume {
            let state = checkpoints.resume(model, run, plan, callback)?;
            return Ok(state.unwrap_or_default());
        }
        checkpoints.clear()?;
        Ok(RunState::default())
    }

    /// Scores the model. Refuses a loss that is not a number, before the model is saved anywhere.
    fn score<M: TrainStep + ?Sized>(
        &self,
        model: &M,
        dev: &Dataset,
        state: &RunState,
        checkpoints: Option<&Checkpoints>,
    ) -> Result<Evaluation, TrainError> {
        let (evaluation, _) =
            evaluate(model, dev, self.decoding, self.config.eval_batch_subtokens)?;
        match evaluation.loss.filter(|loss| !loss.is_finite()) {
            None => Ok(evaluation),
            Some(loss) => Err(TrainError::Diverged {
                number: format!(
                    "the loss on the development data after step {} is {loss}",
                    state.step
                ),
                sentences: None,
                checkpoint: newest_before(checkpoints, state.step)?,
            }),
        }
    }

    /// Reports an evaluation, and saves the model if it is the best so far.
    fn evaluated<M: TrainStep + ?Sized>(
        &self,
        model: &M,
        evaluation: Evaluation,
        (epoch, total_epochs): (f64, usize),
        state: &mut RunState,
        callback: &mut dyn TrainerCallback,
    ) -> Result<ControlFlow<()>, TrainError> {
        let is_best =
            state.best.as_ref().is_none_or(|best| self.is_better(&evaluation, &best.evaluation));
        let record = EvaluationRecord {
            step: state.step,
            epoch,
            total_epochs,
            evaluation: &evaluation,
            is_best,
        };
        let flow = callback.on_evaluation(&record)?;
        let evaluated = Evaluated { step: state.step, epoch, evaluation };
        if is_best {
            self.save(model, SavedKind::Best, &evaluated.evaluation, callback)?;
            state.best = Some(evaluated.clone());
            state.since_best = 0;
        } else {
            state.since_best += 1;
        }
        state.last = Some(evaluated);
        Ok(flow)
    }

    /// True if the score of one evaluation is higher. While nothing is found all scores are equal, and
    /// the loss decides.
    fn is_better(&self, evaluation: &Evaluation, best: &Evaluation) -> bool {
        let [own, other] = [evaluation, best].map(|of| self.config.select.score(of));
        let less_loss =
            || matches!((evaluation.loss, best.loss), (Some(own), Some(other)) if own < other);
        own > other || (own == other && own <= 0.0 && less_loss())
    }

    fn save<M: TrainStep + ?Sized>(
        &self,
        model: &M,
        kind: SavedKind,
        evaluation: &Evaluation,
        callback: &mut dyn TrainerCallback,
    ) -> Result<(), TrainError> {
        let Some(output) = &self.output else { return Ok(()) };
        let name = if kind == SavedKind::Best { "model-best" } else { "model-last" };
        replace_folder(output.join(name), |directory| {
            model.save(directory).map_err(TrainError::model)?;
            callback.on_save(&SavedModel { directory, kind, evaluation: Some(evaluation) })
        })
    }
}

/// What the steps of a run need.
struct Data<'a> {
    run: Identity,
    plan: Plan<'a>,
    train: &'a Dataset,
    dev: &'a Dataset,
}

fn newest_before(
    checkpoints: Option<&Checkpoints>,
    steps: usize,
) -> Result<Option<PathBuf>, TrainError> {
    checkpoints.map_or(Ok(None), |checkpoints| checkpoints.newest_before(steps))
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
