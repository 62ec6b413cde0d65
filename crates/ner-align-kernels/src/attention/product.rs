//! Products of small f32 matrices: those of one head of one window.

use crate::isa::{Isa, fma};

/// A matrix by the steps from an element to its neighbours.
#[derive(Clone, Copy)]
pub(super) struct Left<'a> {
    pub(super) values: &'a [f32],
    pub(super) to_next_row: usize,
    pub(super) to_next_column: usize,
}

/// Columns of the results are whole multiples of this.
pub(super) const LANES: usize = 16;
/// Rows of the result that are computed together.
const ROWS: usize = 6;

/// Rounds up to whole vectors.
pub(super) const fn padded(columns: usize) -> usize {
    columns.next_multiple_of(LANES)
}

/// `result (+)= left * right`: `[rows, inner]` times `[inner, columns]`, where `columns`, a multiple
/// of [`LANES`], is the length of the rows of `right` and `result`.
#[inline(always)]
pub(super) fn product<I: Isa>(
    [rows, inner, columns]: [usize; 3],
    left: Left<'_>,
    right: &[f32],
    result: &mut [f32],
    adds: bool,
) {
    let right = &right[..inner * columns];
    let mut column = 0;
    while column < columns {
        if columns - column >= 2 * LANES {
            panel::<I, { 2 * LANES }>([rows, inner, columns], column, left, right, result, adds);
            column += 2 * LANES;
        } else {
            panel::<I, LANES>([rows, inner, columns], column, left, right, result, adds);
            column += LANES;
        }
    }
}

#[inline(always)]
fn panel<I: Isa, const WIDE: usize>(
    [rows, inner, columns]: [usize; 3],
    column: usize,
    left: Left<'_>,
    right: &[f32],
    result: &mut [f32],
    adds: bool,
) {
    let shape = [inner, columns];
    let mut row = 0;
    while row + ROWS <= rows {
        block::<I, WIDE, ROWS>(shape, [row, column], left, right, result, adds);
        row += ROWS;
    }
    while row + 2 <= rows {
        block::<I, WIDE, 2>(shape, [row, column], left, right, result, adds);
        row += 2;
    }
    if row < rows {
        block::<I, WIDE, 1>(shape, [row, column], left, right, result, adds);
    }
}

#[inline(always)]
fn block<I: Isa, const WIDE: usize, const TALL: usize>(
    [inner, columns]: [usize; 2],
    [row, column]: [usize; 2],
    left: Left<'_>,
    right: &[f32],
    result: &mut [f32],
    adds: bool,
) {
    if inner == 0 {
        return;
    }
    let mut sums = [[0.0_f32; WIDE]; TALL];
    let (down, across) = (left.to_next_row, left.to_next_column);
    let left = &left.values[row * down..];
    // The last element that is read; the loop then needs no checks.
    assert!((TALL - 1) * down + (inner - 1) * across < left.len(), "a matrix too short");
    assert!((inner - 1) * columns + column + WIDE <= right.len(), "a matrix too short");
    for at in 0..inner {
        let start = at * columns + column;
        let right: &[f32] = &right[start..start + WIDE];
        for line in 0..TALL {
            let factor = left[line * down + at * across];
            for lane in 0..WIDE {
                sums[line][lane] = fma::<I>(factor, right[lane], sums[line][lane]);
            }
        }
    }
    for line in 0..TALL {
        let start = (row + line) * columns + column;
        let result = &mut result[start..start + WIDE];
        for lane in 0..WIDE {
            let sum = sums[line][lane];
            result[lane] = if adds { result[lane] + sum } else { sum };
        }
    }
}
