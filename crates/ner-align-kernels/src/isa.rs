//! One body of code, compiled for several instruction sets and chosen at run time.

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

/// The instruction sets that kernels are compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// What the target has without asking.
    Plain,
    /// AVX2 with fused multiplication.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// AVX-512 in the parts that servers have had since 2017.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// The best that this processor has.
#[inline]
pub(crate) fn level() -> Level {
    #[cfg(target_arch = "x86_64")]
    {
        // The macro remembers what it found.
        if is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("fma")
        {
            return Level::Avx512;
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            return Level::Avx2;
        }
    }
    Level::Plain
}

/// Declares a public function that runs `$body` compiled for the instruction set at hand. The body is
/// generic over [`Isa`] first, and inlined always.
macro_rules! kernel {
    (
        $(#[$meta:meta])*
        pub fn $name:ident $(<$($t:ident: $bound:path),+>)? ($($arg:ident: $ty:ty),* $(,)?)
            $(-> $ret:ty)? = $body:ident
    ) => {
        $(#[$meta])*
        pub fn $name $(<$($t: $bound),+>)? ($($arg: $ty),*) $(-> $ret)? {
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
                match $crate::isa::level() {
                    $crate::isa::Level::Avx512 => {
                        #[expect(unsafe_code, reason = "an instruction set that was detected")]
                        // SAFETY: `level` found every feature that the function is compiled with.
                        return unsafe { avx512 $(::<$($t),+>)? ($($arg),*) };
                    }
                    $crate::isa::Level::Avx2 => {
                        #[expect(unsafe_code, reason = "an instruction set that was detected")]
                        // SAFETY: `level` found every feature that the function is compiled with.
                        return unsafe { avx2 $(::<$($t),+>)? ($($arg),*) };
                    }
                    $crate::isa::Level::Plain => {}
                }
            }
            $body::<$crate::isa::Plain $($(, $t)+)?>($($arg),*)
        }
    };
}
pub(crate) use kernel;
