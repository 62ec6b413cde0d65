//! Which column of a row holds what: the ten of CoNLL-U, or those that CoNLL-U Plus names.

use super::misc::Misc;
use crate::CorpusError;
use crate::contract::CsvColumns;
use crate::text::shorten;

/// What the comment starts with that names the columns of CoNLL-U Plus.
const GLOBAL: &str = "# global.columns";

/// Columns of CoNLL-U.
const USUAL: usize = 10;

/// Names of a column of tags, in lower case and without the project before the colon.
const TAGS: [&str; 10] =
    ["ne", "ner", "ner_tag", "ne_tag", "nertag", "named_entity", "entity", "bio", "iob", "iob2"];

/// What `_` says in a column of tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blank {
    /// The word is in no entity: no other field of the column says so.
    Outside,
    /// Nobody annotated the word.
    Missing,
    /// The same, and all fields are so.
    Everywhere,
}

/// Where a row has what.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    /// Number of columns.
    pub(super) count: usize,
    pub(super) id: Option<usize>,
    pub(super) form: usize,
    pub(super) misc: Option<usize>,
    /// The column of tags; `None`: they stand in MISC.
    pub(super) tag: Option<usize>,
    /// The name of that column, or of all columns where none is one of tags.
    pub(super) name: Option<String>,
    blank: Blank,
}

/// The names in a comment of CoNLL-U Plus.
fn names(line: &str) -> Option<Vec<&str>> {
    let names = line.strip_prefix(GLOBAL)?.trim_start().strip_prefix('=')?;
    Some(names.split_whitespace().collect())
}

/// True for the comment that names the columns, which is true of its own file only.
pub(super) fn is_global(comment: &str) -> bool {
    names(comment).is_some()
}

/// The comment before the first row that names the columns.
fn global(head: &str) -> Option<Vec<&str>> {
    let comments = head.lines().map(|line| line.trim_start_matches('\u{feff}'));
    comments.take_while(|line| line.starts_with('#') || line.trim().is_empty()).find_map(names)
}

/// True if the text names its columns, and the first row has as many.
pub(crate) fn is_plus(head: &str) -> bool {
    let row = head.lines().find(|line| !line.starts_with('#') && !line.trim().is_empty());
    global(head).is_some_and(|names| {
        names.contains(&"FORM") && row.is_none_or(|row| row.split('\t').count() == names.len())
    })
}

/// The rows of a text, as fields.
fn rows(head: &str) -> impl Iterator<Item = Vec<&str>> {
    let rows = head.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    rows.map(|row| row.split('\t').collect())
}

impl Columns {
    /// The columns of a source that starts with `head`. The error lacks its place.
    pub(super) fn of(head: &str, wanted: &CsvColumns) -> Result<Self, CorpusError> {
        let Some(names) = global(head) else {
            return Ok(Self {
                count: USUAL,
                id: Some(0),
                form: 1,
                misc: Some(USUAL - 1),
                tag: None,
                name: None,
                blank: Blank::Missing,
            });
        };
        let find = |name: &str| names.iter().position(|own| own.eq_ignore_ascii_case(name));
        let named = |name: &Option<String>| match name.as_deref() {
            None => Ok(None),
            Some(name) => find(name).map(Some).ok_or_else(|| no_column(name, &names)),
        };
        let form = named(&wanted.word)?.or_else(|| find("FORM"));
        let form = form.ok_or_else(|| no_column("FORM", &names))?;
        let base = |name: &str| name.rsplit(':').next().unwrap_or_default().to_ascii_lowercase();
        let usual = || TAGS.iter().find_map(|tag| names.iter().position(|name| base(name) == *tag));
        let tag = named(&wanted.tag)?.or_else(usual);
        let name = match tag {
            Some(tag) => names.get(tag).map(|name| shorten(name)),
            None => Some(shorten(&names.join(" "))),
        };
        let columns = Self {
            count: names.len(),
            id: find("ID"),
            form,
            misc: find("MISC"),
            tag,
            name,
            blank: Blank::Missing,
        };
        columns.look(head)
    }

    /// Looks at the tags: what `_` says, and whether they are tags.
    fn look(self, head: &str) -> Result<Self, CorpusError> {
        let Some(tag) = self.tag else { return Ok(self) };
        let (mut outside, mut others) = (false, false);
        for row in rows(head) {
            let Some(cell) = row.get(tag).filter(|_| row.len() == self.count) else { continue };
            if is_code(cell) {
                let name = self.name.as_deref().unwrap_or_default();
                let found = format!("codes of PARSEME such as {cell:?} in column {name:?}");
                return Err(CorpusError::input("parseme-codes", "tags such as B-PER", found)
                    .with_hint(
                        "write B-TYPE for a code with a type, I-TYPE for the words after it, O for *; or \
                         name another column with `columns: tag=NAME`",
                    ));
            }
            match *cell {
                "O" | "*" => outside = true,
                "_" => {}
                _ => others = true,
            }
        }
        let blank = match (outside, others) {
            (true, _) => Blank::Missing,
            (false, true) => Blank::Outside,
            (false, false) => Blank::Everywhere,
        };
        Ok(Self { blank, ..self })
    }

    /// The tag of a row, as it is spelled; `None` where it has none.
    pub(super) fn tag_of<'a>(&self, fields: &[&'a str], misc: &Misc<'a>) -> Option<&'a str> {
        let Some(at) = self.tag else { return misc.tag };
        match (*fields.get(at)?, self.blank) {
            ("*", _) | ("_", Blank::Outside) => Some("O"),
            ("_", Blank::Missing) => Some("-"),
            ("_", Blank::Everywhere) => None,
            (tag, _) => Some(tag),
        }
    }

    /// What a row without a tag says where others have one.
    pub(super) const fn untagged(&self) -> &'static str {
        if self.tag.is_some() { "-" } else { "O" }
    }

    /// The column in which a row has its tag, counted from 1.
    pub(super) fn tag_place(&self) -> u64 {
        self.tag.or(self.misc).map_or(1, |at| at as u64 + 1)
    }

    /// True if a field is of another kind than those that are read.
    pub(super) fn is_other(&self, column: usize) -> bool {
        let own = [self.id, Some(self.form), self.misc, self.tag];
        !own.contains(&Some(column))
    }

    /// True if `_` is read as `O`.
    pub(super) fn reads_blank_as_outside(&self) -> bool {
        self.tag.is_some() && self.blank == Blank::Outside
    }
}

/// A code of PARSEME: `1:PER`, `1`, `1;2:LOC`.
fn is_code(cell: &str) -> bool {
    let part = |part: &str| {
        let number = part.split_once(':').map_or(part, |(number, _)| number);
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    };
    cell.split(';').all(part)
}

fn no_column(name: &str, names: &[&str]) -> CorpusError {
    let found = format!("the columns {:?}", shorten(&names.join(" ")));
    CorpusError::input("no-column", format!("a column {:?}", shorten(name)), found)
        .with_hint("`columns: word=NAME,tag=NAME` names those of CoNLL-U Plus")
}
