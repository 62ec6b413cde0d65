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

/// Which of the parameters learn, and how fast compared with the learning rate of a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LayerRates {
    /// Each layer's rate is this share of that of the layer above it; the layer below the head
    /// starts with it once, the embeddings come last (Clark et al. 2020). 1: all the same.
    pub layer_decay: f64,
    /// The head's rate, as a multiple of the step's.
    pub head: f64,
    /// What does not learn.
    pub freeze: Freeze,
}

/// Parts of a model that keep the weights they came with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Freeze {
    /// Everything learns.
    #[default]
    Nothing,
    /// The embeddings.
    Embeddings,
    /// The embeddings and this many of the lowest layers.
    Layers(usize),
    /// All but the head.
    Encoder,
}

impl Default for LayerRates {
    fn default() -> Self {
        Self { layer_decay: 1.0, head: 1.0, freeze: Freeze::Nothing }
    }
}

/// Where in a model a tensor belongs, as its name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Embeddings,
    Layer(usize),
    Head,
}

impl Part {
    fn of(name: &str) -> Self {
        if let Some((_, rest)) = name.split_once("layer.") {
            let number = rest.split('.').next().and_then(|number| number.parse().ok());
            if let Some(number) = number {
                return Self::Layer(number);
            }
        }
        if name.starts_with("embeddings") { Self::Embeddings } else { Self::Head }
    }

    /// The multiple of the learning rate in a model of this many layers; `None` if frozen.
    fn rate(self, rates: &LayerRates, layers: usize) -> Option<f64> {
        let decayed = |above: usize| rates.layer_decay.powi(above.try_into().unwrap_or(i32::MAX));
        match (self, rates.freeze) {
            (Self::Head, _) => Some(rates.head),
            (_, Freeze::Encoder) | (Self::Embeddings, Freeze::Embeddings | Freeze::Layers(_)) => {
                None
            }
            (Self::Layer(layer), Freeze::Layers(frozen)) if layer < frozen => None,
            (Self::Layer(layer), _) => Some(decayed(layers.saturating_sub(layer))),
            (Self::Embeddings, _) => Some(decayed(layers + 1)),
        }
    }
}

/// A run of a flat buffer that learns at one rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Segment {
    pub(crate) start: i64,
    pub(crate) len: i64,
    /// Multiple of the step's learning rate.
    pub(crate) rate: f64,
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
        check(&self.specs, checkpoint, false)?;
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
                let found = checkpoint.copy_into(name, &target)?;
                if let (false, Init::Normal(deviation)) = (found, spec.init) {
                    let _ = target.f_normal_(0.0, deviation)?;
                }
            }
            leaves.push(view.f_view(&*spec.shape())?.f_detach()?.f_set_requires_grad(true)?);
            places.push((spec.group, offset));
            offsets[group] += spec.len();
        }
        let mut parameters =
            Parameters { specs: self.specs, places, leaves, flat, segments: Vec::new() };
        parameters.set_rates(&LayerRates::default());
        Ok(parameters)
    }
}

