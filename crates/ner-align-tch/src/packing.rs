//! A batch as tensors: packed rows for all linear work, a rectangle for attention alone.

use ner_align_core::Batch;
use tch::{Device, Tensor};

use crate::config::EncoderConfig;
use crate::error::{ModelError, Result};
use crate::gradients::distinct;

/// The index tensors of one packed batch.
#[derive(Debug)]
pub(crate) struct Packing {
    /// Row of each subtoken in the table of positions, `[subtokens]`.
    pub(crate) positions: Tensor,
    /// Positions to classify, `[rows]`.
    pub(crate) rows: Tensor,
    /// The rows of the table of words that the batch needs, each once.
    pub(crate) word_rows: Vec<i64>,
    /// Place among them of the padding token, whose row never learns.
    pub(crate) padding: Option<usize>,
    /// Which of them each subtoken is, `[subtokens]`.
    pub(crate) word_of: Tensor,
    /// For each row of `[3, windows, heads, longest]`, the row of `[subtokens, 3, heads]` that
    /// belongs there.
    to_rectangle: Tensor,
    /// For each row of `[subtokens, heads]`, the row of `[windows, heads, longest]` that belongs
    /// there.
    to_packed: Tensor,
    /// Added to attention scores: 0 for subtokens, -inf for holes, `[windows, 1, 1, longest]`.
    pub(crate) mask: Option<Tensor>,
    windows: i64,
    longest: i64,
    heads: i64,
}

impl Packing {
    /// Checks the ids against the model's tables and moves the indices to the device.
    pub(crate) fn new(batch: &Batch, config: &EncoderConfig, device: Device) -> Result<Self> {
        let vocabulary = config.vocab_size;
        if let Some(&found) = batch.input_ids.iter().find(|&&id| id < 0 || id >= vocabulary) {
            return Err(ModelError::OutOfRange { what: "subtoken id", found, limit: vocabulary });
        }
        let (windows, longest) = (batch.windows() as i64, batch.longest() as i64);
        let limit = config.longest_window() as i64;
        if longest > limit {
            return Err(ModelError::OutOfRange { what: "window length", found: longest, limit });
        }
        let to_device = |values: &[i64]| Tensor::f_from_slice(values)?.f_to_device(device);
        let heads = config.num_attention_heads;
        let mask = if batch.lengths().all(|length| length as i64 == longest) {
            None
        } else {
            let mut mask = Vec::with_capacity((windows * longest) as usize);
            for length in batch.lengths() {
                mask.extend(
                    (0..longest)
                        .map(|at| if at < length as i64 { 0.0_f32 } else { f32::NEG_INFINITY }),
                );
            }
            let mask = Tensor::f_from_slice(&mask)?.f_to_device(device)?;
            Some(mask.f_view([windows, 1, 1, longest])?)
        };
        let (word_rows, word_of) = distinct(&batch.input_ids);
        let (to_rectangle, to_packed) = rectangle(batch, heads);
        Ok(Self {
            padding: config.pad_token_id.and_then(|id| word_rows.binary_search(&id).ok()),
            word_rows,
            word_of: to_device(&word_of)?,
            positions: to_device(&positions(batch, config))?,
            rows: to_device(&batch.rows)?,
            to_rectangle: to_device(&to_rectangle)?,
            to_packed: to_device(&to_packed)?,
            mask,
            windows,
            longest,
            heads,
        })
    }

    /// Queries, keys and values, `[subtokens, 3 heads width]`, as three of `[windows, heads,
    /// longest, width]`. Holes hold what another subtoken has; the mask keeps them out.
    pub(crate) fn to_rectangle(&self, packed: &Tensor) -> Result<[Tensor; 3]> {
        let width = packed.size()[1] / (3 * self.heads);
        let rows = packed.f_reshape([-1, width])?.f_index_select(0, &self.to_rectangle)?;
        let all = rows.f_view([3, self.windows, self.heads, self.longest, width])?;
        Ok([all.f_select(0, 0)?, all.f_select(0, 1)?, all.f_select(0, 2)?])
    }

    /// `[windows, heads, longest, width]` to `[subtokens, heads width]`.
    pub(crate) fn to_packed(&self, rectangle: &Tensor) -> Result<Tensor> {
        let width = rectangle.size()[3];
        let rows = rectangle.f_reshape([-1, width])?.f_index_select(0, &self.to_packed)?;
        Ok(rows.f_view([-1, self.heads * width])?)
    }
}

/// The two index tensors of a [`Packing`].
fn rectangle(batch: &Batch, heads: i64) -> (Vec<i64>, Vec<i64>) {
    let longest = batch.longest() as i64;
    let (windows, subtokens) = (batch.windows() as i64, batch.input_ids.len() as i64);
    let mut there = Vec::with_capacity((3 * windows * heads * longest) as usize);
    for part in 0..3 {
        let mut start = 0;
        for length in batch.lengths().map(|length| length as i64) {
            for head in 0..heads {
                there.extend((0..longest).map(|at| {
                    let subtoken = start + at.min(length - 1);
                    (subtoken * 3 + part) * heads + head
                }));
            }
            start += length;
        }
    }
    let mut back = Vec::with_capacity((subtokens * heads) as usize);
    for (window, length) in batch.lengths().enumerate() {
        for at in 0..length as i64 {
            back.extend((0..heads).map(|head| (window as i64 * heads + head) * longest + at));
        }
    }
    (there, back)
}

/// Row of each subtoken in the table of positions.
fn positions(batch: &Batch, config: &EncoderConfig) -> Vec<i64> {
    let (first, padding) = (config.first_position(), config.position_padding());
    let mut positions = Vec::with_capacity(batch.input_ids.len());
    for bounds in batch.boundaries.windows(2) {
        let mut next = first;
        for &id in &batch.input_ids[bounds[0]..bounds[1]] {
            if padding == Some(id) {
                // A text may spell the padding token out.
                positions.push(id);
            } else {
                positions.push(next);
                next += 1;
            }
        }
    }
    positions
}
