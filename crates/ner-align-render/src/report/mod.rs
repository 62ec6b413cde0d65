//! Scores as a page.

mod errors;
mod tables;

use std::fmt::Write as _;

use ner_align_metrics::analysis::Analysis;
use ner_align_metrics::calibration::Reliability;
use ner_align_metrics::report::confusion_svg;
use ner_align_metrics::resampling::{Comparison, Interval, Intervals};
use ner_align_metrics::{Measure, Scores};

use crate::page::Page;
use crate::reliability::reliability_svg;
use crate::visible::escape;
use tables::{head, interval_bar, percent, prf};

/// Labels of a confusion matrix that still make a picture.
const MAX_LABELS: usize = 60;

/// A page of scores: nothing is loaded from elsewhere, and the error list can be filtered by kind
/// and searched. It is light or dark as the browser prefers, and prints.
///
/// ```
/// # use ner_align_core::{DecodeMode, Metric, Scheme, Tag};
/// # use ner_align_metrics::Scorer;
/// # use ner_align_render::ScorePage;
/// # let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient);
/// scorer.update(&[Tag::parse("B-PER")?], &[Tag::Outside])?;
/// let page = ScorePage::new(&scorer.compute()).title("dev set").render();
/// assert!(page.starts_with("<!doctype html>") && page.contains("<h1>dev set</h1>"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ScorePage<'a> {
    title: &'a str,
    scores: &'a Scores,
    analysis: Option<&'a Analysis>,
    intervals: Option<&'a Intervals>,
    comparison: Option<&'a Comparison>,
    reliability: Vec<(&'a str, &'a Reliability)>,
    pictures: Vec<(&'a str, &'a str)>,
    texts: Vec<(&'a str, &'a str)>,
}

impl<'a> ScorePage<'a> {
    /// Errors that a page lists, at most; it says how many there are.
    pub const MAX_ERRORS: usize = errors::MAX_ERRORS;

