//! The gradients of a step, and the update by them.

use ner_align_kernels::{Element, Update as Step, adamw, sum_of_squares};
use rayon::prelude::*;
use tch::Tensor;

use super::matrix::Number;
use super::{Running, Typed};
use crate::adamw::AdamW;
use crate::error::Result;
use crate::gradients::{Gradients, RowGradients, distinct};
use crate::memory::slice_mut;
use crate::parameters::{Group, Parameter, Parameters};
use crate::threads;
use crate::update::Update;

/// Numbers that a thread updates at a time.
const CHUNK: usize = 1 << 16;

/// The gradients of one batch or of several, in f32.
#[derive(Debug, Default)]
pub(crate) struct Joined {
    /// Parallel to the flat buffer of matrices; empty while a single batch's are used in place.
    matrices: Vec<f32>,
    /// Parallel to the flat buffer of vectors.
    vectors: Vec<f32>,
    /// Rows of the table of words, each once a batch, and their gradients.
    words: Vec<(Vec<i64>, Vec<f32>)>,
}

impl Joined {
    /// The rows of the table that have gradients, each once, and these, `[rows, width]`.
    fn words(&self) -> Option<(Vec<i64>, Vec<f32>)> {
        match self.words.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            many => {
                let ids: Vec<i64> = many.iter().flat_map(|(ids, _)| ids).copied().collect();
                let (once, of) = distinct(&ids);
                let width = many[0].1.len() / many[0].0.len().max(1);
                let mut sum = vec![0.0; once.len() * width];
                let rows = many.iter().flat_map(|(_, rows)| rows.chunks_exact(width));
                for (row, of) in rows.zip(of) {
                    let into = &mut sum[of as usize * width..][..width];
                    for (into, value) in into.iter_mut().zip(row) {
                        *into += value;
                    }
                }
                Some((once, sum))
            }
        }
    }
}

impl<T: Number> Typed<T> {
    /// Sets the gradient of a parameter above the encoder.
    pub(crate) fn set(
        &self,
        running: &mut Running<T>,
        parameters: &Parameters,
        parameter: Parameter,
        gradient: &Tensor,
    ) -> Result<()> {
        let start = parameters.offset(parameter);
        let mut values = vec![0.0_f32; gradient.numel()];
        let count = values.len();
        gradient.f_to_kind(tch::Kind::Float)?.f_contiguous()?.f_copy_data(&mut values, count)?;
        let backs = running.workers.iter_mut().filter_map(|worker| worker.back.as_mut());
        for (number, back) in backs.enumerate() {
            // The sum over threads counts it once.
            let value = |at: usize| if number == 0 { values[at] } else { 0.0 };
            match parameters.group(parameter) {
                Group::NoDecay => {
                    let into = &mut back.found.vectors[start..start + count];
                    into.iter_mut().enumerate().for_each(|(at, into)| *into = value(at));
                }
                _ => {
                    let into = &mut back.found.matrices_mut()[start..start + count];
                    into.iter_mut()
                        .enumerate()
                        .for_each(|(at, into)| *into = T::from_f32(value(at)));
                }
            }
        }
        Ok(())
    }

    /// What the threads found, joined; matrices stay where they are unless `all`.
    pub(crate) fn join(&self, running: &Running<T>, joined: &mut Joined, all: bool) {
        let found = running.workers.iter().filter_map(|worker| worker.back.as_ref());
        let found: Vec<_> = found.map(|back| &back.found).collect();
        let mut words = Vec::new();
        for found in &found {
            add(&mut joined.vectors, &found.vectors);
            add(&mut words, &found.words);
            if all {
                add(&mut joined.matrices, found.matrices());
            }
        }
        let Running { words: rows, .. } = running;
        if rows.values.requires_grad() && !words.is_empty() {
            if let Some(fixed) = rows.fixed() {
                let width = self.plan.narrow;
                words[fixed * width..(fixed + 1) * width].fill(0.0);
            }
            joined.words.push((rows.ids.clone(), words));
        }
    }

    /// One update by the gradients of this pass alone. Returns their norm before clipping.
    pub(crate) fn update(
        &self,
        optimizer: &mut AdamW,
        parameters: &Parameters,
        running: &Running<T>,
        joined: &Joined,
        rate: f64,
    ) -> Result<f64> {
        let found = running.workers.iter().filter_map(|worker| worker.back.as_ref());
        let matrices: Vec<&[T]> = found.map(|back| back.found.matrices()).collect();
        step(optimizer, parameters, &matrices, joined, rate)
    }
}

impl Joined {
    /// By learned tensor.
    pub(crate) fn into_gradients(self, parameters: &Parameters) -> Result<Gradients> {
        let mut gradients = Gradients::new(parameters.tensors());
        for (group, flat) in [(Group::Decay, &self.matrices), (Group::NoDecay, &self.vectors)] {
            let flat = Tensor::f_from_slice(flat)?;
            for run in parameters.runs(group, false) {
                for &leaf in &run.leaves {
                    gradients.set(leaf, flat.f_narrow(0, run.start, run.len)?);
                }
            }
        }
        if let Some((ids, rows)) = self.words() {
            let size = [ids.len() as i64, (rows.len() / ids.len().max(1)) as i64];
            let gradient = Tensor::f_from_slice(&rows)?.f_view(size)?;
            let index = Tensor::f_from_slice(&ids)?;
            gradients.set_rows(RowGradients { ids, index, gradient });
        }
        Ok(gradients)
    }

