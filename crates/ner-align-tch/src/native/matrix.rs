//! Matrices that libtorch multiplies and kernels read and write in place.

use std::marker::PhantomData;

use ner_align_kernels::{Bf16, Element, Multiplied};
use tch::{Device, Tensor};

use crate::error::Result;
use crate::memory::{Stored, slice, slice_mut};

/// A type that activations and gradients are kept in.
pub(crate) trait Number: Stored + Element + Multiplied {
    /// Rows of a product of libtorch are a multiple of this.
    const ROWS: usize;
}

impl Number for f32 {
    const ROWS: usize = 1;
}

impl Number for Bf16 {
    const ROWS: usize = 32;
}

/// A matrix whose memory is kept from one step to the next.
#[derive(Debug)]
pub(crate) struct Matrix<T> {
    /// `[capacity]`
    tensor: Tensor,
    columns: usize,
    kind: PhantomData<T>,
}

impl<T: Stored> Matrix<T> {
    /// Without rows yet.
    pub(crate) fn new(columns: usize) -> Result<Self> {
        let tensor = Tensor::f_zeros([0], (T::KIND, Device::Cpu))?;
        Ok(Self { tensor, columns, kind: PhantomData })
    }

    /// Makes room for so many rows. What was there before is lost if there was less.
    pub(crate) fn reserve(&mut self, rows: usize) -> Result<()> {
        let len = rows * self.columns;
        let had = self.tensor.numel();
        if had < len {
            // More than asked for: batches differ in length, and each growth costs a pass of its own.
            let len = len.max(had + had / 2);
            self.tensor = Tensor::f_zeros([len as i64], (T::KIND, Device::Cpu))?;
        }
        Ok(())
    }

    /// The first rows for libtorch, `[rows, columns]`.
    pub(crate) fn view(&self, rows: usize) -> Result<Tensor> {
        let (rows, columns) = (rows as i64, self.columns as i64);
        Ok(self.tensor.f_narrow(0, 0, rows * columns)?.f_view([rows, columns])?)
    }

    /// The first rows, `[rows, columns]`.
    pub(crate) fn rows(&self, rows: usize) -> &[T] {
        &slice(&self.tensor)[..rows * self.columns]
    }

    /// The first rows, to write.
    pub(crate) fn rows_mut(&mut self, rows: usize) -> &mut [T] {
        &mut slice_mut(&mut self.tensor)[..rows * self.columns]
    }

    /// Columns of a row.
    pub(crate) const fn columns(&self) -> usize {
        self.columns
    }
}

impl<T: Number> Matrix<T> {
    /// Sets rows to zero.
    pub(crate) fn clear(&mut self, rows: std::ops::Range<usize>) {
        let columns = self.columns;
        self.rows_mut(rows.end)[rows.start * columns..].fill(T::ZERO);
    }
}
