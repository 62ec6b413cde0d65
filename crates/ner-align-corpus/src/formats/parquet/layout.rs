//! Which column holds what.

use parquet::basic::Type;
use parquet::schema::types::{ColumnDescriptor, SchemaDescriptor};

use crate::CorpusError;
use crate::contract::CsvColumns;
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
    /// The columns of this schema, of which some may be named; the error still lacks its place.
    pub(super) fn of(schema: &SchemaDescriptor, wanted: &CsvColumns) -> Result<Self, CorpusError> {
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
                .with_hint("name them with `columns: words=NAME,tags=NAME,document=NAME,text=NAME`")
        };
        if let Some(name) = &wanted.spans {
            let found = format!("spans named {:?}", shorten(name));
            return Err(CorpusError::input("no-column", "words and tags", found).with_hint(
                "spans of text are not read from parquet: write the data set as JSON lines, with its to_json",
            ));
        }
        // A name that is given is the only one.
        let column = |name: &Option<String>,
                      usual: &[&str],
                      fits: &dyn Fn(&ColumnDescriptor) -> bool,
                      what: &str| match name {
            Some(name) => match find(&[name.as_str()], fits) {
                None => Err(missing(&format!("a column {}, {what}", shorten(name)))),
                found => Ok(found),
            },
            None => Ok(find(usual, fits)),
        };
        let tokens = column(&wanted.word, TOKENS, &lists(is_text), "lists of strings")?
            .ok_or_else(|| missing("a column tokens, lists of strings"))?;
        let of_tags = lists(|c| is_text(c) || is_number(c));
        let tags = column(&wanted.tag, TAGS, &of_tags, "lists of strings or numbers")?
            .ok_or_else(|| missing("a column ner_tags, lists of strings or numbers"))?;
        let of_id = values(|c| is_text(c) || is_number(c));
        let id = column(&wanted.document, &["id"], &of_id, "strings or numbers")?;
        let text = column(&wanted.text, &["text"], &values(is_text), "strings")?;
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
