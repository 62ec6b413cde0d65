//! Tasks of Label Studio: gold and predicted, and the interface that they are for.

#![expect(clippy::unwrap_used, reason = "the lint spares tests but not their helpers")]

mod common;

use ner_align_core::{
    CharSpan, CorpusReader, CorpusWriter, Document, Entity, Label, Scheme, Score, Tag,
};
use ner_align_corpus::formats::jsonl::{
    JsonlOptions, JsonlReader, JsonlShape, JsonlWriter, JsonlWriterOptions, Suggested,
    labelling_config, write_labelling_config,
};
use ner_align_corpus::{Format, WriteOptions, create, words};
use proptest::prelude::*;
use serde_json::{Value, json};

use common::label;

fn writer(shape: JsonlShape, model: Option<&str>) -> JsonlWriter<Vec<u8>> {
    let options = JsonlWriterOptions::default().with_shape(shape);
    JsonlWriter::new(Vec::new(), "tasks.json", options).predicted_by(model.map(str::to_owned))
}

fn written(documents: &[Document], model: Option<&str>) -> Value {
    let mut writer = writer(JsonlShape::LabelStudio, model);
    documents.iter().for_each(|document| writer.write_document(document).unwrap());
    writer.finish().unwrap();
    serde_json::from_slice(&writer.into_inner()).unwrap()
}

fn read(text: &str) -> Vec<Document> {
    let options = JsonlOptions::default();
    let mut reader = JsonlReader::from_reader(text.as_bytes(), "tasks.json", options).unwrap();
    reader.documents().collect::<Result<_, _>>().unwrap()
}

fn document(text: &str, entities: Vec<Entity>) -> Document {
    let mut document = Document::from_text(text, words::split(text)).unwrap();
    document.set_entities(entities).unwrap();
    document
}

fn missing(document: &Document) -> Document {
    let mut document = document.clone();
    document.set_unaligned(Vec::new());
    if !document.is_empty() {
        document.set_tags(vec![Tag::Missing; document.len()], Scheme::Iob2).unwrap();
    }
    document
}

#[test]
fn predictions_have_scores_and_their_model() {
    let entity =
        |word, score| Entity::new(word, word + 1, label("LOC")).with_score(Score::new(score));
    let found = document("🐢 in ঢাকা, Oslo", vec![entity(2, 0.5), entity(4, 0.75)]);
    let none = document("nothing", Vec::new());
    let tasks = written(&[found, none.clone(), missing(&none)], Some("out/model-best"));
    let region = |id: &str, start: usize, end: usize, text: &str, score: f64| {
        json!({"id": id, "from_name": "label", "to_name": "text", "type": "labels", "score": score,
               "value": {"start": start, "end": end, "text": text, "labels": ["LOC"]}})
    };
    let regions = json!([region("1", 5, 9, "ঢাকা", 0.5), region("2", 11, 15, "Oslo", 0.75)]);
    let predictions =
        json!([{"model_version": "out/model-best", "score": 0.625, "result": regions}]);
    let expected = json!([
        {"data": {"text": "🐢 in ঢাকা, Oslo"}, "annotations": [], "predictions": predictions},
        // Nothing found is a prediction too; nothing said is none.
        {"data": {"text": "nothing"}, "annotations": [],
         "predictions": [{"model_version": "out/model-best", "result": []}]},
        {"data": {"text": "nothing"}, "annotations": []},
    ]);
    assert_eq!(tasks, expected);
}

#[test]
fn a_suggested_document_says_its_place_in_every_shape() {
    let entity = Entity::new(0, 1, label("LOC")).with_score(Score::new(0.5));
    let document = document("Oslo", vec![entity]);
    let place = json!({"rank": 3, "score": 0.25});
    for (shape, pointer, score) in [
        (JsonlShape::Prodigy, "/meta", "/spans/0/score"),
        (JsonlShape::Doccano, "", "/score"),
        (JsonlShape::Entities, "", "/entities/0/score"),
        (JsonlShape::LabelStudio, "/0/data", "/0/predictions/0/score"),
    ] {
        let mut writer = writer(shape, Some("m"));
        writer.write_suggested(&document, Suggested::new(3, 0.25)).unwrap();
        writer.finish().unwrap();
        let text = String::from_utf8(writer.into_inner()).unwrap();
        let line: Value = serde_json::from_str(&text).unwrap();
        let found = line.pointer(pointer).unwrap();
        assert_eq!((&found["rank"], &found["score"]), (&place["rank"], &place["score"]), "{shape}");
        let expected = if shape == JsonlShape::Doccano { 0.25 } else { 0.5 };
        assert_eq!(line.pointer(score).unwrap(), &json!(expected), "{shape}");
        // What only says the place is no annotation, and in no reader's way.
        let back = read(&text);
        let expected = match shape {
            JsonlShape::LabelStudio => missing(&document),
            JsonlShape::Entities | JsonlShape::Prodigy => document.clone(),
            _ => {
                let mut plain = document.clone();
                plain.set_scores(vec![None]);
                plain
            }
        };
        assert_eq!(back, [expected], "{shape}");
    }
}

