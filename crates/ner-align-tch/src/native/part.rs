//! A batch dealt out to threads: whole windows each, about as much work for every one.

use ner_align_core::Batch;

use crate::config::EncoderConfig;
use crate::error::Result;
use crate::gradients::distinct;
use crate::packing::{check, positions};

/// A batch's words, each once.
#[derive(Debug)]
pub(crate) struct Words {
    /// Rows of the table of words.
    pub(crate) rows: Vec<i64>,
    /// Index among them of the padding token, whose row never learns.
    pub(crate) padding: Option<usize>,
}

/// Some windows of a batch.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Part {
    /// Index among the batch's words of each subtoken, `[subtokens]`.
    pub(super) words: Vec<usize>,
    /// Row of each subtoken in the table of positions, `[subtokens]`.
    pub(super) positions: Vec<usize>,
    /// The number of each subtoken in the batch, `[subtokens]`.
    pub(super) numbers: Vec<u64>,
    /// Start of each window, then the total, `[windows + 1]`.
    pub(super) windows: Vec<usize>,
    /// Subtokens to classify, ascending, `[rows]`.
    pub(super) rows: Vec<usize>,
    /// Where each window's `rows` start, then the total, `[windows + 1]`.
    pub(super) rows_of_windows: Vec<usize>,
    /// The number of each subtoken to classify in the batch, `[rows]`.
    pub(super) row_numbers: Vec<u64>,
    /// The index of each row in the batch's rows, `[rows]`.
    pub(crate) outputs: Vec<usize>,
}

impl Part {
    fn empty() -> Self {
        Self { windows: vec![0], rows_of_windows: vec![0], ..Self::default() }
    }

    /// Number of subtokens.
    pub(crate) fn len(&self) -> usize {
        self.words.len()
    }
}

/// Fewest subtokens that are worth a thread of their own.
const LEAST: usize = 64;
/// Subtokens of a window whose attention takes as long as all else.
const ATTENTION: usize = 1_024;

/// Checks a batch against the model's tables and deals its windows out to at most so many parts.
pub(crate) fn deal(
    batch: &Batch,
    config: &EncoderConfig,
    threads: usize,
) -> Result<(Words, Vec<Part>)> {
    let ids = check(batch, config)?;
    let positions = positions(&ids, batch, config);
    let (word_rows, word_of) = distinct(&ids);
    let padding = config.pad_token_id.and_then(|id| word_rows.binary_search(&id).ok());
    let parts = threads.min(ids.len() / LEAST).max(1);
    let mut windows: Vec<usize> = (0..batch.windows()).collect();
    let work = |window: usize| {
        let len = batch.boundaries[window + 1] - batch.boundaries[window];
        len * (ATTENTION + len)
    };
    // The longest first, each to the part that has least.
    windows.sort_by_key(|&window| (std::cmp::Reverse(work(window)), window));
    let mut dealt: Vec<(usize, Vec<usize>)> = vec![(0, Vec::new()); parts];
    for window in windows {
        if let Some((sum, mine)) = dealt.iter_mut().min_by_key(|(sum, _)| *sum) {
            *sum += work(window);
            mine.push(window);
        }
    }
    let part = |(_, mut windows): (usize, Vec<usize>)| {
        windows.sort_unstable();
        let mut part = Part::empty();
        for window in windows {
            let (from, to) = (batch.boundaries[window], batch.boundaries[window + 1]);
            let shift = part.len();
            part.words.extend(word_of[from..to].iter().map(|&word| word as usize));
            part.positions.extend(positions[from..to].iter().map(|&row| row as usize));
            part.numbers.extend((from..to).map(|number| number as u64));
            part.windows.push(part.words.len());
            let first = batch.rows.partition_point(|&row| row < from);
            let end = batch.rows.partition_point(|&row| row < to);
            for output in first..end {
                part.rows.push(batch.rows[output] - from + shift);
                part.row_numbers.push(batch.rows[output] as u64);
                part.outputs.push(output);
            }
            part.rows_of_windows.push(part.rows.len());
        }
        part
    };
    let parts = dealt.into_iter().map(part).filter(|part| part.len() > 0).collect();
    Ok((Words { rows: word_rows, padding }, parts))
}
