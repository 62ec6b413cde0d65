//! The innermost loop: a tile of the result in registers.

use super::{TALL, WIDE};
use crate::element::Bf16;

/// One tile of sums; f32, or i32 as bits.
pub(super) type Sums = [[u32; WIDE]; TALL];

/// A left matrix by the steps between its packs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Left<'a> {
    pub(super) packs: &'a [u32],
    pub(super) down: usize,
    pub(super) across: usize,
}

/// How packs are multiplied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One f32.
    F32,
    /// Two bfloat16.
    Bf16,
    /// Four integers, unsigned ones on the left.
    Int8,
}

/// True if the processor has instructions for packs of this kind.
#[cfg(target_arch = "x86_64")]
pub(super) fn has_instructions(kind: Kind) -> bool {
    crate::Instructions::in_use() == crate::Instructions::Avx512
        && match kind {
            Kind::F32 => true,
            Kind::Bf16 => is_x86_feature_detected!("avx512bf16"),
            Kind::Int8 => is_x86_feature_detected!("avx512vnni"),
        }
}

/// True if the processor has instructions for packs of this kind.
#[cfg(not(target_arch = "x86_64"))]
pub(super) const fn has_instructions(_: Kind) -> bool {
    false
}

/// Where a product goes.
#[derive(Debug)]
pub enum Target<'a> {
    /// A tile of at most [`TALL`] rows of sums.
    Sums(&'a mut Sums),
    /// Rows of an f32 matrix of so many columns, of which [`WIDE`] are filled.
    F32(&'a mut [f32], usize),
    /// The same of a bfloat16 matrix.
    Bf16(&'a mut [Bf16], usize),
}

impl Target<'_> {
    /// True if so many rows fit.
    const fn holds(&self, rows: usize) -> bool {
        let (len, columns) = match self {
            Self::Sums(_) => (TALL * WIDE, WIDE),
            Self::F32(matrix, columns) => (matrix.len(), *columns),
            Self::Bf16(matrix, columns) => (matrix.len(), *columns),
        };
        (rows - 1) * columns + WIDE <= len
    }
}

/// Fills the first `rows` of a target with `left * right`, where `right` is `[depth, WIDE]`; false if
/// that needs instructions which the processor lacks. Sums need none.
pub(super) fn multiply(
    kind: Kind,
    rows: usize,
    depth: usize,
    left: Left<'_>,
    right: &[u32],
    target: Target<'_>,
) -> bool {
    let fits = depth == 0
        || (right.len() >= depth * WIDE
            && left.packs.len() > (rows - 1) * left.down + (depth - 1) * left.across);
    assert!(rows > 0 && fits && target.holds(rows), "a matrix too short");
    #[cfg(target_arch = "x86_64")]
    if has_instructions(kind) {
        let Left { packs, down, across } = left;
        let (packs, right, steps) = (packs.as_ptr(), right.as_ptr(), [down, across]);
        #[expect(unsafe_code, reason = "an instruction set that was detected")]
        // SAFETY: the instructions are there, and the matrices are long enough.
        return unsafe {
            match (kind, target) {
                (Kind::F32, Target::Sums(sums)) => {
                    vector::f32(rows, depth, packs, steps, right, sums.as_mut_ptr().cast(), WIDE);
                }
                (Kind::Bf16, Target::Sums(sums)) => {
                    vector::bf16(rows, depth, packs, steps, right, sums.as_mut_ptr().cast(), WIDE);
                }
                (Kind::Int8, Target::Sums(sums)) => {
                    vector::int8(rows, depth, packs, steps, right, sums.as_mut_ptr().cast(), WIDE);
                }
                (Kind::F32, Target::F32(matrix, columns)) => {
                    let into = matrix.as_mut_ptr().cast();
                    vector::f32(rows, depth, packs, steps, right, into, columns);
                }
                (Kind::Bf16, Target::Bf16(matrix, columns)) => {
                    let into = matrix.as_mut_ptr().cast();
                    vector::bf16_rounded(rows, depth, packs, steps, right, into, columns);
                }
                _ => return false,
            }
            true
        };
    }
    let Target::Sums(sums) = target else { return false };
    plain(kind, rows, depth, left, right, sums);
    true
}

/// The same without vectors.
fn plain(kind: Kind, rows: usize, depth: usize, left: Left<'_>, right: &[u32], sums: &mut Sums) {
    for row in 0..rows {
        let line = &mut sums[row];
        line.fill(0);
        for at in 0..depth {
            let factor = left.packs[row * left.down + at * left.across];
            let right = &right[at * WIDE..][..WIDE];
            for column in 0..WIDE {
                line[column] = step(kind, line[column], factor, right[column]);
            }
        }
    }
}

/// `sum + left * right` of one pack each.
#[inline(always)]
fn step(kind: Kind, sum: u32, left: u32, right: u32) -> u32 {
    let f = f32::from_bits;
    match kind {
        Kind::F32 => (f(sum) + f(left) * f(right)).to_bits(),
        Kind::Bf16 => {
            let low = f(left << 16) * f(right << 16);
            let high = f(left & 0xFFFF_0000) * f(right & 0xFFFF_0000);
            (f(sum) + low + high).to_bits()
        }
        Kind::Int8 => {
            let (left, right) = (left.to_le_bytes(), right.to_le_bytes());
            let products = (0..4).map(|at| i32::from(left[at]) * i32::from(right[at] as i8));
            (sum as i32).wrapping_add(products.sum()) as u32
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod vector {
    //! Tiles by AVX-512.
    #![expect(unsafe_code, reason = "loads by address, with instructions that were detected")]

    use std::arch::x86_64::{
        __m256bh, __m256i, __m512bh, __m512i, _mm256_storeu_si256, _mm512_castps_si512,
        _mm512_castsi512_ps, _mm512_cvtneps_pbh, _mm512_dpbf16_ps, _mm512_dpbusd_epi32,
        _mm512_fmadd_ps, _mm512_loadu_si512, _mm512_set1_epi32, _mm512_setzero_si512,
        _mm512_storeu_si512,
    };

    use super::WIDE;

    /// Numbers of a vector.
    const LANES: usize = 16;
    /// Vectors of a tile's row.
    const VECTORS: usize = WIDE / LANES;

    /// `sum + left * right`.
    trait Step {
        /// # Safety
        ///
        /// The processor has the instruction.
        unsafe fn step(sum: __m512i, left: __m512i, right: __m512i) -> __m512i;
    }

    /// What becomes of sums.
    trait Put {
        /// The number as which it is stored.
        type Stored;

        /// # Safety
        ///
        /// The processor has the instruction, and there is room for a vector.
        unsafe fn put(sums: __m512i, into: *mut Self::Stored);
    }

    /// Sums are stored as they are.
    struct AsIs;
    /// f32 sums are rounded to bfloat16.
    struct Rounded;

    impl Put for AsIs {
        type Stored = u32;

        #[inline(always)]
        unsafe fn put(sums: __m512i, into: *mut u32) {
            // SAFETY: as the trait asks.
            unsafe { _mm512_storeu_si512(into.cast(), sums) }
        }
    }

    impl Put for Rounded {
        type Stored = u16;

        #[inline(always)]
        unsafe fn put(sums: __m512i, into: *mut u16) {
            // SAFETY: as the trait asks; vectors of one size are exchanged for one another.
            unsafe {
                let rounded = _mm512_cvtneps_pbh(_mm512_castsi512_ps(sums));
                let rounded = std::mem::transmute::<__m256bh, __m256i>(rounded);
                _mm256_storeu_si256(into.cast(), rounded);
            }
        }
    }

    struct F32;
    struct Bf16;
    struct Int8;

    impl Step for F32 {
        #[inline(always)]
        unsafe fn step(sum: __m512i, left: __m512i, right: __m512i) -> __m512i {
            // SAFETY: as the trait asks.
            unsafe {
                let [sum, left, right] = [sum, left, right].map(|part| _mm512_castsi512_ps(part));
                _mm512_castps_si512(_mm512_fmadd_ps(left, right, sum))
            }
        }
    }

    impl Step for Bf16 {
        #[inline(always)]
        unsafe fn step(sum: __m512i, left: __m512i, right: __m512i) -> __m512i {
            // SAFETY: as the trait asks; vectors of one size are exchanged for one another.
            unsafe {
                let left = std::mem::transmute::<__m512i, __m512bh>(left);
                let right = std::mem::transmute::<__m512i, __m512bh>(right);
                _mm512_castps_si512(_mm512_dpbf16_ps(_mm512_castsi512_ps(sum), left, right))
            }
        }
    }

    impl Step for Int8 {
        #[inline(always)]
        unsafe fn step(sum: __m512i, left: __m512i, right: __m512i) -> __m512i {
            // SAFETY: as the trait asks.
            unsafe { _mm512_dpbusd_epi32(sum, left, right) }
        }
    }

    /// # Safety
    ///
    /// The processor has the instructions of `S` and `P`, `left` has `ROWS` rows and `right` has rows
    /// of [`WIDE`], `depth` packs deep both, and `into` has `ROWS` rows of `stride` numbers, of which
    /// [`WIDE`] may be written.
    #[inline(always)]
    unsafe fn some_rows<S: Step, P: Put, const ROWS: usize>(
        depth: usize,
        left: *const u32,
        [down, across]: [usize; 2],
        right: *const u32,
        into: *mut P::Stored,
        stride: usize,
    ) {
        // SAFETY: as the caller promises.
        unsafe {
            let mut tile = [[_mm512_setzero_si512(); VECTORS]; ROWS];
            for at in 0..depth {
                let right = right.add(at * WIDE);
                let mut vectors = [_mm512_setzero_si512(); VECTORS];
                for (number, vector) in vectors.iter_mut().enumerate() {
                    *vector = _mm512_loadu_si512(right.add(number * LANES).cast());
                }
                for row in 0..ROWS {
                    let pack = left.add(row * down + at * across).read_unaligned();
                    let factor = _mm512_set1_epi32(pack as i32);
                    for number in 0..VECTORS {
                        tile[row][number] = S::step(tile[row][number], factor, vectors[number]);
                    }
                }
            }
            for (row, vectors) in tile.into_iter().enumerate() {
                for (number, vector) in vectors.into_iter().enumerate() {
                    P::put(vector, into.add(row * stride + number * LANES));
                }
            }
        }
    }

    /// # Safety
    ///
    /// As for [`some_rows`].
    #[inline(always)]
    unsafe fn rows<S: Step, P: Put>(
        rows: usize,
        depth: usize,
        left: *const u32,
        steps: [usize; 2],
        right: *const u32,
        into: *mut P::Stored,
        stride: usize,
    ) {
        // SAFETY: as the caller promises; rows that are done are behind the pointers.
        unsafe {
            let mut done = 0;
            while done + 8 <= rows {
                let (left, into) = (left.add(done * steps[0]), into.add(done * stride));
                some_rows::<S, P, 8>(depth, left, steps, right, into, stride);
                done += 8;
            }
            if rows & 4 != 0 {
                let (left, into) = (left.add(done * steps[0]), into.add(done * stride));
                some_rows::<S, P, 4>(depth, left, steps, right, into, stride);
                done += 4;
            }
            if rows & 2 != 0 {
                let (left, into) = (left.add(done * steps[0]), into.add(done * stride));
                some_rows::<S, P, 2>(depth, left, steps, right, into, stride);
                done += 2;
            }
            if rows & 1 != 0 {
                let (left, into) = (left.add(done * steps[0]), into.add(done * stride));
                some_rows::<S, P, 1>(depth, left, steps, right, into, stride);
            }
        }
    }

    macro_rules! compiled {
        ($name:ident, $step:ty, $put:ty, $stored:ty, $features:literal) => {
            /// # Safety
            ///
            /// As for [`some_rows`].
            #[target_feature(enable = $features)]
            pub(super) unsafe fn $name(
                count: usize,
                depth: usize,
                left: *const u32,
                steps: [usize; 2],
                right: *const u32,
                into: *mut $stored,
                stride: usize,
            ) {
                // SAFETY: as the caller promises.
                unsafe { rows::<$step, $put>(count, depth, left, steps, right, into, stride) }
            }
        };
    }
    compiled!(f32, F32, AsIs, u32, "avx512f,avx512bw,avx512dq,avx512vl");
    compiled!(bf16, Bf16, AsIs, u32, "avx512f,avx512bw,avx512dq,avx512vl,avx512bf16");
    compiled!(bf16_rounded, Bf16, Rounded, u16, "avx512f,avx512bw,avx512dq,avx512vl,avx512bf16");
    compiled!(int8, Int8, AsIs, u32, "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni");
}
