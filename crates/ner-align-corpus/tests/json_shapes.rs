//! JSON as tools and people write it: each shape and each layout, with siblings.

mod common;

use common::json::{check, read};
use ner_align_corpus::ReadOptions;

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
