//! What people want most takes few lines, and works.

#[path = "../examples/in_few_lines.rs"]
mod example;

use std::fs;
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

#[test]
fn each_runs() {
    let folder = tempfile::tempdir().unwrap();
    let [jsonl, spacy, columns] =
        ["in.jsonl", "out.spacy", "out.conll"].map(|name| folder.path().join(name));
    let line = r#"{"text": "Oslo fjord", "spans": [{"start": 0, "end": 3, "label": "LOC"}]}"#;
    fs::write(&jsonl, line).unwrap();
    let (model, train) = (fixture("tiny-bert"), fixture("quirks/iob1.conll"));
    example::entities_of_a_file(&train).unwrap();
    example::jsonl_to_spacy(&jsonl, &spacy).unwrap();
    assert!(spacy.is_file());
    let (words, tags) = (vec![vec!["in", "Oslo"]], vec![vec!["O", "B-LOC"]]);
    example::score_two_lists(&tags, &tags).unwrap();
    example::padded_arrays(&model, &words, &tags).unwrap();
    example::fine_tune(&model, &train, &train, "in Oslo").unwrap();
    example::own_format(&model, &train, &columns).unwrap();
    assert!(fs::read_to_string(&columns).unwrap().contains("B-DIPLOMA"));

    // A model to load: one that a run leaves in its folder.
    let out = folder.path().join("run");
    let settings = ner_align::settings::Settings::of(ner_align::settings::Recipe::Best);
    let run = ner_align::FineTuner::new(&model).train([&train]).dev([&train]).output(&out);
    run.settings(settings.with("max_steps", "1").unwrap()).run().unwrap();
    example::entities_of_a_text(&out.join("model-best"), "in Oslo").unwrap();
}

#[test]
fn each_is_short() {
    let source = include_str!("../examples/in_few_lines.rs");
    for (function, most) in [
        ("entities_of_a_file", 5),
        ("jsonl_to_spacy", 4),
        ("score_two_lists", 3),
        ("padded_arrays", 6),
        ("entities_of_a_text", 4),
        ("fine_tune", 10),
        ("own_format", 25),
    ] {
        let (_, rest) = source.split_once(&format!("pub(crate) fn {function}(")).unwrap();
        let (body, _) = rest.split_once("\n}\n").unwrap();
        let lines = body.lines().skip(1).filter(|line| line.trim() != "Ok(())").count();
        assert!(lines <= most, "{function}: {lines} lines, more than {most}");
    }
}
