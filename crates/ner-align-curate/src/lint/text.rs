//! The report as a person reads it.

use std::collections::HashSet;
use std::fmt::Write;

use ner_align_core::{Finding, Severity};
use ner_align_corpus::text::{clip, shorten};
use serde_json::Value;

use super::checker::Report;
use super::distribution::Distribution;
use super::quote::Quoted;
use super::statistics::{CorpusStatistics, FileStatistics};

/// Findings of a kind that are shown unless all are.
const SHOWN: usize = 5;

/// Labels and files that are shown unless all are.
const ROWS: usize = 20;

/// How a report is written as text.
///
/// | field | default | |
/// |---|---|---|
/// | `all` | no | every finding, label and file, not only the first ones |
/// | `styled` | no | bold, dim and colour by escape sequences of a terminal |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct TextOptions {
    /// Show every finding, label and file.
    pub all: bool,
    /// Style the text with a terminal's escape sequences.
    pub styled: bool,
}

ner_align_core::setters! { TextOptions {
    with_all: all: bool,
    with_styled: styled: bool,
} }

impl Report {
    /// The report for people: what the corpora hold, then the findings by severity and code.
    ///
    /// ```
    /// use ner_align_curate::lint::{Checker, LintOptions, TextOptions};
    /// let report = Checker::new(&LintOptions::default()).finish();
    /// let text = report.text(TextOptions::default().with_all(true));
    /// assert!(text.ends_with("\n0 errors, 0 warnings, 0 notes\n"), "{text}");
    /// ```
    #[must_use]
    pub fn text(&self, options: TextOptions) -> String {
        render(self, options)
    }
}

/// Styles, if the text has them.
struct Paint(bool);

impl Paint {
    fn with(&self, style: &str, text: &str) -> String {
        if self.0 { format!("\u{1b}[{style}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn bold(&self, text: &str) -> String {
        self.with("1", text)
    }

    fn dim(&self, text: &str) -> String {
        self.with("2", text)
    }
}

/// What there is, then what is wrong with it.
fn render(report: &Report, options: TextOptions) -> String {
    let TextOptions { all, styled } = options;
    let paint = Paint(styled);
    let rows = if all { usize::MAX } else { ROWS };
    let mut text = String::new();
    let statistics = &report.statistics;
    files(&mut text, &statistics.files, rows, &paint);
    labels(&mut text, &statistics.inputs, rows, &paint);
    lengths(&mut text, report);
    for (severity, heading, style) in [
        (Severity::Error, "errors", "1;31"),
        (Severity::Warning, "warnings", "1;33"),
        (Severity::Info, "notes", "1;36"),
    ] {
        let mut own = report.findings.iter().filter(|f| f.severity == severity).peekable();
        if own.peek().is_some() {
            let _ = writeln!(text, "\n{}", paint.with(style, heading));
        }
        let own: Vec<&Finding> = own.collect();
        for group in own.chunk_by(|a, b| a.code == b.code) {
            kind(&mut text, group, report, all, &paint);
        }
    }
    let count = |severity, one: &str| {
        let count = report.severities.get(&severity).copied().unwrap_or(0);
        format!("{} {one}{}", grouped(count), if count == 1 { "" } else { "s" })
    };
    let (errors, warnings) = (count(Severity::Error, "error"), count(Severity::Warning, "warning"));
    let _ = writeln!(text, "\n{errors}, {warnings}, {}", count(Severity::Info, "note"));
    text
}

/// The findings of one code.
fn kind(text: &mut String, group: &[&Finding], report: &Report, all: bool, paint: &Paint) {
    let Some(first) = group.first() else { return };
    let count = report.finding_counts.get(&first.code).copied().unwrap_or(0);
    let _ = writeln!(text, "  {} ×{}", paint.bold(&first.code), grouped(count));
    let shown = if all { group.to_vec() } else { representative(group) };
    // Hints that differ belong to their lines.
    let one_hint = group.iter().all(|finding| finding.hint == first.hint);
    for finding in &shown {
        let place = place(finding);
        let place =
            if place.is_empty() { place } else { format!("{} ", paint.dim(&format!("{place}:"))) };
        let _ = write!(text, "    {place}{}", line(&finding.message));
        if let Some(own) = finding.text.as_deref().filter(|own| !shows(&finding.message, own)) {
            let _ = write!(text, ": {}", Quoted(own));
        }
        if let Some(hint) = finding.hint.as_deref().filter(|_| !one_hint) {
            let _ = write!(text, " {}", paint.dim(&format!("({})", line(hint))));
        }
        text.push('\n');
    }
    if count > shown.len() {
        let _ = writeln!(text, "    and {} more", grouped(count - shown.len()));
    }
    if let Some(hint) = first.hint.as_deref().filter(|_| one_hint) {
        let _ = writeln!(text, "    {}", paint.dim(&format!("hint: {}", line(hint))));
    }
}

/// The first findings. Of those that differ in their place alone it has one, if there are enough
/// others.
fn representative<'a>(group: &[&'a Finding]) -> Vec<&'a Finding> {
    let mut said = HashSet::new();
    let (mut new, mut again) = (Vec::new(), Vec::new());
    for (index, finding) in group.iter().enumerate() {
        if said.insert((&finding.message, finding.text.as_deref())) {
            new.push(index);
        } else if again.len() < SHOWN {
            again.push(index);
        }
        if new.len() == SHOWN {
            break;
        }
    }
    new.extend(again);
    new.truncate(SHOWN);
    new.sort_unstable();
    new.into_iter().filter_map(|index| group.get(index).copied()).collect()
}

