//! Learning curves: what was put in comes out, and intervals hold what they promise.

use ner_align_metrics::learning_curve::{LearningCurve, TrainedOn};
use proptest::prelude::*;

/// A power law with its value at a thousand sentences.
#[derive(Debug, Clone, Copy)]
struct Truth {
    limit: f64,
    gap: f64,
    exponent: f64,
}

impl Truth {
    fn at(self, size: f64) -> f64 {
        self.limit - self.gap * (size / 1000.0).powf(-self.exponent)
    }
}

/// Noise that is nearly normal: the sum of twelve even numbers.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        let mut even = || {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) as f64 / (1_u64 << 31) as f64
        };
        (0..12).map(|_| even()).sum::<f64>() - 6.0
    }
}

fn runs(
    truth: Truth,
    sizes: &[usize],
    seeds: usize,
    noise: &mut impl FnMut() -> f64,
) -> Vec<TrainedOn> {
    let each = sizes.iter().flat_map(|&size| std::iter::repeat_n(size, seeds));
    each.map(|size| TrainedOn::new(size, truth.at(size as f64) + noise())).collect()
}

proptest! {
    #[test]
    fn a_curve_without_noise_is_found(
        limit in 0.7_f64..0.97,
        gap in 0.02_f64..0.2,
        exponent in 0.1_f64..1.0,
    ) {
        let truth = Truth { limit, gap, exponent };
        prop_assume!(truth.at(125.0) > 0.2);
        let curve = LearningCurve::fit(&runs(truth, &[125, 250, 500, 1000], 1, &mut || 0.0)).unwrap();
        for size in [125.0, 700.0, 1000.0] {
            prop_assert!((curve.at(size) - truth.at(size)).abs() < 0.002);
        }
        let twice = curve.forecast(2000.0, 0);
        prop_assert!((twice.score.value - truth.at(2000.0)).abs() < 0.004, "{:?} {:?}", twice, curve);
    }

    #[test]
    fn a_curve_keeps_to_its_bounds(
        scores in prop::collection::vec(0.0_f64..=1.0, 4..12),
    ) {
        let runs: Vec<TrainedOn> = (0..).zip(&scores)
            .map(|(at, &score)| TrainedOn::new(50 << (at % 4), score))
            .collect();
        let curve = LearningCurve::fit(&runs).unwrap();
        prop_assert!(curve.limit() <= 1.0 && curve.gap() >= 0.0 && curve.noise() >= 0.0);
        let forecast = curve.forecast(800.0, 1);
        for own in [forecast.score, forecast.gain] {
            prop_assert!(own.low <= own.value && own.value <= own.high && own.high <= 1.0);
        }
        prop_assert!(forecast.gain.low >= -1e-12);
        prop_assert_eq!(forecast, curve.forecast(800.0, 1));
    }
}

/// Nine in ten intervals hold the truth where single runs are off by a point.
#[test]
fn intervals_hold_the_truth() {
    const TRIALS: usize = 75;
    let truths = [(0.9, 0.1, 0.6), (0.8, 0.15, 0.3), (1.0, 0.5, 0.2), (0.6, 0.03, 1.0)];
    let mut noise = Noise(7);
    for (sizes, seeds) in [
        (&[125, 250, 500, 1000][..], 1),
        (&[125, 250, 500, 1000], 3),
        (&[62, 125, 250, 500, 1000], 2),
    ] {
        let (mut scores, mut gains) = (0, 0);
        for (limit, gap, exponent) in truths {
            let truth = Truth { limit, gap, exponent };
            for seed in 0..TRIALS as u64 {
                let runs = runs(truth, sizes, seeds, &mut || 0.01 * noise.next());
                let twice = LearningCurve::fit(&runs).unwrap().forecast(2000.0, seed);
                let (score, gain) = (truth.at(2000.0), truth.at(2000.0) - truth.at(1000.0));
                scores += usize::from(twice.score.low <= score && score <= twice.score.high);
                gains += usize::from(twice.gain.low <= gain && gain <= twice.gain.high);
            }
        }
        let all = (TRIALS * truths.len()) as f64;
        let (scores, gains) = (scores as f64 / all, gains as f64 / all);
        assert!(scores >= 0.9 && gains >= 0.9, "{sizes:?} {seeds}: {scores} {gains}");
        // An interval that holds everything says nothing.
        assert!(scores < 0.999, "{sizes:?} {seeds}: {scores}");
    }
}

/// More runs of the same kind say more.
#[test]
fn few_runs_give_wide_intervals() {
    let truth = Truth { limit: 0.85, gap: 0.12, exponent: 0.4 };
    let width = |seeds| {
        let mut noise = Noise(3);
        let widths = (0..20).map(|seed| {
            let runs = runs(truth, &[125, 250, 500, 1000], seeds, &mut || 0.01 * noise.next());
            let twice = LearningCurve::fit(&runs).unwrap().forecast(2000.0, seed);
            twice.score.high - twice.score.low
        });
        widths.sum::<f64>() / 20.0
    };
    let (one, five) = (width(1), width(5));
    assert!(one > 2.0 * five && five > 0.01, "{one} {five}");
}

#[test]
fn runs_that_say_nothing_are_refused() {
    for (runs, expected) in [
        (&[][..], "expected 4 runs or more, of 3 sizes or more, found 0 runs of 0 sizes"),
        (
            &[(1, 0.1), (2, 0.2), (4, 0.3)],
            "expected 4 runs or more, of 3 sizes or more, found 3 runs of 3 sizes",
        ),
        (
            &[(1, 0.1), (1, 0.2), (2, 0.3), (2, 0.2)],
            "expected 4 runs or more, of 3 sizes or more, found 4 runs of 2 sizes",
        ),
        (&[(0, 0.1), (1, 0.2), (2, 0.3), (4, 0.2)], "expected sizes of 1 or more, found 0"),
        (&[(3, 0.1), (1, 0.2), (2, 1.5), (4, 0.2)], "expected scores from 0 to 1, found 1.5"),
        (&[(3, 0.1), (1, 0.2), (2, f64::NAN), (4, 0.2)], "expected scores from 0 to 1, found NaN"),
    ] {
        let runs: Vec<TrainedOn> =
            runs.iter().map(|&(size, score)| TrainedOn::new(size, score)).collect();
        let error = LearningCurve::fit(&runs).unwrap_err().to_string();
        assert_eq!(error, format!("learning curve: {expected}"));
    }
}
