//! A confusion matrix as SVG.

use std::fmt::Write as _;

use super::picture::{Anchor, DARK, Ink, Picture, RIGHT, WRONG};
use crate::ConfusionMatrix;

/// Colours for a dark background, where the viewer knows of one. The names are long because a page
/// that holds the picture shares them.
const STYLE: &str = "<style>@media (prefers-color-scheme: dark) {\
.confusion-back { fill: #15181d } .confusion-label { fill: #e4e7eb } .confusion-note { fill: #9aa4b1 } \
.confusion-line { stroke: #3a414b } .confusion-shade { filter: brightness(1.25) } }</style>";

/// The matrix as an SVG picture: rows gold, columns predicted, the stronger the colour the larger
/// the share of its row. Labels without any count are left out and named below. Counts from 10,000
/// on are printed in thousands; every cell has its labels, count and share as a tooltip. It is light
/// or dark as its viewer prefers.
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
    let picture = Picture::new(matrix, title);
    let Picture { width, height, side, .. } = picture;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" font-family=\"system-ui, 'DejaVu Sans', sans-serif\" \
         role=\"img\">\n<title>{}</title>\n{STYLE}\n\
         <rect class=\"confusion-back\" width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
        escape(&picture.title)
    );
    for text in &picture.texts {
        let (class, fill, bold) = match text.ink {
            Ink::Title => ("label", "#1c2128", " font-weight=\"600\""),
            Ink::Label => ("label", "#1c2128", ""),
            Ink::Note => ("note", "#5b6570", ""),
        };
        let anchor = match text.anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let turn = if text.upwards { " rotate(-90)" } else { "" };
        let _ = writeln!(
            out,
            "<text class=\"confusion-{class}\" transform=\"translate({:.1} {:.1}){turn}\" \
             font-size=\"{}\" text-anchor=\"{anchor}\" fill=\"{fill}\"{bold}>{}</text>",
            text.x,
            text.y,
            text.size,
            escape(&text.text)
        );
    }
    for cell in &picture.cells {
        let (x, y) = (cell.x, cell.y);
        let [red, green, blue] = if cell.right { RIGHT } else { WRONG };
        let _ = write!(
            out,
            "<g><rect class=\"confusion-line\" x=\"{x}\" y=\"{y}\" width=\"{side}\" \
             height=\"{side}\" fill=\"none\" stroke=\"#d5dae0\"/>\
             <rect class=\"confusion-shade\" x=\"{x}\" y=\"{y}\" width=\"{side}\" height=\"{side}\" \
             fill=\"#{red:02x}{green:02x}{blue:02x}\" fill-opacity=\"{:.3}\"/>",
            cell.share
        );
        for (line, size, baseline) in &cell.lines {
            let ink = if cell.share > DARK {
                "fill=\"#fff\"".to_owned()
            } else {
                "class=\"confusion-label\" fill=\"#1c2128\"".to_owned()
            };
            let (x, y) = (x as f64 + side as f64 / 2.0, y as f64 + baseline);
            let _ = write!(
                out,
                "<text {ink} x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" \
                 text-anchor=\"middle\">{line}</text>"
            );
        }
        let _ = writeln!(out, "<title>{}</title></g>", escape(&cell.tooltip));
    }
    out.push_str("</svg>\n");
    out
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
