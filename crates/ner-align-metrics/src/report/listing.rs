//! Errors, buckets, intervals and comparisons as text for a terminal.

use std::borrow::Cow;
use std::fmt::Write;

use crate::ErrorCounts;
use crate::analysis::{Analysis, EntityError, Mention};
use crate::resampling::{Comparison, Intervals};

/// One line with the number of errors of each kind.
#[must_use]
pub fn error_counts(errors: &ErrorCounts) -> String {
    format!(
        "{} boundary, {} type, {} boundary and type, {} missed, {} spurious, {} merged, {} split",
        errors.boundary,
        errors.entity_type,
        errors.boundary_and_type,
        errors.missed,
        errors.spurious,
        errors.merged,
        errors.split
    )
}

/// A table of strict scores for each kind of entity in [`Analysis::buckets`], each after an empty
/// line.
#[must_use]
pub fn buckets(analysis: &Analysis) -> String {
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

/// Characters of a text that a line shows.
const MAX_TEXT: usize = 300;

/// A text, or its start.
fn start_of(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
        None => text.into(),
    }
}

/// One line for each error, with its place in the gold file, which is called `file`. Of texts of more than 300
/// characters, the start is shown.
#[must_use]
pub fn error_list(analysis: &Analysis, file: &str) -> String {
    analysis.errors.iter().map(|error| error_line(error, file)).collect()
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
        let shown = |m: &Mention| format!(" {name} {} {:?}", start_of(&m.label), start_of(&m.text));
        mention.map(shown).unwrap_or_default()
    };
    let [before, text, after] = [&error.before, &error.text, &error.after].map(|t| start_of(t));
    let context = format!("{before} [{text}] {after}");
    // Control characters in a text could move the cursor of the terminal.
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

/// Bootstrap intervals, a row for each score.
#[must_use]
pub fn intervals(intervals: &Intervals) -> String {
    let mut text = format!(
        "{}, {} % of {} resamples of {} {}s lie between\n",
        intervals.measure.as_str(),
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

/// Two systems side by side, a row for each score.
#[must_use]
pub fn comparison(comparison: &Comparison) -> String {
    let mut text = format!(
        "{}, first against second system, {} exchanges of {} {}s\n\
         {:>10}  {:>9}  {:>9}  {:>10}  {:>9}\n",
        comparison.measure.as_str(),
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
