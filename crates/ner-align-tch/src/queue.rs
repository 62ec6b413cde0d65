//! The optimizer's part of a step on a device that works off a queue: few operations over long vectors, none
//! of which waits for a number to come back.

use tch::{Kind, Tensor};

use crate::error::Result;
use crate::gradients::{Gradients, Run};
use crate::parameters::{Group, Parameters};

/// Gradients of one step as vectors parallel to the parts of the flat buffers that learn, f32.
#[derive(Debug)]
pub(crate) struct QueuedGradients {
    parts: Vec<(Group, Run, Tensor)>,
}

impl QueuedGradients {
    /// Those that a backward pass found, in whatever type they are. Tensors are joined before they are
    /// converted, so that each of these is one operation.
    pub(crate) fn of(parameters: &Parameters, gradients: &Gradients) -> Result<Self> {
        let mut parts = Vec::new();
        for group in [Group::Decay, Group::NoDecay] {
            for run in parameters.runs(group, true) {
                let gradient = gradients.of_run(&run)?.f_to_kind(Kind::Float)?;
                parts.push((group, run, gradient));
            }
        }
        let flat = parameters.flat(Group::Table);
        if let Some(rows) = gradients.last_rows() {
            for run in parameters.runs(Group::Table, true) {
                let width = rows.gradient.size()[1];
                let mut table = Tensor::f_zeros_like(flat)?.f_view([-1, width])?;
                // Each row once, so that nothing is added up.
                let gradient = rows.gradient.f_to_kind(Kind::Float)?;
                let _ = table.f_index_copy_(0, &rows.index, &gradient)?;
                parts.push((Group::Table, run, table.f_view([-1])?));
            }
        }
        Ok(Self { parts })
    }

    /// Adds those of another batch of the same step.
    pub(crate) fn add(&mut self, other: &Self) -> Result<()> {
        for ((_, _, mine), (_, _, other)) in self.parts.iter_mut().zip(&other.parts) {
            let _ = mine.f_add_(other)?;
        }
        Ok(())
    }

    /// The norm of all of them together, a scalar on the device.
    pub(crate) fn norm(&self) -> Result<Tensor> {
        let norms = self.parts.iter().map(|(_, _, gradient)| gradient.f_norm());
        Ok(Tensor::f_stack(&norms.collect::<std::result::Result<Vec<_>, _>>()?, 0)?.f_norm()?)
    }

    /// Each part with its group and its place there.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (Group, &Run, &Tensor)> {
        self.parts.iter().map(|(group, run, gradient)| (*group, run, gradient))
    }
}
