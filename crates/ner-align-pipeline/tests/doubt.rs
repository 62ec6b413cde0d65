//! Doubtful labels, on a model that counts.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

#[allow(dead_code, reason = "the test makes a tuner of its own")]
mod counting;

use counting::{CountingBackend, fixture};
use ner_align_core::{Document, Scheme, Tag};
use ner_align_pipeline::FineTuner;
use ner_align_pipeline::doubt::{DoubtOptions, find_doubts};
use ner_align_pipeline::settings::{Recipe, Settings};

/// A sentence whose first word is an entity.
fn sentence(number: usize, label: &str) -> Document {
    let mut builder = Document::builder();
    for word in [format!("name{number}"), format!("did{number}"), format!("this{number}")] {
        builder.push_word(&word);
    }
    let tags = [&format!("B-{label}"), "O", "O"].map(|tag| Tag::parse(tag).unwrap());
    builder.tagged(tags.to_vec(), Scheme::Iob2).unwrap()
}

#[test]
fn every_gold_entity_is_judged_or_counted() {
    for (rare, folds, seed) in [(0, 2, 1), (1, 2, 1), (2, 2, 1), (2, 3, 4), (3, 2, 2), (3, 4, 3)] {
        let labels = |number: usize| if number < rare { "RARE" } else { "PER" };
        let corpus: Vec<Document> =
            (0..30).map(|number| sentence(number, labels(number))).collect();
        let settings = Settings::of(Recipe::Trainer).with("epochs", "1").unwrap();
        let options = DoubtOptions::default().with_folds(folds).with_seed(seed);
        let tuner = |_, _| {
            FineTuner::with_backend(CountingBackend, fixture("tiny-bert"))
                .settings(settings.clone())
        };
        let found = find_doubts(&corpus, &options, tuner).unwrap();
        let judged = found.doubts.iter().filter(|doubt| doubt.gold.is_some()).count();
        let unjudged: usize = found.unjudged.values().sum();
        assert_eq!(judged + unjudged, 30, "{rare} {folds} {:?}", found.unjudged);
        assert_eq!((found.sentences.len(), found.trainings), (30, folds));
    }
}
