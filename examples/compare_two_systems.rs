//! Is one system better than another, or was it luck?
//!
//! ```sh
//! cargo run --example compare_two_systems
//! ```
//!
//! Two dictionaries of the training postings are run over the development postings: one knows
//! entities as they are written, the other in any case.
#![expect(clippy::print_stdout, reason = "an example speaks to its reader")]

use std::collections::HashMap;
use std::path::Path;

use ner_align::corpus::{ReadOptions, read_path};
use ner_align::metrics::Scorer;
use ner_align::metrics::resampling::Resampling;
use ner_align::prelude::*;

/// Longest entity that is looked up, in words.
const LONGEST: usize = 6;

/// Entities of the training data by their words, after `key`.
struct Dictionary {
    key: fn(&str) -> String,
    labels: HashMap<String, Label>,
}

impl Dictionary {
    fn new(training: &[Document], key: fn(&str) -> String) -> Self {
        let entities = training.iter().flat_map(|document| {
            document
                .entities()
                .iter()
                .map(move |entity| (key(document.surface(entity.span)), entity.label.clone()))
        });
        Self { key, labels: entities.collect() }
    }

    /// The entities of a document, the longest first at each word.
    fn predict(&self, document: &Document) -> Vec<Entity> {
        let mut found = Vec::new();
        for sentence in document.sentences() {
            let WordSpan { mut start, end } = sentence.words;
            while start < end {
                let label = |stop: usize| {
                    let surface = document.surface(WordSpan::new(start, stop));
                    self.labels.get(&(self.key)(surface)).map(|label| (stop, label.clone()))
                };
                match (start + 1..=end.min(start + LONGEST)).rev().find_map(label) {
                    Some((stop, label)) => {
                        found.push(Entity::new(start, stop, label));
                        start = stop;
                    }
                    None => start += 1,
                }
            }
        }
        found
    }

    fn score(&self, gold: &[Document]) -> anyhow::Result<Scorer> {
        let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient).recording_units();
        for document in gold {
            let mut predicted = document.clone();
            predicted.set_entities(self.predict(document))?;
            scorer.update_document(document, &predicted)?;
        }
        Ok(scorer)
    }
}

fn main() -> anyhow::Result<()> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/postings");
    let read = |name: &str| read_path(fixtures.join(name), &ReadOptions::default());
    let (training, gold) =
        (read("postings-train.tsv")?.documents, read("postings-dev.tsv")?.documents);

    let exact = Dictionary::new(&training, str::to_owned).score(&gold)?;
    let any_case = Dictionary::new(&training, str::to_lowercase).score(&gold)?;
    let comparison = Resampling::new(42).compare(exact.units(), any_case.units())?;

    println!(
        "{} sentences, of which the systems answer {} differently",
        comparison.units, comparison.differing_units
    );
    println!(
        "{:>10} {:>9} {:>9} {:>11} {:>19} {:>7}",
        "", "as is", "any case", "difference", "95 %", "p"
    );
    for (name, row) in
        [("precision", comparison.precision), ("recall", comparison.recall), ("F1", comparison.f1)]
    {
        let number =
            |score: Option<f64>| score.map_or_else(|| "-".to_owned(), |s| format!("{s:.4}"));
        let difference = row.difference;
        println!(
            "{name:>10} {:>9} {:>9} {:>11} {:>19} {:>7}",
            number(row.first),
            number(row.second),
            number(difference.estimate),
            format!("{} to {}", number(difference.low), number(difference.high)),
            number(row.p_value)
        );
    }
    Ok(())
}
