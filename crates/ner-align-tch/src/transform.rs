//! What stands between ModernBERT's encoder and its classifier.

use tch::Tensor;

use crate::config::{Activation, Design, EncoderConfig};
use crate::encoder::{LayerNorm, Linear};
use crate::error::Result;
use crate::names::TRANSFORM;
use crate::parameters::{Init, ParameterPlan, Weights};

/// A linear map, its activation and a norm: those of the head that the model was pretrained with.
#[derive(Debug)]
pub(crate) struct Transform {
    dense: Linear,
    activation: Activation,
    norm: LayerNorm,
}

impl Transform {
    /// Declares the tensors, if the family has them. They are made anew if the checkpoint lacks them and
    /// the classifier may be new (`head_init`).
    pub(crate) fn declare(
        plan: &mut ParameterPlan,
        config: &EncoderConfig,
        head_init: Init,
    ) -> Option<Self> {
        let Design::ModernBert(modern) = config.design() else { return None };
        let (dense_init, norm_init) = match head_init {
            Init::Required => (Init::Required, Init::Required),
            _ => {
                // As transformers draws it.
                let layers = config.num_hidden_layers.max(1) as f64;
                (Init::Normal(config.initializer_range / (2.0 * layers).sqrt()), Init::Ones)
            }
        };
        let hidden = config.hidden_size;
        Some(Self {
            dense: Linear::declare_biased(
                plan,
                format!("{TRANSFORM}.dense"),
                [hidden, hidden],
                dense_init,
                modern.classifier_bias,
            ),
            activation: modern.classifier_activation,
            norm: LayerNorm::declare_biased(
                plan,
                &format!("{TRANSFORM}.norm"),
                hidden,
                config.layer_norm_eps,
                norm_init,
                modern.norm_bias,
            ),
        })
    }

    /// `[rows, hidden]` to the same.
    pub(crate) fn forward(&self, weights: &Weights, hidden: &Tensor) -> Result<Tensor> {
        let dense = self.dense.forward(weights, hidden)?;
        self.norm.forward(weights, &self.activation.of(&dense)?)
    }
}
