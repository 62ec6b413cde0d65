//! Products of f32 and bfloat16 matrices.

use super::pack::{Packed, panel_of_columns, panel_of_rows};
use super::tile::{Kind, Left, Sums, Target, has_instructions, multiply};
use super::{Finish, ProductSpace, TALL, WIDE};
use crate::element::{Bf16, Element};
use crate::isa::{Isa, kernel};

/// A type that matrices are multiplied in; sums are f32.
pub trait Multiplied: Element + Packed {
    /// True if [`product`] is compiled for this processor's instructions.
    #[must_use]
    fn is_fast() -> bool {
        has_instructions(Self::kind())
    }

    #[doc(hidden)]
    fn kind() -> Kind;

    /// Rows of a matrix of this many columns, to fill without a tile of sums.
    #[doc(hidden)]
    fn target(matrix: &mut [Self], columns: usize) -> Target<'_>;
}

impl Packed for f32 {
    const PER: usize = 1;

    #[inline(always)]
    fn bits(self) -> u32 {
        self.to_bits()
    }

    #[inline(always)]
    fn packs(numbers: &[Self]) -> Option<&[u32]> {
        #[expect(unsafe_code, reason = "the same bits under another name")]
        // SAFETY: both types have one size and alignment, and every pattern of bits is an integer.
        Some(unsafe { std::slice::from_raw_parts(numbers.as_ptr().cast(), numbers.len()) })
    }
}

impl Packed for Bf16 {
    const PER: usize = 2;

    #[inline(always)]
    fn bits(self) -> u32 {
        u32::from(self.0)
    }

    #[inline(always)]
    fn packs(numbers: &[Self]) -> Option<&[u32]> {
        #[expect(unsafe_code, reason = "the same bits under another name")]
        // SAFETY: every pattern of bits is an integer; a slice that is not aligned has a prefix.
        let (before, packs, _) = unsafe { numbers.align_to::<u32>() };
        (before.is_empty() && cfg!(target_endian = "little")).then_some(packs)
    }
}

impl Multiplied for f32 {
    fn kind() -> Kind {
        Kind::F32
    }

    fn target(matrix: &mut [Self], columns: usize) -> Target<'_> {
        Target::F32(matrix, columns)
    }
}

impl Multiplied for Bf16 {
    fn kind() -> Kind {
        Kind::Bf16
    }

    fn target(matrix: &mut [Self], columns: usize) -> Target<'_> {
        Target::Bf16(matrix, columns)
    }
}

