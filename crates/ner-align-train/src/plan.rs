//! Which windows are trained on in which step.

use ner_align_core::{Batch, BatchPlan, Dataset, IGNORE_INDEX, Rows, SoftRows, Window};

use crate::config::{Batching, TrainConfig};
use crate::error::TrainError;
use crate::state::RunState;
use crate::word_mask::WordMask;

/// What is trained on in which step.
pub(crate) struct Plan<'a> {
    config: &'a TrainConfig,
    pub(crate) windows: Vec<&'a Window>,
    /// One list for each window, or no list at all.
    soft: Vec<&'a SoftRows>,
    lengths: Vec<usize>,
    mask: WordMask,
    pub(crate) total_epochs: usize,
    pub(crate) total_steps: usize,
}

impl<'a> Plan<'a> {
    /// Refuses data without labels.
    pub(crate) fn new(
        config: &'a TrainConfig,
        train: &'a Dataset,
        mask_id: Option<u32>,
        soft: &'a [SoftRows],
    ) -> Result<Self, TrainError> {
        let mask = WordMask { id: mask_id, share: config.mask_words, seed: config.seed };
        if mask.share > 0.0 && mask.id.is_none() {
            return Err(TrainError::NoMask);
        }
        // A window without any label would add nothing but time.
        let learned = |window: &Window| window.labelled().next().is_some();
        let windows: Vec<&Window> = train.windows.iter().filter(|w| learned(w)).collect();
        let soft = soft.iter().zip(&train.windows).filter(|(_, window)| learned(window));
        let soft = soft.map(|(soft, _)| soft).collect();
        if windows.is_empty() {
            return Err(TrainError::NoTrainingData);
        }
        let lengths: Vec<usize> = windows.iter().map(|window| window.len()).collect();
        let mut plan =
            Self { config, windows, soft, lengths, mask, total_epochs: 0, total_steps: 0 };
        let labels = plan.windows.iter().map(|window| window.labelled().count()).sum();
        plan.total_epochs = config.epochs.of(labels);
        // With a budget of subtokens, epochs may have different numbers of batches.
        let most = config.max_steps.unwrap_or(usize::MAX);
        plan.total_steps = if config.batch_subtokens.is_none() {
            plan.epoch(0).len().saturating_mul(plan.total_epochs).min(most)
        } else {
            // Epochs beyond `max_steps` are not counted: there may be very many.
            let mut steps = 0;
            for epoch in 0..plan.total_epochs {
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
    pub(crate) fn pack(&self, batch: &[usize], epoch: usize) -> (Batch, SoftRows) {
        let windows: Vec<_> =
            batch.iter().map(|&i| self.mask.hide(self.windows[i], i, epoch)).collect();
        let mut packed = Batch::pack(windows.iter().map(AsRef::as_ref), Rows::Labelled);
        let (mut soft, mut row) = (SoftRows::new(), 0);
        if self.soft.is_empty() {
            return (packed, soft);
        }
        for &window in batch {
            let mut targets = self.soft[window].iter().peekable();
            for position in self.windows[window].labelled() {
                if let Some((_, target)) = targets.next_if(|(soft, _)| *soft == position) {
                    packed.targets[row] = IGNORE_INDEX;
                    soft.push((row, target.clone()));
                }
                row += 1;
            }
        }
        (packed, soft)
    }

    /// The learning rate after so many steps.
    pub(crate) fn rate(&self, step: usize) -> f64 {
        let warmup = self.config.warmup(self.total_steps);
        self.config.schedule.rate(step, self.total_steps, warmup, self.config.learning_rate)
    }
}
