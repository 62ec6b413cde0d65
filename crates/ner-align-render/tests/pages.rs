//! Pages of entities: every entity once at its place, every text escaped, every error marked.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod reading;

use std::collections::BTreeSet;
use std::path::Path;

use ner_align_core::{
    CharSpan, DecodeMode, Document, Entity, Label, Misalignment, Scheme, Score, SourceSpan, Tag,
};
use ner_align_metrics::Scorer;
use ner_align_metrics::analysis::Outcome;
use ner_align_render::{
    Comparison, EntityPage, EntityPicture, RenderError, TerminalColours, terminal,
    terminal_comparison,
};
use proptest::prelude::*;
use reading::{Found, read};

type Spans<'a> = &'a [(usize, usize, &'a str)];

/// A document of sentences, whose words are parted by spaces.
fn document(sentences: &[&str], spans: Spans<'_>) -> Document {
    let mut builder = Document::builder();
    for sentence in sentences {
        sentence.split(' ').for_each(|word| builder.push_word(word));
        builder.end_sentence();
    }
    let mut document = builder.untagged();
    let entity = |&(start, end, label): &(usize, usize, &str)| {
        Entity::new(start, end, Label::new(label).unwrap())
    };
    document.set_entities(spans.iter().map(entity).collect()).unwrap();
    document
}

fn compare(gold: Spans<'_>, predicted: Spans<'_>) -> Comparison {
    let words = ["a b c d e f g h"];
    Comparison::new(vec![document(&words, gold)], &[document(&words, predicted)]).unwrap()
}

#[test]
fn a_small_page_is_as_it_was() {
    let mut first = document(
        &["Ada of the Royal Society of London wrote .", "<b> & \u{202e}x"],
        &[(0, 1, "PER"), (2, 7, "ORG"), (6, 7, "LOC"), (9, 10, "<img src=x onerror=alert(1)>")],
    );
    first.set_id(Some("first \"one\"".to_owned()));
    first.set_scores([Score::new(0.75)]);
    let pieces = vec![CharSpan::new(0, 3), CharSpan::new(7, 10)];
    let label = Label::new("PER").unwrap();
    first.set_unaligned(vec![SourceSpan::new(pieces, label, Misalignment::Discontinuous)]);
    let page = EntityPage::new(&[first]).title("two <lines>").render();
    let body = page.split_once("<body>").unwrap().1.split_once("<script>").unwrap().0;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/page.html");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(&path, body).unwrap();
    }
    assert_eq!(body, std::fs::read_to_string(&path).unwrap(), "UPDATE_EXPECTED=1 accepts it");
}

/// Only hashes in the policy, as many as there are styles and scripts, and nothing that it would stop.
#[test]
fn the_policy_is_strict() {
    let documents = [document(&["a b"], &[(0, 1, "onload")])];
    let comparison = compare(&[(0, 1, "A")], &[(0, 1, "B")]);
    for page in [EntityPage::new(&documents).render(), EntityPage::compare(&comparison).render()] {
        let policy = page.split_once("content=\"default-src").unwrap().1.split_once('"').unwrap().0;
        assert!(!policy.contains("unsafe") && policy.starts_with(" 'none';"), "{policy}");
        let count = page.matches("<style>").count() + page.matches("<script>").count();
        assert_eq!(policy.matches("'sha256-").count(), count);
        for refused in [" style=\"", " onload", " onclick", "javascript:", " src=", "http"] {
            let body = page.split_once("<body>").unwrap().1.split_once("<script>").unwrap().0;
            assert!(!body.contains(refused), "{refused}");
        }
    }
}

#[test]
fn every_kind_of_error_is_marked() {
    for (outcome, gold, predicted) in [
        (Outcome::Boundary, &[(0, 2, "A")][..], &[(0, 1, "A")][..]),
        (Outcome::Type, &[(0, 2, "A")], &[(0, 2, "B")]),
        (Outcome::BoundaryAndType, &[(0, 2, "A")], &[(0, 1, "B")]),
        (Outcome::Missed, &[(0, 2, "A")], &[]),
        (Outcome::Spurious, &[], &[(0, 2, "A")]),
        (Outcome::Merged, &[(0, 2, "A"), (2, 3, "A")], &[(0, 3, "A")]),
        (Outcome::Split, &[(0, 3, "A")], &[(0, 2, "A"), (2, 3, "A")]),
    ] {
        let comparison = compare(gold, predicted);
        let page = EntityPage::compare(&comparison).render();
        let class = outcome.as_str().replace(' ', "-");
        let main = page.split_once("<main").unwrap().1.split_once("<script>").unwrap().0;
        assert!(main.contains(&format!(" no o-{class}\"")), "{main}");
        assert!(main.contains(&format!("<em>{}</em>", outcome.as_str())), "{main}");
        assert!(page.contains(&format!("<tr data-kind=\"{class}\">")), "{page}");
        let filter =
            format!("data-kind=\"{class}\" aria-pressed=\"true\">{} <b>1</b>", outcome.as_str());
        assert!(page.contains(&filter), "{page}");
        let text = terminal_comparison(&comparison, TerminalColours::None, &[outcome]);
        assert!(text.contains(&format!("!{}", outcome.as_str())), "{text}");
        // Only sentences with the kinds that one asks for.
        let other = if outcome == Outcome::Type { Outcome::Missed } else { Outcome::Type };
        let page = EntityPage::compare(&comparison).errors([other]).render();
        assert!(!page.split_once("<script>").unwrap().0.contains(" data-at="));
        assert_eq!(terminal_comparison(&comparison, TerminalColours::None, &[other]), "");
    }
}

#[test]
fn predictions_beside_missing_gold_are_not_scored() {
    let tag = |text: &str| Tag::parse(text).unwrap();
    let words = |tags: [&str; 2]| {
        let mut builder = Document::builder();
        ["a", "b"].iter().for_each(|word| builder.push_word(word));
        let tags = tags.map(|text| if text == "-" { Tag::Missing } else { tag(text) });
        builder.tagged(tags.to_vec(), Scheme::Iob2).unwrap()
    };
    let comparison = Comparison::new(vec![words(["-", "O"])], &[words(["B-A", "O"])]).unwrap();
    assert_eq!(comparison.errors(), []);
    assert!(EntityPage::compare(&comparison).render().contains(" unscored\""));
}

#[test]
fn documents_may_end_elsewhere_and_words_must_be_the_same() {
    let one = || document(&["a b"], &[(1, 2, "A")]);
    let both = |spans| document(&["a b", "a b"], spans);
    let comparison =
        Comparison::new(vec![one(), one()], &[both(&[(1, 2, "A"), (3, 4, "A")])]).unwrap();
    assert_eq!((comparison.errors().len(), comparison.predicted().len()), (0, 2));
    for (gold, predicted, message) in [
        (vec![one()], vec![document(&["a c"], &[])], "gold document 1, word 2: expected \"b\""),
        (vec![one()], vec![document(&["a"], &[])], "found the end"),
        (
            vec![one()],
            vec![both(&[])],
            "word 3: expected the end in the predicted documents, found \"a\"",
        ),
        (vec![one(), one()], vec![both(&[(1, 3, "A")])], "found one of A that ends behind it"),
        (vec![], vec![one()], "expected the end"),
    ] {
        let error: RenderError = Comparison::new(gold, &predicted).unwrap_err();
        assert!(error.to_string().contains(message) && error.hint().is_some(), "{error}");
    }
    assert_eq!(Comparison::new(vec![], &[]).unwrap().errors(), []);
}

#[test]
fn a_terminal_gets_brackets_or_colours_and_no_control_character() {
    let documents =
        [document(&["x \u{1b}[2Jy z"], &[(0, 3, "OUT"), (1, 2, "IN\u{7}"), (2, 3, "B")])];
    assert_eq!(
        terminal(&documents, TerminalColours::None),
        "1  [x [<U+001B>[2Jy]IN<U+0007> [z]B]OUT\n"
    );
    for colours in [TerminalColours::True, TerminalColours::Indexed] {
        let text = terminal(&documents, colours);
        // Every escape is a colour that ends.
        for part in text.split('\u{1b}').skip(1) {
            let code = part.split_once('m').unwrap().0;
            assert!(code.chars().all(|c| c.is_ascii_digit() || c == '[' || c == ';'), "{code:?}");
        }
        assert!(text.trim_end().ends_with("\u{1b}[0m"));
    }
}

#[test]
fn a_picture_is_well_formed_and_within_its_width() {
    let documents = [document(
        &[
            "Ada <Lovelace> of the Royal Society of London wrote a long sentence & more",
            "محمود في فلسطين",
        ],
        &[(0, 2, "PER"), (4, 8, "A&B\"<"), (7, 8, "LOC"), (14, 15, "PER")],
    )];
    for width in [80.0, 200.0, 640.0] {
        let picture = EntityPicture::new(&documents).width(width).render();
        let mut open = Vec::new();
        for tag in picture.split('<').skip(1).map(|part| part.split_once('>').unwrap().0) {
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(open.pop(), Some(name));
            } else if !tag.ends_with('/') {
                open.push(tag.split(' ').next().unwrap());
            }
        }
        assert!(open.is_empty(), "{open:?}");
        assert!(picture.contains(">&lt;Lovelace&gt;</text>"), "{picture}");
        assert!(picture.matches(">LOC</text>").count() == 1, "{picture}");
        let wide = |part: &str| part.split_once('"').unwrap().0.parse::<f64>().unwrap();
        if width > 200.0 {
            assert!(picture.split(" x=\"").skip(1).map(wide).all(|x| (0.0..=width).contains(&x)));
        }
    }
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    let word = prop_oneof![
        4 => "[a-zé]{1,6}",
        1 => Just("<script>alert(1)</script>".to_owned()),
        1 => Just("\"'&amp;".to_owned()),
        1 => Just("\u{202e}\u{200b}x".to_owned()),
        1 => Just("فلسطين".to_owned()),
        1 => "\\PC{1,4}",
    ];
    prop::collection::vec(word.prop_map(|word| word.replace(char::is_whitespace, "_")), 1..12)
}

