//! Hand-computed scores.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{entities, scored, tags};
use ner_align_core::{DecodeMode, Metric, Scheme};
use ner_align_metrics::{ErrorCounts, Measure, MetricsError, Scorer, Scores};

/// Gold, predicted, and `correct/incorrect/partial/missed/spurious` of strict, exact, partial, type.
const SEMEVAL: &[(&str, &str, [&str; 4])] = &[
    ("B-A I-A", "B-A I-A", ["1/0/0/0/0", "1/0/0/0/0", "1/0/0/0/0", "1/0/0/0/0"]),
    ("B-A I-A", "B-B I-B", ["0/1/0/0/0", "1/0/0/0/0", "1/0/0/0/0", "0/1/0/0/0"]),
    ("B-A I-A", "B-A O", ["0/1/0/0/0", "0/1/0/0/0", "0/0/1/0/0", "1/0/0/0/0"]),
    ("B-A I-A", "B-B O", ["0/1/0/0/0", "0/1/0/0/0", "0/0/1/0/0", "0/1/0/0/0"]),
    ("O O", "B-A O", ["0/0/0/0/1"; 4]),
    ("O B-A", "O O", ["0/0/0/1/0"; 4]),
    // One prediction over two gold entities: one pair, one missed.
    ("B-A B-A", "B-A I-A", ["0/1/0/1/0", "0/1/0/1/0", "0/0/1/1/0", "1/0/0/1/0"]),
    // Two predictions over one gold entity: the better type answers for it, in any order.
    ("B-A I-A I-A", "B-B I-B B-A", ["0/1/0/0/1", "0/1/0/0/1", "0/0/1/0/1", "1/0/0/0/1"]),
    ("B-A I-A I-A", "B-A B-B I-B", ["0/1/0/0/1", "0/1/0/0/1", "0/0/1/0/1", "1/0/0/0/1"]),
    // A chain: most pairs for boundaries, most equal types for types.
    (
        "B-A I-A B-B I-B O",
        "O B-B I-B B-A I-A",
        ["0/2/0/0/0", "0/2/0/0/0", "0/0/2/0/0", "1/0/0/1/1"],
    ),
    ("O", "O", ["0/0/0/0/0"; 4]),
];

#[test]
fn semeval_counts() {
    for (gold, predicted, expected) in SEMEVAL {
        let scores = scored(&[(gold, predicted)]);
        let measures = [Measure::Strict, Measure::Exact, Measure::Partial, Measure::Type];
        for (measure, expected) in measures.into_iter().zip(expected) {
            let row = &scores.measure(measure).micro;
            let counts = row.semeval.unwrap();
            let found = format!(
                "{}/{}/{}/{}/{}",
                row.correct, counts.incorrect, counts.partial, counts.missed, counts.spurious
            );
            assert_eq!(found, *expected, "{measure:?} of {gold} against {predicted}");
        }
    }
}

/// Gold, predicted, and boundary, type, both, missed, spurious, merged, split.
const ERRORS: &[(&str, &str, [u64; 7])] = &[
    ("B-A I-A", "B-A O", [1, 0, 0, 0, 0, 0, 0]),
    ("B-A I-A", "B-B I-B", [0, 1, 0, 0, 0, 0, 0]),
    ("B-A I-A", "B-B O", [0, 0, 1, 0, 0, 0, 0]),
    ("B-A O", "O B-A", [0, 0, 0, 1, 1, 0, 0]),
    ("B-A B-A", "B-A I-A", [1, 0, 0, 0, 0, 1, 0]),
    ("B-A I-A I-A", "B-A O B-A", [1, 0, 0, 0, 0, 0, 1]),
    ("B-A I-A I-A I-A I-A", "B-A O B-A O B-B", [1, 0, 0, 0, 0, 0, 2]),
];

#[test]
fn every_error_is_counted_once() {
    for (gold, predicted, expected) in ERRORS {
        let scores = scored(&[(gold, predicted)]);
        let ErrorCounts {
            boundary,
            entity_type,
            boundary_and_type,
            missed,
            spurious,
            merged,
            split,
            ..
        } = scores.errors;
        let found = [boundary, entity_type, boundary_and_type, missed, spurious, merged, split];
        assert_eq!(found, *expected, "{gold} against {predicted}");
    }
}

#[test]
fn relaxed_is_the_share_of_entity_words() {
    let scores = scored(&[("B-LOC I-LOC I-LOC I-LOC", "B-LOC I-LOC O B-LOC")]);
    let row = &scores.relaxed().micro;
    assert_eq!((row.precision, row.recall), (Some(1.0), Some(0.75)));
    assert_eq!((row.support, row.predicted, row.correct), (4, 3, 3));
    assert_eq!(scores.token_accuracy, Some(0.5));
}

