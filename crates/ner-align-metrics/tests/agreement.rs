//! Agreement against published examples.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::tags;
use ner_align_core::{DecodeMode, Scheme, Tag};
use ner_align_metrics::agreement::{Agreement, AgreementScores, cohen_kappa};
use ner_align_metrics::{ConfusionMatrix, Gold, MetricsError, Predicted};
use proptest::prelude::*;

/// One string an annotator, a character a word: a digit is a type, `.` is `O`, `*` is open.
fn agreement(annotators: &[&str]) -> AgreementScores {
    let tag = |c: char| match c {
        '.' => Tag::Outside,
        '*' => Tag::Missing,
        _ => Tag::parse(&format!("I-{c}")).unwrap(),
    };
    let tags: Vec<Vec<Tag>> = annotators.iter().map(|a| a.chars().map(tag).collect()).collect();
    let mut agreement = Agreement::new(tags.len(), Scheme::Io, DecodeMode::Lenient);
    let tags: Vec<&[Tag]> = tags.iter().map(Vec::as_slice).collect();
    agreement.add_sentence(&tags).unwrap();
    agreement.scores()
}

#[test]
fn cohen_of_a_grant_panel() {
    // 50 proposals, 20 accepted and 15 refused by both, 5 and 10 by one: kappa 0.4.
    let mut builder = ConfusionMatrix::builder(["yes", "no"]);
    for (gold, predicted, count) in [(0, 0, 20), (0, 1, 5), (1, 0, 10), (1, 1, 15)] {
        for _ in 0..count {
            builder = builder.count_ids(Gold(gold), Predicted(predicted)).unwrap();
        }
    }
    assert!((cohen_kappa(&builder.build()).unwrap() - 0.4).abs() < 1e-12);
}

#[test]
fn fleiss_of_fourteen_raters() {
    // Ten subjects in five categories (Fleiss 1971's layout): kappa 0.210.
    let subjects = [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ];
    let mut raters = vec![String::new(); 14];
    for subject in subjects {
        let ratings: String =
            subject.iter().enumerate().map(|(c, &n)| c.to_string().repeat(n)).collect();
        for (rater, rating) in raters.iter_mut().zip(ratings.chars()) {
            rater.push(rating);
        }
    }
    let raters: Vec<&str> = raters.iter().map(String::as_str).collect();
    let scores = agreement(&raters);
    assert!((scores.types.fleiss_kappa.unwrap() - 0.210).abs() < 0.0005);
    assert!((scores.types.observed.unwrap() - 0.378).abs() < 0.0005);
}

#[test]
fn krippendorff_with_gaps() {
    // Three coders, fifteen units, values missing: nominal alpha 0.691.
    let scores = agreement(&["*****34121133*3", "1*213343*******", "**21344*21133*4"]);
    assert!((scores.types.krippendorff_alpha.unwrap() - 0.691).abs() < 0.0005);
}

#[test]
fn pairs_and_open_words() {
    let scores = agreement(&["1.2.", "1.3.", "*.2."]);
    let f1: Vec<Option<f64>> = scores.pairs.iter().map(|pair| pair.f1).collect();
    assert_eq!(f1, [Some(0.5), Some(1.0), Some(0.0)]);
    assert_eq!(scores.mean_f1, Some(0.5));
    assert_eq!(scores.entity_words.words, 2);
    assert_eq!((scores.types.words, scores.annotators), (4, 3));
}

#[test]
fn what_has_no_answer_says_why() {
    let scores = agreement(&["...", "..."]);
    assert_eq!(scores.types.observed, Some(1.0));
    assert_eq!(scores.types.undefined["krippendorff_alpha"], "one category only");
    assert_eq!(scores.types.undefined["fleiss_kappa"], "one category only");
    assert_eq!(scores.pairs[0].undefined["kappa"], "one category only");
    assert_eq!(scores.entity_words.undefined["observed"], "no word with two annotations");
    let mut agreement = Agreement::new(2, Scheme::Iob2, DecodeMode::Lenient);
    assert!(matches!(agreement.add_sentence(&[&tags("O")]), Err(MetricsError::Shape { .. })));
    assert!(matches!(
        agreement.add_sentence(&[&tags("O"), &tags("O O")]),
        Err(MetricsError::LengthMismatch { .. })
    ));
}

proptest! {
    #[test]
    fn the_order_of_annotators_does_not_matter(
        rows in prop::collection::vec("[.12*]{8}", 2..5)
    ) {
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let mut reversed = rows.clone();
        reversed.reverse();
        let (a, b) = (agreement(&rows), agreement(&reversed));
        prop_assert_eq!(&a.tags, &b.tags);
        prop_assert_eq!(&a.entity_words, &b.entity_words);
        let close = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => (a - b).abs() < 1e-12,
            (a, b) => a == b,
        };
        prop_assert!(close(a.mean_f1, b.mean_f1));
        prop_assert!(a.types.observed.is_none_or(|share| (0.0..=1.0).contains(&share)));
        prop_assert!(a.types.fleiss_kappa.is_none_or(|kappa| kappa <= 1.0 + 1e-12));
    }
}
