//! Scores the predictions of any system that writes tags, and says where it errs.
//!
//! ```sh
//! cargo run --example score_predictions
//! cargo run --example score_predictions -- GOLD PREDICTED [TRAINING]
//! ```
//!
//! Without arguments it scores a few sentences of its own.
#![expect(clippy::print_stdout, reason = "an example speaks to its reader")]

use std::path::Path;

use ner_align::corpus::{ReadOptions, open_reader, read_path};
use ner_align::metrics::analysis::{Analyzer, SeenEntities};
use ner_align::metrics::resampling::Resampling;
use ner_align::metrics::{Scorer, report};
use ner_align::prelude::*;

const GOLD: &str = "\
Ada\tB-PER\nLovelace\tI-PER\nmoved\tO\nto\tO\nLondon\tB-LOC\n\n\
The\tO\nRoyal\tB-ORG\nSociety\tI-ORG\nof\tI-ORG\nLondon\tI-ORG\nmet\tO\n\n\
Turing\tB-PER\nleft\tO\nParis\tB-LOC\n";
const PREDICTED: &str = "\
Ada\tB-PER\nLovelace\tI-PER\nmoved\tO\nto\tO\nLondon\tB-LOC\n\n\
The\tO\nRoyal\tB-ORG\nSociety\tI-ORG\nof\tO\nLondon\tB-LOC\nmet\tO\n\n\
Turing\tO\nleft\tO\nParis\tB-PER\n";
const TRAINING: &str = "Ada\tB-PER\nLovelace\tI-PER\nin\tO\nLondon\tB-LOC\n";

fn read(path: Option<&String>, or: &'static str) -> anyhow::Result<Vec<Document>> {
    let options = ReadOptions::default();
    if let Some(path) = path {
        return Ok(read_path(Path::new(path), &options)?.documents);
    }
    let mut reader = open_reader(or.as_bytes(), "example.tsv", &options)?;
    let mut documents = Vec::new();
    while let Some(document) = reader.read_document()? {
        documents.push(document);
    }
    Ok(documents)
}

fn main() -> anyhow::Result<()> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let gold = read(paths.first(), GOLD)?;
    let predicted = read(paths.get(1), PREDICTED)?;
    let training = match (paths.len(), paths.get(2)) {
        (0, _) => read(None, TRAINING)?,
        (_, Some(_)) => read(paths.get(2), "")?,
        (_, None) => Vec::new(),
    };
    if gold.len() != predicted.len() {
        anyhow::bail!("gold and predicted files have not the same number of documents");
    }

    let mut seen = SeenEntities::default();
    training.iter().for_each(|document| seen.add_document(document));
    let scheme = gold.iter().find_map(Document::tags).map_or(Scheme::Iob2, |(_, scheme)| scheme);
    let mut scorer = Scorer::new(scheme, DecodeMode::Lenient).recording_units();
    let mut analyzer = Analyzer::new(scheme, DecodeMode::Lenient).with_seen(seen);
    for (index, (gold, predicted)) in gold.iter().zip(&predicted).enumerate() {
        scorer.update_document(gold, predicted)?;
        analyzer.add_document(index, gold, predicted)?;
    }

    let scores = scorer.compute();
    println!("{}", report::table(&scores));
    println!("{}", report::confusion(&scores.entity_confusion));
    println!("{}\n", report::summary_line(&scores));
    let f1 = Resampling::new(1).bootstrap(scorer.units())?.f1;
    // None of the three is defined where there is no entity at all.
    if let (Some(f1), Some(low), Some(high)) = (f1.estimate, f1.low, f1.high) {
        println!("strict F1 {f1:.3}, 95 % between {low:.3} and {high:.3}\n");
    }

    let analysis = analyzer.finish();
    for (name, row) in analysis.buckets.get("familiarity").into_iter().flatten() {
        println!("{name}: {} of {} found", row.correct, row.support);
    }
    for error in analysis.errors.iter().take(10) {
        let (kind, line) = (error.outcome.as_str(), error.place.line.unwrap_or(0));
        println!("line {line}, {kind}: {} [{}] {}", error.before, error.text, error.after);
    }
    Ok(())
}
