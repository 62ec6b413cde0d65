//! What a family computes beyond what BERT does.

use super::family::Kind;
use super::fields::Fields;
use super::{ModernBert, Relative};

/// The build of an encoder.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Design {
    /// BERT's layers; the embeddings say the positions.
    Bert,
    /// The same with attention by relative positions.
    Deberta(Relative),
    /// ModernBERT's layers.
    ModernBert(ModernBert),
}

impl Design {
    /// Reads what the family has keys for.
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, String> {
        Ok(match fields.family.kind {
            Kind::Bert => Self::Bert,
            Kind::Deberta => Self::Deberta(Relative::read(fields)?),
            Kind::ModernBert => Self::ModernBert(ModernBert::read(fields)?),
        })
    }

    /// What makes weights of the same shapes compute something else, by its keys.
    pub(super) fn settings(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Bert => Vec::new(),
            Self::Deberta(relative) => relative.settings(),
            Self::ModernBert(modern) => modern.settings(),
        }
    }

    /// True if attention in windows as long as this asks how far apart two subtokens are.
    pub(crate) fn asks_for_distances(&self, longest: i64) -> bool {
        match self {
            Self::Bert => false,
            Self::Deberta(_) => true,
            Self::ModernBert(modern) => {
                modern.is_local.contains(&true) && longest > modern.reach + 1
            }
        }
    }
}
