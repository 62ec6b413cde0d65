//! Learned tensors as views into one flat buffer per weight-decay group.
//!
//! AdamW, gradient clipping and weight decay then are a few operations over long vectors, and
//! matrices that stand side by side in the buffer (query, key, value) are one matrix to multiply
//! by while each keeps its own name on disk.

use tch::{Device, Kind, Tensor, no_grad};

use crate::checkpoint::Checkpoint;
use crate::error::{ModelError, Result};

/// A learned tensor of a [`Parameters`] store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parameter(usize);

/// Weight decay applies to matrices, not to biases and layer norms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    Decay,
    NoDecay,
}

impl Group {
    const ALL: [Self; 2] = [Self::Decay, Self::NoDecay];
}

/// What to do about a tensor that the checkpoint lacks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Init {
    /// It must be there.
    Required,
    /// Draw from a normal distribution with this deviation.
    Normal(f64),
    /// Zeros.
    Zeros,
}

/// A declared tensor: one or more tensors on disk, stacked along the first dimension.
#[derive(Debug)]
struct Spec {
    names: Vec<String>,
    /// Shape of each of the stacked tensors.
    part: Vec<i64>,
    group: Group,
    init: Init,
}

impl Spec {
    fn part_len(&self) -> i64 {
        self.part.iter().product()
    }

    fn len(&self) -> i64 {
        self.part_len() * self.names.len() as i64
    }

    fn shape(&self) -> Vec<i64> {
        let mut shape = self.part.clone();
        shape[0] *= self.names.len() as i64;
        shape
    }
}

/// Collects declarations while a model is put together.
#[derive(Debug, Default)]
pub(crate) struct ParameterPlan {
    specs: Vec<Spec>,
}

impl ParameterPlan {
    /// Declares tensors of `part` shape each, stacked along the first dimension. Vectors do not
    /// decay, matrices do.
    pub(crate) fn add(&mut self, names: &[String], part: &[i64], init: Init) -> Parameter {
        let group = if part.len() > 1 { Group::Decay } else { Group::NoDecay };
        self.specs.push(Spec { names: names.to_vec(), part: part.to_vec(), group, init });
        Parameter(self.specs.len() - 1)
    }

    /// Allocates the buffers and fills them from the checkpoint.
    pub(crate) fn load(self, checkpoint: &Checkpoint, device: Device) -> Result<Parameters> {
        self.check(checkpoint)?;
        let options = (Kind::Float, device);
        let mut flat = Vec::new();
        for group in Group::ALL {
            let specs = self.specs.iter().filter(|spec| spec.group == group);
            flat.push(Tensor::f_zeros([specs.map(Spec::len).sum::<i64>()], options)?);
        }
        let mut offsets = [0_i64; 2];
        let mut leaves = Vec::with_capacity(self.specs.len());
        let mut places = Vec::with_capacity(self.specs.len());
        for spec in &self.specs {
            let group = spec.group as usize;
            let offset = offsets[group];
            let view = flat[group].f_narrow(0, offset, spec.len())?;
            for (part, name) in spec.names.iter().enumerate() {
                let len = spec.part_len();
                let mut target = view.f_narrow(0, part as i64 * len, len)?.f_view(&*spec.part)?;
                match (checkpoint.get(name), spec.init) {
                    (Some(tensor), _) => target.f_copy_(tensor)?,
                    (None, Init::Normal(deviation)) => {
                        let _ = target.f_normal_(0.0, deviation)?;
                    }
                    (None, Init::Zeros | Init::Required) => {}
                }
            }
            leaves.push(view.f_view(&*spec.shape())?.f_detach()?.f_set_requires_grad(true)?);
            places.push((spec.group, offset));
            offsets[group] += spec.len();
        }
        Ok(Parameters { specs: self.specs, places, leaves, flat })
    }

    fn check(&self, checkpoint: &Checkpoint) -> Result<()> {
        let mut missing = Vec::new();
        for spec in &self.specs {
            for name in &spec.names {
                match checkpoint.get(name) {
                    Some(tensor) if tensor.size() != spec.part => {
                        return Err(ModelError::Shape {
                            path: checkpoint.path().to_owned(),
                            name: name.clone(),
                            expected: spec.part.clone(),
                            found: tensor.size(),
                        });
                    }
                    None if spec.init == Init::Required => missing.push(name),
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
}

/// The learned tensors of a model.
#[derive(Debug)]
pub(crate) struct Parameters {
    specs: Vec<Spec>,
    /// Group and offset within its flat buffer.
    places: Vec<(Group, i64)>,
    /// What the forward pass multiplies by; shares memory with `flat`.
    leaves: Vec<Tensor>,
    flat: Vec<Tensor>,
}

impl Parameters {
    /// The tensor, as the forward pass uses it.
    pub(crate) fn get(&self, parameter: Parameter) -> &Tensor {
        &self.leaves[parameter.0]
    }

    /// Number of learned numbers.
    pub(crate) fn count(&self) -> usize {
        self.flat.iter().map(Tensor::numel).sum()
    }

    /// All parameters of a group as one vector, `[parameters of the group]`.
    pub(crate) fn flat(&self, group: Group) -> &Tensor {
        &self.flat[group as usize]
    }

    /// Gradients of `loss`, written into vectors that run parallel to [`Parameters::flat`].
    pub(crate) fn backward_into(&self, loss: &Tensor, gradients: &mut [Tensor]) -> Result<()> {
        let computed = Tensor::f_run_backward(&[loss], &self.leaves, false, false)?;
        no_grad(|| {
            for ((spec, (group, offset)), gradient) in
                self.specs.iter().zip(&self.places).zip(computed)
            {
                let mut target = gradients[*group as usize].f_narrow(0, *offset, spec.len())?;
                target.f_copy_(&gradient.f_reshape([-1])?)?;
            }
            Ok(())
        })
    }

    /// Vectors of zeros parallel to the flat buffers, by group.
    pub(crate) fn zeros_like(&self) -> Result<Vec<Tensor>> {
        self.flat.iter().map(|flat| Ok(flat.f_zeros_like()?)).collect()
    }

    /// Every tensor under its name on disk, out of vectors that run parallel to the flat buffers
    /// (the parameters themselves, or their gradients).
    pub(crate) fn named(&self, flat: &[Tensor]) -> Result<Vec<(String, Tensor)>> {
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
        self.named(&self.flat)
    }
}
