//! Settings that are one of a few words.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A word that is not one of a setting's choices.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("expected {expected}, found {found:?}")]
#[non_exhaustive]
pub struct UnknownChoice {
    /// The choices.
    pub expected: String,
    /// The word.
    pub found: String,
}

/// An enum of plain words, which the configuration, the command line and people spell alike.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        #[non_exhaustive]
        pub enum $name { $($(#[$of])* $variant,)+ }

        impl $name {
            /// All choices.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The word in a configuration and on the command line.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownChoice;

            /// # Errors
            /// [`UnknownChoice`] for any other word.
            fn from_str(word: &str) -> Result<Self, UnknownChoice> {
                let known = Self::ALL.iter().find(|choice| choice.as_str() == word);
                known.copied().ok_or_else(|| UnknownChoice {
                    expected: [$($text,)+].join(", "),
                    found: word.to_owned(),
                })
            }
        }
    };
}

pub(crate) use choice;

choice! {
    /// How scores of words become tags.
    #[derive(Default)]
    Decode {
        /// The likeliest sequence that the tag scheme allows, with a CRF's transitions where the
        /// model has one.
        #[default]
        Constrained = "constrained",
        /// The likeliest tag of each word by itself.
        Argmax = "argmax",
    }
}

choice! {
    /// The layer on the encoder that scores classes.
    #[derive(Default)]
    Head {
        /// Each word has its class by itself.
        #[default]
        Linear = "linear",
        /// A linear-chain CRF over the linear head.
        Crf = "crf",
    }
}

choice! {
    /// The type of numbers that a model computes in. Its parameters are always f32.
    #[derive(Default)]
    Precision {
        /// bf16 on a GPU and on a processor that multiplies faster in it, f32 elsewhere.
        #[default]
        Auto = "auto",
        /// f32.
        F32 = "f32",
        /// bfloat16.
        Bf16 = "bf16",
        /// 8-bit integers, for prediction on a processor.
        Int8 = "int8",
    }
}

choice! {
    /// How classes are weighed in the loss.
    #[derive(Default)]
    ClassWeights {
        /// All alike.
        #[default]
        None = "none",
        /// Rare classes weigh more, by the root of their inverse frequency.
        Balanced = "balanced",
    }
}

choice! {
    /// What becomes of entity types that the base model knows and the training data lack.
    #[derive(Default)]
    BaseTypes {
        /// The model keeps them: words without a label are learned from its own answers.
        Keep = "keep",
        /// They are forgotten.
        #[default]
        Drop = "drop",
    }
}

choice! {
    /// Which entity types a word without a label is none of.
    #[derive(Default)]
    Marks {
        /// All of them: each training corpus marks every type.
        #[default]
        All = "all",
        /// Those that occur in the word's corpus: each training corpus marks types of its own.
        Own = "own",
    }
}

choice! {
    /// A part of the model by its name.
    FreezePart {
        /// A third of the layers where the training data have few entities, else nothing.
        Auto = "auto",
        /// Everything learns.
        Nothing = "nothing",
        /// The embeddings.
        Embeddings = "embeddings",
        /// Only the head learns.
        Encoder = "encoder",
    }
}

/// The frozen part of the model, which keeps its pretrained weights: a part by its name, a number of the lowest layers, or a
/// share of them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected auto, nothing, embeddings, encoder, a number of layers or a share of them"
)]
pub enum Freeze {
    /// A part.
    Part(FreezePart),
    /// The embeddings and this many of the lowest layers.
    Layers(usize),
    /// The embeddings and this share of the layers, the lowest ones, 0 to 1; rounded down.
    Share(f64),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_json_agree() {
        for decode in Decode::ALL {
            assert_eq!(decode.as_str().parse::<Decode>().as_ref(), Ok(decode));
            let json = serde_json::to_value(decode).unwrap();
            assert_eq!(json, decode.as_str());
        }
        for precision in Precision::ALL {
            assert_eq!(serde_json::to_value(precision).unwrap(), precision.as_str());
        }
        let error = "viterbi".parse::<Decode>().unwrap_err();
        assert_eq!(error.to_string(), "expected constrained, argmax, found \"viterbi\"");
    }
}
