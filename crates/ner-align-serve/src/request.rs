//! What a client asks for: bodies and queries, checked.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde_json::Number;

use crate::options::ServeOptions;
use crate::problem::Problem;

/// A request for entities: `text` or `texts`, and what may stand beside it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EntitiesRequest {
    /// A text.
    #[serde(default, deserialize_with = "present")]
    text: Option<String>,
    /// Several texts.
    #[serde(default, deserialize_with = "present")]
    texts: Option<Vec<String>>,
    /// The name of a model.
    #[serde(default, deserialize_with = "present")]
    pub(crate) model: Option<String>,
    /// The lowest score of an entity, for all types or by type.
    #[serde(default, deserialize_with = "present")]
    pub(crate) threshold: Option<Threshold>,
    /// How many other readings each entity is given with.
    #[serde(default, deserialize_with = "whole")]
    pub(crate) alternatives: Option<u64>,
}

/// The most alternatives that a request may ask for.
pub(crate) const MOST_ALTERNATIVES: usize = 100;

/// 422 for more alternatives than that.
pub(crate) fn checked_alternatives(asked: u64) -> Result<usize, Problem> {
    let within = usize::try_from(asked).ok().filter(|asked| *asked <= MOST_ALTERNATIVES);
    within.ok_or_else(|| {
        let detail = format!("alternatives: expected 0 to {MOST_ALTERNATIVES}, found {asked}");
        Problem::invalid(detail)
    })
}

/// The texts of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Texts {
    One(String),
    Several(Vec<String>),
}

/// The lowest score of an entity, for all types or by type.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Threshold {
    All(f32),
    ByType(BTreeMap<String, f32>),
}

impl Threshold {
    /// True if an entity of this type and score passes.
    pub(crate) fn passes(&self, label: &str, score: f32) -> bool {
        match self {
            Self::All(least) => score >= *least,
            Self::ByType(least) => least.get(label).is_none_or(|least| score >= *least),
        }
    }

    /// Types that the model does not know are at fault.
    pub(crate) fn check(&self, known: &[String]) -> Result<(), Problem> {
        let Self::ByType(least) = self else { return Ok(()) };
        match least.keys().find(|label| !known.contains(label)) {
            None => Ok(()),
            Some(label) => {
                let known = known.join(", ");
                Err(Problem::invalid(format!(
                    "threshold: expected types among {known}, found {label:?}"
                )))
            }
        }
    }
}

/// `null` is no value; a key that is absent is.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// A whole number; `9.0` is one in a JSON schema.
fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    let number = Number::deserialize(from)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is checked")]
    let of_float = |value: f64| {
        (value.fract() == 0.0 && (0.0..MOST_EXACT).contains(&value)).then_some(value as u64)
    };
    let value = number.as_u64().or_else(|| number.as_f64().and_then(of_float));
    value.map(Some).ok_or_else(|| {
        de::Error::custom(format!("expected a whole number that is not negative, found {number}"))
    })
}

/// Up to it, a float is the whole number that it says.
const MOST_EXACT: f64 = 9_007_199_254_740_992.0;

/// A value from a JSON object.
///
/// 400 for bytes that are no JSON, 422 for JSON of another shape.
pub(crate) fn from_json<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, Problem> {
    // serde reads a struct from an array too.
    if bytes.trim_ascii_start().first().is_some_and(|first| *first == b'[') {
        // Broken JSON is that first of all.
        serde_json::from_slice::<de::IgnoredAny>(bytes).map_err(json_problem)?;
        return Err(Problem::invalid("expected a JSON object, found an array"));
    }
    serde_json::from_slice(bytes).map_err(json_problem)
}

#[expect(clippy::needless_pass_by_value, reason = "it goes to map_err")]
fn json_problem(error: serde_json::Error) -> Problem {
    if error.is_data() {
        Problem::invalid(error.to_string())
    } else {
        Problem::malformed(format!("expected JSON: {error}"))
    }
}

impl EntitiesRequest {
    /// A request for the entities of one text.
    pub(crate) fn of_text(text: String) -> Self {
        Self { text: Some(text), ..Self::default() }
    }

    /// The texts, within the limits.
    pub(crate) fn texts(&mut self, options: &ServeOptions) -> Result<Texts, Problem> {
        let asked = match (self.text.take(), self.texts.take()) {
            (Some(text), None) => Texts::One(text),
            (None, Some(texts)) => Texts::Several(texts),
            (Some(_), Some(_)) => {
                return Err(Problem::invalid("expected `text` or `texts`, found both"));
            }
            (None, None) => {
                return Err(Problem::invalid("expected `text` or `texts`, found neither"));
            }
        };
        match &asked {
            Texts::One(text) => check_length("text", text, options)?,
            Texts::Several(texts) => check_texts("texts", texts, options)?,
        }
        Ok(asked)
    }
}

/// 422 for too many texts, and for one that is too long.
pub(crate) fn check_texts(
    name: &str,
    texts: &[String],
    options: &ServeOptions,
) -> Result<(), Problem> {
    if texts.len() > options.max_texts {
        let (most, found) = (options.max_texts, texts.len());
        let detail = format!("{name}: expected at most {most} texts, found {found}");
        return Err(Problem::invalid(detail));
    }
    for (index, text) in texts.iter().enumerate() {
        check_length(&format!("{name}[{index}]"), text, options)?;
    }
    Ok(())
}

