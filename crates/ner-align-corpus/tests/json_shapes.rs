//! JSON as tools and people write it: each shape and each layout, with siblings.

mod common;

use ner_align_core::Document;
use ner_align_corpus::{CorpusError, ReadOptions, open_reader};

use common::show;

fn read(name: &str, text: &str, options: &ReadOptions) -> Result<Vec<Document>, CorpusError> {
    let mut reader = open_reader(std::io::Cursor::new(text.to_owned()), name, options)?;
    let mut documents = Vec::new();
    while let Some(document) = reader.read_document()? {
        documents.push(document);
    }
    Ok(documents)
}

/// Reads each text under names that say nothing of the shape, and as standard input.
fn check(cases: &[(&str, &[&str])], options: &ReadOptions) {
    for (text, expected) in cases {
        for name in ["a.json", "a.jsonl", "-"] {
            let documents = read(name, text, options).unwrap_or_else(|e| panic!("{text}: {e}"));
            let shown: Vec<String> = documents.iter().map(show).collect();
            assert_eq!(shown, *expected, "{name} {text}");
        }
    }
}

#[test]
fn spans_of_a_text_are_told_by_their_shape() {
    check(
        &[
            // displaCy, and spaCy's Doc.to_json with its tokens and span groups.
            (
                r#"{"text": "Bo Ek was here.", "ents": [{"start": 0, "end": 5, "label": "PER"}], "title": null}"#,
                &["Bo|Ek|was|here|. PER(Bo Ek)"],
            ),
            (
                r#"{"text": "Ada-Bo left", "ents": [{"start": 4, "end": 6, "label": "PER"}], "sents": [{"start": 0, "end": 11}], "tokens": [{"id": 0, "start": 0, "end": 4, "tag": "NNP"}, {"id": 1, "start": 4, "end": 6}, {"id": 2, "start": 7, "end": 11}]}"#,
                &["Ada-|Bo|left PER(Bo)"],
            ),
            (
                r#"{"text": "Ada left", "ents": [], "spans": {"sc": [{"start": 0, "end": 3, "label": "PER", "kb_id": ""}]}}"#,
                &["Ada|left PER(Ada)"],
            ),
            // Label Studio's short form, whatever its fields are called.
            (
                r#"[{"id": 1, "text": "Ada left", "mood": "good", "ner": [{"start": 0, "end": 3, "text": "Ada", "labels": ["PER"]}], "annotator": 1}]"#,
                &["1: Ada|left PER(Ada)"],
            ),
            (
                r#"[{"id": 1, "review": "Ada left", "mood": "good", "who": [{"start": 0, "end": 3, "text": "Ada", "labels": ["PER", "X"]}]}]"#,
                &["1: Ada|left PER(Ada) X(Ada)"],
            ),
            (
                r#"{"id": 1, "body": "in Oslo", "place": [{"start": 3, "end": 7, "text": "Oslo", "labels": ["LOC"]}], "annotation_id": 3}"#,
                &["1: in|Oslo LOC(Oslo)"],
            ),
            // CLUENER: by label and text, with the last character as the end.
            (
                r#"{"text": "王小明在北京", "label": {"name": {"王小明": [[0, 2]]}, "address": {"北京": [[4, 5]]}}}"#,
                &["王|小|明|在|北|京 name(王小明) address(北京)"],
            ),
            (
                r#"{"text": "in Oslo", "label": {"LOC": {"Oslo": [[3, 7]]}}}"#,
                &["in|Oslo LOC(Oslo)"],
            ),
            (r#"{"text": "in Oslo", "entities": {"LOC": [[3, 7]]}}"#, &["in|Oslo LOC(Oslo)"]),
            // SageMaker Ground Truth, LightTag, UBIAI, Rasa, brat's own JSON, and other names of keys.
            (
                r#"{"source": "in Oslo", "job": {"annotations": {"entities": [{"startOffset": 3, "endOffset": 7, "label": "LOC"}]}}, "job-metadata": {"entities": [{"confidence": 0.1}]}}"#,
                &["in|Oslo LOC(Oslo)"],
            ),
            (
                r#"{"examples": [{"content": "in Oslo", "annotations": [{"start": 3, "end": 7, "tag": "LOC", "value": "Oslo"}]}]}"#,
                &["in|Oslo LOC(Oslo)"],
            ),
            (
                r#"[{"documentName": "a", "document": "in Oslo", "tokens": [{"text": "Oslo", "start": 3, "end": 7, "token_start": 1, "token_end": 1, "entityLabel": "LOC"}], "relations": []}]"#,
                &["in|Oslo LOC(Oslo)"],
            ),
            (
                r#"{"rasa_nlu_data": {"common_examples": [{"text": "in oslo", "intent": "x", "entities": [{"start": 3, "end": 7, "value": "Oslo", "entity": "LOC"}]}], "regex_features": []}}"#,
                &["in|oslo LOC(oslo)"],
            ),
            (
                r#"{"text": "in Oslo", "entities": [["T1", "LOC", [[3, 7]]]]}"#,
                &["in|Oslo LOC(Oslo)"],
            ),
            (
                r#"{"sentence": "in Oslo", "mentions": [{"begin": 3, "end": 7, "entity_type": "LOC"}]}"#,
                &["in|Oslo LOC(Oslo)"],
            ),
            (
                r#"{"text": "in Oslo", "entities": [{"offset": 3, "length": 4, "category": "LOC"}]}"#,
                &["in|Oslo LOC(Oslo)"],
            ),
            // A text and a list of spans.
            (r#"["in Oslo", [[3, 7, "LOC"]]]"#, &["in|Oslo LOC(Oslo)"]),
            // Words, and spans that count characters.
            (
                r#"{"text": "in Oslo", "tokens": ["in", "Oslo"], "spans": [{"start": 3, "end": 7, "label": "LOC"}]}"#,
                &["in|Oslo LOC(Oslo)"],
            ),
        ],
        &ReadOptions::default(),
    );
}

#[test]
fn nested_annotation_is_read() {
    check(
        &[
            // BioC: passages, with their place in the document; of sentences; PubTator's list.
            (
                r#"{"source": "x", "documents": [{"id": "7", "infons": {}, "passages": [{"offset": 0, "infons": {"type": "title"}, "text": "né Ada", "annotations": [{"id": "0", "infons": {"type": "PER"}, "text": "Ada", "locations": [{"offset": 3, "length": 3}]}]}, {"offset": 9, "text": "in Oslo", "annotations": [{"infons": {"type": "LOC"}, "text": "Oslo", "locations": [{"offset": 12, "length": 4}]}], "relations": []}], "relations": []}]}"#,
                &["7: né|Ada|in|Oslo PER(Ada) LOC(Oslo)"],
            ),
            (
                r#"{"PubTator3": [{"id": "7", "passages": [{"offset": 0, "sentences": [{"offset": 0, "text": "Ada.", "annotations": [{"infons": {"type": "PER"}, "locations": [{"offset": 0, "length": 3}]}]}, {"offset": 5, "text": "Oslo", "annotations": []}]}]}]}"#,
                &["7: Ada|.|Oslo PER(Ada)"],
            ),
            (
                r#"{"id": "7", "passages": [{"offset": 0, "text": "Ada", "annotations": []}]}"#,
                &["7: Ada"],
            ),
            // DocRED: its `labels` are relations.
            (
                r#"[{"title": "T", "sents": [["Ada", "left"], ["in", "Oslo"]], "vertexSet": [[{"name": "Ada", "pos": [0, 1], "sent_id": 0, "type": "PER"}], [{"name": "Oslo.", "pos": [1, 2], "sent_id": 1, "type": "LOC"}]], "labels": [{"r": "P1", "h": 0, "t": 1, "evidence": [0]}]}]"#,
                &["T: Ada|left|in|Oslo PER(Ada) LOC(Oslo)"],
            ),
            // Azure Language, with the text.
            (
                r#"{"text": "in Oslo", "entities": [{"regionOffset": 0, "regionLength": 7, "labels": [{"category": "LOC", "offset": 3, "length": 4}]}]}"#,
                &["in|Oslo LOC(Oslo)"],
            ),
            // Amazon Comprehend, with the text; Ground Truth with all its keys; LightTag with its schema.
            (
                r#"{"Text": "in Oslo", "Entities": [{"BeginOffset": 3, "EndOffset": 7, "Score": 0.9, "Text": "Oslo", "Type": "LOC"}]}"#,
                &["in|Oslo LOC(Oslo)"],
            ),
            (
                r#"{"source": "in Oslo", "job": {"annotations": {"entities": [{"endOffset": 7, "startOffset": 3, "label": "LOC"}], "labels": [{"label": "LOC"}]}}, "job-metadata": {"entities": [{"confidence": 0.1}], "job-name": "x", "type": "groundtruth/text-span", "creation-date": "2020", "human-annotated": "yes"}}"#,
                &["in|Oslo LOC(Oslo)"],
            ),
            (
                r#"{"schema": {"tags": [{"name": "LOC", "description": ""}], "relations": []}, "examples": [{"example_id": "1", "content": "in Oslo", "metadata": {}, "annotations": [{"start": 3, "end": 7, "tag": "LOC", "tag_id": "2", "value": "Oslo", "correct": null, "annotated_by": [{"annotator": "a"}]}], "classifications": [], "seen_by": [{"annotator": "a"}]}], "relations": []}"#,
                &["in|Oslo LOC(Oslo)"],
            ),
            // Few-NERD and MultiNERD.
            (
                r#"{"id": "0", "tokens": ["Ada", "left"], "ner_tags": ["person", "O"], "lang": "en"}"#,
                &["0: Ada|left person(Ada)"],
            ),
        ],
        &ReadOptions::default(),
    );
}

#[test]
fn nested_annotation_that_cannot_be_read_is_an_error() {
    let passage = |annotation: &str| {
        format!(
            r#"{{"passages": [{{"offset": 5, "text": "in Oslo", "annotations": [{annotation}]}}]}}"#
        )
    };
    let location = |places: &str| {
        passage(&format!(
            r#"{{"infons": {{"type": "LOC"}}, "text": "Oslo", "locations": [{places}]}}"#
        ))
    };
    let docred = |mention: &str| format!(r#"{{"sents": [["a"]], "vertexSet": [[{mention}]]}}"#);
    for (text, code) in [
        (location(r#"{"offset": 8, "length": 4}, {"offset": 5, "length": 1}"#), "named-key"),
        (location(r#"{"offset": 3, "length": 4}"#), "named-key"),
        (location(r#"{"offset": 9, "length": 4}"#), "surface-mismatch"),
        (location(""), "named-key"),
        (passage(r#"{"infons": {}, "locations": [{"offset": 8, "length": 4}]}"#), "named-key"),
        (docred(r#"{"pos": [0, 2], "sent_id": 0, "type": "X"}"#), "named-key"),
        (docred(r#"{"pos": [0, 1], "sent_id": 1, "type": "X"}"#), "named-key"),
        (docred(r#"{"pos": [0, 1], "sent_id": 0}"#), "named-key"),
        // tagtog, INCEpTION, Azure Language, Amazon Comprehend, Datasaur.
        (
            r#"{"annotatable": {"parts": ["s1v1"]}, "anncomplete": true, "entities": [{"classId": "e_1", "part": "s1v1", "offsets": [{"start": 3, "text": "Oslo"}]}], "relations": []}"#.into(),
            "other-json",
        ),
        (
            r#"{"%TYPES": {}, "%VIEWS": {}, "%FEATURE_STRUCTURES": [{"%ID": 1, "%TYPE": "uima.cas.Sofa", "sofaString": "in Oslo"}, {"%ID": 2, "%TYPE": "NamedEntity", "begin": 3, "end": 7, "value": "LOC"}]}"#.into(),
            "other-json",
        ),
        (
            r#"{"projectFileVersion": "1", "stringIndexType": "Utf16CodeUnit", "metadata": {}, "assets": {"entities": [{"category": "LOC"}], "documents": [{"location": "a.txt", "entities": [{"regionOffset": 0, "regionLength": 7, "labels": [{"category": "LOC", "offset": 3, "length": 4}]}]}]}}"#.into(),
            "other-json",
        ),
        (
            r#"{"Entities": [{"BeginOffset": 3, "EndOffset": 7, "Score": 0.9, "Text": "Oslo", "Type": "LOC"}], "File": "a.txt", "Line": 0}"#.into(),
            "other-json",
        ),
        (
            r#"{"version": "1", "data": {"document": {"cells": [{"line": 0, "index": 0, "content": "in Oslo", "tokens": ["in", "Oslo"]}]}, "spanLabels": [{"startCellLine": 0, "startTokenIndex": 1}]}}"#.into(),
            "other-json",
        ),
    ] {
        for name in ["a.json", "-"] {
            let error = read(name, &text, &ReadOptions::default()).unwrap_err();
            assert_eq!(error.code(), code, "{text}: {error}");
            assert!(error.hint().is_some(), "{text}");
        }
    }
}

#[test]
fn only_what_was_asked_is_known() {
    for (keys, expected) in [
        (r#", "_view_id": "ner_manual""#, "Ada|left LOC(Ada)"),
        (r#", "_view_id": "ner""#, "Ada|left -(left) LOC(Ada)"),
        (r#", "_view_id": "ner", "_is_binary": true"#, "Ada|left -(left) LOC(Ada)"),
        (r#", "_is_binary": true"#, "Ada|left -(left) LOC(Ada)"),
        (r#", "_view_id": "ner", "_is_binary": false"#, "Ada|left LOC(Ada)"),
        (r#", "_view_id": "blocks""#, "Ada|left LOC(Ada)"),
        ("", "Ada|left LOC(Ada)"),
    ] {
        let text = format!(
            r#"{{"text": "Ada left", "spans": [{{"start": 0, "end": 3, "label": "LOC"}}], "answer": "accept"{keys}}}"#
        );
        let documents = read("a.jsonl", &text, &ReadOptions::default()).unwrap();
        assert_eq!(documents.iter().map(show).collect::<Vec<_>>(), [expected], "{keys}");
    }
}

#[test]
fn texts_of_spans_tell_the_unit_of_label_studio() {
    for (start, end, text, expected) in [
        (6, 9, r#", "text": "Ada""#, Some("1: 😀|saw|Ada|,|Oslo PER(Ada)")),
        (7, 10, r#", "text": "Ada""#, Some("1: 😀|saw|Ada|,|Oslo PER(Ada)")),
        (6, 9, "", Some("1: 😀|saw|Ada|,|Oslo PER(Ada)")),
        (8, 11, r#", "text": "Ada""#, None),
    ] {
        let task = format!(
            r#"[{{"id": 1, "data": {{"text": "😀 saw Ada, Oslo"}}, "annotations": [{{"result": [{{"type": "labels", "from_name": "l", "to_name": "text", "value": {{"start": {start}, "end": {end}, "labels": ["PER"]{text}}}}}]}}]}}]"#
        );
        let read = read("a.json", &task, &ReadOptions::default());
        match expected {
            Some(expected) => {
                assert_eq!(read.unwrap().iter().map(show).collect::<Vec<_>>(), [expected]);
            }
            None => assert_eq!(read.unwrap_err().code(), "surface-mismatch"),
        }
    }
}

#[test]
fn words_with_tags_or_spans_are_read() {
    check(
        &[
            (r#"{"words": ["EU", "left"], "labels": ["B-ORG", "O"]}"#, &["EU|left ORG(EU)"]),
            (r#"{"tokens": ["EU", "left"], "tags": ["B-ORG", "O"]}"#, &["EU|left ORG(EU)"]),
            (r#"{"words": ["EU", "left"], "ner": ["B-ORG", "O"]}"#, &["EU|left ORG(EU)"]),
            // Other spellings of tags, as columns have them.
            (r#"{"words": ["EU", "left"], "ner": ["B_ORG", "O"]}"#, &["EU|left ORG(EU)"]),
            (r#"{"words": ["EU", "left"], "ner": ["ORG-B", "O"]}"#, &["EU|left ORG(EU)"]),
            (r#"{"sentence": ["EU", "left"], "ner_tags": ["B-ORG", "O"]}"#, &["EU|left ORG(EU)"]),
            (r#"{"text": ["EU", "left"], "labels": ["B-ORG", "O"]}"#, &["EU|left ORG(EU)"]),
            (r#"{"text": "EU left", "tags": ["B-ORG", "O"]}"#, &["EU|left ORG(EU)"]),
            (r#"{"text": "北京好", "labels": ["B-LOC", "I-LOC", "O"]}"#, &["北|京|好 LOC(北京)"]),
            (
                r#"{"tokens": [{"text": "EU", "ner": "B-ORG"}, {"text": "left", "ner": "O"}]}"#,
                &["EU|left ORG(EU)"],
            ),
            (
                r#"[[["EU", "B-ORG"], ["left", "O"]], [["Bo", "B-PER"]]]"#,
                &["EU|left ORG(EU)", "Bo PER(Bo)"],
            ),
            (r#"[[["EU", "left"], ["B-ORG", "O"]]]"#, &["EU|left ORG(EU)"]),
            (
                r#"[[{"word": "EU", "tag": "B-ORG"}, {"word": "left", "tag": "O"}]]"#,
                &["EU|left ORG(EU)"],
            ),
            // SpERT: the end is outside.
            (
                r#"[{"tokens": ["Ada", "Ek", "met", "Bo"], "entities": [{"type": "PER", "start": 0, "end": 2}, {"type": "PER", "start": 3, "end": 4}], "relations": [{"type": "Met", "head": 0, "tail": 1}], "orig_id": 7}]"#,
                &["7: Ada|Ek|met|Bo PER(Ada Ek) PER(Bo)"],
            ),
            // Ends that are the last word, told by a span of one word, or by the words themselves.
            (
                r#"{"tokens": ["Ada", "Ek", "met", "Bo", "."], "entities": [{"type": "PER", "start": 0, "end": 1}, {"type": "PER", "start": 3, "end": 3}]}"#,
                &["Ada|Ek|met|Bo|. PER(Ada Ek) PER(Bo)"],
            ),
            (
                r#"{"tokens": ["Ada", "Ek", "left"], "entity_mentions": [{"entity_type": "PER", "start": 0, "end": 1, "text": "Ada Ek"}]}"#,
                &["Ada|Ek|left PER(Ada Ek)"],
            ),
            // DyGIE++: words of the document, the last one included.
            (
                r#"{"doc_key": "d", "sentences": [["Ada", "left"], ["Bo", "Ek", "came"]], "ner": [[[0, 0, "PER"]], [[2, 3, "PER"]]], "relations": [[], []], "clusters": [[[0, 0], [2, 3]]]}"#,
                &["d: Ada|left|Bo|Ek|came PER(Ada) PER(Bo Ek)"],
            ),
            // GLiNER, and W2NER's numbers of words.
            (
                r#"[{"tokenized_text": ["Ada", "Ek", "left"], "ner": [[0, 1, "person"]]}]"#,
                &["Ada|Ek|left person(Ada Ek)"],
            ),
            (
                r#"[{"sentence": ["Ada", "Ek", "left"], "ner": [{"index": [0, 1], "type": "PER"}]}]"#,
                &["Ada|Ek|left PER(Ada Ek)"],
            ),
            // Words alone were not annotated.
            (r#"{"tokens": ["EU", "left"]}"#, &["EU|left -(EU) -(left)"]),
            (r#"{"words": ["EU", "left"]}"#, &["EU|left -(EU) -(left)"]),
        ],
        &ReadOptions::default(),
    );
}

#[test]
fn layouts_are_told_from_the_start_of_a_file() {
    check(
        &[
            // NER Annotator, with rows that nobody annotated.
            (
                r#"{"classes": ["PER"], "annotations": [["Ada left", {"entities": [[0, 3, "PER"]]}], null, ["None", {"entities": []}]]}"#,
                &["Ada|left PER(Ada)", "None"],
            ),
            (
                r#"{"classes": ["PER"], "annotations": [null, ["Ada", {"entities": [[0, 3, "PER"]]}]]}"#,
                &["Ada PER(Ada)"],
            ),
            (r#"{"data": [{"text": "Ada", "label": [[0, 3, "PER"]]}]}"#, &["Ada PER(Ada)"]),
            (r#"{"version": 1, "data": [{"text": "Ada", "entities": []}], "x": [1, 2]}"#, &["Ada"]),
            (
                r#"{"train": [{"text": "Ada", "label": [[0, 3, "PER"]]}], "test": [{"text": "Bo", "label": []}]}"#,
                &["Ada PER(Ada)", "Bo"],
            ),
            // The viewer of data sets, with the names of the tags before the rows and after them.
            (
                r#"{"features": [{"name": "tokens", "type": {"feature": {"dtype": "string"}}}, {"name": "ner_tags", "type": {"feature": {"names": ["O", "B-ORG"], "_type": "ClassLabel"}}}], "rows": [{"row_idx": 0, "row": {"tokens": ["EU", "left"], "ner_tags": [1, 0]}, "truncated_cells": []}]}"#,
                &["EU|left ORG(EU)"],
            ),
            (
                r#"{"rows": [{"row_idx": 0, "row": {"id": "0", "tokens": ["EU"], "ner_tags": [1]}}], "num_rows_total": 1, "features": [{"name": "ner_tags", "type": {"feature": {"names": ["O", "B-ORG"]}}}]}"#,
                &["0: EU ORG(EU)"],
            ),
            // Columns: lists of one length, and tables of pandas.
            (
                r#"{"id": ["0", "1"], "tokens": [["EU", "left"], ["Bo"]], "ner_tags": [["B-ORG", "O"], ["B-PER"]]}"#,
                &["0: EU|left ORG(EU)", "1: Bo PER(Bo)"],
            ),
            (
                r#"{"text": {"0": "Ada left", "1": "Bo"}, "label": {"0": [[0, 3, "PER"]], "1": []}}"#,
                &["Ada|left PER(Ada)", "Bo"],
            ),
            (
                r#"{"columns": ["text", "label"], "index": [0], "data": [["Ada", [[0, 3, "PER"]]]]}"#,
                &["Ada PER(Ada)"],
            ),
            (
                r#"{"0": {"text": "Ada", "label": [[0, 3, "PER"]]}, "1": {"text": "Bo", "label": []}}"#,
                &["Ada PER(Ada)", "Bo"],
            ),
            // Objects over many lines.
            (
                "{\n \"text\": \"Ada\",\n \"label\": [[0, 3, \"PER\"]]\n}\n{\n \"text\": \"Bo\",\n \"label\": []\n}\n",
                &["Ada PER(Ada)", "Bo"],
            ),
        ],
        &ReadOptions::default(),
    );
}

#[test]
fn the_text_that_was_annotated_is_told() {
    let task = |data: &str, results: &str| {
        format!(r#"[{{"id": 5, "data": {data}, "annotations": [{{"result": [{results}]}}]}}]"#)
    };
    let result = |start: usize, end: usize, text: &str, to: &str| {
        format!(
            r#"{{"value": {{"start": {start}, "end": {end}, "text": "{text}", "labels": ["PER"]}}, "from_name": "label", "to_name": "{to}", "type": "labels"}}"#
        )
    };
    for (text, expected) in [
        (
            task(r#"{"title": "News", "body": "Ada left"}"#, &result(0, 3, "Ada", "body")),
            &["5: Ada|left PER(Ada)"][..],
        ),
        // Each text that was annotated is a document.
        (
            task(
                r#"{"title": "Bo", "body": "Ada left"}"#,
                &[result(0, 3, "Ada", "body"), result(0, 2, "Bo", "title")].join(","),
            ),
            &["5/title: Bo PER(Bo)", "5/body: Ada|left PER(Ada)"],
        ),
        // The name is that of a tag of the labelling interface.
        (
            task(r#"{"title": "News", "body": "Ada left"}"#, &result(0, 3, "Ada", "txt")),
            &["5: Ada|left PER(Ada)"],
        ),
        (
            task(r#"{"text": "Ada left", "source": "x"}"#, &result(0, 3, "Ada", "txt")),
            &["5: Ada|left PER(Ada)"],
        ),
        // The annotation that counts as the truth.
        (
            r#"[{"id": 5, "data": {"text": "Ada"}, "annotations": [{"result": []}, {"ground_truth": true, "result": [{"value": {"start": 0, "end": 3, "labels": ["PER"]}}]}]}]"#.to_owned(),
            &["5: Ada PER(Ada)"],
        ),
    ] {
        check(&[(&text, expected)], &ReadOptions::default());
    }
    let unclear = task(r#"{"title": "Ada", "body": "Ada left"}"#, &result(0, 3, "Ada", "txt"));
    let error = read("a.json", &unclear, &ReadOptions::default()).unwrap_err();
    assert!(error.hint().unwrap().contains("`columns: text=title`"), "{error:?}");
    let options = ReadOptions::default().with_columns("text=body".parse().unwrap());
    check(&[(&unclear, &["5: Ada|left PER(Ada)"])], &options);
}

#[test]
fn annotation_that_nobody_reads_is_an_error() {
    for (text, column, shown) in [
        (
            r#"{"text": "Ada left", "my_spans": [{"start": 0, "end": 3, "label": "PER"}]}"#,
            "spans=my_spans",
            "Ada|left PER(Ada)",
        ),
        (
            r#"{"text": "Ada left", "spans": [], "gold": [[0, 3, "PER"]]}"#,
            "spans=gold",
            "Ada|left PER(Ada)",
        ),
        (
            r#"{"text": "Ada left", "spans": [], "entities": [{"start": 0, "end": 3, "label": "PER"}], "x": {"y": [{"start": 0, "end": 3, "label": "Q"}]}}"#,
            "spans=x",
            "Ada|left Q(Ada)",
        ),
        (
            r#"{"tokens": ["Ada", "left"], "gold": ["B-PER", "O"]}"#,
            "tags=gold",
            "Ada|left PER(Ada)",
        ),
        (
            r#"{"tokens": ["Ada", "left"], "ner_tags": ["O", "O"], "fine_tags": ["B-PER", "O"]}"#,
            "tags=fine_tags",
            "Ada|left PER(Ada)",
        ),
        (
            r#"{"tokens": ["Ada", "left"], "gold": [{"start": 0, "end": 1, "type": "PER"}]}"#,
            "spans=gold",
            "Ada|left PER(Ada)",
        ),
        (
            r#"[{"data": {"text": "Ada"}, "predictions": [{"result": [{"value": {"start": 0, "end": 3, "labels": ["PER"]}}]}]}]"#,
            "spans=predictions",
            "Ada PER(Ada)",
        ),
    ] {
        let error = read("a.json", text, &ReadOptions::default()).unwrap_err();
        assert_eq!((error.code(), error.line()), ("unread-annotation", Some(1)), "{text}");
        assert!(error.hint().unwrap().contains(&format!("`columns: {column}`")), "{error:?}");
        assert!(!error.hint().unwrap().contains("tokens"), "{error:?}");
        let options = ReadOptions::default().with_columns(column.parse().unwrap());
        check(&[(text, &[shown])], &options);
    }
    // Other annotation than that of entities, and what only looks like it.
    check(
        &[
            (
                r#"{"tokens": ["Ada", "left"], "ner_tags": ["B-PER", "O"], "chunk_tags": ["B-NP", "B-VP"], "pos_tags": ["NNP", "VBD"]}"#,
                &["Ada|left PER(Ada)"],
            ),
            (
                r#"{"text": "Ada left", "spans": [], "relations": [{"head": 0, "child": 1, "label": "X", "head_span": {"start": 0, "end": 3, "label": "Y"}}]}"#,
                &["Ada|left"],
            ),
            (
                r#"{"text": "a B-52", "spans": [], "planes": ["B-52"], "sizes": [[1, 2, 3]]}"#,
                &["a|B-52"],
            ),
        ],
        &ReadOptions::default(),
    );
}

#[test]
fn keys_can_be_named() {
    for (columns, text, expected) in [
        (
            "words=W,tags=T",
            r#"{"S": "Ada left", "W": ["Ada", "left"], "T": ["B-PER", "O"]}"#,
            "Ada|left PER(Ada)",
        ),
        (
            "text=S,spans=E",
            r#"{"S": "Ada left", "E": [[0, 3, "PER"]], "text": "x"}"#,
            "Ada|left PER(Ada)",
        ),
        (
            "sentence=W,tags=T",
            r#"{"W": [["Ada"], ["left"]], "T": [["B-PER"], ["O"]]}"#,
            "Ada|left PER(Ada)",
        ),
        (
            "words=W,spans=E",
            r#"{"W": ["Ada", "left"], "E": [{"start": 0, "end": 1, "type": "PER"}]}"#,
            "Ada|left PER(Ada)",
        ),
    ] {
        let options = ReadOptions::default().with_columns(columns.parse().unwrap());
        check(&[(text, &[expected])], &options);
    }
    for (columns, text) in [
        ("text=S", r#"{"text": "Ada"}"#),
        ("spans=E", r#"{"text": "Ada", "E": ["PER"]}"#),
        ("words=W", r#"{"tokens": ["Ada"]}"#),
        ("words=tokens,tags=T", r#"{"tokens": ["Ada"], "T": 3}"#),
    ] {
        let options = ReadOptions::default().with_columns(columns.parse().unwrap());
        let error = read("a.json", text, &options).unwrap_err();
        assert_eq!(error.code(), "named-key", "{text}");
    }
    let error =
        read("a.json", r#"{"S": "Ada left", "E": 1}"#, &ReadOptions::default()).unwrap_err();
    assert!(error.found().contains("\"S\", \"E\""), "{error}");
}

#[test]
fn labels_that_are_numbers_need_names() {
    let text = r#"{"id": 1, "text": "EU left Bonn", "annotations": [{"label": 7, "start_offset": 0, "end_offset": 2, "user": 1}, {"label": 6, "start_offset": 8, "end_offset": 12, "user": 1}, {"label": 7, "start_offset": 8, "end_offset": 12, "user": 2}]}"#;
    let error = read("a.jsonl", text, &ReadOptions::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a.jsonl:1:1: expected labels by name, found the number 7 as a label"
    );
    assert!(error.hint().unwrap().contains("`tag_names: "), "{error:?}");
    let names = |list: &[&str]| {
        let list = list.iter().map(|name| (*name).to_owned()).collect();
        ReadOptions::default().with_tag_names(Some(list))
    };
    // One annotator's spans are read.
    check(&[(text, &["1: EU|left|Bonn ORG(EU) LOC(Bonn)"])], &names(&["7=ORG", "6=LOC"]));
    check(
        &[
            (r#"{"text": "EU left", "label": [[0, 2, 1]]}"#, &["EU|left ORG(EU)"]),
            (
                r#"{"tokens": ["EU", "left"], "entities": [{"start": 0, "end": 1, "label": 1}]}"#,
                &["EU|left ORG(EU)"],
            ),
        ],
        &names(&["PER", "ORG"]),
    );
    let error = read("a.jsonl", text, &names(&["PER", "ORG"])).unwrap_err();
    assert_eq!(error.code(), "unnamed-labels");
}

#[test]
fn answers_about_spans_say_nothing_of_other_words() {
    let line = |spans: &str, answer: &str| {
        format!(
            r#"{{"text": "Ada met Bo", "spans": [{spans}], "_is_binary": true, "_view_id": "ner", "answer": "{answer}"}}"#
        )
    };
    let ada = r#"{"start": 0, "end": 3, "label": "PER", "text": "Ada"}"#;
    let bo = r#"{"start": 8, "end": 10, "label": "PER", "text": "Bo"}"#;
    for (text, expected) in [
        (line(ada, "accept"), &["B-PER", "-", "-"]),
        (line(ada, "reject"), &["-", "-", "-"]),
        (line(&format!("{ada}, {bo}"), "accept"), &["B-PER", "-", "B-PER"]),
        (line("", "accept"), &["-", "-", "-"]),
    ] {
        let documents = read("a.jsonl", &text, &ReadOptions::default()).unwrap();
        let (tags, scheme) = documents[0].tags().unwrap();
        let tags: Vec<String> = tags.iter().map(|tag| tag.display(scheme).to_string()).collect();
        assert_eq!(tags, expected, "{text}");
    }
    let ignored = line(ada, "ignore") + "\n" + &line(ada, "accept");
    assert_eq!(read("a.jsonl", &ignored, &ReadOptions::default()).unwrap().len(), 1);
    // A whole annotation says O of the other words.
    let manual =
        line(ada, "accept").replace("\"_is_binary\": true, ", "").replace("ner\"", "ner_manual\"");
    assert!(read("a.jsonl", &manual, &ReadOptions::default()).unwrap()[0].tags().is_none());
}

#[test]
fn what_is_no_json_is_explained() {
    for (name, text, part) in [
        ("a.txt", "[(\"Ada left.\", {\"entities\": [(0, 3, \"PER\")]})]\n", "Python"),
        ("a.json", "[('Ada left.', {'entities': [(0, 3, 'PER')]})]\n", "Python"),
        ("a.jsonl", "{'text': 'Ada', 'label': []}\n", "Python"),
        ("a.py", "TRAIN_DATA = [\n    (\"Ada\", {\"entities\": []}),\n]\n", "Python"),
        ("a.jsonl", "{\"text\": \"Ada\", \"label\": None}\n", "Python"),
        ("a.jsonl", "[\"Ada\", {\"entities\": [(0, 3, \"PER\")]}]\n", "Python"),
        ("a.jsonl", "{\"text\": \"Ada\", \"label\": NaN}\n", "NaN"),
        ("a.jsonl", "{\"text\": \"Ada\", \"score\": -Infinity}\n", "NaN"),
    ] {
        let error = read(name, text, &ReadOptions::default()).unwrap_err();
        assert!(error.hint().unwrap_or_default().contains(part), "{text}: {error:?}");
    }
}

#[test]
fn text_without_spaces_is_cut_by_character() {
    check(
        &[(
            r#"{"text": "🙂🙂今天在北京见到王小明了", "label": [[5, 7, "LOC"], [9, 12, "PER"]]}"#,
            &["🙂|🙂|今|天|在|北|京|见|到|王|小|明|了 LOC(北京) PER(王小明)"],
        )],
        &ReadOptions::default(),
    );
}
