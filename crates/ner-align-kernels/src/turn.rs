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
    for upper in 0..SIDE {
        if upper & HALF != 0 {
            continue;
        }
        let lower = upper + HALF;
        let (above, below) = (square[upper], square[lower]);
        for lane in 0..SIDE {
            square[upper][lane] = if lane & HALF == 0 { above[lane] } else { below[lane ^ HALF] };
            square[lower][lane] = if lane & HALF == 0 { above[lane ^ HALF] } else { below[lane] };
        }
    }
}
