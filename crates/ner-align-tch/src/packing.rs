//! A batch as tensors: packed rows for all linear work, a rectangle for attention alone.

use ner_align_core::Batch;
use tch::{Kind, Tensor};

use crate::config::{Design, EncoderConfig};
use crate::distances::{Distances, Queries, TableRows, places_of_rows};
use crate::error::{ModelError, Result};
use crate::gradients::distinct;
use crate::kernels::Attention;
use crate::placing::Placing;
use crate::rectangle::Rectangle;
use crate::route::Route;
use crate::upload::upload;
use crate::windows::{Windows, places, rounded};

/// The index tensors of one packed batch.
#[derive(Debug)]
pub(crate) struct Packing {
    /// Row of each subtoken in the table of positions, `[subtokens]`.
    pub(crate) positions: Tensor,
    /// Positions to classify, `[rows]`.
    pub(crate) rows: Tensor,
    /// Their classes, as the batch has them.
    pub(crate) targets: Tensor,
    /// The rows of the word embedding that the batch needs, each once.
    pub(crate) word_rows: Vec<i64>,
    /// The same on the device.
    pub(crate) word_rows_there: Tensor,
    /// Index among them of the padding token, whose row never learns.
    pub(crate) padding: Option<usize>,
    /// Index among them of each subtoken, `[subtokens]`.
    pub(crate) word_of: Tensor,
    /// All subtokens as queries, keys and values.
    pub(crate) all: Placing,
    /// The same as keys and values alone.
    pub(crate) keys_and_values: Placing,
    /// The positions to classify as queries.
    pub(crate) queries: Placing,
    /// Added to attention scores: 0 for subtokens, -inf for holes, `[windows, 1, 1, longest]`.
    pub(crate) mask: Option<Tensor>,
    /// What attention asks of distances, if it does.
    pub(crate) distances: Option<Distances>,
    /// The device works off a queue.
    pub(crate) queued: bool,
    /// What computes attention over packed rows.
    pub(crate) attention: Option<Attention>,
}

impl Packing {
    /// Checks the batch against the model's tables and moves the indices to the device. `kind` is
    /// the type that attention computes in.
    pub(crate) fn new(
        batch: &Batch,
        config: &EncoderConfig,
        route: Route,
        kind: Kind,
    ) -> Result<Self> {
        let ids = check(batch, config)?;
        let longest = batch.longest() as i64;
        let (word_rows, word_of) = distinct(&ids);
        let lengths: Vec<i64> = batch.lengths().map(|length| length as i64).collect();
        let of_queries = rows_of_windows(batch);
        let rows: Vec<i64> = batch.rows.iter().map(|&row| row as i64).collect();
        let positions = positions(&ids, batch, config);
        // A processor goes by indices of its own.
        let of_windows = |list: fn(&[i64]) -> Vec<i64>, lengths: &[i64]| {
            if route.queued { list(lengths) } else { Vec::new() }
        };
        let (starts, query_starts) =
            (of_windows(starts, &lengths), of_windows(starts, &of_queries));
        let (places, query_places) =
            (of_windows(places, &lengths), of_windows(places, &of_queries));
        let wide_as = |longest| if route.queued { rounded(longest) } else { longest };
        let wide = wide_as(longest);
        let asks = config.design().asks_for_distances(longest);
        // Where attention asks, rows are padded: torch takes what is added to scores over a rectangle.
        let attention = route.attention.filter(|_| !asks);
        let most = of_queries.iter().copied().max().unwrap_or(0);
        let row_places = if asks { places_of_rows(batch, wide_as(most)) } else { Vec::new() };
        let table_rows = match config.design() {
            Design::Deberta(relative) => relative.rows(wide),
            _ => Vec::new(),
        };
        let first = table_rows.first().copied().unwrap_or(0);
        let of_distances: Vec<i64> = table_rows.iter().map(|row| row - first).collect();
        let lists = [
            &word_of,
            &word_rows,
            &positions,
            &rows,
            &batch.targets,
            &lengths,
            &starts,
            &query_starts,
            &places,
            &query_places,
            &row_places,
            &of_distances,
        ];
        let device = route.device;
        let [
            word_of,
            word_rows_there,
            positions,
            rows,
            targets,
            lengths_there,
            starts,
            query_starts,
            places,
            query_places,
            row_places,
            of_distances,
        ] = upload(lists.map(Vec::as_slice), device)?;
        let heads = config.num_attention_heads;
        let placing = |index: [&Tensor; 2], lengths: &[i64], parts| {
            Ok::<_, ModelError>(if route.queued {
                Placing::Windows(Windows::new(index, lengths, parts, heads, attention)?)
            } else {
                Placing::Rectangle(Rectangle::new(lengths, parts, heads, device)?)
            })
        };
        let full = lengths.iter().all(|&length| length == wide);
        let masked = !full && (!route.queued || attention.is_none());
        let table = TableRows::new(&table_rows, of_distances);
        let distances =
            asks.then(|| Distances::new(&lengths_there, &row_places, wide, table)).transpose()?;
        Ok(Self {
            padding: config.pad_token_id.and_then(|id| word_rows.binary_search(&id).ok()),
            word_rows,
            word_rows_there,
            word_of,
            positions,
            rows,
            targets,
            all: placing([&starts, &places], &lengths, 3)?,
            keys_and_values: placing([&starts, &places], &lengths, 2)?,
            queries: placing([&query_starts, &query_places], &of_queries, 1)?,
            mask: if masked { Some(mask(&lengths_there, wide, kind)?) } else { None },
            distances,
            queued: route.queued,
            attention: attention.filter(|_| route.queued),
        })
    }

