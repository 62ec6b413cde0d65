//! AdamW over flat parameter vectors.

use tch::{Device, Kind, Tensor, no_grad};

use crate::checkpoint::Checkpoint;
use crate::error::{ModelError, Result};
use crate::gradients::Gradients;
use crate::kernels::{self, AdamWStep};
use crate::parameters::{Group, Parameters, WordRows};
use crate::queue::QueuedGradients;
use crate::update::Update;

/// Constants of AdamW (Loshchilov and Hutter 2019) and of gradient clipping.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct AdamWConfig {
    /// Decay of the mean of gradients, 0 to 1.
    pub beta1: f64,
    /// Decay of the mean of squared gradients, 0 to 1.
    pub beta2: f64,
    /// Added to the root of the mean square.
    pub epsilon: f64,
    /// Decay of matrices per unit of learning rate; biases and layer norms do not decay.
    pub weight_decay: f64,
    /// Largest norm of all gradients together; longer ones are scaled down to it.
    pub max_gradient_norm: f64,
}

impl Default for AdamWConfig {
    /// transformers' constants with a weight decay of 0.01.
    fn default() -> Self {
        Self { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.01, max_gradient_norm: 1.0 }
    }
}

ner_align_core::setters! { AdamWConfig {
    with_beta1: beta1: f64,
    with_beta2: beta2: f64,
    with_epsilon: epsilon: f64,
    with_weight_decay: weight_decay: f64,
    with_max_gradient_norm: max_gradient_norm: f64,
} }

/// Elements handled at a time on the CPU: parameters, gradients and both moments of a chunk stay in
/// cache while the operations of one update pass over them.
const CHUNK: i64 = 1 << 16;

/// The optimizer's state: two moments for each flat vector.
#[derive(Debug)]
pub(crate) struct AdamW {
    config: AdamWConfig,
    step: i32,
    means: Vec<Tensor>,
    squares: Vec<Tensor>,
    /// The device works off a queue, which nothing waits for.
    queued: bool,
    pending: Pending,
}

/// The gradients of a step so far.
#[derive(Debug, Default)]
enum Pending {
    #[default]
    Nothing,
    /// By tensor.
    Tensors(Gradients),
    /// As long vectors.
    Queued(QueuedGradients),
}

impl AdamW {
    pub(crate) fn new(config: AdamWConfig, parameters: &Parameters, queued: bool) -> Result<Self> {
        // Rows wait for their updates on the CPU alone; on other devices all updates are a few
        // operations over complete buffers.
        let learns = parameters.table().is_some_and(|(_, rate)| rate.is_some());
        let lazy = learns && !queued && parameters.flat(Group::Table).device() == Device::Cpu;
        let groups = if learns && !lazy { &Group::ALL[..] } else { &Group::ALL[..2] };
        if lazy {
            parameters.update_rows_lazily();
        }
        Ok(Self {
            config,
            step: 0,
            means: parameters.zeros_like(groups)?,
            squares: parameters.zeros_like(groups)?,
            queued,
            pending: Pending::Nothing,
        })
    }

    /// Adds the gradients of `loss` to those of this step, of which it may be the `first`.
    pub(crate) fn accumulate(
        &mut self,
        parameters: &Parameters,
        loss: &Tensor,
        rows: WordRows,
        first: bool,
    ) -> Result<()> {
        if first {
            // Their memory is free for the new ones.
            self.forget();
        }
        let gradients = parameters.backward(loss, rows)?;
        no_grad(|| {
            if self.queued {
                let gradients = QueuedGradients::of(parameters, &gradients)?;
                match &mut self.pending {
                    Pending::Queued(pending) => pending.add(&gradients)?,
                    pending => *pending = Pending::Queued(gradients),
                }
            } else {
                let gradients = gradients.in_f32()?;
                match &mut self.pending {
                    Pending::Tensors(pending) => pending.add(gradients)?,
                    pending => *pending = Pending::Tensors(gradients),
                }
            }
            Ok(())
        })
    }

    /// Forgets the gradients of a step that failed.
    pub(crate) fn forget(&mut self) {
        self.pending = Pending::Nothing;
    }

    /// One update by the gradients of this step. Returns their norm before clipping, a scalar in f32.
    pub(crate) fn step(&mut self, parameters: &Parameters, learning_rate: f64) -> Result<Tensor> {
        self.step += 1;
        let pending = std::mem::take(&mut self.pending);
        no_grad(|| {
            let norm = match pending {
                Pending::Nothing => Tensor::f_zeros([], (Kind::Float, Device::Cpu))?,
                Pending::Tensors(gradients) => {
                    self.by_tensor(parameters, &gradients, learning_rate)?
                }
                Pending::Queued(gradients) => {
                    self.by_queue(parameters, &gradients, learning_rate)?
                }
            };
            parameters.refresh()?;
            Ok(norm)
        })
    }

