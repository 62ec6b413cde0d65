//! A reliability diagram as a picture.

use std::fmt::Write as _;

use ner_align_metrics::calibration::{Reliability, ReliabilityBin};

/// A reliability diagram: precision by score, with the expected calibration error and the number of
/// predictions of each bin, as an SVG picture that is light or dark as its viewer prefers.
///
/// ```
/// use ner_align_metrics::calibration::{Reliability, ScoredPrediction};
/// use ner_align_render::reliability_svg;
/// let predictions = [(0.9, true), (0.85, true), (0.85, false), (0.3, false)]
///     .map(|(score, is_correct)| ScoredPrediction::new(score, is_correct));
/// let picture = reliability_svg(&Reliability::of(&predictions, 10));
/// assert!(picture.starts_with("<svg"));
/// ```
#[must_use]
pub fn reliability_svg(reliability: &Reliability) -> String {
    const SIDE: f64 = 300.0;
    const LEFT: f64 = 52.0;
    const TOP: f64 = 34.0;
    let x = |value: f64| LEFT + value * SIDE;
    let y = |value: f64| TOP + (1.0 - value) * SIDE;
    let error = match reliability.expected_calibration_error() {
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
    let most = reliability.bins.iter().map(|bin| bin.count).max().unwrap_or(1) as f64;
    for bin in &reliability.bins {
        let &ReliabilityBin { lower, upper, count, .. } = bin;
        let (Some(mean_score), Some(precision)) = (bin.mean_score, bin.precision()) else {
            continue;
        };
        let (left, wide) = (x(lower) + 1.0, (upper - lower) * SIDE - 2.0);
        let tall = 28.0 * count as f64 / most;
        let _ = writeln!(
            out,
            "<g><rect x=\"{left:.1}\" y=\"{:.1}\" width=\"{wide:.1}\" height=\"{:.1}\" \
             class=\"reliability-bar\" fill=\"#1f5fad\" fill-opacity=\".75\"/><rect x=\"{left:.1}\" \
             y=\"{:.1}\" width=\"{wide:.1}\" height=\"{tall:.1}\" class=\"reliability-count\" \
             fill=\"#9aa4b1\"/><circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3.5\" \
             class=\"reliability-mean\" fill=\"#be3428\"/><title>score {:.2} to {:.2}: {} predictions, \
             mean score {:.3}, precision {:.3}</title></g>",
            y(precision),
            precision * SIDE,
            y(0.0) + 56.0 - tall,
            x(mean_score),
            y(precision),
            lower,
            upper,
            count,
            mean_score,
            precision
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

/// Colours for a dark background. The names are long because a page that holds the picture shares
/// them.
const STYLE: &str = "@media (prefers-color-scheme: dark) {\
.reliability-ink { fill: #e4e7eb } .reliability-note { fill: #9aa4b1 } \
.reliability-line { stroke: #2c333c } .reliability-mark { stroke: #9aa4b1 } \
.reliability-bar { fill: #6ea8f0 } .reliability-count { fill: #5b6570 } .reliability-mean { fill: #f08a7e } }";

#[cfg(test)]
mod tests {
    use ner_align_metrics::calibration::ScoredPrediction;

    use super::*;

    /// By hand: (0.8+0.9)/2 against 1/2, and 0.25 against 0, two predictions and one.
    #[test]
    fn a_bar_for_each_bin_with_predictions() {
        let predictions = [(0.8, true), (0.9, false), (0.25, false)]
            .map(|(score, is_correct)| ScoredPrediction::new(score, is_correct));
        let picture = reliability_svg(&Reliability::of(&predictions, 4));
        assert!(picture.contains("calibration error 0.317"), "{picture}");
        assert_eq!(picture.matches("class=\"reliability-bar\"").count(), 2, "{picture}");
        assert!(
            picture
                .contains("score 0.75 to 1.00: 2 predictions, mean score 0.850, precision 0.500")
        );
        assert!(reliability_svg(&Reliability::default()).contains("no predictions"));
    }
}
