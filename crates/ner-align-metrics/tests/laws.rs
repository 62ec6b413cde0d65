//! Laws that hold for any annotation.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use ner_align_core::{DecodeMode, Entity, Label, Metric, Scheme, Tag};
use ner_align_metrics::{Averages, ClassScorer, Measure, MetricsError, NO_ENTITY, Scorer, Scores};
use proptest::prelude::*;

type Sentence = (Vec<Tag>, Vec<Tag>);

fn sentence(missing: bool) -> impl Strategy<Value = Sentence> {
    let letters = ["O", "O", "O", "B-A", "I-A", "B-B", "I-B", "I-B", "B-C", "E-A", "S-B", "-"];
    let letters = if missing { letters.to_vec() } else { letters[..11].to_vec() };
    let tag = prop::sample::select(letters).prop_map(|text| Tag::parse(text).unwrap());
    // Most predicted words are as gold, as with a model that is any good.
    let word = (tag.clone(), prop::option::weighted(0.4, tag));
    prop::collection::vec(word, 0..14).prop_map(|words| {
        words.into_iter().map(|(gold, other)| (gold.clone(), other.unwrap_or(gold))).unzip()
    })
}

fn corpus(missing: bool) -> impl Strategy<Value = Vec<Sentence>> {
    prop::collection::vec(sentence(missing), 0..6)
}

fn entities() -> impl Strategy<Value = Vec<Entity>> {
    let entity = (0_usize..10, 1_usize..6, 0_usize..3).prop_map(|(start, length, label)| {
        Entity::new(start, start + length, Label::new(["A", "B", "C"][label]).unwrap())
    });
    prop::collection::vec(entity, 0..6)
}

fn scorer(corpus: &[Sentence], mode: DecodeMode) -> Scorer {
    let mut scorer = Scorer::new(Scheme::Iob2, mode);
    for (gold, predicted) in corpus {
        scorer.update(gold, predicted).unwrap();
    }
    scorer
}

fn lenient(corpus: &[Sentence]) -> Scores {
    scorer(corpus, DecodeMode::Lenient).compute()
}

fn swapped(corpus: &[Sentence]) -> Vec<Sentence> {
    corpus.iter().map(|(gold, predicted)| (predicted.clone(), gold.clone())).collect()
}

/// What holds for the counts and scores of any result.
fn check(scores: &Scores) {
    for measure in Measure::ALL {
        let averages = scores.measure(measure);
        let rows = [&averages.micro, &averages.macro_, &averages.weighted];
        for row in rows.into_iter().chain(averages.per_type.values()) {
            for score in [row.precision, row.recall, row.f1].into_iter().flatten() {
                assert!((0.0..=1.0 + 1e-12).contains(&score), "{measure:?} {row:?}");
            }
        }
        types_add_up(averages);
    }
    let f1 = |measure| scores.measure(measure).micro.f1.unwrap_or(0.0);
    assert!(f1(Measure::Strict) <= f1(Measure::Exact));
    assert!(f1(Measure::Exact) <= f1(Measure::Partial));
    assert!(f1(Measure::Strict) <= f1(Measure::Type));

    let strict = scores.strict();
    let confusion = &scores.entity_confusion;
    assert_eq!(confusion.labels().last().unwrap(), NO_ENTITY);
    for (row, label) in confusion.matrix().iter().zip(confusion.labels()) {
        let gold = strict.per_type.get(label).map_or(0, |row| row.support);
        if label != NO_ENTITY {
            assert_eq!(row.iter().sum::<u64>(), gold, "{label}");
        }
    }
    let errors = &scores.errors;
    let paired = strict.micro.correct + errors.boundary + errors.entity_type;
    let paired = paired + errors.boundary_and_type;
    assert_eq!(scores.gold_entities, paired + errors.missed + errors.merged);
    assert_eq!(scores.predicted_entities, paired + errors.spurious + errors.split);
}

