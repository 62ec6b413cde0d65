//! Learned tensors as views into one flat buffer per weight-decay group.
//!
//! AdamW, gradient clipping and weight decay then are a few operations over long vectors, and
//! matrices that stand side by side in the buffer (query, key, value) are one matrix to multiply
//! by while each keeps its own name on disk.

mod plan;
mod weights;

use tch::{Kind, Tensor, no_grad};

use crate::checkpoint::Checkpoint;
use crate::error::Result;
use crate::gradients::{Gradients, RowGradients, Run};
use crate::lazy_rows::LazyRows;
use crate::rates::{LayerRates, Part};

pub(crate) use plan::{Init, ParameterPlan};
use plan::{Spec, check};
pub(crate) use weights::{Parameter, Weights, WordRows};

/// Weight decay applies to matrices, not to biases and layer norms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    Decay,
    NoDecay,
    /// The word embedding, which decays too; a batch needs only a few of its rows.
    Table,
}

impl Group {
    pub(crate) const ALL: [Self; 3] = [Self::Decay, Self::NoDecay, Self::Table];
}

/// The learned tensors of a model.
#[derive(Debug)]
pub(crate) struct Parameters {
    specs: Vec<Spec>,
    /// Group and offset within its flat buffer.
    places: Vec<(Group, i64)>,
    /// Share memory with `copies`, or else with `flat`.
    weights: Weights,
    flat: Vec<Tensor>,
    /// `flat` in the type that the forward pass computes in, unless that is f32.
    copies: Option<Vec<Tensor>>,
    /// By tensor: the multiple of a step's learning rate, `None` if frozen.
    rates: Vec<Option<f64>>,
}

impl Parameters {
    /// The tensors as the forward pass uses them.
    pub(crate) const fn weights(&self) -> &Weights {
        &self.weights
    }

    /// The weights alone, without what learning needs.
    pub(crate) fn into_weights(self) -> Result<Weights> {
        self.with_lazy_rows(LazyRows::settle)?;
        self.weights.detached()
    }

    /// Copies the parameters to what the forward pass multiplies by, where these are different.
    pub(crate) fn refresh(&self) -> Result<()> {
        for group in [Group::Decay, Group::NoDecay] {
            if let Some(copies) = &self.copies {
                let (mut copy, flat) = (copies[group as usize].shallow_clone(), self.flat(group));
                no_grad(|| copy.f_copy_(flat))?;
            }
        }
        Ok(())
    }

    /// Number of tensors.
    pub(crate) const fn tensors(&self) -> usize {
        self.specs.len()
    }

    /// Number of learned numbers.
    pub(crate) fn count(&self) -> usize {
        self.flat.iter().map(Tensor::numel).sum()
    }

    /// All parameters of a group as one vector, `[parameters of the group]`.
    pub(crate) fn flat(&self, group: Group) -> &Tensor {
        &self.flat[group as usize]
    }

    /// Where a tensor begins in its group's flat buffer.
    pub(crate) fn offset(&self, parameter: Parameter) -> usize {
        self.places[parameter.0].1 as usize
    }

    /// The group that a tensor belongs to.
    pub(crate) fn group(&self, parameter: Parameter) -> Group {
        self.places[parameter.0].0
    }

    /// False if a tensor is frozen.
    pub(crate) fn learns(&self, parameter: Parameter) -> bool {
        self.rates[parameter.0].is_some()
    }

    /// All parameters of a group in the type that the forward pass computes in.
    pub(crate) fn computed(&self, group: Group) -> &Tensor {
        self.copies.as_ref().map_or_else(|| self.flat(group), |copies| &copies[group as usize])
    }

    /// A handle to the copies of a group in another type than f32, if there are any.
    pub(crate) fn copy(&self, group: Group) -> Option<Tensor> {
        self.copies.as_ref().map(|copies| copies[group as usize].shallow_clone())
    }

    /// Sets which tensors learn, and how fast.
    pub(crate) fn set_rates(&mut self, rates: &LayerRates) {
        let part = |spec: &Spec| spec.names.first().map_or(Part::Head, |name| Part::of(name));
        let layer = |spec: &Spec| match part(spec) {
            Part::Layer(layer) => layer + 1,
            _ => 0,
        };
        let layers = self.specs.iter().map(layer).max().unwrap_or(0);
        self.rates = self.specs.iter().map(|spec| part(spec).rate(rates, layers)).collect();
        for (leaf, rate) in self.weights.tensors.iter_mut().zip(&self.rates) {
            *leaf = leaf.set_requires_grad(rate.is_some());
        }
    }

