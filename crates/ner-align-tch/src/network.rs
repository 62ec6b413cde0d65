//! From batches to logits: the encoder and the head, apart from their weights.

use ndarray::Array2;
use ner_align_core::{Batch, TransitionScores};
use tch::{Device, Kind, Tensor, no_grad};

use crate::config::EncoderConfig;
use crate::crf::Crf;
use crate::dropout::Dropout;
use crate::encoder::{Encoder, Linear, Pass};
use crate::error::{ModelError, Result, in_batch};
use crate::head::Head;
use crate::names::CLASSIFIER;
use crate::native::Native;
use crate::packing::Packing;
use crate::parameters::{Init, Parameter, ParameterPlan, Weights, WordRows};
use crate::route::Route;
use crate::threads;
use crate::transform::Transform;

/// The structure of a model, which threads can share.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) config: EncoderConfig,
    pub(crate) crf: Option<Crf>,
    pub(crate) encoder: Encoder,
    /// The same encoder without a graph of operations, on a CPU; DeBERTa and ModernBERT have none.
    pub(crate) native: Option<Native>,
    transform: Option<Transform>,
    head: Linear,
    classes: usize,
    pub(crate) route: Route,
}

/// What a pass computed.
#[derive(Debug)]
pub(crate) struct Forward {
    /// `[rows, classes]`, f32, on the model's device.
    pub(crate) logits: Tensor,
    /// The rows of the word embedding that they were computed from.
    pub(crate) words: WordRows,
    /// The classes of the rows as the batch has them, on the device.
    pub(crate) targets: Tensor,
}

impl Network {
    /// Declares all tensors of a model with so many classes.
    pub(crate) fn declare(
        plan: &mut ParameterPlan,
        config: EncoderConfig,
        classes: usize,
        head_init: Init,
        route: Route,
    ) -> Self {
        let encoder = Encoder::declare(plan, &config);
        let transform = Transform::declare(plan, &config, head_init);
        let (outputs, name) = (classes as i64, [CLASSIFIER.to_owned()]);
        let head = Linear::declare(plan, &name, outputs, config.hidden_size, head_init);
        let crf = (config.head == Head::Crf).then(|| Crf::declare(plan, outputs, head_init));
        Self { config, crf, encoder, native: None, transform, head, classes, route }
    }

    /// Computes the logits of the batch's rows.
    pub(crate) fn forward(
        &self,
        weights: &Weights,
        batch: &Batch,
        dropout: &Dropout,
    ) -> Result<Forward> {
        let packing = &Packing::new(batch, &self.config, self.route, weights.kind())?;
        let words = self.encoder.words(weights, packing)?;
        let pass = Pass { weights, packing, words: &words, dropout };
        let hidden = self.encoder.forward(&pass, &self.config)?;
        let logits = self.classify(weights, &hidden, dropout)?;
        Ok(Forward { logits, words, targets: packing.targets.shallow_clone() })
    }

    /// Logits from the hidden states of the rows to classify, `[rows, classes]`, f32.
    pub(crate) fn classify(
        &self,
        weights: &Weights,
        hidden: &Tensor,
        dropout: &Dropout,
    ) -> Result<Tensor> {
        let hidden = match &self.transform {
            Some(transform) => &transform.forward(weights, hidden)?,
            None => hidden,
        };
        let hidden = dropout.apply(hidden, self.config.head_dropout())?;
        Ok(self.head.forward(weights, &hidden)?.f_to_kind(Kind::Float)?)
    }

    /// The tensors above an encoder that has a way without a graph.
    pub(crate) fn above(&self) -> Vec<Parameter> {
        let mut above = vec![self.head.weight];
        above.extend(self.head.bias);
        above.extend(self.crf.iter().flat_map(Crf::parameters));
        above
    }

    /// Frees the memory of the way back.
    pub(crate) fn forget_training(&self) {
        match &self.native {
            Some(Native::F32(native)) => native.forget(),
            Some(Native::Bf16(native)) => native.forget(),
            None => {}
        }
    }

    /// From now on predicts by 8-bit integers.
    pub(crate) fn quantize(&self) -> Result<()> {
        match &self.native {
            Some(Native::F32(native)) => native.quantize(),
            _ => Ok(()),
        }
    }

    /// Frees the matrices that integers took the place of; after [`Network::quantize`] alone.
    pub(crate) fn free_rounded(&self, weights: &mut Weights) -> Result<()> {
        let Some(Native::F32(native)) = &self.native else { return Ok(()) };
        native.free_rounded()?;
        weights.free(&self.encoder.matrices_of_layers(), self.encoder.embeddings.word)
    }

    /// Logits without a way back.
    fn predict(&self, weights: &Weights, batch: &Batch) -> Result<Tensor> {
        let off = Dropout::off();
        let Some(native) = &self.native else {
            return Ok(self.forward(weights, batch, &off)?.logits);
        };
        threads::alone(|| {
            let hidden = native.hidden(&self.encoder, &self.config, weights, batch)?;
            self.classify(weights, &hidden, &off)
        })
    }

    /// Logits of the batch's rows, `[rows, classes]`, dropout off.
    pub(crate) fn logits(&self, weights: &Weights, batch: &Batch) -> Result<Array2<f32>> {
        if batch.rows.is_empty() {
            return Ok(Array2::zeros((0, self.classes)));
        }
        let logits = no_grad(|| self.predict(weights, batch));
        let logits = logits.map_err(|error| in_batch(error, batch))?;
        to_array(&logits, batch.rows.len(), self.classes)
    }

    /// The scores of neighbouring classes as they are now; `None` without a CRF.
    pub(crate) fn transition_scores(&self, weights: &Weights) -> Result<Option<TransitionScores>> {
        self.crf.as_ref().map_or(Ok(None), |crf| crf.scores(weights))
    }
}

/// Copies logits from their device. Refuses a shape other than `[rows, classes]`.
fn to_array(logits: &Tensor, rows: usize, classes: usize) -> Result<Array2<f32>> {
    let wrong_shape =
        || ModelError::Logits { expected: [rows as i64, classes as i64], found: logits.size() };
    if logits.size() != [rows as i64, classes as i64] {
        return Err(wrong_shape());
    }
    let logits = logits.f_to_device(Device::Cpu)?.f_contiguous()?;
    let mut values = vec![0.0_f32; rows * classes];
    logits.f_copy_data(&mut values, rows * classes)?;
    Array2::from_shape_vec((rows, classes), values).map_err(|_| wrong_shape())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logits_of_another_shape_are_refused() {
        let of = |shape: &[i64]| Tensor::ones(shape, (Kind::Float, Device::Cpu));
        assert_eq!(to_array(&of(&[2, 3]), 2, 3).unwrap(), Array2::<f32>::ones((2, 3)));
        // More numbers than asked for, fewer, and as many in another shape.
        for shape in [&[2, 4][..], &[3, 3], &[2, 2], &[3, 2], &[6], &[2, 3, 1]] {
            let error = to_array(&of(shape), 2, 3).unwrap_err();
            let expected = format!("expected logits of shape [2, 3], found {shape:?}");
            assert!(error.to_string().ends_with(&expected), "{error}");
        }
    }
}