fn types_add_up(averages: &Averages) {
    let sum = |count: fn(&ner_align_metrics::Prf) -> u64| {
        assert_eq!(averages.per_type.values().map(count).sum::<u64>(), count(&averages.micro));
    };
    sum(|row| row.support);
    sum(|row| row.predicted);
    sum(|row| row.correct);
    for row in averages.per_type.values().filter(|row| row.semeval.is_some()) {
        let counts = row.semeval.unwrap();
        let charged = row.correct + counts.incorrect + counts.partial + counts.missed;
        assert_eq!(counts.possible, charged);
        assert_eq!((counts.possible, counts.actual), (row.support, row.predicted));
    }
    if let Some(counts) = averages.micro.semeval {
        sum(|row| row.semeval.unwrap().incorrect);
        sum(|row| row.semeval.unwrap().partial);
        sum(|row| row.semeval.unwrap().missed);
        sum(|row| row.semeval.unwrap().spurious);
        let answered = averages.micro.correct + counts.incorrect + counts.partial;
        assert_eq!(counts.actual, answered + counts.spurious);
    }
}

/// Precision and recall have changed places, and the matrices are transposed.
fn check_swapped(scores: &Scores, swapped: &Scores, per_type: bool) {
    for measure in Measure::ALL {
        let (a, b) = (scores.measure(measure), swapped.measure(measure));
        assert_eq!((a.micro.precision, a.micro.recall), (b.micro.recall, b.micro.precision));
        assert_eq!(a.micro.f1, b.micro.f1);
        if per_type {
            for (label, row) in &a.per_type {
                let other = &b.per_type[label];
                assert_eq!((row.precision, row.recall), (other.recall, other.precision));
            }
        }
    }
    assert_eq!(scores.confusion, swapped.confusion.transposed());
    if per_type {
        assert_eq!(scores.entity_confusion, swapped.entity_confusion.transposed());
    }
    let (a, b) = (&scores.errors, &swapped.errors);
    assert_eq!(
        (a.missed, a.spurious, a.merged, a.split),
        (b.spurious, b.missed, b.split, b.merged)
    );
}