/// One side of a product, in rows.
#[derive(Debug, Clone, Copy)]
pub enum Factor<'a, T> {
    /// The matrix itself.
    Itself(&'a [T]),
    /// Its transpose.
    Transposed(&'a [T]),
}

/// `result = left * right`: `[rows, inner]` times `[inner, columns]`.
///
/// ```
/// use ner_align_kernels::{Factor, Finish, ProductSpace, product};
/// let left = [1.0, 2.0, 3.0, 4.0_f32];
/// // In rows of its transpose, as a linear map keeps its weight.
/// let right = [5.0, 6.0, 7.0, 8.0];
/// let mut result = [0.0; 4];
/// let mut space = ProductSpace::default();
/// let (left, right) = (Factor::Itself(&left), Factor::Transposed(&right));
/// product([2, 2, 2], left, right, Finish::Stored, &mut result, &mut space);
/// assert_eq!(result, [17.0, 23.0, 39.0, 53.0]);
/// ```
///
/// # Panics
///
/// If a matrix is too short for its shape.
pub fn product<T: Multiplied>(
    [rows, inner, columns]: [usize; 3],
    left: Factor<'_, T>,
    right: Factor<'_, T>,
    finish: Finish<'_>,
    result: &mut [T],
    space: &mut ProductSpace,
) {
    let ProductSpace { left: left_packs, right: panel } = space;
    let depth = inner.div_ceil(T::PER);
    let left = match left {
        Factor::Itself(matrix) => {
            let matrix = &matrix[..rows * inner];
            let whole = if inner.is_multiple_of(T::PER) { T::packs(matrix) } else { None };
            let packs = whole.unwrap_or_else(|| packed_rows(rows, inner, matrix, left_packs));
            Left { packs, down: depth, across: 1 }
        }
        Factor::Transposed(matrix) => {
            let room = room(left_packs, rows.div_ceil(WIDE) * depth * WIDE);
            for (number, panel) in room.chunks_exact_mut((depth * WIDE).max(1)).enumerate() {
                panel_of_columns(rows, number * WIDE, &matrix[..inner * rows], panel);
            }
            Left { packs: room, down: 1, across: WIDE }
        }
    };
    // Where the packs of a row begin.
    let start = |row: usize| match left.across {
        1 => row * depth,
        _ => row / WIDE * depth * WIDE + row % WIDE,
    };
    let panel = room(panel, depth * WIDE);
    for first in (0..columns).step_by(WIDE) {
        let some = WIDE.min(columns - first);
        match right {
            Factor::Itself(matrix) => {
                panel_of_columns(columns, first, &matrix[..inner * columns], panel);
            }
            Factor::Transposed(matrix) => {
                panel_of_rows(inner, &matrix[first * inner..(first + some) * inner], panel);
            }
        }
        let finish = finish.of_columns(first..first + some);
        let packed: &[u32] = panel;
        for row in (0..rows).step_by(WIDE) {
            let tall = WIDE.min(rows - row);
            ahead(right, [rows, inner, columns], [row, first + WIDE]);
            let left = Left { packs: &left.packs[start(row)..], ..left };
            let result = &mut result[row * columns + first..];
            let whole = some == WIDE && matches!(finish, Finish::Stored);
            let direct =
                |result| multiply(T::kind(), tall, depth, left, packed, T::target(result, columns));
            if !whole || !direct(result) {
                by_sums(tall, depth, left, packed, finish, result, [some, columns]);
            }
        }
    }
}

/// Bytes of a line of a cache.
const LINE: usize = 64;

/// Asks for a share of the columns of `right` from `first` on, which the next panel is packed from:
/// the weights of a model are in no cache when their turn comes.
fn ahead<T: Multiplied>(
    right: Factor<'_, T>,
    [rows, inner, columns]: [usize; 3],
    [row, first]: [usize; 2],
) {
    if first >= columns {
        return;
    }
    let some = WIDE.min(columns - first);
    let share = |whole: usize| {
        let part = |row: usize| whole * row.min(rows) / rows;
        part(row)..part(row + WIDE)
    };
    let step = LINE / size_of::<T>();
    match right {
        Factor::Itself(matrix) => {
            for line in share(inner) {
                for at in (0..some).step_by(step) {
                    prefetch(&matrix[line * columns + first + at]);
                }
            }
        }
        Factor::Transposed(matrix) => {
            for at in share(some * inner).step_by(step) {
                prefetch(&matrix[first * inner + at]);
            }
        }
    }
}

/// Asks for what a place in memory holds.
#[inline(always)]
fn prefetch<T>(place: &T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        #[expect(unsafe_code, reason = "an instruction that nothing else stands for")]
        // SAFETY: every x86-64 processor has the instruction, which changes nothing but caches.
        unsafe {
            _mm_prefetch::<_MM_HINT_T1>(std::ptr::from_ref(place).cast());
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}

/// Fills some columns of rows of `result` tile by tile.
fn by_sums<T: Multiplied>(
    rows: usize,
    depth: usize,
    left: Left<'_>,
    right: &[u32],
    finish: Finish<'_>,
    result: &mut [T],
    [some, columns]: [usize; 2],
) {
    let mut sums: Sums = [[0; WIDE]; TALL];
    for row in (0..rows).step_by(TALL) {
        let tall = TALL.min(rows - row);
        let left = Left { packs: &left.packs[row * left.down..], ..left };
        multiply(T::kind(), tall, depth, left, right, Target::Sums(&mut sums));
        store(&sums[..tall], finish, columns, some, &mut result[row * columns..]);
    }
}

/// Rows whose packs are not in place.
fn packed_rows<'a, T: Packed>(
    rows: usize,
    inner: usize,
    matrix: &[T],
    packs: &'a mut Vec<u32>,
) -> &'a [u32] {
    let depth = inner.div_ceil(T::PER);
    let packs = room(packs, rows * depth);
    for (packs, row) in packs.chunks_exact_mut(depth.max(1)).zip(matrix.chunks_exact(inner.max(1)))
    {
        for (pack, numbers) in packs.iter_mut().zip(row.chunks(T::PER)) {
            *pack = 0;
            for (number, value) in numbers.iter().enumerate() {
                *pack |= value.bits() << (number * 32 / T::PER);
            }
        }
    }
    packs
}

/// The first packs of a vector, which grows if needed.
fn room(vector: &mut Vec<u32>, len: usize) -> &mut [u32] {
    if vector.len() < len {
        vector.resize(len, 0);
    }
    &mut vector[..len]
}

kernel! {
    /// Writes a tile's rows of sums to a matrix of this many columns.
    pub(super) fn store<T: Element>(
        sums: &[[u32; WIDE]],
        finish: Finish<'_>,
        stride: usize,
        columns: usize,
        result: &mut [T],
    ) = store_body
}

#[inline(always)]
fn store_body<I: Isa, T: Element>(
    sums: &[[u32; WIDE]],
    finish: Finish<'_>,
    stride: usize,
    columns: usize,
    result: &mut [T],
) {
    for (row, sums) in sums.iter().enumerate() {
        let result = &mut result[row * stride..][..columns];
        let sum = |at: usize| f32::from_bits(sums[at]);
        // Full tiles are loops of a constant length.
        match result.first_chunk_mut::<WIDE>() {
            Some(result) => finish.write::<I, T>(sum, result),
            None => finish.write::<I, T>(sum, result),
        }
    }
}
