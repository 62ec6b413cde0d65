//! The numbers of other tools: committed samples of what they answered, and their known quirks.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../../../tests/published/mod.rs"]
mod published;

use ner_align_core::{DecodeMode, Metric, Scheme, Tag};
use ner_align_metrics::compat::{self, CompatError, CompatScores, Tool};
use ner_align_metrics::{Scorer, ZeroDivision};
use proptest::prelude::*;
use published::data;
use serde_json::{Value, json};

/// Written by `oracles/compare.py --sample`.
const SAMPLE: &str = include_str!("data/compat.jsonl");

fn sentences(value: &Value) -> Vec<Vec<String>> {
    serde_json::from_value(value.clone()).unwrap()
}

fn text(scores: &CompatScores) -> Option<String> {
    match scores {
        CompatScores::Seqeval(scores) => scores.table(2),
        CompatScores::Conlleval(scores) => Some(scores.to_string()),
        CompatScores::Nervaluate(scores) => Some(scores.summary(2)),
        _ => None,
    }
}

#[test]
fn numbers_are_those_of_the_tools() {
    let mut compared = 0;
    for line in SAMPLE.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let tool: Tool = case["tool"].as_str().unwrap().parse().unwrap();
        let scheme: Option<Scheme> = serde_json::from_value(case["scheme"].clone()).unwrap();
        let (gold, predicted) = (sentences(&case["gold"]), sentences(&case["predicted"]));
        let expected = &case["expected"];
        let one = case["zero_division"] == 1;
        let run = || match tool {
            Tool::Seqeval if one => {
                compat::seqeval_zero_division(&gold, &predicted, ZeroDivision::One)
                    .map(CompatScores::Seqeval)
            }
            Tool::SeqevalStrict if one => {
                let one = ZeroDivision::One;
                compat::seqeval_strict_zero_division(&gold, &predicted, scheme, one)
                    .map(CompatScores::Seqeval)
            }
            _ => tool.run(&gold, &predicted, scheme),
        };
        let scores = match run() {
            Ok(scores) => scores,
            Err(error) => {
                assert!(expected["error"].as_bool().unwrap_or(false), "{error}: {line}");
                continue;
            }
        };
        assert!(expected.get("error").is_none(), "the tool refuses: {line}");
        if expected["text"].is_string() {
            assert_eq!(text(&scores).as_deref(), expected["text"].as_str(), "{line}");
        }
        if expected["scores"].is_object() {
            // Exactly, not nearly: the order of operations is the tools' own.
            let mut found = serde_json::to_value(&scores).unwrap();
            found.as_object_mut().unwrap().remove("undefined");
            assert!(found == expected["scores"], "{line}");
        }
        compared += 1;
    }
    assert!(compared > 150, "{compared}");
}

fn support(gold: &str, label: &str, scheme: Option<Scheme>) -> u64 {
    let tags: Vec<&str> = gold.split(' ').collect();
    let scores = match scheme {
        None => compat::seqeval(&[&tags], &[&tags]).unwrap(),
        Some(scheme) => compat::seqeval_strict(&[&tags], &[&tags], Some(scheme)).unwrap(),
    };
    scores.per_type.get(label).map_or(0, |row| row.support)
}

#[test]
fn quirks_of_seqeval() {
    for (tags, label, scheme, entities) in [
        ("U-PER U-PER", "PER", None, 1),
        ("B-PER L-PER B-PER L-PER", "PER", None, 1),
        ("PER PER O LOC", "ER", None, 1),
        ("o o B-PER o", "_", None, 1),
        ("B-PER I-LOC", "LOC", None, 1),
        ("B-PER I-LOC", "LOC", Some(Scheme::Iob2), 0),
        ("I-PER I-PER", "PER", Some(Scheme::Iob2), 0),
        ("O B-PER I-PER", "PER", Some(Scheme::Iob1), 1),
        ("B-PER O", "PER", Some(Scheme::Iob1), 0),
        ("I-PER E-PER O", "PER", Some(Scheme::Ioe1), 0),
        ("B-PER I-PER O", "PER", Some(Scheme::Iobes), 0),
        ("B-PER U-LOC", "PER", Some(Scheme::Biluo), 0),
        ("B-PER U-LOC", "LOC", Some(Scheme::Biluo), 1),
    ] {
        assert_eq!(support(tags, label, scheme), entities, "{tags} {scheme:?}");
    }
}

