//! Word, position and token-type embeddings.

use tch::Tensor;

use super::Pass;
use super::linear::LayerNorm;
use crate::config::EncoderConfig;
use crate::error::Result;
use crate::names::WORD_EMBEDDING;
use crate::packing::Packing;
use crate::parameters::{Init, Parameter, ParameterPlan, Weights, WordRows};

/// Sum of the embeddings, normed.
#[derive(Debug)]
pub(crate) struct Embeddings {
    pub(crate) word: Parameter,
    pub(crate) position: Parameter,
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
        let full = |name: &str| format!("embeddings.{name}_embeddings.weight");
        let word =
            plan.add_table(WORD_EMBEDDING.to_owned(), [config.vocab_size, width], Init::Required);
        let mut table =
            |name: &str, rows: i64| plan.add(&[full(name)], &[rows, width], Init::Required);
        let position = table("position", config.max_position_embeddings);
        let types = config.type_vocab_size;
        let token_type = (types > 0).then(|| table("token_type", types));
        let norm = LayerNorm::declare(plan, "embeddings.LayerNorm", width, config.layer_norm_eps);
        Self {
            word,
            position,
            token_type,
            norm,
            position_padding: config.position_padding().unwrap_or(-1),
            dropout: config.hidden_dropout_prob,
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
        let words = packing.take(&pass.words.values, &packing.word_of)?;
        let positions = Tensor::f_embedding(
            weights.get(self.position),
            &packing.positions,
            self.position_padding,
            false,
            false,
        )?;
        let mut sum = words.f_add(&positions)?;
        if let Some(token_type) = self.token_type {
            sum = sum.f_add(&weights.get(token_type).f_select(0, 0)?)?;
        }
        let sum = sum.f_to_kind(weights.kind())?;
        pass.dropout.apply(&self.norm.forward(weights, &sum)?, self.dropout)
    }
}
