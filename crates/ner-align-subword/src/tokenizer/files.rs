//! Tokenizers on disk.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use ner_align_core::BoxError;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokenizers::Tokenizer;
use tokenizers::normalizers::Precompiled;

use super::config::TokenizerConfig;
use super::names::{ADDED_TOKENS, CONFIG, TOKENIZER, read_object};
use crate::SubwordError;

/// A `tokenizer.json`.
pub(super) fn read_tokenizer(path: &Path) -> Result<Tokenizer, SubwordError> {
    let bytes = fs::read(path).map_err(SubwordError::io(path))?;
    let refuse = |source| SubwordError::Tokenizer { path: path.to_owned(), source };
    // The library panics on text that ends within its decoder and on a character map that is none,
    // so both are looked at first. Text that is no JSON at all has a place to point to.
    match serde_json::from_slice::<Parts>(&bytes) {
        Ok(parts) => check_normalizer(&parts.normalizer).map_err(refuse)?,
        Err(source) if !source.is_data() => {
            return Err(SubwordError::Json { path: path.to_owned(), source });
        }
        Err(_) => {}
    }
    Tokenizer::from_bytes(&bytes).map_err(refuse)
}

#[derive(Deserialize)]
struct Parts {
    #[serde(default)]
    normalizer: Value,
}

fn check_normalizer(normalizer: &Value) -> Result<(), BoxError> {
    for step in normalizer["normalizers"].as_array().into_iter().flatten() {
        check_normalizer(step)?;
    }
    if normalizer["type"] == "Precompiled" {
        serde_json::from_str::<Precompiled>(&normalizer.to_string())?;
    }
    Ok(())
}

/// A WordPiece tokenizer from its vocabulary, one token a line, as BERT's first releases have it,
/// with the tokens that were added later: those of the configuration, or else of a file beside it.
pub(super) fn read_vocabulary(
    path: &Path,
    config: &TokenizerConfig,
) -> Result<Tokenizer, SubwordError> {
    let text = fs::read_to_string(path).map_err(SubwordError::io(path))?;
    let vocabulary: Map<String, Value> =
        text.lines().enumerate().map(|(id, token)| (token.to_owned(), id.into())).collect();
    let special = |role: &str, usual: &str| {
        let token = config.token(role).unwrap_or(usual).to_owned();
        let id = vocabulary.get(&token).cloned();
        id.map(|id| (token.clone(), id))
            .ok_or_else(|| SubwordError::NoToken { path: path.to_owned(), token })
    };
    let unknown = special("unk_token", "[UNK]")?;
    let first = special("cls_token", "[CLS]")?;
    let last = special("sep_token", "[SEP]")?;
    let others = [special("pad_token", "[PAD]"), special("mask_token", "[MASK]")];
    let special: Vec<&(String, Value)> =
        [&unknown, &first, &last].into_iter().chain(others.iter().flatten()).collect();
    let mut added: Vec<Value> = special
        .iter()
        .map(|(content, id)| {
            json!({"id": id, "content": content, "single_word": false, "lstrip": false,
                "rstrip": false, "normalized": false, "special": true})
        })
        .collect();
    let is_special = |token: &str| special.iter().any(|(special, _)| special == token);
    let later = match config.added_tokens() {
        Some(tokens) => tokens,
        None => read_added_tokens(path)?,
    };
    added.extend(later.into_iter().filter(|t| !t["content"].as_str().is_some_and(is_special)));
    added.sort_by_key(|token| token["id"].as_u64());
    let piece = |(token, _): &(String, Value)| json!({"SpecialToken": {"id": token, "type_id": 0}});
    let sequence = |id: &str, kind: u8| json!({"Sequence": {"id": id, "type_id": kind}});
    let end_of_second = json!({"SpecialToken": {"id": last.0, "type_id": 1}});
    let entry =
        |(token, id): &(String, Value)| json!({"id": token, "ids": [id], "tokens": [token]});
    let mut special_tokens = Map::new();
    special_tokens.insert(first.0.clone(), entry(&first));
    special_tokens.insert(last.0.clone(), entry(&last));
    let tokenizer = json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": added,
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": true,
            "handle_chinese_chars": config.switch("tokenize_chinese_chars").unwrap_or(true),
            "strip_accents": config.switch("strip_accents"),
            "lowercase": config.switch("do_lower_case").unwrap_or(true),
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [piece(&first), sequence("A", 0), piece(&last)],
            "pair": [piece(&first), sequence("A", 0), piece(&last), sequence("B", 1), end_of_second],
            "special_tokens": special_tokens,
        },
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
        "model": {
            "type": "WordPiece",
            "unk_token": unknown.0,
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": vocabulary,
        },
    });
    serde_json::from_value(tokenizer)
        .map_err(|source| SubwordError::Tokenizer { path: path.to_owned(), source: source.into() })
}

/// The tokens of `added_tokens.json` beside a vocabulary, none where it is absent. transformers
/// looks for them in the normalised text.
fn read_added_tokens(vocabulary: &Path) -> Result<Vec<Value>, SubwordError> {
    let path = vocabulary.with_file_name(ADDED_TOKENS);
    let token = |(content, id): (String, Value)| {
        json!({"id": id, "content": content, "single_word": false, "lstrip": false,
            "rstrip": false, "normalized": true, "special": false})
    };
    Ok(read_object(&path)?.unwrap_or_default().into_iter().map(token).collect())
}

/// Writes the tokenizer and its settings, each file whole or not at all.
pub(super) fn save(
    directory: &Path,
    tokenizer: &Tokenizer,
    config: &TokenizerConfig,
    pad: u32,
) -> Result<(), SubwordError> {
    let path = directory.join(TOKENIZER);
    let text = tokenizer
        .to_string(true)
        .map_err(|source| SubwordError::Tokenizer { path: path.clone(), source })?;
    write_whole(&path, text.as_bytes())?;
    let path = directory.join(CONFIG);
    let settings = serde_json::to_vec_pretty(&config.settings_of(tokenizer, pad))
        .map_err(|source| SubwordError::Json { path: path.clone(), source })?;
    write_whole(&path, &settings)
}

fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), SubwordError> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = Path::new(&partial);
    let write = || {
        let mut file = File::create(partial)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(partial, path)
    };
    write().map_err(SubwordError::io(path))
}
