//! Matrix products into memory that is kept: by kernels of our own where they are as fast as
//! libtorch's, which compiles one for each shape that it has not seen, and by libtorch elsewhere.

use ner_align_kernels::{Factor, Finish, ProductSpace, product};
use tch::Tensor;

use super::int8::{IntegerSpace, Quantized};
use super::matrix::{Matrix, Number};
use crate::error::Result;
use crate::faster;
use crate::memory::{slice, slice_mut};

/// The memory of one thread's products.
#[derive(Debug, Default)]
pub(super) struct Products {
    space: ProductSpace,
    integers: IntegerSpace,
}

/// What a linear map multiplies by, `[outputs, inputs]`.
#[derive(Debug)]
pub(super) enum Right<'a> {
    Numbers(Tensor),
    Integers(&'a Quantized),
}

impl Products {
    /// `result = left * right^T`: `[rows, inputs]` times `[outputs, inputs]`.
    pub(super) fn map<T: Number>(
        &mut self,
        rows: usize,
        left: &Matrix<T>,
        right: &Right<'_>,
        result: &mut Matrix<T>,
    ) -> Result<()> {
        if self.finished(rows, left, right, Finish::Stored, result) {
            return Ok(());
        }
        match right {
            Right::Numbers(right) => {
                let _ = left.view(rows)?.f_mm_out(&result.view(rows)?, &right.f_tr()?)?;
                Ok(())
            }
            Right::Integers(right) => self.integers.times_transposed(rows, left, right, result),
        }
    }

    /// The same by a kernel of our own, with what follows; false if there is none.
    pub(super) fn finished<T: Number>(
        &mut self,
        rows: usize,
        left: &Matrix<T>,
        right: &Right<'_>,
        finish: Finish<'_>,
        result: &mut Matrix<T>,
    ) -> bool {
        match right {
            Right::Numbers(right) => {
                if !faster::by_own_products::<T>() {
                    return false;
                }
                self.own(rows, left, Factor::Transposed(slice(right)), finish, result);
                true
            }
            Right::Integers(right) => self.integers.own(rows, left, right, finish, result),
        }
    }

    /// `result = left * right`: `[rows, outputs]` times `[outputs, inputs]`.
    pub(super) fn times<T: Number>(
        &mut self,
        rows: usize,
        left: &Matrix<T>,
        right: &Tensor,
        result: &mut Matrix<T>,
    ) -> Result<()> {
        if faster::by_own_products::<T>() {
            self.own(rows, left, Factor::Itself(slice(right)), Finish::Stored, result);
        } else {
            let _ = left.view(rows)?.f_mm_out(&result.view(rows)?, right)?;
        }
        Ok(())
    }

    fn own<T: Number>(
        &mut self,
        rows: usize,
        left: &Matrix<T>,
        right: Factor<'_, T>,
        finish: Finish<'_>,
        result: &mut Matrix<T>,
    ) {
        let shape = [rows, left.columns(), result.columns()];
        let left = Factor::Itself(left.rows(rows));
        product(shape, left, right, finish, result.rows_mut(rows), &mut self.space);
    }

    /// `result = left^T * right`: `[rows, outputs]` and `[rows, inputs]` to `[outputs, inputs]`.
    pub(super) fn transposed_times<T: Number>(
        &mut self,
        rows: usize,
        left: &Matrix<T>,
        right: &Matrix<T>,
        mut result: Tensor,
    ) -> Result<()> {
        if faster::by_own_products::<T>() {
            let shape = [left.columns(), rows, right.columns()];
            let (left, right) = (left.rows(rows), right.rows(rows));
            let (left, right) = (Factor::Transposed(left), Factor::Itself(right));
            let result = slice_mut(&mut result);
            product(shape, left, right, Finish::Stored, result, &mut self.space);
        } else {
            let _ = left.view(rows)?.f_tr()?.f_mm_out(&result, &right.view(rows)?)?;
        }
        Ok(())
    }
}