/// 422 for a text that is too long.
pub(crate) fn check_length(name: &str, text: &str, options: &ServeOptions) -> Result<(), Problem> {
    let most = options.max_chars;
    // Bytes are an upper bound of code points.
    if text.len() <= most {
        return Ok(());
    }
    let found = text.chars().count();
    if found <= most {
        return Ok(());
    }
    let detail = format!("{name}: expected at most {most} code points, found {found}");
    Err(Problem::invalid(detail))
}

impl<'de> Deserialize<'de> for Threshold {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct OfThreshold;

        impl<'de> Visitor<'de> for OfThreshold {
            type Value = Threshold;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a probability, or an object of probabilities by type")
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Threshold, E> {
                #[expect(clippy::cast_possible_truncation, reason = "scores are f32")]
                if (0.0..=1.0).contains(&value) {
                    return Ok(Threshold::All(value as f32));
                }
                Err(E::custom(format!("threshold: expected 0 to 1, found {value}")))
            }

            #[expect(clippy::cast_precision_loss, reason = "only 0 and 1 pass")]
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Threshold, E> {
                self.visit_f64(value as f64)
            }

            #[expect(clippy::cast_precision_loss, reason = "none passes")]
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Threshold, E> {
                self.visit_f64(value as f64)
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Threshold, M::Error> {
                let mut by_type = BTreeMap::new();
                while let Some(label) = map.next_key::<String>()? {
                    let Threshold::All(least) = map.next_value()? else {
                        return Err(de::Error::custom("threshold: expected numbers by type"));
                    };
                    if by_type.insert(label.clone(), least).is_some() {
                        return Err(de::Error::custom(format!(
                            "threshold: duplicate type {label:?}"
                        )));
                    }
                }
                Ok(Threshold::ByType(by_type))
            }
        }

        from.deserialize_any(OfThreshold)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_what_is_wrong_with_them() {
        let options = ServeOptions::default().with_max_chars(3).with_max_texts(2);
        for (json, status, detail) in [
            (r#"{"text":"abc"}"#, 200, ""),
            (r#" {"text":""}"#, 200, ""),
            (r#"{"text":"äöü"}"#, 200, ""),
            (r#"{"text":"\u0000"}"#, 200, ""),
            (r#"{"texts":[]}"#, 200, ""),
            (r#"{"text":"a","threshold":1}"#, 200, ""),
            (r#"{"text":"a","threshold":{"PER":0.5}}"#, 200, ""),
            (r#"{"text":"a","alternatives":9}"#, 200, ""),
            (r#"{"text":"a","alternatives":9.0}"#, 200, ""),
            (r#"{"text":"a","alternatives":9.5}"#, 422, "expected a whole number"),
            (r#"{"text":"a","alternatives":-1}"#, 422, "expected a whole number"),
            (r#"{"text":"a","alternatives":1e300}"#, 422, "found 1e+300"),
            (r#"{"text":"a","alternatives":"9"}"#, 422, "expected a JSON number"),
            ("", 400, "EOF"),
            (r#"{"text":"a""#, 400, "EOF"),
            ("{\"text\":\"\u{0}\"}", 400, "control character"),
            (r#"{"text":"\ud83d"}"#, 400, "hex escape"),
            (r#"{"text":"a"} x"#, 400, "trailing"),
            (r#"["a"]"#, 422, "expected a JSON object, found an array"),
            (r#"["a"#, 400, "EOF"),
            ("null", 422, "null"),
            (r#"{"text":"a","text":"b"}"#, 422, "duplicate field `text`"),
            (r#"{"text":"a","colour":1}"#, 422, "unknown field `colour`"),
            (r#"{"text":null}"#, 422, "null"),
            (r#"{"text":7}"#, 422, "expected a string"),
            ("{}", 422, "found neither"),
            (r#"{"text":"a","texts":[]}"#, 422, "found both"),
            (r#"{"text":"abcd"}"#, 422, "text: expected at most 3 code points, found 4"),
            (r#"{"texts":["a","abcd"]}"#, 422, "texts[1]: expected at most 3"),
            (r#"{"texts":["","",""]}"#, 422, "expected at most 2 texts, found 3"),
            (r#"{"text":"a","threshold":1.5}"#, 422, "expected 0 to 1, found 1.5"),
            (r#"{"text":"a","threshold":-1}"#, 422, "expected 0 to 1"),
            (r#"{"text":"a","threshold":{"A":{}}}"#, 422, "expected numbers by type"),
            (r#"{"text":"a","threshold":{"A":0,"A":1}}"#, 422, "duplicate type \"A\""),
            (r#"{"text":"a","threshold":true}"#, 422, "a probability"),
        ] {
            let asked = from_json::<EntitiesRequest>(json.as_bytes())
                .and_then(|mut request| request.texts(&options));
            let found = asked
                .map_or_else(|problem| problem, |_| Problem::new(axum::http::StatusCode::OK, ""));
            assert_eq!(found.status.as_u16(), status, "{json}: {found:?}");
            assert!(
                format!("{found:?}").contains(&detail.replace('"', "\\\"")),
                "{json}: {found:?}"
            );
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        for json in [format!("{{\"text\":{deep}}}"), deep] {
            let problem = from_json::<EntitiesRequest>(json.as_bytes()).unwrap_err();
            assert!([400, 422].contains(&problem.status.as_u16()), "{problem:?}");
        }
        let problem = from_json::<EntitiesRequest>(b"{\"text\":\"\xff\"}").unwrap_err();
        assert_eq!(problem.status.as_u16(), 400, "{problem:?}");
    }
}
