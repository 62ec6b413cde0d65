//! Windows by their lengths, for a GPU.
//!
//! Rows stay packed, for operations that take windows of any lengths. Where there are none, rows are padded and
//! unpadded by whole rows, so that nothing is added up on the way back: the gradient of a copy to places is a
//! selection of these, and that of a selection of each row once is added to zeros.

use tch::{Kind, Tensor};

use crate::error::Result;
use crate::kernels::{Attention, Spans};

/// Windows of packed rows, each row with so many vectors for each head.
#[derive(Debug)]
pub(crate) struct Windows {
    /// The first row of each window, and the end of the last, i32.
    starts: Tensor,
    /// The place of each row among those of the rectangle, `[rows]`.
    places: Tensor,
    windows: i64,
    longest: i64,
    rows: i64,
    parts: i64,
    heads: i64,
    /// What computes attention over packed rows; `None`: they are padded.
    attention: Option<Attention>,
}

/// The length that a rectangle has: torch's fast kernels take masks whose rows are a multiple of 8 long.
pub(crate) const fn rounded(longest: i64) -> i64 {
    (longest + 7) / 8 * 8
}

/// The place of each row in a rectangle of windows that is as wide as the longest, rounded.
pub(crate) fn places(lengths: &[i64]) -> Vec<i64> {
    let wide = rounded(lengths.iter().copied().max().unwrap_or(0));
    let of = |(window, length): (i64, &i64)| window * wide..window * wide + length;
    (0..).zip(lengths).flat_map(of).collect()
}

impl Windows {
    /// For windows with so many rows each. `starts` is that of the windows, `places` [`places`] of them.
    pub(crate) fn new(
        [starts, places]: [&Tensor; 2],
        lengths: &[i64],
        parts: i64,
        heads: i64,
        attention: Option<Attention>,
    ) -> Result<Self> {
        Ok(Self {
            starts: starts.f_to_kind(Kind::Int)?,
            places: places.shallow_clone(),
            windows: lengths.len() as i64,
            longest: lengths.iter().copied().max().unwrap_or(0),
            rows: lengths.iter().sum(),
            parts,
            heads,
            attention,
        })
    }

    /// What attention over packed rows goes by.
    pub(crate) const fn spans(&self) -> Spans<'_> {
        Spans { starts: &self.starts, longest: self.longest }
    }

    /// `[rows, parts heads width]` to `[rows, heads, width]` for each part; padded, to
    /// `[windows, heads, longest, width]` with zeros behind each window.
    pub(crate) fn fill(&self, packed: &Tensor) -> Result<Vec<Tensor>> {
        let (parts, heads) = (self.parts, self.heads);
        if self.attention.is_some() {
            return Ok(packed.f_view([self.rows, parts, heads, -1])?.f_unbind(1)?);
        }
        let (longest, width) = (rounded(self.longest), packed.size()[1]);
        let places = [self.windows * longest, width];
        let holes = Tensor::f_zeros(places, (packed.kind(), packed.device()))?;
        let padded = holes.f_index_copy(0, &self.places, packed)?;
        let width = width / (parts * heads);
        let padded = padded.f_view([self.windows, longest, parts, heads, width])?;
        Ok(padded.f_permute([2, 0, 3, 1, 4])?.f_unbind(0)?)
    }

    /// `[rows, heads, width]`, or padded `[windows, heads, longest, width]`, to `[rows, heads width]`.
    pub(crate) fn pack(&self, attended: &Tensor) -> Result<Tensor> {
        if self.attention.is_some() {
            return Ok(attended.f_reshape([self.rows, -1])?);
        }
        let places = [self.windows * rounded(self.longest), -1];
        let padded = attended.f_transpose(1, 2)?.f_reshape(places)?;
        Ok(padded.f_index_select(0, &self.places)?)
    }
}
