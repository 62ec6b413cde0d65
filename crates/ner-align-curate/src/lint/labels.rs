//! Labels that are rare or nearly the same, and files without any.

use ner_align_core::{Finding, Location, Severity};

use super::position::with_hint;
use super::surfaces::by_label;
use super::{CorpusIndex, Lint, LintLog, LintOptions, Quoted, Statistics};

/// Counts labels.
#[derive(Debug)]
pub(super) struct LabelLint {
    rare: usize,
}

impl LabelLint {
    pub(super) const fn new(options: &LintOptions) -> Self {
        Self { rare: options.rare_label }
    }
}

impl Lint for LabelLint {
    fn finish(&mut self, index: &CorpusIndex, statistics: &mut Statistics, log: &mut LintLog) {
        for file in &statistics.files {
            let counts = &file.counts;
            let mut push = |severity, code, message: String, hint: &str| {
                let finding =
                    Finding::new(severity, code, message).at(Location::file(file.path.clone()));
                log.push(with_hint(finding, hint));
            };
            if counts.tokens > 0 && counts.entities + counts.unaligned_spans == 0 {
                let message =
                    format!("expected entities, found none in {} sentences", counts.sentences);
                let hint = "see whether the right column or field was read as the tags";
                push(Severity::Warning, "no-entities", message, hint);
            }
            if !file.against && counts.missing_tokens > 0 {
                let message = format!(
                    "{} of {} words are not annotated",
                    counts.missing_tokens, counts.tokens
                );
                push(Severity::Info, "missing-tags", message, "they are not trained on or scored");
            }
        }
        let (_, _, inputs) = index.inputs();
        let labels = by_label(index, &index.entities()[..inputs]);
        for (label, (count, first)) in labels.into_iter().filter(|(_, (n, _))| *n < self.rare) {
            if log.count_if_full(Severity::Warning, "rare-label") {
                continue;
            }
            let name = index.label_name(label);
            let entities = if count == 1 { "1 entity" } else { &format!("{count} entities") };
            let message =
                format!("expected {} or more entities of {name}, found {entities}", self.rare);
            let finding = index
                .finding(Severity::Warning, "rare-label", message, first)
                .with_text(name.to_owned());
            log.push(with_hint(
                finding,
                "annotate more, join labels with `map`, or leave it out with `drop`",
            ));
        }
        similar(index, log);
    }
}

/// Labels that a person takes for the same.
fn similar(index: &CorpusIndex, log: &mut LintLog) {
    let key = |(label, (count, first)): (u32, (usize, usize))| {
        let key = index.label_name(label).chars().filter(|c| c.is_alphanumeric());
        (key.flat_map(char::to_lowercase).collect::<String>(), (label, count, first))
    };
    let mut all: Vec<_> = by_label(index, index.entities()).into_iter().map(key).collect();
    all.sort();
    for group in all.chunk_by(|a, b| a.0 == b.0) {
        if group.len() < 2 || group.iter().any(|(key, _)| key.is_empty()) {
            continue;
        }
        let mut group: Vec<(u32, usize, usize)> = group.iter().map(|(_, label)| *label).collect();
        group.sort_by_key(|(_, count, first)| (std::cmp::Reverse(*count), *first));
        let [(usual, often, _), rest @ ..] = group.as_slice() else { continue };
        for (label, count, first) in rest {
            let (usual, name) = (index.label_name(*usual), index.label_name(*label));
            let message = format!(
                "expected one spelling of a label, found {} (×{count}) beside {} (×{often})",
                Quoted(name),
                Quoted(usual)
            );
            let finding = index
                .finding(Severity::Warning, "similar-labels", message, *first)
                .with_text(name.to_owned());
            log.push(with_hint(finding, format!("join them with `map: '{name}={usual}'`")));
        }
    }
}
