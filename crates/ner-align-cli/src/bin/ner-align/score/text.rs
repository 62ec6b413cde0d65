//! The scores as a person reads them.

use std::fmt::Write;

use ner_align_metrics::analysis::{Analysis, EntityError, Mention};
use ner_align_metrics::compat::CompatScores;
use ner_align_metrics::report;
use ner_align_metrics::resampling::{Comparison, Intervals};

use super::ScoreArgs;
use super::compat::Foreign;
use super::outcome::Outcome;

/// Width of a terminal that does not say its own.
const WIDTH: usize = 120;

/// Tables one below the other.
pub(super) fn render(outcome: &Outcome, arguments: &ScoreArgs) -> String {
    let scores = &outcome.scores;
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let width = columns.filter(|columns| *columns > 0).unwrap_or(WIDTH);
    let mut text = format!(
        "{}\nentities by type, gold in rows, predicted in columns\n{}",
        report::table(scores),
        report::confusion_within(&scores.entity_confusion, width)
    );
    if arguments.tags {
        let tags = report::confusion_within(&scores.confusion, width);
        let _ = write!(text, "\nwords by tag, gold in rows, predicted in columns\n{tags}");
    }
    let errors = &scores.errors;
    let _ = writeln!(
        text,
        "\nerrors: {} boundary, {} type, {} boundary and type, {} missed, {} spurious, {} merged, \
         {} split",
        errors.boundary,
        errors.entity_type,
        errors.boundary_and_type,
        errors.missed,
        errors.spurious,
        errors.merged,
        errors.split
    );
    let _ = writeln!(text, "{}", report::summary_line(scores));
    if let (Some(beta), Some(f)) = (scores.beta, scores.strict().micro.f_beta) {
        let _ = writeln!(text, "strict F{beta} {:.2}", 100.0 * f);
    }
    for tool in &outcome.compat {
        let _ = write!(text, "\nas {} prints it\n{}", tool.tool, foreign(tool));
    }
    if let Some(bootstrap) = &outcome.bootstrap {
        text += &intervals(bootstrap);
    }
    if let Some(versus) = &outcome.versus {
        text += &comparison(versus);
    }
    if let Some(analysis) = &outcome.analysis {
        if !arguments.train.is_empty() {
            text += &buckets(analysis);
        }
        if arguments.errors {
            text += &error_list(analysis, &outcome.names.0);
        }
    }
    text
}

/// What a tool prints, or why it prints nothing, and what makes it differ.
pub(super) fn foreign(foreign: &Foreign) -> String {
    let mut text = match &foreign.scores {
        Err(reason) => format!("nothing: {reason}\n"),
        Ok(CompatScores::Seqeval(scores)) => scores
            .table(2)
            .unwrap_or_else(|| "no entity on either side: seqeval stops here\n".to_owned()),
        Ok(CompatScores::Nervaluate(scores)) => scores.summary(2) + "\n",
        Ok(CompatScores::Conlleval(scores)) => scores.to_string(),
        // spaCy prints a dictionary.
        Ok(other) => serde_json::to_string_pretty(other).unwrap_or_default() + "\n",
    };
    for quirk in &foreign.quirks {
        let _ = writeln!(text, "note: {} (×{})", quirk.message, quirk.count);
    }
    text
}

/// Scores by kind of entity.
fn buckets(analysis: &Analysis) -> String {
    let mut text = String::new();
    for (kind, buckets) in &analysis.buckets {
        let _ = writeln!(
            text,
            "\n{:>22}  {:>9}  {:>9}  {:>9}  {:>9}",
            kind.replace('_', " "),
            "precision",
            "recall",
            "f1",
            "gold"
        );
        for (name, row) in buckets {
            let [p, r, f] = [row.precision, row.recall, row.f1]
                .map(|score| score.map_or_else(|| "-".to_owned(), |score| format!("{score:.2}")));
            let _ = writeln!(text, "{name:>22}  {p:>9}  {r:>9}  {f:>9}  {:>9}", row.support);
        }
    }
    text
}

/// A line an error.
fn error_list(analysis: &Analysis, file: &str) -> String {
    let mut text = format!("\nerrors: {}\n", analysis.errors.len());
    for error in &analysis.errors {
        text += &error_line(error, file);
    }
    text
}

fn error_line(error: &EntityError, file: &str) -> String {
    let place = match error.place.line {
        Some(line) => format!("{file}:{line}"),
        None => {
            format!("{file}: document {}, sentence {}", error.place.document, error.place.sentence)
        }
    };
    let kind = error.outcome.as_str();
    let boundary = error.boundary.map(|boundary| format!(" ({})", boundary.as_str()));
    let side = |name: &str, mention: &Option<Mention>| {
        let mention = mention.as_ref();
        mention.map(|m| format!(" {name} {} {:?}", m.label, m.text)).unwrap_or_default()
    };
    let context = format!("{} [{}] {}", error.before, error.text, error.after);
    // A text may hold what would move the cursor.
    let context: String =
        context.trim().chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect();
    format!(
        "{place}: {kind}{}:{}{} in: {context}\n",
        boundary.unwrap_or_default(),
        side("gold", &error.gold),
        side("predicted", &error.predicted)
    )
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "undefined".to_owned(), |value| format!("{value:.4}"))
}

fn intervals(intervals: &Intervals) -> String {
    let mut text = format!(
        "\nstrict, {} % of {} resamples of {} {}s lie between\n",
        100.0 * intervals.level,
        intervals.resamples,
        intervals.units,
        intervals.unit.as_str()
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
        "\nstrict, first against second system, {} exchanges of {} {}s\n{:>10}  {:>9}  {:>9}  {:>10}  {:>9}\n",
        comparison.resamples,
        comparison.units,
        comparison.unit.as_str(),
        "",
        "first",
        "second",
        "difference",
        "p"
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
