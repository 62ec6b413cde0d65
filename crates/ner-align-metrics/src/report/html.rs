//! One page with everything, for a browser.

use std::fmt::Write as _;

use super::svg::{confusion_svg, escape};
use crate::analysis::{Analysis, EntityError, Mention, Outcome};
use crate::resampling::Intervals;
use crate::{Measure, Prf, Scores};

/// Errors listed before the page gets unwieldy.
const MAX_ERRORS: usize = 5_000;
/// Labels of a confusion matrix that still make a picture.
const MAX_LABELS: usize = 60;

/// A page of scores: nothing is loaded from elsewhere, and the error list can be filtered by kind
/// and searched.
///
/// ```
/// # use ner_align_core::{DecodeMode, Metric, Scheme, Tag};
/// # use ner_align_metrics::{Scorer, report::HtmlReport};
/// # let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient);
/// scorer.try_update(&[Tag::parse("B-PER")?], &[Tag::Outside])?;
/// let page = HtmlReport::new(&scorer.compute()).title("dev set").render();
/// assert!(page.starts_with("<!doctype html>") && page.contains("<h1>dev set</h1>"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct HtmlReport<'a> {
    title: &'a str,
    scores: &'a Scores,
    analysis: Option<&'a Analysis>,
    intervals: Option<&'a Intervals>,
}

impl<'a> HtmlReport<'a> {
    /// A page of these scores.
    #[must_use]
    pub const fn new(scores: &'a Scores) -> Self {
        Self { title: "Named entities", scores, analysis: None, intervals: None }
    }

    /// What the page is about.
    #[must_use]
    pub const fn title(mut self, title: &'a str) -> Self {
        self.title = title;
        self
    }

    /// Adds the errors and the scores by kind of entity.
    #[must_use]
    pub const fn analysis(mut self, analysis: &'a Analysis) -> Self {
        self.analysis = Some(analysis);
        self
    }

    /// Adds bootstrap intervals.
    #[must_use]
    pub const fn intervals(mut self, intervals: &'a Intervals) -> Self {
        self.intervals = Some(intervals);
        self
    }

    /// The page.
    #[must_use]
    pub fn render(&self) -> String {
        let title = escape(self.title);
        let mut out = format!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
             content=\"width=device-width\">\n<title>{title}</title>\n<style>\n{}</style>\n\
             <h1>{title}</h1>\n",
            include_str!("page.css")
        );
        self.summary(&mut out);
        self.types(&mut out);
        for (name, matrix) in
            [("Entities", &self.scores.entity_confusion), ("Tags", &self.scores.confusion)]
        {
            if (2..=MAX_LABELS).contains(&matrix.labels().len()) {
                let _ = write!(out, "<h2>Confusion: {}</h2>\n<figure>\n", name.to_lowercase());
                out.push_str(&confusion_svg(matrix, name));
                out.push_str("</figure>\n");
            }
        }
        if let Some(analysis) = self.analysis {
            buckets(&mut out, analysis);
            errors(&mut out, &analysis.errors);
        }
        let _ = write!(out, "<script>\n{}</script>\n</html>\n", include_str!("page.js"));
        out
    }

    fn summary(&self, out: &mut String) {
        let scores = self.scores;
        let _ = writeln!(
            out,
            "<p>{} documents, {} sentences, {} tokens (accuracy {}); {} gold entities, {} \
             predicted.</p>",
            scores.documents,
            scores.sentences,
            scores.tokens,
            percent(scores.token_accuracy),
            scores.gold_entities,
            scores.predicted_entities
        );
        if scores.unannotated_tokens > 0 {
            let _ = writeln!(
                out,
                "<p>{} tokens without annotation and {} predictions that touch them are not \
                 scored.</p>",
                scores.unannotated_tokens, scores.unscored_predictions
            );
        }
        head(out, "measure", &["precision", "recall", "F1", "correct", "gold", "predicted"]);
        for measure in Measure::ALL {
            let row = &scores.measure(measure).micro;
            let _ = writeln!(
                out,
                "<tr><td>{}</td>{}<td>{}</td><td>{}</td><td>{}</td></tr>",
                measure.as_str(),
                prf(row),
                row.correct,
                row.support,
                row.predicted
            );
        }
        out.push_str("</table>\n");
        if let Some(intervals) = self.intervals {
            let _ = writeln!(
                out,
                "<p>{} intervals at {} % ({} resamples of {} units): {}</p>",
                intervals.measure.as_str(),
                100.0 * intervals.level,
                intervals.resamples,
                intervals.units,
                [
                    ("precision", intervals.precision),
                    ("recall", intervals.recall),
                    ("F1", intervals.f1)
                ]
                .map(|(name, i)| format!("{name} {} to {}", percent(i.low), percent(i.high)))
                .join(", ")
            );
        }
    }

    fn types(&self, out: &mut String) {
        let strict = self.scores.strict();
        out.push_str("<h2>By type, strict</h2>\n");
        head(out, "type", &["precision", "recall", "F1", "support", "predicted", "correct"]);
        let mut push = |class: &str, name: &str, row: &Prf| {
            let _ = writeln!(
                out,
                "<tr{class}><td>{}</td>{}<td>{}</td><td>{}</td><td>{}</td></tr>",
                escape(name),
                prf(row),
                row.support,
                row.predicted,
                row.correct
            );
        };
        strict.per_type.iter().for_each(|(name, row)| push("", name, row));
        let average = " class=\"average\"";
        push(average, "micro average", &strict.micro);
        push(average, "macro average", &strict.macro_);
        push(average, "weighted average", &strict.weighted);
        out.push_str("</table>\n");
        let errors = &self.scores.errors;
        let _ = writeln!(
            out,
            "<p>Errors: {} boundary, {} type, {} boundary and type, {} missed, {} spurious, {} \
             merged, {} split.</p>",
            errors.boundary,
            errors.entity_type,
            errors.boundary_and_type,
            errors.missed,
            errors.spurious,
            errors.merged,
            errors.split
        );
    }
}