    /// The parts of a group's flat buffer that learn, with their tensors, in order. Neighbours at
    /// the same rate are one part if `joined`.
    pub(crate) fn runs(&self, group: Group, joined: bool) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for (leaf, (spec, (_, start))) in self.specs.iter().zip(&self.places).enumerate() {
            let Some(rate) = self.rates[leaf].filter(|_| spec.group == group) else { continue };
            match runs.last_mut() {
                Some(last) if joined && last.start + last.len == *start && last.rate == rate => {
                    last.len += spec.len();
                    last.leaves.push(leaf);
                }
                _ => runs.push(Run { start: *start, len: spec.len(), rate, leaves: vec![leaf] }),
            }
        }
        runs
    }

    /// The word embedding, and the multiple of the learning rate at which it learns, if it does.
    pub(crate) fn table(&self) -> Option<(Parameter, Option<f64>)> {
        let table = self.specs.iter().position(|spec| spec.group == Group::Table)?;
        Some((Parameter(table), self.rates[table]))
    }

    /// From now on, updates rows of the word embedding when they are needed; see [`LazyRows`].
    pub(crate) fn update_rows_lazily(&self) {
        if let Some((table, _)) = self.table()
            && let [rows, width] = *self.specs[table.0].part
        {
            *self.weights.lazy_rows() = Some(LazyRows::new(rows as usize, width as usize));
        }
    }

    /// Calls `run` with the lazy rows and their table; `None` if all rows are up to date always.
    pub(crate) fn with_lazy_rows<T>(
        &self,
        run: impl FnOnce(&mut LazyRows, &Tensor) -> Result<T>,
    ) -> Result<Option<T>> {
        match (self.weights.lazy_rows().as_mut(), self.table()) {
            (Some(lazy), Some((table, _))) => run(lazy, self.weights.get(table)).map(Some),
            _ => Ok(None),
        }
    }

    /// Gradients of `loss`, each in the type of its tensor.
    pub(crate) fn backward(&self, loss: &Tensor, rows: WordRows) -> Result<Gradients> {
        let learns = |&i: &usize| i != rows.table.0 && self.rates[i].is_some();
        let learning: Vec<usize> = (0..self.weights.tensors.len()).filter(learns).collect();
        let mut leaves: Vec<&Tensor> = learning.iter().map(|&i| &self.weights.tensors[i]).collect();
        let rows_learn = rows.values.requires_grad();
        if rows_learn {
            leaves.push(&rows.values);
        }
        let mut computed = Tensor::f_run_backward(&[loss], &leaves, false, false)?;
        let mut gradients = Gradients::new(self.weights.tensors.len());
        if rows_learn && let Some(gradient) = computed.pop() {
            if let Some(fixed) = rows.fixed {
                let _ = gradient.f_select(0, fixed as i64)?.f_zero_()?;
            }
            gradients.set_rows(RowGradients { ids: rows.ids, index: rows.index, gradient });
        }
        for (leaf, gradient) in learning.into_iter().zip(computed) {
            gradients.set(leaf, gradient);
        }
        Ok(gradients)
    }

    /// Gradients under the names of their parameters on disk; zeros for what does not learn.
    pub(crate) fn named_gradients(&self, gradients: &Gradients) -> Result<Vec<(String, Tensor)>> {
        let flat = self.zeros_like(&Group::ALL)?;
        for group in Group::ALL {
            let flat = &flat[group as usize];
            for run in self.runs(group, false) {
                let mut target = flat.f_narrow(0, run.start, run.len)?;
                match (group, gradients.rows()?) {
                    (Group::Table, Some((ids, gradient))) => {
                        let width = gradient.size()[1];
                        let index = Tensor::f_from_slice(&ids)?.f_to_device(flat.device())?;
                        let _ = target.f_view([-1, width])?.f_index_add_(0, &index, &gradient)?;
                    }
                    _ => target.f_copy_(&gradients.of_run(&run)?)?,
                }
            }
        }
        self.named(&flat)
    }

    /// Fills every tensor from a checkpoint of this very model.
    pub(crate) fn restore(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        check(&self.specs, checkpoint, true)?;
        *self.weights.lazy_rows() = None;
        let named = self.named(&self.flat)?;
        no_grad(|| {
            for (name, tensor) in named {
                checkpoint.copy_into(&name, &tensor)?;
            }
            self.refresh()
        })
    }

    /// Vectors of zeros parallel to the flat buffers, by group; empty ones for other groups.
    pub(crate) fn zeros_like(&self, groups: &[Group]) -> Result<Vec<Tensor>> {
        let zeros = |group: &Group| {
            let flat = self.flat(*group);
            let len = if groups.contains(group) { flat.numel() as i64 } else { 0 };
            Ok(Tensor::f_zeros([len], (Kind::Float, flat.device()))?)
        };
        Group::ALL.iter().map(zeros).collect()
    }

    /// Every tensor under its name on disk, from vectors parallel to the flat buffers (the parameters
    /// themselves, or their gradients).
    fn named(&self, flat: &[Tensor]) -> Result<Vec<(String, Tensor)>> {
        let mut named = Vec::new();
        for (spec, (group, offset)) in self.specs.iter().zip(&self.places) {
            for (part, name) in spec.names.iter().enumerate() {
                let start = offset + part as i64 * spec.part_len();
                let view = flat[*group as usize].f_narrow(0, start, spec.part_len())?;
                named.push((name.clone(), view.f_view(&*spec.part)?.f_detach()?));
            }
        }
        Ok(named)
    }

    /// The parameters under their names on disk.
    pub(crate) fn named_values(&self) -> Result<Vec<(String, Tensor)>> {
        self.with_lazy_rows(LazyRows::settle)?;
        self.named(&self.flat)
    }
}
