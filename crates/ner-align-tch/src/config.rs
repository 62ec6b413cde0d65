//! `config.json` of a Hugging Face model folder.

use std::path::Path;

use ner_align_core::LabelSet;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::error::{ModelError, Result};

/// Sizes and constants of a BERT encoder, with the names that `config.json` gives them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct BertConfig {
    /// Which architecture the file describes.
    pub model_type: String,
    /// Rows of the word embedding.
    pub vocab_size: i64,
    /// Width of the hidden states.
    pub hidden_size: i64,
    /// Number of layers.
    pub num_hidden_layers: usize,
    /// Attention heads; divides `hidden_size`.
    pub num_attention_heads: i64,
    /// Width between the two linear maps of a layer.
    pub intermediate_size: i64,
    /// Activation between them.
    #[serde(default)]
    pub hidden_act: Activation,
    /// Dropout after embeddings and linear maps, 0 to 1.
    #[serde(default = "default_dropout")]
    pub hidden_dropout_prob: f64,
    /// Dropout of attention probabilities, 0 to 1.
    #[serde(default = "default_dropout")]
    pub attention_probs_dropout_prob: f64,
    /// Dropout before the classifier; `hidden_dropout_prob` where the file has none.
    #[serde(default)]
    pub classifier_dropout: Option<f64>,
    /// Longest sequence, special tokens counted.
    pub max_position_embeddings: i64,
    /// Rows of the token-type embedding.
    #[serde(default = "default_types")]
    pub type_vocab_size: i64,
    /// Added to the variance in layer norm.
    #[serde(default = "default_epsilon")]
    pub layer_norm_eps: f64,
    /// Standard deviation of a new classifier's weights.
    #[serde(default = "default_range")]
    pub initializer_range: f64,
    /// The id that fills padded rectangles; its embedding does not learn.
    #[serde(default)]
    pub pad_token_id: i64,
    /// The whole file, so that saving keeps what this crate does not know.
    #[serde(skip)]
    raw: Map<String, Value>,
}

/// Activations of BERT-like models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// Exact GELU.
    #[default]
    Gelu,
    /// GELU by its tanh approximation.
    #[serde(alias = "gelu_pytorch_tanh", alias = "gelu_fast")]
    GeluNew,
    /// Rectified linear.
    Relu,
}

const fn default_dropout() -> f64 {
    0.1
}
const fn default_types() -> i64 {
    2
}
const fn default_epsilon() -> f64 {
    1e-12
}
const fn default_range() -> f64 {
    0.02
}

impl BertConfig {
    /// Reads and checks `config.json` in `directory`.
    ///
    /// # Errors
    /// [`ModelError::MissingFile`], [`ModelError::Io`], or [`ModelError::Config`] with what was
    /// expected.
    pub fn read(directory: &Path) -> Result<Self> {
        let path = directory.join("config.json");
        if !path.is_file() {
            return Err(ModelError::MissingFile {
                path: directory.to_owned(),
                missing: "config.json",
            });
        }
        let bytes =
            std::fs::read(&path).map_err(|source| ModelError::Io { path: path.clone(), source })?;
        let fail = |reason: String| ModelError::Config { path: path.clone(), reason };
        let raw: Map<String, Value> =
            serde_json::from_slice(&bytes).map_err(|e| fail(format!("not a JSON object: {e}")))?;
        let model_type = raw.get("model_type").and_then(Value::as_str).unwrap_or("none");
        if model_type != "bert" {
            return Err(fail(format!("expected model_type \"bert\", found {model_type:?}")));
        }
        let mut config: Self = serde_json::from_value(Value::Object(raw.clone()))
            .map_err(|e| fail(format!("not a BERT configuration: {e}")))?;
        config.raw = raw;
        config.check().map_err(fail)?;
        Ok(config)
    }

    fn check(&self) -> std::result::Result<(), String> {
        let positive = [
            ("vocab_size", self.vocab_size),
            ("hidden_size", self.hidden_size),
            ("num_attention_heads", self.num_attention_heads),
            ("intermediate_size", self.intermediate_size),
            ("max_position_embeddings", self.max_position_embeddings),
            ("type_vocab_size", self.type_vocab_size),
        ];
        // Beyond this the sizes are a damaged file, and products of two would overflow.
        for (name, value) in positive {
            if !(1..=1 << 28).contains(&value) {
                return Err(format!("{name}: expected a positive size, found {value}"));
            }
        }
        if self.num_hidden_layers > 1000 {
            return Err(format!("num_hidden_layers: found {}", self.num_hidden_layers));
        }
        if self.hidden_size % self.num_attention_heads != 0 {
            return Err(format!(
                "hidden_size {} is not a multiple of num_attention_heads {}",
                self.hidden_size, self.num_attention_heads
            ));
        }
        let rates = [
            ("hidden_dropout_prob", self.hidden_dropout_prob),
            ("attention_probs_dropout_prob", self.attention_probs_dropout_prob),
            ("classifier_dropout", self.classifier_dropout.unwrap_or(0.0)),
        ];
        for (name, rate) in rates {
            if !(0.0..1.0).contains(&rate) {
                return Err(format!("{name}: expected 0 or more and less than 1, found {rate}"));
            }
        }
        match self.raw.get("position_embedding_type").and_then(Value::as_str) {
            None | Some("absolute") => Ok(()),
            Some(other) => {
                Err(format!("position_embedding_type: expected \"absolute\", found {other:?}"))
            }
        }
    }

    /// The classes that the file names, if it names any beyond the nameless `LABEL_0`, `LABEL_1`.
    ///
    /// # Errors
    /// The reason why `id2label` makes no label set.
    pub fn labels(&self) -> std::result::Result<Option<LabelSet>, String> {
        let Some(names) = self.raw.get("id2label").and_then(Value::as_object) else {
            return Ok(None);
        };
        let mut by_id = vec![None; names.len()];
        for (id, name) in names {
            let slot = id.parse::<usize>().ok().and_then(|id| by_id.get_mut(id));
            match (slot, name.as_str()) {
                (Some(slot), Some(name)) => *slot = Some(name.to_owned()),
                _ => {
                    return Err(format!(
                        "id2label: {id:?} is no class id from 0 to {}",
                        names.len()
                    ));
                }
            }
        }
        let by_id: Vec<String> = by_id.into_iter().flatten().collect();
        if by_id.len() != names.len() {
            return Err("id2label: class ids are not 0, 1, 2, …".to_owned());
        }
        if by_id.iter().enumerate().all(|(id, name)| *name == format!("LABEL_{id}")) {
            return Ok(None);
        }
        LabelSet::from_names(&by_id).map(Some).map_err(|e| format!("id2label: {e}"))
    }

    /// The file as it is to be saved for a token classifier with these classes.
    #[must_use]
    pub fn to_json(&self, labels: &LabelSet) -> Value {
        let mut raw = self.raw.clone();
        // Traces of where the base model came from, and of what it was trained to do.
        for key in ["_name_or_path", "num_labels", "torch_dtype", "problem_type"] {
            raw.remove(key);
        }
        let names = labels.names().iter().enumerate();
        let id2label: Map<_, _> =
            names.clone().map(|(id, name)| (id.to_string(), json!(name))).collect();
        let label2id: Map<_, _> = names.map(|(id, name)| (name.clone(), json!(id))).collect();
        raw.insert("architectures".to_owned(), json!(["BertForTokenClassification"]));
        raw.insert("dtype".to_owned(), json!("float32"));
        raw.insert("id2label".to_owned(), Value::Object(id2label));
        raw.insert("label2id".to_owned(), Value::Object(label2id));
        Value::Object(raw)
    }
}
