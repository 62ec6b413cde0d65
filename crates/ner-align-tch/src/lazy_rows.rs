//! AdamW over a table when each batch needs only a few of its rows.

use rayon::prelude::*;
use tch::{Tensor, no_grad};

use crate::error::Result;
use crate::memory::slice_mut;
use crate::threads;
use crate::update::Update;

/// A table's moments, and the steps that each of its rows has missed.
///
/// A row without a gradient still changes, by its moments and by weight decay. Updating all rows at
/// each step would pass over the complete table, most of a small model's parameters, for the few
/// hundred rows of a batch. Here a row waits until it is needed and then makes the missed steps one
/// by one, with the same result, bit for bit.
#[derive(Debug)]
pub(crate) struct LazyRows {
    width: usize,
    means: Vec<f32>,
    squares: Vec<f32>,
    /// Rows that had a gradient. All others have moments of zero and only decay.
    touched: Vec<bool>,
    /// The steps since all rows were last up to date.
    steps: Vec<Step>,
    /// How many of these steps each row has made.
    done: Vec<usize>,
}

/// The constants of one step, as the elements take them.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Step {
    mean_share: f32,
    square_share: f32,
    epsilon: f32,
    rate: f32,
    keep: f32,
}

impl From<&Update> for Step {
    fn from(update: &Update) -> Self {
        Self {
            mean_share: update.mean_share as f32,
            square_share: update.square_share as f32,
            epsilon: update.epsilon as f32,
            rate: update.rate as f32,
            keep: update.keep as f32,
        }
    }
}

/// One row and its moments.
struct Row<'a> {
    values: &'a mut [f32],
    means: &'a mut [f32],
    squares: &'a mut [f32],
}

impl Row<'_> {
    fn advance(&mut self, step: Step, gradient: impl Fn(usize) -> f32) {
        let Self { values, means, squares } = self;
        let elements = values.iter_mut().zip(means.iter_mut()).zip(squares.iter_mut());
        for (at, ((value, mean), square)) in elements.enumerate() {
            let gradient = gradient(at);
            *mean = normal(*mean + step.mean_share * (gradient - *mean));
            *square = normal(*square + step.square_share * (gradient * gradient - *square));
            *value = *value * step.keep - step.rate * (*mean / (square.sqrt() + step.epsilon));
        }
    }

    /// Makes steps without a gradient.
    fn catch_up(&mut self, steps: &[Step], touched: bool) {
        for &step in steps {
            if touched {
                self.advance(step, |_| 0.0);
            } else {
                self.values.iter_mut().for_each(|value| *value *= step.keep);
            }
        }
    }
}

/// Replaces subnormal numbers, which are slow to compute with, by zero; moments fade into them.
fn normal(value: f32) -> f32 {
    if value.abs() < f32::MIN_POSITIVE { 0.0 } else { value }
}

impl LazyRows {
    /// State for a table of this shape before its first update.
    pub(crate) fn new(rows: usize, width: usize) -> Self {
        Self {
            width,
            means: vec![0.0; rows * width],
            squares: vec![0.0; rows * width],
            touched: vec![false; rows],
            steps: Vec::new(),
            done: vec![0; rows],
        }
    }

    /// Makes the missed steps of these rows of `table`, f32 on the CPU. Each id occurs once, in
    /// ascending order.
    pub(crate) fn catch_up(&mut self, table: &Tensor, ids: &[i64]) -> Result<()> {
        let is_behind =
            |id: &i64| self.done.get(*id as usize).is_some_and(|&d| d < self.steps.len());
        let ids: Vec<i64> = ids.iter().copied().filter(is_behind).collect();
        self.each(table, &ids, |_, row, missed, touched| row.catch_up(missed, touched))
    }

    /// Brings all rows up to date.
    pub(crate) fn settle(&mut self, table: &Tensor) -> Result<()> {
        if self.steps.is_empty() {
            return Ok(());
        }
        let ids: Vec<i64> = (0..self.done.len() as i64).collect();
        self.catch_up(table, &ids)?;
        self.steps.clear();
        self.done.fill(0);
        Ok(())
    }

    /// Makes a step in which these rows have gradients, `[rows, width]`, and the others none. Each
    /// id occurs once, in ascending order.
    pub(crate) fn step(
        &mut self,
        table: &Tensor,
        ids: &[i64],
        gradients: &[f32],
        update: &Update,
    ) -> Result<()> {
        self.catch_up(table, ids)?;
        let step = Step::from(update);
        self.steps.push(step);
        let (width, scale) = (self.width, update.scale as f32);
        for &id in ids {
            if let Some(touched) = self.touched.get_mut(id as usize) {
                *touched = true;
            }
        }
        self.each(table, ids, |at, row, _, _| {
            let gradient = &gradients[at * width..(at + 1) * width];
            row.advance(step, |at| gradient[at] * scale);
        })
    }

