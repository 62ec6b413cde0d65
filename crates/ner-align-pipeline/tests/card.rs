//! The card that a run writes.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

#[allow(dead_code, reason = "other tests use the rest")]
mod counting;

use std::fs;
use std::path::Path;

use counting::{CountingBackend, fixture};
use ner_align_pipeline::settings::{Recipe, Settings};
use ner_align_pipeline::{CARD, FineTuner};
use yaml_rust2::{Yaml, YamlLoader};

/// The head and the text of the card of a run with these settings.
fn card(pairs: &[(&str, &str)], test: bool) -> (Yaml, String) {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::of(Recipe::Trainer).with("epochs", "2").unwrap();
    for (key, value) in pairs {
        settings = settings.with(key, value).unwrap();
    }
    let dev = fixture("postings/postings-dev.tsv");
    let mut tuner = FineTuner::with_backend(CountingBackend, fixture("tiny-bert"))
        .train([fixture("postings/postings-train.tsv")])
        .dev([&dev])
        .settings(settings)
        .output(folder.path().join("out"));
    if test {
        tuner = tuner.test([&dev]);
    }
    let run = tuner.run().unwrap();
    let model = run.model_folder().unwrap();
    let whole = fs::read_to_string(model.join(CARD)).unwrap();
    // Nothing of the card leads to where it was made.
    for place in [folder.path(), Path::new(env!("CARGO_MANIFEST_DIR"))] {
        assert!(!whole.contains(place.to_str().unwrap()), "{whole}");
    }
    let (head, text) = whole.strip_prefix("---\n").unwrap().split_once("\n---\n").unwrap();
    (YamlLoader::load_from_str(head).unwrap().remove(0), text.to_owned())
}

#[test]
fn the_card_says_what_the_settings_and_the_run_say() {
    let (head, text) = card(
        &[
            ("card.language", "bn"),
            ("card.license", "apache-2.0"),
            ("card.base_model", "prajjwal1/bert-tiny"),
            ("card.tags", "no"),
            ("card.description", "Finds \"skills\": all of them."),
            ("card.labels.SKILLS", "a | skill"),
        ],
        true,
    );
    assert_eq!(head["language"].as_str(), Some("bn"));
    assert_eq!(head["license"].as_str(), Some("apache-2.0"));
    assert_eq!(head["base_model"].as_str(), Some("prajjwal1/bert-tiny"));
    assert!(head["tags"].as_vec().unwrap().contains(&Yaml::String("no".to_owned())));
    let results = &head["model-index"][0]["results"];
    for (index, split) in ["validation", "test"].into_iter().enumerate() {
        let result = &results[index];
        assert_eq!(result["dataset"]["split"].as_str(), Some(split));
        assert_eq!(result["dataset"]["name"].as_str(), Some("postings-dev.tsv"));
        let kinds: Vec<&str> = result["metrics"]
            .as_vec()
            .unwrap()
            .iter()
            .map(|metric| metric["type"].as_str().unwrap())
            .collect();
        assert_eq!(kinds, ["precision", "recall", "f1", "accuracy"]);
    }
    let widget = head["widget"].as_vec().unwrap();
    assert!((1..=3).contains(&widget.len()), "{widget:?}");
    for part in [
        "Finds \"skills\": all of them.",
        "| `SKILLS` | a \\| skill |",
        "## Intended use",
        "## Limits",
        " development sentences",
        " test sentences",
        "| boundary | ",
        "## Calibration",
        "| train | `postings-train.tsv` | ",
        "epochs = 2",
        "sentences of the development data",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("[card]"), "{text}");
}

#[test]
fn what_is_not_known_is_left_out() {
    let (head, text) = card(&[("card.widget", "[]")], false);
    for key in ["language", "license", "base_model", "datasets", "widget"] {
        assert!(head[key].is_badvalue(), "{key}");
    }
    assert_eq!(head["model-index"][0]["results"].as_vec().unwrap().len(), 1);
    for part in ["## Labels", "sentences of the development data"] {
        assert!(!text.contains(part), "{part}: {text}");
    }
    let (head, _) = card(&[("card.widget", "['1.0']")], false);
    assert_eq!(head["widget"][0]["text"].as_str(), Some("1.0"));
}
