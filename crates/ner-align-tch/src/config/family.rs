//! What differs between the families of encoders: names, keys, positions. Everything else is shared.

/// Names of the tensors of a layer, after `LAYERS.NUMBER.`, and of the layers themselves.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) layers: &'static str,
    /// Query, key and value maps; one name where one tensor holds all three.
    pub(crate) query_key_value: &'static [&'static str],
    pub(crate) attention_output: &'static str,
    pub(crate) attention_norm: &'static str,
    pub(crate) intermediate: &'static str,
    pub(crate) output: &'static str,
    pub(crate) output_norm: &'static str,
    /// The word embedding.
    pub(crate) words: &'static str,
    /// The norm of the embeddings.
    pub(crate) embedding_norm: &'static str,
}

impl Names {
    /// True for the matrices that a layer multiplies by, by their names on disk.
    pub(crate) fn is_matrix_of_layer(&self, name: &str) -> bool {
        let part = || {
            let (number, part) =
                name.strip_prefix(self.layers)?.strip_prefix('.')?.split_once('.')?;
            number.parse::<usize>().ok()?;
            part.strip_suffix(".weight")
        };
        let all = [self.attention_output, self.intermediate, self.output];
        part().is_some_and(|part| all.contains(&part) || self.query_key_value.contains(&part))
    }
}

/// How a family numbers the subtokens of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Positions {
    /// 0, 1, 2, …
    FromZero,
    /// The first is `pad_token_id + 1`; a padding token has the row `pad_token_id`, which does not
    /// learn, and is not counted.
    AfterPadding,
}

/// What a family computes, and by what keys its file says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// BERT's layers; the embeddings say the positions.
    Bert,
    /// The same with attention by relative positions.
    Deberta,
    /// Layers that begin with their norms, gated perceptrons, rotated queries and keys.
    ModernBert,
}

/// An architecture by its `model_type`.
#[derive(Debug, PartialEq)]
pub(crate) struct Family {
    pub(crate) model_type: &'static str,
    /// Before every tensor of the encoder in the file of a model with a task head.
    pub(crate) prefix: &'static str,
    /// The class of transformers that opens a token classifier.
    pub(crate) architecture: &'static str,
    pub(crate) names: &'static Names,
    /// Keys of `config.json` that differ from BERT's; `None` for those that the family has not.
    pub(crate) keys: &'static [(&'static str, Option<&'static str>)],
    pub(crate) positions: Positions,
    /// `pad_token_id` of a file that does not name it.
    pub(crate) padding: i64,
    /// True if embeddings have a width of their own, `embedding_size`.
    pub(crate) own_embedding_size: bool,
    pub(crate) kind: Kind,
    /// `type_vocab_size` of a file that does not name it; 0 if there may be none.
    pub(crate) token_types: i64,
    /// `layer_norm_eps` of a file that does not name it.
    pub(crate) epsilon: f64,
    /// A dropout rate of a file that does not name it.
    pub(crate) dropout: f64,
}

const BERT_NAMES: Names = Names {
    layers: "encoder.layer",
    query_key_value: &["attention.self.query", "attention.self.key", "attention.self.value"],
    attention_output: "attention.output.dense",
    attention_norm: "attention.output.LayerNorm",
    intermediate: "intermediate.dense",
    output: "output.dense",
    output_norm: "output.LayerNorm",
    words: "embeddings.word_embeddings",
    embedding_norm: "embeddings.LayerNorm",
};

const DISTILBERT_NAMES: Names = Names {
    layers: "transformer.layer",
    query_key_value: &["attention.q_lin", "attention.k_lin", "attention.v_lin"],
    attention_output: "attention.out_lin",
    attention_norm: "sa_layer_norm",
    intermediate: "ffn.lin1",
    output: "ffn.lin2",
    output_norm: "output_layer_norm",
    ..BERT_NAMES
};

const DEBERTA_NAMES: Names = Names {
    query_key_value: &[
        "attention.self.query_proj",
        "attention.self.key_proj",
        "attention.self.value_proj",
    ],
    ..BERT_NAMES
};

const MODERNBERT_NAMES: Names = Names {
    layers: "layers",
    query_key_value: &["attn.Wqkv"],
    attention_output: "attn.Wo",
    attention_norm: "attn_norm",
    intermediate: "mlp.Wi",
    output: "mlp.Wo",
    output_norm: "mlp_norm",
    words: "embeddings.tok_embeddings",
    embedding_norm: "embeddings.norm",
};

/// BERT (Devlin et al. 2019).
const BERT: Family = Family {
    model_type: "bert",
    prefix: "bert.",
    architecture: "BertForTokenClassification",
    names: &BERT_NAMES,
    keys: &[],
    positions: Positions::FromZero,
    padding: 0,
    own_embedding_size: false,
    kind: Kind::Bert,
    token_types: 2,
    epsilon: 1e-12,
    dropout: 0.1,
};

/// RoBERTa (Liu et al. 2019).
const ROBERTA: Family = Family {
    model_type: "roberta",
    prefix: "roberta.",
    architecture: "RobertaForTokenClassification",
    positions: Positions::AfterPadding,
    padding: 1,
    ..BERT
};

