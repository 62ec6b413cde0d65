//! Entities of a document joined into fields, as a reader of résumés or forms wants them.

mod mapping;

use std::collections::HashMap;

use ner_align_core::Label;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

pub use mapping::{FieldRule, Mapping};

use crate::FoundEntity;

/// A value of a field.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FieldValue {
    /// The text, in one line, without punctuation and space around it.
    pub value: String,
    /// How often it was mentioned.
    pub count: usize,
    /// The highest score of its mentions.
    pub score: f32,
}

/// One field of a document.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Field {
    /// The name.
    pub name: String,
    /// The values, in the order of their first mention.
    pub values: Vec<FieldValue>,
    rule: FieldRule,
}

/// The fields of a document, in the order of the mapping; types that the mapping does not name come
/// after them, in the order of their first mention.
///
/// Serialised they are an object: a field that has the first value alone is a string or `null`, any
/// other a list of strings, or of [`FieldValue`]s where counts are asked for.
///
/// ```
/// use ner_align_core::Document;
/// use ner_align_pipeline::FoundEntity;
/// use ner_align_pipeline::fields::{Fields, Mapping};
///
/// let mapping: Mapping = r#"
///     [fields.Name]
///     types = ["PER"]
///     first = true
///
///     [fields."Hard Skills"]
///     types = ["SKILLS"]
///     lower_case = true
/// "#.parse()?;
/// let mut document = Document::builder();
/// for word in ["Ada", "Lovelace", ":", "Python", ",", "python", ",", "SQL"] {
///     document.push_word(word);
/// }
/// let tags = ["B-PER", "I-PER", "O", "B-SKILLS", "O", "B-SKILLS", "O", "B-SKILLS"];
/// let tags = tags.iter().map(|tag| tag.parse()).collect::<Result<_, _>>()?;
/// let document = document.tagged(tags, ner_align_core::Scheme::Iob2)?;
/// let entities: Vec<FoundEntity> = document.mentions().map(FoundEntity::from).collect();
/// let fields = Fields::of(&entities, &mapping);
/// assert_eq!(
///     serde_json::to_string(&fields)?,
///     r#"{"Name":"Ada Lovelace","Hard Skills":["python","sql"]}"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Fields {
    /// The fields.
    pub fields: Vec<Field>,
}

impl Fields {
    /// Joins entities, by position, into the fields of a mapping.
    #[must_use]
    pub fn of(entities: &[FoundEntity], mapping: &Mapping) -> Self {
        let mut fields: Vec<Field> = mapping
            .fields()
            .map(|(name, rule)| Field {
                name: name.to_owned(),
                values: Vec::new(),
                rule: rule.clone(),
            })
            .collect();
        // Where values of one text are joined: the field and the text as it is compared.
        let mut known: HashMap<(usize, String), usize> = HashMap::new();
        for entity in entities {
            let targets = targets(&mut fields, &entity.label, mapping);
            for target in targets {
                add(&mut fields[target], target, entity, &mut known);
            }
        }
        for field in &mut fields {
            let least = field.rule.min_count;
            field.values.retain(|value| value.count >= least);
        }
        Self { fields }
    }
}

/// The fields that a type belongs to, made anew for a type that the mapping does not name.
fn targets(fields: &mut Vec<Field>, label: &Label, mapping: &Mapping) -> Vec<usize> {
    let named = |field: &Field| field.rule.types.iter().any(|name| name == label.as_str());
    let targets: Vec<usize> = (0..fields.len()).filter(|&index| named(&fields[index])).collect();
    if !targets.is_empty() || !mapping.keeps_other_types() {
        return targets;
    }
    let rule = FieldRule::of_type(label.as_str());
    // A field of the mapping may have the name of a type that it does not take.
    let taken = fields.iter().any(|field| field.name == label.as_str());
    let name = if taken { format!("{label} (other)") } else { label.to_string() };
    fields.push(Field { name, values: Vec::new(), rule });
    vec![fields.len() - 1]
}

