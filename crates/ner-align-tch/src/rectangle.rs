//! Windows as a rectangle by indices, for a processor.

use tch::{Device, Tensor};

use crate::error::Result;

/// How rows of windows, packed one after another, are placed in a rectangle.
#[derive(Debug)]
pub(crate) struct Rectangle {
    /// For each row of `[parts, windows, heads, longest]`, the row of `[rows, parts, heads]` that
    /// belongs there.
    to_rectangle: Tensor,
    /// For each row of `[rows, heads]`, the row of `[windows, heads, longest]` that belongs there.
    to_packed: Tensor,
    parts: i64,
    windows: i64,
    longest: i64,
    heads: i64,
}

impl Rectangle {
    /// For windows with so many rows each, each row with so many vectors for each head.
    pub(crate) fn new(lengths: &[i64], parts: i64, heads: i64, device: Device) -> Result<Self> {
        let (windows, total) = (lengths.len() as i64, lengths.iter().sum::<i64>());
        let longest = lengths.iter().copied().max().unwrap_or(0);
        let mut there = Vec::with_capacity((parts * windows * heads * longest) as usize);
        for part in 0..parts {
            let mut start = 0;
            for &length in lengths {
                // A hole has a copy of another row, which is never used.
                let last = (start + length.max(1)).min(total) - 1;
                for head in 0..heads {
                    let row = |at: i64| ((start + at).min(last) * parts + part) * heads + head;
                    there.extend((0..longest).map(row));
                }
                start += length;
            }
        }
        let mut back = Vec::with_capacity((total * heads) as usize);
        for (window, &length) in (0..).zip(lengths) {
            for at in 0..length {
                back.extend((0..heads).map(|head| (window * heads + head) * longest + at));
            }
        }
        Ok(Self {
            to_rectangle: Tensor::f_from_slice(&there)?.f_to_device(device)?,
            to_packed: Tensor::f_from_slice(&back)?.f_to_device(device)?,
            parts,
            windows,
            longest,
            heads,
        })
    }

    /// `[rows, parts heads width]` to `[windows, heads, longest, width]` for each part. Holes
    /// have copies of other rows.
    pub(crate) fn fill(&self, packed: &Tensor) -> Result<Vec<Tensor>> {
        let width = packed.size()[1] / (self.parts * self.heads);
        let rows = packed.f_reshape([-1, width])?.f_index_select(0, &self.to_rectangle)?;
        // Not selected one by one: each selection would have a gradient of the whole.
        Ok(rows.f_view([self.parts, self.windows, self.heads, self.longest, width])?.f_unbind(0)?)
    }

    /// `[windows, heads, longest, width]` to `[rows, heads width]`.
    pub(crate) fn pack(&self, rectangle: &Tensor) -> Result<Tensor> {
        let width = rectangle.size()[3];
        let rows = rectangle.f_reshape([-1, width])?.f_index_select(0, &self.to_packed)?;
        Ok(rows.f_view([-1, self.heads * width])?)
    }
}