#[test]
fn types_are_charged_to_gold_and_predictions_to_their_own() {
    // Gold A twice, predicted A and B on the same words.
    let scores = scored(&[("B-A O B-A", "B-A O B-B")]);
    let exact = scores.exact();
    let (a, b) = (&exact.per_type["A"], &exact.per_type["B"]);
    assert_eq!((a.correct, a.support, a.predicted), (2, 2, 1));
    assert_eq!((b.correct, b.support, b.predicted), (0, 0, 1));
    assert_eq!((a.precision, a.recall), (Some(1.0), Some(1.0)));
    assert_eq!((b.precision, b.recall, b.f1), (Some(1.0), None, Some(0.0)));
    assert_eq!(b.undefined["recall"], "no gold entities");
    let strict = scores.strict();
    assert_eq!(strict.per_type["A"].f1, Some(2.0 / 3.0));
    assert_eq!(strict.macro_.f1, Some(1.0 / 3.0));
    assert_eq!(strict.weighted.f1, Some(2.0 / 3.0));
    assert_eq!(strict.micro.f1, Some(0.5));
    assert_eq!(scores.value("strict.B.recall"), Some(None));
}

#[test]
fn the_confusions_have_gold_rows() {
    let scores = scored(&[("B-A I-A O B-B", "B-A O O B-A"), ("B-B O", "O B-A")]);
    assert_eq!(scores.confusion.labels(), ["O", "B-A", "I-A", "B-B"]);
    assert_eq!(scores.confusion.matrix(), [[1, 1, 0, 0], [0, 1, 0, 0], [1, 0, 0, 0], [1, 1, 0, 0]]);
    assert_eq!(scores.entity_confusion.labels(), ["A", "B", "none"]);
    assert_eq!(scores.entity_confusion.matrix(), [[1, 0, 0], [1, 0, 1], [1, 0, 0]]);
}

#[test]
fn missing_is_not_scored() {
    let scores = scored(&[("B-A - O B-B", "B-A I-A O -")]);
    assert_eq!((scores.tokens, scores.unannotated_tokens), (3, 1));
    assert_eq!(scores.unscored_predictions, 1);
    assert_eq!((scores.gold_entities, scores.predicted_entities), (2, 0));
    // B-A and O are right, the predicted missing tag reads as O.
    assert_eq!(scores.token_accuracy, Some(2.0 / 3.0));
    assert_eq!(scores.confusion.labels(), ["O", "B-A", "B-B"]);
}

#[test]
fn strict_decoding_drops_what_the_scheme_forbids() {
    for (mode, predicted) in [(DecodeMode::Lenient, 1), (DecodeMode::Strict, 0)] {
        let mut scorer = Scorer::new(Scheme::Iob2, mode);
        scorer.update(&tags("B-A I-A O"), &tags("I-A I-A O")).unwrap();
        assert_eq!(scorer.compute().predicted_entities, predicted, "{mode:?}");
    }
}

#[test]
fn nothing_to_score_is_null_with_a_reason() {
    for pairs in [&[][..], &[("", "")], &[("O O", "O O")]] {
        let scores = scored(pairs);
        for measure in Measure::ALL {
            let averages = scores.measure(measure);
            for row in [&averages.micro, &averages.macro_, &averages.weighted] {
                assert_eq!((row.precision, row.recall, row.f1), (None, None, None));
                assert_eq!(row.undefined.len(), 3);
            }
        }
    }
    assert_eq!(scored(&[]).undefined["token_accuracy"], "no words with tags");
}

#[test]
fn nested_entities() {
    let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient);
    let gold = entities("A:0-5 B:1-3 B:1-3 C:1-3");
    let predicted = entities("C:1-3 A:0-4 B:1-2");
    scorer.update_entities(&gold, &predicted, 5).unwrap();
    let scores = scorer.compute();
    assert_eq!((scores.gold_entities, scores.predicted_entities), (3, 3));
    assert_eq!(scores.strict().micro.correct, 1);
    assert_eq!(scores.partial().micro.semeval.unwrap().partial, 2);
    assert_eq!(scores.entity_type().micro.correct, 3);
    // Words of A 5, B 2, C 2; predicted 4, 1, 2, all of them right.
    let relaxed = &scores.relaxed().micro;
    assert_eq!((relaxed.support, relaxed.predicted, relaxed.correct), (9, 7, 7));
    assert_eq!((scores.tokens, scores.token_accuracy), (5, None));
}

#[test]
fn unequal_sides_are_refused() {
    let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient);
    for (gold, predicted) in [("B-A O", "B-A"), ("O", "O B-A")] {
        let (gold, predicted) = (tags(gold), tags(predicted));
        let (gold_tags, predicted_tags) = (gold.len(), predicted.len());
        let refused = MetricsError::LengthMismatch {
            sentence: 0,
            gold: gold_tags,
            predicted: predicted_tags,
        };
        assert_eq!(scorer.update(&gold, &predicted), Err(refused));
        assert_eq!(scorer.compute().sentences, 0);
    }
}

