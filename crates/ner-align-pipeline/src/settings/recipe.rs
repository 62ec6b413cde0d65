//! Named sets of defaults.

use std::str::FromStr;

use ner_align_train::{Batching, Epochs};

use super::{BaseTypes, Decode, Freeze, FreezePart, ModelSettings, Settings, UnknownChoice};

/// Named sets of defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Recipe {
    /// What ner-align recommends.
    #[default]
    Best,
    /// What transformers' token-classification example does.
    Trainer,
}

impl Recipe {
    /// All recipes.
    pub const ALL: &[Self] = &[Self::Best, Self::Trainer];

    /// The name on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Best => "best",
            Self::Trainer => "trainer",
        }
    }

    /// The recipe's settings. Those of `best` were chosen on the dev sets of WNUT-17 and CrossNER,
    /// see `docs/training-accuracy.md`.
    #[must_use]
    pub fn settings(self) -> Settings {
        let plain = Settings::default();
        match self {
            Self::Trainer => plain,
            Self::Best => Settings {
                train: plain
                    .train
                    .with_epochs(Epochs::Auto)
                    .with_epoch_steps(50)
                    .with_batching(Batching::Bucketed),
                model: ModelSettings {
                    freeze: Freeze::Part(FreezePart::Auto),
                    decode: Decode::Constrained,
                    base_types: BaseTypes::Keep,
                    ..plain.model
                },
                card: plain.card,
            },
        }
    }
}

impl FromStr for Recipe {
    type Err = UnknownChoice;

    /// # Errors
    /// [`UnknownChoice`] for a name that no recipe has.
    fn from_str(name: &str) -> Result<Self, UnknownChoice> {
        let known = Self::ALL.iter().find(|recipe| recipe.as_str() == name);
        known.copied().ok_or_else(|| UnknownChoice {
            expected: Self::ALL.iter().map(|recipe| recipe.as_str()).collect::<Vec<_>>().join(", "),
            found: name.to_owned(),
        })
    }
}
