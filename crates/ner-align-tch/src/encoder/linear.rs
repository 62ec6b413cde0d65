//! Linear maps and layer norms.

use std::ops::Range;

use tch::Tensor;

use crate::error::Result;
use crate::parameters::{Init, Parameter, ParameterPlan, Weights};

/// `x W^T + b`; several maps of the same input may be stacked into one product.
#[derive(Debug)]
pub(crate) struct Linear {
    pub(crate) weight: Parameter,
    pub(crate) bias: Parameter,
}

impl Linear {
    /// Declares `NAME.weight` `[outputs, inputs]` and `NAME.bias` for each name.
    pub(crate) fn declare(
        plan: &mut ParameterPlan,
        names: &[String],
        outputs: i64,
        inputs: i64,
        init: Init,
    ) -> Self {
        let of = |part: &str| names.iter().map(|n| format!("{n}.{part}")).collect::<Vec<_>>();
        let bias_init = if init == Init::Required { init } else { Init::Zeros };
        Self {
            weight: plan.add(&of("weight"), &[outputs, inputs], init),
            bias: plan.add(&of("bias"), &[outputs], bias_init),
        }
    }

    /// `[rows, inputs]` to `[rows, outputs]`.
    pub(crate) fn forward(&self, weights: &Weights, input: &Tensor) -> Result<Tensor> {
        // Vectors may be kept in f32 where matrices are not.
        let bias = weights.get(self.bias).f_to_kind(input.kind())?;
        Ok(input.f_linear(weights.get(self.weight), Some(bias))?)
    }

    /// The same by some of the stacked maps, which have so many outputs each.
    pub(crate) fn forward_part(
        &self,
        weights: &Weights,
        input: &Tensor,
        outputs: i64,
        maps: Range<i64>,
    ) -> Result<Tensor> {
        let (first, len) = (maps.start * outputs, (maps.end - maps.start) * outputs);
        let part = |parameter| weights.get(parameter).f_narrow(0, first, len);
        let bias = part(self.bias)?.f_to_kind(input.kind())?;
        Ok(input.f_linear(&part(self.weight)?, Some(bias))?)
    }
}

/// Layer norm over the last dimension (Ba et al. 2016).
#[derive(Debug)]
pub(crate) struct LayerNorm {
    pub(crate) weight: Parameter,
    pub(crate) bias: Parameter,
    size: i64,
    epsilon: f64,
}

impl LayerNorm {
    pub(crate) fn declare(plan: &mut ParameterPlan, name: &str, size: i64, epsilon: f64) -> Self {
        Self {
            weight: plan.add(&[format!("{name}.weight")], &[size], Init::Required),
            bias: plan.add(&[format!("{name}.bias")], &[size], Init::Required),
            size,
            epsilon,
        }
    }

    pub(crate) fn forward(&self, weights: &Weights, input: &Tensor) -> Result<Tensor> {
        let (weight, bias) = (weights.get(self.weight), weights.get(self.bias));
        Ok(input.f_layer_norm([self.size], Some(weight), Some(bias), self.epsilon, false)?)
    }
}
