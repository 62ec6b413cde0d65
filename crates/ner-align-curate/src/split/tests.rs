use std::collections::BTreeMap;

use ner_align_core::{CharSpan, Entity, Label, Misalignment, Scheme, SourceSpan, Tag, TextOrigin};
use proptest::prelude::*;

use super::*;

fn label(name: &str) -> Label {
    Label::new(name).unwrap()
}

/// Sentences of `word/TAG`, parted by ` | `.
fn tagged(text: &str) -> Document {
    let mut builder = Document::builder();
    let mut tags = Vec::new();
    for sentence in text.split(" | ") {
        for (word, tag) in sentence.split(' ').filter_map(|word| word.split_once('/')) {
            builder.push_word(word);
            tags.push(Tag::parse(tag).unwrap());
        }
        builder.end_sentence();
    }
    builder.tagged(tags, Scheme::Iob2).unwrap()
}

/// A document for each line of `word` or `word/TAG`.
fn corpus(lines: &[String]) -> Vec<Document> {
    lines.iter().map(|line| tagged(line)).collect()
}

fn sizes(split: &Split) -> Vec<usize> {
    let of = |part| split.units.iter().filter(|unit| unit.part == Some(part)).count();
    (0..split.parts()).map(of).collect()
}

#[test]
fn a_seed_deals_the_same_everywhere() {
    let lines: Vec<String> = (0..12).map(|n| format!("w{n}/O x{n}/O y{n}/O")).collect();
    let documents = corpus(&lines);
    let mut options = SplitOptions::new("8:2:2".parse().unwrap());
    let parts = |options: &SplitOptions| -> Vec<usize> {
        split(&documents, options).unwrap().units.iter().filter_map(|unit| unit.part).collect()
    };
    assert_eq!(parts(&options), [2, 0, 1, 0, 0, 0, 0, 2, 0, 1, 0, 0]);
    options.seed = 1;
    assert_eq!(parts(&options), [0, 0, 1, 0, 1, 0, 0, 2, 0, 0, 0, 2]);
}

#[test]
fn near_duplicates_go_together() {
    let mut lines: Vec<String> = (0..60)
        .map(|n| (0..12).map(|w| format!("w{n}x{w}/O")).collect::<Vec<_>>().join(" "))
        .collect();
    // Each third is the one before it with another last word.
    for n in (2..60).step_by(3) {
        lines[n] = format!("{} other/O", lines[n - 1].rsplit_once(' ').unwrap().0);
    }
    let documents = corpus(&lines);
    for seed in 0..20 {
        let options = SplitOptions { seed, ..SplitOptions::new("3:1:1".parse().unwrap()) };
        let split = split(&documents, &options).unwrap();
        assert_eq!(split.near_duplicates(), (20, 40));
        assert_eq!(sizes(&split), [36, 12, 12]);
        for n in (2..60).step_by(3) {
            assert_eq!(split.units[n].part, split.units[n - 1].part);
        }
        let apart = SplitOptions { near_duplicates: None, ..options };
        assert_eq!(super::split(&documents, &apart).unwrap().near_duplicates(), (0, 0));
    }
}

#[test]
fn every_part_has_something() {
    let documents = corpus(&["a/O".to_owned(), "b/O".to_owned(), "B/O".to_owned()]);
    let parts = |ratio: &str| split(&documents, &SplitOptions::new(ratio.parse().unwrap()));
    assert_eq!(sizes(&parts("1:9").unwrap()).iter().sum::<usize>(), 3);
    assert!(sizes(&parts("1:999").unwrap()).iter().all(|&size| size > 0));
    let error = parts("1:1:1").unwrap_err();
    assert_eq!(error.code(), "empty-part");
    let text = "expected at least 3 units, so that none of 3 parts is empty, found 3 units in 2 groups of near-duplicates";
    assert_eq!(error.to_string(), text);
    assert!(split(&[], &SplitOptions::new(Parts::Folds(2))).is_err());
}

