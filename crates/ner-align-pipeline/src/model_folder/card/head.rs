//! The head of a model card: what the Hub reads.

use ner_align_metrics::Scores;
use serde_json::{Map, Value, json};

use super::ModelCard;
use crate::Split;

/// The values in the words of the Hub's model card metadata.
pub(super) fn metadata(card: &ModelCard<'_>) -> Value {
    let own = &card.settings.card;
    let mut head = Map::new();
    let mut set = |key: &str, value: Value| drop(head.insert(key.to_owned(), value));
    match own.language.as_slice() {
        [] => {}
        [one] => set("language", json!(one)),
        all => set("language", json!(all)),
    }
    if let Some(license) = &own.license {
        set("license", json!(license));
    }
    set("library_name", json!("transformers"));
    set("pipeline_tag", json!("token-classification"));
    if let Some(base) = card.base_id() {
        set("base_model", json!(base));
        set("base_model_relation", json!("finetune"));
    }
    if !own.datasets.is_empty() {
        set("datasets", json!(own.datasets));
    }
    let mut tags = vec!["token-classification", "named-entity-recognition", "ner-align"];
    tags.extend(
        own.tags.iter().map(String::as_str).filter(|tag| !tags.contains(tag)).collect::<Vec<_>>(),
    );
    set("tags", json!(tags));
    let texts: Vec<Value> = card.widget().iter().map(|text| json!({"text": text})).collect();
    if !texts.is_empty() {
        set("widget", Value::Array(texts));
    }
    let results: Vec<Value> = [(Split::Dev, card.dev), (Split::Test, card.test)]
        .into_iter()
        .filter_map(|(split, scores)| result(card, split, scores?))
        .collect();
    if !results.is_empty() {
        set("model-index", json!([{"name": card.name, "results": results}]));
    }
    Value::Object(head)
}

/// The scores of one part of the data; `None` if none is defined.
fn result(card: &ModelCard<'_>, split: Split, scores: &Scores) -> Option<Value> {
    let micro = &scores.strict().micro;
    let metrics: Vec<Value> = [
        ("precision", "Precision", micro.precision),
        ("recall", "Recall", micro.recall),
        ("f1", "F1", micro.f1),
        ("accuracy", "Accuracy", scores.token_accuracy),
    ]
    .into_iter()
    .filter_map(|(kind, name, value)| Some(json!({"type": kind, "value": value?, "name": name})))
    .collect();
    if metrics.is_empty() {
        return None;
    }
    // The Hub asks for an id and a name.
    let (id, name) = match card.settings.card.datasets.as_slice() {
        [one] => (one.clone(), one.clone()),
        _ => {
            let names: Vec<&str> = card.sources(split).map(|source| source.name.as_str()).collect();
            let names = if names.is_empty() { split.to_string() } else { names.join(", ") };
            ("custom".to_owned(), names)
        }
    };
    let split = if split == Split::Dev { "validation" } else { "test" };
    Some(json!({
        "task": {"type": "token-classification", "name": "Token Classification"},
        "dataset": {"type": id, "name": name, "split": split},
        "metrics": metrics,
    }))
}