/// True if a message quotes a text already.
fn shows(message: &str, text: &str) -> bool {
    let text = text.trim_end_matches('…');
    text.trim().is_empty() || message.contains(text) || message.contains(&Quoted(text).to_string())
}

/// A text without line ends, in which nothing is too long to be read.
fn line(text: &str) -> String {
    clip(&text.replace(['\n', '\r'], " ")).into_owned()
}

/// `PATH:LINE:COLUMN`, or what else is known of the place.
fn place(finding: &Finding) -> String {
    let mut place = finding.location.path.clone().unwrap_or_default();
    match (finding.location.line, finding.location.document) {
        (Some(line), _) => {
            let _ = write!(place, ":{line}");
            if let Some(column) = finding.location.column {
                let _ = write!(place, ":{column}");
            }
        }
        (None, Some(document)) => {
            let _ = write!(place, ", document {document}");
            if let Some(sentence) = finding.location.sentence {
                let _ = write!(place, ", sentence {sentence}");
            }
            if let Some(token) = finding.location.token {
                let _ = write!(place, ", token {token}");
            }
        }
        (None, None) => {}
    }
    place
}

/// What is in each file, a row each.
fn files(text: &mut String, files: &[FileStatistics], rows: usize, paint: &Paint) {
    if files.is_empty() {
        return;
    }
    let name = |file: &FileStatistics| {
        if file.against { format!("against {}", file.path) } else { file.path.clone() }
    };
    let mut table =
        vec![["", "documents", "sentences", "tokens", "entities"].map(str::to_owned).to_vec()];
    for file in files.iter().take(rows) {
        let own = &file.counts;
        let numbers = [own.documents, own.sentences, own.tokens, own.entities];
        table.push(std::iter::once(name(file)).chain(numbers.map(grouped)).collect());
    }
    columns(text, &table, paint);
    if files.len() > rows {
        let _ = writeln!(text, "and {} more", files.len() - rows);
    }
}

/// How often each label occurs.
fn labels(text: &mut String, inputs: &CorpusStatistics, rows: usize, paint: &Paint) {
    if inputs.entities == 0 {
        return;
    }
    let head = ["label", "entities", "share", "surfaces", "words each", "longest"];
    let mut table = vec![head.map(str::to_owned).to_vec()];
    let mut labels: Vec<_> = inputs.entities_by_label.iter().collect();
    labels.sort_by_key(|(label, count)| (std::cmp::Reverse(**count), *label));
    for (label, count) in labels.iter().take(rows) {
        let lengths = inputs.entity_lengths_by_label.get(*label);
        table.push(vec![
            shorten(label.as_str()),
            grouped(**count),
            format!("{:.1} %", percent(**count, inputs.entities)),
            grouped(inputs.unique_surfaces_by_label.get(*label).copied().unwrap_or(0)),
            format!("{:.2}", lengths.and_then(Distribution::mean).unwrap_or(0.0)),
            grouped(lengths.and_then(Distribution::max).unwrap_or(0)),
        ]);
    }
    text.push('\n');
    columns(text, &table, paint);
    if labels.len() > rows {
        let _ = writeln!(text, "and {} more", labels.len() - rows);
    }
}

