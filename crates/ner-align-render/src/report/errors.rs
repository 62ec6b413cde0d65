//! The errors on the page: how many of each kind, and each with its place and neighbours.

use std::fmt::Write as _;

use ner_align_metrics::Scores;
use ner_align_metrics::analysis::{Analysis, EntityError, Mention, Outcome};

use super::tables::{bar, head};
use crate::visible::escape;

/// Errors that a page lists before it gets unwieldy.
pub(super) const MAX_ERRORS: usize = 5_000;

/// Characters of a text that an error shows.
const MAX_TEXT: usize = 500;

/// A bar a kind of error, and which boundaries were wrong.
pub(super) fn kinds(out: &mut String, scores: &Scores, analysis: Option<&Analysis>) {
    let errors = &scores.errors;
    let kinds = [
        ("boundary", errors.boundary, "right type, other span"),
        ("type", errors.entity_type, "right span, other type"),
        ("boundary and type", errors.boundary_and_type, "both wrong, words shared"),
        ("missed", errors.missed, "no prediction touches it"),
        ("spurious", errors.spurious, "touches no gold entity"),
        ("merged", errors.merged, "swallowed by a prediction of another"),
        ("split", errors.split, "surplus piece of a gold entity"),
    ];
    let all: u64 = kinds.iter().map(|(_, count, _)| count).sum();
    out.push_str("<section>\n<h2>Kinds of errors</h2>\n");
    if all == 0 {
        out.push_str("<p class=\"note\">None.</p>\n</section>\n");
        return;
    }
    bars(out, "kind", all, kinds.into_iter());
    if let Some(analysis) = analysis.filter(|analysis| !analysis.boundaries.is_empty()) {
        out.push_str("<h3>Boundaries</h3>\n");
        let all = analysis.boundaries.iter().map(|boundary| boundary.count).sum();
        let rows = analysis.boundaries.iter();
        bars(out, "side, prediction is", all, rows.map(|b| (b.error.as_str(), b.count, "")));
    }
    out.push_str("</section>\n");
}

fn bars<'a>(
    out: &mut String,
    first: &str,
    all: u64,
    rows: impl Iterator<Item = (&'a str, u64, &'a str)>,
) {
    head(out, first, &["count", "share"]);
    for (kind, count, what) in rows {
        let share = 100.0 * count as f64 / all as f64;
        let _ = writeln!(
            out,
            "<tr><td>{kind} <small>{what}</small></td><td>{count}</td><td class=\"f1 wrong\">\
             {share:.1} %{}</td></tr>",
            bar(share)
        );
    }
    out.push_str("</tbody></table></div>\n");
}

/// The errors, with what filters them.
pub(super) fn list(out: &mut String, analysis: &Analysis, scores: &Scores) {
    let errors = &analysis.errors;
    if errors.is_empty() {
        return;
    }
    out.push_str("<section>\n<h2>Errors</h2>\n<div class=\"filters\">\n");
    let counts = &scores.errors;
    for (outcome, count) in [
        (Outcome::Boundary, counts.boundary),
        (Outcome::Type, counts.entity_type),
        (Outcome::BoundaryAndType, counts.boundary_and_type),
        (Outcome::Missed, counts.missed),
        (Outcome::Spurious, counts.spurious),
        (Outcome::Merged, counts.merged),
        (Outcome::Split, counts.split),
    ] {
        let kind = outcome.as_str();
        if count > 0 {
            let _ = writeln!(
                out,
                "<label><input type=\"checkbox\" value=\"{kind}\" checked> {kind} \
                 <small>{count}</small></label>"
            );
        }
    }
    out.push_str(
        "<input type=\"search\" placeholder=\"text, type or line\" aria-label=\"search\"> \
         <output></output>\n</div>\n",
    );
    let (shown, all) = (errors.len().min(MAX_ERRORS), analysis.error_count());
    if (shown as u64) < all {
        let _ = writeln!(out, "<p class=\"note\">The first {shown} of {all} errors.</p>");
    }
    out.push_str(
        "<div class=\"scroll\"><table class=\"errors\">\n<thead><tr><th>where</th><th>kind</th>\
         <th>gold</th><th>predicted</th><th>in its sentence</th></tr></thead>\n<tbody>\n",
    );
    errors.iter().take(MAX_ERRORS).for_each(|error| row(out, error));
    out.push_str("</tbody>\n</table></div>\n</section>\n");
}

fn row(out: &mut String, error: &EntityError) {
    let kind = error.outcome.as_str();
    let place = match error.place.line {
        Some(line) => format!("line {line}"),
        None => format!("document {}, sentence {}", error.place.document, error.place.sentence),
    };
    let mention = |mention: &Option<Mention>, class: &str| match mention {
        Some(mention) => format!(
            "<mark class=\"{class}\">{}</mark> <small>{}</small>",
            shown(&mention.text),
            shown(&mention.label)
        ),
        None => "<span class=\"none\">–</span>".to_owned(),
    };
    let boundary = error.boundary.map(|boundary| format!(" <small>{}</small>", boundary.as_str()));
    let _ = writeln!(
        out,
        "<tr data-kind=\"{kind}\"><td class=\"place\">{place}</td><td class=\"kind\">{kind}{}</td>\
         <td>{}</td><td>{}</td><td class=\"context\">{} <b>{}</b> {}</td></tr>",
        boundary.unwrap_or_default(),
        mention(&error.gold, "gold"),
        mention(&error.predicted, "predicted"),
        shown(&error.before),
        shown(&error.text),
        shown(&error.after)
    );
}

/// A text, or its start.
fn shown(text: &str) -> String {
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}…", escape(text.get(..end).unwrap_or_default())),
        None => escape(text),
    }
}