proptest! {
    #[test]
    fn counts_and_scores_hold_together(corpus in corpus(true)) {
        check(&lenient(&corpus));
        check(&scorer(&corpus, DecodeMode::Strict).compute());
    }

    #[test]
    fn the_order_of_sentences_does_not_matter(corpus in corpus(true), by in 0_usize..6) {
        let scores = lenient(&corpus);
        let mut other = corpus;
        let by = by.min(other.len());
        other.rotate_left(by);
        prop_assert_eq!(&lenient(&other), &scores);
        other.reverse();
        prop_assert_eq!(&lenient(&other), &scores);
    }

    #[test]
    fn exchanging_gold_and_predictions_exchanges_precision_and_recall(corpus in corpus(false)) {
        check_swapped(&lenient(&corpus), &lenient(&swapped(&corpus)), true);
    }

    #[test]
    fn merging_is_counting_on(corpus in corpus(true), cuts in (0_usize..6, 0_usize..6)) {
        let (a, b) = (cuts.0.min(corpus.len()), cuts.1.min(corpus.len()));
        let (first, rest) = corpus.split_at(a.min(b));
        let (second, third) = rest.split_at(a.max(b) - a.min(b));
        let parts = || [first, second, third].map(|part| scorer(part, DecodeMode::Lenient));
        let [mut left, b, c] = parts();
        left.merge(b);
        left.merge(c);
        let [mut right, mut tail, c] = parts();
        tail.merge(c);
        right.merge(tail);
        let [a, b, mut reversed] = parts();
        reversed.merge(b);
        reversed.merge(a);
        let scores = lenient(&corpus);
        prop_assert_eq!(&left.compute(), &scores);
        prop_assert_eq!(&right.compute(), &scores);
        prop_assert_eq!(&reversed.compute(), &scores);
    }

    #[test]
    fn strict_is_one_exactly_for_equal_sets(gold in entities(), predicted in entities()) {
        let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient);
        scorer.update_entities(&gold, &predicted, 20).unwrap();
        let set = |entities: &[Entity]| -> std::collections::BTreeSet<Entity> {
            entities.iter().cloned().collect()
        };
        let equal = set(&gold) == set(&predicted);
        let f1 = scorer.compute().strict().micro.f1;
        prop_assert_eq!(f1.is_none_or(|f1| f1 == 1.0), equal);
    }

    #[test]
    fn overlapping_entities_obey_the_laws(gold in entities(), predicted in entities()) {
        let score = |gold: &[Entity], predicted: &[Entity]| {
            let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient);
            scorer.update_entities(gold, predicted, 20).unwrap();
            scorer.compute()
        };
        let scores = score(&gold, &predicted);
        check(&scores);
        let (mut other_gold, mut other) = (gold.clone(), predicted.clone());
        other.reverse();
        other_gold.rotate_left(gold.len() / 2);
        prop_assert_eq!(&score(&other_gold, &other), &scores);
        // Of several best choices of pairs the types may differ, the totals never.
        check_swapped(&scores, &score(&predicted, &gold), false);
    }

    #[test]
    fn a_threshold_on_overlap_keeps_the_laws(
        gold in entities(),
        predicted in entities(),
        corpus in corpus(true),
        shares in (0.0..=1.0_f64, 0.0..=1.0_f64),
    ) {
        let score = |gold: &[Entity], predicted: &[Entity], share: f64| {
            let scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient);
            let mut scorer = scorer.with_min_overlap(share).unwrap();
            scorer.update_entities(gold, predicted, 20).unwrap();
            scorer.compute()
        };
        let (low, high) = (shares.0.min(shares.1), shares.0.max(shares.1));
        let (loose, tight) = (score(&gold, &predicted, low), score(&gold, &predicted, high));
        check(&loose);
        check_swapped(&loose, &score(&predicted, &gold, low), false);
        let f1 = |scores: &Scores, measure| scores.measure(measure).micro.f1;
        for measure in [Measure::Strict, Measure::Exact, Measure::Relaxed] {
            prop_assert_eq!(f1(&loose, measure), f1(&tight, measure), "{:?}", measure);
        }
        for measure in [Measure::Partial, Measure::Type] {
            prop_assert!(f1(&loose, measure) >= f1(&tight, measure), "{:?}", measure);
        }
        // Where only equal spans are pairs, overlap earns nothing, with tags as with spans.
        let mut all = Scorer::new(Scheme::Iob2, DecodeMode::Lenient).with_min_overlap(1.0).unwrap();
        for (gold, predicted) in &corpus {
            all.update(gold, predicted).unwrap();
        }
        let all = all.compute();
        check(&all);
        prop_assert_eq!(f1(&all, Measure::Partial), f1(&all, Measure::Exact));
        prop_assert_eq!(f1(&all, Measure::Type), f1(&all, Measure::Strict));
        prop_assert_eq!(all.errors.boundary + all.errors.merged + all.errors.split, 0);
    }

    #[test]
    fn the_order_of_documents_does_not_matter(
        documents in prop::collection::vec(corpus(true), 0..4),
        by in 0_usize..4,
    ) {
        let score = |documents: &[Vec<Sentence>]| {
            let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient);
            for document in documents {
                for (gold, predicted) in document {
                    scorer.update(gold, predicted).unwrap();
                }
                scorer.end_document();
            }
            scorer.compute()
        };
        let scores = score(&documents);
        prop_assert_eq!(scores.documents, documents.len() as u64);
        let mut other = documents.clone();
        other.rotate_left(by.min(documents.len()));
        prop_assert_eq!(&score(&other), &scores);
    }

    #[test]
    fn spans_and_tags_give_the_same_entity_scores(corpus in corpus(false)) {
        let by_tags = lenient(&corpus);
        let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient);
        let decode = |tags: &[Tag]| {
            ner_align_core::TagScheme::decode(&Scheme::Iob2, tags, DecodeMode::Lenient).entities
        };
        for (gold, predicted) in &corpus {
            scorer.update_entities(&decode(gold), &decode(predicted), gold.len()).unwrap();
        }
        let by_spans = scorer.compute();
        prop_assert_eq!(&by_spans.scores, &by_tags.scores);
        prop_assert_eq!(&by_spans.entity_confusion, &by_tags.entity_confusion);
        prop_assert_eq!(&by_spans.errors, &by_tags.errors);
    }
}