/// A chunk that ends under a type which started none is counted as correct, but not listed.
#[test]
fn conlleval_lists_the_types_that_started() {
    let tags = [["o", "B-PER", "O"]];
    let scores = compat::conlleval(&tags, &tags).unwrap();
    let listed: Vec<&String> = scores.per_type.keys().collect();
    assert_eq!(listed, ["PER"]);
}

#[test]
fn quirks_of_nervaluate() {
    let whole = |label: &str| vec![vec![format!("B-{label}"), format!("I-{label}")]];
    let scores = compat::nervaluate(&whole("A"), &whole("B")).unwrap();
    let overall = &scores.overall;
    assert_eq!((overall.strict.incorrect, overall.exact.correct), (1, 1));
    assert_eq!((overall.partial.correct, overall.ent_type.incorrect), (1, 1));
    assert_eq!(scores.per_type["A"].strict.missed, 1);
    assert_eq!(scores.per_type["B"].strict.spurious, 1);
    let only_a = compat::nervaluate_tags(&whole("A"), &whole("B"), &["A"]).unwrap();
    assert_eq!((only_a.overall.strict.missed, only_a.overall.strict.spurious), (1, 0));
}

#[test]
fn quirks_of_spacy() {
    // IOBES falls apart: each of S and E becomes an entity of one word.
    let scores = compat::spacy(&[["S-X", "B-X", "E-X"]], &[["S-X", "B-X", "O"]]).unwrap();
    assert_eq!(scores.ents_r, Some(2.0 / 3.0));
    let none = compat::spacy(&[["O"]], &[["O"]]).unwrap();
    assert_eq!((none.ents_f, none.ents_per_type), (None, None));
}

#[test]
fn where_the_tools_stop() {
    let no_sentences: [[&str; 0]; 0] = [];
    assert!(matches!(
        compat::seqeval(&no_sentences, &no_sentences),
        Err(CompatError::NoSentences { tool: Tool::Seqeval })
    ));
    let unequal = compat::conlleval(&[vec!["O", "O"]], &[vec!["O"]]).unwrap_err();
    assert_eq!(unequal.to_string(), "conlleval: sentence 0: 2 gold tags, 1 predicted");
    let prefix = compat::nervaluate(&[["O", "S-A"]], &[["O", "O"]]).unwrap_err();
    assert_eq!(
        prefix.to_string(),
        "nervaluate: sentence 0, word 1: expected O, B- or I-, found \"S-A\""
    );
    assert!(compat::seqeval_strict(&[["O"]], &[["O"]], None).is_err());
    assert!(compat::seqeval_strict(&[["O"]], &[["O"]], Some(Scheme::Io)).is_err());
    assert!("spacey".parse::<Tool>().is_err());
}

#[test]
fn json_shapes() {
    let (gold, predicted) = ([["B-A", "O"]], [["B-A", "B-A"]]);
    for (tool, keys) in [
        (Tool::Seqeval, json!(["micro", "macro", "weighted", "per_type", "accuracy"])),
        (Tool::SeqevalStrict, json!(["micro", "macro", "weighted", "per_type", "accuracy"])),
        (Tool::Nervaluate, json!(["overall", "per_type"])),
        (Tool::Spacy, json!(["ents_p", "ents_r", "ents_f", "ents_per_type"])),
    ] {
        let scores = tool.run(&gold, &predicted, None).unwrap();
        let json = serde_json::to_value(&scores).unwrap();
        let found: Vec<&String> = json.as_object().unwrap().keys().collect();
        assert_eq!(serde_json::to_value(found).unwrap(), keys, "{tool}");
    }
    let conlleval = serde_json::to_value(compat::conlleval(&gold, &predicted).unwrap()).unwrap();
    assert_eq!((&conlleval["accuracy"], &conlleval["recall"]), (&json!(50.0), &json!(100.0)));
    assert_eq!(conlleval["per_type"]["A"]["fb1"], json!(2.0 * 50.0 * 100.0 / 150.0));
}

