//! What ner-align keeps in a model folder beside the Hugging Face files.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use ner_align_cli::Failure;
use ner_align_cli::corpus_args::CorpusArgs;
use ner_align_subword::{Strategy, Unit};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::eval::Decode;

/// The file that holds it.
pub(crate) const FILE: &str = "meta.json";

/// How words became subtokens in training, so that prediction does the same, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Meta {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) labels: Vec<String>,
    pub(crate) strategy: Strategy,
    pub(crate) max_length: usize,
    pub(crate) stride: usize,
    pub(crate) unit: Unit,
    pub(crate) context: usize,
    /// What documents were where files marked none; 0: the whole file.
    pub(crate) sentences_per_document: usize,
    /// How scores became tags when `performance` was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) decode: Option<Decode>,
    /// What the model was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) training: Option<Value>,
    pub(crate) performance: Map<String, Value>,
}

impl Default for Meta {
    /// What holds for a model that another tool saved.
    fn default() -> Self {
        Self {
            name: String::new(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            labels: Vec::new(),
            strategy: Strategy::First,
            max_length: 512,
            stride: 128,
            unit: Unit::Sentence,
            context: 0,
            sentences_per_document: 1,
            decode: None,
            training: None,
            performance: Map::new(),
        }
    }
}

impl Meta {
    /// Reads a model folder's. One that transformers saved has none, and another tool's says
    /// nothing about subtokens; but our own must not be mistaken for those.
    pub(crate) fn read(directory: &Path) -> Result<Self, Failure> {
        let path = directory.join(FILE);
        let failed = |what: String| Failure::environment(format!("{}{what}", path.display()));
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(failed(format!(": {error}"))),
        };
        let place = |error: &serde_json::Error| format!(":{}:{}", error.line(), error.column());
        let any: Map<String, Value> = serde_json::from_str(&text).map_err(|error| {
            failed(format!("{}: expected a JSON object, found {error}", place(&error)))
        })?;
        if !any.contains_key("strategy") {
            return Ok(Self::default());
        }
        serde_json::from_str(&text).map_err(|error| {
            failed(format!("{}: {error}", place(&error)))
                .hint("it says how words become subtokens; a newer ner-align may have written it")
        })
    }

    /// How a corpus is read for this model: into documents as in training, where what stands around
    /// a sentence counts.
    pub(crate) fn reading(&self, corpus: &CorpusArgs) -> CorpusArgs {
        let matters = self.unit == Unit::Document || self.context > 0;
        let n = corpus.n.or(matters.then_some(self.sentences_per_document));
        CorpusArgs { n, ..corpus.clone() }
    }
}
