//! Laws and tables of the tag schemes.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use ner_align_core::{
    DecodeMode, Document, Entity, Label, Scheme, SchemeDetector, SchemeError, Tag,
};
use proptest::prelude::*;

fn tags(text: &str) -> Vec<Tag> {
    text.split_whitespace().map(|tag| Tag::parse(tag).unwrap()).collect()
}

fn spans(entities: &[Entity]) -> String {
    let spans: Vec<String> =
        entities.iter().map(|e| format!("{}:{}-{}", e.label, e.span.start, e.span.end)).collect();
    spans.join(" ")
}

fn spelled(tags: &[Tag], scheme: Scheme) -> String {
    tags.iter().map(|tag| tag.display(scheme).to_string()).collect::<Vec<_>>().join(" ")
}

/// Sentences of up to 12 words with non-overlapping entities of three types, many adjacent.
fn sentences() -> impl Strategy<Value = (usize, Vec<Entity>)> {
    prop::collection::vec((0_usize..3, 1_usize..4, 0_usize..3), 0..5).prop_map(|parts| {
        let mut entities = Vec::new();
        let mut word = 0;
        for (gap, length, label) in parts {
            word += gap;
            let label = Label::new(["A", "B", "B-C"][label]).unwrap();
            entities.push(Entity::new(word, word + length, label));
            word += length;
        }
        (word + 1, entities)
    })
}

fn any_tags() -> impl Strategy<Value = Vec<Tag>> {
    let letters = prop::sample::select(vec!["B-", "I-", "E-", "S-", "O", "-"]);
    let tag = (letters, prop::sample::select(vec!["A", "B"])).prop_map(|(letter, label)| {
        let text = if letter.len() == 2 { format!("{letter}{label}") } else { letter.to_owned() };
        Tag::parse(&text).unwrap()
    });
    prop::collection::vec(tag, 0..12)
}

fn adjacent_of_one_type(entities: &[Entity]) -> bool {
    entities.windows(2).any(|e| e[0].span.end == e[1].span.start && e[0].label == e[1].label)
}

proptest! {
    #[test]
    fn encoding_and_decoding_are_inverse((words, entities) in sentences()) {
        for scheme in Scheme::ALL {
            if scheme == Scheme::Io && adjacent_of_one_type(&entities) {
                continue; // IO cannot tell them apart
            }
            let tags = scheme.encode(&entities, words).unwrap();
            for mode in [DecodeMode::Lenient, DecodeMode::Strict] {
                let decoded = scheme.decode(&tags, mode);
                prop_assert_eq!(&decoded.entities, &entities, "{} {:?}", scheme, mode);
                prop_assert_eq!(decoded.violations, vec![], "{}", scheme);
            }
        }
    }

    #[test]
    fn spelling_reads_back((words, entities) in sentences()) {
        for scheme in Scheme::ALL {
            let tags_written = scheme.encode(&entities, words).unwrap();
            prop_assert_eq!(tags(&spelled(&tags_written, scheme)), tags_written);
        }
    }

    #[test]
    fn lenient_decoding_loses_no_word(tags in any_tags()) {
        for scheme in Scheme::ALL {
            let decoded = scheme.decode(&tags, DecodeMode::Lenient);
            let mut covered = vec![false; tags.len()];
            for entity in &decoded.entities {
                for word in entity.span.range() {
                    prop_assert!(!covered[word]);
                    prop_assert_eq!(tags[word].label(), Some(&entity.label));
                    covered[word] = true;
                }
            }
            for (tag, covered) in tags.iter().zip(covered) {
                prop_assert_eq!(tag.label().is_some(), covered);
            }
            let strict = scheme.decode(&tags, DecodeMode::Strict);
            prop_assert!(strict.entities.iter().all(|e| decoded.entities.contains(e)));
            if strict.violations.is_empty() {
                prop_assert_eq!(strict.entities, decoded.entities);
            }
        }
    }

    #[test]
    fn spreading_keeps_the_entities((words, entities) in sentences(), pieces in prop::collection::vec(1_usize..4, 32)) {
        for scheme in Scheme::ALL {
            let tags = scheme.encode(&entities, words).unwrap();
            let mut starts = vec![0];
            let mut spread = Vec::new();
            for (tag, &pieces) in tags.iter().zip(&pieces) {
                spread.extend(scheme.spread(tag, pieces));
                starts.push(spread.len());
            }
            let expected: Vec<Entity> = scheme.decode(&tags, DecodeMode::Lenient).entities.into_iter()
                .map(|e| Entity::new(starts[e.span.start], starts[e.span.end], e.label)).collect();
            let decoded = scheme.decode(&spread, DecodeMode::Strict);
            prop_assert_eq!(decoded.violations, vec![], "{} {}", scheme, spelled(&spread, scheme));
            prop_assert_eq!(decoded.entities, expected, "{}", scheme);
        }
    }

    #[test]
    fn a_corpus_tells_its_scheme((words, entities) in sentences()) {
        for scheme in [Scheme::Iob2, Scheme::Iobes, Scheme::Ioe2] {
            let tags = scheme.encode(&entities, words).unwrap();
            let mut detector = SchemeDetector::default();
            detector.observe(&tags);
            let detected = detector.scheme();
            prop_assert_eq!(detected.decode(&tags, DecodeMode::Strict).entities, entities.clone());
        }
    }
}

