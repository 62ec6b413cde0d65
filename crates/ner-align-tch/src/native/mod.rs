//! The encoder on a processor, forward and back, without a graph of operations.
//!
//! A batch's windows are dealt out to threads at the start of a pass, and each thread goes through
//! all layers by itself: products on one thread, kernels of `ner-align-kernels` between them, in
//! memory that is kept from one step to the next. Threads meet twice in a step, for the loss and for
//! the update.
//!
//! [`crate::encoder`] computes the same by libtorch's operations, on any device. It is what this one
//! is tested against.

mod backward;
mod forward;
mod gradients;
mod held;
mod int8;
mod matrix;
mod part;
mod plan;
mod products;
mod space;
mod update;

use std::sync::{Mutex, PoisonError};

use ner_align_core::Batch;
use ner_align_kernels::Bf16;
use rayon::ThreadPool;
use rayon::prelude::*;
use tch::{Device, Kind, Tensor};

use crate::config::EncoderConfig;
use crate::dropout::Masks;
use crate::encoder::Encoder;
use crate::error::Result;
use crate::memory::{slice, slice_mut};
use crate::parameters::{Parameters, Weights, WordRows};
use crate::threads;
use forward::Pass;
use gradients::Back;
use held::Held;
pub(crate) use matrix::Number;
use part::{Part, Words, deal};
use plan::Plan;
use space::Space;
pub(crate) use update::Joined;

/// The encoder in the type that it computes in.
#[derive(Debug)]
pub(crate) enum Native {
    F32(Typed<f32>),
    Bf16(Typed<Bf16>),
}

impl Native {
    /// For parameters on the CPU; `None` for an encoder that is not built as BERT is.
    pub(crate) fn new(
        encoder: &Encoder,
        config: &EncoderConfig,
        parameters: &Parameters,
    ) -> Result<Option<Self>> {
        let Some(plan) = Plan::new(encoder, config, parameters) else { return Ok(None) };
        Ok(Some(match parameters.weights().kind() {
            Kind::BFloat16 => Self::Bf16(Typed::new(plan, parameters)?),
            _ => Self::F32(Typed::new(plan, parameters)?),
        }))
    }

    /// Hidden states of the last layer in the rows to classify, `[rows, hidden]`; nothing is dropped.
    pub(crate) fn hidden(
        &self,
        encoder: &Encoder,
        config: &EncoderConfig,
        weights: &Weights,
        batch: &Batch,
    ) -> Result<Tensor> {
        match self {
            Self::F32(typed) => typed.hidden(encoder, config, weights, batch),
            Self::Bf16(typed) => typed.hidden(encoder, config, weights, batch),
        }
    }
}

/// Subtokens that a thread predicts at a time: what a layer makes of them stays in its cache.
const AT_ONCE: usize = 512;

/// One thread's memory and handles.
#[derive(Debug)]
struct Worker<T> {
    held: Held<T>,
    space: Space<T>,
    back: Option<Back<T>>,
}

/// The encoder in one type.
#[derive(Debug)]
pub(crate) struct Typed<T> {
    plan: Plan,
    held: Mutex<Held<T>>,
    /// Workers that no pass uses.
    idle: Mutex<Vec<Worker<T>>>,
}

/// A pass that went forward.
#[derive(Debug)]
pub(crate) struct Running<T> {
    parts: Vec<Part>,
    workers: Vec<Worker<T>>,
    words: WordRows,
    masks: Masks,
    /// Hidden states of the last layer in the rows to classify, `[rows, hidden]`.
    pub(crate) hidden: Tensor,
}

