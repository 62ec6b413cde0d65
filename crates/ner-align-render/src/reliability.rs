//! How often a model is right where it is how sure.

use std::fmt::Write as _;

/// The predictions whose score lies in one interval.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub struct ReliabilityBin {
    /// The lowest score, from 0 to 1.
    pub lower: f64,
    /// The highest score.
    pub upper: f64,
    /// Number of predictions.
    pub count: u64,
    /// The mean of their scores.
    pub mean_score: f64,
    /// The share of them that is right, from 0 to 1.
    pub precision: f64,
}

impl ReliabilityBin {
    /// A bin of `count` predictions with scores from `lower` to `upper`.
    #[must_use]
    pub const fn new(lower: f64, upper: f64, count: u64, mean_score: f64, precision: f64) -> Self {
        Self { lower, upper, count, mean_score, precision }
    }
}

/// A reliability diagram: precision by score.
///
/// ```
/// use ner_align_render::Reliability;
/// let answers = [(0.9, true), (0.8, true), (0.85, false), (0.3, false)];
/// let reliability = Reliability::of_answers(answers, 10);
/// assert_eq!(reliability.bins().len(), 3);
/// assert!(reliability.svg().starts_with("<svg"));
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reliability {
    bins: Vec<ReliabilityBin>,
}

impl Reliability {
    /// A diagram of these bins. Bins without predictions are left out.
    #[must_use]
    pub fn new(mut bins: Vec<ReliabilityBin>) -> Self {
        bins.retain(|bin| bin.count > 0);
        Self { bins }
    }

    /// A diagram of predictions, each with its score from 0 to 1 and whether it is right, in `bins`
    /// intervals of equal width. Scores outside are left out.
    #[must_use]
    pub fn of_answers(answers: impl IntoIterator<Item = (f64, bool)>, bins: usize) -> Self {
        let bins = bins.max(1);
        let mut sums = vec![(0_u64, 0.0, 0_u64); bins];
        for (score, right) in answers {
            if (0.0..=1.0).contains(&score) {
                // A score on the border belongs to the lower bin, as it is usual.
                let bin = ((score * bins as f64).ceil() as usize).saturating_sub(1);
                let (count, total, correct) = &mut sums[bin.min(bins - 1)];
                *count += 1;
                *total += score;
                *correct += u64::from(right);
            }
        }
        let bin = |(index, (count, total, correct)): (usize, (u64, f64, u64))| ReliabilityBin {
            lower: index as f64 / bins as f64,
            upper: (index + 1) as f64 / bins as f64,
            count,
            mean_score: total / count.max(1) as f64,
            precision: correct as f64 / count.max(1) as f64,
        };
        Self::new(sums.into_iter().enumerate().map(bin).collect())
    }

    /// The bins with predictions.
    #[must_use]
    pub fn bins(&self) -> &[ReliabilityBin] {
        &self.bins
    }

    /// The expected calibration error: the mean distance of score and precision, weighted by the
    /// predictions of each bin; `None` without predictions.
    #[must_use]
    pub fn calibration_error(&self) -> Option<f64> {
        let all: u64 = self.bins.iter().map(|bin| bin.count).sum();
        let distance =
            |bin: &ReliabilityBin| bin.count as f64 * (bin.mean_score - bin.precision).abs();
        (all > 0).then(|| self.bins.iter().map(distance).sum::<f64>() / all as f64)
    }

