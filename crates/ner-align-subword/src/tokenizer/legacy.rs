//! Tokenizers from the files of a time before `tokenizer.json`.

use std::path::Path;

use ner_align_core::{BoxError, fenced, read_small_text};
use serde_json::{Map, Value, json};
use tokenizers::Tokenizer;

use super::class::{TokenizerClass, template};
use super::config::TokenizerConfig;
use super::names::{
    ADDED_TOKENS, MAX_BYTES, MERGES, VOCABULARY, VOCABULARY_OF_MERGES, read_object,
};
use crate::SubwordError;

/// How SentencePiece marks the start of a word in a vocabulary.
const SENTENCE_PIECE: char = '▁';

/// The tokenizer of a directory that has no `tokenizer.json`, with the file that it is from.
pub(super) fn read(
    directory: &Path,
) -> Result<(Tokenizer, TokenizerConfig, std::path::PathBuf), SubwordError> {
    let [wordpiece, bpe] = [VOCABULARY, VOCABULARY_OF_MERGES].map(|name| directory.join(name));
    let path = if wordpiece.is_file() {
        wordpiece
    } else if bpe.is_file() && directory.join(MERGES).is_file() {
        bpe
    } else {
        return Err(SubwordError::NoTokenizer { path: directory.to_owned() });
    };
    let config = TokenizerConfig::beside(&path)?;
    let refuse = |class: String| SubwordError::TokenizerClass { path: path.clone(), class };
    let is_wordpiece = path.ends_with(VOCABULARY);
    let tokenizer = match TokenizerClass::of(&config, &path)? {
        TokenizerClass::Other(class) => return Err(refuse(class)),
        TokenizerClass::Roberta if is_wordpiece => {
            return Err(refuse("RobertaTokenizer".to_owned()));
        }
        _ if is_wordpiece => read_wordpiece(&path, &config)?,
        _ => read_byte_level(&path, &config)?,
    };
    Ok((tokenizer, config, path))
}

/// A special token of a vocabulary by its role.
fn special(
    (path, vocabulary): (&Path, &Map<String, Value>),
    config: &TokenizerConfig,
    (role, usual): (&str, &str),
) -> Result<(String, u32), SubwordError> {
    let token = config.token(role).unwrap_or(usual).to_owned();
    let id = vocabulary.get(&token).and_then(Value::as_u64).and_then(|id| u32::try_from(id).ok());
    id.map(|id| (token.clone(), id))
        .ok_or_else(|| SubwordError::NoToken { path: path.to_owned(), token })
}

/// A WordPiece tokenizer from its vocabulary, one token a line, as BERT's first releases have it,
/// with the tokens that were added later: those of the configuration, or else of a file beside it.
fn read_wordpiece(path: &Path, config: &TokenizerConfig) -> Result<Tokenizer, SubwordError> {
    let text = read_small_text(path, MAX_BYTES).map_err(SubwordError::io(path))?;
    let vocabulary: Map<String, Value> =
        text.lines().enumerate().map(|(id, token)| (token.to_owned(), id.into())).collect();
    let marked = vocabulary.keys().filter(|token| token.starts_with(SENTENCE_PIECE)).count();
    if marked > vocabulary.len() / 10 && !vocabulary.keys().any(|token| token.starts_with("##")) {
        let class = "a SentencePiece tokenizer".to_owned();
        return Err(SubwordError::TokenizerClass { path: path.to_owned(), class });
    }
    let token = |role, usual| special((path, &vocabulary), config, (role, usual));
    let unknown = token("unk_token", "[UNK]")?;
    let (first, last) = (token("cls_token", "[CLS]")?, token("sep_token", "[SEP]")?);
    let others = [token("pad_token", "[PAD]"), token("mask_token", "[MASK]")];
    let specials = [&unknown, &first, &last].into_iter().chain(others.iter().flatten());
    build(
        path,
        &json!({
            "version": "1.0",
            "truncation": null,
            "padding": null,
            "added_tokens": added(specials, later_tokens(path, config)?),
            "normalizer": {
                "type": "BertNormalizer",
                "clean_text": true,
                "handle_chinese_chars": config.switch("tokenize_chinese_chars").unwrap_or(true),
                "strip_accents": config.switch("strip_accents"),
                "lowercase": config.switch("do_lower_case").unwrap_or(true),
            },
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "post_processor": template(Some(&first), Some(&last)),
            "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
            "model": {
                "type": "WordPiece",
                "unk_token": unknown.0,
                "continuing_subword_prefix": "##",
                "max_input_chars_per_word": 100,
                "vocab": vocabulary,
            },
        }),
    )
}

