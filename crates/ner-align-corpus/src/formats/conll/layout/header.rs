//! A first row that names the columns.

use ner_align_core::{Finding, Location, Severity, Tag};

use super::Sample;
use super::names::{OTHERS, TAGS, WORDS};
use crate::CorpusError;
use crate::contract::CsvColumns;
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
    /// The column that was named as that of `NoSpaceAfter`.
    pub(super) misc: Option<usize>,
    /// The column that has `NoSpaceAfter`, where none was named.
    unnamed_misc: Option<usize>,
}

/// The header, if the first row is one. `wanted` names columns.
pub(super) fn of(
    sample: &Sample<'_>,
    width: usize,
    tag_column: Option<i64>,
    wanted: &CsvColumns,
) -> Option<Header> {
    let cells: Vec<&str> = sample.cells(0).iter().map(|cell| cell.trim()).collect();
    let tag_at = resolve(tag_column.unwrap_or(-1), cells.len())?;
    if cells.len() != width || sample.len() < 2 || looks_like_tag(cells.get(tag_at)?) {
        return None;
    }
    let lower: Vec<String> = cells.iter().map(|cell| cell.to_ascii_lowercase()).collect();
    let find = |names: &[&str]| names.iter().find_map(|name| lower.iter().position(|c| c == name));
    let named = |name: &Option<String>| {
        let name = name.as_deref().map(str::to_ascii_lowercase)?;
        lower.iter().position(|own| *own == name)
    };
    let word = named(&wanted.word).or_else(|| find(&WORDS));
    let tag = named(&wanted.tag).or_else(|| find(&TAGS).filter(|tag| Some(*tag) != word));
    let told = named(&wanted.word).or(named(&wanted.tag)).is_some()
        || word.is_some() && (tag.is_some() || find(&OTHERS).is_some());
    if !told && !stands_out(sample, width, tag_at) {
        return None;
    }
    let hipe = lower.iter().any(|name| name.starts_with("ne-coarse"));
    let is_level = |at: &usize| {
        let name = lower.get(*at).map_or("", String::as_str);
        Some(*at) != tag && (name.starts_with("ne-") || TAGS.contains(&name))
    };
    let misc = find(&["misc"]).filter(|at| sample.column(width, *at).any(says_no_space));
    let named_misc = named(&wanted.misc);
    Some(Header {
        misc: named_misc,
        unnamed_misc: misc.filter(|_| named_misc.is_none()),
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

/// True if a field of HIPE says that no space follows its word.
pub(in crate::formats::conll) fn says_no_space(field: &str) -> bool {
    field.split(['|', ',']).any(|part| part.trim() == "NoSpaceAfter")
}

impl Header {
    /// The error for a name that the header does not have, without its place.
    pub(super) fn missing(&self, wanted: &CsvColumns) -> Option<CorpusError> {
        let lacks = |name: &&String| !self.names.iter().any(|own| own.eq_ignore_ascii_case(name));
        let names = [&wanted.word, &wanted.tag, &wanted.misc];
        let name = names.into_iter().flatten().find(lacks)?;
        let found = format!("the columns {:?}", shorten(&self.names.join(", ")));
        let error = CorpusError::input("no-column", format!("a column {:?}", shorten(name)), found);
        Some(error.with_hint("`columns` names the columns of the header: word, tag, misc"))
    }

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
        if let Some(misc) = self.unnamed_misc {
            let misc = name(misc);
            message += &format!(
                "; words are joined by spaces, {misc:?} says where the text has none (`columns: misc={misc}` \
                 reads it)"
            );
        }
        let place = Location::default().with_line(sample.number(0));
        Finding::new(Severity::Info, "header", message).at(place)
    }
}
