//! Settings of spaCy's, one by one and in a whole file.

use serde_json::json;

use super::*;
use crate::settings::{ConfigText, Recipe};

fn imported(text: &str) -> Imported {
    import(text, Recipe::Best.settings()).unwrap()
}

/// All that was carried over of what the file has, as `key=value`, in the order of the report.
fn carried(imported: &Imported) -> Vec<String> {
    let all = imported.carried.iter().chain(&imported.arguments);
    let all = all.filter(|item| item.from.line != LEFT_OUT);
    all.map(|item| format!("{}={}", item.to, item.becomes)).collect()
}

#[test]
fn a_whole_file_is_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/spacy-config/transformer.cfg");
    let imported = imported(&std::fs::read_to_string(path).unwrap());
    let mut found = carried(&imported);
    found.sort();
    let expected = [
        "--dev=\"corpus/dev.spacy\"",
        "--model=\"distilroberta-base\"",
        "--train=\"corpus/train.spacy\"",
        "accumulate=3",
        "batch_subtokens=667",
        "batching=\"bucketed\"",
        "beta1=0.9",
        "beta2=0.98",
        "dropout=0.15",
        "epochs=12000",
        "epsilon=1e-7",
        "eval_every=200",
        "learning_rate=0.00005",
        "max_gradient_norm=0.5",
        "max_length=128",
        "max_steps=12000",
        "patience=8",
        "schedule=\"linear\"",
        "seed=7",
        "select=\"strict\"",
        "stride=32",
        "unit=\"document\"",
        "warmup_steps=250",
        "weight_decay=0.02",
    ];
    assert_eq!(found.join("\n").replace("5e-5", "0.00005"), expected.join("\n"));
    let not: Vec<&str> = imported.not_carried.iter().map(|n| n.from.key.as_str()).collect();
    assert_eq!(not, ["max_length", "total_steps", "discard_oversize"]);
    let lost = |key: &str| imported.no_counterpart.iter().any(|place| place.key == key);
    assert!(lost("hidden_width") && lost("progress_bar") && lost("max_batch_items"));
    assert!(!lost("vectors") && !lost("frozen_components") && !lost("seed"));
    // The file that is written says the same.
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), imported.settings.to_commented_toml("here").unwrap()).unwrap();
    let read =
        Settings::resolve(Recipe::Trainer, Some(&ConfigText::read(file.path()).unwrap()), &[])
            .unwrap();
    assert_eq!(read, imported.settings);
}

#[test]
fn settings_become_ours() {
    let trf = "[components.t]\nfactory = \"curated_transformer\"\n";
    let windows = "[components.t.model.with_spans]\n@architectures = \
                   \"spacy-curated-transformers.WithStridedSpans.v1\"\n";
    for (text, expected) in [
        ("[training]\nmax_epochs = 4\nmax_steps = 0", vec!["epochs=4"]),
        ("[training]\nmax_epochs = 4\nmax_steps = 90", vec!["max_steps=90", "epochs=4"]),
        ("[training]\neval_frequency = 200\npatience = 0", vec!["eval_every=200"]),
        ("[training]\neval_frequency = 100\npatience = 250", vec!["eval_every=100", "patience=3"]),
        ("[training.optimizer]\ngrad_clip = 0.0", vec!["max_gradient_norm=\"inf\""]),
        ("[training.optimizer]\nL2 = 0.0\nL2_is_weight_decay = false", vec!["weight_decay=0.0"]),
        (
            &format!("{trf}[training.optimizer]\nlearn_rate = 2e-5"),
            vec!["learning_rate=0.00002", "schedule=\"constant\""],
        ),
        (
            &format!(
                "{trf}[training.optimizer.learn_rate]\n@schedules = \"constant.v1\"\nrate = 0.5"
            ),
            vec!["learning_rate=0.5", "schedule=\"constant\""],
        ),
        (
            &format!("{trf}{windows}window = 48\nstride = 30\n[training]\nx = null"),
            vec!["unit=\"document\"", "max_length=48", "stride=18"],
        ),
        (
            &format!(
                "{trf}[initialize.components.t.encoder_loader]\nname = \"a/b\"\n[training]\nx = null"
            ),
            vec!["--model=\"a/b\""],
        ),
        (&format!("{trf}[training]\nfrozen_components = [\"t\"]"), vec!["freeze=\"encoder\""]),
        (
            "[training.batcher]\n@batchers = \"spacy.batch_by_words.v1\"\n[training.batcher.size]\n\
             @schedules = \"compounding.v1\"\nstart = 100\nstop = 1000\ncompound = 1.001",
            vec!["batching=\"random\"", "batch_subtokens=1000"],
        ),
        (
            "[training]\naccumulate_gradient = 4\n[training.batcher]\n\
             @batchers = \"spacy.batch_by_sequence.v1\"\nsize = 30",
            vec!["accumulate=4", "batching=\"random\"", "batch_size=8"],
        ),
    ] {
        let found = imported(text);
        let shown: Vec<String> =
            carried(&found).iter().map(|item| item.replace("2e-5", "0.00002")).collect();
        assert_eq!(shown, expected, "{text}");
        assert!(found.not_carried.is_empty(), "{text}: {:?}", found.not_carried);
    }
}