#[test]
fn entities_outside_the_words_are_refused() {
    let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient);
    for text in ["A:0-3", "A:1-1", "A:2-1"] {
        let error = scorer.update_entities(&[], &entities(text), 2).unwrap_err();
        assert!(matches!(error, MetricsError::EntityOutOfRange { words: 2, .. }), "{error}");
    }
    assert_eq!(scorer.compute().sentences, 0);
}

#[test]
fn a_great_many_types_are_summed() {
    let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient);
    for i in 0..3000 {
        let gold = tags(&format!("B-{i} O"));
        let missed = tags("O O");
        scorer.update(&gold, if i % 2 == 0 { &gold } else { &missed }).unwrap();
        if i < 10 {
            scorer.update(&gold, &gold).unwrap();
        }
    }
    let scores = scorer.compute();
    for matrix in [&scores.confusion, &scores.entity_confusion] {
        assert!(matrix.labels().len() <= 1001);
        assert!(matrix.labels().contains(&"other labels".to_owned()));
    }
    assert_eq!(scores.entity_confusion.total(), 3010);
    assert_eq!(scores.confusion.total(), scores.tokens);
    let last = scores.entity_confusion.labels().last();
    assert_eq!(last.map(String::as_str), Some(ner_align_metrics::NO_ENTITY));
    assert_eq!(scores.strict().per_type.len(), 3000);
}

#[test]
fn rows_of_types_are_at_most_ten_thousand_and_averages_are_of_all() {
    let types = 10_005;
    let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient);
    for i in 0..types {
        let (gold, missed) = (tags(&format!("B-{i} O")), tags("O O"));
        // The first five come twice, so that they have rows; every third one is found.
        for _ in 0..1 + usize::from(i < 5) {
            scorer.update(&gold, if i % 3 == 0 { &gold } else { &missed }).unwrap();
        }
    }
    let scores = scorer.compute();
    let strict = scores.strict();
    assert_eq!(strict.per_type.len(), 10_001);
    let others = &strict.per_type[ner_align_metrics::OTHER_LABELS];
    assert_eq!(others.support, 5);
    assert_eq!(strict.per_type.values().map(|row| row.support).sum::<u64>(), strict.micro.support);
    assert!((0..5).all(|i| strict.per_type[&i.to_string()].support == 2));
    let found = (types as f64 / 3.0).ceil();
    assert!((strict.macro_.f1.unwrap() - found / types as f64).abs() < 1e-9);
    let table = ner_align_metrics::report::table(&scores);
    assert!(table.contains("and 9001 more types, with fewer entities"), "{}", table.len());
    assert!(scorer.memory_usage() > 1_000_000 && scorer.memory_usage() < 128_000_000);
}

#[test]
fn documents_are_counted() {
    let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient);
    assert_eq!(scorer.compute().documents, 0);
    scorer.update(&tags("O"), &tags("O")).unwrap();
    assert_eq!(scorer.compute().documents, 1);
    scorer.end_document();
    assert_eq!(scorer.compute().documents, 1);
    scorer.update(&tags("O"), &tags("O")).unwrap();
    assert_eq!(scorer.compute().documents, 2);
}

#[test]
fn json_has_the_contract_s_names_and_reads_back() {
    let scores = scored(&[("B-A I-A O B-B", "B-A O O B-A"), ("B-B O", "O O")]);
    let json = serde_json::to_value(&scores).unwrap();
    for name in ["documents", "sentences", "tokens", "gold_entities", "predicted_entities"] {
        assert!(json[name].is_u64(), "{name}");
    }
    assert!(json["token_accuracy"].is_f64());
    for measure in Measure::ALL {
        let averages = &json["scores"][measure.as_str()];
        for row in ["micro", "macro", "weighted"].map(|row| &averages[row]) {
            for name in ["support", "predicted", "correct"] {
                assert!(row[name].is_u64(), "{measure:?} {name}");
            }
            for name in ["incorrect", "partial", "missed", "spurious", "actual", "possible"] {
                assert_eq!(row[name].is_u64(), measure != Measure::Relaxed, "{measure:?} {name}");
            }
        }
        assert!(averages["per_type"]["A"]["f1"].is_f64());
    }
    assert_eq!(json["scores"]["strict"]["per_type"]["B"]["precision"], serde_json::Value::Null);
    assert_eq!(
        json["scores"]["strict"]["per_type"]["B"]["undefined"]["precision"],
        "no predicted entities"
    );
    assert_eq!(json["confusion"]["labels"][0], "O");
    assert_eq!(json["entity_confusion"]["matrix"][1][2], 1);
    assert_eq!(json["errors"]["type"], 1);
    let back: Scores = serde_json::from_value(json).unwrap();
    assert_eq!(back, scores);
}
