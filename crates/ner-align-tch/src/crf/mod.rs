//! A linear-chain CRF over the labelled rows of each window (Lafferty et al. 2001).
//!
//! Tensors have the names of pytorch-crf, after `crf.`.

use ndarray::Array2;
use ner_align_core::{Batch, IGNORE_INDEX, TransitionScores};
use tch::{Device, Kind, Tensor, no_grad};

use crate::error::Result;
use crate::loss::share;
use crate::names;
use crate::parameters::{Init, Parameter, ParameterPlan, Weights};
use crate::upload::upload;

/// The learned scores of neighbouring classes.
#[derive(Debug)]
pub(crate) struct Crf {
    /// `[from, to]`.
    transitions: Parameter,
    start: Parameter,
    end: Parameter,
}

impl Crf {
    pub(crate) fn declare(plan: &mut ParameterPlan, classes: i64, init: Init) -> Self {
        let init = if init == Init::Required { init } else { Init::Zeros };
        let mut add = |name: &str, shape: &[i64]| {
            plan.add_exact(format!("{}{name}", names::CRF), shape, init)
        };
        Self {
            transitions: add("transitions", &[classes, classes]),
            start: add("start_transitions", &[classes]),
            end: add("end_transitions", &[classes]),
        }
    }

    /// Its tensors.
    pub(crate) const fn parameters(&self) -> [Parameter; 3] {
        [self.transitions, self.start, self.end]
    }

    /// Minus the log-likelihoods of the windows' paths, added up and divided by `total`, as a
    /// scalar. `logits` is `[rows, classes]`; the batch's targets are classes or ignored.
    pub(crate) fn loss(
        &self,
        weights: &Weights,
        logits: &Tensor,
        batch: &Batch,
        total: f64,
    ) -> Result<Tensor> {
        let [transitions, start, end] =
            [self.transitions, self.start, self.end].map(|parameter| weights.get(parameter));
        let sum = negative_log_likelihood(logits, &Paths::of(batch), transitions, start, end)?;
        share(&sum, total)
    }

    /// The scores as they are now.
    pub(crate) fn scores(&self, weights: &Weights) -> Result<Option<TransitionScores>> {
        let values = |parameter: Parameter| -> Result<Vec<f32>> {
            let tensor = no_grad(|| weights.get(parameter).f_to_device(Device::Cpu))?;
            let mut values = vec![0.0; tensor.numel()];
            tensor.f_copy_data(&mut values, tensor.numel())?;
            Ok(values)
        };
        let (start, end) = (values(self.start)?, values(self.end)?);
        let between =
            Array2::from_shape_vec((start.len(), start.len()), values(self.transitions)?).ok();
        Ok(between.and_then(|between| TransitionScores::new(between, start, end)))
    }
}

/// The gold paths of a batch, packed by time: first the first labelled row of each window, then
/// the second ones, and so on, windows with the most rows first. A time step is a run of rows;
/// the windows that continue are a prefix of those of the step before, and there is no padding.
#[derive(Debug, Default, PartialEq, Eq)]
struct Paths {
    /// Rows of the logits, `[labelled]`.
    rows: Vec<i64>,
    /// Their classes, `[labelled]`.
    classes: Vec<i64>,
    /// Windows that have a row at each time step, `[longest]`; never rising, never 0.
    active: Vec<i64>,
    /// The classes before and after each transition, `[labelled - windows]` each.
    pairs: (Vec<i64>, Vec<i64>),
    /// The first class of each window that has one, and the last.
    edges: (Vec<i64>, Vec<i64>),
}