#[test]
fn decoding_cases() {
    use Scheme::{Biluo, Iob1, Iob2, Iobes, Ioe1, Ioe2};
    let (l, s) = (DecodeMode::Lenient, DecodeMode::Strict);
    for (scheme, mode, text, expected) in [
        (Iob2, l, "I-A I-A O I-B I-A", "A:0-2 B:3-4 A:4-5"),
        (Iob2, s, "I-A I-A O B-B I-A", "B:3-4"),
        (Iob2, l, "B-A I-B", "A:0-1 B:1-2"),
        (Iob2, s, "B-A I-B", "A:0-1"),
        (Iob1, l, "I-A B-A I-A", "A:0-1 A:1-3"),
        (Iob1, s, "I-A B-A I-A", "A:0-1 A:1-3"),
        (Iob1, s, "B-A O I-A", "A:2-3"),
        (Ioe1, l, "I-A E-A I-A", "A:0-2 A:2-3"),
        (Ioe1, s, "I-A E-A O", ""),
        (Ioe2, s, "I-A E-A I-A", "A:0-2"),
        (Ioe2, s, "E-A E-A", "A:0-1 A:1-2"),
        (Iobes, s, "B-A I-A O S-A", "A:3-4"),
        (Iobes, l, "B-A E-A B-A E-A", "A:0-2 A:2-4"),
        (Biluo, s, "B-A U-B", "B:1-2"),
        (Biluo, l, "U-A U-A L-A", "A:0-1 A:1-2 A:2-3"),
        (Biluo, l, "B-A - L-A", "A:0-1 A:2-3"),
    ] {
        let decoded = scheme.decode(&tags(text), mode);
        assert_eq!(spans(&decoded.entities), expected, "{scheme} {mode:?} {text}");
    }
}

#[test]
fn violations_have_their_place() {
    for (scheme, text, expected) in [
        (Scheme::Iob2, "O I-A O I-A", vec![1, 3]),
        (Scheme::Iob2, "S-A O", vec![0, 1]),
        (Scheme::Iobes, "B-A", vec![1]),
        (Scheme::Iobes, "- I-A E-A -", vec![]),
        (Scheme::Ioe2, "I-A O", vec![1]),
        (Scheme::Iob1, "B-A", vec![0]),
    ] {
        let found: Vec<usize> = scheme
            .decode(&tags(text), DecodeMode::Strict)
            .violations
            .iter()
            .map(|violation| violation.word)
            .collect();
        assert_eq!(found, expected, "{scheme} {text}");
    }
}

#[test]
fn detection_cases() {
    for (text, expected) in [
        ("O O", Scheme::Iob2),
        ("I-A I-A O", Scheme::Io),
        ("I-A B-A O", Scheme::Iob1),
        ("B-A I-A O", Scheme::Iob2),
        ("I-A E-A E-A", Scheme::Ioe2),
        ("B-A E-A S-A", Scheme::Iobes),
    ] {
        let mut detector = SchemeDetector::default();
        detector.observe(&tags(text));
        assert_eq!(detector.scheme(), expected, "{text}");
    }
    let mut detector = SchemeDetector::default();
    detector.observe(&tags("B-A L-A"));
    detector.saw_biluo_letter();
    assert_eq!(detector.scheme(), Scheme::Biluo);
}

#[test]
fn entities_that_no_scheme_can_write() {
    let a = Label::new("A").unwrap();
    let overlap = [Entity::new(0, 2, a.clone()), Entity::new(1, 3, a.clone())];
    let outside = [Entity::new(2, 4, a.clone())];
    for scheme in Scheme::ALL {
        assert!(matches!(scheme.encode(&overlap, 3), Err(SchemeError::Overlap { .. })));
        assert!(matches!(scheme.encode(&outside, 3), Err(SchemeError::OutOfRange { .. })));
    }
    let mut builder = Document::builder();
    for word in ["a", "b"] {
        builder.push_word(word);
        builder.end_sentence();
    }
    let mut document = builder.untagged();
    document.set_entities(vec![Entity::new(0, 2, a)]).unwrap();
    assert!(matches!(document.tags_in(Scheme::Iob2), Err(SchemeError::CrossesSentence { .. })));
}

#[test]
fn tags_of_a_document_are_written_sentence_by_sentence() {
    let mut builder = Document::builder();
    for word in ["a", "b"] {
        builder.push_word(word);
        builder.end_sentence();
    }
    let document = builder.tagged(tags("I-A I-A"), Scheme::Iob1).unwrap();
    assert_eq!(spans(document.entities()), "A:0-1 A:1-2");
    // Without the sentence end the second would need a B.
    assert_eq!(spelled(&document.tags_in(Scheme::Iob1).unwrap(), Scheme::Iob1), "I-A I-A");
    assert_eq!(spelled(&document.tags_in(Scheme::Biluo).unwrap(), Scheme::Biluo), "U-A U-A");
}
