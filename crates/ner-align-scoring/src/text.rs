//! The scores as a person reads them in a terminal.

use std::fmt::{self, Write};

use ner_align_metrics::report;

use crate::Outcome;

/// What [`Outcome::text`] shows.
///
/// | option | default |
/// |---|---|
/// | `width` | 120 columns |
/// | `tags` | the confusion of entities alone |
/// | `errors` | the errors are counted, not listed |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TextOptions {
    /// Width of the terminal in columns; confusion matrices are cut to it.
    pub width: usize,
    /// Also shows the confusion of the tags of words.
    pub tags: bool,
    /// Also lists every error, where [`Outcome::analysis`] is there.
    pub errors: bool,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self { width: 120, tags: false, errors: false }
    }
}

impl TextOptions {
    /// The width of the terminal.
    #[must_use]
    pub const fn with_width(mut self, columns: usize) -> Self {
        self.width = columns;
        self
    }

    /// Whether the confusion of tags is shown.
    #[must_use]
    pub const fn with_tags(mut self, tags: bool) -> Self {
        self.tags = tags;
        self
    }

    /// Whether errors are listed.
    #[must_use]
    pub const fn with_errors(mut self, errors: bool) -> Self {
        self.errors = errors;
        self
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(&TextOptions::default()))
    }
}

impl Outcome {
    /// Tables one below the other: scores, confusion, errors and the further results.
    #[must_use]
    pub fn text(&self, options: &TextOptions) -> String {
        let scores = &self.scores;
        let mut text = format!(
            "{}\nentities by type, gold in rows, predicted in columns\n{}",
            report::table(scores),
            report::confusion_within(&scores.entity_confusion, options.width)
        );
        if options.tags {
            let tags = report::confusion_within(&scores.confusion, options.width);
            let _ = write!(text, "\nwords by tag, gold in rows, predicted in columns\n{tags}");
        }
        let errors = report::error_counts(&scores.errors);
        let _ = writeln!(text, "\nerrors: {errors}\n{}", report::summary_line(scores));
        if let (Some(beta), Some(f)) = (scores.beta, scores.strict().micro.f_beta) {
            let _ = writeln!(text, "strict F{beta} {:.2}", 100.0 * f);
        }
        if let Some(reliability) = &self.reliability
            && let Some(error) = reliability.expected_calibration_error()
        {
            let count = reliability.count();
            let _ = writeln!(
                text,
                "expected calibration error {error:.3}, of the {count} predictions with scores"
            );
        }
        for tool in &self.compat {
            let _ = write!(text, "\nas {} prints it\n{tool}", tool.tool);
        }
        if let Some(bootstrap) = &self.bootstrap {
            let _ = write!(text, "\n{}", report::intervals(bootstrap));
        }
        if let Some(versus) = &self.versus {
            let _ = write!(text, "\n{}", report::comparison(versus));
        }
        if let Some(analysis) = &self.analysis {
            // Without training data there is no such kind, and the others are for pages.
            if analysis.buckets.contains_key("familiarity") {
                text += &report::buckets(analysis);
            }
            if options.errors {
                let errors = report::error_list(analysis, &self.gold_name);
                let _ = write!(text, "\nerrors: {}\n{errors}", analysis.errors.len());
            }
        }
        text
    }
}