impl Paths {
    fn of(batch: &Batch) -> Self {
        let mut paths = Self::default();
        let mut row = 0;
        let mut windows: Vec<Vec<usize>> = Vec::with_capacity(batch.windows());
        for end in batch.boundaries.iter().skip(1) {
            let first = row;
            while batch.rows.get(row).is_some_and(|&position| position < *end) {
                row += 1;
            }
            let labelled = (first..row).filter(|&row| batch.targets[row] != IGNORE_INDEX);
            windows.push(labelled.collect());
        }
        windows.retain(|rows| !rows.is_empty());
        windows.sort_by_key(|rows| std::cmp::Reverse(rows.len()));
        let class = |row: &usize| batch.targets[*row];
        for rows in &windows {
            paths.edges.0.extend(rows.first().map(class));
            paths.edges.1.extend(rows.last().map(class));
            for pair in rows.windows(2) {
                paths.pairs.0.push(class(&pair[0]));
                paths.pairs.1.push(class(&pair[1]));
            }
        }
        for time in 0..windows.first().map_or(0, Vec::len) {
            let rows = windows.iter().map_while(|rows| rows.get(time));
            let before = paths.rows.len();
            for row in rows {
                paths.rows.push(*row as i64);
                paths.classes.push(class(row));
            }
            paths.active.push((paths.rows.len() - before) as i64);
        }
        paths
    }
}

/// The sum over windows of the log-partition less the score of the gold path, a scalar.
fn negative_log_likelihood(
    logits: &Tensor,
    paths: &Paths,
    transitions: &Tensor,
    start: &Tensor,
    end: &Tensor,
) -> Result<Tensor> {
    // A constant added to all logits of a row changes nothing. Log-probabilities keep the sums of
    // a sure model near zero, where f32 is finest.
    let classes = start.size()[0];
    let pairs = paths.pairs.0.iter().zip(&paths.pairs.1);
    let pairs: Vec<i64> = pairs.map(|(from, to)| from * classes + to).collect();
    let lists = [&paths.rows, &paths.classes, &pairs, &paths.edges.0, &paths.edges.1];
    let [index, class_of, pairs, first, last] = upload(lists.map(Vec::as_slice), logits.device())?;
    let rows = logits.f_index_select(0, &index)?.f_log_softmax(-1, Kind::Float)?;
    let of_rows = rows.f_gather(1, &class_of.f_unsqueeze(1)?, false)?;
    // Each of them is asked, if only for no rows, so that each has a gradient.
    let parts = [
        of_rows.f_sum(Kind::Float)?,
        scores_of(transitions, &pairs)?,
        scores_of(start, &first)?,
        scores_of(end, &last)?,
    ];
    let gold = Tensor::f_stack(&parts, 0)?.f_sum(Kind::Float)?;
    let Some(&windows) = paths.active.first() else { return Ok(gold.f_neg()?) };

    // What comes in lies in the last dimension, which is the one summed over.
    let incoming = transitions.f_tr()?.f_contiguous()?;
    let mut sums = rows.f_narrow(0, 0, windows)?.f_add(start)?;
    let (mut ended, mut done) = (Vec::new(), windows);
    for pair in paths.active.windows(2) {
        let (before, active) = (pair[0], pair[1]);
        if active < before {
            ended.push(sums.f_narrow(0, active, before - active)?);
            sums = sums.f_narrow(0, 0, active)?;
        }
        let own = rows.f_narrow(0, done, active)?;
        sums = sums.f_unsqueeze(1)?.f_add(&incoming)?.f_logsumexp([-1], false)?.f_add(&own)?;
        done += active;
    }
    ended.push(sums);
    let partition = Tensor::f_cat(&ended, 0)?.f_add(end)?.f_logsumexp([-1], false)?;
    Ok(partition.f_sum(Kind::Float)?.f_sub(&gold)?)
}

/// The sum of the scores at these places, of which many are the same. The gradient of an embedding is added
/// up in one order, whatever the device.
fn scores_of(scores: &Tensor, places: &Tensor) -> Result<Tensor> {
    let scores = scores.f_reshape([-1, 1])?;
    Ok(Tensor::f_embedding(&scores, places, -1, false, false)?.f_sum(Kind::Float)?)
}

#[cfg(test)]
mod tests;
