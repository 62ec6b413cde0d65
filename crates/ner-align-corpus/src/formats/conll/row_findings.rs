//! What a reader has to say about a row, still without its place.

use ner_align_core::{Finding, Severity, Tag};

use crate::CorpusError;
use crate::contract::Delimiter;
use crate::text::shorten;

/// The finding of a row of `count` columns where the first row had `width`.
pub(super) fn ragged(width: usize, count: usize, line: &str, word: &str, tag: &str) -> Finding {
    let message = format!("expected {width} columns as in the first row, found {count}");
    Finding::new(Severity::Warning, "ragged-row", message)
        .with_text(shorten(line))
        .with_hint(format!("{tag:?} is read as the tag of {word:?}"))
}

/// The error for lines that end in CR alone, still without its place.
pub(super) fn bare_cr() -> CorpusError {
    CorpusError::input("bare-cr", "lines that end in LF or CRLF", "CR alone")
        .with_hint("convert the line ends, for example with tr '\\r' '\\n'")
}

/// The text where nothing is annotated: a field that is no tag says nothing of its word.
pub(super) fn if_tag(text: &str) -> &str {
    if Tag::parse(text).is_ok() { text } else { "-" }
}

/// What a row should have had.
pub(super) struct Wanted {
    pub(super) token_column: i64,
    pub(super) tag_column: i64,
    pub(super) delimiter: Delimiter,
    /// Columns of the rows before.
    pub(super) width: usize,
}

/// The character before the tag that a row of one column ends with.
fn separator(line: &str) -> Option<char> {
    let mark = |mark: char| {
        let (word, tag) = line.trim().rsplit_once(mark)?;
        // A type by itself may be any word.
        let is_tag = tag == "O" || (tag.get(1..2) == Some("-") && Tag::parse(tag).is_ok());
        (!word.is_empty() && is_tag).then_some(mark)
    };
    [';', ',', '|', ':'].into_iter().find_map(mark)
}

/// The error for a row without a word or a tag, still without its place.
pub(super) fn too_few_columns(wanted: &Wanted, line: &str, count: usize) -> CorpusError {
    let shown = shorten(line);
    let columns = if count == 1 { "column" } else { "columns" };
    let found = format!("{count} {columns} in {shown:?}");
    let usual = (wanted.token_column, wanted.tag_column) == (0, -1);
    let (code, expected) = if usual {
        ("one-column", "a word and a tag".to_owned())
    } else {
        let name = |column: i64| if column < 0 { column } else { column.saturating_add(1) };
        let (token, tag) = (name(wanted.token_column), name(wanted.tag_column));
        ("missing-column", format!("a word in column {token} and a tag in column {tag}"))
    };
    let hint = if !usual {
        "`token_column` and `tag_column` count from 0, or from the end with -1".to_owned()
    } else if wanted.width > 1 {
        format!(
            "rows before have {} columns; the row may be cut off, or be a comment",
            wanted.width
        )
    } else if let Some(mark) = separator(line).filter(|_| wanted.delimiter == Delimiter::Auto) {
        format!("the columns look separated by {mark:?}: `delimiter: '{mark}'`")
    } else if matches!(wanted.delimiter, Delimiter::Auto | Delimiter::Space) {
        "name the delimiter of the columns with `delimiter`, and the tag's column with `tag_column`"
            .to_owned()
    } else {
        "the delimiter does not occur in this row; see `delimiter`".to_owned()
    };
    CorpusError::input(code, expected, found).with_hint(hint)
}
