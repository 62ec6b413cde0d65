//! Answers as those of transformers' pipeline, and other readings of entities.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

#[allow(dead_code, reason = "not all of it is used")]
mod client;
#[path = "../../ner-align-pipeline/tests/counting/mod.rs"]
#[allow(dead_code, reason = "not all of it is used")]
mod counting;

use axum::body::Body;
use axum::http::Request;
use client::{ask, for_text, post};
use counting::predictor;
use ner_align_pipeline::PipelineOptions;
use ner_align_serve::{ServeOptions, router};
use serde_json::{Value, json};

const TEXT: &str = "Žádáme Python and Java skills 🦀 SQL.";

fn server(options: ServeOptions) -> axum::Router {
    router(predictor(), options).unwrap()
}

/// By way of text, as f32 is written shorter than the f64 that it becomes.
fn as_json(found: &impl serde::Serialize) -> Value {
    serde_json::from_str(&serde_json::to_string(found).unwrap()).unwrap()
}

#[tokio::test]
async fn other_readings_of_an_entity() {
    let server = server(ServeOptions::default());
    let found = predictor().with_alternatives(2).entities(TEXT).unwrap();
    let expected = as_json(&found);
    let readings = expected[0]["alternatives"].as_array().unwrap();
    assert!(readings.iter().any(|reading| reading["label"].is_null()), "{expected}");
    let body = json!({"text": TEXT, "alternatives": 2}).to_string();
    let answer = ask(&server, post("/v1/entities", "application/json", body)).await;
    assert_eq!(answer.json()["entities"], expected);
    for path in ["/v1/entities?alternatives=2", "/v1/fields?alternatives=2"] {
        let answer = ask(&server, post(path, "text/plain", TEXT)).await;
        assert_eq!(answer.json()["entities"], expected, "{path}");
    }
    // Those that ask for more or none at the same time are answered what they asked for.
    let options = ServeOptions::default();
    let with_two = router(predictor().with_alternatives(2), options).unwrap();
    let more = json!({"text": TEXT, "alternatives": 100}).to_string();
    let none = json!({"text": TEXT, "alternatives": 0}).to_string();
    let (more, two, none) = tokio::join!(
        ask(&with_two, post("/v1/entities", "application/json", more)),
        ask(&with_two, for_text(TEXT)),
        ask(&with_two, post("/v1/entities", "application/json", none)),
    );
    assert!(more.json()["entities"][0]["alternatives"].as_array().unwrap().len() >= 2);
    assert_eq!(two.json()["entities"], expected);
    assert_eq!(none.json()["entities"], as_json(&predictor().entities(TEXT).unwrap()));
}

#[tokio::test]
async fn answers_of_transformers_pipeline() {
    let server = server(ServeOptions::default());
    let (model, texts) = (predictor(), [TEXT, "", "SQL"]);
    for parameters in [
        json!({}),
        json!({"aggregation_strategy": "none"}),
        json!({"aggregation_strategy": "FIRST", "ignore_labels": []}),
        json!({"aggregation_strategy": "max", "stride": 1.0}),
    ] {
        let options: PipelineOptions = serde_json::from_value(parameters.clone()).unwrap();
        let expected = as_json(&model.pipeline_entities(&texts, &options).unwrap());
        assert_ne!(expected[0], json!([]));
        let one = json!({"inputs": TEXT, "parameters": parameters, "options": {"use_cache": true}});
        let answer = ask(&server, post("/hf", "application/json", one.to_string())).await;
        assert_eq!(answer.json(), expected[0], "{parameters}");
        let each = json!({"inputs": texts, "parameters": parameters}).to_string();
        let untyped = Request::post("/hf?model=default").body(Body::from(each)).unwrap();
        assert_eq!(ask(&server, untyped).await.json(), expected, "{parameters}");
    }
    let answer = ask(&server, post("/hf", "application/json", r#"{"inputs":[]}"#)).await;
    assert_eq!(answer.json(), json!([]));
}

#[tokio::test]
async fn faults_of_requests_for_the_pipeline() {
    let options = ServeOptions::default().with_max_chars(20).with_max_texts(3);
    let server = server(options);
    let hf = |body: &str| post("/hf", "application/json", body.to_owned());
    for (request, status, part) in [
        (
            hf(r#"{"inputs":"a","parameters":{"aggregation_strategy":"mean"}}"#),
            422,
            "average or max",
        ),
        (
            hf(r#"{"inputs":"a","parameters":{"stride":1.5}}"#),
            422,
            "stride: expected a whole number",
        ),
        (hf("{}"), 422, "inputs"),
        (hf(r#"{"inputs":7}"#), 422, "inputs: expected a text or a list of texts"),
        (hf(r#"{"inputs":["","","",""]}"#), 422, "inputs: expected at most 3 texts, found 4"),
        (hf(r#"{"inputs":["123456789012345678901"]}"#), 422, "inputs[0]: expected at most 20"),
        (hf(r#"{"inputs":"a","parameters":{"aggregation":"max"}}"#), 422, "aggregation"),
        (hf(r#"{"inputs":"a","parameters":{"stride":100000}}"#), 422, "stride: expected less than"),
        (post("/hf", "text/plain", "a"), 415, "expected application/json"),
        (post("/hf?model=none", "application/json", r#"{"inputs":"a"}"#), 404, "one of default"),
    ] {
        let shown = format!("{request:?}");
        let answer = ask(&server, request).await;
        assert_eq!(answer.status, status, "{shown}: {answer:?}");
        assert!(answer.json()["detail"].as_str().unwrap().contains(part), "{shown}: {answer:?}");
    }
}
