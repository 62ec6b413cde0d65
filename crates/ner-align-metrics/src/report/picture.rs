//! Where everything stands in the picture of a confusion matrix, whatever draws it.

use unicode_width::UnicodeWidthStr;

use super::text::abbreviate;
use crate::ConfusionMatrix;

/// Longest label that is written in full, in cells of a terminal.
const MAX_LABEL: usize = 28;
/// Space around everything.
const PAD: usize = 16;
/// Lines below the matrix say more than this only as a number.
const MAX_NOTES: usize = 6;

/// Where a text stands beside its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Title,
    Label,
    Note,
}

/// A text whose baseline starts, ends or is centred at a point.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) size: f64,
    pub(super) anchor: Anchor,
    /// Turned to the left by a right angle: it runs upwards.
    pub(super) upwards: bool,
    pub(super) ink: Ink,
    pub(super) text: String,
}

/// A count.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    pub(super) x: usize,
    pub(super) y: usize,
    /// Gold and predicted are one label.
    pub(super) right: bool,
    /// Share of its row.
    pub(super) share: f64,
    /// The count and, where there is room, the share, with the baselines' distance from the top.
    pub(super) lines: Vec<(String, f64, f64)>,
    /// What a pointer over it says.
    pub(super) tooltip: String,
}

/// A matrix laid out, in pixels.
#[derive(Debug, Clone)]
pub(super) struct Picture {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) title: String,
    /// Side of a cell.
    pub(super) side: usize,
    pub(super) texts: Vec<Text>,
    pub(super) cells: Vec<Cell>,
}

/// Colours of right and wrong at full share.
pub(super) const RIGHT: [u8; 3] = [31, 95, 173];
pub(super) const WRONG: [u8; 3] = [190, 52, 40];
/// Share of its row from which a cell is so dark that its text must be light.
pub(super) const DARK: f64 = 0.7;

/// Width of a text; an estimate, as the font is the viewer's.
fn width_of(text: &str, size: f64) -> f64 {
    text.width() as f64 * size * 0.6
}

/// A count in a cell: in thousands from 10,000 on, millions from 10 million on.
fn short(count: u64) -> String {
    match count {
        0..10_000 => count.to_string(),
        10_000..10_000_000 => format!("{}k", (count + 500) / 1000),
        _ => format!("{}M", (count + 500_000) / 1_000_000),
    }
}

/// Number of labels of a matrix that have any count: the side of its picture in cells.
#[cfg(feature = "png")]
pub(super) fn counted_labels(matrix: &ConfusionMatrix) -> usize {
    shown_and_hidden(matrix).0.len()
}

fn shown_and_hidden(matrix: &ConfusionMatrix) -> (Vec<usize>, Vec<usize>) {
    let cells = matrix.matrix();
    let mut used: Vec<bool> = cells.iter().map(|row| row.iter().any(|&count| count > 0)).collect();
    for row in cells {
        for (used, &count) in used.iter_mut().zip(row) {
            *used |= count > 0;
        }
    }
    (0..used.len()).partition(|&i| used[i])
}

