//! One body of code, compiled for several instruction sets and chosen at run time.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

/// What a body of code may count on.
pub(crate) trait Isa {
    /// A fused multiplication and addition is one instruction. Where it is not, it is a function call
    /// that takes a hundred times as long.
    const FUSED: bool;
}

/// AVX2 or AVX-512, or a processor of another kind that has the instruction always.
#[derive(Debug)]
pub(crate) struct Fused;
/// The least that the target has.
#[derive(Debug)]
pub(crate) struct Plain;

impl Isa for Fused {
    const FUSED: bool = true;
}

impl Isa for Plain {
    const FUSED: bool = cfg!(target_arch = "aarch64");
}

/// `a * b + c`, rounded once where that is one instruction.
#[inline(always)]
pub(crate) fn fma<I: Isa>(a: f32, b: f32, c: f32) -> f32 {
    if I::FUSED { a.mul_add(b, c) } else { a * b + c }
}

/// All lanes as one number, by halves, which are vectors themselves.
#[inline(always)]
pub(crate) fn folded(mut lanes: [f32; 16], join: impl Fn(f32, f32) -> f32) -> f32 {
    for at in 0..8 {
        lanes[at] = join(lanes[at], lanes[at + 8]);
    }
    for at in 0..4 {
        lanes[at] = join(lanes[at], lanes[at + 4]);
    }
    join(join(lanes[0], lanes[2]), join(lanes[1], lanes[3]))
}

/// The instruction sets that kernels are compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Instructions {
    /// What the target has without asking.
    Plain,
    /// AVX2 with fused multiplication.
    Avx2,
    /// AVX-512 in the parts that servers have had since 2017.
    Avx512,
}

/// What kernels may use at most, as a number.
static MOST: AtomicU8 = AtomicU8::new(Instructions::Avx512 as u8);

impl Instructions {
    /// From now on no kernel of this process uses more than this; for tests and measurements.
    pub fn at_most(self) {
        MOST.store(self as u8, Ordering::Relaxed);
    }

    /// What kernels use: the best that this processor has, up to the limit.
    #[must_use]
    #[inline]
    pub fn in_use() -> Self {
        static FOUND: OnceLock<Instructions> = OnceLock::new();
        let most = MOST.load(Ordering::Relaxed);
        let found = *FOUND.get_or_init(detect);
        if found as u8 <= most {
            return found;
        }
        match most {
            1 => Self::Avx2,
            _ => Self::Plain,
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn detect() -> Instructions {
    let fused = is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("fma")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2");
    if fused
        && is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
    {
        return Instructions::Avx512;
    }
    if fused { Instructions::Avx2 } else { Instructions::Plain }
}

#[cfg(not(target_arch = "x86_64"))]
const fn detect() -> Instructions {
    Instructions::Plain
}

/// Declares a function that runs `$body` compiled for the instruction set at hand. The body is
/// generic over [`Isa`] first, and inlined always.
macro_rules! kernel {
    (
        $(#[$meta:meta])*
        $vis:vis fn $name:ident $(<$($t:ident: $bound:path),+>)? ($($arg:ident: $ty:ty),* $(,)?)
            $(-> $ret:ty)? = $body:ident
    ) => {
        $(#[$meta])*
        $vis fn $name $(<$($t: $bound),+>)? ($($arg: $ty),*) $(-> $ret)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,bmi1,bmi2")]
                fn avx512 $(<$($t: $bound),+>)? ($($arg: $ty),*) $(-> $ret)? {
                    $body::<$crate::isa::Fused $($(, $t)+)?>($($arg),*)
                }
                #[target_feature(enable = "avx2,fma,bmi1,bmi2")]
                fn avx2 $(<$($t: $bound),+>)? ($($arg: $ty),*) $(-> $ret)? {
                    $body::<$crate::isa::Fused $($(, $t)+)?>($($arg),*)
                }
                match $crate::isa::Instructions::in_use() {
                    $crate::isa::Instructions::Avx512 => {
                        #[expect(unsafe_code, reason = "an instruction set that was detected")]
                        // SAFETY: `in_use` found every feature that the function is compiled with.
                        return unsafe { avx512 $(::<$($t),+>)? ($($arg),*) };
                    }
                    $crate::isa::Instructions::Avx2 => {
                        #[expect(unsafe_code, reason = "an instruction set that was detected")]
                        // SAFETY: `in_use` found every feature that the function is compiled with.
                        return unsafe { avx2 $(::<$($t),+>)? ($($arg),*) };
                    }
                    $crate::isa::Instructions::Plain => {}
                }
            }
            $body::<$crate::isa::Plain $($(, $t)+)?>($($arg),*)
        }
    };
}
pub(crate) use kernel;