/// The program's published sample: 961 words and what it prints for them.
#[test]
#[ignore = "reads published corpora: set NER_ALIGN_DATA to their folder"]
fn the_conlleval_sample_prints_the_same() {
    let read = |name: &str| std::fs::read_to_string(data(&format!("conlleval/{name}"))).unwrap();
    let (columns, expected) = (read("ground_truth.txt"), read("conlleval-expected.txt"));
    let (mut gold, mut predicted) = (vec![Vec::new()], vec![Vec::new()]);
    for line in columns.lines() {
        let mut fields = line.trim().rsplit(' ');
        match (fields.next(), fields.next()) {
            (Some(p), Some(g)) => {
                predicted.last_mut().unwrap().push(p);
                gold.last_mut().unwrap().push(g);
            }
            _ => {
                predicted.push(Vec::new());
                gold.push(Vec::new());
            }
        }
    }
    let scores = compat::conlleval(&gold, &predicted).unwrap();
    assert_eq!(scores.to_string(), expected.replace('\r', ""));
    assert_eq!((scores.phrases, scores.found, scores.correct), (459, 539, 371));
}

fn legal() -> impl Strategy<Value = Vec<String>> {
    let part = (0_usize..3, 1_usize..4, prop::sample::select(vec!["A", "B-C", "D"]));
    prop::collection::vec(part, 0..5).prop_map(|parts| {
        let mut tags = vec!["O".to_owned()];
        for (gap, length, label) in parts {
            tags.extend(std::iter::repeat_n("O".to_owned(), gap));
            tags.push(format!("B-{label}"));
            tags.extend(std::iter::repeat_n(format!("I-{label}"), length - 1));
        }
        tags.resize(20, "O".to_owned());
        tags
    })
}

proptest! {
    /// Where nothing is to be interpreted, everybody says the same.
    #[test]
    fn on_legal_tags_all_agree(pairs in prop::collection::vec((legal(), legal()), 1..4)) {
        let (gold, predicted): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Strict);
        for (gold, predicted) in gold.iter().zip(&predicted) {
            let tags = |tags: &[String]| -> Vec<Tag> {
                tags.iter().map(|tag| Tag::parse(tag).unwrap()).collect()
            };
            scorer.update(&tags(gold), &tags(predicted)).unwrap();
        }
        let own = scorer.compute().scores.strict;
        let zero = |score: Option<f64>| score.unwrap_or(0.0);
        let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
        for scheme in [None, Some(Scheme::Iob2)] {
            let theirs = match scheme {
                None => compat::seqeval(&gold, &predicted).unwrap(),
                scheme => compat::seqeval_strict(&gold, &predicted, scheme).unwrap(),
            };
            for (own, theirs) in [
                (&own.micro, &theirs.micro),
                (&own.macro_, &theirs.macro_),
                (&own.weighted, &theirs.weighted),
            ] {
                prop_assert!(close(zero(own.precision), zero(theirs.precision)));
                prop_assert!(close(zero(own.recall), zero(theirs.recall)));
                prop_assert!(close(zero(own.f1), zero(theirs.f1)));
            }
        }
        let conlleval = compat::conlleval(&gold, &predicted).unwrap();
        prop_assert!(close(100.0 * zero(own.micro.f1), conlleval.fb1));
        let nervaluate = compat::nervaluate(&gold, &predicted).unwrap();
        prop_assert_eq!(nervaluate.overall.strict.correct, own.micro.correct);
        prop_assert!(close(nervaluate.overall.strict.f1, zero(own.micro.f1)));
        let spacy = compat::spacy(&gold, &predicted).unwrap();
        prop_assert!(close(zero(spacy.ents_f), zero(own.micro.f1)));
    }
}