/// Refuses a checkpoint that lacks a tensor, or has one of another shape. `all`: also tensors that
/// could be drawn anew.
fn check(specs: &[Spec], checkpoint: &Checkpoint, all: bool) -> Result<()> {
    let mut missing = Vec::new();
    for spec in specs {
        for name in &spec.names {
            match checkpoint.shape(name) {
                Some(shape) if shape != spec.part => {
                    return Err(ModelError::Shape {
                        path: checkpoint.path().to_owned(),
                        name: name.clone(),
                        expected: spec.part.clone(),
                        found: shape.to_vec(),
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

/// Rows of a learned table, as a tensor of their own to compute with and to take gradients of.
///
/// The gradient of a whole table is zero but for the rows of a batch: to clear and to fill it each
/// time would take longer than all matrix products of a small model's layer.
#[derive(Debug)]
pub(crate) struct Rows {
    table: Parameter,
    /// Which rows, each once, `[rows]`.
    ids: Tensor,
    /// `[rows, width]`.
    pub(crate) values: Tensor,
    /// Place among them of the row that never learns.
    fixed: Option<i64>,
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
    /// By group: what learns, at which rate. Frozen tensors are in none.
    segments: Vec<Vec<Segment>>,
}

impl Parameters {
    /// The tensor, as the forward pass uses it.
    pub(crate) fn get(&self, parameter: Parameter) -> &Tensor {
        &self.leaves[parameter.0]
    }

    /// Rows of a table, each once, of which the one at the place `fixed` never learns.
    pub(crate) fn look_up(
        &self,
        table: Parameter,
        ids: &Tensor,
        fixed: Option<i64>,
    ) -> Result<Rows> {
        let leaf = self.get(table);
        let values = no_grad(|| leaf.f_index_select(0, ids))?;
        let values = values.f_set_requires_grad(leaf.requires_grad())?;
        Ok(Rows { table, ids: ids.shallow_clone(), values, fixed })
    }

    /// Number of learned numbers.
    pub(crate) fn count(&self) -> usize {
        self.flat.iter().map(Tensor::numel).sum()
    }

    /// All parameters of a group as one vector, `[parameters of the group]`.
    pub(crate) fn flat(&self, group: Group) -> &Tensor {
        &self.flat[group as usize]
    }

    /// Says which tensors learn, and how fast.
    pub(crate) fn set_rates(&mut self, rates: &LayerRates) {
        let part = |spec: &Spec| spec.names.first().map_or(Part::Head, |name| Part::of(name));
        let layer = |spec: &Spec| match part(spec) {
            Part::Layer(layer) => layer + 1,
            _ => 0,
        };
        let layers = self.specs.iter().map(layer).max().unwrap_or(0);
        self.segments = vec![Vec::new(); Group::ALL.len()];
        for ((spec, (group, offset)), leaf) in
            self.specs.iter().zip(&self.places).zip(&mut self.leaves)
        {
            let rate = part(spec).rate(rates, layers);
            *leaf = leaf.set_requires_grad(rate.is_some());
            let Some(rate) = rate else { continue };
            let segments = &mut self.segments[*group as usize];
            match segments.last_mut() {
                Some(last) if last.start + last.len == *offset && last.rate == rate => {
                    last.len += spec.len();
                }
                _ => segments.push(Segment { start: *offset, len: spec.len(), rate }),
            }
        }
    }

    /// The runs of a group's flat buffer that learn.
    pub(crate) fn segments(&self, group: Group) -> &[Segment] {
        &self.segments[group as usize]
    }

    /// Gradients of `loss`, written into vectors that run parallel to [`Parameters::flat`], or
    /// added to what they hold; those of the rows of a table are always added. Those of frozen
    /// tensors stay as they are.
    pub(crate) fn backward_into(
        &self,
        loss: &Tensor,
        rows: &Rows,
        gradients: &mut [Tensor],
        add: bool,
    ) -> Result<()> {
        let learning: Vec<usize> = (0..self.leaves.len())
            .filter(|&i| i != rows.table.0 && self.leaves[i].requires_grad())
            .collect();
        let mut leaves: Vec<&Tensor> = learning.iter().map(|&i| &self.leaves[i]).collect();
        if rows.values.requires_grad() {
            leaves.push(&rows.values);
        }
        let mut computed = Tensor::f_run_backward(&[loss], &leaves, false, false)?;
        no_grad(|| {
            if rows.values.requires_grad()
                && let Some(gradient) = computed.pop()
            {
                if let Some(fixed) = rows.fixed {
                    let _ = gradient.f_select(0, fixed)?.f_zero_()?;
                }
                let mut table = self.table(rows.table, gradients)?;
                let _ = table.f_index_add_(0, &rows.ids, &gradient)?;
            }
            for (index, gradient) in learning.into_iter().zip(computed) {
                let (spec, (group, offset)) = (&self.specs[index], self.places[index]);
                let mut target = gradients[group as usize].f_narrow(0, offset, spec.len())?;
                let gradient = gradient.f_reshape([-1])?;
                if add {
                    let _ = target.f_add_(&gradient)?;
                } else {
                    target.f_copy_(&gradient)?;
                }
            }
            Ok(())
        })
    }

    /// The gradients of a table, `[rows, width]`, in the vectors of all gradients.
    fn table(&self, table: Parameter, gradients: &[Tensor]) -> Result<Tensor> {
        let (spec, (group, offset)) = (&self.specs[table.0], self.places[table.0]);
        let flat = gradients[group as usize].f_narrow(0, offset, spec.len())?;
        Ok(flat.f_view(&*spec.shape())?)
    }

    /// Sets the gradients of these rows to zero again.
    pub(crate) fn clear(&self, rows: &Rows, gradients: &[Tensor]) -> Result<()> {
        let mut table = self.table(rows.table, gradients)?;
        let _ = no_grad(|| table.f_index_fill_(0, &rows.ids, 0.0))?;
        Ok(())
    }

    /// Fills every tensor from a checkpoint of this very model.
    pub(crate) fn restore(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        check(&self.specs, checkpoint, true)?;
        let named = self.named_values()?;
        no_grad(|| {
            for (name, tensor) in named {
                checkpoint.copy_into(&name, &tensor)?;
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
