//! Scores as Markdown and LaTeX, for pages and papers.

use std::fmt::Write as _;

use crate::{Averages, Measure, MetricsError, Prf, Scores};

/// Headings and rows of the strict measure: types, then averages.
fn rows(averages: &Averages) -> impl Iterator<Item = (&str, &Prf, bool)> {
    let types = averages.per_type.iter().map(|(name, row)| (name.as_str(), row, false));
    let averages = [
        ("micro average", &averages.micro),
        ("macro average", &averages.macro_),
        ("weighted average", &averages.weighted),
    ];
    types.chain(averages.into_iter().map(|(name, row)| (name, row, true)))
}

fn percent(score: Option<f64>, undefined: &str) -> String {
    score.map_or_else(|| undefined.to_owned(), |score| format!("{:.2}", 100.0 * score))
}

/// The JSON that `ner-align score --json` prints, indented.
///
/// # Errors
/// [`MetricsError::Serialise`] if the JSON cannot be written.
pub fn json(scores: &Scores) -> Result<String, MetricsError> {
    serde_json::to_string_pretty(scores)
        .map_err(|error| MetricsError::Serialise { reason: error.to_string() })
}

/// Two Markdown tables: the strict scores by type, and the micro scores of every measure, in
/// percent.
///
/// ```
/// # use ner_align_core::{DecodeMode, Metric, Scheme, Tag};
/// # use ner_align_metrics::{Scorer, report};
/// # let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient);
/// scorer.update(&[Tag::parse("B-PER")?], &[Tag::parse("B-PER")?])?;
/// let page = report::markdown(&scorer.compute());
/// assert!(page.contains("| PER | 100.00 | 100.00 | 100.00 | 1 |"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn markdown(scores: &Scores) -> String {
    let escape = |text: &str| {
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            if matches!(c, '\\' | '|' | '`' | '*' | '_' | '<' | '[' | ']') {
                out.push('\\');
            }
            out.push(if c == '\n' { ' ' } else { c });
        }
        out
    };
    let mut out = String::from("| type | precision | recall | F1 | support |\n");
    out.push_str("|:---|---:|---:|---:|---:|\n");
    for (name, row, average) in rows(scores.strict()) {
        let name = if average { format!("**{name}**") } else { escape(name) };
        let [p, r, f] = [row.precision, row.recall, row.f1].map(|score| percent(score, "–"));
        let _ = writeln!(out, "| {name} | {p} | {r} | {f} | {} |", row.support);
    }
    out.push_str("\n| measure | precision | recall | F1 | correct |\n|:---|---:|---:|---:|---:|\n");
    for measure in Measure::ALL {
        let row = &scores.measure(measure).micro;
        let [p, r, f] = [row.precision, row.recall, row.f1].map(|score| percent(score, "–"));
        let _ = writeln!(out, "| {} | {p} | {r} | {f} | {} |", measure.as_str(), row.correct);
    }
    let accuracy = percent(scores.token_accuracy, "–");
    let _ = writeln!(
        out,
        "\n{} documents, {} sentences, {} tokens, token accuracy {accuracy}; {} gold and {} \
         predicted entities.",
        scores.documents,
        scores.sentences,
        scores.tokens,
        scores.gold_entities,
        scores.predicted_entities
    );
    out
}

/// A LaTeX `tabular` of the strict scores by type, in percent; no package is needed.
#[must_use]
pub fn latex(scores: &Scores) -> String {
    let mut out = String::from("\\begin{tabular}{lrrrr}\n\\hline\n");
    out.push_str("Type & Precision & Recall & F$_1$ & Support \\\\\n\\hline\n");
    let mut averages = false;
    for (name, row, average) in rows(scores.strict()) {
        if average && !averages {
            out.push_str("\\hline\n");
            averages = true;
        }
        let [p, r, f] = [row.precision, row.recall, row.f1].map(|score| percent(score, "--"));
        let _ = writeln!(out, "{} & {p} & {r} & {f} & {} \\\\", tex(name), row.support);
    }
    out.push_str("\\hline\n\\end{tabular}\n");
    out
}

/// Text in which nothing means anything to TeX.
fn tex(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => {
                out.push('\\');
                out.push(c);
            }
            '\\' => out.push_str("\\textbackslash{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            _ => out.push(c),
        }
    }
    out
}
