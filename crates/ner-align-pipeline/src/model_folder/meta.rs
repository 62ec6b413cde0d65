//! `meta.json`: what ner-align keeps in a model folder beside the Hugging Face files.

use std::io::ErrorKind;
use std::path::Path;

use ner_align_core::{MAX_SETTINGS_BYTES, read_small_text};
use ner_align_metrics::{Prf, Scores};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::META;
use crate::PipelineError;
use crate::codec::CodecSettings;

/// What a model folder says of its training: how words became subtokens, so that prediction does
/// the same, what the model was made from, and how well it does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ModelMeta {
    /// The model's name.
    pub name: String,
    /// The version of ner-align that wrote the folder.
    pub version: String,
    /// The entity types, by code point.
    pub labels: Vec<String>,
    /// The way from documents to windows and back.
    #[serde(flatten)]
    pub codec: CodecSettings,
    /// What the model was made from, as `provenance.json` has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub training: Option<Value>,
    /// `ents_p`, `ents_r`, `ents_f` and `ents_per_type` on the development data, as in spaCy's
    /// `meta.json`.
    pub performance: Map<String, Value>,
    /// True for a model of ner-align, whose folder says the scheme of its classes where their names
    /// do not.
    #[serde(skip)]
    own: bool,
}

impl Default for ModelMeta {
    /// What holds for a model that another tool saved.
    fn default() -> Self {
        Self {
            name: String::new(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            labels: Vec::new(),
            codec: CodecSettings::default(),
            training: None,
            performance: Map::new(),
            own: false,
        }
    }
}

impl ModelMeta {
    /// What is said of a model of this name and these settings.
    #[must_use]
    pub fn new(name: impl Into<String>, codec: CodecSettings) -> Self {
        Self { name: name.into(), codec, own: true, ..Self::default() }
    }

    /// Keeps the strict scores as `performance`.
    #[must_use]
    pub fn with_scores(mut self, scores: &Scores) -> Self {
        let strict = scores.strict();
        let row = |row: &Prf| json!({"p": row.precision, "r": row.recall, "f": row.f1});
        let per_type: Map<_, _> =
            strict.per_type.iter().map(|(label, scores)| (label.clone(), row(scores))).collect();
        self.performance = Map::from_iter([
            ("ents_p".to_owned(), json!(strict.micro.precision)),
            ("ents_r".to_owned(), json!(strict.micro.recall)),
            ("ents_f".to_owned(), json!(strict.micro.f1)),
            ("ents_per_type".to_owned(), Value::Object(per_type)),
        ]);
        self
    }

    /// Reads what a model folder says. A folder that transformers saved has no `meta.json`, and
    /// that of another tool does not say how words become subtokens; both give the default.
    ///
    /// # Errors
    /// [`PipelineError::Folder`] with file, line and column if the file is not JSON, or holds
    /// values that this version does not know.
    pub fn read(folder: impl AsRef<Path>) -> Result<Self, PipelineError> {
        let path = folder.as_ref().join(META);
        let text = match read_small_text(&path, MAX_SETTINGS_BYTES) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(PipelineError::io(path, error)),
        };
        let refuse = |error: &serde_json::Error, expected: &str, hint: Option<&str>| {
            let place = format!("{}:{}:{}", path.display(), error.line(), error.column());
            PipelineError::Folder {
                path: place.into(),
                expected: expected.to_owned(),
                found: error.to_string(),
                hint: hint.map(str::to_owned),
            }
        };
        let any: Map<String, Value> =
            serde_json::from_str(&text).map_err(|error| refuse(&error, "a JSON object", None))?;
        if !any.contains_key("strategy") {
            return Ok(Self::default());
        }
        let meta: Self = serde_json::from_str(&text).map_err(|error| {
            let hint = "it says how words become subtokens; a newer ner-align may have written it";
            refuse(&error, "what ner-align keeps of a model", Some(hint))
        })?;
        Ok(Self { own: true, ..meta })
    }

    /// True if ner-align trained the model.
    #[must_use]
    pub const fn is_own(&self) -> bool {
        self.own
    }

    /// The text of the file.
    ///
    /// # Errors
    /// [`PipelineError::Serialise`] if a value has no form in JSON.
    pub fn to_json(&self) -> Result<String, PipelineError> {
        serde_json::to_string_pretty(self)
            .map(|text| text + "\n")
            .map_err(|error| PipelineError::serialise(META, error))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(ModelMeta::read(folder.path()).unwrap(), ModelMeta::default());
        let codec = CodecSettings {
            context: 64,
            max_length: 128,
            words: "char".parse().unwrap(),
            ..CodecSettings::default()
        };
        let meta = ModelMeta::new("m", codec);
        fs::write(folder.path().join(META), meta.to_json().unwrap()).unwrap();
        assert_eq!(ModelMeta::read(folder.path()).unwrap(), meta);
    }

    #[test]
    fn files_of_other_tools_and_broken_ones() {
        let folder = tempfile::tempdir().unwrap();
        for (text, expected) in [
            ("{\"lang\": \"en\"}", Ok(ModelMeta::default())),
            ("{", Err("meta.json:1:1: expected a JSON object")),
            ("[1]", Err("expected a JSON object")),
            ("{\"strategy\": \"third\"}", Err("meta.json:1:")),
            ("{\"strategy\": \"first\", \"max_length\": -1}", Err("meta.json:1:")),
        ] {
            fs::write(folder.path().join(META), text).unwrap();
            match (ModelMeta::read(folder.path()), expected) {
                (Ok(meta), Ok(expected)) => assert_eq!(meta, expected, "{text}"),
                (Err(error), Err(part)) => {
                    assert!(error.to_string().contains(part), "{text}: {error}");
                }
                (result, _) => panic!("{text}: {result:?}"),
            }
        }
    }
}