    fn by_tensor(
        &self,
        parameters: &Parameters,
        gradients: &Gradients,
        learning_rate: f64,
    ) -> Result<Tensor> {
        let rows = gradients.rows()?;
        let norm = gradients.norm(rows.as_ref().map(|(_, gradient)| gradient))?;
        let scale = self.clip(norm.f_double_value(&[])?);
        for group in [Group::Decay, Group::NoDecay] {
            let flat = parameters.flat(group);
            for run in parameters.runs(group, flat.device() != Device::Cpu) {
                let update = self.update(group, learning_rate * run.rate, scale);
                let mut gradient = gradients.of_run(&run)?;
                self.apply(flat, group, run.start, &mut gradient, &update)?;
            }
        }
        if let (Some((_, Some(rate))), Some((ids, gradient))) = (parameters.table(), rows) {
            let update = self.update(Group::Table, learning_rate * rate, scale);
            let stepped = parameters.with_lazy_rows(|lazy, table| {
                let mut rows = vec![0.0_f32; gradient.numel()];
                gradient.f_contiguous()?.f_copy_data(&mut rows, gradient.numel())?;
                lazy.step(table, &ids, &rows, &update)
            })?;
            if stepped.is_none() {
                let flat = parameters.flat(Group::Table);
                let ids = Tensor::f_from_slice(&ids)?.f_to_device(flat.device())?;
                let width = gradient.size()[1];
                let mut all = flat.f_zeros_like()?.f_view([-1, width])?;
                let _ = all.f_index_add_(0, &ids, &gradient)?;
                self.apply(flat, Group::Table, 0, &mut all.f_view([-1])?, &update)?;
            }
        }
        Ok(norm)
    }

    /// The same in one operation for each part that learns at one rate; the norm stays on the device.
    fn by_queue(
        &self,
        parameters: &Parameters,
        gradients: &QueuedGradients,
        learning_rate: f64,
    ) -> Result<Tensor> {
        let norm = gradients.norm()?;
        let AdamWConfig { beta1, beta2, epsilon, weight_decay, max_gradient_norm } = self.config;
        let divisor = norm.f_add_scalar(1e-6)?.f_div_scalar(max_gradient_norm)?.f_clamp_min(1.0)?;
        let step = Tensor::f_full([], f64::from(self.step), (Kind::Float, norm.device()))?;
        for (group, run, gradient) in gradients.parts() {
            let part = |of: &Tensor| of.f_narrow(0, run.start, run.len);
            let values = part(parameters.flat(group))?;
            let (mean, square) =
                (part(&self.means[group as usize])?, part(&self.squares[group as usize])?);
            let decay = if group == Group::NoDecay { 0.0 } else { weight_decay };
            let rate = learning_rate * run.rate;
            let constants = AdamWStep { rate, beta1, beta2, decay, epsilon };
            kernels::adamw([&values, gradient, &mean, &square], &step, &divisor, constants)?;
        }
        Ok(norm)
    }

    /// Begins a step whose gradients are elsewhere.
    pub(crate) const fn begin(&mut self) {
        self.step += 1;
    }

    /// The constants of this step where the gradients have this norm.
    pub(crate) fn update_of(&self, group: Group, rate: f64, norm: f64) -> Update {
        self.update(group, rate, self.clip(norm))
    }

    /// What gradients of this norm are multiplied by.
    fn clip(&self, norm: f64) -> f64 {
        // torch.nn.utils.clip_grad_norm_ adds the same constant.
        (self.config.max_gradient_norm / (norm + 1e-6)).min(1.0)
    }

    /// Handles to the moments of a group: means and squares.
    pub(crate) fn moments_of(&self, group: Group) -> (Tensor, Tensor) {
        let group = group as usize;
        (self.means[group].shallow_clone(), self.squares[group].shallow_clone())
    }

    /// The constants of this step for elements that learn at this rate.
    fn update(&self, group: Group, rate: f64, scale: f64) -> Update {
        let AdamWConfig { beta1, beta2, epsilon, weight_decay, .. } = self.config;
        let correction1 = 1.0 - beta1.powi(self.step);
        let correction2 = (1.0 - beta2.powi(self.step)).sqrt();
        let decay = if group == Group::NoDecay { 0.0 } else { weight_decay };
        Update {
            scale,
            mean_share: 1.0 - beta1,
            square_share: 1.0 - beta2,
            rate: rate * correction2 / correction1,
            epsilon: epsilon * correction2,
            keep: 1.0 - rate * decay,
        }
    }

