//! Word, position and token-type embeddings.

use tch::Tensor;

use super::linear::LayerNorm;
use crate::config::BertConfig;
use crate::error::Result;
use crate::packing::Packing;
use crate::parameters::{Init, Parameter, ParameterPlan, Parameters};

/// Sum of three embeddings, normed.
#[derive(Debug)]
pub(crate) struct Embeddings {
    word: Parameter,
    position: Parameter,
    token_type: Parameter,
    norm: LayerNorm,
    /// The row that never learns, as in transformers.
    padding: i64,
    dropout: f64,
}

impl Embeddings {
    pub(crate) fn declare(plan: &mut ParameterPlan, config: &BertConfig) -> Self {
        let mut table = |name: &str, rows: i64| {
            let name = format!("embeddings.{name}_embeddings.weight");
            plan.add(&[name], &[rows, config.hidden_size], Init::Required)
        };
        let word = table("word", config.vocab_size);
        let position = table("position", config.max_position_embeddings);
        let token_type = table("token_type", config.type_vocab_size);
        let norm = LayerNorm::declare(
            plan,
            "embeddings.LayerNorm",
            config.hidden_size,
            config.layer_norm_eps,
        );
        let (padding, dropout) = (config.pad_token_id, config.hidden_dropout_prob);
        Self { word, position, token_type, norm, padding, dropout }
    }

    /// `[subtokens, hidden]`. Every subtoken is of token type 0: there is one segment.
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
        let first_type = parameters.get(self.token_type).f_select(0, 0)?;
        let sum = look_up(self.word, &packing.input_ids, self.padding)?
            .f_add(&look_up(self.position, &packing.positions, -1)?)?
            .f_add(&first_type)?;
        Ok(self.norm.forward(parameters, &sum)?.f_dropout(self.dropout, train)?)
    }
}
