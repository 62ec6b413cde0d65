//! Special tokens, found by what the tokenizer does rather than by their names.

use ner_align_core::BoxError;
use serde_json::Value;
use tokenizers::{Model, ModelWrapper, Tokenizer};

use super::config::TokenizerConfig;

/// Words of which at least one leaves a subtoken in any vocabulary for text.
const PROBES: [&str; 6] = ["a", "the", "1", ".", "я", "的"];

/// Holds the template of the file against what the library takes for granted, and would panic on: a
/// single sequence, once, and special tokens that are known.
pub(super) fn check_template(tokenizer: &Tokenizer) -> Result<(), BoxError> {
    match tokenizer.get_post_processor() {
        Some(processor) => check_processor(&serde_json::to_value(processor)?),
        None => Ok(()),
    }
}

fn check_processor(processor: &Value) -> Result<(), BoxError> {
    for step in processor["processors"].as_array().into_iter().flatten() {
        check_processor(step)?;
    }
    let Some(pieces) = processor["single"].as_array() else { return Ok(()) };
    let mut sequences = Vec::new();
    for piece in pieces {
        if let Some(id) = piece["SpecialToken"]["id"].as_str() {
            let known = processor["special_tokens"].get(id);
            let count = |of: &str| known.and_then(|token| token[of].as_array()).map(Vec::len);
            if known.is_none() || count("ids") != count("tokens") {
                return Err(format!("the template's token {id:?} has no ids of its own").into());
            }
        }
        sequences.extend(piece["Sequence"]["id"].as_str());
    }
    if sequences != ["A"] {
        let found = sequences.join(" ");
        return Err(format!("expected the sequence A in the template, found {found:?}").into());
    }
    Ok(())
}

/// The ids before and after a sequence: whatever encoding with special tokens adds to a word.
pub(super) fn frame(tokenizer: &Tokenizer) -> Result<(Vec<u32>, Vec<u32>), BoxError> {
    let vocabulary;
    let mut words: Vec<&str> = PROBES.to_vec();
    if PROBES
        .iter()
        .all(|word| tokenizer.encode_fast([*word].as_slice(), false).is_ok_and(|e| e.is_empty()))
    {
        // A vocabulary that knows none of them, nor how to say so: its own tokens then.
        vocabulary = tokenizer.get_vocab(false);
        words = vocabulary.keys().map(String::as_str).collect();
        words.sort_unstable();
    }
    for word in words {
        let bare = tokenizer.encode_fast([word].as_slice(), false)?;
        if bare.is_empty() {
            continue;
        }
        let framed = tokenizer.encode([word].as_slice(), true)?;
        // Added tokens belong to no word.
        let outside = |position: &usize| framed.get_word_ids().get(*position) == Some(&None);
        let before = (0..framed.len()).take_while(outside).count();
        let after = (before..framed.len()).rev().take_while(outside).count();
        let ids = framed.get_ids();
        return Ok((ids[..before].to_vec(), ids[ids.len() - after..].to_vec()));
    }
    Ok((Vec::new(), Vec::new()))
}

/// The id that fills padded views: the configured one, the one that `tokenizer.json` pads with,
/// one of the usual names, or 0.
pub(super) fn pad_id(tokenizer: &Tokenizer, config: &TokenizerConfig) -> u32 {
    let padding = tokenizer.get_padding().map(|padding| padding.pad_token.as_str());
    [config.token("pad_token"), padding, Some("[PAD]"), Some("<pad>")]
        .into_iter()
        .flatten()
        .find_map(|name| tokenizer.token_to_id(name))
        .unwrap_or_default()
}

/// The id that hides a word: the configured one, or one of the usual names.
pub(super) fn mask_id(tokenizer: &Tokenizer, config: &TokenizerConfig) -> Option<u32> {
    [config.token("mask_token"), Some("[MASK]"), Some("<mask>")]
        .into_iter()
        .flatten()
        .find_map(|name| tokenizer.token_to_id(name))
}

/// The id for what the vocabulary does not contain.
pub(super) fn unknown_id(tokenizer: &Tokenizer) -> Option<u32> {
    match tokenizer.get_model() {
        ModelWrapper::WordPiece(model) => model.token_to_id(&model.unk_token),
        ModelWrapper::WordLevel(model) => model.token_to_id(&model.unk_token),
        ModelWrapper::BPE(model) => {
            model.unk_token.as_ref().and_then(|token| model.token_to_id(token))
        }
        // With byte fallback nothing is unknown.
        ModelWrapper::Unigram(model) if model.byte_fallback() => None,
        // The index is private to the model; a private-use character asks for it.
        ModelWrapper::Unigram(model) => Some(model.tokenize("\u{10fffd}").ok()?.first()?.id),
    }
}
