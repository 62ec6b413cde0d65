//! The gradients that one thread finds, and the memory of its way back.

use tch::{Device, Tensor};

use super::held::{Held, view};
use super::matrix::{Matrix, Number};
use super::plan::Plan;
use crate::error::Result;
use crate::memory::{slice, slice_mut};

/// The gradients that one thread finds, parallel to the parameters' flat buffers.
#[derive(Debug)]
pub(crate) struct Found<T> {
    /// Of matrices.
    matrices: Tensor,
    /// Of vectors.
    pub(crate) vectors: Vec<f32>,
    /// Of the batch's words, `[words, narrow]`.
    pub(crate) words: Vec<f32>,
    /// Of the table of positions, `[positions, narrow]`, before it is copied to `matrices`.
    pub(super) positions: Vec<f32>,
    kind: std::marker::PhantomData<T>,
}

impl<T: Number> Found<T> {
    fn new(plan: &Plan, held: &Held<T>) -> Result<Self> {
        let len = held.matrices_len() as i64;
        Ok(Self {
            matrices: Tensor::f_zeros([len], (T::KIND, Device::Cpu))?,
            vectors: vec![0.0; held.vectors_len()],
            words: Vec::new(),
            positions: vec![0.0; plan.positions * plan.narrow],
            kind: std::marker::PhantomData,
        })
    }

    /// A matrix `[rows, columns]`, for libtorch to write to.
    pub(super) fn matrix(&self, start: usize, rows: usize, columns: usize) -> Result<Tensor> {
        view(&self.matrices, start, rows, columns)
    }

    /// The gradients of all matrices.
    pub(crate) fn matrices(&self) -> &[T] {
        slice(&self.matrices)
    }

    /// The gradients of all matrices, to write.
    pub(crate) fn matrices_mut(&mut self) -> &mut [T] {
        slice_mut(&mut self.matrices)
    }

    /// A vector, to add to.
    pub(super) fn vector(&mut self, start: usize, len: usize) -> &mut [f32] {
        &mut self.vectors[start..start + len]
    }

    /// Sets what is added to to zero.
    fn clear(&mut self, words: usize, plan: &Plan) {
        self.vectors.fill(0.0);
        self.positions.fill(0.0);
        self.words.clear();
        self.words.resize(words * plan.narrow, 0.0);
    }
}

/// The memory of one thread's way back.
#[derive(Debug)]
pub(crate) struct Back<T> {
    pub(crate) found: Found<T>,
    /// The gradient of a layer's output, `[subtokens, hidden]`, and what is to be added to it.
    pub(super) outer: Matrix<T>,
    pub(super) more: Matrix<T>,
    /// True if `more` counts.
    pub(super) has_more: bool,
    /// Gradients of sums before a norm, and of their branches.
    pub(super) sum: Matrix<T>,
    pub(super) branch: Matrix<T>,
    /// Of what stands behind an activation, then before it, `[subtokens, wide]`.
    pub(super) wide: Matrix<T>,
    pub(super) context: Matrix<T>,
    /// Of query, key and value, `[subtokens, 3 hidden]`; of the last layer's keys and values, and of
    /// its queries.
    pub(super) projected: Matrix<T>,
    pub(super) last_projected: Matrix<T>,
    pub(super) last_query: Matrix<T>,
    /// Of embeddings, `[subtokens, narrow]`.
    pub(super) narrow: Matrix<T>,
    pub(super) embedding: Matrix<T>,
}

impl<T: Number> Back<T> {
    pub(super) fn new(plan: &Plan, held: &Held<T>) -> Result<Self> {
        let hidden = plan.hidden;
        Ok(Self {
            found: Found::new(plan, held)?,
            outer: Matrix::new(hidden)?,
            more: Matrix::new(hidden)?,
            has_more: false,
            sum: Matrix::new(hidden)?,
            branch: Matrix::new(hidden)?,
            wide: Matrix::new(plan.wide)?,
            context: Matrix::new(hidden)?,
            projected: Matrix::new(3 * hidden)?,
            last_projected: Matrix::new(2 * hidden)?,
            last_query: Matrix::new(hidden)?,
            narrow: Matrix::new(plan.narrow)?,
            embedding: Matrix::new(plan.narrow)?,
        })
    }

    pub(super) fn reserve(
        &mut self,
        plan: &Plan,
        subtokens: usize,
        rows: usize,
        words: usize,
    ) -> Result<()> {
        for matrix in [&mut self.outer, &mut self.more, &mut self.sum, &mut self.branch] {
            matrix.reserve(subtokens)?;
        }
        for matrix in [&mut self.wide, &mut self.context, &mut self.projected] {
            matrix.reserve(subtokens)?;
        }
        for matrix in [&mut self.last_projected, &mut self.narrow, &mut self.embedding] {
            matrix.reserve(subtokens)?;
        }
        self.last_query.reserve(rows)?;
        self.found.clear(words, plan);
        Ok(())
    }
}