fn spans(words: usize) -> impl Strategy<Value = Entities> {
    let label = prop_oneof![
        Just("PER".to_owned()),
        Just("LOC".to_owned()),
        Just("<img src=x onerror=alert(1)>".to_owned()),
        Just("a\"b' c\u{202d}".to_owned()),
    ];
    let span = (0..words, 1..=words, label)
        .prop_map(move |(start, length, label)| (start, (start + length).min(words), label));
    prop::collection::vec(span, 0..6)
}

/// Start, end and label of each entity.
type Entities = Vec<(usize, usize, String)>;

/// Words, starts of sentences, and the entities of both sides.
fn cases() -> impl Strategy<Value = (Vec<String>, Vec<usize>, [Entities; 2])> {
    texts().prop_flat_map(|words| {
        let count = words.len();
        (Just(words), prop::collection::vec(0..count, 0..3), [spans(count), spans(count)])
    })
}

fn build(words: &[String], starts: &[usize], spans: &[(usize, usize, String)]) -> Document {
    let mut builder = Document::builder();
    words.iter().for_each(|word| builder.push_word(word));
    let mut document = builder.untagged();
    document.set_sentence_starts(starts);
    let all: BTreeSet<Entity> = spans
        .iter()
        .map(|(start, end, label)| Entity::new(*start, *end, Label::new(label).unwrap()))
        .collect();
    document.set_entities(all.into_iter().collect()).unwrap();
    document
}

