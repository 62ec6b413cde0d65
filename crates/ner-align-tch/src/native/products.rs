//! Matrix products of libtorch into memory that is kept.

use tch::Tensor;

use super::matrix::{Matrix, Stored};
use crate::error::Result;

/// `result = left * right^T`: `[rows, inputs]` times `[outputs, inputs]`.
pub(super) fn times_transposed<T: Stored>(
    rows: usize,
    left: &Matrix<T>,
    right: &Tensor,
    result: &mut Matrix<T>,
) -> Result<()> {
    let result = result.view(rows)?;
    let _ = left.view(rows)?.f_mm_out(&result, &right.f_tr()?)?;
    Ok(())
}

/// `result = left * right`: `[rows, outputs]` times `[outputs, inputs]`.
pub(super) fn times<T: Stored>(
    rows: usize,
    left: &Matrix<T>,
    right: &Tensor,
    result: &mut Matrix<T>,
) -> Result<()> {
    let result = result.view(rows)?;
    let _ = left.view(rows)?.f_mm_out(&result, right)?;
    Ok(())
}

/// `result = left^T * right`: `[rows, outputs]` and `[rows, inputs]` to `[outputs, inputs]`.
pub(super) fn transposed_times<T: Stored>(
    rows: usize,
    left: &Matrix<T>,
    right: &Matrix<T>,
    result: &Tensor,
) -> Result<()> {
    let _ = left.view(rows)?.f_tr()?.f_mm_out(result, &right.view(rows)?)?;
    Ok(())
}
