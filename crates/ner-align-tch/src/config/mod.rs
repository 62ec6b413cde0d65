//! `config.json` of a Hugging Face model folder.

mod activation;
mod design;
mod family;
mod fields;
mod modern;
mod relative;

use std::path::Path;

use ner_align_core::{LabelSet, MAX_SETTINGS_BYTES, Scheme, read_small_file};
use serde_json::{Map, Value, json};

use crate::error::{ModelError, Result};
use crate::head::{self, Head};
pub use activation::Activation;
pub(crate) use design::Design;
use family::Kind;
pub(crate) use family::{Family, Names, Positions};
use fields::Fields;
pub(crate) use modern::ModernBert;
pub(crate) use relative::Relative;

/// The key that names the tag scheme of the classes where their names do not imply it.
const SCHEME: &str = "ner_align_scheme";

/// Sizes and constants of an encoder, under the names that BERT's `config.json` gives them,
/// whatever the file calls them.
///
/// `model_type` in the file names the family: `bert`, `camembert`, `deberta-v2`, `distilbert`,
/// `electra`, `modernbert`, `roberta` or `xlm-roberta`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct EncoderConfig {
    /// Rows of the word embedding.
    pub vocab_size: i64,
    /// Width of the embeddings; other than `hidden_size` only in ELECTRA, which projects them.
    pub embedding_size: i64,
    /// Width of the hidden states.
    pub hidden_size: i64,
    /// Number of layers.
    pub num_hidden_layers: usize,
    /// Attention heads; divides `hidden_size`.
    pub num_attention_heads: i64,
    /// Width between the two linear maps of a layer.
    pub intermediate_size: i64,
    /// Activation between them.
    pub hidden_act: Activation,
    /// Dropout after embeddings and linear maps, 0 to 1. In ModernBERT, within the perceptrons.
    pub hidden_dropout_prob: f64,
    /// Dropout of attention probabilities, 0 to 1. In ModernBERT, of the branch of attention too.
    pub attention_probs_dropout_prob: f64,
    /// Dropout after the embeddings of ModernBERT; `hidden_dropout_prob` where the file has none.
    pub embedding_dropout: Option<f64>,
    /// Dropout before the classifier; `hidden_dropout_prob` where the file has none.
    pub classifier_dropout: Option<f64>,
    /// Positions that the model was made for: rows of the position embedding where there is one. See
    /// [`EncoderConfig::longest_window`].
    pub max_position_embeddings: i64,
    /// Rows of the token-type embedding; 0 where there is none, as in DistilBERT.
    pub type_vocab_size: i64,
    /// Added to the variance in layer norm.
    pub layer_norm_eps: f64,
    /// Standard deviation of a new classifier's weights. In ModernBERT those have `hidden_size` to the
    /// power -1/2.
    pub initializer_range: f64,
    /// The id that fills padded rectangles; its embedding does not learn.
    pub pad_token_id: Option<i64>,
    /// What turns hidden states into classes: `ner_align_head` in the file; linear without it.
    pub head: Head,
    family: &'static Family,
    design: Design,
    /// The whole file, so that saving keeps what this crate does not know.
    raw: Map<String, Value>,
}

/// Larger sizes mean a damaged file, and products of two of them would overflow.
const LARGEST: i64 = 1 << 28;

impl EncoderConfig {
    /// Reads and checks `config.json` in `directory`.
    ///
    /// # Errors
    /// [`ModelError::MissingFile`], [`ModelError::Io`], or [`ModelError::Config`] with what was
    /// expected.
    pub fn read(directory: impl AsRef<Path>) -> Result<Self> {
        let directory = directory.as_ref();
        let path = directory.join("config.json");
        if !path.is_file() {
            return Err(ModelError::MissingFile {
                path: directory.to_owned(),
                missing: "config.json",
            });
        }
        let bytes = read_small_file(&path, MAX_SETTINGS_BYTES)
            .map_err(|source| ModelError::Io { path: path.clone(), source })?;
        let raw = serde_json::from_slice(&bytes).map_err(|e| format!("not a JSON object: {e}"));
        raw.and_then(Self::parse).map_err(|reason| ModelError::Config { path, reason })
    }

