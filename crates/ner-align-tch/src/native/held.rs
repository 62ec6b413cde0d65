//! A thread's own handles to the parameters.

use std::marker::PhantomData;

use ner_align_kernels::Bf16;
use tch::Tensor;

use super::int8::Integers;
use super::matrix::Number;
use super::plan::{NormPlace, Plan};
use super::products::Right;
use crate::error::Result;
use crate::faster;
use crate::memory::slice;
use crate::parameters::{Group, Parameters};

/// Handles to the flat buffers, which all threads share.
#[derive(Debug)]
pub(crate) struct Held<T> {
    /// Matrices in the type that products are computed in, but for the first `freed` numbers.
    matrices: Tensor,
    freed: usize,
    /// Vectors, in f32 always.
    vectors: Tensor,
    /// Matrices of integers that take the place of others.
    integers: Integers,
    kind: PhantomData<T>,
}

impl<T: Number> Held<T> {
    pub(crate) fn of(parameters: &Parameters) -> Result<Self> {
        Ok(Self {
            matrices: parameters.computed(Group::Decay).f_detach()?,
            freed: 0,
            vectors: parameters.flat(Group::NoDecay).f_detach()?,
            integers: Integers::default(),
            kind: PhantomData,
        })
    }

    /// Computes in 8-bit integers what layers multiply by.
    pub(super) fn quantize(&mut self, plan: &Plan) -> Result<()> {
        self.integers =
            Integers::of(plan, |start, rows, columns| self.matrix(start, rows, columns))?;
        Ok(())
    }

    /// Frees the matrices that integers took the place of, as far as nobody else holds them.
    pub(super) fn free_rounded(&mut self, plan: &Plan) -> Result<()> {
        let rounded = plan.end_of_layers() - self.freed;
        let rest = (self.matrices.numel() - rounded) as i64;
        self.matrices = self.matrices.f_narrow(0, rounded as i64, rest)?.f_detach_copy()?;
        self.freed += rounded;
        Ok(())
    }

    /// The matrix `[outputs, inputs]` that begins there, as products take it.
    pub(super) fn right(&self, start: usize, outputs: usize, inputs: usize) -> Result<Right<'_>> {
        Ok(match self.integers.get(start) {
            Some(matrix) => Right::Integers(matrix),
            None => Right::Numbers(self.matrix(start, outputs, inputs)?),
        })
    }

    /// Rows of a product are a multiple of this: libtorch's backend compiles a kernel for each number
    /// of rows that it has not seen.
    pub(super) fn rows(&self) -> usize {
        if self.integers.by_libtorch() {
            Bf16::ROWS
        } else if faster::by_own_products::<T>() {
            1
        } else {
            T::ROWS
        }
    }

    /// Handles for another thread.
    pub(crate) fn handle(&self) -> Self {
        Self {
            matrices: self.matrices.shallow_clone(),
            freed: self.freed,
            vectors: self.vectors.shallow_clone(),
            integers: self.integers.handle(),
            kind: PhantomData,
        }
    }

    /// Numbers of all matrices together, but for freed ones.
    pub(super) fn matrices_len(&self) -> usize {
        self.matrices.numel()
    }

    /// Numbers of all vectors together.
    pub(super) fn vectors_len(&self) -> usize {
        self.vectors.numel()
    }

    /// A matrix `[rows, columns]`, for libtorch.
    pub(super) fn matrix(&self, start: usize, rows: usize, columns: usize) -> Result<Tensor> {
        view(&self.matrices, start - self.freed, rows, columns)
    }

    /// So many numbers of the matrices, for kernels.
    pub(super) fn table(&self, start: usize, len: usize) -> &[T] {
        &slice(&self.matrices)[start - self.freed..][..len]
    }

    /// A vector.
    pub(super) fn vector(&self, start: usize, len: usize) -> &[f32] {
        &slice(&self.vectors)[start..start + len]
    }

    /// A layer norm.
    pub(super) fn norm(
        &self,
        place: NormPlace,
        columns: usize,
        epsilon: f32,
    ) -> ner_align_kernels::Norm<'_> {
        ner_align_kernels::Norm {
            weight: self.vector(place.weight, columns),
            bias: self.vector(place.bias, columns),
            epsilon,
        }
    }
}

/// A part of a flat tensor as a matrix.
pub(super) fn view(flat: &Tensor, start: usize, rows: usize, columns: usize) -> Result<Tensor> {
    let (rows, columns) = (rows as i64, columns as i64);
    Ok(flat.f_narrow(0, start as i64, rows * columns)?.f_view([rows, columns])?)
}
