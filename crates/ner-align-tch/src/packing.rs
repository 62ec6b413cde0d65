//! A batch as tensors: packed rows for all linear work, a rectangle for attention alone.

use ner_align_core::Batch;
use tch::{Device, Kind, Tensor};

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
    /// The rows of the word embedding that the batch needs, each once.
    pub(crate) word_rows: Vec<i64>,
    /// Index among them of the padding token, whose row never learns.
    pub(crate) padding: Option<usize>,
    /// Index among them of each subtoken, `[subtokens]`.
    pub(crate) word_of: Tensor,
    /// All subtokens as queries, keys and values.
    pub(crate) all: Rectangle,
    /// The same as keys and values alone.
    pub(crate) keys_and_values: Rectangle,
    /// The positions to classify as queries.
    pub(crate) queries: Rectangle,
    /// Added to attention scores: 0 for subtokens, -inf for holes, `[windows, 1, 1, longest]`.
    pub(crate) mask: Option<Tensor>,
}

impl Packing {
    /// Checks the batch against the model's tables and moves the indices to the device. `kind` is
    /// the type that attention computes in.
    pub(crate) fn new(
        batch: &Batch,
        config: &EncoderConfig,
        device: Device,
        kind: Kind,
    ) -> Result<Self> {
        check_shape(batch)?;
        let vocabulary = config.vocab_size;
        let ids: Vec<i64> = batch.input_ids.iter().map(|&id| i64::from(id)).collect();
        if let Some(&found) = ids.iter().find(|&&id| id >= vocabulary) {
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
            let mask = Tensor::f_from_slice(&mask)?.f_to_kind(kind)?.f_to_device(device)?;
            Some(mask.f_view([windows, 1, 1, longest])?)
        };
        let (word_rows, word_of) = distinct(&ids);
        let lengths: Vec<i64> = batch.lengths().map(|length| length as i64).collect();
        let rectangle = |lengths: &[i64], parts| Rectangle::new(lengths, parts, heads, device);
        Ok(Self {
            padding: config.pad_token_id.and_then(|id| word_rows.binary_search(&id).ok()),
            word_rows,
            word_of: to_device(&word_of)?,
            positions: to_device(&positions(&ids, batch, config))?,
            rows: to_device(&batch.rows.iter().map(|&row| row as i64).collect::<Vec<_>>())?,
            all: rectangle(&lengths, 3)?,
            keys_and_values: rectangle(&lengths, 2)?,
            queries: rectangle(&rows_of_windows(batch), 1)?,
            mask,
        })
    }
}

/// Refuses a batch whose vectors do not belong together.
fn check_shape(batch: &Batch) -> Result<()> {
    let Batch { input_ids, boundaries, rows, .. } = batch;
    let total = input_ids.len();
    let refuse = |expected: String, found: String| Err(ModelError::Batch { expected, found });
    if boundaries.first() != Some(&0)
        || boundaries.last() != Some(&total)
        || !boundaries.is_sorted()
    {
        return refuse(
            format!("ascending boundaries from 0 to {total}"),
            format!("{boundaries:?}"),
        );
    }
    if let Some(row) = rows.iter().find(|&&row| row >= total) {
        return refuse(format!("rows below {total}"), row.to_string());
    }
    if !rows.is_sorted() {
        return refuse("ascending rows".to_owned(), "rows in another order".to_owned());
    }
    Ok(())
}

/// How rows of windows, packed one after another, are placed in a rectangle.
#[derive(Debug)]
pub(crate) struct Rectangle {
    /// For each row of `[parts, windows, heads, longest]`, the row of `[rows, parts, heads]` that
    /// belongs there.
    to_rectangle: Tensor,
    /// For each row of `[rows, heads]`, the row of `[windows, heads, longest]` that belongs there.
    to_packed: Tensor,
    parts: i64,
    windows: i64,
    longest: i64,
    heads: i64,
}

impl Rectangle {
    /// For windows with so many rows each, each row with so many vectors for each head.
    fn new(lengths: &[i64], parts: i64, heads: i64, device: Device) -> Result<Self> {
        let (windows, total) = (lengths.len() as i64, lengths.iter().sum::<i64>());
        let longest = lengths.iter().copied().max().unwrap_or(0);
        let mut there = Vec::with_capacity((parts * windows * heads * longest) as usize);
        for part in 0..parts {
            let mut start = 0;
            for &length in lengths {
                // A hole has a copy of another row, which is never used.
                let last = (start + length.max(1)).min(total) - 1;
                for head in 0..heads {
                    let row = |at: i64| ((start + at).min(last) * parts + part) * heads + head;
                    there.extend((0..longest).map(row));
                }
                start += length;
            }
        }
        let mut back = Vec::with_capacity((total * heads) as usize);
        for (window, &length) in (0..).zip(lengths) {
            for at in 0..length {
                back.extend((0..heads).map(|head| (window * heads + head) * longest + at));
            }
        }
        Ok(Self {
            to_rectangle: Tensor::f_from_slice(&there)?.f_to_device(device)?,
            to_packed: Tensor::f_from_slice(&back)?.f_to_device(device)?,
            parts,
            windows,
            longest,
            heads,
        })
    }

    /// `[rows, parts heads width]` to `[windows, heads, longest, width]` for each part. Holes
    /// have copies of other rows.
    pub(crate) fn fill(&self, packed: &Tensor) -> Result<Vec<Tensor>> {
        let width = packed.size()[1] / (self.parts * self.heads);
        let rows = packed.f_reshape([-1, width])?.f_index_select(0, &self.to_rectangle)?;
        // Not selected one by one: each selection would have a gradient of the whole.
        Ok(rows.f_view([self.parts, self.windows, self.heads, self.longest, width])?.f_unbind(0)?)
    }

    /// `[windows, heads, longest, width]` to `[rows, heads width]`.
    pub(crate) fn pack(&self, rectangle: &Tensor) -> Result<Tensor> {
        let width = rectangle.size()[3];
        let rows = rectangle.f_reshape([-1, width])?.f_index_select(0, &self.to_packed)?;
        Ok(rows.f_view([-1, self.heads * width])?)
    }
}

/// Number of positions to classify in each window.
fn rows_of_windows(batch: &Batch) -> Vec<i64> {
    let below = |end: &usize| batch.rows.partition_point(|&row| row < *end) as i64;
    let until: Vec<i64> = batch.boundaries.iter().map(below).collect();
    until.windows(2).map(|ends| ends[1] - ends[0]).collect()
}

/// Row of each subtoken in the table of positions.
fn positions(ids: &[i64], batch: &Batch, config: &EncoderConfig) -> Vec<i64> {
    let (first, padding) = (config.first_position(), config.position_padding());
    let mut positions = Vec::with_capacity(ids.len());
    for bounds in batch.boundaries.windows(2) {
        let mut next = first;
        for &id in &ids[bounds[0]..bounds[1]] {
            if padding == Some(id) {
                // The padding token may occur in a text.
                positions.push(id);
            } else {
                positions.push(next);
                next += 1;
            }
        }
    }
    positions
}
