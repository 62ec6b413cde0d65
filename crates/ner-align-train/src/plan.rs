//! Which windows are trained on in which step.

use ner_align_core::{Batch, BatchPlan, Dataset, Rows, Window};

use crate::config::{Batching, TrainConfig};
use crate::error::TrainError;
use crate::state::RunState;
use crate::word_mask::WordMask;

/// What is trained on in which step.
pub(crate) struct Plan<'a> {
    config: &'a TrainConfig,
    pub(crate) windows: Vec<&'a Window>,
    lengths: Vec<usize>,
    mask: WordMask,
    pub(crate) total_steps: usize,
}

impl<'a> Plan<'a> {
    /// Refuses data without labels.
    pub(crate) fn new(
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
        let mut plan = Self { config, windows, lengths, mask, total_steps: 0 };
        // With a budget of subtokens, epochs may have different numbers of batches.
        let most = config.max_steps.unwrap_or(usize::MAX);
        plan.total_steps = if config.batch_subtokens.is_none() {
            plan.epoch(0).len().saturating_mul(config.epochs).min(most)
        } else {
            // Epochs beyond `max_steps` are not counted: there may be very many.
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

    /// False for a state that this run never reaches.
    pub(crate) fn contains(&self, state: &RunState) -> bool {
        state.step <= self.total_steps && state.step_in_epoch < self.epoch(state.epoch).len()
    }

    /// The steps of an epoch, each with its batches, each with its windows.
    pub(crate) fn epoch(&self, epoch: usize) -> Vec<Vec<Vec<usize>>> {
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
    pub(crate) fn pack(&self, batch: &[usize], epoch: usize) -> Batch {
        let windows: Vec<_> =
            batch.iter().map(|&i| self.mask.hide(self.windows[i], i, epoch)).collect();
        Batch::pack(windows.iter().map(AsRef::as_ref), Rows::Labelled)
    }

    /// The learning rate after so many steps.
    pub(crate) fn rate(&self, step: usize) -> f64 {
        let warmup = self.config.warmup(self.total_steps);
        self.config.schedule.rate(step, self.total_steps, warmup, self.config.learning_rate)
    }
}
