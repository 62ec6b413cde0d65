//! Reports: escaped, complete, and fit for what reads them.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::scored;
use ner_align_metrics::Scores;
use ner_align_metrics::report;

/// A type that means something to every format.
const NASTY: &str = "A_&<|%$\"x";

fn nasty() -> Scores {
    let tag = format!("B-{NASTY}");
    scored(&[(&format!("{tag} O B-B"), &format!("{tag} O {tag}"))])
}

#[test]
fn tables_and_lines() {
    let scores = scored(&[("B-PER I-PER O B-LOC", "B-PER I-PER O B-ORG"), ("O", "O")]);
    assert_eq!(
        report::summary_line(&scores),
        "strict P 50.00 R 50.00 F1 50.00 | exact 100.00 partial 100.00 type 50.00 relaxed 66.67 | \
         token accuracy 80.00 | 2 gold, 2 predicted entities"
    );
    let table = report::table(&scores);
    assert!(table.contains("         LOC          -      0.00      0.00         1\n"), "{table}");
    assert_eq!(report::table_of(scores.exact(), 4).lines().count(), 9);
    let empty = scored(&[]);
    assert!(
        report::table(&empty).contains("   micro avg          -         -         -         0")
    );
    assert!(report::summary_line(&empty).starts_with("strict P - R - F1 - |"));
}

#[test]
fn confusion_in_a_terminal() {
    let scores = scored(&[("B-A I-A O B-B", "B-A O O B-A"), ("B-B O", "O B-A")]);
    let lines: Vec<String> =
        report::confusion(&scores.confusion).lines().map(str::to_owned).collect();
    assert_eq!(
        lines,
        [
            "gold \\ predicted  O  B-A",
            "O                 1    1",
            "B-A               .    1",
            "I-A               1    .",
            "B-B               1    1",
            "without predictions: I-A, B-B",
        ]
    );
}

#[test]
fn json_reads_back() {
    let scores = nasty();
    let back: Scores = serde_json::from_str(&report::json(&scores).unwrap()).unwrap();
    assert_eq!(back, scores);
}

#[test]
fn markdown_and_latex_escape() {
    let page = report::markdown(&nasty());
    assert!(page.contains("| A\\_&\\<\\|%$\"x | 50.00 | 100.00 | 66.67 | 1 |"), "{page}");
    assert!(page.contains("| strict | 50.00 | 50.00 | 50.00 | 1 |"), "{page}");
    let paper = report::latex(&nasty());
    assert!(paper.contains("A\\_\\&<|\\%\\$\"x & 50.00 & 100.00 & 66.67 & 1 \\\\\n"), "{paper}");
    assert!(paper.contains("B & -- & 0.00 & 0.00 & 1 \\\\\n\\hline\nmicro"), "{paper}");
}

/// That tags are balanced, attributes quoted, and no text is taken for markup.
fn check_xml(text: &str) {
    let mut open = Vec::new();
    for part in text.split('<').skip(1) {
        let (tag, _) = part.split_once('>').unwrap();
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap().to_owned();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(name);
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
    }
    assert!(open.is_empty(), "{open:?}");
    for part in text.split('&').skip(1) {
        assert!(part.split_once(';').is_some_and(|(name, _)| name.len() < 6), "{part}");
    }
}

#[test]
fn the_picture_is_well_formed() {
    let scores = nasty();
    for (matrix, cell) in [
        (&scores.confusion, "gold B-B, predicted B-A_&amp;&lt;|%$&quot;x: 1 (100.0 %)"),
        (&scores.entity_confusion, "gold B, predicted A_&amp;&lt;|%$&quot;x: 1 (100.0 %)"),
    ] {
        let picture = report::confusion_svg(matrix, "a < b & c");
        check_xml(&picture);
        assert!(picture.contains(cell), "{picture}");
    }
    check_xml(&report::confusion_svg(&scored(&[]).entity_confusion, "empty"));
}
