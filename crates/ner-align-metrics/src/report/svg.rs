//! A confusion matrix as a picture.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use super::text::abbreviate;
use crate::ConfusionMatrix;

/// Side of a cell, and sizes of text, in pixels.
const CELL: usize = 44;
const FONT: usize = 13;
/// Width of a character of a label; an estimate, as the font is the viewer's.
const CHARACTER: usize = 8;
const MAX_LABEL: usize = 24;

/// The matrix as an SVG picture: rows gold, columns predicted, darker the larger the share of its
/// row. Labels without any count are left out and named below. Counts from 10,000 on are printed
/// in thousands; every cell has its labels, count and share as a tooltip.
///
/// ```
/// use ner_align_metrics::{ConfusionMatrix, Gold, Predicted, report};
/// let matrix = ConfusionMatrix::builder(["PER", "LOC"])
///     .count(Gold("PER"), Predicted("LOC"))?
///     .build();
/// let picture = report::confusion_svg(&matrix, "Entities");
/// assert!(picture.starts_with("<svg") && picture.contains("gold PER, predicted LOC: 1"));
/// # Ok::<(), ner_align_metrics::MetricsError>(())
/// ```
#[must_use]
pub fn confusion_svg(matrix: &ConfusionMatrix, title: &str) -> String {
    let cells = matrix.matrix();
    let labels = matrix.labels();
    let used =
        |i: &usize| cells[*i].iter().sum::<u64>() + cells.iter().map(|r| r[*i]).sum::<u64>() > 0;
    let (shown, hidden): (Vec<usize>, Vec<usize>) = (0..labels.len()).partition(used);
    let longest = shown.iter().map(|&i| labels[i].width().min(MAX_LABEL)).max().unwrap_or(0);
    let margin = CHARACTER * longest + 40;
    let side = CELL * shown.len();
    let note = if hidden.is_empty() { 0 } else { 2 * FONT };
    let (width, height) = (margin + side + 20, margin + side + 20 + note + 24);
    let top = margin + 24;

    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"{FONT}\" \
         role=\"img\">\n<title>{}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
        escape(title)
    );
    let _ = writeln!(out, "<text x=\"10\" y=\"20\" font-weight=\"bold\">{}</text>", escape(title));
    let _ = writeln!(
        out,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\" fill=\"#555\">predicted</text>",
        margin + side / 2,
        40
    );
    let _ = writeln!(
        out,
        "<text transform=\"translate(16 {}) rotate(-90)\" text-anchor=\"middle\" fill=\"#555\">\
         gold</text>",
        top + side / 2
    );
    for (place, &i) in shown.iter().enumerate() {
        let label = escape(&abbreviate(&labels[i], MAX_LABEL));
        let middle = CELL * place + CELL / 2;
        let _ = writeln!(
            out,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{label}</text>",
            margin - 6,
            top + middle + FONT / 3
        );
        let _ = writeln!(
            out,
            "<text transform=\"translate({} {}) rotate(-90)\">{label}</text>",
            margin + middle + FONT / 3,
            top - 6
        );
    }
    for (y, &gold) in shown.iter().enumerate() {
        let sum: u64 = cells[gold].iter().sum();
        for (x, &predicted) in shown.iter().enumerate() {
            let count = cells[gold][predicted];
            let share = if sum == 0 { 0.0 } else { count as f64 / sum as f64 };
            cell(&mut out, margin + CELL * x, top + CELL * y, count, share, gold == predicted);
            let _ = writeln!(
                out,
                "<title>gold {}, predicted {}: {count} ({:.1} %)</title></g>",
                escape(&labels[gold]),
                escape(&labels[predicted]),
                100.0 * share
            );
        }
    }
    if !hidden.is_empty() {
        let names: Vec<&str> = hidden.iter().map(|&i| labels[i].as_str()).collect();
        let _ = writeln!(
            out,
            "<text x=\"10\" y=\"{}\" fill=\"#555\">without counts: {}</text>",
            height - 10,
            escape(&names.join(", "))
        );
    }
    out.push_str("</svg>\n");
    out
}

/// One cell, as a group that its caller ends: blue where right, red where wrong.
fn cell(out: &mut String, x: usize, y: usize, count: u64, share: f64, right: bool) {
    let shade = |full: f64| (255.0 - share * (255.0 - full)).round() as u8;
    let (red, green, blue) = if right { (21.0, 76.0, 150.0) } else { (178.0, 34.0, 34.0) };
    let _ = write!(
        out,
        "<g><rect x=\"{x}\" y=\"{y}\" width=\"{CELL}\" height=\"{CELL}\" stroke=\"#ddd\" \
         fill=\"#{:02x}{:02x}{:02x}\"/>",
        shade(red),
        shade(green),
        shade(blue)
    );
    if count > 0 {
        let text = match count {
            0..10_000 => count.to_string(),
            10_000..10_000_000 => format!("{}k", (count + 500) / 1000),
            _ => format!("{}M", (count + 500_000) / 1_000_000),
        };
        let fill = if share > 0.55 { "#fff" } else { "#222" };
        let _ = write!(
            out,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\" fill=\"{fill}\">{text}</text>",
            x + CELL / 2,
            y + CELL / 2 + FONT / 3
        );
    }
}

/// Text in which nothing means anything to XML; control characters become spaces, as XML has none.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
