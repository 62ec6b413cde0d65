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
        let works = |by: &Attention| {
            agrees(device, kind, width, |parts, spans| {
                kernels::attention(*by, parts, spans, spans, 0.0)
            })
            .unwrap_or(false)
        };
        Self {
            device,
            queued: queued || matches!(device, Device::Cuda(_)),
            attention: attention.filter(works),
        }
    }
}

/// Whether attention over windows, and its gradient, are what matrix products make of each window.
fn agrees(
    device: Device,
    kind: Kind,
    width: i64,
    attend: impl Fn([&Tensor; 3], Spans<'_>) -> Result<Tensor>,
) -> Result<bool> {
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
    let packed = attend([query, key, value], spans)?;
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
            let attend = |parts: [&Tensor; 3], spans: Spans<'_>| {
                kernels::attention(by, parts, spans, spans, 0.0)
            };
            let error = agrees(Device::Cpu, kind, 8, attend).unwrap_err().to_string();
            assert!(error.contains("'CPU' backend"), "{error}");
        }
    }

    /// Torch's attention over a rectangle of the windows, with everything at this scale.
    fn padded([query, key, value]: [&Tensor; 3], spans: Spans<'_>, scale: f64) -> Tensor {
        let starts = Vec::<i64>::try_from(spans.starts.to_kind(Kind::Int64)).unwrap();
        let windows = starts.windows(2).map(|ends| {
            let part = |of: &Tensor| of.narrow(0, ends[0], ends[1] - ends[0]).transpose(0, 1);
            let (query, key, value) = (part(query), part(key), part(value));
            let none = None::<&Tensor>;
            let attended = Tensor::scaled_dot_product_attention(
                &query,
                &key,
                &value,
                none,
                0.0,
                false,
                Some(scale),
                false,
            );
            attended.transpose(0, 1)
        });
        Tensor::cat(&windows.collect::<Vec<_>>(), 0)
    }

    #[test]
    fn what_computes_something_else_is_not_taken() {
        for kind in [Kind::Float, Kind::BFloat16] {
            for width in [8, 32, 64] {
                let scale = (width as f64).sqrt().recip();
                for (factor, expected) in [(1.0, true), (2.0, false), (0.5, false)] {
                    let attend = |parts: [&Tensor; 3], spans: Spans<'_>| {
                        Ok(padded(parts, spans, scale * factor))
                    };
                    let found = agrees(Device::Cpu, kind, width, attend).unwrap();
                    assert_eq!(found, expected, "{kind:?} {width} {factor}");
                }
            }
        }
    }
}
