//! The memory of one thread: what the way back needs of each layer, and what is used again at once.

use ner_align_kernels::{AttentionSpace, STATS, words};

use super::matrix::{Matrix, Number};
use super::plan::Plan;
use super::products::Products;
use crate::error::Result;

/// What a layer norm leaves for the way back.
#[derive(Debug)]
pub(super) struct Normed<T> {
    /// What was normed, `[rows, columns]`.
    pub(super) sum: Matrix<T>,
    pub(super) stats: Vec<f32>,
    pub(super) masks: Vec<u32>,
}

impl<T: Number> Normed<T> {
    fn new(columns: usize) -> Result<Self> {
        Ok(Self { sum: Matrix::new(columns)?, stats: Vec::new(), masks: Vec::new() })
    }

    fn reserve(&mut self, rows: usize) -> Result<()> {
        self.sum.reserve(rows)?;
        let masks = rows * words(self.sum.columns());
        self.stats.resize(self.stats.len().max(rows * STATS), 0.0);
        self.masks.resize(self.masks.len().max(masks), 0);
        Ok(())
    }
}

/// What a layer leaves for the way back.
#[derive(Debug)]
pub(super) struct Kept<T> {
    /// `[subtokens, 3 hidden]`; of the last layer keys and values alone.
    pub(super) projected: Matrix<T>,
    /// `[rows, hidden]`
    pub(super) context: Matrix<T>,
    pub(super) attention: Normed<T>,
    /// `[rows, hidden]`
    pub(super) attended: Matrix<T>,
    /// Before the activation, `[rows, wide]`.
    pub(super) wide: Matrix<T>,
    pub(super) output: Normed<T>,
}

impl<T: Number> Kept<T> {
    fn new(plan: &Plan, is_last: bool) -> Result<Self> {
        let hidden = plan.hidden;
        Ok(Self {
            projected: Matrix::new(if is_last { 2 * hidden } else { 3 * hidden })?,
            context: Matrix::new(hidden)?,
            attention: Normed::new(hidden)?,
            attended: Matrix::new(hidden)?,
            wide: Matrix::new(plan.wide)?,
            output: Normed::new(hidden)?,
        })
    }

    fn reserve(&mut self, subtokens: usize, rows: usize) -> Result<()> {
        self.projected.reserve(subtokens)?;
        self.context.reserve(rows)?;
        self.attention.reserve(rows)?;
        self.attended.reserve(rows)?;
        self.wide.reserve(rows)?;
        self.output.reserve(rows)
    }
}

/// The memory of one thread.
#[derive(Debug)]
pub(super) struct Space<T> {
    /// Sum of the embeddings and its norm.
    pub(super) embedding: Normed<T>,
    /// The normed embeddings where a map follows, `[subtokens, narrow]`.
    pub(super) narrow: Matrix<T>,
    /// The input of each layer, `[subtokens, hidden]`; two in turns unless they are kept.
    pub(super) inputs: Vec<Matrix<T>>,
    /// All layers but the last; one for all of them unless they are kept.
    pub(super) layers: Vec<Kept<T>>,
    pub(super) last: Kept<T>,
    /// The input of the last layer in the rows to classify, and their queries, `[rows, hidden]`.
    pub(super) last_rows: Matrix<T>,
    pub(super) last_query: Matrix<T>,
    /// Behind the activation, `[rows, wide]`.
    pub(super) activated: Matrix<T>,
    /// Hidden states of the last layer in the rows to classify, `[rows, hidden]`.
    pub(super) result: Matrix<T>,
    pub(super) attention: AttentionSpace,
    pub(super) products: Products,
}

impl<T: Number> Space<T> {
    pub(super) fn new(plan: &Plan) -> Result<Self> {
        Ok(Self {
            embedding: Normed::new(plan.narrow)?,
            narrow: Matrix::new(plan.narrow)?,
            inputs: Vec::new(),
            layers: Vec::new(),
            last: Kept::new(plan, true)?,
            last_rows: Matrix::new(plan.hidden)?,
            last_query: Matrix::new(plan.hidden)?,
            activated: Matrix::new(plan.wide)?,
            result: Matrix::new(plan.hidden)?,
            attention: AttentionSpace::default(),
            products: Products::default(),
        })
    }

    /// Makes room for a pass. With `keeps` each layer has memory of its own, for the way back.
    pub(super) fn reserve(
        &mut self,
        plan: &Plan,
        subtokens: usize,
        rows: usize,
        keeps: bool,
    ) -> Result<()> {
        let inner = plan.layers.len().saturating_sub(1);
        let inputs = if keeps { inner + 1 } else { 2 };
        while self.inputs.len() < inputs {
            self.inputs.push(Matrix::new(plan.hidden)?);
        }
        let layers = if keeps { inner } else { inner.min(1) };
        while self.layers.len() < layers {
            self.layers.push(Kept::new(plan, false)?);
        }
        self.embedding.reserve(subtokens)?;
        if plan.projection.is_some() {
            self.narrow.reserve(subtokens)?;
        }
        for input in self.inputs.iter_mut().take(inputs) {
            input.reserve(subtokens)?;
        }
        for layer in self.layers.iter_mut().take(layers) {
            layer.reserve(subtokens, subtokens)?;
        }
        self.last.reserve(subtokens, rows)?;
        self.last_rows.reserve(rows)?;
        self.last_query.reserve(rows)?;
        self.activated.reserve(if inner > 0 { subtokens } else { rows })?;
        self.result.reserve(rows)
    }
}