/// What a mutex holds; a thread that panicked left it as good as before.
fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T: Number> Typed<T> {
    fn new(plan: Plan, parameters: &Parameters) -> Result<Self> {
        let held = Mutex::new(Held::of(parameters)?);
        Ok(Self { plan, held, idle: Mutex::new(Vec::new()) })
    }

    fn worker(&self) -> Result<Worker<T>> {
        if let Some(worker) = locked(&self.idle).pop() {
            return Ok(worker);
        }
        let held = locked(&self.held).handle();
        Ok(Worker { held, space: Space::new(&self.plan)?, back: None })
    }

    fn hidden(
        &self,
        encoder: &Encoder,
        config: &EncoderConfig,
        weights: &Weights,
        batch: &Batch,
    ) -> Result<Tensor> {
        let pool = threads::pool()?;
        let shares = pool.current_num_threads().max(batch.input_ids.len() / AT_ONCE);
        let (Words { rows, padding }, parts) = deal(batch, config, shares)?;
        let words = encoder.look_up(weights, &rows, padding)?;
        let table = slice::<f32>(&words.values);
        let found: Result<Vec<Vec<T>>> = pool.install(|| {
            let of_part = |part: &Part| {
                let mut worker = self.worker()?;
                let Worker { held, space, .. } = &mut worker;
                let (plan, masks) = (&self.plan, Masks::off());
                let pass = Pass { plan, held, part, words: table, masks, keeps: false };
                tch::no_grad(|| pass.forward(space))?;
                let rows = space.result.rows(part.outputs.len()).to_vec();
                locked(&self.idle).push(worker);
                Ok(rows)
            };
            parts.par_iter().with_max_len(1).map(of_part).collect()
        });
        let found = found?;
        self.gathered(batch.rows.len(), parts.iter().zip(found.iter().map(Vec::as_slice)))
    }

    /// The hidden states of all parts in the order of the batch's rows, `[rows, hidden]`.
    fn gathered<'a>(
        &self,
        rows: usize,
        parts: impl Iterator<Item = (&'a Part, &'a [T])>,
    ) -> Result<Tensor> {
        let columns = self.plan.hidden;
        let size = [rows as i64, columns as i64];
        let mut hidden = Tensor::f_zeros(size, (T::KIND, Device::Cpu))?;
        let into = slice_mut::<T>(&mut hidden);
        for (part, rows) in parts {
            for (row, &output) in rows.chunks_exact(columns).zip(&part.outputs) {
                into[output * columns..(output + 1) * columns].copy_from_slice(row);
            }
        }
        Ok(hidden)
    }

    /// Goes forward; the way back may follow.
    pub(crate) fn forward(
        &self,
        encoder: &Encoder,
        config: &EncoderConfig,
        weights: &Weights,
        batch: &Batch,
        masks: Masks,
    ) -> Result<Running<T>> {
        let pool = threads::pool()?;
        let (Words { rows, padding }, parts) = deal(batch, config, pool.current_num_threads())?;
        let words = encoder.look_up(weights, &rows, padding)?;
        let mut workers =
            parts.iter().map(|_| self.worker()).collect::<Result<Vec<Worker<T>>>>()?;
        let table = slice::<f32>(&words.values);
        each(pool, &mut workers, &parts, |worker, part| {
            let Worker { held, space, .. } = worker;
            let plan = &self.plan;
            Pass { plan, held, part, words: table, masks, keeps: true }.forward(space)
        })?;
        let found = parts
            .iter()
            .zip(&workers)
            .map(|(part, worker)| (part, worker.space.result.rows(part.outputs.len())));
        let hidden = self.gathered(batch.rows.len(), found)?;
        Ok(Running { parts, workers, words, masks, hidden })
    }

    /// Goes back from the gradient of `running.hidden`.
    pub(crate) fn backward(&self, running: &mut Running<T>, gradient: &Tensor) -> Result<()> {
        let gradient = gradient.f_to_kind(T::KIND)?.f_contiguous()?;
        let (gradient, columns) = (slice::<T>(&gradient), self.plan.hidden);
        let Running { parts, workers, words, masks, .. } = running;
        let (table, masks) = (slice::<f32>(&words.values), *masks);
        let distinct = words.ids.len();
        let pool = threads::pool()?;
        each(pool, workers, parts, |worker, part| {
            let Worker { held, space, back } = worker;
            let back = match back {
                Some(back) => back,
                None => back.insert(Back::new(&self.plan, held)?),
            };
            let plan = &self.plan;
            let pass = Pass { plan, held, part, words: table, masks, keeps: true };
            back.reserve(plan, pass.all().computed, pass.chosen().computed, distinct)?;
            let rows = back.outer.rows_mut(part.outputs.len());
            for (row, &output) in rows.chunks_exact_mut(columns).zip(&part.outputs) {
                row.copy_from_slice(&gradient[output * columns..(output + 1) * columns]);
            }
            pass.backward(space, back)
        })
    }

    /// From now on predicts by 8-bit integers.
    pub(crate) fn quantize(&self) -> Result<()> {
        self.forget();
        locked(&self.held).quantize(&self.plan)
    }

    /// Frees the matrices that integers took the place of.
    pub(crate) fn free_rounded(&self) -> Result<()> {
        self.forget();
        locked(&self.held).free_rounded(&self.plan)
    }

    /// Frees the memory of passes.
    pub(crate) fn forget(&self) {
        locked(&self.idle).clear();
    }

    /// Gives the memory of a pass back.
    pub(crate) fn done(&self, running: Running<T>) {
        locked(&self.idle).extend(running.workers.into_iter().rev());
    }
}

/// Calls `work` for each worker and its part, on a thread each.
fn each<T: Number>(
    pool: &ThreadPool,
    workers: &mut [Worker<T>],
    parts: &[Part],
    work: impl Fn(&mut Worker<T>, &Part) -> Result<()> + Sync,
) -> Result<()> {
    pool.install(|| {
        workers
            .par_iter_mut()
            .with_max_len(1)
            .zip(parts)
            .try_for_each(|(worker, part)| tch::no_grad(|| work(worker, part)))
    })
}
