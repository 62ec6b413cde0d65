//! What a `tokenizer.json` asks for, looked at before the library gets it.
//!
//! A model comes from anywhere. The library checks the form of its files, and takes on trust what
//! they ask for: a character map of eight gigabytes, a normaliser that makes a word a million times
//! as long. What panics all the same is caught where the library is called.

mod character_map;
mod largest_id;

use ner_align_core::BoxError;
use serde::Deserialize;
use serde_json::Value;

use largest_id::LargestId;

/// How many times as long a normaliser may make a text.
const MAX_GROWTH: f64 = 65_536.0;
/// Ids are below this. Time and memory of some steps of the library grow with the largest one.
const MAX_ID: u64 = 1 << 24;
/// Characters of a word that WordPiece may cut: its time grows with their cube. BERT's is 100.
const MAX_WORDPIECE_WORD: u64 = 2_000;

/// The parts of the file that can ask for more than they are.
#[derive(Debug, Deserialize)]
pub(super) struct Parts {
    #[serde(default)]
    normalizer: Value,
    #[serde(default)]
    pre_tokenizer: Value,
    #[serde(default)]
    decoder: Value,
    #[serde(default)]
    added_tokens: Value,
    #[serde(default)]
    model: ModelSettings,
}

/// The model, with the largest id of its vocabulary.
#[derive(Debug, Default, Deserialize)]
struct ModelSettings {
    #[serde(default)]
    max_input_chars_per_word: Value,
    #[serde(default)]
    vocab: LargestId,
}

impl Parts {
    /// # Errors
    /// What was expected, and what the file asks for.
    pub(super) fn check(&self) -> Result<(), BoxError> {
        for steps in [&self.normalizer, &self.decoder] {
            let growth = growth(steps)?;
            if growth > MAX_GROWTH {
                return Err(format!(
                    "expected a normaliser that makes a text at most {MAX_GROWTH} times as long, \
                     found one for {growth:.0} times"
                )
                .into());
            }
        }
        check_pre_tokenizer(&self.pre_tokenizer)?;
        let added = self.added_tokens.as_array().into_iter().flatten();
        let ids = added.filter_map(|token| token["id"].as_u64());
        let largest = ids.chain([self.model.vocab.0]).max().unwrap_or_default();
        if largest >= MAX_ID {
            return Err(format!("expected ids below {MAX_ID}, found {largest}").into());
        }
        match self.model.max_input_chars_per_word.as_u64() {
            Some(length) if length > MAX_WORDPIECE_WORD => Err(format!(
                "expected max_input_chars_per_word of at most {MAX_WORDPIECE_WORD}, found {length}"
            )
            .into()),
            _ => Ok(()),
        }
    }
}

/// How many times as long a normaliser or decoder can make a text, at most.
fn growth(step: &Value) -> Result<f64, BoxError> {
    let length = |key: &str| step[key].as_str().map_or(0.0, |text| text.len() as f64);
    Ok(match step["type"].as_str() {
        Some("Sequence") => {
            let steps = ["normalizers", "decoders"].map(|key| step[key].as_array());
            let mut product = 1.0;
            for step in steps.into_iter().flatten().flatten() {
                product *= growth(step)?;
            }
            product
        }
        Some("Precompiled") => character_map::check(&step["precompiled_charsmap"])?,
        Some("Prepend") => 1.0 + length("prepend"),
        Some("Replace") => match step["pattern"]["String"].as_str() {
            Some(text) if !text.is_empty() => (length("content") / text.len() as f64).max(1.0),
            // An expression may match between any two bytes.
            _ => 1.0 + length("content"),
        },
        // Decompositions, and the bytes of a character as characters.
        _ => 1.0,
    })
}

fn check_pre_tokenizer(step: &Value) -> Result<(), BoxError> {
    for step in step["pretokenizers"].as_array().into_iter().flatten() {
        check_pre_tokenizer(step)?;
    }
    if step["type"] == "FixedLength" && step["length"] == 0 {
        return Err("expected a FixedLength of 1 or more, found 0".into());
    }
    Ok(())
}