#[test]
fn types_are_shared_out() {
    // Few DIS, some LOC, many PER, and documents without any.
    let lines: Vec<String> = (0..200)
        .map(|n| {
            let tag = match n {
                0..20 => "B-DIS",
                20..70 => "B-LOC",
                70..170 => "B-PER",
                _ => "O",
            };
            format!("w{n}/{tag} x{n}/{} y{n}/O", if n % 2 == 0 { "B-PER" } else { "O" })
        })
        .collect();
    let documents = corpus(&lines);
    for seed in 0..10 {
        let options =
            SplitOptions { seed, stratify: true, ..SplitOptions::new("8:1:1".parse().unwrap()) };
        let split = split(&documents, &options).unwrap();
        assert_eq!(sizes(&split), [160, 20, 20]);
        let counts = |part| {
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            for document in split.documents(&documents, move |of| of == part) {
                for entity in document.entities() {
                    *counts.entry(entity.label.to_string()).or_default() += 1;
                }
            }
            (counts["DIS"], counts["LOC"], counts["PER"])
        };
        assert_eq!((counts(0).0, counts(1).0, counts(2).0), (16, 2, 2));
        assert_eq!((counts(0).1, counts(1).1, counts(2).1), (40, 5, 5));
        for part in [1, 2] {
            assert!((17..=21).contains(&counts(part).2), "{:?}", counts(part));
        }
    }
}

#[test]
fn counts_leave_the_rest_out() {
    let lines: Vec<String> = (0..10).map(|n| format!("w{n}/O")).collect();
    let documents = corpus(&lines);
    let split = split(&documents, &SplitOptions::new(Parts::counts("4:3").unwrap())).unwrap();
    assert_eq!((sizes(&split), split.left_out()), (vec![4, 3], 3));
}

#[test]
fn folds_test_everything_once() {
    let lines: Vec<String> = (0..11).map(|n| format!("w{n}/O")).collect();
    let documents = corpus(&lines);
    let split = split(&documents, &SplitOptions::new(Parts::folds(3).unwrap())).unwrap();
    let mut tested = Vec::new();
    for fold in 0..3 {
        let test = split.documents(&documents, move |of| of == fold);
        let test: Vec<String> = test.map(|document| document.text().to_owned()).collect();
        let train = split.documents(&documents, move |of| of != fold).count();
        assert_eq!(train + test.len(), 11);
        tested.extend(test);
    }
    tested.sort();
    tested.dedup();
    assert_eq!(tested.len(), 11);
}

#[test]
fn sentences_of_a_document_stay_its_own() {
    let text = " Ada met Bo.  Oslo is cold!\nRome (Italy) is not. Fin ";
    let words = ner_align_corpus::words::split(text);
    let mut document = Document::from_text(text, words).unwrap();
    document.set_id(Some("d".to_owned()));
    let starts: Vec<usize> = ["Ada", "Oslo", "Rome", "Fin"]
        .iter()
        .map(|first| (0..document.len()).find(|&w| document.word(w) == *first).unwrap())
        .collect();
    document.set_sentence_starts(&starts);
    document
        .set_entities(vec![
            Entity::new(0, 1, label("PER")),
            Entity::new(starts[1], starts[1] + 1, label("LOC")),
            Entity::new(starts[2], starts[2] + 1, label("LOC")),
        ])
        .unwrap();
    let at = |surface: &str| text.find(surface).unwrap();
    let span =
        |start, end, reason| SourceSpan::new(vec![CharSpan::new(start, end)], label("X"), reason);
    document.set_unaligned(vec![
        span(at("slo"), at("slo") + 3, Misalignment::InsideWord),
        span(at("tal"), at("tal") + 2, Misalignment::InsideWord),
        span(at("Fin"), 100, Misalignment::OutOfRange),
        span(usize::MAX, 3, Misalignment::Reversed),
    ]);
    let units = |document: &Document| Cutter::new(document).units();
    // The span that runs backwards from past the end binds everything.
    assert_eq!(units(&document).len(), 1);
    let spans = document.unaligned()[..3].to_vec();
    document.set_unaligned(spans);
    assert_eq!(units(&document), [0..1, 1..2, 2..3, 3..4]);

    let part = Cutter::new(&document).cut([0, 2, 3].into_iter());
    assert_eq!(part.text(), " Ada met Bo.  Rome (Italy) is not. Fin ");
    assert_eq!((part.id(), part.origin()), (Some("d"), TextOrigin::Source));
    let surfaces: Vec<&str> = part.entities().iter().map(|e| part.surface(e.span)).collect();
    assert_eq!(surfaces, ["Ada", "Rome"]);
    assert_eq!(part.sentences().len(), 3);
    let pieces: Vec<CharSpan> = part.unaligned().iter().map(|span| span.pieces[0]).collect();
    let moved = part.text().find("tal").unwrap();
    let cut = text.len() - part.text().len();
    assert_eq!(pieces[0], CharSpan::new(moved, moved + 2));
    assert_eq!(pieces[1], CharSpan::new(at("Fin") - cut, 100 - cut));
    assert!(100 - cut > part.text().chars().count());

    let other = Cutter::new(&document).cut([1].into_iter());
    assert_eq!(other.text(), "Oslo is cold!\n");
    assert_eq!(other.unaligned()[0].pieces, [CharSpan::new(1, 4)]);
    // An entity over the end of a sentence binds it to the next.
    document.set_entities(vec![Entity::new(starts[1] - 1, starts[1] + 1, label("X"))]).unwrap();
    assert_eq!(units(&document), [0..2, 2..3, 3..4]);
}