fn percent(score: Option<f64>) -> String {
    score.map_or_else(|| "–".to_owned(), |score| format!("{:.2}", 100.0 * score))
}

fn head(out: &mut String, first: &str, columns: &[&str]) {
    let _ = write!(out, "<table>\n<tr><th>{first}</th>");
    for column in columns {
        let _ = write!(out, "<th>{column}</th>");
    }
    out.push_str("</tr>\n");
}

/// Three cells, the last with a bar.
fn prf(row: &Prf) -> String {
    let bar = row.f1.map(|f1| format!(" <meter value=\"{f1:.4}\"></meter>")).unwrap_or_default();
    format!(
        "<td>{}</td><td>{}</td><td>{}{bar}</td>",
        percent(row.precision),
        percent(row.recall),
        percent(row.f1)
    )
}

fn buckets(out: &mut String, analysis: &Analysis) {
    for (kind, buckets) in &analysis.buckets {
        let _ = writeln!(out, "<h2>By {}, strict</h2>", escape(&kind.replace('_', " ")));
        head(out, "", &["precision", "recall", "F1", "gold", "predicted"]);
        for (name, row) in buckets {
            let _ = writeln!(
                out,
                "<tr><td>{}</td>{}<td>{}</td><td>{}</td></tr>",
                escape(name),
                prf(row),
                row.support,
                row.predicted
            );
        }
        out.push_str("</table>\n");
    }
    if !analysis.type_confusions.is_empty() {
        out.push_str("<h2>Types taken for others</h2>\n");
        head(out, "gold", &["predicted", "count"]);
        for (gold, predicted, count) in analysis.type_confusions.iter().take(50) {
            let (gold, predicted) = (escape(gold), escape(predicted));
            let _ = writeln!(out, "<tr><td>{gold}</td><td>{predicted}</td><td>{count}</td></tr>");
        }
        out.push_str("</table>\n");
    }
}

const fn kind(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Correct => "correct",
        Outcome::Boundary => "boundary",
        Outcome::Type => "type",
        Outcome::BoundaryAndType => "boundary and type",
        Outcome::Missed => "missed",
        Outcome::Spurious => "spurious",
        Outcome::Merged => "merged",
        Outcome::Split => "split",
    }
}

fn errors(out: &mut String, errors: &[EntityError]) {
    let _ = writeln!(out, "<h2>Errors</h2>\n<div class=\"filters\">");
    let mut kinds: Vec<Outcome> = errors.iter().map(|error| error.outcome).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for outcome in kinds {
        let count = errors.iter().filter(|error| error.outcome == outcome).count();
        let kind = kind(outcome);
        let _ = writeln!(
            out,
            "<label><input type=\"checkbox\" value=\"{kind}\" checked> {kind} ({count})</label>"
        );
    }
    out.push_str("<input type=\"search\" placeholder=\"search\"> <output></output>\n</div>\n");
    if errors.len() > MAX_ERRORS {
        let _ = writeln!(out, "<p>The first {MAX_ERRORS} of {} errors.</p>", errors.len());
    }
    out.push_str("<table class=\"errors\">\n<thead><tr><th>where</th><th>kind</th>");
    out.push_str("<th>gold</th><th>predicted</th><th>context</th></tr></thead>\n<tbody>\n");
    for error in errors.iter().take(MAX_ERRORS) {
        row(out, error);
    }
    out.push_str("</tbody>\n</table>\n");
}

fn row(out: &mut String, error: &EntityError) {
    let kind = kind(error.outcome);
    let place = match error.place.line {
        Some(line) => format!("line {line}"),
        None => format!("document {}, sentence {}", error.place.document, error.place.sentence),
    };
    let mention = |mention: &Option<Mention>, class: &str| match mention {
        Some(mention) => format!(
            "<mark class=\"{class}\">{}</mark> <small>{}</small>",
            escape(&mention.text),
            escape(&mention.label)
        ),
        None => "–".to_owned(),
    };
    let _ = writeln!(
        out,
        "<tr data-kind=\"{kind}\"><td class=\"place\">{place}</td><td>{kind}</td><td>{}</td>\
         <td>{}</td><td class=\"context\">{} … {}</td></tr>",
        mention(&error.gold, "gold"),
        mention(&error.predicted, "predicted"),
        escape(&error.before),
        escape(&error.after)
    );
}
