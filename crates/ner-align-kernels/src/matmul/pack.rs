//! Numbers as packs of 32 bits, in the order in which tiles read them.

use super::WIDE;
use crate::isa::{Isa, kernel};
use crate::turn::{SIDE, turn};

/// A number of which so many fill a pack.
pub trait Packed: Copy + 'static {
    /// Numbers of a pack.
    const PER: usize;

    /// A number's bits, the lowest.
    fn bits(self) -> u32;

    /// Contiguous numbers as packs, where this takes no copy.
    fn packs(numbers: &[Self]) -> Option<&[u32]>;
}

impl Packed for i8 {
    const PER: usize = 4;

    #[inline(always)]
    fn bits(self) -> u32 {
        u32::from(self as u8)
    }

    fn packs(_: &[Self]) -> Option<&[u32]> {
        None
    }
}

/// The pack of numbers `at` and following of a row, zeros behind its end.
#[inline(always)]
fn pack_of<T: Packed>(row: &[T], at: usize) -> u32 {
    let mut pack = 0;
    for number in 0..T::PER {
        let bits = row.get(at * T::PER + number).map_or(0, |value| value.bits());
        pack |= bits << (number * 32 / T::PER);
    }
    pack
}

kernel! {
    /// Packs some rows of a matrix `[columns, inner]`, of which a product takes the transpose, to a
    /// panel `[depth, WIDE]` with zeros behind.
    pub(super) fn panel_of_rows<T: Packed>(inner: usize, rows: &[T], panel: &mut [u32]) = rows_body
}

kernel! {
    /// Packs the columns of a matrix `[inner, stride]` from one on, as many as there are and fit, to a
    /// panel `[depth, WIDE]` with zeros behind.
    pub(super) fn panel_of_columns<T: Packed>(
        stride: usize,
        first: usize,
        matrix: &[T],
        panel: &mut [u32],
    ) = columns_body
}

#[inline(always)]
fn rows_body<I: Isa, T: Packed>(inner: usize, rows: &[T], panel: &mut [u32]) {
    let depth = inner.div_ceil(T::PER);
    let count = rows.len() / inner.max(1);
    let whole = if inner.is_multiple_of(T::PER) { T::packs(rows) } else { None };
    let mut done = 0;
    if let Some(packs) = whole {
        // Squares of packs are turned in registers.
        done = depth - depth % SIDE;
        for first in (0..WIDE).step_by(SIDE) {
            for at in (0..done).step_by(SIDE) {
                let mut square = [[0_u32; SIDE]; SIDE];
                for (line, square) in
                    square.iter_mut().enumerate().take(count.saturating_sub(first))
                {
                    // By value: a copy of unknown length would be a call.
                    if let Some(packs) = packs[(first + line) * depth + at..].first_chunk() {
                        *square = *packs;
                    }
                }
                turn(&mut square);
                for (line, square) in square.iter().enumerate() {
                    if let Some(into) = panel[(at + line) * WIDE + first..].first_chunk_mut() {
                        *into = *square;
                    }
                }
            }
        }
    }
    for at in done..depth {
        let line = &mut panel[at * WIDE..][..WIDE];
        for (column, pack) in line.iter_mut().enumerate() {
            let row = rows.get(column * inner..(column + 1) * inner);
            *pack = row.map_or(0, |row| pack_of(row, at));
        }
    }
}

#[inline(always)]
fn columns_body<I: Isa, T: Packed>(stride: usize, first: usize, matrix: &[T], panel: &mut [u32]) {
    let (lines, _) = panel.as_chunks_mut::<WIDE>();
    for (line, rows) in lines.iter_mut().zip(matrix.chunks(stride * T::PER)) {
        // The rows of a pack, which most of the time are as long as the panel is wide.
        let mut parts = [[].as_slice(); 4];
        for (part, row) in parts.iter_mut().zip(rows.chunks_exact(stride)) {
            *part = &row[first..stride.min(first + WIDE)];
        }
        match parts.map(|part| part.first_chunk::<WIDE>()) {
            [Some(one), None, ..] if T::PER == 1 => {
                for at in 0..WIDE {
                    line[at] = one[at].bits();
                }
            }
            [Some(one), Some(other), ..] if T::PER == 2 => {
                for at in 0..WIDE {
                    line[at] = one[at].bits() | other[at].bits() << 16;
                }
            }
            _ => {
                for (at, pack) in line.iter_mut().enumerate() {
                    let bits = |part: &[T]| part.get(at).map_or(0, |value| value.bits());
                    *pack = 0;
                    for (number, part) in parts.iter().enumerate().take(T::PER) {
                        *pack |= bits(part) << (number * 32 / T::PER);
                    }
                }
            }
        }
    }
}
