//! Tables with a whole sentence or a whole text a row.

use csv::StringRecord;
use ner_align_core::{Finding, Severity};
use serde_json::Value;

use super::layout::{SENTENCES, TAGS};
use super::literal;
use super::rows::parser;
use super::spans;
use crate::contract::CsvColumns;
use crate::formats::tagged::looks_like_tag;
use crate::text::shorten;

/// Rows looked at.
const ROWS: usize = 100;

/// Names of columns of words, or of text that is their source, the likelier ones first.
const WORDS: &[&str] = &[
    "tokens",
    "words",
    "text",
    "sentence",
    "sentences",
    "content",
    "token",
    "word",
    "data",
    "body",
];

/// Names of columns of tags beside those of a table of words.
const MORE_TAGS: &[&str] = &["word labels", "word_labels", "entities", "spans", "annotations"];

/// Names of columns that name a row.
const IDS: &[&str] = &["document", "document_id", "doc_id", "id"];

/// What a row holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Row {
    /// A text, and spans of its characters.
    Spans,
    /// The words of a sentence, and their tags.
    Words,
}

/// A table with a sentence or a text a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wide {
    pub(super) row: Row,
    pub(super) text: usize,
    pub(super) annotation: usize,
    pub(super) id: Option<usize>,
}

impl Wide {
    /// The table, if the rows of `head`, of which the first names the columns, are so. The last one
    /// may be cut off unless the head is the whole file.
    pub(super) fn of(head: &str, whole: bool, delimiter: u8, wanted: &CsvColumns) -> Option<Self> {
        let mut parser = parser(head.as_bytes(), delimiter);
        let mut header = StringRecord::new();
        if !parser.read_record(&mut header).ok()? {
            return None;
        }
        let names: Vec<String> =
            header.iter().map(|name| name.trim().to_ascii_lowercase()).collect();
        let width = names.len();
        let mut rows: Vec<StringRecord> = parser
            .records()
            .map_while(Result::ok)
            .filter(|row| row.len() == width)
            .take(ROWS)
            .collect();
        if !whole && rows.len() > 1 && rows.len() < ROWS {
            rows.pop();
        }
        let table = Table { names, rows };
        table.spans(wanted).or_else(|| table.words(wanted))
    }

    /// What is said of it.
    pub(super) fn finding(self, header: &[&str]) -> Finding {
        let name = |column: usize| shorten(header.get(column).copied().unwrap_or_default());
        let what = match self.row {
            Row::Spans => "a text a row, with spans",
            Row::Words => "a sentence a row, with a tag for each word",
        };
        let message = format!(
            "expected a word a row, found {what}; read from the columns {:?} and {:?}",
            name(self.text),
            name(self.annotation)
        );
        Finding::new(Severity::Info, "sentence-rows", message).with_hint(match self.row {
            Row::Spans => "name others with `columns: text=NAME,spans=NAME`",
            Row::Words => "name others with `columns: word=NAME,tag=NAME`",
        })
    }
}

struct Table {
    names: Vec<String>,
    rows: Vec<StringRecord>,
}