proptest! {
    #[test]
    fn class_ids_score_as_their_tags(corpus in corpus(false), strict in any::<bool>()) {
        let mode = if strict { DecodeMode::Strict } else { DecodeMode::Lenient };
        let names = ["O", "B-A", "I-A", "E-A", "S-B", "B-B", "I-B", "B-C", "X"];
        let labels = ner_align_core::LabelSet::from_names(&names).unwrap();
        let ids = |tags: &[Tag]| -> Vec<i64> {
            tags.iter().map(|tag| labels.id(tag).unwrap() as i64).collect()
        };
        let mut by_tags = Scorer::new(labels.scheme(), mode).recording_units();
        let mut by_ids = ClassScorer::new(&labels, mode).recording_units();
        let mut at_once = by_ids.clone();
        let (mut all_gold, mut all_predicted, mut boundaries) = (vec![], vec![], vec![0]);
        for (i, (gold, predicted)) in corpus.iter().enumerate() {
            let (mut gold_ids, mut predicted_ids) = (ids(gold), ids(predicted));
            let (mut gold, mut predicted) = (gold.clone(), predicted.clone());
            if i % 2 == 1 {
                // An ignored gold word, and a class that is no tag on either side.
                gold_ids.extend([-100, 0, 8]);
                predicted_ids.extend([1, 8, 1]);
                gold.extend([Tag::Missing, Tag::Outside, Tag::Missing]);
                let b = labels.tag(1).unwrap();
                predicted.extend([b.clone(), Tag::Outside, b.clone()]);
            }
            by_tags.update(&gold, &predicted).unwrap();
            by_ids.update(&gold_ids, &predicted_ids).unwrap();
            all_gold.extend(gold_ids);
            all_predicted.extend(predicted_ids);
            boundaries.push(all_gold.len());
        }
        prop_assert_eq!(&by_ids.compute(), &by_tags.compute());
        at_once.update_packed(&all_gold, &all_predicted, &boundaries).unwrap();
        prop_assert_eq!(&at_once.compute(), &by_tags.compute());
        let at_once = at_once.into_scorer();
        prop_assert_eq!(at_once.units(), by_tags.units());
    }
}

#[test]
fn class_ids_that_are_none_are_refused() {
    let labels = ner_align_core::LabelSet::from_names(&["O", "B-A"]).unwrap();
    let mut scorer = ClassScorer::new(&labels, DecodeMode::Lenient);
    for (gold, predicted, position, found) in
        [([0, 2], [0, 0], 1, 2), ([0, 0], [-1, 0], 0, -1), ([-2, 0], [0, 0], 0, -2)]
    {
        assert_eq!(
            scorer.update(&gold, &predicted),
            Err(MetricsError::UnknownClass { position, found, classes: 2 })
        );
    }
    assert!(scorer.update(&[0_u8], &[]).is_err());
    for boundaries in [&[0, 1][..], &[0, 3], &[0, 2, 1, 2], &[]] {
        let error = scorer.update_packed(&[0_u8, 0], &[0, 0], boundaries).unwrap_err();
        assert!(matches!(error, MetricsError::Shape { .. }), "{boundaries:?}");
    }
    assert_eq!(scorer.compute().sentences, 0);
}
