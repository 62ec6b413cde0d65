//! Scores of a word's subtokens to scores of the word.

mod scorer;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use scorer::WordScorer;

/// Which subtokens of a word have a say in its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Aggregate {
    /// The first one.
    #[default]
    First,
    /// All, by the mean of their probabilities.
    Mean,
    /// The one that is surest of its best class.
    Max,
}

/// A name that is no aggregation.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("unknown aggregation {0:?}; one of first, mean, max")]
pub struct UnknownAggregate(pub String);

impl Aggregate {
    /// All aggregations.
    pub const ALL: [Self; 3] = [Self::First, Self::Mean, Self::Max];

    /// The name used on the command line and in configs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Mean => "mean",
            Self::Max => "max",
        }
    }
}

impl fmt::Display for Aggregate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Aggregate {
    type Err = UnknownAggregate;

    fn from_str(name: &str) -> Result<Self, UnknownAggregate> {
        Self::ALL
            .into_iter()
            .find(|aggregate| aggregate.as_str() == name)
            .ok_or_else(|| UnknownAggregate(name.to_owned()))
    }
}

#[cfg(test)]
mod tests;
