//! Intervals and comparisons of systems.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::tags;
use ner_align_core::{DecodeMode, Metric, Scheme};
use ner_align_metrics::resampling::{Resampling, ResamplingUnit};
use ner_align_metrics::{Measure, MetricsError, Scorer};

fn scorer() -> Scorer {
    Scorer::new(Scheme::Iob2, DecodeMode::Lenient).recording_units()
}

/// A system that is right on every sentence but each `every`th, from `offset`.
fn system(every: usize, offset: usize) -> Scorer {
    let mut scorer = scorer();
    let (gold, wrong) = (tags("O B-A I-A O"), tags("O B-A O B-B"));
    for sentence in 0..400 {
        let fails = sentence % every == offset;
        scorer.update(&gold, if fails { &wrong } else { &gold }).unwrap();
        if sentence % 10 == 9 {
            scorer.end_document();
        }
    }
    scorer
}

#[test]
fn estimates_are_the_scores() {
    let scorer = system(3, 1);
    let scores = scorer.compute();
    for measure in Measure::ALL {
        let intervals =
            Resampling::new(5).resamples(50).measure(measure).bootstrap(scorer.units()).unwrap();
        let micro = &scores.measure(measure).micro;
        for (interval, score) in [
            (intervals.precision, micro.precision),
            (intervals.recall, micro.recall),
            (intervals.f1, micro.f1),
        ] {
            assert!((interval.estimate.unwrap() - score.unwrap()).abs() < 1e-15, "{measure:?}");
            assert!(interval.low <= interval.estimate && interval.estimate <= interval.high);
        }
    }
}

#[test]
fn intervals_have_the_binomial_s_width() {
    // Recall of 400 independent entities, a quarter of them missed.
    let intervals = Resampling::new(2).bootstrap(system(4, 0).units()).unwrap();
    let expected = (0.75_f64 * 0.25 / 400.0).sqrt();
    let found = intervals.recall.standard_error.unwrap();
    assert!((found / expected - 1.0).abs() < 0.03, "{found} {expected}");
    let width = intervals.recall.high.unwrap() - intervals.recall.low.unwrap();
    assert!((width / (2.0 * 1.96 * expected) - 1.0).abs() < 0.06, "{width}");
}

#[test]
fn the_seed_decides_and_the_threads_do_not() {
    let scorer = system(4, 0);
    let run = |seed: u64, threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| Resampling::new(seed).resamples(300).bootstrap(scorer.units()).unwrap())
    };
    assert_eq!(run(7, 1), run(7, 3));
    assert_ne!(run(7, 1).f1, run(8, 1).f1);
}

#[test]
fn documents_are_drawn_whole() {
    let scorer = system(4, 0);
    assert_eq!((scorer.units().sentences(), scorer.units().documents()), (400, 40));
    let by = |unit| {
        let resampling = Resampling::new(1).resamples(2000).unit(unit);
        resampling.bootstrap(scorer.units()).unwrap().recall
    };
    let (sentences, documents) = (by(ResamplingUnit::Sentence), by(ResamplingUnit::Document));
    assert_eq!(sentences.estimate, documents.estimate);
    // Errors are spread evenly over documents, so documents are more alike than sentences.
    assert!(documents.standard_error < sentences.standard_error);
}

#[test]
fn equal_systems_are_not_different_and_unequal_ones_are() {
    let (good, bad) = (system(20, 0), system(3, 0));
    let resampling = Resampling::new(1).resamples(2000);
    let same = resampling.compare(good.units(), good.units()).unwrap();
    assert_eq!((same.differing_units, same.f1.p_value), (0, Some(1.0)));
    let different = resampling.compare(good.units(), bad.units()).unwrap();
    assert!(different.f1.p_value.unwrap() < 0.001);
    let interval = different.f1.difference;
    assert!(interval.low.unwrap() > 0.0 && interval.estimate.unwrap() > interval.low.unwrap());
    // The same number of errors in other places is no difference.
    let elsewhere = resampling.compare(bad.units(), system(3, 1).units()).unwrap();
    assert!(elsewhere.f1.p_value.unwrap() > 0.5);
    let back = resampling.compare(bad.units(), good.units()).unwrap();
    assert_eq!(back.f1.difference.estimate, interval.estimate.map(|difference| -difference));
}

#[test]
fn faults_are_told() {
    let scorer = system(4, 0);
    let mut other = scorer.clone();
    other.update(&tags("B-A"), &tags("O")).unwrap();
    let resampling = Resampling::new(1).resamples(10);
    assert!(matches!(
        resampling.compare(scorer.units(), other.units()),
        Err(MetricsError::Shape { .. })
    ));
    let mut gold = self::scorer();
    (0..400).for_each(|_| gold.update(&tags("O"), &tags("O")).unwrap());
    assert_eq!(
        resampling.compare(scorer.units(), gold.units()),
        Err(MetricsError::DifferentGold { unit: 0, first: 1, second: 0 })
    );
    assert!(resampling.resamples(0).bootstrap(scorer.units()).is_err());
    assert!(resampling.level(1.0).bootstrap(scorer.units()).is_err());
}

#[test]
fn what_was_not_recorded_is_not_resampled() {
    let tags = tags("B-A O");
    let mut silent = Scorer::new(Scheme::Iob2, DecodeMode::Lenient);
    silent.update(&tags, &tags).unwrap();
    let mut recording = scorer();
    recording.update(&tags, &tags).unwrap();
    let resampling = Resampling::new(1).resamples(10);
    assert_eq!(resampling.bootstrap(silent.units()), Err(MetricsError::UnitsNotRecorded));
    for (first, second) in [(&silent, &recording), (&recording, &silent)] {
        let compared = resampling.compare(first.units(), second.units());
        assert_eq!(compared, Err(MetricsError::UnitsNotRecorded));
    }
    // Sentences of a scorer that recorded none are missing among the units.
    recording.merge(silent);
    assert_eq!(resampling.bootstrap(recording.units()), Err(MetricsError::UnitsNotRecorded));
    assert!(MetricsError::UnitsNotRecorded.hint().is_some());
}

#[test]
fn nothing_to_draw_is_undefined() {
    let intervals = Resampling::new(1).resamples(10).bootstrap(scorer().units()).unwrap();
    assert_eq!((intervals.f1.estimate, intervals.f1.low, intervals.f1.undefined), (None, None, 10));
}

#[test]
fn merging_keeps_the_order_of_units() {
    let (mut a, b) = (system(4, 0), system(3, 0));
    let sentences = a.units().sentences();
    a.merge(b);
    assert_eq!((a.units().sentences(), a.units().documents()), (2 * sentences, 80));
}
