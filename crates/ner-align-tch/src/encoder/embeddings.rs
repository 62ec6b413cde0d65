//! Word, position and token-type embeddings.

use tch::Tensor;

use super::Pass;
use super::linear::LayerNorm;
use crate::config::EncoderConfig;
use crate::error::Result;
use crate::packing::Packing;
use crate::parameters::{Init, Parameter, ParameterPlan, Weights, WordRows};

/// Sum of the embeddings, normed.
#[derive(Debug)]
pub(crate) struct Embeddings {
    pub(crate) word: Parameter,
    /// DeBERTa-v3 and ModernBERT have none.
    pub(crate) position: Option<Parameter>,
    /// DistilBERT has none.
    pub(crate) token_type: Option<Parameter>,
    pub(crate) norm: LayerNorm,
    /// The row of the positions that never learns, as in transformers; -1 if all do.
    position_padding: i64,
    dropout: f64,
}

impl Embeddings {
    pub(crate) fn declare(plan: &mut ParameterPlan, config: &EncoderConfig) -> Self {
        let width = config.embedding_size;
        let names = config.family().names;
        let full = |name: &str| format!("embeddings.{name}_embeddings.weight");
        let words = format!("{}.weight", names.words);
        let word = plan.add_table(words, [config.vocab_size, width], Init::Required);
        let mut table =
            |name: &str, rows: i64| plan.add(&[full(name)], &[rows, width], Init::Required);
        let positions = config.max_position_embeddings;
        let position = config.has_position_embedding().then(|| table("position", positions));
        let types = config.type_vocab_size;
        let token_type = (types > 0).then(|| table("token_type", types));
        let norm = LayerNorm::declare_biased(
            plan,
            names.embedding_norm,
            width,
            config.layer_norm_eps,
            Init::Required,
            config.norms_have_biases(),
        );
        Self {
            word,
            position,
            token_type,
            norm,
            position_padding: config.position_padding().unwrap_or(-1),
            dropout: config.dropout_of_embeddings(),
        }
    }

    /// The rows of the table of words that a batch needs.
    pub(crate) fn words(&self, weights: &Weights, packing: &Packing) -> Result<WordRows> {
        let Packing { word_rows, word_rows_there, padding, .. } = packing;
        weights.look_up(self.word, word_rows, Some(word_rows_there), *padding)
    }

    /// `[subtokens, width]`. Every subtoken is of token type 0: there is one segment.
    pub(crate) fn forward(&self, pass: &Pass<'_>) -> Result<Tensor> {
        let Pass { weights, packing, .. } = pass;
        let mut sum = packing.take(&pass.words.values, &packing.word_of)?;
        if let Some(position) = self.position {
            let (table, rows) = (weights.get(position), &packing.positions);
            let rows = Tensor::f_embedding(table, rows, self.position_padding, false, false)?;
            sum = sum.f_add(&rows)?;
        }
        if let Some(token_type) = self.token_type {
            sum = sum.f_add(&weights.get(token_type).f_select(0, 0)?)?;
        }
        let sum = sum.f_to_kind(weights.kind())?;
        pass.dropout.apply(&self.norm.forward(weights, &sum)?, self.dropout)
    }
}
