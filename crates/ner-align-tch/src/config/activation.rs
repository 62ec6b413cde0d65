//! Activations.

use serde::Deserialize;
use tch::Tensor;

use crate::error::Result;

/// Activations of BERT-like models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Activation {
    /// Exact GELU.
    #[default]
    #[serde(alias = "gelu_python")]
    Gelu,
    /// GELU by its tanh approximation.
    #[serde(alias = "gelu_pytorch_tanh", alias = "gelu_python_tanh", alias = "gelu_fast")]
    GeluNew,
    /// Rectified linear.
    Relu,
}

impl Activation {
    /// Applies it to each element.
    pub(crate) fn of(self, input: &Tensor) -> Result<Tensor> {
        Ok(match self {
            Self::Gelu => input.f_gelu("none")?,
            Self::GeluNew => input.f_gelu("tanh")?,
            Self::Relu => input.f_relu()?,
        })
    }
}
