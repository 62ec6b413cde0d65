//! The head of a model: what turns hidden states into classes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The key of `config.json` that names it.
pub(crate) const KEY: &str = "ner_align_head";

/// What turns hidden states into classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Head {
    /// A linear map; the class of each word is independent.
    #[default]
    Linear,
    /// A linear map and learned scores of neighbouring classes: a linear-chain
    /// conditional random field (Lafferty et al. 2001). Each window's labelled rows are a chain.
    Crf,
}

impl Head {
    /// The name used in configs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Crf => "crf",
        }
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
