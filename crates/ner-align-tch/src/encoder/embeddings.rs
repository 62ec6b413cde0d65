//! Word, position and token-type embeddings.

use tch::Tensor;

use super::linear::LayerNorm;
use crate::config::EncoderConfig;
use crate::error::Result;
use crate::packing::Packing;
use crate::parameters::{Init, Parameter, ParameterPlan, Parameters};

/// Sum of the embeddings, normed.
#[derive(Debug)]
pub(crate) struct Embeddings {
    word: Parameter,
    position: Parameter,
    /// DistilBERT has none.
    token_type: Option<Parameter>,
    norm: LayerNorm,
    /// The row of the words that never learns, as in transformers; -1 if all do.
    padding: i64,
    /// The same of the positions.
    position_padding: i64,
    dropout: f64,
}

impl Embeddings {
    pub(crate) fn declare(plan: &mut ParameterPlan, config: &EncoderConfig) -> Self {
        let width = config.embedding_size;
        let mut table = |name: &str, rows: i64| {
            let name = format!("embeddings.{name}_embeddings.weight");
            plan.add(&[name], &[rows, width], Init::Required)
        };
        let word = table("word", config.vocab_size);
        let position = table("position", config.max_position_embeddings);
        let types = config.type_vocab_size;
        let token_type = (types > 0).then(|| table("token_type", types));
        let norm = LayerNorm::declare(plan, "embeddings.LayerNorm", width, config.layer_norm_eps);
        Self {
            word,
            position,
            token_type,
            norm,
            padding: config.pad_token_id.unwrap_or(-1),
            position_padding: config.position_padding().unwrap_or(-1),
            dropout: config.hidden_dropout_prob,
        }
    }

    /// `[subtokens, width]`. Every subtoken is of token type 0: there is one segment.
    pub(crate) fn forward(
        &self,
        parameters: &Parameters,
        packing: &Packing,
        train: bool,
    ) -> Result<Tensor> {
        // `embedding` rather than `index_select`: its backward pass sums by row in parallel.
        let look_up = |table, ids: &Tensor, padding| {
            Tensor::f_embedding(parameters.get(table), ids, padding, false, false)
        };
        let words = look_up(self.word, &packing.input_ids, self.padding)?;
        let positions = look_up(self.position, &packing.positions, self.position_padding)?;
        let mut sum = words.f_add(&positions)?;
        if let Some(token_type) = self.token_type {
            sum = sum.f_add(&parameters.get(token_type).f_select(0, 0)?)?;
        }
        Ok(self.norm.forward(parameters, &sum)?.f_dropout(self.dropout, train)?)
    }
}
