//! Matrices of 8-bit integers for prediction.

use std::collections::HashMap;
use std::sync::Arc;

use ner_align_kernels::{
    Finish, IntegerMatrix, IntegerRows, RowScale, dequantize, quantize_rows, totals,
};
use tch::Tensor;

use super::matrix::{Matrix, Number};
use super::plan::{LayerPlan, Plan};
use crate::error::Result;
use crate::faster;
use crate::integers::to_integers;
use crate::memory::{Stored, slice};

/// A matrix that libtorch multiplies by.
#[derive(Debug)]
pub(super) struct ForLibtorch {
    /// `[inputs, outputs]`
    integers: Tensor,
    /// `[outputs]`
    scales: Arc<[f32]>,
    /// The sums of the integers of each output, `[outputs]`.
    totals: Arc<[i32]>,
}

/// A matrix as integers, with a scale for each of its outputs.
#[derive(Debug)]
pub(super) enum Quantized {
    /// For kernels of our own.
    Own(Arc<IntegerMatrix>),
    Libtorch(ForLibtorch),
}

impl Quantized {
    /// Rounds a matrix `[outputs, inputs]`.
    fn of(matrix: &Tensor) -> Result<Self> {
        let (integers, scales) = to_integers(matrix)?;
        let inner = matrix.size().get(1).map_or(0, |&columns| columns as usize);
        if faster::by_own_integers() {
            let scales = slice::<f32>(&scales).to_vec();
            if let Some(matrix) = IntegerMatrix::new(inner, slice::<i8>(&integers), scales) {
                return Ok(Self::Own(Arc::new(matrix)));
            }
        }
        let totals = totals(inner, slice::<i8>(&integers)).into();
        let scales = slice::<f32>(&scales).into();
        let integers = integers.f_tr()?.f_contiguous()?;
        Ok(Self::Libtorch(ForLibtorch { integers, scales, totals }))
    }

    fn handle(&self) -> Self {
        match self {
            Self::Own(matrix) => Self::Own(Arc::clone(matrix)),
            Self::Libtorch(ForLibtorch { integers, scales, totals }) => {
                Self::Libtorch(ForLibtorch {
                    integers: integers.shallow_clone(),
                    scales: Arc::clone(scales),
                    totals: Arc::clone(totals),
                })
            }
        }
    }
}

/// An encoder's matrices as integers, by where they begin.
#[derive(Debug, Default)]
pub(crate) struct Integers(HashMap<usize, Quantized>);

impl Integers {
    /// Rounds the matrices of all layers.
    pub(super) fn of(
        plan: &Plan,
        matrix: impl Fn(usize, usize, usize) -> Result<Tensor>,
    ) -> Result<Self> {
        let (hidden, wide) = (plan.hidden, plan.wide);
        let mut all = HashMap::new();
        for (number, layer) in plan.layers.iter().enumerate() {
            let LayerPlan { query_key_value, attention_output, intermediate, output, .. } = layer;
            let start = query_key_value.matrix;
            let mut add = |start, outputs, inputs| -> Result<()> {
                all.insert(start, Quantized::of(&matrix(start, outputs, inputs)?)?);
                Ok(())
            };
            if number + 1 == plan.layers.len() {
                // Queries are those of the rows to classify alone.
                add(start, hidden, hidden)?;
                add(start + hidden * hidden, 2 * hidden, hidden)?;
            } else {
                add(start, 3 * hidden, hidden)?;
            }
            add(attention_output.matrix, hidden, hidden)?;
            add(intermediate.matrix, wide, hidden)?;
            add(output.matrix, hidden, wide)?;
        }
        Ok(Self(all))
    }

    pub(super) fn handle(&self) -> Self {
        Self(self.0.iter().map(|(&start, matrix)| (start, matrix.handle())).collect())
    }

    /// True if libtorch multiplies by some of them.
    pub(super) fn by_libtorch(&self) -> bool {
        self.0.values().any(|matrix| matches!(matrix, Quantized::Libtorch(..)))
    }

    /// The matrix that begins there, if it is one of integers.
    pub(super) fn get(&self, start: usize) -> Option<&Quantized> {
        self.0.get(&start)
    }
}

/// Memory for products of integers.
#[derive(Debug, Default)]
pub(super) struct IntegerSpace {
    rows: IntegerRows,
    left: Vec<(usize, Matrix<i8>)>,
    sums: Vec<(usize, Matrix<i32>)>,
    scales: Vec<RowScale>,
}

impl IntegerSpace {
    /// `result = left * right^T`, finished, by a kernel of our own; false if the matrix is not for it.
    pub(super) fn own<T: Number>(
        &mut self,
        rows: usize,
        left: &Matrix<T>,
        right: &Quantized,
        finish: Finish<'_>,
        result: &mut Matrix<T>,
    ) -> bool {
        let Quantized::Own(matrix) = right else { return false };
        self.rows.round(left.columns(), left.rows(rows));
        matrix.product(&self.rows, finish, result.rows_mut(rows));
        true
    }

    /// `result = left * right^T` by libtorch, `[rows, outputs]`.
    pub(super) fn times_transposed<T: Number>(
        &mut self,
        rows: usize,
        left: &Matrix<T>,
        right: &Quantized,
        result: &mut Matrix<T>,
    ) -> Result<()> {
        let Quantized::Libtorch(right) = right else { return Ok(()) };
        let Self { left: lefts, sums, scales, .. } = self;
        let integers = of_width(lefts, left.columns(), rows)?;
        let sums = of_width(sums, result.columns(), rows)?;
        scales.resize(scales.len().max(rows), RowScale::default());
        quantize_rows(left.columns(), left.rows(rows), integers.rows_mut(rows), scales);
        let _ = integers.view(rows)?.f_internal_int_mm_out(&sums.view(rows)?, &right.integers)?;
        let ForLibtorch { scales: of_columns, totals, .. } = right;
        dequantize(sums.rows(rows), scales, of_columns, totals, result.rows_mut(rows));
        Ok(())
    }
}

/// The matrix of this many columns, with room for these rows.
fn of_width<T: Stored>(
    all: &mut Vec<(usize, Matrix<T>)>,
    columns: usize,
    rows: usize,
) -> Result<&mut Matrix<T>> {
    let at = match all.iter().position(|(width, _)| *width == columns) {
        Some(at) => at,
        None => {
            all.push((columns, Matrix::new(columns)?));
            all.len() - 1
        }
    };
    let matrix = &mut all[at].1;
    matrix.reserve(rows)?;
    Ok(matrix)
}