    /// What is added to scores of attention to `reach` subtokens on each side alone,
    /// `[windows, 1, queries, longest]`; `None` for nothing.
    pub(crate) fn mask_of_neighbours(
        &self,
        queries: Queries,
        reach: i64,
        kind: Kind,
    ) -> Result<Option<Tensor>> {
        let both = |near: Tensor, mask: &Option<Tensor>| match mask {
            Some(mask) => near.f_add(mask),
            None => Ok(near),
        };
        let near =
            self.distances.as_ref().map(|distances| distances.neighbours(queries, reach, kind));
        Ok(match near {
            Some(near) => Some(both(near?, &self.mask)?),
            None => self.mask.as_ref().map(Tensor::shallow_clone),
        })
    }

    /// Rows of a table, `[indices, width]`.
    ///
    /// The gradient of a selection is added up by its row: on a CUDA device by threads in any order, with
    /// sums that are rounded in any way, unless it is the gradient of an embedding, which sorts first.
    pub(crate) fn take(&self, table: &Tensor, indices: &Tensor) -> Result<Tensor> {
        Ok(if self.queued {
            Tensor::f_embedding(table, indices, -1, false, false)?
        } else {
            table.f_index_select(0, indices)?
        })
    }
}

/// 0 for the positions of a window, -inf for those behind it, `[windows, 1, 1, longest]`.
fn mask(lengths: &Tensor, longest: i64, kind: Kind) -> Result<Tensor> {
    let behind = Tensor::f_arange(longest, (Kind::Int64, lengths.device()))?
        .f_ge_tensor(&lengths.f_unsqueeze(1)?)?;
    let zeros = Tensor::f_zeros_like(&behind)?.f_to_kind(kind)?;
    let mask = zeros.f_masked_fill(&behind, f64::NEG_INFINITY)?;
    Ok(mask.f_view([-1, 1, 1, longest])?)
}

/// The first row of each window, and the end of the last.
fn starts(lengths: &[i64]) -> Vec<i64> {
    let mut ends = vec![0];
    ends.extend(lengths.iter().scan(0, |end, length| {
        *end += length;
        Some(*end)
    }));
    ends
}

/// The ids of a batch that fits the model's tables.
pub(crate) fn check(batch: &Batch, config: &EncoderConfig) -> Result<Vec<i64>> {
    check_shape(batch)?;
    let vocabulary = config.vocab_size;
    let ids: Vec<i64> = batch.input_ids.iter().map(|&id| i64::from(id)).collect();
    if let Some(&found) = ids.iter().find(|&&id| id >= vocabulary) {
        return Err(ModelError::OutOfRange { what: "subtoken id", found, limit: vocabulary });
    }
    let (longest, limit) = (batch.longest() as i64, config.longest_window() as i64);
    if longest > limit {
        return Err(ModelError::OutOfRange { what: "window length", found: longest, limit });
    }
    Ok(ids)
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

/// Number of positions to classify in each window.
fn rows_of_windows(batch: &Batch) -> Vec<i64> {
    let below = |end: &usize| batch.rows.partition_point(|&row| row < *end) as i64;
    let until: Vec<i64> = batch.boundaries.iter().map(below).collect();
    until.windows(2).map(|ends| ends[1] - ends[0]).collect()
}

/// Row of each subtoken in the table of positions.
pub(crate) fn positions(ids: &[i64], batch: &Batch, config: &EncoderConfig) -> Vec<i64> {
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
