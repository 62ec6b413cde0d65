//! Two corpora joined, scored relaxed, and shown: step 5 of `docs/tutorial.md`.
//!
//! ```sh
//! cargo run --features render,tch --example two_corpora -- GMB.csv NOTICES MODEL_FOLDER_OR_ID OUT.html
//! ```
#![expect(clippy::print_stdout, reason = "an example speaks to its reader")]

use std::path::Path;

use ner_align::corpus::{Encoding, LabelMap, ReadOptions, read_path};
use ner_align::metrics::Scores;
use ner_align::render::{Comparison, EntityPage};
use ner_align::settings::{Recipe, Settings};
use ner_align::{Document, FineTuner};

/// Trains on both corpora under the types that they share, scores the model on the notices, and
/// writes a page with gold beside predicted.
pub(crate) fn two_corpora(
    gmb: &Path,
    notices: &Path,
    base: &Path,
    page: &Path,
    settings: Settings,
) -> anyhow::Result<Scores> {
    let shared = LabelMap::parse(&["geo=LOC", "gpe=LOC", "per=PER", "org=ORG"], &["tim"])?;
    let gmb_options = ReadOptions::default().with_encoding(Encoding::Cp1252).with_labels(shared);
    let gmb = read_path(gmb, &gmb_options)?.documents;
    let without_events = LabelMap::parse(&[], &["EVENT"])?;
    let options = ReadOptions::default().with_labels(without_events);
    let mut train = read_path(notices, &options)?.documents;
    let gold: Vec<Document> = train.split_off(train.len() / 2);

    let tuner = FineTuner::new(base).train([gmb, train]).dev([gold.clone()]);
    let run = tuner.settings(settings).run()?;
    let mut predicted = gold.clone();
    let (evaluation, _) = run.predictor().evaluate(&mut predicted)?;
    let comparison = Comparison::new(gold, &predicted)?;
    std::fs::write(page, EntityPage::compare(&comparison).title("Notices").render())?;
    Ok(evaluation.scores)
}

#[allow(dead_code, reason = "the test calls the function above")]
fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [gmb, notices, base, page] = arguments.as_slice() else {
        anyhow::bail!("expected GMB.csv NOTICES MODEL_FOLDER_OR_ID OUT.html");
    };
    let settings = Settings::of(Recipe::Best).with("learning_rate", "3e-4")?;
    let (gmb, notices) = (Path::new(gmb), Path::new(notices));
    let scores = two_corpora(gmb, notices, base.as_ref(), page.as_ref(), settings)?;
    let [strict, relaxed] = [scores.strict(), scores.relaxed()].map(|own| own.micro.f1);
    println!("strict F1 {strict:.3?}, relaxed F1 {relaxed:.3?}; see {page}");
    Ok(())
}
