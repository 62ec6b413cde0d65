//! What the start of a table says about the rest of it.

use csv::StringRecord;
use ner_align_core::Scheme;

use super::layout::Layout;
use super::rows::parser;
use super::wide::{Row, Wide, is_empty, may_be, words_and_tags};
use crate::contract::{CsvColumns, Delimiter};
use crate::formats::tagged::{SchemeGuess, TagStyle, named_tag, scheme_and_style};
use crate::{CorpusError, ErrorKind};

/// The byte that parts the columns: the one that was named, or the one that parts the header into
/// the most fields.
pub(super) fn delimiter(named: Delimiter, head: &str) -> Result<u8, CorpusError> {
    let told = match named {
        Delimiter::Auto => Some(told(head)),
        Delimiter::Tab => Some(b'\t'),
        Delimiter::Space => None,
        Delimiter::Char(character) => {
            u8::try_from(character).ok().filter(|byte| byte.is_ascii() && !b"\"\0".contains(byte))
        }
    };
    told.ok_or_else(|| {
        let expected = "one ASCII character, tab or auto as the delimiter of csv";
        CorpusError::new(ErrorKind::Usage, "unknown-delimiter", expected, "another")
            .with_hint("name it with `delimiter`")
    })
}

/// The first line that is not blank.
fn first_line(head: &str) -> &str {
    head.lines().find(|line| !line.trim().is_empty()).unwrap_or_default()
}

fn told(head: &str) -> u8 {
    let line = first_line(head);
    let count = |byte: u8| line.bytes().filter(|own| *own == byte).count();
    let mut best = b',';
    for byte in [b';', b'\t'] {
        if count(byte) > count(best) {
            best = byte;
        }
    }
    best
}

/// True if the first line is a header of words, tags and sentences or documents.
pub(crate) fn has_header(head: &str) -> bool {
    let line = first_line(head);
    let mut header = StringRecord::new();
    let read = parser(line.as_bytes(), told(line)).read_record(&mut header);
    let names: Vec<&str> = header.iter().collect();
    read.is_ok()
        && (Layout::is_told(&names)
            || (may_be(&names)
                && Wide::of(head, false, told(line), &CsvColumns::default()).is_some()))
}

/// What the rows at the start of a table show.
pub(super) struct Told {
    pub(super) scheme: Scheme,
    pub(super) style: TagStyle,
    /// All tags are numbers, and not all of them 0: the first one.
    pub(super) number: Option<String>,
    /// Documents are named on their first row only.
    pub(super) sparse_documents: bool,
}

/// Looks at the rows of `head` after the header. The last one may be cut off.
pub(super) fn look(head: &str, delimiter: u8, layout: Layout) -> Told {
    let (scheme, style) =
        scheme_and_style(usize::MAX, |guess| push_tags(head, delimiter, layout, guess));
    let mut rows = parser(head.as_bytes(), delimiter);
    let mut row = StringRecord::new();
    let (mut named, mut nameless) = (0, 0);
    let (mut sentence, mut number, mut numbers) = (String::new(), None, true);
    let _ = rows.read_record(&mut row);
    while let Ok(true) = rows.read_record(&mut row) {
        let field = |column: Option<usize>| column.and_then(|c| row.get(c)).unwrap_or_default();
        let id = field(layout.sentence).trim();
        if begins(&row, id, &sentence) {
            id.clone_into(&mut sentence);
        } else if is_empty(field(layout.document)) {
            nameless += 1;
        } else {
            named += 1;
        }
        let tag = field(Some(layout.tag)).trim();
        numbers &= tag.is_empty() || tag.parse::<i64>().is_ok();
        if numbers && number.is_none() && !matches!(tag, "" | "0") {
            number = Some(tag.to_owned());
        }
    }
    Told { scheme, style, number: number.filter(|_| numbers), sparse_documents: nameless > named }
}

/// True if a row begins a sentence, or parts two.
fn begins(row: &StringRecord, id: &str, sentence: &str) -> bool {
    row.iter().all(|field| field.trim().is_empty()) || (!is_empty(id) && id != sentence)
}

fn push_tags(head: &str, delimiter: u8, layout: Layout, guess: &mut SchemeGuess) {
    let mut rows = parser(head.as_bytes(), delimiter);
    let mut row = StringRecord::new();
    let mut sentence = String::new();
    let _ = rows.read_record(&mut row);
    while let Ok(true) = rows.read_record(&mut row) {
        let field = |column: Option<usize>| column.and_then(|c| row.get(c)).unwrap_or_default();
        let id = field(layout.sentence).trim();
        if begins(&row, id, &sentence) {
            guess.end_sentence();
            id.clone_into(&mut sentence);
        }
        if !row.iter().all(|field| field.trim().is_empty()) {
            guess.push(field(Some(layout.tag)).trim());
        }
    }
}

/// The scheme and the spelling of the tags of a table with a sentence a row.
pub(super) fn look_wide(
    head: &str,
    delimiter: u8,
    wide: Wide,
    names: Option<&[String]>,
) -> (Scheme, TagStyle) {
    scheme_and_style(usize::MAX, |guess| {
        let mut rows = parser(head.as_bytes(), delimiter);
        let mut row = StringRecord::new();
        let _ = rows.read_record(&mut row);
        while wide.row == Row::Words && matches!(rows.read_record(&mut row), Ok(true)) {
            let cells = row.get(wide.text).zip(row.get(wide.annotation));
            let tags = cells.and_then(|(text, tags)| words_and_tags(text, tags));
            for tag in tags.map_or_else(Vec::new, |(_, tags)| tags) {
                guess.push(named_tag(names, &tag).unwrap_or("O"));
            }
            guess.end_sentence();
        }
    })
}