/// RoBERTa's byte-level BPE from `vocab.json` and `merges.txt`, as transformers builds it.
fn read_byte_level(path: &Path, config: &TokenizerConfig) -> Result<Tokenizer, SubwordError> {
    let vocabulary = read_object(path)?.unwrap_or_default();
    let merges_path = path.with_file_name(MERGES);
    let merges =
        read_small_text(&merges_path, MAX_BYTES).map_err(SubwordError::io(&merges_path))?;
    let is_merge = |line: &&str| !line.is_empty() && !line.starts_with("#version");
    let merges: Vec<Vec<&str>> =
        merges.lines().filter(is_merge).map(|line| line.split(' ').collect()).collect();
    let token = |role, usual| special((path, &vocabulary), config, (role, usual));
    let (first, last) = (token("cls_token", "<s>")?, token("sep_token", "</s>")?);
    let others = [token("unk_token", "<unk>"), token("pad_token", "<pad>")];
    let mask = token("mask_token", "<mask>").ok();
    let specials = [&first, &last].into_iter().chain(others.iter().flatten()).chain(&mask);
    let prefix_space = config.switch("add_prefix_space").unwrap_or(false);
    let byte_level = json!({"type": "ByteLevel", "add_prefix_space": prefix_space,
        "trim_offsets": true, "use_regex": true});
    build(
        path,
        &json!({
            "version": "1.0",
            "truncation": null,
            "padding": null,
            "added_tokens": added(specials, later_tokens(path, config)?),
            "normalizer": null,
            "pre_tokenizer": byte_level,
            "post_processor": {"type": "RobertaProcessing", "cls": first, "sep": last,
                "trim_offsets": true, "add_prefix_space": prefix_space},
            "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true,
                "use_regex": true},
            "model": {
                "type": "BPE",
                "dropout": null,
                "unk_token": null,
                "continuing_subword_prefix": "",
                "end_of_word_suffix": "",
                "fuse_unk": false,
                "vocab": vocabulary,
                "merges": merges,
            },
        }),
    )
}

fn build(path: &Path, json: &Value) -> Result<Tokenizer, SubwordError> {
    fenced(|| serde_json::from_value(json.clone()).map_err(BoxError::from))
        .unwrap_or_else(|caught| Err(caught.into()))
        .map_err(|source| SubwordError::Tokenizer { path: path.to_owned(), source })
}

/// Special tokens and those that were added later, in the order of their ids, each once.
fn added<'a>(specials: impl Iterator<Item = &'a (String, u32)>, later: Vec<Value>) -> Vec<Value> {
    let mut all: Vec<Value> = specials
        .map(|(content, id)| {
            json!({"id": id, "content": content, "single_word": false, "lstrip": false,
                "rstrip": false, "normalized": false, "special": true})
        })
        .collect();
    for token in later {
        if !all.iter().any(|known| known["content"] == token["content"]) {
            all.push(token);
        }
    }
    all.sort_by_key(|token| token["id"].as_u64());
    all
}

/// The tokens that were added to a vocabulary: those of the configuration, or else of a file beside it.
fn later_tokens(path: &Path, config: &TokenizerConfig) -> Result<Vec<Value>, SubwordError> {
    config.added_tokens().map_or_else(|| read_added_tokens(path), Ok)
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
