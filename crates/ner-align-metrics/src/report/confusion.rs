//! A confusion matrix in a terminal.

use unicode_width::UnicodeWidthStr;

use super::text::{abbreviate, left, right};
use crate::ConfusionMatrix;

/// Width of the terminal that is printed for unless another is named.
const WIDTH: usize = 100;
/// Longest row and column label that is printed in full.
const MAX_ROW_LABEL: usize = 16;
const MAX_COLUMN_LABEL: usize = 8;
/// The column that sums what has no column of its own.
const OTHERS: &str = "others";
const CORNER: &str = "gold \\ predicted";

/// The matrix in at most 100 columns: rows gold, columns predicted, `.` for 0.
///
/// Long labels are abbreviated and spelled out below. Rows and columns without any count are
/// hidden. Where labels do not fit above the columns, rows and columns are numbered; where the
/// counts do not fit either, they are printed in thousands; and where even that is too wide,
/// columns with the fewest counts are summed in one named `others`. What was hidden or summed is
/// said below the matrix.
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
    confusion_within(matrix, WIDTH)
}

/// As [`confusion()`], in at most `width` columns, or 40 where that is less.
#[must_use]
pub fn confusion_within(matrix: &ConfusionMatrix, width: usize) -> String {
    let width = width.max(40);
    let cells = matrix.matrix();
    let row_sum = |row: usize| cells[row].iter().sum::<u64>();
    let column_sum = |column: usize| cells.iter().map(|row| row[column]).sum::<u64>();
    let all = 0..matrix.labels().len();
    let (rows, no_gold): (Vec<usize>, Vec<usize>) = all.clone().partition(|&i| row_sum(i) > 0);
    let (columns, no_predictions): (Vec<usize>, Vec<usize>) = all.partition(|&i| column_sum(i) > 0);

    let styles = [(false, false), (true, false), (true, true)];
    let layouts = styles.map(|(numbered, short)| Layout::new(matrix, &rows, numbered, short));
    let fits = layouts.iter().find(|layout| {
        layout.first + columns.iter().map(|&column| layout.column_width(column)).sum::<usize>()
            <= width
    });
    let [.., narrowest] = &layouts;
    let layout = fits.unwrap_or(narrowest);
    let (shown, summed) = match fits {
        Some(_) => (columns, Vec::new()),
        None => layout.fold(&columns, width, column_sum),
    };

    let mut notes = Notes::new(matrix, width);
    let mut out = left(CORNER, layout.first);
    for &column in &shown {
        let label = match layout.numbered {
            true => (column + 1).to_string(),
            false => notes.label(column, MAX_COLUMN_LABEL),
        };
        out.push_str(&right(&label, layout.column_width(column)));
    }
    let others = |row: usize| summed.iter().map(|&column| cells[row][column]).sum::<u64>();
    let others_width =
        2 + rows.iter().map(|&row| layout.count(others(row)).len()).max().unwrap_or(0);
    let others_width = others_width.max(2 + OTHERS.len());
    if !summed.is_empty() {
        out.push_str(&right(OTHERS, others_width));
    }
    out.push('\n');
    for &row in &rows {
        let number = if layout.numbered { layout.number(row) } else { String::new() };
        let label = notes.label(row, MAX_ROW_LABEL);
        out.push_str(&left(&format!("{number}{label}"), layout.first));
        for &column in &shown {
            out.push_str(&right(&layout.count(cells[row][column]), layout.column_width(column)));
        }
        if !summed.is_empty() {
            out.push_str(&right(&layout.count(others(row)), others_width));
        }
        out.push('\n');
    }
    if layout.numbered {
        // Columns that are no rows have their names nowhere else.
        for &column in shown.iter().filter(|column| no_gold.contains(column)) {
            let name = &matrix.labels()[column];
            out.push_str(&format!("{}{name}\n", layout.number(column)));
        }
    }
    out.push_str(&notes.finish(&no_gold, &no_predictions, &summed));
    out
}

/// How labels and counts are written.
struct Layout<'a> {
    matrix: &'a ConfusionMatrix,
    /// Columns have the number of their label above them, and rows before their label.
    numbered: bool,
    /// Counts from 10,000 on are in thousands.
    short: bool,
    /// Width of the column of row labels.
    first: usize,
}

impl<'a> Layout<'a> {
    fn new(matrix: &'a ConfusionMatrix, rows: &[usize], numbered: bool, short: bool) -> Self {
        let mut layout = Self { matrix, numbered, short, first: 0 };
        let labels = rows.iter().map(|&row| matrix.labels()[row].width().min(MAX_ROW_LABEL));
        let number = if numbered { layout.number(0).len() } else { 0 };
        layout.first = (number + labels.max().unwrap_or(0)).max(CORNER.len());
        layout
    }

    /// The number of a label before its name.
    fn number(&self, label: usize) -> String {
        let digits = self.matrix.labels().len().to_string().len();
        format!("{:>digits$} ", label + 1)
    }

    fn count(&self, count: u64) -> String {
        match count {
            0 => ".".to_owned(),
            10_000..10_000_000 if self.short => format!("{}k", (count + 500) / 1000),
            10_000_000.. if self.short => format!("{}M", (count + 500_000) / 1_000_000),
            _ => count.to_string(),
        }
    }

    /// Cells of a column with the spaces before it.
    fn column_width(&self, column: usize) -> usize {
        let counts = self.matrix.matrix().iter().map(|row| self.count(row[column]).len());
        let heading = match self.numbered {
            true => (column + 1).to_string().len(),
            false => self.matrix.labels()[column].width().min(MAX_COLUMN_LABEL),
        };
        2 + counts.max().unwrap_or(0).max(heading)
    }

    /// The columns that fit into `width`, in order, and those that do not.
    fn fold(
        &self,
        columns: &[usize],
        width: usize,
        sum: impl Fn(usize) -> u64,
    ) -> (Vec<usize>, Vec<usize>) {
        let mut by_count = columns.to_vec();
        by_count.sort_by_key(|&column| std::cmp::Reverse(sum(column)));
        // Room for the sums of the rest, which no row's sum is smaller than.
        let sums = self.matrix.matrix().iter().map(|row| self.count(row.iter().sum()).len());
        let others = 2 + OTHERS.len().max(sums.max().unwrap_or(0));
        let mut free = width.saturating_sub(self.first + others);
        let mut shown = Vec::new();
        for &column in &by_count {
            let needed = self.column_width(column);
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
}

/// What has to be said below the matrix.
struct Notes<'a> {
    matrix: &'a ConfusionMatrix,
    abbreviated: Vec<(String, &'a str)>,
    width: usize,
}

impl<'a> Notes<'a> {
    const fn new(matrix: &'a ConfusionMatrix, width: usize) -> Self {
        Self { matrix, abbreviated: Vec::new(), width }
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
                out.push_str(&wrapped(what, &names, self.width));
            }
        }
        out
    }
}

/// `what: name, name, …` in lines of at most `width` cells where names allow.
fn wrapped(what: &str, names: &[&str], width: usize) -> String {
    let mut out = format!("{what}:");
    let mut used = out.width();
    for (i, name) in names.iter().enumerate() {
        let comma = if i + 1 < names.len() { "," } else { "" };
        let needed = 1 + name.width() + comma.len();
        if used + needed > width && i > 0 {
            out.push_str("\n ");
            used = 1;
        }
        out.push_str(&format!(" {name}{comma}"));
        used += needed;
    }
    out.push('\n');
    out
}
