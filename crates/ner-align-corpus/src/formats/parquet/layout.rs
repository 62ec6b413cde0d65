//! Which column holds what.

use parquet::basic::Type;
use parquet::schema::types::{ColumnDescriptor, SchemaDescriptor};

use crate::CorpusError;
use crate::text::shorten;

const TOKENS: &[&str] = &["tokens", "words"];
const TAGS: &[&str] = &["ner_tags", "tags", "labels", "ner"];

/// Indices of the columns among the leaves of the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) tokens: usize,
    pub(super) tags: usize,
    pub(super) id: Option<usize>,
    pub(super) text: Option<usize>,
    /// The name of the column of tags.
    pub(super) tags_name: String,
    /// Names of columns that are not kept.
    pub(super) others: Vec<String>,
}

/// The name of the column of the table that a leaf belongs to.
fn root(column: &ColumnDescriptor) -> &str {
    column.path().parts().first().map_or("", String::as_str)
}

fn is_list(column: &ColumnDescriptor) -> bool {
    column.max_rep_level() == 1
}

fn is_text(column: &ColumnDescriptor) -> bool {
    column.physical_type() == Type::BYTE_ARRAY
}

fn is_number(column: &ColumnDescriptor) -> bool {
    matches!(column.physical_type(), Type::INT32 | Type::INT64)
}

impl Layout {
    /// The columns of this schema; the error still lacks its place.
    pub(super) fn of(schema: &SchemaDescriptor) -> Result<Self, CorpusError> {
        let find = |names: &[&str], fits: &dyn Fn(&ColumnDescriptor) -> bool| {
            names.iter().find_map(|name| {
                let mut own = schema.columns().iter().enumerate().filter(|(_, c)| root(c) == *name);
                // A column of several leaves is one of structures.
                match (own.next(), own.next()) {
                    (Some((index, column)), None) if fits(column) => Some(index),
                    _ => None,
                }
            })
        };
        let lists =
            |fits: fn(&ColumnDescriptor) -> bool| move |c: &ColumnDescriptor| is_list(c) && fits(c);
        let values = |fits: fn(&ColumnDescriptor) -> bool| {
            move |c: &ColumnDescriptor| c.max_rep_level() == 0 && fits(c)
        };
        let missing = |what: &str| {
            let shown: Vec<&str> = schema.columns().iter().take(12).map(|c| root(c)).collect();
            CorpusError::input("no-column", what, format!("the columns {:?}", shown.join(", ")))
                .with_hint("rename the columns of the data set to tokens and ner_tags")
        };
        let tokens = find(TOKENS, &lists(is_text))
            .ok_or_else(|| missing("a column tokens, lists of strings"))?;
        let tags = find(TAGS, &lists(|c| is_text(c) || is_number(c)))
            .ok_or_else(|| missing("a column ner_tags, lists of strings or numbers"))?;
        let id = find(&["id"], &values(|c| is_text(c) || is_number(c)));
        let text = find(&["text"], &values(is_text));
        let used = [Some(tokens), Some(tags), id, text];
        let mut others: Vec<String> = Vec::new();
        for (index, column) in schema.columns().iter().enumerate() {
            let name = shorten(root(column));
            if !used.contains(&Some(index)) && others.last() != Some(&name) {
                others.push(name);
            }
        }
        let tags_name = schema.columns().get(tags).map_or("", |c| root(c)).to_owned();
        Ok(Self { tokens, tags, id, text, tags_name, others })
    }
}
