//! Errors with their places, and scores by kind of entity.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{entities, tags};
use ner_align_core::{DecodeMode, Document, Entity, Label, Metric, Scheme, Tag};
use ner_align_metrics::Scorer;
use ner_align_metrics::analysis::{
    Analyzer, BoundaryError, Familiarity, Outcome, SeenEntities, SentencePlace, pair_entities,
};
use proptest::prelude::*;

fn analyzer() -> Analyzer {
    Analyzer::new(Scheme::Iob2, DecodeMode::Lenient)
}

#[test]
fn errors_say_where_and_what() {
    let words = ["the", "Royal", "Society", "of", "London", "met", "in", "May"];
    let place = SentencePlace::new(3, 1).with_line(Some(40));
    let mut analyzer = analyzer();
    let gold = tags("O B-ORG I-ORG I-ORG I-ORG O O B-DATE");
    let predicted = tags("O B-ORG I-ORG O B-LOC O O O");
    analyzer.add_sentence(place, &words, &gold, &predicted).unwrap();
    let analysis = analyzer.finish();
    let outcomes: Vec<Outcome> = analysis.errors.iter().map(|error| error.outcome).collect();
    assert_eq!(outcomes, [Outcome::Boundary, Outcome::Split, Outcome::Missed]);
    let error = &analysis.errors[0];
    assert_eq!(error.place, place);
    assert_eq!(error.gold.as_ref().unwrap().text, "Royal Society of London");
    assert_eq!(error.predicted.as_ref().unwrap().text, "Royal Society");
    assert_eq!((error.before.as_str(), error.after.as_str()), ("the", "met in May"));
    let json = serde_json::to_value(error).unwrap();
    assert_eq!((json["document"].as_u64(), json["line"].as_u64()), (Some(3), Some(40)));
    assert_eq!(json["outcome"], "boundary");
    assert_eq!(json["boundary"], serde_json::json!({"side": "right", "extent": "shorter"}));
    assert_eq!(error.text, "Royal Society of London");
    assert_eq!(serde_json::to_value(&analysis.boundaries).unwrap()[0]["count"], 1);
}

#[test]
fn boundaries_have_a_side_and_an_extent() {
    use ner_align_core::WordSpan;
    let gold = WordSpan::new(4, 8);
    for (start, end, expected) in [
        (3, 8, "left, longer"),
        (5, 8, "left, shorter"),
        (4, 9, "right, longer"),
        (4, 6, "right, shorter"),
        (3, 9, "both sides, longer"),
        (5, 7, "both sides, shorter"),
        (2, 6, "both sides, shifted"),
        (6, 9, "both sides, shifted"),
    ] {
        let error = BoundaryError::between(gold, WordSpan::new(start, end)).unwrap();
        assert_eq!(error.as_str(), expected, "{start}..{end}");
    }
    assert_eq!(BoundaryError::between(gold, gold), None);
}

#[test]
fn buckets_by_length_and_familiarity() {
    let mut seen = SeenEntities::default();
    for _ in 0..3 {
        seen.add("Paris", &Label::new("LOC").unwrap());
    }
    let mut analyzer = analyzer().with_seen(seen);
    let words = ["Paris", "and", "Paris", "saw", "Lima", "Norte"];
    let gold = tags("B-LOC O B-PER O B-LOC I-LOC");
    let predicted = tags("B-LOC O B-LOC O B-LOC I-LOC");
    analyzer.add_sentence(SentencePlace::default(), &words, &gold, &predicted).unwrap();
    let analysis = analyzer.finish();
    let row = |kind: &str, name: &str| {
        let prf = analysis.bucket(kind, name).unwrap();
        (prf.support, prf.predicted, prf.correct, prf.precision)
    };
    assert_eq!(row("entity_length", "1"), (2, 2, 1, Some(0.5)));
    assert_eq!(row("entity_length", "2"), (1, 1, 1, Some(1.0)));
    assert_eq!(row("sentence_length", "6-10"), (3, 3, 2, Some(2.0 / 3.0)));
    // The second Paris is a prediction of a known pair, and a gold entity of an unknown one.
    assert_eq!(row("familiarity", "seen"), (1, 2, 1, Some(0.5)));
    assert_eq!(row("familiarity", Familiarity::SeenAsOther.as_str()), (1, 0, 0, None));
    assert_eq!(row("familiarity", "unseen"), (1, 1, 1, Some(1.0)));
    assert_eq!(row("training_frequency", "2-4"), (1, 2, 1, Some(0.5)));
    assert_eq!(row("training_frequency", "0"), (2, 1, 1, Some(1.0)));
    assert_eq!(analysis.type_confusions, [("PER".to_owned(), "LOC".to_owned(), 1)]);
}

