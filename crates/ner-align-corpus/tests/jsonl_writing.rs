//! The writer of `jsonl`: every shape, and there and back again.

#![expect(clippy::unwrap_used, reason = "the lint spares tests but not their helpers")]

mod common;

use ner_align_core::{
    ByteSpan, CharSpan, CorpusReader, CorpusWriter, Document, Entity, Finding, Label, Misalignment,
    Scheme, SourceSpan, Tag, TextOrigin,
};
use ner_align_corpus::formats::jsonl::{
    JsonlOptions, JsonlReader, JsonlShape, JsonlWriter, JsonlWriterOptions,
};
use ner_align_corpus::{
    CharMap, ConvertOptions, CorpusError, OffsetUnit, WriteOptions, convert_all, words,
};
use proptest::prelude::*;

use common::label;

fn read(text: &str, options: JsonlOptions) -> Result<(Vec<Document>, Vec<Finding>), CorpusError> {
    let mut reader = JsonlReader::from_reader(text.as_bytes(), "in.jsonl", options)?;
    let documents = reader.documents().collect::<Result<_, _>>()?;
    Ok((documents, reader.take_findings()))
}

fn write(documents: &[Document], options: JsonlWriterOptions) -> Result<String, CorpusError> {
    let mut bytes = Vec::new();
    let mut writer = JsonlWriter::new(&mut bytes, "out.jsonl", options);
    for document in documents {
        writer.write_document(document)?;
    }
    writer.finish()?;
    Ok(String::from_utf8(bytes).unwrap())
}

/// Two words with an entity, an overlapping one, and a span that is no run of words.
fn document() -> Document {
    let text = "Żó  łw\tz \u{1f422} a\r\n";
    let mut document = Document::from_text(text, words::split(text)).unwrap();
    document
        .set_entities(vec![
            Entity::new(0, 2, label("A")),
            Entity::new(1, 2, label("B")),
            Entity::new(3, 4, label("C")),
        ])
        .unwrap();
    document.set_unaligned(vec![
        SourceSpan::new(vec![CharSpan::new(9, 12)], label("U"), Misalignment::WhitespaceEdge),
        SourceSpan::new(vec![CharSpan::new(1, 1)], label("U"), Misalignment::Empty),
    ]);
    document.set_id(Some("né".to_owned()));
    document
}

