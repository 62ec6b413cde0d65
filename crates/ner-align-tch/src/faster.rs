//! Which type of numbers this processor multiplies faster.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use tch::{Device, Kind, Tensor, no_grad};

use crate::error::Result;
use crate::threads;

/// True if products in bf16 are faster than in f32 on this processor.
///
/// Measured once for the process where the processor has units for bf16: libtorch may be told not to
/// use them (`ONEDNN_MAX_CPU_ISA`), and other machines may not gain by them.
pub(crate) fn in_bf16() -> bool {
    static FASTER: OnceLock<bool> = OnceLock::new();
    *FASTER.get_or_init(|| has_units() && threads::alone(|| no_grad(measure)).unwrap_or(false))
}

/// True if the processor has instructions for products in bf16.
fn has_units() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512bf16") {
            return true;
        }
        // AMX: leaf 7, bit 22 of EDX.
        let features = std::arch::x86_64::__cpuid_count(7, 0);
        features.edx & (1 << 22) != 0
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        false
    }
}

/// By how much bf16 must be faster.
const MARGIN: f64 = 1.2;

fn measure() -> Result<bool> {
    let time = |kind: Kind| -> Result<Duration> {
        let [left, right] =
            [[128_i64, 384], [384, 768]].map(|size| Tensor::f_ones(size, (kind, Device::Cpu)));
        let (left, right) = (left?, right?);
        // The first product compiles its kernel.
        let _ = left.f_mm(&right)?;
        let mut best = Duration::MAX;
        for _ in 0..3 {
            let start = Instant::now();
            let _ = left.f_mm(&right)?;
            best = best.min(start.elapsed());
        }
        Ok(best)
    };
    let (single, half) = (time(Kind::Float)?, time(Kind::BFloat16)?);
    Ok(single.as_secs_f64() > MARGIN * half.as_secs_f64())
}
