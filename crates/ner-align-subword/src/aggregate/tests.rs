//! The way back is the inverse of the way there.

use ndarray::{Array2, ArrayView2, array};
use ner_align_core::{
    DecodeMode, Entity, IGNORE_INDEX, Label, LabelAligner, LabelSet, Rows, Scheme, Tag, TagDecoder,
};
use proptest::prelude::*;

use super::*;
use crate::{Aligner, Argmax, Constrained, Strategy as Labelling};

fn labels(strategy: Labelling, scheme: Scheme) -> LabelSet {
    strategy.label_set(["LOC", "PER"].iter().filter_map(|name| Label::new(name)), scheme)
}

/// Logits of a model that is sure of these labels and knows nothing where there is none.
fn certain(classes: &[i64], count: usize) -> Array2<f32> {
    Array2::from_shape_fn((classes.len(), count), |(row, class)| {
        if classes[row] == class as i64 { 20.0 } else { 0.0 }
    })
}

fn probabilities(scores: &[f32]) -> Vec<f32> {
    scores.iter().map(|score| (score.exp() * 1e4).round() / 1e4).collect()
}

/// Words of the longest of [`sentences`].
const MOST_WORDS: usize = 4 * (2 + 3) + 1;

/// Legal tags of a sentence in any scheme: from entities, so that any neighbour may follow.
fn sentences() -> impl Strategy<Value = (usize, Vec<Entity>)> {
    prop::collection::vec((0_usize..3, 1_usize..4, any::<bool>()), 0..5).prop_map(|parts| {
        let (mut entities, mut at) = (Vec::new(), 0);
        for (gap, length, person) in parts {
            let label = Label::new(if person { "PER" } else { "LOC" }).unwrap();
            entities.push(Entity::new(at + gap, at + gap + length, label));
            at += gap + length;
        }
        (at + 1, entities)
    })
}

proptest! {
    #[test]
    fn labels_to_subtokens_to_labels_is_the_identity(
        (words, entities) in sentences(),
        subtokens in prop::collection::vec(0_usize..5, MOST_WORDS),
    ) {
        for scheme in Scheme::ALL {
            let tags = scheme.encode(&entities, words).unwrap();
            for strategy in Labelling::ALL {
                let labels = labels(strategy, scheme);
                let aligner = Aligner::new(strategy, &labels).unwrap();
                for (tag, &subtokens) in tags.iter().zip(&subtokens) {
                    let mut classes = Vec::new();
                    aligner.align_word(tag, subtokens, &|tag| labels.id(tag), &mut classes);
                    prop_assert_eq!(classes.len(), subtokens);
                    let back = aligner.word_class(&classes, &labels);
                    prop_assert_eq!(back, labels.id(tag).filter(|_| subtokens > 0));
                }
            }
        }
    }

    #[test]
    fn what_is_spread_inside_stays_legal(
        (words, entities) in sentences(),
        subtokens in prop::collection::vec(1_usize..5, MOST_WORDS),
    ) {
        for scheme in Scheme::ALL {
            let labels = labels(Labelling::PropagateInside, scheme);
            let aligner = Aligner::new(Labelling::PropagateInside, &labels).unwrap();
            let mut classes = Vec::new();
            let tags = scheme.encode(&entities, words).unwrap();
            for (tag, &subtokens) in tags.iter().zip(&subtokens) {
                aligner.align_word(tag, subtokens, &|tag| labels.id(tag), &mut classes);
            }
            let spread: Vec<Tag> = classes
                .iter()
                .filter_map(|&class| labels.tag(usize::try_from(class).ok()?).cloned())
                .collect();
            prop_assert_eq!(spread.len(), classes.len());
            let decoded = scheme.decode(&spread, DecodeMode::Strict);
            prop_assert!(decoded.violations.is_empty(), "{} {:?}", scheme, decoded.violations);
            let kept = scheme.decode(&tags, DecodeMode::Strict).entities.len();
            prop_assert_eq!(decoded.entities.len(), kept);
        }
    }

    #[test]
    fn scores_of_a_sure_model_lead_back_to_the_words(
        (words, entities) in sentences(),
        subtokens in prop::collection::vec(0_usize..5, MOST_WORDS),
    ) {
        for scheme in Scheme::ALL {
            let tags = scheme.encode(&entities, words).unwrap();
            for strategy in Labelling::ALL {
                let labels = labels(strategy, scheme);
                let aligner = Aligner::new(strategy, &labels).unwrap();
                for aggregate in Aggregate::ALL {
                    let scorer = WordScorer::new(aggregate, &aligner, &labels);
                    let mut scores = scorer.unseen(words);
                    for (word, tag) in tags.iter().enumerate() {
                        let mut classes = Vec::new();
                        aligner.align_word(tag, subtokens[word], &|t| labels.id(t), &mut classes);
                        if scorer.rows() == Rows::FirstOfOwned {
                            classes.truncate(1);
                        }
                        let row = scorer.word(certain(&classes, labels.len()).view());
                        scores.row_mut(word).assign(&ndarray::ArrayView1::from(&row));
                    }
                    let expected: Vec<usize> = tags.iter().zip(&subtokens).map(|(tag, &subtokens)| {
                        let tag = if subtokens == 0 { &Tag::Outside } else { tag };
                        labels.id(tag).unwrap()
                    }).collect();
                    let found = Argmax::new(&labels).decode(scores.view());
                    prop_assert_eq!(&found, &expected, "{} {} {}", scheme, strategy, aggregate);
                    if subtokens[..words].iter().all(|&subtokens| subtokens > 0) {
                        let found = Constrained::new(&labels).decode(scores.view());
                        prop_assert_eq!(found, expected, "{} {} {}", scheme, strategy, aggregate);
                    }
                }
            }
        }
    }

    #[test]
    fn words_have_probabilities(
        logits in prop::collection::vec(-9.0_f32..9.0, 5 * 4),
        subtokens in 1_usize..5,
    ) {
        for (strategy, scheme) in [
            (Labelling::First, Scheme::Biluo),
            (Labelling::PropagateInside, Scheme::Biluo),
            (Labelling::PropagateInside, Scheme::Iob2),
            (Labelling::MarkX, Scheme::Ioe2),
        ] {
            let labels = strategy.label_set(Label::new("PER"), scheme);
            let aligner = Aligner::new(strategy, &labels).unwrap();
            let count = labels.len();
            let rows = ArrayView2::from_shape((subtokens, count), &logits[..subtokens * count]).unwrap();
            for aggregate in Aggregate::ALL {
                let word = WordScorer::new(aggregate, &aligner, &labels).word(rows);
                let sum: f32 = word.iter().map(|score| score.exp()).sum();
                prop_assert!((sum - 1.0).abs() < 1e-4, "{strategy} {scheme} {aggregate}: {word:?}");
            }
        }
    }
}