/// Lengths, and how much holds no entity.
fn lengths(text: &mut String, report: &Report) {
    let inputs = &report.statistics.inputs;
    let mut rows = Vec::new();
    let words = |lengths: &Distribution| {
        let quantile = |share| grouped(lengths.quantile(share).unwrap_or(0));
        format!(
            "median {}, 90 % up to {}, 99 % up to {}, longest {}",
            quantile(0.5),
            quantile(0.9),
            quantile(0.99),
            quantile(1.0)
        )
    };
    if inputs.sentence_lengths.count() > 0 {
        rows.push(("words in a sentence", words(&inputs.sentence_lengths)));
    }
    if let Some(density) = inputs.tokens_per_entity {
        rows.push(("words in an entity", words(&inputs.entity_lengths)));
        rows.push((
            "entities",
            format!(
                "one for every {density:.1} words, {} surfaces",
                grouped(inputs.unique_surfaces)
            ),
        ));
    }
    let part = |count: usize, of: usize, what: &str| {
        format!("{} of {} {what} ({:.1} %)", grouped(count), grouped(of), percent(count, of))
    };
    if inputs.sentences > 0 {
        let sentences = part(inputs.sentences_without_entities, inputs.sentences, "sentences");
        let documents = part(inputs.documents_without_entities, inputs.documents, "documents");
        // Where each sentence is a document, once is enough.
        let both = inputs.sentences != inputs.documents;
        rows.push((
            "without entities",
            if both { format!("{sentences}, {documents}") } else { sentences },
        ));
    }
    if let Some(tokenizer) = report.statistics.further.get("tokenizer") {
        let number = |of: &Value, key: &str| grouped(of[key].as_u64().unwrap_or(0) as usize);
        let lengths = &tokenizer["sentence_lengths"];
        rows.push((
            "subtokens in a sentence",
            format!(
                "median {}, 90 % up to {}, 99 % up to {}, longest {}; {} above {}",
                number(lengths, "median"),
                number(lengths, "p90"),
                number(lengths, "p99"),
                number(lengths, "max"),
                number(tokenizer, "sentences_over_max_length"),
                number(tokenizer, "max_length"),
            ),
        ));
        rows.push((
            "subtokens of a word",
            format!(
                "{:.2} on average; {} words unknown, {} without any",
                tokenizer["subtokens_per_token"].as_f64().unwrap_or(0.0),
                number(tokenizer, "unknown_words"),
                number(tokenizer, "words_without_subtokens"),
            ),
        ));
    }
    if let Some(overlap) = &report.statistics.overlap {
        let mut line = format!(
            "{} sentences, {} nearly",
            grouped(overlap.sentences),
            grouped(overlap.near_sentences)
        );
        if let Some(share) = overlap.entities {
            let _ = write!(line, "; {:.1} % of the entities", 100.0 * share);
        }
        rows.push(("on the other side too", line));
    }
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    if !rows.is_empty() {
        text.push('\n');
    }
    for (name, row) in rows {
        let _ = writeln!(text, "{name:width$}  {row}");
    }
}

/// A table whose first column stands left and whose others stand right.
fn columns(text: &mut String, table: &[Vec<String>], paint: &Paint) {
    let count = table.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..count)
        .map(|column| {
            let cells = table.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    for (number, row) in table.iter().enumerate() {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let padding = " ".repeat(width - cell.chars().count());
            let cell =
                if column == 0 { format!("{cell}{padding}") } else { format!("  {padding}{cell}") };
            line += &cell;
        }
        let line = if number == 0 { paint.dim(&line) } else { line };
        let _ = writeln!(text, "{}", line.trim_end());
    }
}

fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

/// `12,345`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
