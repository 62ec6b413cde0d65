//! The page of scores: escaped, complete, and fit for its policy.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use ner_align_core::{DecodeMode, Metric, Scheme, Tag};
use ner_align_metrics::Scorer;
use ner_align_metrics::analysis::{Analyzer, SentencePlace};
use ner_align_metrics::calibration::{Reliability, ScoredPrediction};
use ner_align_metrics::resampling::Resampling;
use ner_align_render::ScorePage;

fn tags(text: &str) -> Vec<Tag> {
    text.split(' ').map(|tag| Tag::parse(tag).unwrap()).collect()
}

#[test]
fn the_page_has_everything_and_escapes_it() {
    let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient).recording_units();
    let mut analyzer = Analyzer::new(Scheme::Iob2, DecodeMode::Lenient);
    let words = ["<b>Ada</b>", "&", "Bob"];
    let (gold, predicted) = (tags("B-PER O B-PER"), tags("B-PER O B-LOC"));
    scorer.update(&gold, &predicted).unwrap();
    let place = SentencePlace::new(0, 0).with_line(Some(12));
    analyzer.add_sentence(place, &words, &gold, &predicted).unwrap();
    let (scores, analysis) = (scorer.compute(), analyzer.finish());
    let intervals = Resampling::new(1).resamples(20).bootstrap(scorer.units()).unwrap();
    let scored = [true, true, true, true, false].map(|right| ScoredPrediction::new(0.95, right));
    let reliability = Reliability::of(&scored, 10);
    let page = ScorePage::new(&scores)
        .title("dev <1>")
        .analysis(&analysis)
        .intervals(&intervals)
        .reliability("Calibration <dev>", &reliability)
        .picture("Curves", "<svg><style>.a { fill: red }</style><text>loss</text></svg>")
        .render();
    for part in [
        "<h1>dev &lt;1&gt;</h1>",
        "line 12",
        "By entity length",
        "&lt;b&gt;Ada&lt;/b&gt; &amp;",
        "data-kind=\"type\"",
        "strict scores with 95 % intervals of 20 bootstrap",
        "Calibration &lt;dev&gt;",
        "calibration error 0.150",
        "<style>.a { fill: red }</style>",
        "<figure>\n<svg><text>loss",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("<b>Ada"));
    // Nothing is loaded: the only address is the name of the SVG language.
    assert_eq!(page.matches("://").count(), page.matches("http://www.w3.org/2000/svg").count());
}