#[test]
fn tags_lines_and_comments_go_along() {
    let mut builder = Document::builder();
    for (line, word) in [(1, "a"), (3, "b"), (5, "c")] {
        builder.set_line(line);
        builder.push_comment(&format!("# {word}"));
        builder.push_word(word);
        builder.push_word("x");
        builder.end_sentence();
    }
    let tags = ["I-A", "O", "-", "I-B", "O", "B-A"].map(|tag| Tag::parse(tag).unwrap());
    let mut document = builder.tagged(tags.to_vec(), Scheme::Iob2).unwrap();
    document.set_spellings(vec![(0, "A".into()), (5, "B-A ".into())]);
    let part = Cutter::new(&document).cut([0, 2].into_iter());
    let (tags, scheme) = part.tags().unwrap();
    let tags: Vec<String> = tags.iter().map(|tag| tag.display(scheme).to_string()).collect();
    assert_eq!(tags, ["I-A", "O", "O", "B-A"]);
    assert_eq!((part.spelling(0), part.spelling(3)), (Some("A"), Some("B-A ")));
    assert_eq!((part.text(), part.origin()), ("a x c x", TextOrigin::Rebuilt));
    let lines: Vec<Option<u64>> = part.sentences().iter().map(|s| s.line).collect();
    assert_eq!(lines, [Some(1), Some(5)]);
    assert_eq!(part.sentences()[1].comments, ["# c"]);
}

proptest! {
    #[test]
    fn nothing_is_lost_or_doubled(
        documents in prop::collection::vec(
            prop::collection::vec(prop::collection::vec("[a-f]{1,2}", 1..5), 1..5), 4..20),
        seed in any::<u64>(),
        stratify in any::<bool>(),
        by_sentence in any::<bool>(),
        near in prop::sample::select(vec![None, Some(0.5), Some(1.0)]),
    ) {
        let documents: Vec<Document> = documents.iter().enumerate().map(|(n, sentences)| {
            let text: Vec<String> = sentences.iter().map(|words| {
                let word = |(i, w): (usize, &String)| format!("{w}/{}", ["O", "B-A", "B-B"][(i + w.len() + n) % 3]);
                words.iter().enumerate().map(word).collect::<Vec<_>>().join(" ")
            }).collect();
            tagged(&text.join(" | "))
        }).collect();
        let unit = if by_sentence { SplitUnit::Sentence } else { SplitUnit::Document };
        let options = SplitOptions {
            parts: "2:1".parse().unwrap(), unit, seed, stratify, near_duplicates: near,
        };
        if let Ok(split) = split(&documents, &options) {
            let mut words: Vec<String> = Vec::new();
            let mut entities = 0;
            for part in 0..2 {
                let mut any = false;
                for document in split.documents(&documents, move |of| of == part) {
                    any = true;
                    words.extend(document.words().map(str::to_owned));
                    entities += document.entities().len();
                }
                prop_assert!(any);
            }
            let mut expected: Vec<String> =
                documents.iter().flat_map(|d| d.words().map(str::to_owned)).collect();
            words.sort();
            expected.sort();
            prop_assert_eq!(words, expected);
            prop_assert_eq!(entities, documents.iter().map(|d| d.entities().len()).sum::<usize>());
        }
    }
}
