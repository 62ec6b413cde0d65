//! Two lists of tags to scores in one call, and documents by the same rule.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::tags;
use ner_align_core::{DecodeMode, Document, Metric, Scheme, Tag};
use ner_align_metrics::compat::CompatError;
use ner_align_metrics::{MetricsError, Scorer, score_tags, scored_tags};

#[test]
fn whatever_holds_tags_is_scored_alike() {
    let texts = ["B-A I-A O", "B-B"];
    let gold: Vec<Vec<&str>> = texts.iter().map(|text| text.split(' ').collect()).collect();
    let owned: Vec<Vec<String>> =
        gold.iter().map(|tags| tags.iter().map(|&tag| tag.to_owned()).collect()).collect();
    let parsed: Vec<Vec<Tag>> = texts.iter().map(|text| tags(text)).collect();
    let predicted = vec![vec!["B-A", "O", "O"], vec!["B-B"]];
    let expected = score_tags(&gold, &predicted, Scheme::Iob2).unwrap();
    assert_eq!(expected.strict().micro.f1, Some(0.5));
    assert_eq!(expected.scores().sentences, 2);
    for scores in [
        score_tags(&owned, &predicted, Scheme::Iob2).unwrap(),
        score_tags(&parsed, &predicted, Scheme::Iob2).unwrap(),
        score_tags(&[&gold[0][..], &gold[1][..]], &predicted[..], Scheme::Iob2).unwrap(),
    ] {
        assert_eq!(scores.scores(), expected.scores());
        for tool in ["seqeval", "seqeval-strict", "conlleval", "nervaluate", "spacy"] {
            assert_eq!(scores.compat(tool).unwrap(), expected.compat(tool).unwrap());
        }
    }
    let table = expected.to_string();
    for row in ["precision    recall  f1-score   support", "micro avg", "weighted avg"] {
        assert!(table.contains(row), "{table}");
    }
    let error = expected.compat("sklearn").unwrap_err();
    assert_eq!(error, CompatError::UnknownTool { found: "sklearn".to_owned() });
}

#[test]
fn other_tools_read_the_spellings_that_were_given() {
    let biluo = [["U-A", "U-A"]];
    let scores = score_tags(&biluo, &biluo, Scheme::Biluo).unwrap();
    assert_eq!(scores.strict().micro.support, 2);
    let ner_align_metrics::compat::CompatScores::Seqeval(seqeval) =
        scores.compat("seqeval").unwrap()
    else {
        panic!("seqeval's scores are of its own kind");
    };
    // seqeval does not know U: two tags of one type are one entity.
    assert_ne!(seqeval.micro.support, 2);
}

#[test]
fn faults_name_their_place() {
    let gold = [vec!["B-A", "O"], vec!["O", "B-A"]];
    for (predicted, expected) in [
        (vec![vec!["O", "O"]], "expected 2 predicted sentences as in gold, found 1"),
        (
            vec![vec!["O", "O"], vec!["O"]],
            "sentence 1: expected 2 predicted tags as in gold, found 1",
        ),
        (
            vec![vec!["O", "O"], vec!["O", "PER"]],
            "predicted sentence 1, word 1: expected a tag such as O or B-PER, found \"PER\"",
        ),
    ] {
        let error = score_tags(&gold, &predicted, Scheme::Iob2).unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert!(error.hint().is_some(), "{error}");
    }
    let error = score_tags(&[["x"]], &[["O"]], Scheme::Iob2).unwrap_err();
    assert!(matches!(error, MetricsError::Tag { side: "gold", sentence: 0, word: 0, .. }));
}

fn document(text: &str, scheme: Scheme) -> Document {
    let tags = tags(text);
    let mut builder = Document::builder();
    tags.iter().for_each(|_| builder.push_word("w"));
    builder.end_sentence();
    builder.tagged(tags, scheme).unwrap()
}

#[test]
fn documents_are_scored_by_the_rule_of_tags() {
    // (tags, their scheme, the tags that are scored strictly in IOB2)
    for (text, own, expected) in [
        // Nothing tells IOB1 from a faulty IOB2, so that the tags stay.
        ("I-A I-A O", Scheme::Iob1, "I-A I-A O"),
        ("B-A I-B O", Scheme::Iob2, "B-A I-B O"),
        ("I-A - O", Scheme::Io, "I-A - O"),
        ("U-A B-A L-A -", Scheme::Biluo, "B-A B-A I-A -"),
        // An entity that BILUO does not allow is no entity under strict decoding.
        ("B-A I-A O", Scheme::Biluo, "O O O"),
        ("I-A E-A O", Scheme::Ioe2, "B-A I-A O"),
    ] {
        let document = document(text, own);
        let scored = scored_tags(&document, Scheme::Iob2, DecodeMode::Strict).unwrap();
        assert_eq!(*scored, tags(expected), "{text}");
        let mut by_document = Scorer::new(Scheme::Iob2, DecodeMode::Strict);
        let mut by_tags = by_document.clone();
        by_document.update_document(&document, &document).unwrap();
        by_tags.update(&scored, &scored).unwrap();
        assert_eq!(by_document.compute(), by_tags.compute(), "{text}");
    }
}
