//! How a model's batches go through its device.

use tch::{Device, Kind, Tensor};

use crate::config::EncoderConfig;
use crate::error::Result;
use crate::kernels::{self, Attention, Spans};

/// How a model's batches are computed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Route {
    pub(crate) device: Device,
    /// The device works off a queue, as CUDA does: operations are few and large, and nothing waits for
    /// the host.
    pub(crate) queued: bool,
    /// What computes attention over packed rows; `None`: that of torch, over a rectangle.
    pub(crate) attention: Option<Attention>,
}

impl Route {
    /// For a model that computes in `kind`. `queued` takes the way of a CUDA device on any other.
    pub(crate) fn new(device: Device, kind: Kind, config: &EncoderConfig, queued: bool) -> Self {
        let heads = config.num_attention_heads;
        let width = config.hidden_size / heads.max(1);
        let attention = match (device, kind) {
            (Device::Cuda(_), Kind::BFloat16) if width % 8 == 0 && width <= 256 => {
                Some(Attention::Flash)
            }
            (Device::Cuda(_), Kind::Float) if width % 4 == 0 => Some(Attention::Efficient),
            _ => None,
        };
        // Which GPU has which operation is for the operation to say.
        let works = |by: &Attention| agrees(*by, device, kind, width).unwrap_or(false);
        Self {
            device,
            queued: queued || matches!(device, Device::Cuda(_)),
            attention: attention.filter(works),
        }
    }
}

/// Whether attention over windows, and its gradient, are what torch's own computes from each window.
fn agrees(by: Attention, device: Device, kind: Kind, width: i64) -> Result<bool> {
    const LENGTHS: [i64; 3] = [5, 1, 9];
    const ENDS: [i32; 4] = [0, 5, 6, 15];
    let heads = 2;
    let numbers = |phase: f64| -> Result<Tensor> {
        // Without torch's generator, whose state belongs to the training.
        let count = Tensor::f_arange(15 * heads * width, (Kind::Float, device))?;
        let numbers = count.f_mul_scalar(0.37)?.f_add_scalar(phase)?.f_sin()?;
        let numbers = numbers.f_view([15, heads, width])?.f_to_kind(kind)?;
        Ok(numbers.f_set_requires_grad(true)?)
    };
    let parts = [numbers(0.0)?, numbers(1.0)?, numbers(2.0)?];
    let [query, key, value] = &parts;
    let starts = Tensor::f_from_slice(&ENDS)?.f_to_device(device)?;
    let spans = Spans { starts: &starts, longest: 9 };
    let packed = kernels::attention(by, [query, key, value], spans, spans, 0.0)?;
    let mut windows = Vec::new();
    for (start, length) in ENDS.into_iter().zip(LENGTHS) {
        let window = |part: &Tensor| part.f_narrow(0, i64::from(start), length)?.f_transpose(0, 1);
        let (query, key, value) = (window(query)?, window(key)?, window(value)?);
        let scale = (width as f64).sqrt().recip();
        let scores = query.f_matmul(&key.f_transpose(1, 2)?)?.f_mul_scalar(scale)?;
        windows.push(scores.f_softmax(-1, None)?.f_matmul(&value)?.f_transpose(0, 1)?);
    }
    let expected = Tensor::f_cat(&windows, 0)?;
    let slopes = |output: &Tensor| -> Result<Vec<Tensor>> {
        let loss = output.f_to_kind(Kind::Float)?.f_square()?.f_sum(Kind::Float)?;
        Ok(Tensor::f_run_backward(&[loss], &parts, false, false)?)
    };
    let tolerance = if kind == Kind::BFloat16 { 0.1 } else { 1e-3 };
    let close = |a: &Tensor, b: &Tensor| a.f_allclose(b, tolerance, tolerance, false);
    let pairs = slopes(&packed)?.into_iter().zip(slopes(&expected)?);
    let mut agree = close(&packed, &expected)?;
    for (own, expected) in pairs {
        agree &= close(&own, &expected)?;
    }
    Ok(agree)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_device_lacks_is_not_taken() {
        for (by, kind) in [(Attention::Flash, Kind::BFloat16), (Attention::Efficient, Kind::Float)]
        {
            let error = agrees(by, Device::Cpu, kind, 8).unwrap_err().to_string();
            assert!(error.contains("'CPU' backend"), "{error}");
        }
    }
}
