//! The least-squares fit of the power law.

use super::TrainedOn;

/// Exponents that are tried, evenly in their logarithm.
const EXPONENTS: usize = 80;
const LOWEST: f64 = 0.05;
const HIGHEST: f64 = 1.5;

/// `limit - gap * relative^-exponent`, with sizes relative to the largest one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Law {
    pub(super) limit: f64,
    pub(super) gap: f64,
    pub(super) exponent: f64,
}

impl Law {
    pub(super) fn at(self, relative: f64) -> f64 {
        self.limit - self.gap * relative.powf(-self.exponent)
    }
}

/// What does not depend on scores.
#[derive(Debug, Clone)]
pub(super) struct Fitter {
    largest: f64,
    /// The size of each run, relative to the largest one.
    pub(super) relative: Vec<f64>,
    weights: Vec<f64>,
    /// Each exponent with the power of each run.
    powers: Vec<(f64, Vec<f64>)>,
}

impl Fitter {
    /// For runs of these sizes, which ascend and are each there once.
    pub(super) fn new(sizes: &[usize], runs: &[TrainedOn]) -> Self {
        let largest = sizes.last().copied().unwrap_or(1) as f64;
        let weight = |run: &TrainedOn| {
            let rank = sizes.partition_point(|size| *size <= run.size);
            let alike = runs.iter().filter(|other| other.size == run.size).count();
            rank as f64 / (sizes.len() * alike.max(1)) as f64
        };
        let relative: Vec<f64> = runs.iter().map(|run| run.size as f64 / largest).collect();
        let step = (HIGHEST / LOWEST).ln() / (EXPONENTS - 1) as f64;
        let exponents = (0..EXPONENTS).map(|at| LOWEST * (step * at as f64).exp());
        let powers = exponents
            .map(|exponent| (exponent, relative.iter().map(|own| own.powf(-exponent)).collect()))
            .collect();
        Self { largest, weights: runs.iter().map(weight).collect(), relative, powers }
    }

    pub(super) fn relative(&self, size: f64) -> f64 {
        size / self.largest
    }

    /// The law that fits these scores best.
    pub(super) fn law(&self, scores: &[f64]) -> Law {
        let mut best = (f64::INFINITY, Law { limit: 0.0, gap: 0.0, exponent: LOWEST });
        for (exponent, powers) in &self.powers {
            let (limit, gap) = self.line(powers, scores);
            let law = Law { limit, gap, exponent: *exponent };
            let error = |((score, power), weight): ((&f64, &f64), &f64)| {
                weight * (score - limit + gap * power).powi(2)
            };
            let errors: f64 = scores.iter().zip(powers).zip(&self.weights).map(error).sum();
            if errors < best.0 {
                best = (errors, law);
            }
        }
        best.1
    }

    /// The limit, at most 1, and the gap, at least 0, that fit best with these powers.
    fn line(&self, powers: &[f64], scores: &[f64]) -> (f64, f64) {
        let sum = |each: &dyn Fn(f64, f64) -> f64| -> f64 {
            let terms = self.weights.iter().zip(powers).zip(scores);
            terms.map(|((weight, &power), &score)| weight * each(power, score)).sum()
        };
        let all = sum(&|_, _| 1.0);
        let (mean_power, mean_score) = (sum(&|power, _| power) / all, sum(&|_, score| score) / all);
        let spread = sum(&|power, _| (power - mean_power).powi(2));
        let gap = -sum(&|power, score| (power - mean_power) * (score - mean_score)) / spread;
        if gap.is_nan() || gap <= 0.0 {
            // A mean of ones may be rounded up.
            return (mean_score.min(1.0), 0.0);
        }
        let limit = mean_score + gap * mean_power;
        if limit <= 1.0 {
            return (limit, gap);
        }
        let gap = sum(&|power, score| power * (1.0 - score)) / sum(&|power, _| power * power);
        (1.0, gap.max(0.0))
    }
}
