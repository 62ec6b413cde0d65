//! A learning curve as a picture.

use std::fmt::Write as _;

use ner_align_metrics::learning_curve::LearningCurve;

const LEFT: f64 = 52.0;
const TOP: f64 = 40.0;
const WIDE: f64 = 460.0;
const TALL: f64 = 280.0;
/// Points of the drawn curve.
const POINTS: usize = 48;
/// Places at which the interval is computed.
const STATIONS: usize = 12;

/// A learning curve up to an amount of data, with its runs and its 90 % interval, as an SVG picture that
/// is light or dark as its viewer prefers. Amounts are on a logarithmic axis; `unit` names them.
///
/// ```
/// use ner_align_metrics::learning_curve::{LearningCurve, TrainedOn};
/// use ner_align_render::learning_curve_svg;
/// let runs = [(125, 0.52), (250, 0.61), (500, 0.67), (1000, 0.72)]
///     .map(|(size, score)| TrainedOn::new(size, score));
/// let picture = learning_curve_svg(&LearningCurve::fit(&runs)?, 2000, "sentences");
/// assert!(picture.starts_with("<svg") && picture.contains(">2000</text>"));
/// # Ok::<(), ner_align_metrics::MetricsError>(())
/// ```
#[must_use]
pub fn learning_curve_svg(curve: &LearningCurve, until: usize, unit: &str) -> String {
    let smallest = curve.runs().iter().map(|run| run.size).min().unwrap_or(1) as f64;
    let largest = until.max(curve.largest()) as f64;
    let size = |share: f64| smallest * (largest / smallest).powf(share);
    let band: Vec<_> =
        (0..=STATIONS).map(|at| curve.forecast(size(at as f64 / STATIONS as f64), 0)).collect();
    let ends = band.iter().flat_map(|own| [own.score.low, own.score.high]);
    let scores = ends.chain(curve.runs().iter().map(|run| run.score));
    let (low, high) =
        scores.fold((1.0_f64, 0.0_f64), |(low, high), own| (low.min(own), high.max(own)));
    // Whole tenths around what is drawn.
    let low = ((low * 10.0).floor() / 10.0).max(0.0);
    let high = ((high * 10.0).ceil() / 10.0).clamp(low + 0.1, 1.0_f64.max(low + 0.1));
    let x = |size: f64| LEFT + WIDE * (size / smallest).ln() / (largest / smallest).ln().max(1e-9);
    let y = |score: f64| TOP + TALL * (high - score.clamp(low, high)) / (high - low);

    let title = format!("strict F1 by {unit}");
    let (width, height) = (LEFT + WIDE + 28.0, TOP + TALL + 56.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" font-family=\"system-ui, 'DejaVu Sans', \
         sans-serif\" font-size=\"12\" role=\"img\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n<text class=\"learning-ink\" x=\"{LEFT}\" y=\"22\" \
         fill=\"#1c2128\">{title}, with the 90 % interval of the curve</text>\n"
    );
    for tick in 0..=((high - low) * 10.0).round() as usize {
        let score = low + tick as f64 / 10.0;
        let _ = writeln!(
            out,
            "<path class=\"learning-line\" d=\"M{LEFT} {0:.1}h{WIDE}\" stroke=\"#e1e5ea\"/>\
             <text class=\"learning-note\" x=\"{1}\" y=\"{2:.1}\" text-anchor=\"end\" \
             fill=\"#5b6570\">{score:.1}</text>",
            y(score),
            LEFT - 6.0,
            y(score) + 4.0
        );
    }
    let mut sizes: Vec<usize> = curve.runs().iter().map(|run| run.size).chain([until]).collect();
    sizes.sort_unstable();
    sizes.dedup();
    for own in sizes {
        let _ = writeln!(
            out,
            "<path class=\"learning-line\" d=\"M{0:.1} {TOP}v{TALL}\" stroke=\"#e1e5ea\"/>\
             <text class=\"learning-note\" x=\"{0:.1}\" y=\"{1}\" text-anchor=\"middle\" \
             fill=\"#5b6570\">{own}</text>",
            x(own as f64),
            TOP + TALL + 18.0
        );
    }
    let place = |size: f64, score: f64| format!("{:.1} {:.1}", x(size), y(score));
    let upper = band.iter().map(|own| place(own.size, own.score.high));
    let lower = band.iter().rev().map(|own| place(own.size, own.score.low));
    let area: Vec<String> = upper.chain(lower).collect();
    let sizes = (0..=POINTS).map(|at| size(at as f64 / POINTS as f64));
    let line: Vec<String> = sizes.map(|size| place(size, curve.at(size))).collect();
    let _ = writeln!(
        out,
        "<path class=\"learning-band\" d=\"M{}Z\" fill=\"#1f5fad\" fill-opacity=\".18\"/>\n\
         <path class=\"learning-curve\" d=\"M{}\" fill=\"none\" stroke=\"#1f5fad\" \
         stroke-width=\"1.5\"/>",
        area.join("L"),
        line.join("L")
    );
    for run in curve.runs() {
        let _ = writeln!(
            out,
            "<circle class=\"learning-run\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"#be3428\">\
             <title>{} {unit}: {:.4}</title></circle>",
            x(run.size as f64),
            y(run.score),
            run.size,
            run.score
        );
    }
    let _ = write!(
        out,
        "<text class=\"learning-note\" x=\"{}\" y=\"{}\" text-anchor=\"middle\" \
         fill=\"#5b6570\">{unit}</text>\n</svg>\n",
        LEFT + WIDE / 2.0,
        TOP + TALL + 42.0
    );
    out
}

/// Colours for a dark background. The names are long because a page that holds the picture shares
/// them.
const STYLE: &str = "@media (prefers-color-scheme: dark) {\
.learning-ink { fill: #e4e7eb } .learning-note { fill: #9aa4b1 } .learning-line { stroke: #2c333c } \
.learning-band { fill: #6ea8f0 } .learning-curve { stroke: #6ea8f0 } .learning-run { fill: #f08a7e } }";

#[cfg(test)]
mod tests {
    use ner_align_metrics::learning_curve::TrainedOn;

    use super::*;

    #[test]
    fn every_run_and_every_size_is_there() {
        let runs = [(125, 0.52), (250, 0.61), (250, 0.59), (500, 0.67), (1000, 0.72)];
        let runs = runs.map(|(size, score)| TrainedOn::new(size, score));
        let curve = LearningCurve::fit(&runs).unwrap();
        let picture = learning_curve_svg(&curve, 2000, "sentences");
        assert_eq!(picture.matches("class=\"learning-run\"").count(), 5, "{picture}");
        for size in [125, 250, 500, 1000, 2000] {
            assert_eq!(picture.matches(&format!(">{size}</text>")).count(), 1, "{picture}");
        }
        // The last size is at the right edge, the first one at the left.
        assert!(picture.contains(&format!("d=\"M{:.1} {TOP}v", LEFT + WIDE)), "{picture}");
        assert!(picture.contains(&format!("d=\"M{LEFT:.1} {TOP}v")), "{picture}");
        assert!(!picture.contains("NaN"));
    }
}