/// What a page must show of a document.
fn expected(document: &Document) -> Vec<Found> {
    let mut all: Vec<Found> = document
        .mentions()
        .map(|mention| Found {
            start: mention.start,
            end: mention.end,
            label: mention.label.as_str().to_owned(),
            text: mention.text.to_owned(),
        })
        .collect();
    all.sort();
    all
}

proptest! {
    /// The text of a page is the text of the document, and each entity is there once, with its
    /// offsets, its label and its text, however entities overlap.
    #[test]
    fn every_entity_is_on_the_page((words, starts, [spans, _]) in cases()) {
        let document = build(&words, &starts, &spans);
        let page = EntityPage::new(std::slice::from_ref(&document)).render();
        let [(text, found)] = &read(&page, &[""])[..] else { panic!("one side") };
        prop_assert_eq!(text, document.text());
        prop_assert_eq!(found, &expected(&document));
    }

    /// The same of both sides of a comparison, whose errors are as many as the scorer counts.
    #[test]
    fn both_sides_are_on_the_page((words, starts, [gold, predicted]) in cases()) {
        let (gold, predicted) = (build(&words, &starts, &gold), build(&words, &starts, &predicted));
        let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient);
        scorer.update_document(&gold, &predicted).unwrap();
        let errors = ner_align_core::Metric::compute(&scorer).errors;
        let comparison = Comparison::new(vec![gold.clone()], std::slice::from_ref(&predicted)).unwrap();
        let count = |outcome| comparison.errors().iter().filter(|e| e.outcome == outcome).count() as u64;
        prop_assert_eq!(count(Outcome::Boundary), errors.boundary);
        prop_assert_eq!(count(Outcome::Missed), errors.missed);
        prop_assert_eq!(count(Outcome::Spurious), errors.spurious);
        prop_assert_eq!(count(Outcome::Type), errors.entity_type);
        let page = EntityPage::compare(&comparison).render();
        for ((text, found), document) in read(&page, &["gold", "predicted"]).iter().zip([&gold, &predicted]) {
            prop_assert_eq!(text, document.text());
            prop_assert_eq!(found, &expected(document));
        }
        // Each error is marked where its entities are.
        for (index, error) in comparison.errors().iter().enumerate() {
            let marks = format!("data-error=\"{}\" data-at", index + 1);
            let sides = usize::from(error.gold.is_some()) + usize::from(error.predicted.is_some());
            prop_assert_eq!(page.matches(&marks).count(), sides);
        }
    }
}
