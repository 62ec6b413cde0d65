//! Checks a corpus: what is wrong or doubtful and where, with a check of one's own beside those of
//! the library.
//!
//! ```sh
//! cargo run --example check_corpus
//! cargo run --example check_corpus -- TRAIN [DEV...]
//! ```
//!
//! Without arguments it checks a few sentences of its own.
#![expect(clippy::print_stdout, reason = "an example speaks to its reader")]

use ner_align::Severity;
use ner_align::corpus::{Format, ReadOptions, open_reader};
use ner_align::curate::lint::{Checker, Lint, LintLog, LintOptions, Position, Report, check};
use ner_align::prelude::*;

const TRAIN: &str = "\
Ada\tB-PER\nmoved\tO\nto\tO\nLondon\tB-LOC\n\n\
London\tB-LOC\nis\tO\nlarge\tO\n\n\
in\tO\nLondon\tB-LOC\nagain\tO\n\n\
in\tO\nLondon\tB-LOC\n,\tI-LOC\ncafÃ©s\tO\n\n\
in\tO\nLondon\tI-LOC\n42\tB-LOC\n\n\
to\tO\nLondon\tO\nthen\tO\n";

/// Finds entities without a letter, which this corpus should not have.
struct NoLetters;

impl Lint for NoLetters {
    fn document(&mut self, document: &Document, at: &Position<'_>, log: &mut LintLog) {
        for entity in document.entities() {
            let surface = document.surface(entity.span);
            if !surface.contains(char::is_alphabetic) {
                let message = format!("expected a name with letters, found {surface:?}");
                let (severity, word) = (Severity::Warning, entity.span.start);
                log.push(at.of_word(severity, "no-letters", message, document, word));
            }
        }
    }
}

fn report(paths: &[String]) -> anyhow::Result<Report> {
    let mut checker = Checker::new(&LintOptions::default().with_rare_label(3));
    checker.add(Box::new(NoLetters));
    let options = ReadOptions::default();
    if let Some((train, others)) = paths.split_first() {
        return Ok(check(checker, [train], others, &options)?);
    }
    checker.begin_file("train.tsv", Some(Format::Conll), false);
    let mut reader = open_reader(TRAIN.as_bytes(), "train.tsv", &options)?;
    checker.read_from(&mut *reader, &options.labels);
    Ok(checker.finish())
}

fn main() -> anyhow::Result<()> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let report = report(&paths)?;
    let inputs = &report.statistics.inputs;
    println!("{} sentences, {} entities", inputs.sentences, inputs.entities);
    println!(
        "half of the sentences have up to {} words, the longest {}\n",
        inputs.sentence_lengths.quantile(0.5).unwrap_or(0),
        inputs.sentence_lengths.max().unwrap_or(0)
    );
    for finding in report.findings.iter().take(20) {
        println!("{:?} {}: {finding}", finding.severity, finding.code);
        if let Some(hint) = &finding.hint {
            println!("    {hint}");
        }
    }
    println!("\n{:?}", report.finding_counts);
    if report.count_from(Severity::Error) > 0 {
        println!("not fit for training yet");
    }
    Ok(())
}
