//! How many passes over the training data a run makes.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Passes over the training data: a number, or as many as the amount of data asks for.
///
/// In a config file it is a whole number or one of the words `auto` and `few`.
///
/// ```
/// use ner_align_train::Epochs;
/// assert_eq!(Epochs::Count(3).of(50), 3);
/// // 5 to 20, as many as show 200,000 labelled subtokens.
/// assert_eq!(Epochs::Auto.of(60_000), 5);
/// assert_eq!(Epochs::Auto.of(20_000), 10);
/// assert_eq!(Epochs::Auto.of(3_500), 20);
/// // A third of it, for a first look.
/// assert_eq!([60_000, 20_000, 3_500].map(|labels| Epochs::Few.of(labels)), [2, 4, 7]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Epochs {
    /// This many.
    Count(usize),
    /// 5 to 20, as many as show 200,000 labelled subtokens: many where sentences are few or short.
    Auto,
    /// 2 to 7, a third of what [`Epochs::Auto`] makes: for a first look.
    Few,
}

/// Labelled subtokens that [`Epochs::Auto`] shows where 5 to 20 epochs allow it; see
/// `docs/training-accuracy.md`.
const AUTO_LABELS: usize = 200_000;
const AUTO_LEAST: usize = 5;
const AUTO_MOST: usize = 20;

impl Epochs {
    /// The number of epochs for training data with this many labelled subtokens.
    #[must_use]
    pub fn of(self, labels: usize) -> usize {
        match self {
            Self::Count(epochs) => epochs,
            Self::Auto => AUTO_LABELS.div_ceil(labels.max(1)).clamp(AUTO_LEAST, AUTO_MOST),
            Self::Few => Self::Auto.of(labels).div_ceil(3),
        }
    }
}

impl From<usize> for Epochs {
    fn from(epochs: usize) -> Self {
        Self::Count(epochs)
    }
}

impl fmt::Display for Epochs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(epochs) => epochs.fmt(f),
            Self::Auto => f.write_str("auto"),
            Self::Few => f.write_str("few"),
        }
    }
}

impl Serialize for Epochs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Count(epochs) => serializer.serialize_u64(epochs as u64),
            Self::Auto => serializer.serialize_str("auto"),
            Self::Few => serializer.serialize_str("few"),
        }
    }
}

impl<'de> Deserialize<'de> for Epochs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Words;

        impl Visitor<'_> for Words {
            type Value = Epochs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("auto, few or a whole number")
            }

            fn visit_u64<E: Error>(self, epochs: u64) -> Result<Epochs, E> {
                usize::try_from(epochs).map(Epochs::Count).map_err(E::custom)
            }

            fn visit_i64<E: Error>(self, epochs: i64) -> Result<Epochs, E> {
                let found = serde::de::Unexpected::Signed(epochs);
                let epochs = usize::try_from(epochs).map_err(|_| E::invalid_value(found, &self))?;
                Ok(Epochs::Count(epochs))
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<Epochs, E> {
                match word {
                    "auto" => Ok(Epochs::Auto),
                    "few" => Ok(Epochs::Few),
                    _ => Err(E::invalid_value(serde::de::Unexpected::Str(word), &self)),
                }
            }
        }

        deserializer.deserialize_any(Words)
    }
}
