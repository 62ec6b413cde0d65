//! Linear maps and layer norms.

use std::ops::Range;

use tch::Tensor;

use crate::error::Result;
use crate::parameters::{Init, Parameter, ParameterPlan, Weights};

/// `x W^T + b`; several maps of the same input may be stacked into one product.
#[derive(Debug)]
pub(crate) struct Linear {
    pub(crate) weight: Parameter,
    /// ModernBERT's maps have none.
    pub(crate) bias: Option<Parameter>,
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
        let weight = Self::declare_without_bias(plan, names, outputs, inputs, init);
        let bias = names.iter().map(|name| format!("{name}.bias")).collect::<Vec<_>>();
        let init = if init == Init::Required { init } else { Init::Zeros };
        Self { bias: Some(plan.add(&bias, &[outputs], init)), ..weight }
    }

    /// Declares `NAME.weight` for each name.
    pub(crate) fn declare_without_bias(
        plan: &mut ParameterPlan,
        names: &[String],
        outputs: i64,
        inputs: i64,
        init: Init,
    ) -> Self {
        let weight = names.iter().map(|name| format!("{name}.weight")).collect::<Vec<_>>();
        Self { weight: plan.add(&weight, &[outputs, inputs], init), bias: None }
    }

    /// Either, as `biased` says.
    pub(crate) fn declare_biased(
        plan: &mut ParameterPlan,
        name: String,
        [outputs, inputs]: [i64; 2],
        init: Init,
        biased: bool,
    ) -> Self {
        let declare = if biased { Self::declare } else { Self::declare_without_bias };
        declare(plan, &[name], outputs, inputs, init)
    }

    /// `[rows, inputs]` to `[rows, outputs]`.
    pub(crate) fn forward(&self, weights: &Weights, input: &Tensor) -> Result<Tensor> {
        // Vectors may be kept in f32 where matrices are not.
        let bias = self.bias.map(|bias| weights.get(bias).f_to_kind(input.kind())).transpose()?;
        Ok(input.f_linear(weights.get(self.weight), bias)?)
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
        let of_kind = |bias| part(bias)?.f_to_kind(input.kind());
        Ok(input.f_linear(&part(self.weight)?, self.bias.map(of_kind).transpose()?)?)
    }
}

/// Layer norm over the last dimension (Ba et al. 2016).
#[derive(Debug)]
pub(crate) struct LayerNorm {
    pub(crate) weight: Parameter,
    /// ModernBERT's norms have none.
    pub(crate) bias: Option<Parameter>,
    size: i64,
    epsilon: f64,
}

impl LayerNorm {
    pub(crate) fn declare(plan: &mut ParameterPlan, name: &str, size: i64, epsilon: f64) -> Self {
        Self::declare_biased(plan, name, size, epsilon, Init::Required, true)
    }

    /// The same with a bias only if it is `biased`.
    pub(crate) fn declare_biased(
        plan: &mut ParameterPlan,
        name: &str,
        size: i64,
        epsilon: f64,
        init: Init,
        biased: bool,
    ) -> Self {
        let bias_init = if init == Init::Required { init } else { Init::Zeros };
        let weight = plan.add(&[format!("{name}.weight")], &[size], init);
        let bias = biased.then(|| plan.add(&[format!("{name}.bias")], &[size], bias_init));
        Self { weight, bias, size, epsilon }
    }

    pub(crate) fn forward(&self, weights: &Weights, input: &Tensor) -> Result<Tensor> {
        let (weight, bias) = (weights.get(self.weight), self.bias.map(|bias| weights.get(bias)));
        Ok(input.f_layer_norm([self.size], Some(weight), bias, self.epsilon, false)?)
    }
}
