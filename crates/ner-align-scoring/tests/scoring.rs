//! Two corpora, from paths and from memory.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;

use ner_align_core::{DecodeMode, Document, Metric, Scheme, Score, Tag};
use ner_align_corpus::{ErrorKind, Input, ReadOptions};
use ner_align_metrics::compat::Tool;
use ner_align_metrics::{MetricsError, Scorer};
use ner_align_scoring::{ConfusionPicture, Scoring, ScoringError};

/// Sentences of `word/tag`, one a line.
fn document(text: &str, scheme: Scheme) -> Document {
    let mut builder = Document::builder();
    let mut tags = Vec::new();
    for line in text.lines() {
        for pair in line.split(' ') {
            let (word, tag) = pair.split_once('/').unwrap();
            builder.push_word(word);
            tags.push(Tag::parse(tag).unwrap());
        }
        builder.end_sentence();
    }
    builder.tagged(tags, scheme).unwrap()
}

const GOLD: &str = "Ada/B-PER L./I-PER in/O Oslo/B-LOC\nRome/B-LOC";
const PREDICTED: &str = "Ada/B-PER L./I-PER in/O Oslo/B-PER\nRome/O";

/// Two of three scored predictions are right; those at unannotated words and those without a score
/// do not count.
#[test]
fn scores_of_predictions_against_their_precision() {
    let gold = document("Ada/B-PER L./I-PER in/O Oslo/B-LOC\nRome/B-LOC X/-", Scheme::Iob2);
    let mut predicted =
        document("Ada/B-PER L./I-PER in/B-LOC Oslo/B-LOC\nRome/B-LOC X/B-LOC", Scheme::Iob2);
    predicted.set_scores([0.95, 0.45, 0.85, -1.0, 0.5].map(Score::new));
    let outcome = Scoring::of(vec![gold.clone()], vec![predicted]).run().unwrap();
    let reliability = outcome.reliability.as_ref().unwrap();
    let bins: Vec<_> = reliability.bins.iter().filter(|bin| bin.count > 0).collect();
    let counted: Vec<_> = bins.iter().map(|bin| (bin.lower, bin.count, bin.correct)).collect();
    assert_eq!(counted, [(0.4, 1, 0), (0.8, 1, 1), (0.9, 1, 1)]);
    let error = reliability.expected_calibration_error().unwrap();
    assert!((error - (0.45 + 0.15 + 0.05) / 3.0).abs() < 1e-6, "{error}");
    assert_eq!(outcome.json(false).unwrap()["reliability"]["expected_calibration_error"], error);
    assert!(outcome.to_string().contains("expected calibration error 0.217"), "{outcome}");
    let page = outcome.page_with(&[("Training", "<svg><title>curves</title></svg>")]);
    for part in ["Precision by score", "reliability-bar", "<h2>Training</h2>", "<title>curves"] {
        assert!(page.contains(part), "{part}");
    }
    // Without scores there is nothing to say.
    let outcome = Scoring::of(vec![gold.clone()], vec![gold]).run().unwrap();
    assert!(outcome.reliability.is_none());
    assert!(outcome.json(false).unwrap().get("reliability").is_none());
}

#[test]
fn documents_and_files_give_the_same_scores() {
    let (gold, predicted) = (document(GOLD, Scheme::Iob2), document(PREDICTED, Scheme::Iob2));
    // Documents may end elsewhere on the other side.
    let parts: Vec<Document> = PREDICTED.lines().map(|line| document(line, Scheme::Iob2)).collect();
    let in_memory = Scoring::of(vec![gold], parts).run().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text.replace(' ', "\n").replace('/', "\t").replace("Rome", "\nRome"))
            .unwrap();
        path
    };
    let (gold, other) = (file("gold.conll", GOLD), file("predicted.conll", PREDICTED));
    let from_files = Scoring::of(&gold, &other)
        .versus(vec![predicted])
        .bootstrap(10)
        .compat([Tool::Seqeval])
        .training([&gold])
        .run()
        .unwrap();
    let compared = Scoring::of(&gold, &other).versus(&other).run().unwrap();
    assert!(compared.bootstrap.is_none());
    assert_eq!(compared.versus.unwrap().f1.p_value, Some(1.0));
    assert_eq!(in_memory.scores.strict(), from_files.scores.strict());
    assert_eq!(in_memory.scores.strict().micro.f1, Some(0.4));
    assert_eq!(in_memory.gold_name, "documents in memory");
    assert_eq!(from_files.versus.unwrap().differing_units, 0);
    let text = from_files.to_string();
    for part in ["micro avg", "as seqeval prints it", "familiarity", "resamples of 2 sentences"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(from_files.page().contains("predicted.conll against gold.conll"));
    assert!(from_files.json(false).unwrap()["analysis"]["errors"].is_null());
    assert!(from_files.json(true).unwrap()["analysis"]["errors"].is_array());
}

