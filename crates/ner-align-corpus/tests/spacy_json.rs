//! The reader and the writer of `spacy-json`.

#![expect(clippy::unwrap_used, reason = "the lint spares tests but not their helpers")]

use std::path::Path;

use ner_align_core::{
    ByteSpan, CorpusReader, CorpusWriter, Document, Entity, Finding, Label, Scheme, Tag, TextOrigin,
};
use ner_align_corpus::formats::spacy_json::{
    SpacyJsonOptions, SpacyJsonReader, SpacyJsonWriter, SpacyJsonWriterOptions,
};
use ner_align_corpus::{CorpusError, Format, ReadOptions, Unwritable, read_path};
use proptest::prelude::*;

fn read(
    text: &[u8],
    options: SpacyJsonOptions,
) -> Result<(Vec<Document>, Vec<Finding>), CorpusError> {
    let mut reader = SpacyJsonReader::from_reader(text, "in.json", options);
    let documents = reader.documents().collect::<Result<_, _>>()?;
    Ok((documents, reader.take_findings()))
}

fn write(documents: &[Document], options: SpacyJsonWriterOptions) -> Result<Vec<u8>, CorpusError> {
    let mut writer = SpacyJsonWriter::new(Vec::new(), "out.json", options);
    for document in documents {
        writer.write_document(document)?;
    }
    writer.finish()?;
    Ok(writer.into_inner())
}

/// A file of one paragraph.
fn file(paragraph: &str) -> String {
    format!("[{{\"id\": 0, \"paragraphs\": [{{{paragraph}}}]}}]")
}

/// Sentences of tokens, each the fields of its object.
fn sentences(tokens: &[&[&str]]) -> String {
    let sentence = |tokens: &&[&str]| {
        let tokens: Vec<String> = tokens.iter().map(|token| format!("{{{token}}}")).collect();
        format!("{{\"tokens\": [{}]}}", tokens.join(", "))
    };
    let all: Vec<String> = tokens.iter().map(sentence).collect();
    format!("\"sentences\": [{}]", all.join(", "))
}

/// The text, then words with `^` where a sentence starts and `?` where one is missing, entities.
fn show(document: &Document) -> String {
    let first = |word| document.sentences().iter().any(|s| s.words.start == word);
    let tags = document.tags().map(|(tags, _)| tags);
    let word = |(index, word): (usize, &str)| {
        let missing = tags.is_some_and(|tags| tags[index] == Tag::Missing);
        format!("{}{word}{}", if first(index) { "^" } else { "" }, if missing { "?" } else { "" })
    };
    let words: Vec<String> = document.words().enumerate().map(word).collect();
    let entities = document.entities().iter();
    let entities: Vec<String> =
        entities.map(|e| format!("{} {}..{}", e.label, e.span.start, e.span.end)).collect();
    let origin = if document.origin() == TextOrigin::Rebuilt { "~" } else { "" };
    format!("{origin}{:?} {} [{}]", document.text(), words.join("|"), entities.join(", "))
}

