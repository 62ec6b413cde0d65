//! Laws of redaction, and cases.

use ner_align_core::{CharSpan, Label};
use proptest::prelude::*;

use super::*;

fn label(name: &str) -> Label {
    Label::new(name).unwrap()
}

fn spans(places: &[(usize, usize, &str)]) -> Vec<(CharSpan, Label)> {
    places.iter().map(|&(start, end, name)| (CharSpan::new(start, end), label(name))).collect()
}

#[test]
fn what_takes_the_place() {
    let text = "Zoë in Rome, Zoë  B in Rome";
    let all = spans(&[(0, 3, "PER"), (7, 11, "LOC"), (13, 19, "PER"), (23, 27, "LOC")]);
    for (replacing, expected) in [
        (Replacing::Type, "[PER_1] in [LOC_1], [PER_2] in [LOC_1]"),
        (Replacing::Bar, "███ in ████, ██████ in ████"),
        (
            Replacing::Surrogate(Surrogates::new(
                [
                    (label("PER"), "Zoë B".into()),
                    (label("PER"), "Zoë".into()),
                    (label("LOC"), "Pécs".into()),
                ],
                3,
            )),
            "Zoë B in Pécs, Zoë in Pécs",
        ),
    ] {
        let redacted = Redactor::new(replacing).redact(text, &all).unwrap();
        assert_eq!(redacted.text, expected);
    }
    let only =
        Redactor::new(Replacing::Type).with_types([label("LOC")]).redact(text, &all).unwrap();
    assert_eq!(only.text, "Zoë in [LOC_1], Zoë  B in [LOC_1]");
    // Numbers begin anew with each document.
    let mut redactor = Redactor::new(Replacing::Type);
    for name in ["Ada", "Eve"] {
        assert_eq!(redactor.redact(name, &spans(&[(0, 3, "PER")])).unwrap().text, "[PER_1]");
    }
}

#[test]
fn overlaps_become_one_with_the_type_of_the_longest() {
    for (places, expected) in [
        (vec![(0, 4, "B"), (1, 2, "A")], "[B_1]efgh"),
        (vec![(1, 2, "A"), (0, 4, "B")], "[B_1]efgh"),
        (vec![(0, 3, "A"), (2, 6, "B")], "[B_1]gh"),
        (vec![(0, 4, "B"), (0, 4, "A")], "[A_1]efgh"),
        (vec![(0, 2, "A"), (2, 4, "A")], "[A_1][A_2]efgh"),
        (vec![(6, 99, "A"), (3, 3, "B"), (50, 60, "B")], "abcdef[A_1]"),
        // As a corpus may have them.
        (vec![(4, 1, "A")], "a[A_1]efgh"),
    ] {
        let redacted = Redactor::new(Replacing::Type).redact("abcdefgh", &spans(&places)).unwrap();
        assert_eq!(redacted.text, expected, "{places:?}");
    }
}

#[test]
fn surrogates_of_a_file_and_its_faults() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("names.tsv");
    std::fs::write(&path, "# names\nPER\tAda  B\n\nPER\tEve\nLOC\tOslo\n").unwrap();
    let mut names = Surrogates::read(&path, 1).unwrap();
    let given: Vec<String> = ["Bob", "Carl", "Bob", "Dora"]
        .map(|name| names.of(&label("PER"), name).unwrap().to_owned())
        .into();
    assert_eq!(given[0], given[2]);
    assert_ne!(given[0], given[1]);
    assert!(given.iter().all(|name| ["Ada B", "Eve"].contains(&name.as_str())), "{given:?}");
    let error = names.of(&label("LOC"), "Oslo").unwrap_err().to_string();
    assert!(error.contains("a text of the type LOC"), "{error}");
    for wrong in ["PER Ada", "\tAda", "PER\t "] {
        std::fs::write(&path, format!("PER\tAda\n{wrong}\n")).unwrap();
        let error = Surrogates::read(&path, 1).unwrap_err().to_string();
        assert!(error.contains("names.tsv:2: expected a type, a tab and a text"), "{error}");
    }
}