    /// Calls `work` for rows of the table, with their index in `ids` and their missed steps.
    /// Afterwards they have missed none.
    fn each(
        &mut self,
        table: &Tensor,
        ids: &[i64],
        work: impl Fn(usize, &mut Row<'_>, &[Step], bool) + Sync,
    ) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut table = no_grad(|| table.f_detach())?;
        let (steps, touched) = (&self.steps, &self.touched);
        let values = rows_of(slice_mut::<f32>(&mut table), self.width, ids);
        let means = rows_of(&mut self.means, self.width, ids);
        let squares = rows_of(&mut self.squares, self.width, ids);
        let done = rows_of(&mut self.done, 1, ids);
        let mut rows: Vec<_> = values.zip(means).zip(squares).zip(done).zip(ids).collect();
        threads::pool()?.install(|| {
            let rows = rows.par_iter_mut().with_min_len(LEAST_ROWS).enumerate();
            rows.for_each(|(at, ((((values, means), squares), done), id))| {
                let mut row = Row { values, means, squares };
                work(at, &mut row, &steps[done[0]..], touched[**id as usize]);
                done[0] = steps.len();
            });
        });
        Ok(())
    }

    /// Both moments of all rows, `[rows, width]` each, up to date only after [`LazyRows::settle`].
    pub(crate) fn moments(&self) -> Result<[Tensor; 2]> {
        Ok([Tensor::f_from_slice(&self.means)?, Tensor::f_from_slice(&self.squares)?])
    }

    /// Sets the moments to what [`LazyRows::moments`] returned.
    pub(crate) fn set_moments(&mut self, [means, squares]: &[Tensor; 2]) -> Result<()> {
        let count = self.means.len();
        means.f_copy_data(&mut self.means, count)?;
        squares.f_copy_data(&mut self.squares, count)?;
        let rows = self.means.chunks(self.width).zip(self.squares.chunks(self.width));
        self.touched = rows
            .map(|(means, squares)| means.iter().chain(squares).any(|&moment| moment != 0.0))
            .collect();
        self.steps.clear();
        self.done.fill(0);
        Ok(())
    }
}

/// Fewest rows that are worth a thread of their own.
const LEAST_ROWS: usize = 32;

/// Some rows of a table, by ascending ids.
fn rows_of<'a, T>(
    mut rest: &'a mut [T],
    width: usize,
    ids: &'a [i64],
) -> impl Iterator<Item = &'a mut [T]> {
    let mut first = 0;
    ids.iter().map(move |&id| {
        let (_, from) = std::mem::take(&mut rest).split_at_mut((id as usize - first) * width);
        let (row, after) = from.split_at_mut(width);
        (first, rest) = (id as usize + 1, after);
        row
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dropout::mix;

    const ROWS: usize = 40;
    const WIDTH: usize = 6;

    /// Rows of numbers from -1 to 1. Tests run side by side; torch's generator is one for all.
    fn numbers(seed: u64, rows: usize) -> Tensor {
        let number = |at| mix(seed * 1000 + at) as i64 as f32 / i64::MAX as f32;
        let numbers = (0..(rows * WIDTH) as u64).map(number).collect::<Vec<_>>();
        Tensor::from_slice(&numbers).view([rows as i64, WIDTH as i64])
    }

    /// Values and moments after 30 steps, with all rows brought up to date before every `every`th.
    fn train(every: usize) -> [Tensor; 3] {
        let table = numbers(0, ROWS);
        let mut lazy = LazyRows::new(ROWS, WIDTH);
        for step in 0..30_usize {
            if step % every == 0 {
                lazy.settle(&table).unwrap();
            }
            // The last rows never get a gradient.
            let mut ids: Vec<i64> = (0..5).map(|i| ((step * 7 + i * i * 3) % 33) as i64).collect();
            ids.sort_unstable();
            ids.dedup();
            let gradient = numbers(step as u64 + 1, ids.len());
            let gradient = Vec::<f32>::try_from(gradient.view([-1])).unwrap();
            let update = Update {
                scale: 0.5,
                mean_share: 0.1,
                square_share: 1e-3,
                rate: 1e-2 / (step + 1) as f64,
                epsilon: 1e-8,
                keep: 0.99,
            };
            lazy.step(&table, &ids, &gradient, &update).unwrap();
        }
        lazy.settle(&table).unwrap();
        let [means, squares] = lazy.moments().unwrap();
        [table, means, squares]
    }

    #[test]
    fn rows_that_waited_are_where_the_others_are() {
        let at_each_step = train(1);
        for every in [3, 7, 100] {
            assert_eq!(train(every), at_each_step, "settled before every {every} steps");
        }
        let untouched = at_each_step[1].view([-1, WIDTH as i64]).narrow(0, 33, 7);
        assert_eq!(untouched, untouched.zeros_like());
    }

    #[test]
    fn moments_are_taken_up() {
        let [table, means, squares] = train(4);
        let mut lazy = LazyRows::new(ROWS, WIDTH);
        lazy.set_moments(&[means.shallow_clone(), squares.shallow_clone()]).unwrap();
        assert_eq!(lazy.moments().unwrap(), [means, squares]);
        assert_eq!(lazy.touched.iter().filter(|&&touched| touched).count(), 33);
        lazy.settle(&table).unwrap();
        assert_eq!(table, train(9)[0]);
    }
}
