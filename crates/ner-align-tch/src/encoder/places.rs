//! What attention knows of the places of subtokens, beyond what the embeddings say.

use tch::Tensor;

use super::relative::Relative;
use super::rotation::Rotation;
use crate::distances::Queries;
use crate::error::Result;
use crate::packing::Packing;

/// The places of a batch, made once for all layers.
#[derive(Debug)]
pub(crate) enum Places {
    /// Nothing: BERT's embeddings say them.
    Embedded,
    /// Queries and keys are turned by them: ModernBERT. The second is that of local layers.
    Rotated(Rotation, Rotation),
    /// Scores depend on distances: DeBERTa.
    Relative(Relative),
}

impl Places {
    /// What turns queries and keys of a layer, if anything does.
    pub(crate) const fn rotation(&self, is_local: bool) -> Option<&Rotation> {
        match self {
            Self::Rotated(_, local) if is_local => Some(local),
            Self::Rotated(global, _) => Some(global),
            Self::Embedded | Self::Relative(_) => None,
        }
    }

    /// What is added to the scores of a layer, `[windows, 1, 1 or queries, longest]`.
    pub(crate) fn mask(
        &self,
        packing: &Packing,
        is_local: bool,
        queries: Queries,
    ) -> Result<Option<Tensor>> {
        match self.rotation(is_local) {
            Some(rotation) => rotation.mask(packing, queries),
            None => Ok(packing.mask.as_ref().map(Tensor::shallow_clone)),
        }
    }
}
