//! A confusion matrix in a terminal.

use unicode_width::UnicodeWidthStr;

use super::text::{abbreviate, left, right};
use crate::ConfusionMatrix;

/// Width of the terminal that is printed for.
const WIDTH: usize = 100;
/// Longest row and column label that is printed in full.
const MAX_ROW_LABEL: usize = 16;
const MAX_COLUMN_LABEL: usize = 8;
/// The column that sums what has no column of its own.
const OTHERS: &str = "others";

/// The matrix in at most 100 columns: rows gold, columns predicted, `.` for 0.
///
/// Long labels are abbreviated and spelled out below. Rows and columns without any count are
/// hidden. Where columns do not fit, those with the fewest counts are summed in one named `others`.
/// What was hidden or summed is said below the matrix.
///
/// ```
/// use ner_align_metrics::{ConfusionMatrix, Gold, Predicted, report};
/// let matrix = ConfusionMatrix::builder(["O", "B-PER", "B-LOC"])
///     .count(Gold("B-PER"), Predicted("O"))?
///     .build();
/// assert_eq!(report::confusion(&matrix), "\
/// gold \\ predicted  O
/// B-PER             1
/// without gold: O
/// without predictions: B-PER
/// without counts: B-LOC
/// ");
/// # Ok::<(), ner_align_metrics::MetricsError>(())
/// ```
#[must_use]
pub fn confusion(matrix: &ConfusionMatrix) -> String {
    let cells = matrix.matrix();
    let row_sum = |row: usize| cells[row].iter().sum::<u64>();
    let column_sum = |column: usize| cells.iter().map(|row| row[column]).sum::<u64>();
    let all = 0..matrix.labels().len();
    let (rows, no_gold): (Vec<usize>, Vec<usize>) = all.clone().partition(|&i| row_sum(i) > 0);
    let (columns, no_predictions): (Vec<usize>, Vec<usize>) = all.partition(|&i| column_sum(i) > 0);
    let mut notes = Notes::new(matrix);

    let corner = "gold \\ predicted";
    let first = rows.iter().map(|&i| matrix.labels()[i].width().min(MAX_ROW_LABEL));
    let first = first.max().unwrap_or(0).max(corner.len());
    let (shown, summed) = fit(matrix, &columns, WIDTH - first, column_sum);

    let mut out = left(corner, first);
    let width_of = |column: usize| column_width(matrix, column);
    for &column in &shown {
        let label = notes.label(column, MAX_COLUMN_LABEL);
        out.push_str(&right(&label, width_of(column)));
    }
    let others = |row: usize| summed.iter().map(|&column| cells[row][column]).sum::<u64>();
    let others_width =
        2 + OTHERS.len().max(rows.iter().map(|&r| digits(others(r))).max().unwrap_or(0));
    if !summed.is_empty() {
        out.push_str(&right(OTHERS, others_width));
    }
    out.push('\n');
    let count = |count: u64| if count == 0 { ".".to_owned() } else { count.to_string() };
    for &row in &rows {
        out.push_str(&left(&notes.label(row, MAX_ROW_LABEL), first));
        for &column in &shown {
            out.push_str(&right(&count(cells[row][column]), width_of(column)));
        }
        if !summed.is_empty() {
            out.push_str(&right(&count(others(row)), others_width));
        }
        out.push('\n');
    }
    out.push_str(&notes.finish(&no_gold, &no_predictions, &summed));
    out
}

const fn digits(count: u64) -> usize {
    match count.checked_ilog10() {
        Some(log) => log as usize + 1,
        None => 1,
    }
}

/// Cells of a column with the two spaces before it.
fn column_width(matrix: &ConfusionMatrix, column: usize) -> usize {
    let numbers = matrix.matrix().iter().map(|row| digits(row[column])).max().unwrap_or(0);
    2 + numbers.max(matrix.labels()[column].width().min(MAX_COLUMN_LABEL))
}

/// The columns that fit into `width`, in order, and those that do not.
fn fit(
    matrix: &ConfusionMatrix,
    columns: &[usize],
    width: usize,
    sum: impl Fn(usize) -> u64,
) -> (Vec<usize>, Vec<usize>) {
    let total: usize = columns.iter().map(|&column| column_width(matrix, column)).sum();
    if total <= width {
        return (columns.to_vec(), Vec::new());
    }
    let mut by_count = columns.to_vec();
    by_count.sort_by_key(|&column| std::cmp::Reverse(sum(column)));
    // Room for the sums of the rest, which no row's sum is smaller than.
    let largest = matrix.matrix().iter().map(|row| row.iter().sum()).max().unwrap_or(0);
    let mut free = width.saturating_sub(2 + OTHERS.len().max(digits(largest)));
    let mut shown = Vec::new();
    for &column in &by_count {
        let needed = column_width(matrix, column);
        if needed > free {
            break;
        }
        free -= needed;
        shown.push(column);
    }
    shown.sort_unstable();
    let summed = columns.iter().copied().filter(|column| !shown.contains(column)).collect();
    (shown, summed)
}

/// What has to be said below the matrix.
struct Notes<'a> {
    matrix: &'a ConfusionMatrix,
    abbreviated: Vec<(String, &'a str)>,
}

impl<'a> Notes<'a> {
    const fn new(matrix: &'a ConfusionMatrix) -> Self {
        Self { matrix, abbreviated: Vec::new() }
    }

    /// The label in at most `width` cells.
    fn label(&mut self, index: usize, width: usize) -> String {
        let full = &self.matrix.labels()[index];
        let short = abbreviate(full, width);
        if short != *full {
            self.abbreviated.push((short.clone(), full));
        }
        short
    }

    fn finish(mut self, no_gold: &[usize], no_predictions: &[usize], summed: &[usize]) -> String {
        let mut out = String::new();
        self.abbreviated.sort();
        self.abbreviated.dedup();
        for (short, full) in &self.abbreviated {
            out.push_str(&format!("{short} = {full}\n"));
        }
        let both = |index: &usize| no_gold.contains(index) && no_predictions.contains(index);
        let only = |indices: &[usize]| -> Vec<usize> {
            indices.iter().copied().filter(|index| !both(index)).collect()
        };
        let neither: Vec<usize> = no_gold.iter().copied().filter(both).collect();
        for (what, indices) in [
            ("others", summed.to_vec()),
            ("without gold", only(no_gold)),
            ("without predictions", only(no_predictions)),
            ("without counts", neither),
        ] {
            if !indices.is_empty() {
                let names: Vec<&str> =
                    indices.iter().map(|&i| self.matrix.labels()[i].as_str()).collect();
                out.push_str(&wrapped(what, &names));
            }
        }
        out
    }
}

/// `what: name, name, …` in lines of at most [`WIDTH`] cells where names allow.
fn wrapped(what: &str, names: &[&str]) -> String {
    let mut out = format!("{what}:");
    let mut used = out.width();
    for (i, name) in names.iter().enumerate() {
        let comma = if i + 1 < names.len() { "," } else { "" };
        let needed = 1 + name.width() + comma.len();
        if used + needed > WIDTH && i > 0 {
            out.push_str("\n ");
            used = 1;
        }
        out.push_str(&format!(" {name}{comma}"));
        used += needed;
    }
    out.push('\n');
    out
}