#[test]
fn a_map_of_two_texts_is_refused() {
    let replacement = |old: (usize, usize), new: (usize, usize)| {
        Replacement::new(label("A"), CharSpan::new(old.0, old.1), CharSpan::new(new.0, new.1))
    };
    for wrong in [
        vec![replacement((0, 3), (0, 7)), replacement((2, 5), (8, 9))],
        vec![replacement((0, 3), (0, 7)), replacement((5, 6), (8, 9))],
        vec![replacement((4, 3), (4, 7))],
        vec![replacement((1, 3), (0, 7))],
    ] {
        let error = OffsetMap::new(wrong.clone()).unwrap_err().to_string();
        assert!(error.starts_with("map "), "{error} {wrong:?}");
    }
}

fn replacing() -> impl Strategy<Value = Replacing> {
    let texts =
        ["x", "Ünï", "a b c d e f", "[PER_1]", "█"].map(|text| (label("A"), text.to_owned()));
    let more = texts.clone().map(|(_, text)| (label("B"), text));
    prop_oneof![
        Just(Replacing::Type),
        Just(Replacing::Bar),
        any::<u64>().prop_map(move |seed| {
            let all = texts.iter().chain(&more).cloned();
            Replacing::Surrogate(Surrogates::new(all.collect::<Vec<_>>(), seed))
        }),
    ]
}

proptest! {
    #[test]
    fn what_is_outside_stays_and_offsets_go_both_ways(
        text in "[a-cé█ \n\u{10348}]{0,30}",
        places in prop::collection::vec((0_usize..34, 0_usize..34, prop::sample::select(vec!["A", "B"])), 0..6),
        replacing in replacing(),
    ) {
        let is_bar = matches!(replacing, Replacing::Bar);
        let spans = spans(&places);
        let redacted = Redactor::new(replacing.clone()).redact(&text, &spans).unwrap();
        let (old, new): (Vec<char>, Vec<char>) = (text.chars().collect(), redacted.text.chars().collect());
        let map = OffsetMap::new(redacted.replacements.clone()).unwrap();
        let covered = |at: usize| {
            spans.iter().any(|(span, _)| (span.start.min(span.end)..span.start.max(span.end)).contains(&at))
        };
        // What is outside spans is where the map says; what is inside is within a replacement.
        for (at, character) in old.iter().enumerate() {
            let is_replaced = redacted.replacements.iter().any(|own| own.old.contains(at));
            prop_assert_eq!(is_replaced, covered(at), "{}", at);
            if !is_replaced {
                let there = map.to_new(at).unwrap();
                prop_assert_eq!(new[there], *character);
                prop_assert_eq!(map.span_to_new(CharSpan::new(at, at + 1)), Some(CharSpan::new(there, there + 1)));
            }
        }
        // The ways there and back are inverse, and order stays.
        let mut last = None;
        for at in 0..=old.len() {
            if let Some(there) = map.to_new(at) {
                prop_assert_eq!(map.to_old(there), Some(at));
                prop_assert!(last.is_none_or(|last| last < there));
                last = Some(there);
            }
        }
        for at in 0..=new.len() {
            if let Some(there) = map.to_old(at) {
                prop_assert_eq!(map.to_new(there), Some(at));
            }
        }
        prop_assert_eq!(map.to_new(old.len()), Some(new.len()));
        for own in &redacted.replacements {
            prop_assert_eq!(map.span_to_new(own.old), Some(own.new));
            prop_assert_eq!(map.span_to_old(own.new), Some(own.old));
            let line = MapLine::new(3, Some("d"), own);
            let json = serde_json::to_string(&line).unwrap();
            prop_assert!(!json.contains("\"text\""), "{}", json);
            prop_assert_eq!(&serde_json::from_str::<MapLine>(&json).unwrap().replacement(), own);
        }
        prop_assert!(!is_bar || (old.len() == new.len() && redacted.replacements.iter().all(|own| own.old == own.new)));
        // The same again.
        let again = Redactor::new(replacing).redact(&text, &spans).unwrap();
        prop_assert_eq!(again, redacted);
    }
}