impl Picture {
    pub(super) fn new(matrix: &ConfusionMatrix, title: &str) -> Self {
        let labels = matrix.labels();
        let (shown, hidden) = shown_and_hidden(matrix);
        // Few labels get room for the share as well, many get small cells.
        let (side, size) = match shown.len() {
            0..=8 => (62, 14.0),
            9..=16 => (46, 13.0),
            17..=30 => (36, 11.0),
            _ => (28, 9.5),
        };
        let name = |i: usize| abbreviate(&labels[i], MAX_LABEL);
        let longest = shown.iter().map(|&i| width_of(&name(i), size)).fold(0.0, f64::max);
        let upwards = longest > side as f64 - 6.0;
        let left = PAD + 34 + longest.ceil() as usize + 8;
        let head = if upwards { longest.ceil() as usize + 8 } else { size as usize + 10 };
        // Without a title, nothing is kept free for it.
        let under_title = if title.is_empty() { 0 } else { 30 };
        let top = PAD + under_title + 22 + head;
        let matrix_side = side * shown.len();
        let width = (left + matrix_side + PAD).max(420);

        let mut picture = Self {
            width,
            height: 0,
            title: title.to_owned(),
            side,
            texts: Vec::new(),
            cells: Vec::with_capacity(shown.len() * shown.len()),
        };
        let fits = ((width - 2 * PAD) as f64 / (17.0 * 0.6)) as usize;
        if !title.is_empty() {
            picture.text(Ink::Title, PAD as f64, (PAD + 14) as f64, 17.0, &abbreviate(title, fits));
        }
        let middle = |start: usize| (start + matrix_side / 2) as f64;
        if !shown.is_empty() {
            let y = (PAD + under_title + 12) as f64;
            picture.text(Ink::Note, middle(left), y, 13.0, "predicted").anchor = Anchor::Middle;
            let gold = picture.text(Ink::Note, (PAD + 10) as f64, middle(top), 13.0, "gold");
            (gold.anchor, gold.upwards) = (Anchor::Middle, true);
        }
        for (place, &i) in shown.iter().enumerate() {
            let middle = (side * place + side / 2) as f64 + size * 0.35;
            let x = (left - 8) as f64;
            picture.text(Ink::Label, x, top as f64 + middle, size, &name(i)).anchor = Anchor::End;
            let y = (top - 8) as f64;
            let x = left as f64 + if upwards { middle } else { middle - size * 0.35 };
            let column = picture.text(Ink::Label, x, y, size, &name(i));
            column.anchor = if upwards { Anchor::Start } else { Anchor::Middle };
            column.upwards = upwards;
        }
        for (y, &gold) in shown.iter().enumerate() {
            let row = &matrix.matrix()[gold];
            let sum: u64 = row.iter().sum();
            for (x, &predicted) in shown.iter().enumerate() {
                let count = row[predicted];
                let share = if sum == 0 { 0.0 } else { count as f64 / sum as f64 };
                let (x, y) = (left + side * x, top + side * y);
                picture.cells.push(Cell {
                    x,
                    y,
                    right: gold == predicted,
                    share,
                    lines: lines(count, share, side as f64, size),
                    tooltip: format!(
                        "gold {}, predicted {}: {count} ({:.1} %)",
                        labels[gold],
                        labels[predicted],
                        100.0 * share
                    ),
                });
            }
        }
        picture.notes(top + matrix_side + 26, &hidden, labels);
        picture
    }

    fn text(&mut self, ink: Ink, x: f64, y: f64, size: f64, text: &str) -> &mut Text {
        let (anchor, text) = (Anchor::Start, text.to_owned());
        self.texts.push(Text { x, y, size, anchor, upwards: false, ink, text });
        let last = self.texts.len() - 1;
        &mut self.texts[last]
    }

    /// What is said below the matrix, from the line at `y` on.
    fn notes(&mut self, mut y: usize, hidden: &[usize], labels: &[String]) {
        let mut lines = vec!["shade: share of the gold row; blue right, red wrong".to_owned()];
        if self.cells.is_empty() {
            lines = vec!["no counts".to_owned()];
        }
        let fits = (self.width - 2 * PAD) as f64;
        let names = hidden.iter().map(|&i| abbreviate(&labels[i], MAX_LABEL));
        let mut line = "without counts:".to_owned();
        let mut rest = 0;
        for name in names {
            let longer = format!("{line} {name},");
            if width_of(&longer, 12.0) <= fits {
                line = longer;
            } else if lines.len() < MAX_NOTES {
                lines.push(std::mem::replace(&mut line, format!("{name},")));
            } else {
                rest += 1;
            }
        }
        if !hidden.is_empty() {
            let line = line.trim_end_matches(',');
            lines.push(if rest > 0 { format!("{line} and {rest} more") } else { line.to_owned() });
        }
        for line in lines {
            self.text(Ink::Note, PAD as f64, y as f64, 12.0, &line);
            y += 17;
        }
        self.height = y - 17 + PAD;
    }
}

/// What is written into a cell: text, size, distance of the baseline from the cell's top.
fn lines(count: u64, share: f64, side: f64, size: f64) -> Vec<(String, f64, f64)> {
    let middle = side / 2.0 + size * 0.35;
    match (count, side > 60.0) {
        (0, _) => Vec::new(),
        (_, false) => vec![(short(count), size, middle)],
        (_, true) => vec![
            (short(count), size, middle - 7.0),
            (format!("{:.1} %", 100.0 * share), 11.0, middle + 11.0),
        ],
    }
}