#[test]
fn what_a_file_leaves_out_has_the_default_of_spacy() {
    // spaCy 3.8: max_steps 20000, max_epochs 0 (no limit), patience 1600 steps, eval_frequency 200.
    let text = "[training]\n[training.optimizer.learn_rate]\n\
                @schedules = \"warmup_linear.v1\"\nwarmup_steps = 250\ntotal_steps = 20000\n\
                initial_rate = 5e-5\n";
    for text in
        [text.to_owned(), text.replace('\n', "\n    ").replace("[training]", "  [training]")]
    {
        let imported = import(&text, Recipe::Best.settings()).unwrap();
        let train = &imported.settings.train;
        assert_eq!((train.max_steps, train.epochs), (Some(20_000), 20_000.into()));
        assert_eq!((train.eval_every, train.patience), (Some(200), Some(8)));
        assert_eq!(train.warmup_steps, 250, "{text}");
        let report = imported.to_string();
        let line =
            "[training] max_steps = 20000 -> max_steps = 20000 (left out there: spaCy's default)";
        assert!(report.contains(line), "{report}");
    }
    let short = import("[training]\nmax_epochs = 3\n", Recipe::Best.settings()).unwrap();
    assert_eq!(short.settings.train.epochs, 3.into());
}

#[test]
fn what_cannot_be_says_why() {
    for (text, key, part) in [
        ("[training]\ndropout = 1.0", "dropout", "less than 1, found 1"),
        ("[training]\ndropout = \"much\"", "dropout", "expected a number, found \"much\""),
        ("[training]\nseed = 1.5", "seed", "expected a whole number, found 1.5"),
        ("[training]\nseed = -1", "seed", "invalid value"),
        ("[training]\nmax_epochs = -1\nmax_steps = 9", "max_epochs", "not as a stream"),
        ("[training]\nmax_epochs = 0\nmax_steps = 0", "max_epochs", "must end"),
        ("[training]\nfrozen_components = [\"ner\"]", "frozen_components", "one model"),
        ("[training.score_weights]\nents_r = 0.5", "ents_r", "one score"),
        ("[training.optimizer]\n@optimizers = \"RAdam.v1\"", "@optimizers", "no RAdam"),
        ("[training.optimizer]\nlearn_rate = 0.001", "learn_rate", "start at random"),
        ("[training.optimizer]\nuse_averages = true", "use_averages", "not averaged"),
        ("[training.optimizer]\nL2_is_weight_decay = false\nL2 = 0.1", "L2", "a penalty"),
        (
            "[training.optimizer.learn_rate]\n@schedules = \"cyclic_triangular.v1\"",
            "@schedules",
            "linear, cosine and constant here, no cyclic_triangular",
        ),
        ("[training.batcher]\n@batchers = \"mine.v1\"", "@batchers", "batch_size"),
        (
            "[training]\nx = null\n[components.t.model.get_spans]\nwindow = 10\nstride = 20",
            "stride",
            "would skip words",
        ),
        (
            "[training]\ntrain_corpus = \"corpora.train\"\n[corpora.train.augmenter]\n\
             @augmenters = \"spacy.lower_case.v1\"",
            "@augmenters",
            "nothing is augmented",
        ),
    ] {
        let found = imported(text);
        let [not] = found.not_carried.as_slice() else {
            panic!("{text}: {:?}", found.not_carried);
        };
        assert_eq!(not.from.key, key, "{text}");
        assert!(not.why.contains(part), "{text}: {}", not.why);
    }
}

#[test]
fn a_file_of_another_kind_is_none() {
    let fault = import("[nlp]\nlang = \"en\"\n", Recipe::Best.settings()).unwrap_err();
    assert_eq!(
        fault.to_string(),
        "2: expected a section [training], as a config of spaCy v3 has, found none"
    );
    let place = imported("[training]\nx = 1").no_counterpart;
    let expected =
        SpacySetting { section: "training".into(), key: "x".into(), value: json!(1), line: 2 };
    assert_eq!(place, [expected]);
}