    /// One update by the gradients of several passes. Returns their norm before clipping.
    pub(crate) fn update(
        &self,
        optimizer: &mut AdamW,
        parameters: &Parameters,
        rate: f64,
    ) -> Result<f64> {
        step(optimizer, parameters, &[&self.matrices[..]], self, rate)
    }
}

/// `sum += more`, where an empty sum is one of zeros.
fn add<T: Element>(sum: &mut Vec<f32>, more: &[T]) {
    if sum.is_empty() {
        sum.extend(more.iter().map(|value| value.to_f32()));
        return;
    }
    for (sum, more) in sum.iter_mut().zip(more) {
        *sum += more.to_f32();
    }
}

/// One update. The gradients of matrices are the sum of these vectors.
fn step<T: Number>(
    optimizer: &mut AdamW,
    parameters: &Parameters,
    matrices: &[&[T]],
    joined: &Joined,
    learning_rate: f64,
) -> Result<f64> {
    let pool = threads::pool()?;
    let words = joined.words();
    let vectors = [&joined.vectors[..]];
    let mut squares = words.as_ref().map_or(0.0, |(_, rows)| sum_of_squares(&[&rows[..]]));
    for run in parameters.runs(Group::Decay, true) {
        let run = run.start as usize..(run.start + run.len) as usize;
        squares += pool.install(|| {
            let starts: Vec<usize> = run.clone().step_by(CHUNK).collect();
            let sums: Vec<f64> = starts
                .par_iter()
                .map(|&start| sum_of_squares(&parts(matrices, start..run.end.min(start + CHUNK))))
                .collect();
            // In this order, on however many threads.
            sums.iter().sum::<f64>()
        });
    }
    for run in parameters.runs(Group::NoDecay, true) {
        let run = run.start as usize..(run.start + run.len) as usize;
        squares += sum_of_squares(&parts(&vectors, run));
    }
    let norm = squares.sqrt();
    optimizer.begin();
    for group in [Group::Decay, Group::NoDecay] {
        for run in parameters.runs(group, true) {
            let update = optimizer.update_of(group, learning_rate * run.rate, norm);
            let run = run.start as usize..(run.start + run.len) as usize;
            let mut values = parameters.flat(group).shallow_clone();
            let (mut means, mut squares) = optimizer.moments_of(group);
            let mut copy = parameters.copy(group);
            let values = &mut slice_mut::<f32>(&mut values)[run.clone()];
            let means = &mut slice_mut::<f32>(&mut means)[run.clone()];
            let squares = &mut slice_mut::<f32>(&mut squares)[run.clone()];
            let copy = copy.as_mut().map_or(&mut [][..], |copy| {
                &mut slice_mut::<ner_align_kernels::Bf16>(copy)[run.clone()]
            });
            let update = of_kernel(&update);
            match group {
                Group::NoDecay => {
                    adamw(update, &parts(&vectors, run), values, means, squares, &mut []);
                }
                _ => pool.install(|| {
                    let copies: Vec<&mut [_]> = if copy.is_empty() {
                        (0..values.len().div_ceil(CHUNK)).map(|_| &mut [][..]).collect()
                    } else {
                        copy.chunks_mut(CHUNK).collect()
                    };
                    values
                        .par_chunks_mut(CHUNK)
                        .zip(means.par_chunks_mut(CHUNK))
                        .zip(squares.par_chunks_mut(CHUNK))
                        .zip(copies)
                        .enumerate()
                        .for_each(|(chunk, (((values, means), squares), copy))| {
                            let start = run.start + chunk * CHUNK;
                            let gradients = parts(matrices, start..start + values.len());
                            adamw(update, &gradients, values, means, squares, copy);
                        });
                }),
            }
        }
    }
    if let (Some((_, Some(rate))), Some((ids, rows))) = (parameters.table(), words) {
        let update = optimizer.update_of(Group::Table, learning_rate * rate, norm);
        parameters.with_lazy_rows(|lazy, table| lazy.step(table, &ids, &rows, &update))?;
    }
    Ok(norm)
}

/// The same part of each vector.
fn parts<'a, T>(vectors: &[&'a [T]], range: std::ops::Range<usize>) -> Vec<&'a [T]> {
    vectors.iter().map(|vector| &vector[range.clone()]).collect()
}

/// The constants as kernels take them.
fn of_kernel(update: &Update) -> Step {
    Step {
        scale: update.scale as f32,
        mean_share: update.mean_share as f32,
        square_share: update.square_share as f32,
        rate: update.rate as f32,
        epsilon: update.epsilon as f32,
        keep: update.keep as f32,
    }
}
