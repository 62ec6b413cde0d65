//! Learning on a CPU, by the encoder without a graph of operations.

use ner_align_core::StepOutput;
use tch::Tensor;

use super::TchClassifier;
use crate::adamw::AdamW;
use crate::dropout::Dropout;
use crate::error::{Result, in_batch};
use crate::loss::{Lesson, check_lesson};
use crate::native::{Joined, Native, Number, Running, Typed};

impl TchClassifier {
    /// One update from these batches. A model on another device does not come here.
    pub(super) fn native_step(
        &self,
        optimizer: &mut AdamW,
        rate: f64,
        lessons: &[Lesson<'_>],
        total: f64,
        dropout: &Dropout,
    ) -> Result<StepOutput> {
        match &self.network.native {
            Some(Native::F32(native)) => {
                self.step_in(native, optimizer, rate, lessons, total, dropout)
            }
            Some(Native::Bf16(native)) => {
                self.step_in(native, optimizer, rate, lessons, total, dropout)
            }
            None => Ok(StepOutput::new(0.0, 0.0)),
        }
    }

    /// [`TchClassifier::loss_and_gradients`].
    pub(super) fn native_loss_and_gradients(
        &self,
        lesson: Lesson<'_>,
        total: f64,
        dropout: &Dropout,
    ) -> Result<(f64, Vec<(String, Tensor)>)> {
        match &self.network.native {
            Some(Native::F32(native)) => self.named_in(native, lesson, total, dropout),
            Some(Native::Bf16(native)) => self.named_in(native, lesson, total, dropout),
            None => Ok((0.0, Vec::new())),
        }
    }

    fn step_in<T: Number>(
        &self,
        native: &Typed<T>,
        optimizer: &mut AdamW,
        rate: f64,
        lessons: &[Lesson<'_>],
        total: f64,
        dropout: &Dropout,
    ) -> Result<StepOutput> {
        let (mut loss, mut joined) = (0.0, Joined::default());
        for lesson in lessons {
            let (share, running) = self
                .gradients_in(native, *lesson, total, dropout)
                .map_err(|error| in_batch(error, lesson.batch))?;
            loss += share;
            let alone = lessons.len() == 1;
            native.join(&running, &mut joined, !alone);
            if alone {
                let norm = native.update(optimizer, &self.parameters, &running, &joined, rate)?;
                native.done(running);
                return Ok(StepOutput::new(loss, norm));
            }
            native.done(running);
        }
        let norm = joined.update(optimizer, &self.parameters, rate)?;
        Ok(StepOutput::new(loss, norm))
    }

    /// The batch's share of the loss, and the pass that holds its gradients.
    fn gradients_in<T: Number>(
        &self,
        native: &Typed<T>,
        lesson: Lesson<'_>,
        total: f64,
        dropout: &Dropout,
    ) -> Result<(f64, Running<T>)> {
        check_lesson(lesson, self.labels.len())?;
        let batch = lesson.batch;
        let (network, weights) = (&self.network, self.parameters.weights());
        let masks = dropout.masks();
        let mut running =
            native.forward(&network.encoder, &network.config, weights, batch, masks)?;
        let (loss, gradients, above) = {
            let hidden = running.hidden.f_detach()?.f_set_requires_grad(true)?;
            let logits = network.classify(weights, &hidden, dropout)?;
            let targets = Tensor::f_from_slice(&batch.targets)?;
            let loss = self.loss_of(&logits, &targets, lesson, total)?;
            let mut above = network.above();
            above.retain(|&parameter| self.parameters.learns(parameter));
            let mut leaves: Vec<&Tensor> =
                above.iter().map(|&parameter| weights.get(parameter)).collect();
            leaves.push(&hidden);
            let gradients = Tensor::f_run_backward(&[&loss], &leaves, false, false)?;
            (loss.f_double_value(&[])?, gradients, above)
        };
        if let Some((hidden, gradients)) = gradients.split_last() {
            native.backward(&mut running, hidden)?;
            for (parameter, gradient) in above.into_iter().zip(gradients) {
                native.set(&mut running, &self.parameters, parameter, gradient)?;
            }
        }
        Ok((loss, running))
    }

    /// [`TchClassifier::loss_and_gradients`].
    fn named_in<T: Number>(
        &self,
        native: &Typed<T>,
        lesson: Lesson<'_>,
        total: f64,
        dropout: &Dropout,
    ) -> Result<(f64, Vec<(String, Tensor)>)> {
        let mut joined = Joined::default();
        let (loss, running) = self.gradients_in(native, lesson, total, dropout)?;
        native.join(&running, &mut joined, true);
        native.done(running);
        let gradients = joined.into_gradients(&self.parameters)?;
        Ok((loss, self.parameters.named_gradients(&gradients)?))
    }
}
