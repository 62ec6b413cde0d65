//! JSON whose annotation is nested, is of a part, or counts in another unit.

mod common;

use common::json::{check, read};
use common::show;
use ner_align_corpus::ReadOptions;

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
