//! Lines of an annotation file.

use ner_align_core::{CharSpan, Label};

use crate::CorpusError;
use crate::formats::standoff::number;
use crate::text::shorten;

/// What a line says.
#[derive(Debug)]
pub(super) enum Line<'a> {
    Entity(Entity<'a>),
    /// Something that is not kept, by its kind.
    Other(&'static str),
}

/// `T1`, tab, label and offsets, tab, text.
#[derive(Debug)]
pub(super) struct Entity<'a> {
    pub(super) id: &'a str,
    pub(super) label: Label,
    pub(super) pieces: Vec<CharSpan>,
    /// The text as the line has it; empty where it has none.
    pub(super) text: &'a str,
}

/// Reads a line that is not blank. An error lacks its path and line, and has its column.
pub(super) fn parse(line: &str) -> Result<Line<'_>, Fault> {
    let told = line.contains('\t');
    let kind = match line.as_bytes().first() {
        Some(b'T') => return entity(line).map(Line::Entity),
        Some(b'#') => "notes",
        Some(b'R') if told => "relations",
        Some(b'E') if told => "events",
        Some(b'A' | b'M') if told => "attributes",
        Some(b'N') if told => "normalizations",
        Some(b'*') if told => "equivalences",
        _ => {
            let expected = "an annotation: one of the signs T, R, E, A, M, N, #, *, and a tab";
            return Err(Fault::new(line, line, expected));
        }
    };
    Ok(Line::Other(kind))
}

/// A part of a line that is not what it should be.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) column: u64,
    expected: &'static str,
    found: String,
}

impl Fault {
    /// `part` is a part of `line`.
    fn new(line: &str, part: &str, expected: &'static str) -> Self {
        // Where in memory a part of a string lies says where in the string it stands.
        let before = (part.as_ptr() as usize).saturating_sub(line.as_ptr() as usize);
        let column = line.get(..before).map_or(0, |before| before.chars().count()) as u64 + 1;
        Self { column, expected, found: format!("{:?}", shorten(part)) }
    }

    pub(super) fn into_error(self) -> CorpusError {
        let error = CorpusError::input("brat", self.expected, self.found);
        error.with_hint("an entity is written as T1, tab, LABEL START END, tab, its text")
    }
}

fn entity(line: &str) -> Result<Entity<'_>, Fault> {
    let mut fields = line.splitn(3, '\t');
    let id = fields.next().unwrap_or_default();
    let Some(middle) = fields.next() else {
        return Err(Fault::new(line, line, "a tab after the number of the entity"));
    };
    let text = fields.next().unwrap_or_default();
    let (name, offsets) = middle.split_once(' ').unwrap_or((middle, ""));
    let Some(label) = Label::new(name) else {
        return Err(Fault::new(line, middle, "a label and offsets"));
    };
    let mut pieces = Vec::new();
    for piece in offsets.split(';') {
        let expected = "two offsets, whole numbers of 0 or more, parted by a space";
        let span = piece
            .split_once(' ')
            .and_then(|(start, end)| Some(CharSpan::new(number(start)?, number(end)?)));
        pieces.push(span.ok_or_else(|| Fault::new(line, piece, expected))?);
    }
    Ok(Entity { id, label, pieces, text })
}