impl Table {
    fn find(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|own| *own == name.to_ascii_lowercase())
    }

    fn first(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.find(name))
    }

    /// The cells of a column that say something.
    fn cells(&self, column: usize) -> impl Iterator<Item = &str> {
        let cells = self.rows.iter().filter_map(move |row| row.get(column));
        cells.filter(|cell| !is_empty(cell))
    }

    fn tag_columns(&self) -> impl Iterator<Item = usize> {
        let named = TAGS.iter().chain(MORE_TAGS).filter_map(|name| self.find(name));
        named.chain(0..self.names.len())
    }

    fn spans(&self, wanted: &CsvColumns) -> Option<Wide> {
        let holds_spans = |column: usize| {
            let mut some = false;
            let read = self.cells(column).all(|cell| match spans::read(cell) {
                Some(spans) => {
                    some |= !spans.is_empty();
                    true
                }
                None => false,
            });
            read && some
        };
        let annotation = match wanted.spans.as_ref().or(wanted.tag.as_ref()) {
            Some(name) => self.find(name).filter(|column| holds_spans(*column)),
            None => self.tag_columns().find(|column| holds_spans(*column)),
        }?;
        let length = |column: &usize| self.cells(*column).map(str::len).sum::<usize>();
        let text = match wanted.text.as_ref().or(wanted.word.as_ref()) {
            Some(name) => self.find(name),
            None => WORDS
                .iter()
                .filter_map(|name| self.find(name))
                .find(|column| *column != annotation)
                .or_else(|| (0..self.names.len()).filter(|c| *c != annotation).max_by_key(length)),
        }?;
        let id = self.id(wanted).filter(|id| ![text, annotation].contains(id));
        Some(Wide { row: Row::Spans, text, annotation, id })
    }

    fn words(&self, wanted: &CsvColumns) -> Option<Wide> {
        // A table of words whose sentences are named over several rows is none of sentences.
        let rows = self.rows.iter().filter(|row| row.iter().any(|cell| !is_empty(cell)));
        let rows: Vec<&StringRecord> = rows.collect();
        let fits = |text: usize, tags: usize| {
            let mut told = false;
            let listed =
                rows.iter().all(|row| row.get(tags).is_some_and(|cell| cell.starts_with('[')));
            let even = rows.iter().all(|row| {
                let cells = row.get(text).zip(row.get(tags));
                let Some((words, tags)) = cells.and_then(|(text, tags)| words_and_tags(text, tags))
                else {
                    return false;
                };
                told |= tags.len() > 1 || listed;
                words.len() == tags.len() && tags.iter().all(|tag| is_tag(tag))
            });
            even && told
        };
        let names = |name: &Option<String>| name.as_deref().and_then(|name| self.find(name));
        let texts: Vec<usize> = match names(&wanted.word) {
            Some(column) => vec![column],
            None => WORDS.iter().filter_map(|name| self.find(name)).collect(),
        };
        let single = |column: &usize| {
            matches!(self.names.get(*column).map(String::as_str), Some("word" | "token"))
        };
        for text in texts {
            let mut tags: Vec<usize> = match names(&wanted.tag) {
                Some(column) => vec![column],
                None => self.tag_columns().collect(),
            };
            tags.retain(|tags| *tags != text);
            // A column called `word` has one a row, unless its cells are lists.
            if single(&text) && !self.cells(text).all(|cell| cell.starts_with('[')) {
                continue;
            }
            if let Some(annotation) = tags.into_iter().find(|tags| fits(text, *tags)) {
                let id = self.id(wanted).filter(|id| ![text, annotation].contains(id));
                return Some(Wide { row: Row::Words, text, annotation, id });
            }
        }
        None
    }

    fn id(&self, wanted: &CsvColumns) -> Option<usize> {
        let named = wanted.document.as_deref().map(|name| self.find(name));
        named.unwrap_or_else(|| self.first(IDS)).filter(|id| {
            // A name on each row, of which each is another.
            let mut names: Vec<&str> = self.cells(*id).collect();
            names.sort_unstable();
            names.windows(2).all(|pair| pair[0] != pair[1]) && names.len() == self.rows.len()
        })
    }
}

/// A tag, or the number of one.
fn is_tag(text: &str) -> bool {
    looks_like_tag(text) || text.parse::<i64>().is_ok() || text == "_"
}

/// The words of a cell, and the tags of another one: lists, or texts of items that white space parts,
/// tags also with commas between them.
pub(super) fn words_and_tags(text: &str, tags: &str) -> Option<(Vec<String>, Vec<String>)> {
    let tags = match list(tags) {
        Some(tags) => tags,
        None => {
            let comma = |c: char| c == ',' || c.is_whitespace();
            tags.split(comma).filter(|tag| !tag.is_empty()).map(str::to_owned).collect()
        }
    };
    let words = match list(text).filter(|words| words.len() == tags.len()) {
        Some(words) => words,
        None => text.split_whitespace().map(str::to_owned).collect(),
    };
    (!tags.is_empty()).then_some((words, tags))
}

/// The elements of a list.
fn list(text: &str) -> Option<Vec<String>> {
    if !text.trim_start().starts_with(['[', '(', 'a']) {
        return None;
    }
    let Value::Array(items) = literal::parse(text)? else { return None };
    let item = |item: Value| match item {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    items.into_iter().map(item).collect()
}

/// True for a cell that is empty, also as pandas and databases write it.
pub(super) fn is_empty(cell: &str) -> bool {
    matches!(cell.trim(), "" | "nan" | "NaN" | "NULL" | "null" | "None" | "<NA>")
}

/// True if the header may be one of such a table, which its rows then show.
pub(super) fn may_be(header: &[&str]) -> bool {
    let is =
        |names: &[&str], own: &str| names.iter().any(|name| own.trim().eq_ignore_ascii_case(name));
    let has = |names: &[&str]| header.iter().any(|own| is(names, own));
    (has(WORDS) || has(SENTENCES)) && (has(TAGS) || has(MORE_TAGS))
}