    /// A page of these scores.
    #[must_use]
    pub const fn new(scores: &'a Scores) -> Self {
        Self {
            title: "Named entities",
            scores,
            analysis: None,
            intervals: None,
            comparison: None,
            reliability: Vec::new(),
            pictures: Vec::new(),
            texts: Vec::new(),
        }
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

    /// Adds the comparison with a second system.
    #[must_use]
    pub const fn comparison(mut self, comparison: &'a Comparison) -> Self {
        self.comparison = Some(comparison);
        self
    }

    /// Adds how often the model is right where it is how sure, under a heading.
    #[must_use]
    pub fn reliability(mut self, heading: &'a str, reliability: &'a Reliability) -> Self {
        self.reliability.push((heading, reliability));
        self
    }

    /// Adds a picture under a heading, such as `curves.svg` of a run: an element `svg` that one
    /// trusts, since it becomes part of the page. Scripts in it do not run, and nothing is loaded.
    #[must_use]
    pub fn picture(mut self, heading: &'a str, svg: &'a str) -> Self {
        self.pictures.push((heading, svg));
        self
    }

    /// Adds a text as it is, such as what another tool prints, under a heading.
    #[must_use]
    pub fn text(mut self, heading: &'a str, text: &'a str) -> Self {
        self.texts.push((heading, text));
        self
    }

    /// The page.
    #[must_use]
    pub fn render(&self) -> String {
        let mut page = Page::new(self.title);
        let out = page.body();
        let _ = write!(out, "<header>\n<h1>{}</h1>\n", escape(self.title));
        self.facts(out);
        out.push_str("</header>\n");
        self.headline(out);
        self.measures(out);
        tables::types(out, self.scores);
        self.versus(out);
        self.confusions(&mut page);
        let out = page.body();
        errors::kinds(out, self.scores, self.analysis);
        for (heading, reliability) in &self.reliability {
            section(&mut page, heading, &reliability_svg(reliability));
        }
        for (heading, svg) in &self.pictures {
            section(&mut page, heading, svg);
        }
        let out = page.body();
        if let Some(analysis) = self.analysis {
            tables::buckets(out, analysis);
            errors::list(out, analysis, self.scores);
        }
        for (heading, text) in &self.texts {
            let (heading, text) = (escape(heading), escape(text));
            let _ = write!(out, "<section>\n<h2>{heading}</h2>\n<pre>{text}</pre>\n</section>\n");
        }
        page.script(include_str!("../assets/table.js"));
        page.finish()
    }

    fn facts(&self, out: &mut String) {
        let scores = self.scores;
        let counted = |count: u64, one: &str, many: &str| {
            format!("<b>{}</b> {}", grouped(count), if count == 1 { one } else { many })
        };
        let facts = [
            counted(scores.documents, "document", "documents"),
            counted(scores.sentences, "sentence", "sentences"),
            counted(scores.tokens, "token", "tokens"),
            counted(scores.gold_entities, "gold entity", "gold entities"),
            counted(scores.predicted_entities, "predicted", "predicted"),
        ];
        let _ = writeln!(out, "<p class=\"facts\">{}</p>", facts.join(" · "));
        if scores.unannotated_tokens > 0 {
            let _ = writeln!(
                out,
                "<p class=\"facts\">{} without annotation and {} that touch them are not scored</p>",
                counted(scores.unannotated_tokens, "token", "tokens"),
                counted(scores.unscored_predictions, "prediction", "predictions")
            );
        }
    }

    /// The numbers that one looks for first.
    fn headline(&self, out: &mut String) {
        let strict = &self.scores.strict().micro;
        let interval = |pick: fn(&Intervals) -> Interval| {
            let strict = self.intervals.filter(|i| i.measure == Measure::Strict);
            strict.map(pick)
        };
        out.push_str("<div class=\"cards\">\n");
        for (name, score, interval) in [
            ("strict F1", strict.f1, interval(|i| i.f1)),
            ("precision", strict.precision, interval(|i| i.precision)),
            ("recall", strict.recall, interval(|i| i.recall)),
            ("token accuracy", self.scores.token_accuracy, None),
        ] {
            let _ = write!(
                out,
                "<div class=\"card\"><span>{name}</span><strong>{}</strong>{}",
                percent(score),
                interval_bar(score, interval, 0.0, 1.0)
            );
            if let Some(Interval { low: Some(low), high: Some(high), .. }) = interval {
                let (low, high) = (percent(Some(low)), percent(Some(high)));
                let _ = write!(out, "<small>{low} to {high}</small>");
            }
            out.push_str("</div>\n");
        }
        out.push_str("</div>\n");
        if let Some(intervals) = self.intervals {
            let _ = writeln!(
                out,
                "<p class=\"note\">{} scores with {} % intervals of {} bootstrap resamples of {} \
                 {}s</p>",
                intervals.measure.as_str(),
                100.0 * intervals.level,
                grouped(intervals.resamples as u64),
                grouped(intervals.units as u64),
                intervals.unit.as_str()
            );
        }
    }

    fn measures(&self, out: &mut String) {
        out.push_str("<section>\n<h2>Measures</h2>\n");
        head(out, "measure", &["precision", "recall", "F1", "gold", "predicted", "correct"]);
        for measure in Measure::ALL {
            let row = &self.scores.measure(measure).micro;
            let what = match measure {
                Measure::Strict => "span and type equal",
                Measure::Exact => "span equal, any type",
                Measure::Partial => "overlap earns a half",
                Measure::Type => "type equal, spans overlap",
                Measure::Relaxed => "entity words of the right type",
            };
            let _ = writeln!(
                out,
                "<tr><td>{} <small>{what}</small></td>{}</tr>",
                measure.as_str(),
                prf(row)
            );
        }
        out.push_str("</tbody></table></div>\n</section>\n");
    }

    fn versus(&self, out: &mut String) {
        let Some(comparison) = self.comparison else { return };
        out.push_str("<section>\n<h2>Against the second system</h2>\n");
        head(out, comparison.measure.as_str(), &["first", "second", "difference", "", "p"]);
        for (name, row) in [
            ("precision", comparison.precision),
            ("recall", comparison.recall),
            ("F1", comparison.f1),
        ] {
            let Interval { estimate, low, high, .. } = row.difference;
            let reach = [estimate, low, high].into_iter().flatten().map(f64::abs);
            let reach = reach.fold(0.01, f64::max) * 1.1;
            let _ = writeln!(
                out,
                "<tr><td>{name}</td><td>{}</td><td>{}</td><td>{} <small>({} to {})</small></td>\
                 <td class=\"wide\">{}</td><td>{}</td></tr>",
                percent(row.first),
                percent(row.second),
                percent(estimate),
                percent(low),
                percent(high),
                interval_bar(estimate, Some(row.difference), -reach, reach),
                row.p_value.map_or_else(|| "–".to_owned(), |p| format!("{p:.4}"))
            );
        }
        let _ = writeln!(
            out,
            "</tbody></table></div>\n<p class=\"note\">Differences with paired bootstrap intervals; \
             p by approximate randomization, {} exchanges of {} {}s, {} of which differ.</p>\n\
             </section>",
            grouped(comparison.resamples as u64),
            grouped(comparison.units as u64),
            comparison.unit.as_str(),
            grouped(comparison.differing_units as u64)
        );
    }

    fn confusions(&self, page: &mut Page) {
        for (name, matrix) in [
            ("entities by type", &self.scores.entity_confusion),
            ("words by tag", &self.scores.confusion),
        ] {
            let labels = matrix.labels().len();
            let heading = format!("Confusion: {name}");
            if labels > MAX_LABELS {
                let _ = writeln!(
                    page.body(),
                    "<section>\n<h2>{heading}</h2>\n<p class=\"note\">{labels} labels: too many to \
                     draw.</p>\n</section>"
                );
            } else if labels >= 2 {
                section(page, &heading, &confusion_svg(matrix, ""));
            }
        }
    }
}

/// A picture under a heading.
fn section(page: &mut Page, heading: &str, svg: &str) {
    let _ = writeln!(page.body(), "<section>\n<h2>{}</h2>", escape(heading));
    page.picture(svg);
    page.body().push_str("</section>\n");
}

/// A count with its digits in groups of three.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
