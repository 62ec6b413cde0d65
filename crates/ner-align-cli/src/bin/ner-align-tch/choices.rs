//! Choices of the library as values of arguments, with what `--help` says of each.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use ner_align_pipeline::settings::{Decode, Precision, Recipe, UnknownChoice};

/// A parser for one of these words.
fn one_of<T>(words: &'static [(&'static str, &'static str)]) -> impl TypedValueParser<Value = T>
where
    T: std::str::FromStr<Err = UnknownChoice> + Clone + Send + Sync + 'static,
{
    let value = |(word, help): &(&'static str, &'static str)| {
        let value = PossibleValue::new(*word);
        if help.is_empty() { value } else { value.help(*help) }
    };
    PossibleValuesParser::new(words.iter().map(value).collect::<Vec<_>>())
        .try_map(|word| word.parse::<T>())
}

pub(crate) fn decode() -> impl TypedValueParser<Value = Decode> {
    one_of(&[
        (
            "constrained",
            "The likeliest sequence that the scheme allows, by a CRF's transitions where the model \
             has one",
        ),
        ("argmax", "The likeliest tag of each word by itself"),
    ])
}

pub(crate) fn precision() -> impl TypedValueParser<Value = Precision> {
    one_of(&[("auto", ""), ("f32", ""), ("bf16", "")])
}

pub(crate) fn recipe() -> impl TypedValueParser<Value = Recipe> {
    one_of(&[
        ("best", "What ner-align recommends"),
        ("trainer", "What transformers' token-classification example does"),
    ])
}
