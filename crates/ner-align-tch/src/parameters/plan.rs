//! The tensors of a model: declared, then filled from a checkpoint.

use tch::{Device, Kind, TchError, Tensor};

use super::weights::{Parameter, Weights};
use super::{Group, Parameters};
use crate::checkpoint::Checkpoint;
use crate::error::{ModelError, Result};
use crate::rates::LayerRates;

/// What a tensor is if the checkpoint lacks it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Init {
    /// It is an error.
    Required,
    /// Draw from a normal distribution with this deviation.
    Normal(f64),
    /// Zeros.
    Zeros,
    /// Ones.
    Ones,
}

/// A declared tensor: one or more tensors on disk, stacked along the first dimension.
#[derive(Debug)]
pub(super) struct Spec {
    pub(super) names: Vec<String>,
    /// Shape of each of the stacked tensors.
    pub(super) part: Vec<i64>,
    pub(super) group: Group,
    init: Init,
    /// The forward pass uses the parameters themselves, not a copy in its own kind.
    exact: bool,
}

impl Spec {
    pub(super) fn part_len(&self) -> i64 {
        self.part.iter().product()
    }

    pub(super) fn len(&self) -> i64 {
        self.part_len() * self.names.len() as i64
    }

    fn shape(&self) -> Vec<i64> {
        let mut shape = self.part.clone();
        shape[0] *= self.names.len() as i64;
        shape
    }
}

/// Collects the declarations of a model's tensors.
#[derive(Debug, Default)]
pub(crate) struct ParameterPlan {
    specs: Vec<Spec>,
}

impl ParameterPlan {
    /// Declares tensors of `part` shape each, stacked along the first dimension. Vectors do not
    /// decay, matrices do.
    pub(crate) fn add(&mut self, names: &[String], part: &[i64], init: Init) -> Parameter {
        self.push_vectors(names, part, init, false)
    }

    /// The same for a tensor that the forward pass uses in f32, whatever it computes in.
    pub(crate) fn add_exact(&mut self, name: String, part: &[i64], init: Init) -> Parameter {
        self.push_vectors(&[name], part, init, true)
    }

    fn push_vectors(
        &mut self,
        names: &[String],
        part: &[i64],
        init: Init,
        exact: bool,
    ) -> Parameter {
        let group = if part.len() > 1 { Group::Decay } else { Group::NoDecay };
        self.push(Spec { names: names.to_vec(), part: part.to_vec(), group, init, exact })
    }

    /// Declares the word embedding, `[rows, width]`; a model has one. Its rows are always copied.
    pub(crate) fn add_table(&mut self, name: String, shape: [i64; 2], init: Init) -> Parameter {
        let part = shape.to_vec();
        self.push(Spec { names: vec![name], part, group: Group::Table, init, exact: true })
    }

    fn push(&mut self, spec: Spec) -> Parameter {
        self.specs.push(spec);
        Parameter(self.specs.len() - 1)
    }

    /// Allocates the buffers and fills them from the checkpoint. `kind` is the type that the forward
    /// pass computes in; the parameters themselves are f32. On a CPU vectors are used in f32 always.
    pub(crate) fn load(
        self,
        checkpoint: &Checkpoint,
        device: Device,
        kind: Kind,
    ) -> Result<Parameters> {
        check(&self.specs, checkpoint, false)?;
        let options = (Kind::Float, device);
        let mut flat = Vec::new();
        for group in Group::ALL {
            let specs = self.specs.iter().filter(|spec| spec.group == group);
            flat.push(Tensor::f_zeros([specs.map(Spec::len).sum::<i64>()], options)?);
        }
        let mut offsets = [0_i64; Group::ALL.len()];
        let mut leaves = Vec::with_capacity(self.specs.len());
        let mut places = Vec::with_capacity(self.specs.len());
        for spec in &self.specs {
            let group = spec.group as usize;
            let offset = offsets[group];
            let view = flat[group].f_narrow(0, offset, spec.len())?;
            for (part, name) in spec.names.iter().enumerate() {
                let len = spec.part_len();
                let mut target = view.f_narrow(0, part as i64 * len, len)?.f_view(&*spec.part)?;
                let found = checkpoint.copy_into(name, &target)?;
                match spec.init {
                    Init::Normal(deviation) if !found => drop(target.f_normal_(0.0, deviation)?),
                    Init::Ones if !found => drop(target.f_fill_(1.0)?),
                    _ => {}
                }
            }
            places.push((spec.group, offset));
            offsets[group] += spec.len();
        }
        let copies = match kind {
            Kind::Float => None,
            kind => Some(
                flat.iter()
                    .map(|flat| flat.f_to_kind(kind))
                    .collect::<std::result::Result<Vec<Tensor>, TchError>>()?,
            ),
        };
        for (spec, (group, offset)) in self.specs.iter().zip(&places) {
            let exact = spec.exact || (device == Device::Cpu && *group == Group::NoDecay);
            let copies = copies.as_ref().filter(|_| !exact);
            let view = copies.unwrap_or(&flat)[*group as usize].f_narrow(0, *offset, spec.len())?;
            leaves.push(view.f_view(&*spec.shape())?.f_detach()?.f_set_requires_grad(true)?);
        }
        let (weights, rates) = (Weights::new(leaves, kind), Vec::new());
        let mut parameters = Parameters { specs: self.specs, places, weights, flat, copies, rates };
        parameters.set_rates(&LayerRates::default());
        Ok(parameters)
    }
}

/// Refuses a checkpoint that lacks a tensor, or has one of another shape. `all`: also tensors that
/// could be initialised.
pub(super) fn check(specs: &[Spec], checkpoint: &Checkpoint, all: bool) -> Result<()> {
    let mut missing = Vec::new();
    for spec in specs {
        for name in &spec.names {
            match checkpoint.shape(name) {
                Some(shape) if shape != spec.part => {
                    return Err(ModelError::Shape {
                        path: checkpoint.path().to_owned(),
                        name: name.clone(),
                        expected: spec.part.clone(),
                        found: shape,
                    });
                }
                None if all || spec.init == Init::Required => missing.push(name),
                _ => {}
            }
        }
    }
    match missing.first() {
        None => Ok(()),
        Some(first) => Err(ModelError::MissingWeights {
            path: checkpoint.path().to_owned(),
            first: (*first).clone(),
            count: missing.len(),
        }),
    }
}