    /// The diagram as an SVG picture, light or dark as its viewer prefers.
    #[must_use]
    pub fn svg(&self) -> String {
        const SIDE: f64 = 300.0;
        const LEFT: f64 = 52.0;
        const TOP: f64 = 34.0;
        let x = |value: f64| LEFT + value * SIDE;
        let y = |value: f64| TOP + (1.0 - value) * SIDE;
        let error = match self.calibration_error() {
            Some(error) => format!("calibration error {error:.3}"),
            None => "no predictions".to_owned(),
        };
        let (width, height) = (LEFT + SIDE + 24.0, TOP + SIDE + 92.0);
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             width=\"{width}\" height=\"{height}\" font-family=\"system-ui, 'DejaVu Sans', \
             sans-serif\" font-size=\"12\" role=\"img\">\n<title>{error}</title>\n\
             <style>{STYLE}</style>\n<text class=\"reliability-ink\" x=\"{LEFT}\" y=\"20\" \
             fill=\"#1c2128\">{error}</text>\n"
        );
        for tick in 0..=5 {
            let value = f64::from(tick) / 5.0;
            let _ = writeln!(
                out,
                "<path class=\"reliability-line\" d=\"M{0} {1}h{SIDE}M{2} {TOP}v{SIDE}\" \
                 stroke=\"#e1e5ea\"/><text class=\"reliability-note\" x=\"{3}\" y=\"{4}\" \
                 text-anchor=\"end\" fill=\"#5b6570\">{value:.1}</text><text \
                 class=\"reliability-note\" x=\"{2}\" y=\"{5}\" text-anchor=\"middle\" \
                 fill=\"#5b6570\">{value:.1}</text>",
                LEFT,
                y(value),
                x(value),
                LEFT - 6.0,
                y(value) + 4.0,
                y(0.0) + 16.0
            );
        }
        let most = self.bins.iter().map(|bin| bin.count).max().unwrap_or(1) as f64;
        for bin in &self.bins {
            let (left, wide) = (x(bin.lower) + 1.0, (bin.upper - bin.lower) * SIDE - 2.0);
            let tall = 28.0 * bin.count as f64 / most;
            let _ = writeln!(
                out,
                "<g><rect x=\"{left:.1}\" y=\"{:.1}\" width=\"{wide:.1}\" height=\"{:.1}\" \
                 class=\"reliability-bar\" fill=\"#1f5fad\" fill-opacity=\".75\"/><rect x=\"{left:.1}\" \
                 y=\"{:.1}\" width=\"{wide:.1}\" height=\"{tall:.1}\" class=\"reliability-count\" \
                 fill=\"#9aa4b1\"/><circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3.5\" \
                 class=\"reliability-mean\" fill=\"#be3428\"/><title>score {:.2} to {:.2}: {} predictions, \
                 mean score {:.3}, precision {:.3}</title></g>",
                y(bin.precision),
                bin.precision * SIDE,
                y(0.0) + 56.0 - tall,
                x(bin.mean_score),
                y(bin.precision),
                bin.lower,
                bin.upper,
                bin.count,
                bin.mean_score,
                bin.precision
            );
        }
        let (middle, foot) = (x(0.5), y(0.0) + 76.0);
        let _ = write!(
            out,
            "<path class=\"reliability-mark\" d=\"M{} {}L{} {}\" stroke=\"#5b6570\" \
             stroke-dasharray=\"4 4\"/>\n<text class=\"reliability-note\" x=\"{middle}\" y=\"{foot}\" \
             text-anchor=\"middle\" fill=\"#5b6570\">score, and number of predictions</text>\n\
             <text class=\"reliability-note\" transform=\"translate(14 {}) rotate(-90)\" \
             text-anchor=\"middle\" fill=\"#5b6570\">precision</text>\n</svg>\n",
            x(0.0),
            y(0.0),
            x(1.0),
            y(1.0),
            y(0.5)
        );
        out
    }
}

/// Colours for a dark background. The names are long because a page that holds the picture shares
/// them.
const STYLE: &str = "@media (prefers-color-scheme: dark) {\
.reliability-ink { fill: #e4e7eb } .reliability-note { fill: #9aa4b1 } \
.reliability-line { stroke: #2c333c } .reliability-mark { stroke: #9aa4b1 } \
.reliability-bar { fill: #6ea8f0 } .reliability-count { fill: #5b6570 } .reliability-mean { fill: #f08a7e } }";

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: (0.8+0.9)/2 against 1/2, and 0.25 against 0, two predictions and one.
    #[test]
    fn the_error_is_the_weighted_distance() {
        let reliability = Reliability::of_answers([(0.8, true), (0.9, false), (0.25, false)], 2);
        let error = reliability.calibration_error().unwrap();
        assert!((error - (2.0 * 0.35 + 0.25) / 3.0).abs() < 1e-12, "{error}");
        assert_eq!(Reliability::default().calibration_error(), None);
        assert_eq!(Reliability::of_answers([(f64::NAN, true), (2.0, true)], 3).bins(), []);
    }

    #[test]
    fn a_border_belongs_to_the_lower_bin() {
        let bins = Reliability::of_answers([(0.0, true), (0.5, true), (1.0, false)], 2);
        let counts: Vec<u64> = bins.bins().iter().map(|bin| bin.count).collect();
        assert_eq!(counts, [2, 1]);
    }
}