    fn parse(raw: Map<String, Value>) -> std::result::Result<Self, String> {
        let family = Family::of(raw.get("model_type").and_then(Value::as_str))?;
        let fields = Fields { raw: &raw, family };
        let hidden_size = fields.size("hidden_size")?;
        // ModernBERT has a rate of its own for each place, whatever the others are.
        let is_modern = family.kind == Kind::ModernBert;
        let own_rate = |key| {
            let rate = fields.rate(key)?;
            Ok::<_, String>(rate.or(is_modern.then_some(family.dropout)))
        };
        let config = Self {
            vocab_size: fields.size("vocab_size")?,
            embedding_size: if family.own_embedding_size {
                fields.size("embedding_size")?
            } else {
                hidden_size
            },
            hidden_size,
            num_hidden_layers: fields.required("num_hidden_layers")?,
            num_attention_heads: fields.size("num_attention_heads")?,
            intermediate_size: fields.size("intermediate_size")?,
            hidden_act: fields.optional("hidden_act")?.unwrap_or_default(),
            hidden_dropout_prob: fields.rate("hidden_dropout_prob")?.unwrap_or(family.dropout),
            attention_probs_dropout_prob: fields
                .rate("attention_probs_dropout_prob")?
                .unwrap_or(family.dropout),
            embedding_dropout: own_rate("embedding_dropout")?.filter(|_| is_modern),
            classifier_dropout: own_rate("classifier_dropout")?,
            max_position_embeddings: fields.size("max_position_embeddings")?,
            type_vocab_size: match family.key("type_vocab_size") {
                None => 0,
                Some(key) if !raw.contains_key(key) => family.token_types,
                Some(key) if family.token_types == 0 && raw.get(key) == Some(&json!(0)) => 0,
                Some(_) => fields.size("type_vocab_size")?,
            },
            layer_norm_eps: fields.optional("layer_norm_eps")?.unwrap_or(family.epsilon),
            initializer_range: fields.optional("initializer_range")?.unwrap_or(0.02),
            pad_token_id: match raw.get("pad_token_id") {
                None => Some(family.padding),
                Some(_) => fields.optional("pad_token_id")?,
            },
            head: fields.optional(head::KEY)?.unwrap_or_default(),
            family,
            design: Design::read(&fields)?,
            raw: Map::new(),
        };
        config.check(&fields)?;
        Ok(Self { raw, ..config })
    }

    fn check(&self, fields: &Fields<'_>) -> std::result::Result<(), String> {
        let key = |name| fields.key(name);
        if self.num_hidden_layers > 1000 {
            let found = self.num_hidden_layers;
            let key = key("num_hidden_layers");
            return Err(format!("{key}: expected at most 1000 layers, found {found}"));
        }
        if self.hidden_size % self.num_attention_heads != 0 {
            return Err(format!(
                "{} {} is not a multiple of {} {}",
                key("hidden_size"),
                self.hidden_size,
                key("num_attention_heads"),
                self.num_attention_heads
            ));
        }
        for (name, value) in
            [("layer_norm_eps", self.layer_norm_eps), ("initializer_range", self.initializer_range)]
        {
            if !(0.0..1.0).contains(&value) {
                let name = key(name);
                return Err(format!("{name}: expected 0 or more and less than 1, found {value}"));
            }
        }
        if let Some(pad) = self.pad_token_id.filter(|pad| !(0..self.vocab_size).contains(pad)) {
            let rows = self.vocab_size;
            return Err(format!("pad_token_id {pad} does not fit the {rows} rows of vocab_size"));
        }
        if self.family.positions == Positions::AfterPadding {
            let Some(pad) = self.pad_token_id else {
                return Err("pad_token_id: positions count from it, found none".to_owned());
            };
            if self.max_position_embeddings <= pad + 1 {
                return Err(format!(
                    "max_position_embeddings {}: positions start after pad_token_id {pad}, so none is left",
                    self.max_position_embeddings
                ));
            }
        }
        fields.refuse_what_would_compute_otherwise()
    }

