//! Which type of numbers this processor multiplies faster.

use ner_align_kernels::{IntegerMatrix, Multiplied};

/// What limits the instructions that libtorch's matrix products use; the newer name first.
const LIMITS: [&str; 2] = ["ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"];

/// True if products in bf16 are faster than in f32 on this processor: it has units for them, which
/// multiply twice to sixteen times as fast, and libtorch may use them.
///
/// This is looked up and not measured: a machine that is busy must not compute in another type than
/// the same machine an hour later.
pub(crate) fn in_bf16() -> bool {
    let limit = LIMITS.iter().find_map(|name| std::env::var(name).ok());
    has_units() && limit.is_none_or(|limit| allows_bf16(&limit))
}

/// True if products of this type are left to kernels of our own and not to libtorch.
///
/// They reach libtorch's speed on processors of AMD with AVX-512 (measured on Zen 4), compile nothing
/// for a new shape and keep no memory. Elsewhere the vendor's kernels, and AMX, are libtorch's.
pub(crate) fn by_own_products<T: Multiplied>() -> bool {
    by_own_kernels() && T::is_fast()
}

/// The same for 8-bit integers.
pub(crate) fn by_own_integers() -> bool {
    by_own_kernels() && IntegerMatrix::is_fast()
}

fn by_own_kernels() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        static OWN: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
        *OWN.get_or_init(|| {
            let vendor = std::arch::x86_64::__cpuid(0);
            let name = [vendor.ebx, vendor.edx, vendor.ecx].map(u32::to_le_bytes);
            name.as_flattened() == b"AuthenticAMD"
        })
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        false
    }
}

/// True if oneDNN uses instructions for bf16 under this limit.
fn allows_bf16(limit: &str) -> bool {
    let limit = limit.to_ascii_uppercase();
    let newer = ["BF16", "FP16", "AMX", "AVX10"];
    limit.is_empty()
        || ["ALL", "DEFAULT"].contains(&limit.as_str())
        || newer.iter().any(|name| limit.contains(name))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_below_bf16_are_obeyed() {
        for (limit, expected) in [
            ("", true),
            ("ALL", true),
            ("default", true),
            ("SSE41", false),
            ("AVX2", false),
            ("AVX2_VNNI_2", false),
            ("AVX512_CORE", false),
            ("avx512_core_vnni", false),
            ("AVX512_CORE_BF16", true),
            ("AVX512_CORE_FP16", true),
            ("AVX512_CORE_AMX", true),
            ("AVX10_1_512", true),
        ] {
            assert_eq!(allows_bf16(limit), expected, "{limit}");
        }
    }
}