    /// Updates as many elements of a flat vector as there are gradients.
    fn apply(
        &self,
        flat: &Tensor,
        group: Group,
        first: i64,
        gradient: &mut Tensor,
        update: &Update,
    ) -> Result<()> {
        let count = gradient.numel() as i64;
        let chunk = if flat.device() == Device::Cpu { CHUNK } else { count };
        let mut start = 0;
        while start < count {
            let len = chunk.min(count - start);
            let part = |whole: &Tensor| whole.f_narrow(0, first + start, len);
            let mut values = part(flat)?;
            let mut mean = part(&self.means[group as usize])?;
            let mut square = part(&self.squares[group as usize])?;
            let mut gradient = gradient.f_narrow(0, start, len)?;
            if update.scale < 1.0 {
                let _ = gradient.f_mul_scalar_(update.scale)?;
            }
            if update.keep != 1.0 {
                let _ = values.f_mul_scalar_(update.keep)?;
            }
            let _ = mean.f_lerp_(&gradient, update.mean_share)?;
            let _ = square.f_lerp_(&gradient.f_square()?, update.square_share)?;
            if update.rate != 0.0 {
                let mut divisor = square.f_sqrt()?;
                let _ = divisor.f_add_scalar_(update.epsilon)?;
                let _ = divisor.f_mul_scalar_(-update.rate.recip())?;
                let _ = values.f_addcdiv_(&mean, &divisor)?;
            }
            start += len;
        }
        Ok(())
    }

    /// The state as named tensors: the moments, and the number of steps.
    pub(crate) fn state(&self, parameters: &Parameters) -> Result<Vec<(String, Tensor)>> {
        let [means, squares] = self.moments(parameters)?;
        let named = |name: &str, tensors: Vec<Tensor>| -> Vec<(String, Tensor)> {
            let of = |(i, tensor)| (format!("{name}.{i}"), tensor);
            tensors.into_iter().enumerate().map(of).collect()
        };
        let mut state = named("mean", means);
        state.extend(named("square", squares));
        // f32 holds whole numbers up to 2^24, more steps than a run of this kind makes.
        state.push(("step".to_owned(), Tensor::from_slice(&[self.step as f32])));
        Ok(state)
    }

    /// Means and squares by group, up to date.
    fn moments(&self, parameters: &Parameters) -> Result<[Vec<Tensor>; 2]> {
        let copies = |of: &[Tensor]| of.iter().map(Tensor::shallow_clone).collect::<Vec<_>>();
        let mut moments = [copies(&self.means), copies(&self.squares)];
        let of_table = parameters.with_lazy_rows(|lazy, table| {
            lazy.settle(table)?;
            lazy.moments()
        })?;
        for (moments, of_table) in moments.iter_mut().zip(of_table.into_iter().flatten()) {
            moments[Group::Table as usize] = of_table;
        }
        Ok(moments)
    }

    /// Sets the state to what [`AdamW::state`] returned.
    pub(crate) fn restore(&mut self, parameters: &Parameters, state: &Checkpoint) -> Result<()> {
        let read = |name: String, target: &Tensor| match state.shape(&name) {
            Some(shape) if shape == target.size() => state.copy_into(&name, target).map(|_| ()),
            Some(shape) => Err(ModelError::Shape {
                path: state.path().to_owned(),
                expected: target.size(),
                found: shape.to_vec(),
                name,
            }),
            None => Err(ModelError::MissingWeights {
                path: state.path().to_owned(),
                first: name,
                count: 1,
            }),
        };
        let one = Tensor::f_zeros([1], (tch::Kind::Float, tch::Device::Cpu))?;
        read("step".to_owned(), &one)?;
        self.step = one.f_double_value(&[0])? as i32;
        let moments = self.moments(parameters)?;
        for (name, tensors) in ["mean", "square"].iter().zip(&moments) {
            for (index, tensor) in tensors.iter().enumerate() {
                read(format!("{name}.{index}"), tensor)?;
            }
        }
        // The tensors above are the state itself, except for those of lazy rows, which are copies.
        let table = moments.each_ref().map(|of| of[Group::Table as usize].shallow_clone());
        parameters.with_lazy_rows(|lazy, _| lazy.set_moments(&table))?;
        Ok(())
    }
}