fn add(
    field: &mut Field,
    index: usize,
    entity: &FoundEntity,
    known: &mut HashMap<(usize, String), usize>,
) {
    let mut value = tidy(&entity.text);
    if field.rule.lower_case {
        value = value.to_lowercase();
    }
    if value.is_empty() {
        return;
    }
    let key = if field.rule.unique { value.to_lowercase() } else { format!("{}", entity.start) };
    match known.get(&(index, key.clone())).and_then(|at| field.values.get_mut(*at)) {
        Some(known) => {
            known.count += 1;
            known.score = known.score.max(entity.score);
        }
        None => {
            known.insert((index, key), field.values.len());
            field.values.push(FieldValue { value, count: 1, score: entity.score });
        }
    }
}

/// A text in one line: white space is one space, and punctuation that belongs to the sentence around
/// it is gone. `C++`, `C#`, `.NET` and `U.S.` stay whole.
fn tidy(text: &str) -> String {
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let edge = |c: char| {
        matches!(c, ',' | ';' | ':' | '"' | '“' | '”' | '„' | '«' | '»' | '•' | '·' | '|')
    };
    joined.trim_matches(|c: char| edge(c) || c.is_whitespace()).to_owned()
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.fields.len()))?;
        for Field { name, values, rule } in &self.fields {
            match (rule.first, rule.counts) {
                (true, false) => {
                    map.serialize_entry(name, &values.first().map(|value| &value.value))?;
                }
                (true, true) => map.serialize_entry(name, &values.first())?,
                (false, true) => map.serialize_entry(name, values)?,
                (false, false) => {
                    let values: Vec<&String> = values.iter().map(|value| &value.value).collect();
                    map.serialize_entry(name, &values)?;
                }
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use ner_align_core::{Document, Scheme};

    use super::*;

    fn found(words: &[(&str, &str)]) -> Vec<FoundEntity> {
        let mut document = Document::builder();
        words.iter().for_each(|(word, _)| document.push_word(word));
        let tags = words.iter().map(|(_, tag)| tag.parse().unwrap()).collect();
        let document = document.tagged(tags, Scheme::Iob2).unwrap();
        document.mentions().map(FoundEntity::from).collect()
    }

    #[test]
    fn fields_by_their_rules() {
        let entities = found(&[
            ("Python", "B-SKILLS"),
            ("C++", "B-SKILLS"),
            ("python", "B-SKILLS"),
            ("MSc", "B-DIPLOMA"),
            (",", "I-DIPLOMA"),
            ("BSc", "B-DIPLOMA"),
        ]);
        for (mapping, expected) in [
            ("", r#"{"SKILLS":["Python","C++"],"DIPLOMA":["MSc","BSc"]}"#),
            ("other_types = false", "{}"),
            (
                "[fields.S]\ntypes = [\"SKILLS\"]\nunique = false",
                r#"{"S":["Python","C++","python"],"DIPLOMA":["MSc","BSc"]}"#,
            ),
            (
                "other_types = false\n[fields.S]\ntypes = [\"SKILLS\"]\ncounts = true\nmin_count = 2",
                r#"{"S":[{"value":"Python","count":2,"score":0.0}]}"#,
            ),
            (
                "other_types = false\n[fields.Degree]\ntypes = [\"DIPLOMA\"]\nfirst = true\n\
                 [fields.Name]\ntypes = [\"PER\"]\nfirst = true\n[fields.All]\ntypes = [\"SKILLS\", \"DIPLOMA\"]",
                r#"{"Degree":"MSc","Name":null,"All":["Python","C++","MSc","BSc"]}"#,
            ),
            (
                "[fields.SKILLS]\ntypes = [\"DIPLOMA\"]",
                r#"{"SKILLS":["MSc","BSc"],"SKILLS (other)":["Python","C++"]}"#,
            ),
        ] {
            let fields = Fields::of(&entities, &mapping.parse().unwrap());
            assert_eq!(serde_json::to_string(&fields).unwrap(), expected, "{mapping}");
        }
    }

    #[test]
    fn texts_are_tidied() {
        for (text, expected) in [
            ("Ada\n  Lovelace", "Ada Lovelace"),
            ("\u{a0}C++,", "C++"),
            ("“.NET”", ".NET"),
            ("C#", "C#"),
            ("U.S.", "U.S."),
            (" , ", ""),
        ] {
            assert_eq!(tidy(text), expected);
        }
    }
}
