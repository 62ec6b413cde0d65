//! A first row that names the columns.

use ner_align_core::{Finding, Location, Severity, Tag};

use super::Sample;
use super::names::{OTHERS, TAGS, WORDS};
use crate::formats::conll::columns::resolve;
use crate::formats::tagged::looks_like_tag;
use crate::text::shorten;

/// Rows that must have tags, so that a row without one is a header by that alone.
const ENOUGH: usize = 5;

/// What a header says.
pub(super) struct Header {
    names: Vec<String>,
    pub(super) word: Option<usize>,
    pub(super) tag: Option<usize>,
    /// Further columns of tags.
    levels: Vec<usize>,
    /// It is that of a file of HIPE.
    pub(super) hipe: bool,
}

/// The header, if the first row is one.
pub(super) fn of(sample: &Sample<'_>, width: usize, tag_column: Option<i64>) -> Option<Header> {
    let cells: Vec<&str> = sample.cells(0).iter().map(|cell| cell.trim()).collect();
    let tag_at = resolve(tag_column.unwrap_or(-1), cells.len())?;
    if cells.len() != width || sample.len() < 2 || looks_like_tag(cells.get(tag_at)?) {
        return None;
    }
    let lower: Vec<String> = cells.iter().map(|cell| cell.to_ascii_lowercase()).collect();
    let find = |names: &[&str]| names.iter().find_map(|name| lower.iter().position(|c| c == name));
    let word = find(&WORDS);
    let tag = find(&TAGS).filter(|tag| Some(*tag) != word);
    let told = word.is_some() && (tag.is_some() || find(&OTHERS).is_some());
    if !told && !stands_out(sample, width, tag_at) {
        return None;
    }
    let hipe = lower.iter().any(|name| name.starts_with("ne-coarse"));
    let is_level = |at: &usize| {
        let name = lower.get(*at).map_or("", String::as_str);
        Some(*at) != tag && (name.starts_with("ne-") || TAGS.contains(&name))
    };
    Some(Header {
        levels: (0..lower.len()).filter(is_level).collect(),
        names: cells.iter().map(|cell| shorten(cell)).collect(),
        word: word.filter(|_| told),
        tag: tag.filter(|_| told),
        hipe,
    })
}

/// True if all rows but the first have tags in this column, and the first has neither a tag there nor
/// a type of theirs.
fn stands_out(sample: &Sample<'_>, width: usize, column: usize) -> bool {
    let mut cells = sample.column(width, column);
    let Some(first) = cells.next().filter(|c| c.starts_with(char::is_alphabetic) && c.len() > 1)
    else {
        return false;
    };
    let (mut rows, mut entities) = (0, false);
    for cell in cells {
        match Tag::split(cell) {
            Ok(Some((_, label))) if label != first => entities = true,
            Ok(None) => {}
            _ => return false,
        }
        rows += 1;
    }
    // `B-` and `X-PER` are tags with a fault.
    entities && rows >= ENOUGH && first.as_bytes().get(1) != Some(&b'-')
}

impl Header {
    /// What is said of it; it is still in the sample.
    pub(super) fn finding(&self, sample: &Sample<'_>) -> Finding {
        let name = |at: usize| self.names.get(at).map_or("", String::as_str);
        let mut message = format!(
            "expected a word and a tag in the first row, found names of columns, {:?}; it is no word",
            shorten(&self.names.join(", "))
        );
        if let Some(word) = self.word {
            message += &format!("; words are read from {:?}", name(word));
        }
        if let Some(tag) = self.tag {
            message += &format!("; tags from {:?}", name(tag));
        }
        let levels: Vec<String> = (self.levels.iter())
            .map(|at| format!("{:?} (`tag_column: {at}`)", name(*at)))
            .collect();
        if !levels.is_empty() {
            message += &format!("; other tags are left out: {}", levels.join(", "));
        }
        let place = Location::default().with_line(sample.number(0));
        Finding::new(Severity::Info, "header", message).at(place)
    }
}
