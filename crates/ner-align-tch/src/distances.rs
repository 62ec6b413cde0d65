//! How far apart queries and keys are in their windows, for attention that asks.

use ner_align_core::Batch;
use tch::{Kind, Tensor};

use crate::error::Result;

/// Which subtokens of a batch ask, as attention has them in a rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Queries {
    /// All of them.
    All,
    /// Those to classify.
    Rows,
}

/// Places of subtokens in windows, and the rows of a table for the distances between them.
#[derive(Debug)]
pub(crate) struct Distances {
    /// The place in its window of each query; 0 in a hole, so that it has a neighbour.
    all: Tensor,
    rows: Tensor,
    /// Keys of each window, with holes.
    longest: i64,
    /// The rows of a table of relative positions that the distances need.
    pub(crate) table: Option<TableRows>,
}

/// Neighbouring rows of a table of relative positions, and which of them each distance has.
#[derive(Debug)]
pub(crate) struct TableRows {
    pub(crate) first: i64,
    pub(crate) count: i64,
    /// For each distance from `1 - longest` to `longest - 1`, a number below `count`.
    pub(crate) of_distances: Tensor,
}

impl TableRows {
    /// From the row for each distance, and the same less the first one on the device.
    pub(crate) fn new(rows: &[i64], of_distances: Tensor) -> Option<Self> {
        let (first, last) = (*rows.first()?, *rows.last()?);
        Some(Self { first, count: last - first + 1, of_distances })
    }
}

impl Distances {
    /// `rows` has the place of each row to classify, [`places_of_rows`]; `wide` keys are in a window.
    pub(crate) fn new(
        lengths: &Tensor,
        rows: &Tensor,
        wide: i64,
        table: Option<TableRows>,
    ) -> Result<Self> {
        let windows = lengths.size()[0];
        let places = Tensor::f_arange(wide, (Kind::Int64, lengths.device()))?;
        let holes = places.f_ge_tensor(&lengths.f_unsqueeze(1)?)?;
        let all = places.f_expand([windows, wide], false)?.f_masked_fill(&holes, 0)?;
        let rows = rows.f_reshape([windows, rows.numel() as i64 / windows.max(1)])?;
        Ok(Self { all, rows, longest: wide, table })
    }

    /// Places between a query and a key of its window, `[windows, queries, longest]`; positive if the
    /// key comes first.
    pub(crate) fn of(&self, queries: Queries) -> Result<Tensor> {
        let places = match queries {
            Queries::All => &self.all,
            Queries::Rows => &self.rows,
        };
        let keys = Tensor::f_arange(self.longest, (Kind::Int64, places.device()))?;
        Ok(places.f_unsqueeze(2)?.f_sub(&keys)?)
    }

    /// The largest distance.
    pub(crate) const fn farthest(&self) -> i64 {
        self.longest - 1
    }

    /// To add to scores: 0 where query and key are at most `reach` apart, -inf elsewhere,
    /// `[windows, 1, queries, longest]`.
    pub(crate) fn neighbours(&self, queries: Queries, reach: i64, kind: Kind) -> Result<Tensor> {
        let far = self.of(queries)?.f_abs()?.f_gt(reach)?;
        let zeros = Tensor::f_zeros_like(&far)?.f_to_kind(kind)?;
        Ok(zeros.f_masked_fill(&far, f64::NEG_INFINITY)?.f_unsqueeze(1)?)
    }
}

/// The place in its window of each row to classify, window by window, with 0 up to `wide` rows.
pub(crate) fn places_of_rows(batch: &Batch, wide: i64) -> Vec<i64> {
    let mut places = Vec::new();
    let mut rows = batch.rows.iter().peekable();
    for bounds in batch.boundaries.windows(2) {
        let end = places.len() + wide as usize;
        while let Some(row) = rows.next_if(|row| **row < bounds[1]) {
            places.push((row - bounds[0]) as i64);
        }
        places.resize(end, 0);
    }
    places
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;

    #[test]
    fn holes_have_neighbours_and_rows_their_places() {
        let batch = Batch {
            input_ids: vec![5; 6],
            boundaries: vec![0, 4, 5, 6],
            rows: vec![1, 3, 5],
            targets: vec![0; 3],
        };
        assert_eq!(places_of_rows(&batch, 2), [1, 3, 0, 0, 0, 0]);
        let rows = Tensor::from_slice(&places_of_rows(&batch, 2));
        let distances =
            Distances::new(&Tensor::from_slice(&[4_i64, 1, 1]), &rows, 4, None).unwrap();
        let numbers = |tensor: Tensor| Vec::<i64>::try_from(tensor.reshape([-1])).unwrap();
        let of = |queries| numbers(distances.of(queries).unwrap().get(0));
        assert_eq!(of(Queries::All), [0, -1, -2, -3, 1, 0, -1, -2, 2, 1, 0, -1, 3, 2, 1, 0]);
        assert_eq!(of(Queries::Rows), [1, 0, -1, -2, 3, 2, 1, 0]);
        for queries in [Queries::All, Queries::Rows] {
            let near = distances.neighbours(queries, 1, Kind::Float).unwrap();
            assert_eq!(near.device(), Device::Cpu);
            let seen = near.isfinite().sum_dim_intlist([3_i64].as_slice(), false, Kind::Int64);
            let least = seen.min().int64_value(&[]);
            assert_eq!((least, seen.max().int64_value(&[])), (2, 3), "{queries:?}");
        }
    }
}
