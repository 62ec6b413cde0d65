//! Choices of the library as values of arguments.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use ner_align_pipeline::settings::{Decode, Precision, Recipe, UnknownChoice};
use ner_align_pipeline::suggest::Uncertainty;

/// A parser for one of these words.
fn one_of<T>(words: &'static [&'static str]) -> impl TypedValueParser<Value = T>
where
    T: std::str::FromStr<Err = UnknownChoice> + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(words).try_map(|word| word.parse::<T>())
}

pub(crate) fn decode() -> impl TypedValueParser<Value = Decode> {
    one_of(&["constrained", "argmax"])
}

pub(crate) fn precision() -> impl TypedValueParser<Value = Precision> {
    one_of(&["auto", "f32", "bf16", "int8"])
}

pub(crate) fn recipe() -> impl TypedValueParser<Value = Recipe> {
    one_of(&["best", "fast", "trainer"])
}

pub(crate) fn uncertainty() -> impl TypedValueParser<Value = Uncertainty> {
    one_of(&["total", "mnlp", "margin", "entropy"])
}
