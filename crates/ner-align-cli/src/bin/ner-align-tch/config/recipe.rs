//! Named sets of defaults.

use ner_align_train::{Batching, TrainConfig};

use super::{Frozen, ModelConfig, Part, RunConfig};
use crate::eval::Decode;

/// Named sets of defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Recipe {
    /// What ner-align recommends
    #[default]
    Best,
    /// What transformers' token-classification example does
    Trainer,
}

impl Recipe {
    /// The name on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Best => "best",
            Self::Trainer => "trainer",
        }
    }

    /// The recipe's settings. Those of `best` were chosen on the dev sets of WNUT-17 and CrossNER,
    /// see `docs/training-accuracy.md`.
    pub(crate) fn config(self) -> RunConfig {
        let plain = RunConfig::default();
        match self {
            Self::Trainer => plain,
            Self::Best => RunConfig {
                train: TrainConfig {
                    epochs: 5,
                    epoch_steps: 50,
                    batching: Batching::Bucketed,
                    mask_words: 0.1,
                    ..plain.train
                },
                model: ModelConfig {
                    freeze: Frozen::Part(Part::Auto),
                    decode: Decode::Constrained,
                    ..plain.model
                },
            },
        }
    }
}