    /// The architecture that the file describes.
    #[must_use]
    pub const fn model_type(&self) -> &'static str {
        self.family.model_type
    }

    pub(crate) const fn family(&self) -> &'static Family {
        self.family
    }

    /// What the family computes.
    pub(crate) const fn design(&self) -> &Design {
        &self.design
    }

    /// True if the position embedding has rows that are added to those of words.
    pub(crate) const fn has_position_embedding(&self) -> bool {
        match &self.design {
            Design::Bert => true,
            Design::Deberta(relative) => relative.absolute,
            Design::ModernBert(_) => false,
        }
    }

    /// False if norms only scale.
    pub(crate) const fn norms_have_biases(&self) -> bool {
        match &self.design {
            Design::ModernBert(modern) => modern.norm_bias,
            _ => true,
        }
    }

    /// True if there is a way for a processor without a graph of operations, and in 8-bit integers.
    pub(crate) const fn has_native_way(&self) -> bool {
        matches!(self.design, Design::Bert)
    }

    /// Columns of a head.
    pub(crate) const fn head_width(&self) -> i64 {
        self.hidden_size / self.num_attention_heads
    }

    /// Subtokens of the longest window that the model has positions for, special tokens counted.
    ///
    /// DeBERTa-v3 and ModernBERT have no table of positions; it is then as long as the windows that they
    /// were made for. RoBERTa and its relatives number positions from `pad_token_id + 1`, so that the first rows of
    /// their table serve no subtoken: with 514 rows and the padding token 1 it is 512.
    #[must_use]
    pub fn longest_window(&self) -> usize {
        let rows = self.max_position_embeddings - self.first_position();
        usize::try_from(rows).unwrap_or(0)
    }

    /// The position of a window's first subtoken.
    pub(crate) fn first_position(&self) -> i64 {
        self.position_padding().map_or(0, |pad| pad + 1)
    }

    /// The padding token that has a row among the positions, too.
    pub(crate) fn position_padding(&self) -> Option<i64> {
        self.pad_token_id.filter(|_| self.family.positions == Positions::AfterPadding)
    }

    /// Dropout after the embeddings, 0 to 1.
    pub(crate) fn dropout_of_embeddings(&self) -> f64 {
        self.embedding_dropout.unwrap_or(self.hidden_dropout_prob)
    }

    /// Standard deviation of a new classifier's weights, as transformers draws them.
    pub(crate) fn head_deviation(&self) -> f64 {
        match &self.design {
            Design::ModernBert(_) => (self.hidden_size as f64).sqrt().recip(),
            _ => self.initializer_range,
        }
    }

    /// Dropout before the classifier, 0 to 1.
    pub(crate) fn head_dropout(&self) -> f64 {
        self.classifier_dropout.unwrap_or(self.hidden_dropout_prob)
    }

    /// The classes that the file names, if it names any beyond the nameless `LABEL_0`, `LABEL_1`.
    ///
    /// # Errors
    /// The reason why `id2label` makes no label set.
    pub fn labels(&self) -> std::result::Result<Option<LabelSet>, String> {
        let Some(names) = self.raw.get("id2label").and_then(Value::as_object) else {
            return Ok(None);
        };
        let mut by_id = vec![None; names.len()];
        for (id, name) in names {
            let slot = id.parse::<usize>().ok().and_then(|id| by_id.get_mut(id));
            match (slot, name.as_str()) {
                (Some(slot), Some(name)) => *slot = Some(name.to_owned()),
                _ => {
                    return Err(format!(
                        "id2label: {id:?} is no class id from 0 to {}",
                        names.len()
                    ));
                }
            }
        }
        let by_id: Vec<String> = by_id.into_iter().flatten().collect();
        if by_id.len() != names.len() {
            return Err("id2label: class ids are not 0, 1, 2, …".to_owned());
        }
        if by_id.iter().enumerate().all(|(id, name)| *name == format!("LABEL_{id}")) {
            return Ok(None);
        }
        let labels = LabelSet::from_names(&by_id).map_err(|e| format!("id2label: {e}"))?;
        let Some(scheme) = self.raw.get(SCHEME) else { return Ok(Some(labels)) };
        let known: Scheme = serde_json::from_value(scheme.clone())
            .map_err(|_| format!("{SCHEME}: expected a tag scheme, found {scheme}"))?;
        labels.in_scheme(known).map(Some).map_err(|e| format!("{SCHEME}: {e}"))
    }

    /// What makes weights of the same shapes compute something else, if the two differ in it: the
    /// key, its value here, and there.
    pub(crate) fn difference(&self, other: &Self) -> Option<(&'static str, String, String)> {
        let rows = |config: &Self| {
            let rows = [
                ("model_type", config.model_type().to_owned()),
                ("hidden_act", format!("{:?}", config.hidden_act).to_lowercase()),
                ("num_hidden_layers", config.num_hidden_layers.to_string()),
                ("num_attention_heads", config.num_attention_heads.to_string()),
                ("layer_norm_eps", config.layer_norm_eps.to_string()),
                ("pad_token_id", config.pad_token_id.map_or_else(String::new, |id| id.to_string())),
            ];
            rows.into_iter().chain(config.design.settings())
        };
        let (here, there) = (rows(self), rows(other));
        let pair = here.zip(there).find(|(here, there)| here != there);
        pair.map(|((key, here), (_, there))| (key, here, there))
    }

    /// The file as it is to be saved for a token classifier with these classes.
    #[must_use]
    pub fn to_json(&self, labels: &LabelSet) -> Value {
        let mut raw = self.raw.clone();
        // Traces of where the base model came from, and of what it was trained to do.
        for key in ["_name_or_path", "num_labels", "torch_dtype", "problem_type"] {
            raw.remove(key);
        }
        let names = labels.names().iter().enumerate();
        let id2label: Map<_, _> =
            names.clone().map(|(id, name)| (id.to_string(), json!(name))).collect();
        let label2id: Map<_, _> = names.map(|(id, name)| (name.clone(), json!(id))).collect();
        raw.insert("architectures".to_owned(), json!([self.family.architecture]));
        raw.insert("dtype".to_owned(), json!("float32"));
        raw.insert("id2label".to_owned(), Value::Object(id2label));
        raw.insert("label2id".to_owned(), Value::Object(label2id));
        // The names say it in most schemes, and a folder is as transformers would save it then.
        let told = LabelSet::from_names(labels.names()).is_ok_and(|told| told == *labels);
        if told {
            raw.retain(|key, _| key != SCHEME);
        } else {
            raw.insert(SCHEME.to_owned(), json!(labels.scheme()));
        }
        match self.head {
            // Not `remove`, which changes the order of the others.
            Head::Linear => raw.retain(|key, _| key != head::KEY),
            Head::Crf => {
                raw.insert(head::KEY.to_owned(), json!(self.head));
            }
        }
        Value::Object(raw)
    }
}