#[test]
fn names_of_outputs_are_formats_or_shapes() {
    for (name, expected) in [
        ("conll", Some((Format::Conll, None))),
        ("jsonl", Some((Format::Jsonl, None))),
        ("spacy", Some((Format::DocBin, None))),
        ("label-studio", Some((Format::Jsonl, Some(JsonlShape::LabelStudio)))),
        ("labelstudio", Some((Format::Jsonl, Some(JsonlShape::LabelStudio)))),
        ("prodigy", Some((Format::Jsonl, Some(JsonlShape::Prodigy)))),
        ("doccano", Some((Format::Jsonl, Some(JsonlShape::Doccano)))),
        ("label studio", None),
    ] {
        assert_eq!(JsonlShape::named_output(name).ok(), expected, "{name}");
    }
}

#[test]
fn the_interface_lies_beside_the_tasks() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let labels = ["ব্যক্তি", "<&\">\n", "PER", "PER"];
    for (tasks, config) in
        [("tasks.json", "tasks.xml"), ("other.json.gz", "other.xml"), ("plain", "plain.xml")]
    {
        assert_eq!(write_labelling_config(at(tasks), labels).unwrap(), at(config));
        let written = std::fs::read_to_string(at(config)).unwrap();
        assert_eq!(written, labelling_config(labels));
        let values: Vec<&str> =
            written.lines().filter_map(|line| line.trim().strip_prefix("<Label ")).collect();
        let expected =
            [r#"value="&lt;&amp;&quot;&gt;&#10;"/>"#, r#"value="PER"/>"#, r#"value="ব্যক্তি"/>"#];
        assert_eq!(values, expected);
    }
    let error = write_labelling_config(at("tasks.xml"), labels).unwrap_err();
    assert!(error.to_string().contains("expected a name for tasks that does not end in .xml"));
    // The names in the interface are those in the tasks.
    let task = &written(&[document("Oslo", vec![Entity::new(0, 1, label("LOC"))])], None)[0];
    let region = &task["annotations"][0]["result"][0];
    let config = labelling_config(["LOC"]);
    for (key, tag) in [("from_name", "<Labels name=\"{}\""), ("to_name", "toName=\"{}\"")] {
        let name = region[key].as_str().unwrap();
        assert!(config.contains(&tag.replace("{}", name)), "{config}");
    }
    assert!(
        config.contains("<Text name=\"text\" value=\"$text\"/>") && task["data"]["text"] == "Oslo"
    );
}

#[test]
fn the_registry_hands_the_model_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tasks.json");
    let options = WriteOptions::default()
        .with_shape(Some(JsonlShape::LabelStudio))
        .with_predicted_by(Some("m".to_owned()));
    let mut writer = create(&path, Format::Jsonl, &options).unwrap();
    writer.write_document(&document("Oslo", Vec::new())).unwrap();
    writer.finish().unwrap();
    let tasks: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(tasks[0]["predictions"][0]["model_version"], "m");
}

proptest! {
    /// Characters beyond U+FFFF, marks that join letters, and line ends of two characters.
    #[test]
    fn tasks_give_documents_back(
        texts in prop::collection::vec("([ a-z.,\r\n]|🐢|👩‍🔬|ঢাকা|ক্ষ|é|\\PC){0,12}", 1..4),
        spans in prop::collection::vec((0_usize..12, 1_usize..5, "LOC|ব্যক্তি|A&B"), 0..4),
    ) {
        let documents: Vec<Document> = texts.iter().enumerate().map(|(index, text)| {
            let mut document = document(text, Vec::new());
            let length = text.chars().count();
            let spans: Vec<(CharSpan, Label)> = spans
                .iter()
                .filter(|(start, ..)| *start < length)
                .map(|(start, count, name)| {
                    (CharSpan::new(*start, (start + count).min(length)), label(name))
                })
                .collect();
            common::set_spans(&mut document, spans);
            document.set_id(Some(index.to_string()));
            document
        }).collect();
        let gold = written(&documents, None);
        prop_assert_eq!(&read(&gold.to_string()), &documents);
        // Predictions are no annotation, but have the same places.
        let mut predicted = written(&documents, Some("m"));
        let unread: Vec<Document> = documents.iter().map(missing).collect();
        prop_assert_eq!(&read(&predicted.to_string()), &unread);
        for task in predicted.as_array_mut().unwrap() {
            let regions = task.as_object_mut().unwrap().remove("predictions").unwrap();
            task["annotations"] = json!([{"result": regions[0]["result"]}]);
        }
        prop_assert_eq!(predicted, gold);
    }
}
