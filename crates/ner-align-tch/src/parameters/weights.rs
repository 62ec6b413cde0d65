//! The learned tensors as the forward pass uses them.

use std::cell::{RefCell, RefMut};

use tch::{Kind, Tensor, no_grad};

use crate::error::Result;
use crate::lazy_rows::LazyRows;

/// A learned tensor of a [`Weights`] store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parameter(pub(super) usize);

/// Rows of the word embedding, as a tensor of their own to compute with and to take gradients of.
///
/// The gradient of a complete table is zero except for the rows of a batch. Clearing and filling it
/// each step would take longer than all matrix products of a small model's layer.
#[derive(Debug)]
pub(crate) struct WordRows {
    pub(super) table: Parameter,
    /// The ids of the rows, each once.
    pub(crate) ids: Vec<i64>,
    /// The same on the device, `[rows]`.
    pub(crate) index: Tensor,
    /// `[rows, width]`.
    pub(crate) values: Tensor,
    /// Index among them of the row that never learns.
    pub(super) fixed: Option<usize>,
}

impl WordRows {
    /// Index among the rows of the one that never learns.
    pub(crate) const fn fixed(&self) -> Option<usize> {
        self.fixed
    }
}

/// The tensors that the forward pass multiplies by.
#[derive(Debug)]
pub(crate) struct Weights {
    pub(super) tensors: Vec<Tensor>,
    kind: Kind,
    /// Rows of the word embedding whose updates wait until they are needed.
    lazy: RefCell<Option<LazyRows>>,
}

impl Weights {
    pub(super) const fn new(tensors: Vec<Tensor>, kind: Kind) -> Self {
        Self { tensors, kind, lazy: RefCell::new(None) }
    }

    /// The tensor, as the forward pass uses it.
    pub(crate) fn get(&self, parameter: Parameter) -> &Tensor {
        &self.tensors[parameter.0]
    }

    /// The type that the forward pass computes in.
    pub(crate) const fn kind(&self) -> Kind {
        self.kind
    }

    /// Rows of the table, each once, whose ids the device has in `index` if that is given. The row at
    /// index `fixed` of them never learns.
    pub(crate) fn look_up(
        &self,
        table: Parameter,
        ids: &[i64],
        index: Option<&Tensor>,
        fixed: Option<usize>,
    ) -> Result<WordRows> {
        let tensor = self.get(table);
        if let Some(lazy) = self.lazy_rows().as_mut() {
            lazy.catch_up(tensor, ids)?;
        }
        let index = match index {
            Some(index) => index.shallow_clone(),
            None => Tensor::f_from_slice(ids)?.f_to_device(tensor.device())?,
        };
        let values = no_grad(|| tensor.f_index_select(0, &index))?;
        let values = values.f_set_requires_grad(tensor.requires_grad())?;
        Ok(WordRows { table, ids: ids.to_vec(), index, values, fixed })
    }

    /// The rows whose updates wait; `None` if all rows are updated at each step.
    pub(super) fn lazy_rows(&self) -> RefMut<'_, Option<LazyRows>> {
        self.lazy.borrow_mut()
    }

    /// The same memory without gradients, for another thread. All rows must be up to date.
    pub(super) fn detached(&self) -> Result<Self> {
        let tensors = self.tensors.iter().map(Tensor::f_detach);
        let tensors = tensors.collect::<std::result::Result<_, _>>()?;
        Ok(Self::new(tensors, self.kind))
    }

    /// Frees matrices that are no longer used, and with them the buffer that matrices share; `table` has a
    /// buffer of its own.
    pub(crate) fn free(&mut self, unused: &[Parameter], table: Parameter) -> Result<()> {
        for (number, tensor) in self.tensors.iter_mut().enumerate() {
            if unused.contains(&Parameter(number)) {
                *tensor = Tensor::f_zeros([0], (tensor.kind(), tensor.device()))?;
            } else if tensor.dim() > 1 && Parameter(number) != table {
                *tensor = tensor.f_detach_copy()?;
            }
        }
        Ok(())
    }

    /// Another handle to the same memory; only of weights without gradients.
    pub(crate) fn handle(&self) -> Self {
        Self::new(self.tensors.iter().map(Tensor::shallow_clone).collect(), self.kind)
    }
}
