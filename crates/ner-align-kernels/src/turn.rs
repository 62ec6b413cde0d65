//! Squares that are transposed in registers.

/// Rows and columns of a square: the lanes of a vector.
pub(crate) const SIDE: usize = 16;

/// Transposes a square by exchanging ever smaller blocks.
#[inline(always)]
pub(crate) fn turn<V: Copy>(square: &mut [[V; SIDE]; SIDE]) {
    exchange::<8, V>(square);
    exchange::<4, V>(square);
    exchange::<2, V>(square);
    exchange::<1, V>(square);
}

/// In each block of twice this size, exchanges the upper right quarter with the lower left one.
#[inline(always)]
fn exchange<const HALF: usize, V: Copy>(square: &mut [[V; SIDE]; SIDE]) {
    // Written out: a loop over pairs is not always unrolled, and then the square goes to memory.
    pair::<HALF, 0, V>(square);
    pair::<HALF, 1, V>(square);
    pair::<HALF, 2, V>(square);
    pair::<HALF, 3, V>(square);
    pair::<HALF, 4, V>(square);
    pair::<HALF, 5, V>(square);
    pair::<HALF, 6, V>(square);
    pair::<HALF, 7, V>(square);
}

/// One pair of rows that are `HALF` apart.
#[inline(always)]
fn pair<const HALF: usize, const NUMBER: usize, V: Copy>(square: &mut [[V; SIDE]; SIDE]) {
    let upper = const { NUMBER / HALF * 2 * HALF + NUMBER % HALF };
    let lower = upper + HALF;
    let (above, below) = (square[upper], square[lower]);
    let (mut left, mut right) = (above, below);
    for lane in 0..SIDE {
        left[lane] = if lane & HALF == 0 { above[lane] } else { below[lane ^ HALF] };
        right[lane] = if lane & HALF == 0 { above[lane ^ HALF] } else { below[lane] };
    }
    square[upper] = left;
    square[lower] = right;
}
