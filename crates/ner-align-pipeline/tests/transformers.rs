//! Answers as those of transformers' pipeline, on a model whose logits follow from ids and positions.
//! `tests/peers/hf_pipeline.py` asked transformers.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use std::collections::BTreeMap;
use std::path::Path;

use ner_align_core::ndarray::Array2;
use ner_align_core::{Batch, LabelSet, TokenClassifier};
use ner_align_pipeline::backend::{BackendError, OpenedModel};
use ner_align_pipeline::{
    AggregationStrategy, ModelMeta, PipelineOptions, PipelineRequest, Predictor,
};
use ner_align_subword::HfTokenizer;
use serde::Deserialize;
use serde_json::Value;

const NAMES: [&str; 4] = ["O", "B-PER", "I-PER", "I-LOC"];

struct Arithmetic;

impl TokenClassifier for Arithmetic {
    type Error = BackendError;

    fn num_labels(&self) -> usize {
        NAMES.len()
    }

    fn logits(&self, batch: &Batch) -> Result<Array2<f32>, BackendError> {
        let logit = |(row, class): (usize, usize)| {
            let at = batch.rows[row];
            let start = batch.boundaries.iter().filter(|start| **start <= at).max().unwrap();
            let id = batch.input_ids[at] as usize;
            ((id * 7919 + class * 104_729 + (at - start) * 31) % 997) as f32 / 100.0
        };
        Ok(Array2::from_shape_fn((batch.rows.len(), NAMES.len()), logit))
    }
}

fn predictor(tokenizer: &str) -> Predictor {
    let tokenizers =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../ner-align-subword/tests/tokenizers");
    let labels = LabelSet::from_names(&NAMES.map(str::to_owned)).unwrap();
    let mut meta = ModelMeta::default();
    meta.codec.max_length = 24;
    let tokenizer = HfTokenizer::from_dir(tokenizers.join(tokenizer)).unwrap();
    Predictor::new(OpenedModel::new(Box::new(Arithmetic), labels), tokenizer, meta).unwrap()
}

#[derive(Deserialize)]
struct Case {
    tokenizer: String,
    text: String,
    stride: Option<usize>,
    answers: BTreeMap<String, Vec<Value>>,
}

/// Equal but for the last digits of a score; the keys in the same order.
fn assert_equal(ours: &Value, expected: &[Value], place: &str) {
    let ours = ours.as_array().unwrap();
    assert_eq!(ours.len(), expected.len(), "{place}: {ours:?}");
    for (ours, expected) in ours.iter().zip(expected) {
        let (mut ours, mut expected) = (ours.clone(), expected.clone());
        let score = |entity: &mut Value| entity["score"].take().as_f64().unwrap();
        let (a, b) = (score(&mut ours), score(&mut expected));
        assert!((a - b).abs() < 1e-6, "{place}: {ours} {a} {b}");
        assert_eq!(ours, expected, "{place}");
    }
}

#[test]
fn answers_are_those_of_transformers() {
    let cases: Vec<Case> =
        serde_json::from_str(include_str!("transformers/expected.json")).unwrap();
    let mut entities = 0;
    for case in &cases {
        let predictor = predictor(&case.tokenizer);
        for (strategy, expected) in &case.answers {
            let options = PipelineOptions::default()
                .with_aggregation_strategy(strategy.parse().unwrap())
                .with_stride(case.stride);
            // A second text, so that windows share a batch.
            let found = predictor.pipeline_entities(&["other", &case.text], &options).unwrap();
            let place = format!("{} {strategy} {:?}", case.tokenizer, case.text);
            assert_equal(&serde_json::to_value(&found[1]).unwrap(), expected, &place);
            entities += expected.len();
        }
    }
    assert!(entities > 500, "{entities}");
}

#[test]
fn requests_are_those_of_the_hub() {
    let predictor = predictor("wordpiece");
    let text = "Marta lives in Oslo.";
    let answer = |request: Value| {
        let request: PipelineRequest = serde_json::from_value(request).unwrap();
        serde_json::to_string(&predictor.pipeline_answer(&request).unwrap()).unwrap()
    };
    let one = answer(serde_json::json!({"inputs": text, "options": {"use_cache": false}}));
    assert!(one.starts_with(r#"[{"entity_group":""#), "{one}");
    assert_eq!(answer(serde_json::json!({"inputs": [text, text]})), format!("[{one},{one}]"));
    let each = answer(serde_json::json!({"inputs": text,
        "parameters": {"aggregation_strategy": "NONE", "ignore_labels": []}}));
    let keys = ["entity", "score", "index", "word", "start", "end"];
    let places: Vec<_> = keys.iter().map(|key| each.find(&format!("\"{key}\":"))).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{each}");
    assert!(each.contains(r#""entity":"O""#), "{each}");
}

#[test]
fn parameters_that_transformers_refuses_are_errors() {
    let predictor = predictor("wordpiece");
    for (strategy, stride, expected) in [
        (AggregationStrategy::None, 4, "stride: expected an aggregation_strategy other than none"),
        (
            AggregationStrategy::Simple,
            22,
            "stride: expected less than 22, the subtokens of a window",
        ),
    ] {
        let options = PipelineOptions::default()
            .with_aggregation_strategy(strategy)
            .with_stride(Some(stride));
        let error = predictor.pipeline_entities(&["a"], &options).unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
    }
    let request = r#"{"inputs": "a", "parameters": {"aggregation_strategy": "best"}}"#;
    let error = serde_json::from_str::<PipelineRequest>(request).unwrap_err().to_string();
    assert!(error.contains("expected none, simple, first, average or max"), "{error}");
}
