//! Tables of scores and their bars.

use std::cmp::Reverse;
use std::fmt::Write as _;

use ner_align_metrics::analysis::Analysis;
use ner_align_metrics::resampling::Interval;
use ner_align_metrics::{Prf, Scores};

use crate::visible::escape;

/// Types listed before the page gets unwieldy; those with the most entities.
const MAX_TYPES: usize = 1_000;

pub(super) fn percent(score: Option<f64>) -> String {
    score.map_or_else(|| "–".to_owned(), |score| format!("{:.2}", 100.0 * score))
}

/// Starts a table whose body its caller fills and ends.
pub(super) fn head(out: &mut String, first: &str, columns: &[&str]) {
    let _ = write!(out, "<div class=\"scroll\"><table>\n<thead><tr><th>{first}</th>");
    for column in columns {
        // These have a bar beside their number.
        let class = if matches!(*column, "F1" | "share") { " class=\"f1\"" } else { "" };
        let _ = write!(out, "<th{class}>{column}</th>");
    }
    out.push_str("</tr></thead>\n<tbody>\n");
}

/// Precision, recall, F1 with a bar, and the counts of gold, predicted and correct: six cells.
pub(super) fn prf(row: &Prf) -> String {
    let why = match row.undefined.get("f1").or_else(|| row.undefined.values().next()) {
        Some(reason) => format!(" title=\"{}\"", escape(reason)),
        None => String::new(),
    };
    format!(
        "<td{why}>{}</td><td{why}>{}</td><td class=\"f1\"{why}>{}{}</td>\
         <td>{}</td><td>{}</td><td>{}</td>",
        percent(row.precision),
        percent(row.recall),
        percent(row.f1),
        bar(100.0 * row.f1.unwrap_or(0.0)),
        row.support,
        row.predicted,
        row.correct
    )
}

/// A bar that is filled to this share, in percent.
pub(super) fn bar(share: f64) -> String {
    format!(
        "<svg class=\"bar\" aria-hidden=\"true\"><rect width=\"{share:.2}%\" height=\"100%\"/></svg>"
    )
}

/// A scale from `from` to `to` with a mark at the score and a band over its interval; a scale that
/// runs through zero shows it.
pub(super) fn interval_bar(
    score: Option<f64>,
    interval: Option<Interval>,
    from: f64,
    to: f64,
) -> String {
    let place = |value: f64| (100.0 * (value - from) / (to - from)).clamp(0.0, 100.0);
    let mut out = String::from("<svg class=\"scale\" aria-hidden=\"true\">");
    out.push_str("<rect class=\"track\" width=\"100%\" height=\"100%\"/>");
    if from < 0.0 {
        let x = place(0.0);
        let _ = write!(out, "<rect class=\"zero\" x=\"{x:.2}%\" width=\"1\" height=\"100%\"/>");
    }
    match (score, interval) {
        (Some(_), Some(Interval { low: Some(low), high: Some(high), .. })) => {
            let (low, high) = (place(low), place(high));
            let _ = write!(
                out,
                "<rect class=\"reach\" x=\"{low:.2}%\" width=\"{:.2}%\" height=\"100%\"/>",
                high - low
            );
        }
        // Without an interval, a plain bar.
        (Some(score), None) if from >= 0.0 => {
            let width = place(score);
            let _ = write!(out, "<rect class=\"soft\" width=\"{width:.2}%\" height=\"100%\"/>");
        }
        _ => {}
    }
    if let Some(score) = score {
        let x = place(score);
        let _ = write!(out, "<rect class=\"point\" x=\"{x:.2}%\" width=\"3\" height=\"100%\"/>");
    }
    out.push_str("</svg>");
    out
}

/// The strict scores by type.
pub(super) fn types(out: &mut String, scores: &Scores) {
    let strict = scores.strict();
    out.push_str("<section>\n<h2>By type, strict</h2>\n");
    head(out, "type", &["precision", "recall", "F1", "gold", "predicted", "correct"]);
    let mut rows: Vec<(&String, &Prf)> = strict.per_type.iter().collect();
    rows.sort_by_key(|(_, row)| Reverse((row.support, row.predicted)));
    rows.truncate(MAX_TYPES);
    rows.sort_by_key(|(name, _)| *name);
    for (name, row) in &rows {
        let _ = writeln!(out, "<tr><td>{}</td>{}</tr>", escape(name), prf(row));
    }
    for (name, row) in [
        ("micro average", &strict.micro),
        ("macro average", &strict.macro_),
        ("weighted average", &strict.weighted),
    ] {
        let _ = writeln!(out, "<tr class=\"average\"><td>{name}</td>{}</tr>", prf(row));
    }
    out.push_str("</tbody></table></div>\n");
    let others = strict.per_type.len() - rows.len();
    if others > 0 {
        let _ = writeln!(
            out,
            "<p class=\"note\">{others} more types, with fewer entities, are not listed.</p>"
        );
    }
    out.push_str("</section>\n");
}

/// Scores by kind of entity, and which types were taken for others.
pub(super) fn buckets(out: &mut String, analysis: &Analysis) {
    for (kind, buckets) in &analysis.buckets {
        let (heading, first) = match kind.as_str() {
            "entity_length" => ("By entity length, strict", "words"),
            "sentence_length" => ("By sentence length, strict", "words"),
            "training_frequency" => ("By frequency in training, strict", "times"),
            "familiarity" => ("By what training had, strict", "text"),
            other => (other, ""),
        };
        let _ = writeln!(out, "<section>\n<h2>{}</h2>", escape(heading));
        head(out, first, &["precision", "recall", "F1", "gold", "predicted", "correct"]);
        for (name, row) in buckets {
            let _ = writeln!(out, "<tr><td>{}</td>{}</tr>", escape(name), prf(row));
        }
        out.push_str("</tbody></table></div>\n</section>\n");
    }
    if analysis.type_confusions.is_empty() {
        return;
    }
    out.push_str("<section>\n<h2>Types taken for others</h2>\n");
    head(out, "gold", &["predicted", "count"]);
    for (gold, predicted, count) in analysis.type_confusions.iter().take(50) {
        let (gold, predicted) = (escape(gold), escape(predicted));
        let _ = writeln!(out, "<tr><td>{gold}</td><td>{predicted}</td><td>{count}</td></tr>");
    }
    out.push_str("</tbody></table></div>\n</section>\n");
}
