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
    /// The same in a third of the epochs, for a first look.
    Fast,
    /// What transformers' token-classification example does.
    Trainer,
}

impl Recipe {
    /// All recipes.
    pub const ALL: &[Self] = &[Self::Best, Self::Fast, Self::Trainer];

    /// The name on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Best => "best",
            Self::Fast => "fast",
            Self::Trainer => "trainer",
        }
    }

    /// The recipe's settings. `docs/training-accuracy.md` says how those of `best` were
    /// chosen.
    #[must_use]
    pub fn settings(self) -> Settings {
        let plain = Settings::default();
        match self {
            Self::Trainer => plain,
            Self::Best | Self::Fast => Settings {
                train: plain
                    .train
                    .with_epochs(if self == Self::Fast { Epochs::Few } else { Epochs::Auto })
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
