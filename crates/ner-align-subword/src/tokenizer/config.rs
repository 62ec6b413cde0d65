//! `tokenizer_config.json`: what transformers knows of a tokenizer beside its `tokenizer.json`.

use std::path::Path;

use ner_align_core::BoxError;
use serde_json::{Map, Value};
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::{NormalizerWrapper, Tokenizer};

use crate::SubwordError;

use super::names;

/// Lengths from here on mean "endless": transformers writes 1e30.
const ENDLESS: f64 = 1e9;

/// The settings, kept whole so that saving loses none.
#[derive(Debug, Clone, Default)]
pub(super) struct TokenizerConfig {
    settings: Map<String, Value>,
    special_tokens: Map<String, Value>,
}

impl TokenizerConfig {
    /// The settings in the directory of `path`; none where the files are absent.
    pub(super) fn beside(path: &Path) -> Result<Self, SubwordError> {
        let directory = path.parent().unwrap_or(Path::new(""));
        Ok(Self {
            settings: names::read_object(&directory.join(names::CONFIG))?.unwrap_or_default(),
            special_tokens: names::read_object(&directory.join(names::SPECIAL_TOKENS))?
                .unwrap_or_default(),
        })
    }

    /// The class of transformers, where the settings name one.
    pub(super) fn class(&self) -> Option<&str> {
        self.settings.get("tokenizer_class")?.as_str()
    }

    /// A special token's text by its role, such as `pad_token`.
    pub(super) fn token(&self, role: &str) -> Option<&str> {
        [&self.settings, &self.special_tokens].into_iter().find_map(|map| match map.get(role)? {
            Value::String(text) => Some(text.as_str()),
            Value::Object(token) => token.get("content")?.as_str(),
            _ => None,
        })
    }

    /// A switch; `None` where it is absent or null.
    pub(super) fn switch(&self, name: &str) -> Option<bool> {
        self.settings.get(name)?.as_bool()
    }

    /// Tokens added to a vocabulary, as a `tokenizer.json` would list them; `None` where the
    /// settings have no list.
    pub(super) fn added_tokens(&self) -> Option<Vec<Value>> {
        let tokens = self.settings.get("added_tokens_decoder")?.as_object()?;
        let listed = |(id, token): (&String, &Value)| {
            let mut token = token.clone();
            token.as_object_mut()?.insert("id".into(), id.parse::<u32>().ok()?.into());
            Some(token)
        };
        Some(tokens.iter().filter_map(listed).collect())
    }

    pub(super) fn model_max_length(&self) -> Option<usize> {
        // The second name is that of old releases.
        let length =
            ["model_max_length", "max_len"].iter().find_map(|name| self.settings.get(*name));
        let length = length?.as_f64()?;
        (1.0..ENDLESS).contains(&length).then_some(length as usize)
    }

    /// Lets the settings have their say over `tokenizer.json`, as transformers does for BERT, and
    /// gives byte-level words their prefix space.
    pub(super) fn apply(&self, tokenizer: &mut Tokenizer) -> Result<(), BoxError> {
        if let Some(NormalizerWrapper::BertNormalizer(own)) = tokenizer.get_normalizer() {
            let normalizer = self.normalizer(*own);
            tokenizer.with_normalizer(Some(normalizer))?;
        }
        if let Some(mut pre_tokenizer) = tokenizer.get_pre_tokenizer().cloned()
            && set_prefix_space(&mut pre_tokenizer, true)
        {
            tokenizer.with_pre_tokenizer(Some(pre_tokenizer));
        }
        Ok(())
    }

    /// BERT's normaliser as transformers would set it: its generic classes believe
    /// `tokenizer.json`, its BERT classes build their own from these settings and their defaults.
    fn normalizer(&self, own: BertNormalizer) -> BertNormalizer {
        let defaults = match self.class().map(|class| class.trim_end_matches("Fast")) {
            Some("PreTrainedTokenizer" | "TokenizersBackend") => return own,
            Some("BertTokenizer" | "DistilBertTokenizer" | "ElectraTokenizer") => {
                BertNormalizer::default()
            }
            _ => own,
        };
        BertNormalizer::new(
            defaults.clean_text,
            self.switch("tokenize_chinese_chars").unwrap_or(defaults.handle_chinese_chars),
            self.switch("strip_accents").or(defaults.strip_accents),
            self.switch("do_lower_case").unwrap_or(defaults.lowercase),
        )
    }

    /// The settings with what is in force spelled out, so that no default of a reader can differ.
    pub(super) fn settings_of(&self, tokenizer: &Tokenizer, pad: u32) -> Map<String, Value> {
        let mut settings = self.settings.clone();
        for (role, token) in &self.special_tokens {
            settings.entry(role.clone()).or_insert_with(|| token.clone());
        }
        if let Some(NormalizerWrapper::BertNormalizer(normalizer)) = tokenizer.get_normalizer() {
            settings.insert("do_lower_case".into(), normalizer.lowercase.into());
            settings
                .insert("tokenize_chinese_chars".into(), normalizer.handle_chinese_chars.into());
            settings.insert(
                "strip_accents".into(),
                normalizer.strip_accents.map_or(Value::Null, Value::Bool),
            );
        }
        if tokenizer
            .get_pre_tokenizer()
            .cloned()
            .is_some_and(|mut own| set_prefix_space(&mut own, true))
        {
            settings.insert("add_prefix_space".into(), true.into());
        }
        if let Some(pad) = tokenizer.id_to_token(pad) {
            settings.entry("pad_token").or_insert_with(|| pad.into());
        }
        settings
    }
}

/// Switches the prefix space of a byte-level pre-tokenizer; says whether it is one. transformers leaves
/// the steps of a sequence as the file has them: each piece that an earlier step cuts would get a
/// space.
pub(super) fn set_prefix_space(pre_tokenizer: &mut PreTokenizerWrapper, yes: bool) -> bool {
    match pre_tokenizer {
        PreTokenizerWrapper::ByteLevel(step) => {
            step.add_prefix_space = yes;
            true
        }
        _ => false,
    }
}
