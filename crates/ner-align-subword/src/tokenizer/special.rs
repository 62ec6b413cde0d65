//! Special tokens, found by what the tokenizer does rather than by their names.

use ner_align_core::BoxError;
use tokenizers::{Model, ModelWrapper, Tokenizer};

use super::config::TokenizerConfig;

/// Words of which at least one leaves a subtoken in any vocabulary for text.
const PROBES: [&str; 6] = ["a", "the", "1", ".", "я", "的"];

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

/// The id that stands for what the vocabulary does not know.
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