#[test]
fn a_document_scores_the_same_by_itself_and_as_a_corpus() {
    let texts = ["a/I-A b/I-A c/B-A", "a/B-A b/I-B c/O", "a/U-A b/B-A c/L-A", "a/B-A b/- c/I-A"];
    for own in [Scheme::Io, Scheme::Iob1, Scheme::Iob2, Scheme::Ioe2, Scheme::Biluo] {
        for mode in [DecodeMode::Lenient, DecodeMode::Strict] {
            for scheme in [Scheme::Iob2, Scheme::Biluo] {
                for (gold, predicted) in texts.iter().zip(texts.iter().rev()) {
                    let (gold, predicted) = (document(gold, own), document(predicted, own));
                    let mut scorer = Scorer::new(scheme, mode);
                    scorer.update_document(&gold, &predicted).unwrap();
                    let scoring = Scoring::of(vec![gold], vec![predicted]);
                    let outcome = scoring.scheme(scheme).mode(mode).run().unwrap();
                    assert_eq!(outcome.scores, scorer.compute(), "{own} {scheme} {mode:?}");
                }
            }
        }
    }
}

#[test]
fn what_was_read_otherwise_than_written_is_a_value() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gold.conll");
    fs::write(&path, "Ada\tB-PER\nOslo\tLOC\n").unwrap();
    let outcome = Scoring::of(&path, &path).run().unwrap();
    assert_eq!(outcome.findings.len(), 2);
    assert!(outcome.findings.iter().all(|source| !source.counts.is_empty()));
    // Both columns of one file: what is said of it is said once.
    fs::write(&path, "Ada\tB-PER\tB-PER\nOslo\tLOC\tLOC\n").unwrap();
    let outcome = Scoring::of_columns(&path).run().unwrap();
    assert_eq!(outcome.findings.len(), 1);
}

#[test]
fn faults_have_a_place_and_a_hint() {
    let gold = || Input::documents("gold", vec![document(GOLD, Scheme::Iob2)]);
    for (predicted, expected) in [
        ("Ada/B-PER", "predicted: expected \"L.\" as at gold, found the end of the sentence"),
        ("Ada/O L/O in/O Oslo/O", "predicted: expected \"L.\" as at gold, found \"L\""),
        (
            "Ada/O L./O in/O Oslo/O",
            "gold: expected as many sentences as in predicted, found one more here",
        ),
    ] {
        let predicted = Input::documents("predicted", vec![document(predicted, Scheme::Iob2)]);
        let error = Scoring::of(gold(), predicted).run().unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.kind(), ErrorKind::Input);
        assert!(error.hint().is_some());
    }
    for scoring in [
        Scoring::of(gold(), gold()).bootstrap(0),
        Scoring::of(gold(), gold()).beta(0.0),
        Scoring::of(gold(), gold()).min_overlap(2.0),
    ] {
        let error = scoring.run().unwrap_err();
        assert!(matches!(error, ScoringError::Metrics(MetricsError::Option { .. })), "{error}");
        assert_eq!(error.kind(), ErrorKind::Usage);
    }
    assert!(matches!(Scoring::of("-", "-").run(), Err(ScoringError::StandardInput)));
    assert!(matches!(ConfusionPicture::new("c.jpg"), Err(ScoringError::PictureName { .. })));
    let overlapping = {
        let mut builder = Document::builder();
        ["a", "b"].iter().for_each(|word| builder.push_word(word));
        let label = ner_align_core::Label::new("A").unwrap();
        let entity = |start, end| ner_align_core::Entity::new(start, end, label.clone());
        let mut document = builder.untagged();
        document.set_entities(vec![entity(0, 2), entity(1, 2)]).unwrap();
        document
    };
    let error = Scoring::of(vec![overlapping.clone()], vec![overlapping]).run().unwrap_err();
    assert!(matches!(error, ScoringError::Annotation { .. }), "{error}");
}

/// Labels, errors, tags as they are spelled, training entities: whatever grows has the same limit.
#[test]
fn what_is_counted_has_a_limit() {
    let corpus = |tag: &dyn Fn(usize) -> String| {
        let rows: Vec<String> = (0..20_000).map(|i| format!("w{i}/{}", tag(i))).collect();
        document(&rows.join("\n"), Scheme::Iob2)
    };
    let labels = corpus(&|i| format!("B-X{i}"));
    let (one, none) = (corpus(&|_| "B-X".to_owned()), corpus(&|_| "O".to_owned()));
    let scoring = |gold: &Document, predicted: &Document, max_memory| {
        Scoring::of(vec![gold.clone()], vec![predicted.clone()])
            .read_options(ReadOptions::default().with_max_memory(max_memory))
    };
    let small = 4 << 20;
    assert!(scoring(&one, &none, small).run().is_ok());
    for (name, scoring) in [
        ("labels", scoring(&labels, &none, small)),
        ("errors", scoring(&one, &none, small).analyze()),
        ("compat", scoring(&one, &none, small).compat([Tool::Seqeval])),
        ("training", scoring(&one, &none, small).training([vec![labels.clone()]])),
    ] {
        let error = scoring.run().unwrap_err();
        let expected = "MiB of memory, found more, with ";
        assert!(error.to_string().contains(expected), "{name}: {error}");
        assert!(error.hint().unwrap().contains("`max_memory`"), "{name}");
    }
    let few = scoring(&one, &none, small).analyze().max_errors(10).run().unwrap();
    let analysis = few.analysis.as_ref().unwrap();
    assert_eq!((analysis.errors.len(), analysis.error_count()), (10, 20_000));
    assert!(few.page().contains("The first 10 of 20000 errors."));
}
