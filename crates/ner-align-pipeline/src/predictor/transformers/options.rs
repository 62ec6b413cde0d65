//! What a caller of the pipeline may choose.

use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::PipelineError;

/// How the pipeline turns classes of subtokens into entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", try_from = "String")]
pub enum AggregationStrategy {
    /// Each subtoken by itself.
    None,
    /// Neighbours of the same type are a group.
    Simple,
    /// As `Simple` over words, which have the class of their first subtoken.
    First,
    /// As `Simple` over words, which have the class of the mean of their subtokens' probabilities.
    Average,
    /// As `Simple` over words, which have the class of their surest subtoken.
    Max,
}

impl FromStr for AggregationStrategy {
    type Err = PipelineError;

    /// A name in any case, as transformers takes it.
    fn from_str(name: &str) -> Result<Self, PipelineError> {
        Ok(match name.to_ascii_lowercase().as_str() {
            "none" => Self::None,
            "simple" => Self::Simple,
            "first" => Self::First,
            "average" => Self::Average,
            "max" => Self::Max,
            _ => {
                return Err(PipelineError::Data {
                    place: "aggregation_strategy".to_owned(),
                    expected: "none, simple, first, average or max".to_owned(),
                    found: format!("{name:?}"),
                    hint: None,
                });
            }
        })
    }
}

impl TryFrom<String> for AggregationStrategy {
    type Error = PipelineError;

    fn try_from(name: String) -> Result<Self, PipelineError> {
        name.parse()
    }
}

/// The parameters of the pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct PipelineOptions {
    /// How subtokens become entities; `simple` where nobody says, as the Hub's inference service
    /// has it. The pipeline in Python has `none`.
    pub aggregation_strategy: AggregationStrategy,
    /// Classes (with `none`) or types that are left out; by default `O`.
    pub ignore_labels: Vec<String>,
    /// Subtokens that neighbouring windows of a long text share. Without it, a text is cut off at
    /// the longest window.
    #[serde(deserialize_with = "whole")]
    pub stride: Option<usize>,
}

/// A whole number or null. Clients that have one kind of number write `16.0`.
fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<Option<usize>, D::Error> {
    let Some(number) = Option::<serde_json::Number>::deserialize(from)? else { return Ok(None) };
    let text = number.to_string();
    let value = text.strip_suffix(".0").unwrap_or(&text).parse();
    value
        .map(Some)
        .map_err(|_| D::Error::custom(format!("stride: expected a whole number, found {text}")))
}

impl Default for PipelineOptions {
    fn default() -> Self {
        Self {
            aggregation_strategy: AggregationStrategy::Simple,
            ignore_labels: vec!["O".to_owned()],
            stride: None,
        }
    }
}

ner_align_core::setters! { PipelineOptions {
    with_aggregation_strategy: aggregation_strategy: AggregationStrategy,
    with_ignore_labels: ignore_labels: Vec<String>,
    with_stride: stride: Option<usize>,
} }

impl PipelineOptions {
    /// Holds the stride against windows of `room` subtokens.
    pub(super) fn check(&self, room: usize) -> Result<(), PipelineError> {
        let Some(stride) = self.stride else { return Ok(()) };
        let expected = if self.aggregation_strategy == AggregationStrategy::None {
            "an aggregation_strategy other than none".to_owned()
        } else if stride >= room {
            format!("less than {room}, the subtokens of a window")
        } else {
            return Ok(());
        };
        Err(PipelineError::Data {
            place: "stride".to_owned(),
            expected,
            found: stride.to_string(),
            hint: None,
        })
    }
}

/// The texts of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "inputs: expected a text or a list of texts")]
#[non_exhaustive]
pub enum PipelineInputs {
    /// One text.
    One(String),
    /// Several texts.
    Each(Vec<String>),
}

/// A request for the pipeline, as the Hub's inference service takes it. Other keys are ignored, such
/// as `options`; unknown `parameters` are an error, as in transformers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PipelineRequest {
    /// The texts.
    pub inputs: PipelineInputs,
    /// The parameters.
    #[serde(default)]
    pub parameters: PipelineOptions,
}