#[test]
fn every_shape_is_written() {
    for (shape, expected) in [
        (
            JsonlShape::Prodigy,
            r#"{"id":"né","text":"Żó  łw\tz 🐢 a\r\n","tokens":[{"text":"Żó","start":0,"end":2,"id":0,"ws":true},{"text":"łw","start":4,"end":6,"id":1,"ws":false},{"text":"z","start":7,"end":8,"id":2,"ws":true},{"text":"🐢","start":9,"end":10,"id":3,"ws":true},{"text":"a","start":11,"end":12,"id":4,"ws":false}],"spans":[{"start":0,"end":6,"token_start":0,"token_end":1,"label":"A"},{"start":4,"end":6,"token_start":1,"token_end":1,"label":"B"},{"start":9,"end":10,"token_start":3,"token_end":3,"label":"C"},{"start":9,"end":12,"label":"U"},{"start":1,"end":1,"label":"U"}]}"#,
        ),
        (
            JsonlShape::Doccano,
            r#"{"id":"né","text":"Żó  łw\tz 🐢 a\r\n","label":[[0,6,"A"],[4,6,"B"],[9,10,"C"],[9,12,"U"],[1,1,"U"]]}"#,
        ),
        (
            JsonlShape::Spacy,
            r#"["Żó  łw\tz 🐢 a\r\n",{"entities":[[0,6,"A"],[4,6,"B"],[9,10,"C"],[9,12,"U"],[1,1,"U"]]}]"#,
        ),
        (
            JsonlShape::Entities,
            r#"{"id":"né","text":"Żó  łw\tz 🐢 a\r\n","entities":[{"start":0,"end":6,"label":"A","text":"Żó  łw"},{"start":4,"end":6,"label":"B","text":"łw"},{"start":9,"end":10,"label":"C","text":"🐢"},{"start":9,"end":12,"label":"U"},{"start":1,"end":1,"label":"U"}]}"#,
        ),
        (
            JsonlShape::LabelStudio,
            concat!(
                "[\n",
                r#"{"data":{"text":"Żó  łw\tz 🐢 a\r\n","id":"né"},"annotations":[{"result":["#,
                r#"{"id":"1","from_name":"label","to_name":"text","type":"labels","value":{"start":0,"end":6,"text":"Żó  łw","labels":["A"]}},"#,
                r#"{"id":"2","from_name":"label","to_name":"text","type":"labels","value":{"start":4,"end":6,"text":"łw","labels":["B"]}},"#,
                r#"{"id":"3","from_name":"label","to_name":"text","type":"labels","value":{"start":9,"end":10,"text":"🐢","labels":["C"]}},"#,
                r#"{"id":"4","from_name":"label","to_name":"text","type":"labels","value":{"start":9,"end":12,"labels":["U"]}},"#,
                r#"{"id":"5","from_name":"label","to_name":"text","type":"labels","value":{"start":1,"end":1,"labels":["U"]}}]}]}"#,
                "\n]",
            ),
        ),
    ] {
        let options = JsonlWriterOptions::default().with_shape(shape);
        assert_eq!(write(&[document()], options).unwrap(), format!("{expected}\n"), "{shape}");
    }
    let tasks = JsonlWriterOptions::default().with_shape(JsonlShape::LabelStudio);
    assert_eq!(write(&[], tasks).unwrap(), "[]\n");
    let two = write(&[document(), document()], tasks).unwrap();
    assert_eq!(read(&two, JsonlOptions::default()).unwrap().0.len(), 2);
    let units = tasks.with_offsets(Some(OffsetUnit::Utf16));
    let two = write(&[document(), document()], units).unwrap();
    assert_eq!(
        read(&two, JsonlOptions::default().with_offsets(OffsetUnit::Utf16)).unwrap().0.len(),
        2
    );
    let mut document = Document::builder();
    ["in", "Oslo"].iter().for_each(|word| document.push_word(word));
    let mut document =
        document.tagged(vec![Tag::Missing, Tag::parse("I-LOC").unwrap()], Scheme::Iob2).unwrap();
    document.set_spellings(vec![(1, "LOC".into())]);
    let mut options = JsonlWriterOptions::default().with_shape(JsonlShape::Tokens);
    for (scheme, repair, expected) in [
        (None, false, r#"["-","LOC"]"#),
        (None, true, r#"["-","B-LOC"]"#),
        (Some(Scheme::Biluo), false, r#"["-","U-LOC"]"#),
    ] {
        (options.scheme, options.repair) = (scheme, repair);
        let expected = format!("{{\"tokens\":[\"in\",\"Oslo\"],\"ner_tags\":{expected}}}\n");
        assert_eq!(write(std::slice::from_ref(&document), options).unwrap(), expected);
    }
}

#[test]
fn a_row_is_a_sentence() {
    let sentences: [&[(&str, &str)]; 2] =
        [&[("Ada", "I-PER"), ("Ek", "I-PER")], &[("Bo", "I-PER"), ("Oslo", "B-LOC")]];
    let mut document = common::tagged(&sentences, Scheme::Iob1);
    document.set_id(Some("d".to_owned()));
    let options = JsonlWriterOptions::default().with_shape(JsonlShape::Tokens);
    let rows = write(std::slice::from_ref(&document), options).unwrap();
    let expected = concat!(
        r#"{"id":"d/1","tokens":["Ada","Ek"],"ner_tags":["I-PER","I-PER"]}"#,
        "\n",
        r#"{"id":"d/2","tokens":["Bo","Oslo"],"ner_tags":["I-PER","B-LOC"]}"#,
        "\n",
    );
    assert_eq!(rows, expected);
    // Entities that meet at the end of a sentence stay two.
    let (read, _) = read(&rows, JsonlOptions::default()).unwrap();
    assert_eq!(read.iter().map(|document| document.entities().len()).sum::<usize>(), 3);
}

#[test]
fn what_a_shape_cannot_hold_is_refused() {
    let mut parted = document();
    parted.set_unaligned(vec![common::parted("X")]);
    let mut overlapping = document();
    overlapping.set_unaligned(Vec::new());
    let mut empty =
        Document::from_text("a", vec![ByteSpan::new(0, 0), ByteSpan::new(0, 1)]).unwrap();
    empty.set_entities(vec![Entity::new(0, 1, label("X"))]).unwrap();
    for (document, shape, expected) in [
        (
            &parted,
            JsonlShape::Prodigy,
            "expected spans of one piece, found X in 2 pieces in document 0",
        ),
        (
            &document(),
            JsonlShape::Tokens,
            "expected spans of whole words, found whitespace-edge U in document 0",
        ),
        (
            &overlapping,
            JsonlShape::Tokens,
            "expected entities that tags can hold, found entities A over 0..2 and B over 1..2 overlap in document 0",
        ),
        (
            &empty,
            JsonlShape::Doccano,
            "expected entities of one character or more, found an empty X in document 0",
        ),
    ] {
        let options = JsonlWriterOptions::default().with_shape(shape);
        let error = write(std::slice::from_ref(document), options).unwrap_err();
        assert!(error.to_string().starts_with(&format!("out.jsonl: {expected}")), "{error}");
        assert!(error.hint().is_some());
    }
    // Prodigy's tokens say which words they are.
    let line = write(std::slice::from_ref(&empty), JsonlWriterOptions::default()).unwrap();
    assert_eq!(read(&line, JsonlOptions::default()).unwrap().0, [empty]);
}

#[test]
fn convert_asks_the_shape_what_it_can_hold() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in.jsonl"), folder.path().join("out.jsonl"));
    std::fs::write(&input, "{\"text\": \"a b\", \"label\": [[0, 2, \"X\"]]}\n").unwrap();
    let mut options = ConvertOptions::default();
    convert_all([&input], &output, &options).unwrap();
    options.write = WriteOptions::default().with_shape(Some(JsonlShape::Tokens));
    let error = convert_all([&input], &output, &options).unwrap_err();
    assert_eq!(error.code(), "misaligned");
    assert!("csv".parse::<JsonlShape>().is_err());
    assert_eq!("hf".parse::<JsonlShape>().ok(), Some(JsonlShape::Tokens));
}

prop_compose! {
    /// Any text with any words in it, and any entities and spans.
    fn any_document()(
        parts in prop::collection::vec(("\\PC{0,3}|[ \t\r\n\u{0}\u{feff}é😀]{0,3}", any::<bool>()), 0..8),
        spans in prop::collection::vec((0_usize..9, 1_usize..9, "[A-C]|\\PC{1,3}"), 0..5),
        others in prop::collection::vec((0_usize..40, 0_usize..40, "[A-C]"), 0..4),
        id in prop::option::of("\\PC{1,4}"),
        annotated: bool,
    ) -> Document {
        let (mut text, mut words) = (String::new(), Vec::new());
        for (part, is_word) in parts {
            let start = text.len();
            text.push_str(&part);
            if is_word {
                words.push(ByteSpan::new(start, text.len()));
            }
        }
        let mut document = Document::from_text(text, words).unwrap();
        let count = document.len();
        if count == 0 || annotated {
            let entities = spans.into_iter().filter(|(start, ..)| *start < count);
            let entities = entities
                .map(|(start, length, name)| Entity::new(start, (start + length).min(count), label(&name)));
            document.set_entities(entities.collect()).unwrap();
            common::set_other_spans(&mut document, others);
        } else {
            document.set_tags(vec![Tag::Missing; count], Scheme::Iob2).unwrap();
        }
        document.set_id(id);
        document
    }
}

proptest! {
    #[test]
    fn prodigy_gives_documents_back(documents in prop::collection::vec(any_document(), 1..4)) {
        let text = write(&documents, JsonlWriterOptions::default()).unwrap();
        prop_assert_eq!(text.lines().count(), documents.len());
        let (read, _) = read(&text, JsonlOptions::default()).unwrap();
        prop_assert_eq!(read, documents);
    }

    #[test]
    fn other_shapes_give_text_and_spans_back(document in any_document()) {
        let mut document = document;
        let words = words::split(document.text());
        let mut cut = Document::from_text(document.text(), words).unwrap();
        cut.set_id(document.id().map(str::to_owned));
        let spans = document.entities().iter().filter(|e| !document.surface(e.span).is_empty());
        let spans: Vec<(CharSpan, Label)> = spans
            .map(|e| {
                let map = CharMap::new(document.text());
                (map.chars_of(document.bytes_of(e.span)), e.label.clone())
            })
            .collect();
        common::set_spans(&mut cut, spans);
        document = cut;
        for shape in [JsonlShape::Doccano, JsonlShape::Spacy, JsonlShape::Entities] {
            let options = JsonlWriterOptions::default().with_shape(shape);
            let text = write(std::slice::from_ref(&document), options).unwrap();
            let (mut read, findings) = read(&text, JsonlOptions::default()).unwrap();
            if shape == JsonlShape::Spacy {
                read[0].set_id(document.id().map(str::to_owned));
            }
            prop_assert!(!findings.iter().any(|f| f.code == "surface-mismatch"));
            prop_assert_eq!(&read, std::slice::from_ref(&document));
        }
        for unit in OffsetUnit::ALL {
            for shape in [JsonlShape::Doccano, JsonlShape::LabelStudio, JsonlShape::Entities] {
                let options = JsonlWriterOptions::default().with_shape(shape);
                let text = write(std::slice::from_ref(&document), options.with_offsets(Some(unit)));
                let options = JsonlOptions::default().with_offsets(unit);
                let read = read(&text.unwrap(), options);
                // An edge between CR and LF is none where they are one character.
                if unit != OffsetUnit::CrLfAsOne || !document.text().contains("\r\n") {
                    prop_assert_eq!(&read.unwrap().0, std::slice::from_ref(&document));
                }
            }
        }
    }

    #[test]
    fn tokens_give_words_and_tags_back(
        words in prop::collection::vec("\\PC{0,3}|[ \t\n\u{0}]", 1..6),
        tags in prop::collection::vec("[BILU]-[A-C]|O|-|TIM|B-|0|\\PC{0,2}", 6),
    ) {
        let line = serde_json::json!({"tokens": &words, "ner_tags": &tags[..words.len()]}).to_string();
        let options = JsonlOptions::default().with_scheme(Some(Scheme::Biluo));
        let (documents, _) = read(&line, options.clone()).unwrap();
        prop_assert_eq!(documents[0].origin(), TextOrigin::Rebuilt);
        let shape = JsonlShape::Tokens;
        let text = write(&documents, JsonlWriterOptions::default().with_shape(shape)).unwrap();
        prop_assert_eq!(read(&text, options).unwrap().0, documents);
    }
}

#[test]
fn predictions_keep_their_scores() {
    let text = "né à Oslo, Rome";
    let mut document = Document::from_text(text, words::split(text)).unwrap();
    let label: ner_align_core::Label = "LOC".parse().unwrap();
    let score = ner_align_core::Score::new(0.987_654_3);
    let entities = vec![
        ner_align_core::Entity::new(2, 3, label.clone()).with_score(score),
        ner_align_core::Entity::new(4, 5, label),
    ];
    document.set_entities(entities).unwrap();
    let options = JsonlWriterOptions::default().with_shape(JsonlShape::Entities);
    let line = write(std::slice::from_ref(&document), options).unwrap();
    let expected = r#"{"text":"né à Oslo, Rome","entities":[{"start":5,"end":9,"label":"LOC","score":0.9876543,"text":"Oslo"},{"start":11,"end":15,"label":"LOC","text":"Rome"}]}"#;
    assert_eq!(line, format!("{expected}\n"));
    let (documents, findings) = read(&line, JsonlOptions::default()).unwrap();
    assert_eq!((documents.as_slice(), findings.len()), (std::slice::from_ref(&document), 0));
    for (shape, lost) in [(JsonlShape::Entities, None), (JsonlShape::Prodigy, Some(&1))] {
        let losses = ner_align_corpus::losses(&document, &shape.capabilities());
        assert_eq!(losses.get("scores of entities"), lost, "{shape}");
    }
    // What is no score is named.
    let odd = expected.replace("0.9876543", "7");
    let (documents, findings) = read(&odd, JsonlOptions::default()).unwrap();
    assert_eq!(documents[0].entities()[0].score, None);
    assert_eq!(findings[0].code, "not-kept");
}