/// Every family that this crate builds, by name.
static FAMILIES: [Family; 8] = [
    BERT,
    // CamemBERT (Martin et al. 2020): a RoBERTa.
    Family { model_type: "camembert", architecture: "CamembertForTokenClassification", ..ROBERTA },
    // DeBERTa-v3 (He et al. 2023), whose checkpoints have the type of DeBERTa-v2.
    Family {
        model_type: "deberta-v2",
        prefix: "deberta.",
        architecture: "DebertaV2ForTokenClassification",
        names: &DEBERTA_NAMES,
        keys: &[("classifier_dropout", None)],
        kind: Kind::Deberta,
        token_types: 0,
        epsilon: 1e-7,
        ..BERT
    },
    // DistilBERT (Sanh et al. 2019): no token types, a fixed epsilon, one dropout for the head too.
    Family {
        model_type: "distilbert",
        prefix: "distilbert.",
        architecture: "DistilBertForTokenClassification",
        names: &DISTILBERT_NAMES,
        keys: &[
            ("hidden_size", Some("dim")),
            ("num_hidden_layers", Some("n_layers")),
            ("num_attention_heads", Some("n_heads")),
            ("intermediate_size", Some("hidden_dim")),
            ("hidden_act", Some("activation")),
            ("hidden_dropout_prob", Some("dropout")),
            ("attention_probs_dropout_prob", Some("attention_dropout")),
            ("classifier_dropout", None),
            ("type_vocab_size", None),
            ("layer_norm_eps", None),
        ],
        ..BERT
    },
    // ELECTRA (Clark et al. 2020): narrower embeddings, projected.
    Family {
        model_type: "electra",
        prefix: "electra.",
        architecture: "ElectraForTokenClassification",
        own_embedding_size: true,
        ..BERT
    },
    // ModernBERT (Warner et al. 2025).
    Family {
        model_type: "modernbert",
        prefix: "model.",
        architecture: "ModernBertForTokenClassification",
        names: &MODERNBERT_NAMES,
        keys: &[
            ("hidden_act", Some("hidden_activation")),
            ("hidden_dropout_prob", Some("mlp_dropout")),
            ("attention_probs_dropout_prob", Some("attention_dropout")),
            ("type_vocab_size", None),
            ("layer_norm_eps", Some("norm_eps")),
        ],
        kind: Kind::ModernBert,
        padding: 50_283,
        epsilon: 1e-5,
        dropout: 0.0,
        ..BERT
    },
    ROBERTA,
    // XLM-R (Conneau et al. 2020): a RoBERTa.
    Family {
        model_type: "xlm-roberta",
        architecture: "XLMRobertaForTokenClassification",
        ..ROBERTA
    },
];

/// Encoders that people may well try, and what in them this crate does not compute.
const OTHERS: [(&str, &str); 12] = [
    ("albert", "its layers share their weights"),
    ("big_bird", "its attention is sparse"),
    ("convbert", "it mixes convolutions with attention"),
    ("deberta", "its attention is that of DeBERTa's first version"),
    ("ernie", "it has task types"),
    ("longformer", "its attention is sparse"),
    ("mpnet", "its attention has a bias by relative position"),
    ("roberta-prelayernorm", "its norms come first"),
    ("roformer", "its positions are rotations"),
    ("xlm", "its norms and language embeddings differ"),
    ("xlm-roberta-xl", "its norms come first"),
    ("xlnet", "it is a Transformer-XL over permutations"),
];

impl Family {
    /// The family of this `model_type`.
    ///
    /// # Errors
    /// A sentence with the supported types.
    pub(crate) fn of(model_type: Option<&str>) -> Result<&'static Self, String> {
        let all: Vec<&str> = FAMILIES.iter().map(|family| family.model_type).collect();
        let all = all.join(", ");
        let Some(model_type) = model_type else {
            return Err(format!("expected model_type, one of {all}, found none"));
        };
        if let Some(family) = FAMILIES.iter().find(|family| family.model_type == model_type) {
            return Ok(family);
        }
        let why = OTHERS.iter().find(|(name, _)| *name == model_type);
        let why = why.map(|(_, why)| format!(" ({why})")).unwrap_or_default();
        Err(format!("model_type {model_type:?} is not supported{why}; supported are {all}"))
    }

    /// How this family spells a key of BERT's `config.json`, if it has it.
    pub(crate) fn key(&self, key: &'static str) -> Option<&'static str> {
        self.keys.iter().find(|(bert, _)| *bert == key).map_or(Some(key), |(_, own)| *own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matrices_of_layers_have_their_names() {
        for (family, name, expected) in [
            ("bert", "encoder.layer.11.attention.self.key.weight", true),
            ("bert", "encoder.layer.0.output.dense.weight", true),
            ("bert", "encoder.layer.0.output.dense.bias", false),
            ("bert", "encoder.layer.0.output.LayerNorm.weight", false),
            ("bert", "encoder.layer.output.dense.weight", false),
            ("bert", "embeddings.word_embeddings.weight", false),
            ("bert", "classifier.weight", false),
            ("distilbert", "transformer.layer.5.ffn.lin1.weight", true),
            ("distilbert", "encoder.layer.0.output.dense.weight", false),
            ("deberta-v2", "encoder.layer.3.attention.self.value_proj.weight", true),
            ("deberta-v2", "encoder.rel_embeddings.weight", false),
            ("modernbert", "layers.21.attn.Wqkv.weight", true),
            ("modernbert", "layers.21.attn_norm.weight", false),
        ] {
            let names = Family::of(Some(family)).unwrap().names;
            assert_eq!(names.is_matrix_of_layer(name), expected, "{family} {name}");
        }
    }

    #[test]
    fn types_are_found_or_explained() {
        for family in &FAMILIES {
            assert_eq!(Family::of(Some(family.model_type)), Ok(family));
        }
        for (name, why) in OTHERS {
            let error = Family::of(Some(name)).unwrap_err();
            assert!(error.contains(why) && error.contains("distilbert"), "{error}");
        }
        assert!(Family::of(None).unwrap_err().contains("found none"));
    }
}
