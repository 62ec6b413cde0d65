//! Which entity types make which fields.

use std::fs::File;
use std::path::Path;
use std::str::FromStr;

use ner_align_core::{MAX_SETTINGS_BYTES, read_text_at_most};
use serde::Deserialize;

use crate::PipelineError;

/// How the values of one field are made.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FieldRule {
    /// The entity types whose mentions are values of the field.
    pub types: Vec<String>,
    /// Keep the first value alone.
    #[serde(default)]
    pub first: bool,
    /// Write values in lower case.
    #[serde(default)]
    pub lower_case: bool,
    /// Join values that differ in case alone; the first spelling stands for all.
    #[serde(default = "yes")]
    pub unique: bool,
    /// Write each value with its count and its score.
    #[serde(default)]
    pub counts: bool,
    /// Drop values that are mentioned less often.
    #[serde(default)]
    pub min_count: usize,
}

const fn yes() -> bool {
    true
}

impl FieldRule {
    /// A field of one type, each value once.
    #[must_use]
    pub fn of_type(name: &str) -> Self {
        Self {
            types: vec![name.to_owned()],
            first: false,
            lower_case: false,
            unique: true,
            counts: false,
            min_count: 0,
        }
    }
}

/// The fields of documents, by name. The default has none: each type is a field of its name.
///
/// As TOML it is a table `fields`, in the order in which fields are written:
///
/// ```toml
/// other_types = false       # drop types that no field names; kept by default
///
/// [fields.Name]
/// types = ["PER"]
/// first = true              # the first value alone
///
/// [fields."Hard Skills"]
/// types = ["SKILLS", "TOOLS"]
/// lower_case = true
/// unique = true             # the default: join values that differ in case alone
/// counts = true             # {"value", "count", "score"} in place of strings
/// min_count = 2             # drop values that are mentioned once
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    fields: Vec<(String, FieldRule)>,
    other_types: bool,
}

impl Default for Mapping {
    fn default() -> Self {
        Self { fields: Vec::new(), other_types: true }
    }
}

impl Mapping {
    /// Reads a mapping from a TOML file.
    ///
    /// # Errors
    /// [`PipelineError::Io`] if the file cannot be read, [`PipelineError::Data`] with path, line and
    /// column if it is no mapping.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, PipelineError> {
        let path = path.as_ref();
        let text = File::open(path)
            .and_then(|file| read_text_at_most(file, MAX_SETTINGS_BYTES))
            .map_err(|error| PipelineError::io(path, error))?;
        parse(&text, &path.display().to_string())
    }

    /// The same mapping with one more field.
    #[must_use]
    pub fn with_field(mut self, name: impl Into<String>, rule: FieldRule) -> Self {
        self.fields.push((name.into(), rule));
        self
    }

    /// The same mapping, which keeps types that no field names, or drops them.
    #[must_use]
    pub const fn with_other_types(mut self, keep: bool) -> Self {
        self.other_types = keep;
        self
    }

    /// The fields, in their order.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &FieldRule)> {
        self.fields.iter().map(|(name, rule)| (name.as_str(), rule))
    }

    /// True if types that no field names become fields of their names.
    #[must_use]
    pub const fn keeps_other_types(&self) -> bool {
        self.other_types
    }
}

impl FromStr for Mapping {
    type Err = PipelineError;

    fn from_str(text: &str) -> Result<Self, PipelineError> {
        parse(text, "mapping")
    }
}

fn parse(text: &str, name: &str) -> Result<Mapping, PipelineError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        #[serde(default = "yes")]
        other_types: bool,
        #[serde(default)]
        fields: Ordered,
    }
    let file: File = toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
        PipelineError::Data {
            place: format!("{name}:{line}:{column}"),
            expected: "a mapping of types to fields".to_owned(),
            found: error.message().replace('\n', " "),
            hint: Some("for example [fields.Name] with types = [\"PER\"]".to_owned()),
        }
    })?;
    Ok(Mapping { fields: file.fields.0, other_types: file.other_types })
}

/// A table in the order of its file.
#[derive(Default)]
struct Ordered(Vec<(String, FieldRule)>);

impl<'de> Deserialize<'de> for Ordered {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Ordered;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a table of fields")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Ordered, A::Error> {
                let mut fields = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    fields.push(entry);
                }
                Ok(Ordered(fields))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_have_their_place() {
        for (text, place, found) in [
            ("[fields.A]\n", "mapping:1:1", "missing field `types`"),
            ("[fields.A]\ntypes = [\"X\"]\nfrist = true\n", "mapping:3:1", "unknown field `frist`"),
            ("other = 1\n", "mapping:1:1", "unknown field `other`"),
            ("[fields.A]\ntypes = \"X\"\n", "mapping:2:9", "invalid type: string"),
            ("[[\n", "mapping:1:", ""),
        ] {
            let error = text.parse::<Mapping>().unwrap_err().to_string();
            assert!(error.contains(place) && error.contains(found), "{text}: {error}");
        }
    }
}
