//! What a backward pass found.

use tch::{Kind, Tensor};

use crate::error::Result;

/// A part of a group's flat buffer that learns at one rate.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Run {
    pub(crate) start: i64,
    pub(crate) len: i64,
    /// Multiple of the step's learning rate.
    pub(crate) rate: f64,
    /// The tensors that it holds, in order.
    pub(crate) leaves: Vec<usize>,
}

/// Gradients of one step by learned tensor; of the table of words by row.
#[derive(Debug, Default)]
pub(crate) struct Gradients {
    leaves: Vec<Option<Tensor>>,
    /// By batch.
    rows: Vec<RowGradients>,
}

/// Rows of the table, each once, and their gradients.
#[derive(Debug)]
pub(crate) struct RowGradients {
    pub(crate) ids: Vec<i64>,
    /// The same on the device, `[rows]`.
    pub(crate) index: Tensor,
    /// `[rows, width]`.
    pub(crate) gradient: Tensor,
}

impl Gradients {
    /// None yet, of a model with so many tensors.
    pub(crate) fn new(leaves: usize) -> Self {
        Self { leaves: (0..leaves).map(|_| None).collect(), rows: Vec::new() }
    }

    pub(crate) fn set(&mut self, leaf: usize, gradient: Tensor) {
        self.leaves[leaf] = Some(gradient);
    }

    pub(crate) fn set_rows(&mut self, rows: RowGradients) {
        self.rows = vec![rows];
    }

    /// The rows of the last batch.
    pub(crate) fn last_rows(&self) -> Option<&RowGradients> {
        self.rows.last()
    }

    /// All of them in f32.
    pub(crate) fn in_f32(mut self) -> Result<Self> {
        for gradient in self.leaves.iter_mut().flatten() {
            *gradient = gradient.f_to_kind(Kind::Float)?;
        }
        Ok(self)
    }

    /// Adds those of another batch of the same step.
    pub(crate) fn add(&mut self, other: Self) -> Result<()> {
        for (mine, other) in self.leaves.iter_mut().zip(other.leaves) {
            match (mine, other) {
                (Some(mine), Some(other)) => {
                    let _ = mine.f_add_(&other)?;
                }
                (mine @ None, other) => *mine = other,
                (Some(_), None) => {}
            }
        }
        self.rows.extend(other.rows);
        Ok(())
    }

    /// The rows of the table that have gradients, each once, and these, `[rows, width]`.
    pub(crate) fn rows(&self) -> Result<Option<(Vec<i64>, Tensor)>> {
        match self.rows.as_slice() {
            [] => Ok(None),
            [only] => Ok(Some((only.ids.clone(), only.gradient.shallow_clone()))),
            [RowGradients { gradient: first, .. }, ..] => {
                let ids = self.rows.iter().flat_map(|rows| &rows.ids).copied().collect::<Vec<_>>();
                let (once, of) = distinct(&ids);
                let all: Vec<&Tensor> = self.rows.iter().map(|rows| &rows.gradient).collect();
                let size = [once.len() as i64, first.size()[1]];
                let mut sum = Tensor::f_zeros(size, (first.kind(), first.device()))?;
                let of = Tensor::f_from_slice(&of)?.f_to_device(first.device())?;
                let _ = sum.f_index_add_(0, &of, &Tensor::f_cat(&all, 0)?)?;
                Ok(Some((once, sum)))
            }
        }
    }

    /// Those of a run as one vector, `[len]`.
    pub(crate) fn of_run(&self, run: &Run) -> Result<Tensor> {
        let leaves = run.leaves.iter().filter_map(|&leaf| self.leaves[leaf].as_ref());
        let parts = leaves
            .map(|gradient| gradient.f_reshape([-1]))
            .collect::<std::result::Result<Vec<_>, _>>()?;
        match parts.as_slice() {
            [one] => Ok(one.shallow_clone()),
            many => Ok(Tensor::f_cat(many, 0)?),
        }
    }

    /// The norm of all of them together, a scalar in f32.
    pub(crate) fn norm(&self, rows: Option<&Tensor>) -> Result<Tensor> {
        let all = self.leaves.iter().flatten().chain(rows);
        let norms = all.map(Tensor::f_norm).collect::<std::result::Result<Vec<_>, _>>()?;
        if norms.is_empty() {
            return Ok(Tensor::f_zeros([], (Kind::Float, tch::Device::Cpu))?);
        }
        // One number comes back from the device, not one a tensor.
        Ok(Tensor::f_stack(&norms, 0)?.f_norm()?)
    }
}

/// The ids, each once and in order, and the index among them for each position.
pub(crate) fn distinct(ids: &[i64]) -> (Vec<i64>, Vec<i64>) {
    let mut once = ids.to_vec();
    once.sort_unstable();
    once.dedup();
    let of = ids.iter().map(|id| once.partition_point(|other| other < id) as i64).collect();
    (once, of)
}
