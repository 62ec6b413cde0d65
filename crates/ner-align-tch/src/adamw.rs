//! AdamW over flat parameter vectors.

use tch::{Tensor, no_grad};

use crate::checkpoint::Checkpoint;
use crate::error::{ModelError, Result};
use crate::parameters::{Group, Parameters, Rows, Segment};

/// Constants of AdamW (Loshchilov and Hutter 2019) and of gradient clipping.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamWConfig {
    /// Decay of the mean of gradients, 0 to 1.
    pub beta1: f64,
    /// Decay of the mean of squared gradients, 0 to 1.
    pub beta2: f64,
    /// Added to the root of the mean square.
    pub epsilon: f64,
    /// Decay of matrices per unit of learning rate; biases and layer norms do not decay.
    pub weight_decay: f64,
    /// Largest norm of all gradients together; longer ones are scaled down to it.
    pub max_gradient_norm: f64,
}

impl Default for AdamWConfig {
    /// transformers' constants with a weight decay of 0.01.
    fn default() -> Self {
        Self { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.01, max_gradient_norm: 1.0 }
    }
}

/// Elements handled at a time: parameters, gradients and both moments of a chunk stay in cache
/// while the operations of one update pass over them.
const CHUNK: i64 = 1 << 17;

/// The optimizer's state: two moments for each flat vector.
#[derive(Debug)]
pub(crate) struct AdamW {
    config: AdamWConfig,
    step: i32,
    means: Vec<Tensor>,
    squares: Vec<Tensor>,
    gradients: Vec<Tensor>,
    /// The rows of tables whose gradients are not zero.
    touched: Vec<Rows>,
}

impl AdamW {
    pub(crate) fn new(config: AdamWConfig, parameters: &Parameters) -> Result<Self> {
        Ok(Self {
            config,
            step: 0,
            means: parameters.zeros_like()?,
            squares: parameters.zeros_like()?,
            gradients: parameters.zeros_like()?,
            touched: Vec::new(),
        })
    }

    /// Adds the gradients of `loss` to those of this step, of which it may be the `first`.
    pub(crate) fn accumulate(
        &mut self,
        parameters: &Parameters,
        loss: &Tensor,
        rows: Rows,
        first: bool,
    ) -> Result<()> {
        if first {
            for rows in self.touched.drain(..) {
                parameters.clear(&rows, &self.gradients)?;
            }
        }
        parameters.backward_into(loss, &rows, &mut self.gradients, !first)?;
        self.touched.push(rows);
        Ok(())
    }

    /// One update by the gradients of this step. Returns their norm before clipping.
    pub(crate) fn step(&mut self, parameters: &Parameters, learning_rate: f64) -> Result<f64> {
        self.step += 1;
        no_grad(|| {
            let mut square = 0.0;
            for gradient in &self.gradients {
                let norm = gradient.f_norm()?.f_double_value(&[])?;
                square += norm * norm;
            }
            let norm = square.sqrt();
            // torch.nn.utils.clip_grad_norm_ adds the same constant.
            let scale = (self.config.max_gradient_norm / (norm + 1e-6)).min(1.0);
            for group in [Group::Decay, Group::NoDecay] {
                for segment in parameters.segments(group) {
                    self.update(parameters.flat(group), group, *segment, learning_rate, scale)?;
                }
            }
            Ok(norm)
        })
    }

    fn update(
        &mut self,
        flat: &Tensor,
        group: Group,
        segment: Segment,
        learning_rate: f64,
        scale: f64,
    ) -> Result<()> {
        let AdamWConfig { beta1, beta2, epsilon, weight_decay, .. } = self.config;
        let correction1 = 1.0 - beta1.powi(self.step);
        let correction2 = (1.0 - beta2.powi(self.step)).sqrt();
        let decay = if group == Group::Decay { weight_decay } else { 0.0 };
        let rate = learning_rate * segment.rate;
        let index = group as usize;
        let (mut start, end) = (segment.start, segment.start + segment.len);
        while start < end {
            let len = CHUNK.min(end - start);
            let mut values = flat.f_narrow(0, start, len)?;
            let mut mean = self.means[index].f_narrow(0, start, len)?;
            let mut square = self.squares[index].f_narrow(0, start, len)?;
            let mut gradient = self.gradients[index].f_narrow(0, start, len)?;
            if scale < 1.0 {
                let _ = gradient.f_mul_scalar_(scale)?;
            }
            if decay != 0.0 {
                let _ = values.f_mul_scalar_(1.0 - rate * decay)?;
            }
            let _ = mean.f_lerp_(&gradient, 1.0 - beta1)?;
            let _ = square.f_mul_scalar_(beta2)?;
            // addcmul_ of tch has no scalar; scaling the gradient once more costs no memory pass
            // beyond the cached chunk.
            let _ = square.f_add_(&gradient.f_square()?.f_mul_scalar_(1.0 - beta2)?)?;
            let mut denominator = square.f_sqrt()?;
            let _ = denominator.f_div_scalar_(correction2)?;
            let _ = denominator.f_add_scalar_(epsilon)?;
            let mut change = mean.f_div(&denominator)?;
            let _ = values.f_sub_(&change.f_mul_scalar_(rate / correction1)?)?;
            start += len;
        }
        Ok(())
    }

    /// The state as named tensors: the moments, and the number of steps.
    pub(crate) fn state(&self) -> Vec<(String, Tensor)> {
        let named = |name: &str, tensors: &[Tensor]| -> Vec<(String, Tensor)> {
            let of =
                |(i, tensor): (usize, &Tensor)| (format!("{name}.{i}"), tensor.shallow_clone());
            tensors.iter().enumerate().map(of).collect()
        };
        let mut state = named("mean", &self.means);
        state.extend(named("square", &self.squares));
        // f32 holds whole numbers up to 2^24, more steps than a run of this kind makes.
        state.push(("step".to_owned(), Tensor::from_slice(&[self.step as f32])));
        state
    }

    /// Takes up what [`AdamW::state`] gave.
    pub(crate) fn restore(&mut self, state: &Checkpoint) -> Result<()> {
        let read = |name: String, target: &Tensor| match state.shape(&name) {
            Some(shape) if shape == target.size() => state.copy_into(&name, target).map(|_| ()),
            Some(shape) => Err(ModelError::Shape {
                path: state.path().to_owned(),
                expected: target.size(),
                found: shape.to_vec(),
                name,
            }),
            None => Err(ModelError::MissingWeights {
                path: state.path().to_owned(),
                first: name,
                count: 1,
            }),
        };
        let one = Tensor::f_zeros([1], (tch::Kind::Float, tch::Device::Cpu))?;
        read("step".to_owned(), &one)?;
        self.step = one.f_double_value(&[0])? as i32;
        for (name, tensors) in [("mean", &self.means), ("square", &self.squares)] {
            for (index, tensor) in tensors.iter().enumerate() {
                read(format!("{name}.{index}"), tensor)?;
            }
        }
        Ok(())
    }
}
