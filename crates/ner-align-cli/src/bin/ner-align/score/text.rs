//! The scores as a person reads them.

use std::fmt::Write;

use ner_align_metrics::compat::CompatScores;
use ner_align_metrics::report;
use ner_align_metrics::resampling::{Comparison, Intervals};

use super::Outcome;

/// Tables one below the other.
pub(super) fn render(outcome: &Outcome) -> String {
    let scores = &outcome.scores;
    let mut text = format!(
        "{}\nwords by tag, gold in rows, predicted in columns\n{}\n{}\n",
        report::table(scores),
        report::confusion(&scores.confusion),
        report::summary_line(scores)
    );
    for (tool, numbers) in &outcome.compat {
        let _ = writeln!(text, "\nas {tool} prints it\n{}", foreign(numbers));
    }
    if let Some(bootstrap) = &outcome.bootstrap {
        text += &intervals(bootstrap);
    }
    if let Some(versus) = &outcome.versus {
        text += &comparison(versus);
    }
    text
}

fn foreign(numbers: &CompatScores) -> String {
    match numbers {
        CompatScores::Seqeval(scores) => scores
            .table(2)
            .unwrap_or_else(|| "no entity on either side: seqeval stops here".to_owned()),
        CompatScores::Nervaluate(scores) => scores.summary(2),
        // These have no table of their own that would be shorter than their numbers.
        other => serde_json::to_string_pretty(other).unwrap_or_default(),
    }
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "undefined".to_owned(), |value| format!("{value:.4}"))
}

fn intervals(intervals: &Intervals) -> String {
    let mut text = format!(
        "\nstrict, {} % of {} resamples of {} sentences lie between\n",
        100.0 * intervals.level,
        intervals.resamples,
        intervals.units
    );
    for (name, row) in
        [("precision", intervals.precision), ("recall", intervals.recall), ("f1", intervals.f1)]
    {
        let [estimate, low, high] = [row.estimate, row.low, row.high].map(number);
        let _ = writeln!(text, "{name:>10}  {estimate}  ({low} to {high})");
    }
    text
}

fn comparison(comparison: &Comparison) -> String {
    let mut text = format!(
        "\nstrict, first against second system, {} exchanges of {} sentences\n{:>10}  {:>9}  {:>9}  {:>10}  {:>9}\n",
        comparison.resamples, comparison.units, "", "first", "second", "difference", "p"
    );
    let rows =
        [("precision", comparison.precision), ("recall", comparison.recall), ("f1", comparison.f1)];
    for (name, row) in rows {
        let [first, second] = [row.first, row.second].map(number);
        let (difference, p) = (number(row.difference.estimate), number(row.p_value));
        let _ = writeln!(text, "{name:>10}  {first:>9}  {second:>9}  {difference:>10}  {p:>9}");
    }
    text
}