#[test]
fn plain_aggregation_is_that_of_pipelines() {
    // transformers' token-classification pipeline: first piece; mean of probabilities; the piece
    // with the highest single probability decides.
    let labels = LabelSet::new(Label::new("PER"), Scheme::Io); // O I-PER
    let aligner = Aligner::new(Labelling::First, &labels).unwrap();
    let logits = array![[0.6_f32.ln(), 0.4_f32.ln()], [0.1_f32.ln(), 0.9_f32.ln()]];
    for (aggregate, expected) in [
        (Aggregate::First, [0.6, 0.4]),
        (Aggregate::Mean, [0.35, 0.65]),
        (Aggregate::Max, [0.1, 0.9]),
    ] {
        let scorer = WordScorer::new(aggregate, &aligner, &labels);
        let rows = if scorer.rows() == Rows::FirstOfOwned {
            logits.slice(ndarray::s![..1, ..])
        } else {
            logits.view()
        };
        assert_eq!(probabilities(&scorer.word(rows)), expected, "{aggregate}");
    }
}

#[test]
fn continuations_are_asked_only_where_they_can_answer() {
    for (strategy, scheme, aggregate, expected) in [
        (Labelling::First, Scheme::Iob2, Aggregate::First, Rows::FirstOfOwned),
        (Labelling::First, Scheme::Iob2, Aggregate::Mean, Rows::AllOfOwned),
        (Labelling::MarkX, Scheme::Iob2, Aggregate::Mean, Rows::FirstOfOwned),
        (Labelling::PropagateInside, Scheme::Iob2, Aggregate::First, Rows::FirstOfOwned),
        (Labelling::PropagateInside, Scheme::Biluo, Aggregate::First, Rows::AllOfOwned),
        (Labelling::Propagate, Scheme::Biluo, Aggregate::First, Rows::FirstOfOwned),
    ] {
        let labels = labels(strategy, scheme);
        let aligner = Aligner::new(strategy, &labels).unwrap();
        let rows = WordScorer::new(aggregate, &aligner, &labels).rows();
        assert_eq!(rows, expected, "{strategy} {scheme} {aggregate}");
    }
}

#[test]
fn windows_fill_the_words_they_own() {
    let labels = LabelSet::new(Label::new("PER"), Scheme::Io);
    let aligner = Aligner::new(Labelling::First, &labels).unwrap();
    let scorer = WordScorer::new(Aggregate::Mean, &aligner, &labels);
    let window = ner_align_core::Window {
        input_ids: vec![1, 5, 6, 7, 8, 2],
        word_ids: vec![None, Some(0), Some(1), Some(1), Some(3), None],
        owned: ner_align_core::WordSpan::new(1, 4),
        labels: vec![IGNORE_INDEX; 6],
        ..Default::default()
    };
    let mut scores = scorer.unseen(4);
    scorer
        .add_window(&window, array![[0.0_f32, 9.0], [0.0, 9.0], [9.0, 0.0]].view(), &mut scores)
        .unwrap();
    assert!(scores.row(0).iter().all(|score| score.is_nan()));
    assert!(scores.row(2).iter().all(|score| score.is_nan()));
    assert!(scores[(1, 1)] > scores[(1, 0)] && scores[(3, 0)] > scores[(3, 1)]);
    let wrong = scorer.add_window(&window, array![[0.0_f32, 9.0]].view(), &mut scores);
    let message = wrong.unwrap_err().to_string();
    assert_eq!(message, "expected scores of shape [3, 2], found [1, 2]");
    assert!(
        scorer.add_window(&window, certain(&[0, 0, 0], 2).view(), &mut scorer.unseen(2)).is_err()
    );
}

#[test]
fn aggregations_have_names() {
    for aggregate in Aggregate::ALL {
        assert_eq!(aggregate.to_string().parse(), Ok(aggregate));
    }
    assert!("sum".parse::<Aggregate>().is_err());
}
