//! Confusion matrices from words, packed rows and padded arrays.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::tags;
use ndarray::{Array2, arr2};
use ner_align_core::{Label, LabelSet, Scheme};
use ner_align_metrics::{ConfusionMatrix, Gold, Mask, MetricsError, Predicted, report};

fn labels() -> LabelSet {
    LabelSet::new(Label::new("A"), Scheme::Iob2)
}

/// Gold O B I I against predicted B B O O: by hand, rows gold.
const BY_HAND: [[u64; 3]; 3] = [[0, 1, 0], [0, 1, 0], [2, 0, 0]];

#[test]
fn every_way_in_has_gold_rows() {
    let (gold, predicted) = (tags("O B-A I-A I-A"), tags("B-A B-A O O"));
    let words = ConfusionMatrix::from_words(Scheme::Iob2, Gold(&gold), Predicted(&predicted));
    assert_eq!(words.unwrap().matrix(), BY_HAND);

    let (targets, ids) = ([-100, 0, 1, 2, 2, -100], [2, 1, 1, 0, 0, 1]);
    let packed = ConfusionMatrix::from_packed(&labels(), Gold(&targets), Predicted(&ids));
    assert_eq!(packed.unwrap().matrix(), BY_HAND);

    let mut logits = Array2::from_elem((6, 3), -1.0_f32);
    for (row, &id) in ids.iter().enumerate() {
        logits[(row, id as usize)] = 2.5;
    }
    let from_logits =
        ConfusionMatrix::from_packed_logits(&labels(), Gold(&targets), Predicted(logits.view()));
    assert_eq!(from_logits.unwrap().matrix(), BY_HAND);

    // Padding carries what looks like a label; the mask hides it.
    let targets = arr2(&[[0, 1, 0], [2, 2, 0]]);
    let ids = arr2(&[[1, 1, 2], [0, 0, 1]]);
    let mask = arr2(&[[1, 1, 0], [1, 1, 0]]);
    let padded = ConfusionMatrix::from_padded_masked(
        &labels(),
        Gold(targets.view()),
        Predicted(ids.view()),
        Mask::new(mask.view()).unwrap(),
    );
    assert_eq!(padded.unwrap().matrix(), BY_HAND);

    let ignoring = arr2(&[[0, 1, -100], [2, 2, -100]]);
    let padded = ConfusionMatrix::from_padded_ignoring(
        &labels(),
        Gold(ignoring.view()),
        Predicted(ids.view()),
    );
    assert_eq!(padded.unwrap().matrix(), BY_HAND);
}

#[test]
fn faults_are_told() {
    let labels = labels();
    let shape = ConfusionMatrix::from_packed(&labels, Gold(&[0, 1]), Predicted(&[0])).unwrap_err();
    assert_eq!(shape.to_string(), "predicted: expected shape [2], found [1]");
    let class = ConfusionMatrix::from_packed(&labels, Gold(&[0, 3]), Predicted(&[0, 0]));
    assert_eq!(class, Err(MetricsError::UnknownClass { position: 1, found: 3, classes: 3 }));
    let class = ConfusionMatrix::from_packed(&labels, Gold(&[0]), Predicted(&[-100]));
    assert_eq!(class, Err(MetricsError::UnknownClass { position: 0, found: -100, classes: 3 }));
    let mask = arr2(&[[1, 2]]);
    assert_eq!(Mask::new(mask.view()).unwrap_err(), MetricsError::Mask { position: 1, found: 2 });
    let name = ConfusionMatrix::builder(["O"]).count(Gold("O"), Predicted("B-X")).unwrap_err();
    assert_eq!(name.to_string(), "expected one of the matrix's labels, found \"B-X\"");
    assert!(ConfusionMatrix::builder(["O"]).count_ids(Gold(1), Predicted(0)).is_err());
}

#[test]
fn missing_gold_words_are_not_counted() {
    let (gold, predicted) = (tags("- O B-A"), tags("B-A - B-A"));
    let matrix =
        ConfusionMatrix::from_words(Scheme::Iob2, Gold(&gold), Predicted(&predicted)).unwrap();
    assert_eq!(matrix.labels(), ["O", "B-A"]);
    assert_eq!(matrix.matrix(), [[1, 0], [0, 1]]);
}

#[test]
fn a_wide_matrix_fits_a_terminal() {
    let names: Vec<String> = (0..40).map(|i| format!("B-A_RATHER_LONG_ENTITY_TYPE_{i}")).collect();
    let mut builder = ConfusionMatrix::builder(names);
    for i in 0..39 {
        for j in 0..=i {
            builder = builder.count_ids(Gold(i), Predicted(j)).unwrap();
        }
    }
    let matrix = builder.build();
    let text = report::confusion(&matrix);
    for line in text.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
    assert!(text.contains("others"));
    assert!(text.contains("without counts: B-A_RATHER_LONG_ENTITY_TYPE_39\n"));
    // Every count is still there: each row's numbers add up to the row's sum.
    for line in text.lines().skip(1).take(39) {
        let mut fields = line.split_whitespace().skip(1);
        let label = fields.next().unwrap();
        let sum: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
        let full = text.lines().find_map(|l| l.strip_prefix(&format!("{label} = "))).unwrap();
        let row = matrix.labels().iter().position(|name| name == full).unwrap();
        assert_eq!(sum, matrix.matrix()[row].iter().sum::<u64>(), "{line}");
    }
}

#[test]
fn nine_tags_of_a_large_corpus_show_their_diagonal() {
    let mut names = vec!["O".to_owned()];
    names.extend((0..40).map(|i| format!("{}-ORGANISATION{}", ["B", "I"][i % 2], i / 2)));
    let matrix = |side: usize, count: u64| {
        let rows: Vec<Vec<u64>> = vec![vec![count; side]; side];
        let text = serde_json::json!({"labels": names[..side], "matrix": rows}).to_string();
        serde_json::from_str::<ConfusionMatrix>(&text).unwrap()
    };
    let fits = |text: &str, width| text.lines().all(|line| line.chars().count() <= width);
    let nine = report::confusion_within(&matrix(9, 123_456), 120);
    assert!(!nine.contains("others") && fits(&nine, 120), "{nine}");
    assert!(nine.contains("123456    123456"), "{nine}");
    // Numbers above the columns, then thousands, and only then a sum of the rest.
    let nine = report::confusion_within(&matrix(9, 123_456), 80);
    assert!(nine.starts_with("gold \\ predicted "), "{nine}");
    assert!(nine.contains("     1     2     3") && nine.contains("123k  123k"), "{nine}");
    assert!(!nine.contains("others") && fits(&nine, 80), "{nine}");
    let many = report::confusion_within(&matrix(41, 1), 60);
    assert!(many.contains("others") && fits(&many, 60), "{many}");
}