#[test]
fn documents_by_sentence_or_as_a_whole() {
    let document = |text: &str| {
        let mut builder = Document::builder();
        for word in ["a", "b", "c", "d"] {
            builder.push_word(word);
            if word == "b" {
                builder.end_sentence();
            }
        }
        builder.tagged(tags(text), Scheme::Iob2).unwrap()
    };
    let (gold, predicted) = (document("O B-A B-A O"), document("O B-A O O"));
    let mut by_sentence = analyzer();
    by_sentence.add_document(7, &gold, &predicted).unwrap();
    let errors = by_sentence.finish().errors;
    assert_eq!((errors.len(), errors[0].place.sentence), (1, 1));
    assert_eq!(errors[0].gold.as_ref().unwrap().start, 0);

    // An entity over both sentences has no tags, so the document is taken as a whole.
    let mut crossing = document("O O O O");
    crossing.set_entities(entities("A:1-3")).unwrap();
    let mut whole = analyzer();
    whole.add_document(7, &gold, &crossing).unwrap();
    let outcomes: Vec<Outcome> = whole.finish().errors.iter().map(|e| e.outcome).collect();
    assert_eq!(outcomes, [Outcome::Boundary, Outcome::Merged]);

    // The scorer takes them in the same way.
    let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient);
    scorer.update_document(&gold, &predicted).unwrap();
    scorer.update_document(&gold, &crossing).unwrap();
    let scores = scorer.compute();
    assert_eq!((scores.documents, scores.sentences, scores.tokens), (2, 4, 8));
    assert_eq!((scores.errors.boundary, scores.errors.merged, scores.errors.missed), (1, 1, 1));

    // A prediction on a word that is not annotated is not scored, tags or not.
    let open = document("O B-A - O");
    let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient);
    scorer.update_document(&open, &crossing).unwrap();
    let scores = scorer.compute();
    assert_eq!((scores.tokens, scores.unannotated_tokens), (3, 1));
    assert_eq!((scores.unscored_predictions, scores.predicted_entities), (1, 0));
    let mut whole = analyzer();
    whole.add_document(0, &open, &crossing).unwrap();
    assert_eq!(whole.finish().errors.len(), 1);

    let short = Document::builder().untagged();
    assert!(analyzer().add_document(0, &gold, &short).is_err());
    assert!(scorer.update_document(&gold, &short).is_err());
}

fn any_entities() -> impl Strategy<Value = Vec<Entity>> {
    let entity = (0_usize..12, 1_usize..5, 0_usize..2).prop_map(|(start, length, label)| {
        Entity::new(start, start + length, Label::new(["A", "B"][label]).unwrap())
    });
    prop::collection::btree_set(entity, 0..7).prop_map(|set| set.into_iter().rev().collect())
}

fn any_tags() -> impl Strategy<Value = Vec<Tag>> {
    let tag = prop::sample::select(vec!["O", "O", "B-A", "I-A", "B-B", "I-B", "-"]);
    prop::collection::vec(tag.prop_map(|text| Tag::parse(text).unwrap()), 12)
}

proptest! {
    #[test]
    fn outcomes_are_those_that_the_scorer_counts(gold in any_entities(), predicted in any_entities()) {
        let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient);
        scorer.update_entities(&gold, &predicted, 20).unwrap();
        let scores = scorer.compute();
        let pairs = pair_entities(&gold, &predicted);
        let count = |outcome| pairs.iter().filter(|pair| pair.outcome == outcome).count() as u64;
        prop_assert_eq!(count(Outcome::Correct), scores.strict().micro.correct);
        prop_assert_eq!(count(Outcome::Boundary), scores.errors.boundary);
        prop_assert_eq!(count(Outcome::Type), scores.errors.entity_type);
        prop_assert_eq!(count(Outcome::BoundaryAndType), scores.errors.boundary_and_type);
        prop_assert_eq!(count(Outcome::Missed), scores.errors.missed);
        prop_assert_eq!(count(Outcome::Spurious), scores.errors.spurious);
        prop_assert_eq!(count(Outcome::Merged), scores.errors.merged);
        prop_assert_eq!(count(Outcome::Split), scores.errors.split);
    }

    #[test]
    fn buckets_add_up_to_the_strict_score(gold in any_tags(), predicted in any_tags()) {
        let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient);
        scorer.update(&gold, &predicted).unwrap();
        let strict = scorer.compute().scores.strict.micro;
        let mut analyzer = analyzer();
        let words = ["w"; 12];
        analyzer.add_sentence(SentencePlace::default(), &words, &gold, &predicted).unwrap();
        for buckets in analyzer.finish().buckets.values() {
            let sum = |count: fn(&ner_align_metrics::Prf) -> u64| {
                buckets.iter().map(|(_, prf)| count(prf)).sum::<u64>()
            };
            prop_assert_eq!(sum(|prf| prf.support), strict.support);
            prop_assert_eq!(sum(|prf| prf.predicted), strict.predicted);
            prop_assert_eq!(sum(|prf| prf.correct), strict.correct);
        }
    }
}

#[test]
fn errors_beyond_a_limit_are_counted() {
    let tags = [Tag::parse("B-X").unwrap()];
    for (errors, bytes, kept) in [(3, usize::MAX, 3), (usize::MAX, usize::MAX, 10), (9, 1, 1)] {
        let mut analyzer = Analyzer::new(Scheme::Iob2, DecodeMode::Lenient).keeping(errors, bytes);
        for sentence in 0..10 {
            let place = SentencePlace::new(0, sentence);
            analyzer.add_sentence(place, &["a"], &tags, &[Tag::Outside]).unwrap();
        }
        let analysis = analyzer.finish();
        assert_eq!((analysis.errors.len(), analysis.error_count()), (kept, 10));
        assert_eq!(analysis.bucket("entity_length", "1").unwrap().support, 10);
    }
}
