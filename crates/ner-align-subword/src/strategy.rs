//! Which subtokens of a word carry its label.

use std::fmt;
use std::str::FromStr;

use ner_align_core::{Label, LabelSet, Scheme};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Which subtokens of a word carry its label, and which label the others carry.
///
/// For a word tagged `B-PER` that has three subtokens:
///
/// | strategy | labels |
/// |---|---|
/// | `first` | `B-PER`, ignored, ignored |
/// | `propagate` | `B-PER B-PER B-PER` |
/// | `propagate-inside` | `B-PER I-PER I-PER` (under BILUO, `U-PER` is `B-PER I-PER L-PER`) |
/// | `mark-x` | `B-PER X X` |
///
/// `first` is what transformers' `run_ner.py` does; `propagate-inside` under IOB2 is its
/// `--label_all_tokens`; `propagate` is plain repetition, even where the scheme forbids it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// The first subtoken carries the label, the others none.
    #[default]
    First,
    /// Every subtoken repeats the label.
    Propagate,
    /// Continuation subtokens carry what the scheme allows there.
    PropagateInside,
    /// Continuation subtokens carry the class `X`.
    MarkX,
}

/// A name that is no strategy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("unknown strategy {0:?}; one of first, propagate, propagate-inside, mark-x")]
pub struct UnknownStrategy(pub String);

impl Strategy {
    /// All strategies.
    pub const ALL: [Self; 4] = [Self::First, Self::Propagate, Self::PropagateInside, Self::MarkX];

    /// The name used on the command line and in configs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Propagate => "propagate",
            Self::PropagateInside => "propagate-inside",
            Self::MarkX => "mark-x",
        }
    }

    /// The classes that a model needs under this strategy: all tags of `scheme` over `types`, and
    /// `X` last under `mark-x`.
    ///
    /// ```
    /// use ner_align_core::{Label, Scheme};
    /// use ner_align_subword::Strategy;
    /// let labels = Strategy::MarkX.label_set(Label::new("LOC"), Scheme::Iob2);
    /// assert_eq!(labels.names(), ["O", "B-LOC", "I-LOC", "X"]);
    /// ```
    #[must_use]
    pub fn label_set(self, types: impl IntoIterator<Item = Label>, scheme: Scheme) -> LabelSet {
        let labels = LabelSet::new(types, scheme);
        if self == Self::MarkX { labels.with_continuation_class() } else { labels }
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Strategy {
    type Err = UnknownStrategy;

    fn from_str(name: &str) -> Result<Self, UnknownStrategy> {
        Self::ALL
            .into_iter()
            .find(|strategy| strategy.as_str() == name)
            .ok_or_else(|| UnknownStrategy(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for strategy in Strategy::ALL {
            assert_eq!(strategy.to_string().parse(), Ok(strategy));
            let json = serde_json::to_string(&strategy).unwrap();
            assert_eq!(json, format!("\"{strategy}\""));
            assert_eq!(serde_json::from_str::<Strategy>(&json).unwrap(), strategy);
        }
        assert_eq!("last".parse::<Strategy>(), Err(UnknownStrategy("last".into())));
    }
}
