//! Values of `config.json` by the names that BERT gives them, checked one by one.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::family::Kind;
use super::{Family, LARGEST};

/// A file with the family that says how its keys are spelled. Errors are sentences that begin with
/// the key as the file spells it.
pub(super) struct Fields<'a> {
    pub(super) raw: &'a Map<String, Value>,
    pub(super) family: &'static Family,
}

impl Fields<'_> {
    /// The file's spelling of a key.
    pub(super) fn key(&self, name: &'static str) -> &'static str {
        self.family.key(name).unwrap_or(name)
    }

    /// A value, `None` if the file or the family has it not.
    pub(super) fn optional<T: DeserializeOwned>(
        &self,
        name: &'static str,
    ) -> Result<Option<T>, String> {
        match self.family.key(name).and_then(|key| self.raw.get(key)) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match T::deserialize(value) {
                Ok(value) => Ok(Some(value)),
                Err(e) => Err(format!("{}: {e}", self.key(name))),
            },
        }
    }

    /// A value that the file must have.
    pub(super) fn required<T: DeserializeOwned>(&self, name: &'static str) -> Result<T, String> {
        self.optional(name)?.ok_or_else(|| {
            format!(
                "{}: expected in the file of a {}, found none",
                self.key(name),
                self.family.model_type
            )
        })
    }

    /// A size of a tensor.
    pub(super) fn size(&self, name: &'static str) -> Result<i64, String> {
        let value = self.required(name)?;
        if (1..=LARGEST).contains(&value) {
            return Ok(value);
        }
        Err(format!("{}: expected a positive size, found {value}", self.key(name)))
    }

    /// A switch.
    pub(super) fn switch(&self, name: &'static str, usual: bool) -> Result<bool, String> {
        Ok(self.optional(name)?.unwrap_or(usual))
    }

    /// A dropout rate.
    pub(super) fn rate(&self, name: &'static str) -> Result<Option<f64>, String> {
        let rate: Option<f64> = self.optional(name)?;
        match rate.filter(|rate| !(0.0..1.0).contains(rate)) {
            None => Ok(rate),
            Some(rate) => {
                Err(format!("{}: expected 0 or more and less than 1, found {rate}", self.key(name)))
            }
        }
    }

    /// Settings under which transformers would compute something else from the same weights.
    pub(super) fn refuse_what_would_compute_otherwise(&self) -> Result<(), String> {
        for key in ["is_decoder", "add_cross_attention"] {
            if self.raw.get(key) == Some(&Value::Bool(true)) {
                return Err(format!("{key}: expected an encoder, false, found true"));
            }
        }
        if self.raw.get("pruned_heads").and_then(Value::as_object).is_some_and(|p| !p.is_empty()) {
            return Err("pruned_heads: expected none, found some".to_owned());
        }
        // ModernBERT's files name a type that nothing reads.
        if self.family.kind != Kind::Bert {
            return Ok(());
        }
        match self.raw.get("position_embedding_type").and_then(Value::as_str) {
            None | Some("absolute") => Ok(()),
            Some(other) => {
                Err(format!("position_embedding_type: expected \"absolute\", found {other:?}"))
            }
        }
    }
}
