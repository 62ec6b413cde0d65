//! Matrix products on one thread, in memory that the caller keeps.
//!
//! The loops are those of Goto and van de Geijn (2008): a panel of the right matrix is packed so that
//! vectors of it are loaded one after another, and tiles of the result stay in registers until they
//! are complete. Numbers are packed to 32 bits: one f32, two bfloat16, four 8-bit integers.

mod float;
mod integer;
mod pack;
mod tile;

pub use float::{Factor, Multiplied, product};
pub use integer::{IntegerMatrix, IntegerRows};

use crate::activation::{Activation, activate_row};
use crate::element::Element;
use crate::isa::Isa;

/// Columns of a panel, and of a tile.
const WIDE: usize = 48;
/// Rows of a tile.
const TALL: usize = 8;

/// Memory that products use again.
#[derive(Debug, Default)]
pub struct ProductSpace {
    left: Vec<u32>,
    right: Vec<u32>,
}

/// What becomes of a product before it is stored.
#[derive(Debug, Clone, Copy)]
pub enum Finish<'a> {
    /// Nothing.
    Stored,
    /// An activation of it and a bias, `[columns]`.
    Activated(Activation, &'a [f32]),
}

impl Finish<'_> {
    /// The same for some of the columns.
    fn of_columns(self, columns: std::ops::Range<usize>) -> Self {
        match self {
            Self::Stored => Self::Stored,
            Self::Activated(curve, bias) => Self::Activated(curve, &bias[columns]),
        }
    }

    /// Finishes a row of sums and writes it.
    #[inline(always)]
    fn write<I: Isa, T: Element>(self, sums: impl Fn(usize) -> f32, places: &mut [T]) {
        match self {
            Finish::Stored => {
                for at in 0..places.len() {
                    places[at] = T::from_f32(sums(at));
                }
            }
            Finish::Activated(curve, bias) => activate_row::<I, T>(curve, bias, sums, places),
        }
    }
}
