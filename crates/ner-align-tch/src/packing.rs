//! A batch as tensors: packed rows for all linear work, a rectangle for attention alone.

use ner_align_core::Batch;
use tch::{Device, Kind, Tensor};

use crate::config::EncoderConfig;
use crate::error::{ModelError, Result};

/// The index tensors of one packed batch.
#[derive(Debug)]
pub(crate) struct Packing {
    /// Subtoken ids, `[subtokens]`.
    pub(crate) input_ids: Tensor,
    /// Row of each subtoken in the table of positions, `[subtokens]`.
    pub(crate) positions: Tensor,
    /// Positions to classify, `[rows]`.
    pub(crate) rows: Tensor,
    /// Where each subtoken lies in the flattened rectangle, `[subtokens]`; `None` if all windows
    /// are of one length, so that the rectangle has no hole.
    slots: Option<Tensor>,
    /// Added to attention scores: 0 for subtokens, -inf for holes, `[windows, 1, 1, longest]`.
    pub(crate) mask: Option<Tensor>,
    windows: i64,
    longest: i64,
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
        let mut slots = Vec::new();
        for (window, length) in batch.lengths().enumerate() {
            let start = window as i64 * longest;
            slots.extend(start..start + length as i64);
        }
        let full = slots.len() as i64 == windows * longest;
        let to_device = |values: &[i64]| Tensor::f_from_slice(values)?.f_to_device(device);
        let (slots, mask) = if full {
            (None, None)
        } else {
            let slots = to_device(&slots)?;
            let options = (Kind::Float, device);
            let mut mask = Tensor::f_full([windows * longest], f64::NEG_INFINITY, options)?;
            let _ = mask.f_index_fill_(0, &slots, 0.0)?;
            (Some(slots), Some(mask.f_view([windows, 1, 1, longest])?))
        };
        Ok(Self {
            input_ids: to_device(&batch.input_ids)?,
            positions: to_device(&positions(batch, config))?,
            rows: to_device(&batch.rows)?,
            slots,
            mask,
            windows,
            longest,
        })
    }

    /// `[subtokens, heads * width]` to `[windows, heads, longest, width]`, holes zero.
    pub(crate) fn to_rectangle(&self, packed: &Tensor, heads: i64) -> Result<Tensor> {
        let hidden = packed.size()[1];
        let rectangle = match &self.slots {
            None => packed.shallow_clone(),
            Some(slots) => packed
                .f_new_zeros(
                    [self.windows * self.longest, hidden],
                    (packed.kind(), packed.device()),
                )?
                .f_index_copy(0, slots, packed)?,
        };
        let split = [self.windows, self.longest, heads, hidden / heads];
        Ok(rectangle.f_view(split)?.f_transpose(1, 2)?)
    }

    /// The inverse of [`Packing::to_rectangle`].
    pub(crate) fn to_packed(&self, rectangle: &Tensor) -> Result<Tensor> {
        let size = rectangle.size();
        let flat = rectangle
            .f_transpose(1, 2)?
            .f_reshape([self.windows * self.longest, size[1] * size[3]])?;
        match &self.slots {
            None => Ok(flat),
            Some(slots) => Ok(flat.f_index_select(0, slots)?),
        }
    }
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
