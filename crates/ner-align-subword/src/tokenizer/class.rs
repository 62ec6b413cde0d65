//! The class of transformers that a tokenizer belongs to.

use std::path::Path;

use ner_align_core::BoxError;
use serde_json::{Value, json};
use tokenizers::Tokenizer;
use tokenizers::processors::PostProcessorWrapper;

use super::config::TokenizerConfig;
use super::names::read_object;
use crate::SubwordError;

/// Classes that cut words as BERT's first release does, without `Tokenizer` and `Fast`.
const BERT: [&str; 8] = [
    "Bert",
    "ConvBert",
    "DistilBert",
    "Electra",
    "LayoutLM",
    "Lxmert",
    "MobileBert",
    "SqueezeBert",
];
/// Classes that put `<s>` before a text and `</s>` after it.
const ROBERTA: [&str; 4] = ["Camembert", "Longformer", "Roberta", "XLMRoberta"];
/// Classes that say nothing of how they cut.
const GENERIC: [&str; 2] = ["PreTrainedTokenizer", "TokenizersBackend"];

/// What of a class matters where files leave something open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenizerClass {
    /// BERT's: WordPiece between `[CLS]` and `[SEP]`.
    Bert,
    /// RoBERTa's and its relatives': between `<s>` and `</s>`.
    Roberta,
    /// What `tokenizer.json` says, and nothing else.
    Generic,
    /// A class of its own.
    Other(String),
}

impl TokenizerClass {
    /// The class that `tokenizer_config.json` names, or else `config.json` beside `path`, or else
    /// the one of the architecture; a generic one where nothing is said.
    pub(super) fn of(config: &TokenizerConfig, path: &Path) -> Result<Self, SubwordError> {
        if let Some(class) = config.class() {
            return Ok(Self::named(class));
        }
        let model = read_object(&path.with_file_name("config.json"))?.unwrap_or_default();
        let text = |key: &str| model.get(key).and_then(Value::as_str);
        if let Some(class) = text("tokenizer_class") {
            return Ok(Self::named(class));
        }
        Ok(match text("model_type") {
            Some("roberta" | "camembert" | "xlm-roberta" | "longformer") => Self::Roberta,
            Some(_) => Self::Bert,
            None => Self::Generic,
        })
    }

    fn named(class: &str) -> Self {
        let own = class.strip_suffix("Fast").unwrap_or(class);
        if GENERIC.contains(&own) {
            return Self::Generic;
        }
        match own.strip_suffix("Tokenizer") {
            Some(name) if BERT.contains(&name) => Self::Bert,
            Some(name) if ROBERTA.contains(&name) => Self::Roberta,
            _ => Self::Other(class.to_owned()),
        }
    }

    /// Gives a tokenizer without a post-processor the one that transformers 5 gives it.
    pub(super) fn complete(
        &self,
        tokenizer: &mut Tokenizer,
        config: &TokenizerConfig,
    ) -> Result<(), BoxError> {
        if tokenizer.get_post_processor().is_some() {
            return Ok(());
        }
        let token = |role: &str, usual: &str| {
            let text = config.token(role).unwrap_or(usual).to_owned();
            tokenizer.token_to_id(&text).map(|id| (text, id))
        };
        let (first, last) = match self {
            Self::Bert => (token("cls_token", "[CLS]"), token("sep_token", "[SEP]")),
            Self::Roberta => (token("cls_token", "<s>"), token("sep_token", "</s>")),
            Self::Generic | Self::Other(_) => return Ok(()),
        };
        if first.is_none() && last.is_none() {
            return Ok(());
        }
        let processor: PostProcessorWrapper =
            serde_json::from_value(template(first.as_ref(), last.as_ref()))?;
        tokenizer.with_post_processor(Some(processor));
        Ok(())
    }
}

/// A post-processor that frames a sequence with these tokens.
pub(super) fn template(first: Option<&(String, u32)>, last: Option<&(String, u32)>) -> Value {
    let piece = |token: Option<&(String, u32)>, kind: u8| {
        token.map(|(text, _)| json!({"SpecialToken": {"id": text, "type_id": kind}}))
    };
    let sequence = |id: &str, kind: u8| Some(json!({"Sequence": {"id": id, "type_id": kind}}));
    let single = [piece(first, 0), sequence("A", 0), piece(last, 0)];
    let second = [sequence("B", 1), piece(last, 1)];
    let pair = single.iter().chain(&second).flatten();
    let entry = |(text, id): &(String, u32)| {
        (text.clone(), json!({"id": text, "ids": [id], "tokens": [text]}))
    };
    let tokens: serde_json::Map<_, _> = [first, last].into_iter().flatten().map(entry).collect();
    json!({
        "type": "TemplateProcessing",
        "single": single.iter().flatten().collect::<Vec<_>>(),
        "pair": pair.collect::<Vec<_>>(),
        "special_tokens": tokens,
    })
}