#[test]
fn every_shape_is_read_as_promised() {
    let ab = sentences(&[&["\"orth\": \"a\"", "\"orth\": \"b\""]]);
    let tagged = |first: &str, second: &str| {
        sentences(&[&[
            &format!("\"orth\": \"a\", \"ner\": {first}"),
            &format!("\"orth\": \"b\", \"ner\": {second}"),
        ]])
    };
    let spaced = |first: &str, second: &str| {
        sentences(&[&[
            &format!("\"orth\": \"a\", \"space\": \"{first}\", \"ner\": \"O\""),
            &format!("\"orth\": \"b\", \"space\": \"{second}\", \"ner\": \"O\""),
        ]])
    };
    let entities = |list: &str| format!("\"raw\": \"a b\", {ab}, \"entities\": {list}");
    let cases: &[(String, &str, &str)] = &[
        // Text.
        (ab.clone(), r#"~"a b" ^a?|b? []"#, ""),
        (format!("\"raw\": null, {ab}"), r#"~"a b" ^a?|b? []"#, ""),
        (format!("\"raw\": \"ab\", {ab}"), r#""ab" ^a?|b? []"#, ""),
        (format!("\"raw\": \"a b \", {ab}"), r#""a b " ^a?|b? []"#, ""),
        (format!("\"raw\": \" a\\n\\nb\", {ab}"), r#"" a\n\nb" ^a?|b? []"#, "raw-differs"),
        (format!("\"raw\": \"a (b)\", {ab}"), r#""a (b)" ^a?|b? []"#, "raw-differs"),
        (format!("\"raw\": \"A b\", {ab}"), r#""a b" ^a?|b? []"#, "raw-without-tokens"),
        (spaced(" ", " "), r#"~"a b" ^a|b []"#, ""),
        (spaced("", " "), r#""ab " ^a|b []"#, ""),
        (format!("\"raw\": \"a b\", {}", spaced(" ", "")), r#""a b" ^a|b []"#, ""),
        (format!("\"raw\": \"a  b\", {}", spaced(" ", "")), r#""a  b" ^a|b []"#, "raw-differs"),
        (format!("\"raw\": \"x\", {}", spaced("", "")), r#""ab" ^a|b []"#, "raw-without-tokens"),
        // Tags.
        (tagged("\"B-X\"", "\"L-X\""), r#"~"a b" ^a|b [X 0..2]"#, ""),
        (tagged("\"U-X\"", "null"), r#"~"a b" ^a|b? [X 0..1]"#, ""),
        (tagged("\"-\"", "\"O\""), r#"~"a b" ^a?|b []"#, ""),
        (tagged("\"B-X\"", "\"I-X\""), r#"~"a b" ^a|b [X 0..2]"#, ""),
        (tagged("\"B-\"", "\"\""), r#"~"a b" ^a?|b? []"#, "tag-without-type empty-tag"),
        (
            sentences(&[
                &["\"orth\": \"a\", \"ner\": \"B-X\""],
                &["\"orth\": \"b\", \"ner\": \"L-X\""],
            ]),
            r#"~"a b" ^a|^b [X 0..2]"#,
            "",
        ),
        // The list of entities.
        (entities("[]"), r#""a b" ^a?|b? []"#, ""),
        (entities("[[2, 3, \"X\"]]"), r#""a b" ^a|b [X 1..2]"#, ""),
        (entities("[[0, 3, \"X\"], [0, 1, \"Y\"]]"), r#""a b" ^a|b [Y 0..1, X 0..2]"#, ""),
        (entities("[[1, 3, \"X\"]]"), r#""a b" ^a|b []"#, "span-whitespace-edge"),
        (entities("[[-1, 3, \"X\"]]"), r#""a b" ^a|b []"#, "span-out-of-range"),
        (
            format!(
                "\"raw\": \"a b\", {}, \"entities\": [[0, 1, \"Y\"]]",
                tagged("\"U-X\"", "\"O\"")
            ),
            r#""a b" ^a|b [X 0..1]"#,
            "entities-differ",
        ),
        // What is not kept.
        (
            format!(
                "{}, \"cats\": [{{\"label\": \"x\", \"value\": 1}}], \"links\": []",
                sentences(&[&[
                    "\"orth\": \"a\", \"tag\": \"NN\", \"pos\": \"\", \"lemma\": \"-\", \"head\": 0, \"id\": 7"
                ]])
            ),
            r#"~"a" ^a? []"#,
            "not-kept not-kept",
        ),
        ("\"sentences\": []".to_owned(), r#""" " []"#, ""),
    ];
    for (paragraph, expected, codes) in cases {
        let text = file(paragraph);
        let (documents, findings) = read(text.as_bytes(), SpacyJsonOptions::default()).unwrap();
        let expected = expected.replace("\"\"\" ", "\"\" ");
        let shown: Vec<String> = documents.iter().map(show).collect();
        assert_eq!(shown, [expected.replace("\" \" []", "\"  []")], "{text}");
        let found: Vec<&str> = findings.iter().map(|finding| finding.code.as_str()).collect();
        assert_eq!(found.join(" "), *codes, "{text}");
    }
}

#[test]
fn findings_have_their_place() {
    let text = "[\n {\"id\": \"é\", \"paragraphs\": [\n  {\"sentences\": [{\"tokens\": [{\"orth\": \"a\"}]}, \
        {\"tokens\": [{\"orth\": \"b\"}, {\"orth\": \"c\", \"ner\": \"X-Y\"}]}]}]}]";
    let (documents, findings) = read(text.as_bytes(), SpacyJsonOptions::default()).unwrap();
    assert_eq!(documents[0].id(), Some("é"));
    let finding = &findings[0];
    assert_eq!((finding.location.line, finding.location.column), (Some(3), Some(3)));
    assert_eq!(
        (finding.location.document, finding.location.sentence, finding.location.token),
        (Some(0), Some(1), Some(1))
    );
    assert_eq!(documents[0].spelling(2), Some("X-Y"));
}

#[test]
fn entries_and_paragraphs_are_documents_in_order() {
    let one = sentences(&[&["\"orth\": \"a\""]]);
    let text = format!(
        "\u{feff} [{{\"paragraphs\": []}}, {{\"x\": [[{{}}]], \"id\": \"p\", \"paragraphs\": [{{{one}}}, {{{one}}}], \
         \"after\": {{\"y\": \"]}}\\\"\"}}, \"paragraphs\": 3}}, {{\"paragraphs\": [{{{one}}}], \"id\": \"late\"}}] \n"
    );
    let (documents, findings) = read(text.as_bytes(), SpacyJsonOptions::default()).unwrap();
    assert_eq!(findings, []);
    let ids: Vec<Option<&str>> = documents.iter().map(Document::id).collect();
    assert_eq!(ids, [Some("p"), Some("p"), None]);
}

#[test]
fn what_is_broken_is_said_with_its_place() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/broken/spacy-json");
    let cases: &[(&str, &str)] = &[
        (
            "empty.json",
            " expected an array of entries with paragraphs, as spaCy writes it, found the end of the file",
        ),
        (
            "object.json",
            "1:1: expected an array of entries with paragraphs, as spaCy writes it, found '{'",
        ),
        ("no-entries.json", " expected at least one paragraph, found none"),
        (
            "no-paragraphs.json",
            "2:3: expected an entry with the key \"paragraphs\", found one without it",
        ),
        ("strings.json", "1:2: expected an object with paragraphs, found '\"'"),
        (
            "cut.json",
            "3:4: expected the end of the value that starts here, found the end of the file",
        ),
        (
            "no-sentences.json",
            "3:23: expected a paragraph of spaCy's JSON, found missing field `sentences`",
        ),
        (
            "orth-number.json",
            "4:36: expected a paragraph of spaCy's JSON, found invalid type: integer `7`, expected a string",
        ),
        ("missing-comma.json", "4:31: expected well-formed JSON, found expected `,` or `}`"),
        ("invalid-utf8.json", "3:44: expected well-formed JSON, found invalid unicode code point"),
        ("no-colon.json", "1:16: expected a colon after the key, found '['"),
        ("after-the-end.json", "3:1: expected the end of the file, found '['"),
    ];
    let mut wrong = Vec::new();
    for (name, expected) in cases {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let found = match read(&bytes, SpacyJsonOptions::default()) {
            Ok((documents, _)) => format!("{} documents", documents.len()),
            Err(error) => error.to_string(),
        };
        let expected = match expected.strip_prefix(' ') {
            Some(expected) if !name.starts_with("empty") => format!("in.json: {expected}"),
            Some(expected) => format!("in.json:1:1: {expected}"),
            None => format!("in.json:{expected}"),
        };
        if found != expected {
            wrong.push(format!("{name}\n found    {found}\n expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Depth costs nothing.
    for text in ["[".repeat(1 << 20), format!("[{{\"x\": {}", "[".repeat(1 << 20))] {
        assert!(read(text.as_bytes(), SpacyJsonOptions::default()).is_err());
    }
    let deep =
        format!("\"sentences\": [], \"cats\": {}{}", "[".repeat(1 << 20), "]".repeat(1 << 20));
    assert!(read(file(&deep).as_bytes(), SpacyJsonOptions::default()).is_ok());
}

#[test]
fn what_spacy_wrote_is_known_by_its_content() {
    let oracles = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles");
    let head = std::fs::read(oracles.join("columns.json")).unwrap();
    assert_eq!(Format::sniff(Some("a".as_ref()), &head), Some(Format::SpacyJson));
    let corpus = read_path(oracles.join("columns.json"), &ReadOptions::default()).unwrap();
    assert_eq!(corpus.documents[0].tags().unwrap().1, Scheme::Biluo);
    // Part-of-speech tags.
    assert_eq!(corpus.finding_counts["not-kept"], 1);
}

fn words(text: &str) -> Vec<ByteSpan> {
    let mut words = Vec::new();
    let mut at = 0;
    for word in text.split_whitespace() {
        let start = at + text[at..].find(word).unwrap();
        at = start + word.len();
        words.push(ByteSpan::new(start, at));
    }
    words
}

prop_compose! {
    fn document()(
        text in "[ab .é\\n\"(\\\\]{0,12}",
        rebuilt in any::<bool>(),
        starts in prop::collection::vec(0..8_usize, 0..3),
        tags in prop::collection::vec(0..5_u8, 12),
        id in prop::option::of("[a-z0-9\"é]{0,4}"),
    ) -> Document {
        let words = words(&text);
        let mut document = if rebuilt && !words.is_empty() {
            let mut builder = Document::builder();
            text.split_whitespace().for_each(|word| builder.push_word(word));
            builder.untagged()
        } else {
            Document::from_text(text, words).unwrap()
        };
        document.set_sentence_starts(&starts);
        let tag = |tag: &u8| Tag::parse(["O", "-", "B-PER", "I-PER", "I-ORG"][usize::from(*tag)]).unwrap();
        let tags = tags.iter().map(tag).take(document.len()).collect();
        document.set_tags(tags, Scheme::Iob2).unwrap();
        document.set_id(id);
        document
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back(documents in prop::collection::vec(document(), 1..4)) {
        let bytes = write(&documents, SpacyJsonWriterOptions::default()).unwrap();
        let (kept, findings) = read(&bytes, SpacyJsonOptions::default()).unwrap();
        prop_assert_eq!(findings, []);
        let options = SpacyJsonOptions::default().with_fold_white_space(true);
        let (folded, _) = read(&bytes, options).unwrap();
        prop_assert_eq!(kept.len(), documents.len());
        for ((kept, folded), document) in kept.iter().zip(&folded).zip(&documents) {
            prop_assert_eq!(kept.text(), document.text());
            prop_assert_eq!(folded.text(), document.text());
            prop_assert_eq!(folded.id(), document.id());
            prop_assert_eq!(folded.word_bytes(), document.word_bytes());
            prop_assert_eq!(folded.entities(), document.entities());
            let spans = |d: &Document| -> Vec<_> { d.sentences().iter().map(|s| s.words).collect() };
            prop_assert_eq!(spans(folded), spans(document));
            let missing = |d: &Document| -> Vec<bool> {
                (0..d.len()).map(|i| d.tags().is_some_and(|(tags, _)| tags[i] == Tag::Missing)).collect()
            };
            prop_assert_eq!(missing(folded), missing(document));
            prop_assert_eq!(folded.origin(), document.origin());
        }
        prop_assert_eq!(write(&kept, SpacyJsonWriterOptions::default()).unwrap(), bytes);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(
        text in "(\\[|\\]|\\{|\\}|:|,| |\\n|\"|\\\\|é|\"paragraphs\"|\"sentences\"|\"tokens\"|\"orth\"|\"ner\"|\"raw\"|\"entities\"|1|null|\"U-X\"){0,40}",
        bytes in prop::collection::vec(any::<u8>(), 0..100),
        at in 0..200_usize,
        flip in 1..=255_u8,
    ) {
        let _ = read(text.as_bytes(), SpacyJsonOptions::default());
        let _ = read(&bytes, SpacyJsonOptions::default());
        let paragraph = format!("\"raw\": \"a b\", {}, \"entities\": [[0, 1, \"X\"]]",
            sentences(&[&["\"orth\": \"a\", \"ner\": \"U-X\""], &["\"orth\": \"b\", \"space\": \" \""]]));
        let mut good = file(&paragraph).into_bytes();
        if let Some(byte) = good.get_mut(at) {
            *byte ^= flip;
        }
        let _ = read(&good, SpacyJsonOptions::default());
    }
}

#[test]
fn what_the_format_cannot_hold_is_refused() {
    let overlapping = || {
        let mut document = Document::from_text("a b", words("a b")).unwrap();
        let label = Label::new("X").unwrap();
        let entities = vec![Entity::new(0, 2, label.clone()), Entity::new(1, 2, label)];
        document.set_entities(entities).unwrap();
        document
    };
    let mut builder = Document::builder();
    builder.push_word("");
    let empty = builder.untagged();
    for (document, expected) in [
        (overlapping(), "expected entities that share no word, found others in document 0"),
        (
            empty.clone(),
            "expected words of one character or more, found none for word 0 in document 0",
        ),
    ] {
        let error = write(&[document], SpacyJsonWriterOptions::default()).unwrap_err();
        assert_eq!(error.to_string(), format!("out.json: {expected}"));
        assert!(error.hint().is_some());
    }
    let options = SpacyJsonWriterOptions::default().with_unwritable(Unwritable::Replace);
    let bytes = write(&[empty], options).unwrap();
    let (documents, _) = read(&bytes, SpacyJsonOptions::default()).unwrap();
    assert_eq!(documents[0].text(), "\u{fffd}");
}
