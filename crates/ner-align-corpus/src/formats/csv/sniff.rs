//! What the start of a table says about the rest of it.

use csv::StringRecord;
use ner_align_core::Scheme;

use super::layout::Layout;
use super::rows::parser;
use crate::contract::Delimiter;
use crate::formats::tagged::SchemeGuess;
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
    read.is_ok() && Layout::is_told(&header.iter().collect::<Vec<_>>())
}

/// What the rows at the start of a table show.
pub(super) struct Told {
    pub(super) scheme: Scheme,
    /// Documents are named on their first row only.
    pub(super) sparse_documents: bool,
}

/// Looks at the rows of `head` after the header. The last one may be cut off.
pub(super) fn look(head: &str, delimiter: u8, layout: Layout) -> Told {
    let mut guess = SchemeGuess::default();
    let mut rows = parser(head.as_bytes(), delimiter);
    let mut row = StringRecord::new();
    let mut sentence = String::new();
    let (mut named, mut nameless) = (0, 0);
    let _ = rows.read_record(&mut row);
    while let Ok(true) = rows.read_record(&mut row) {
        let field = |column: Option<usize>| column.and_then(|c| row.get(c)).unwrap_or_default();
        let id = field(layout.sentence).trim();
        let blank = row.iter().all(|field| field.trim().is_empty());
        if blank || (!id.is_empty() && id != sentence) {
            guess.end_sentence();
            id.clone_into(&mut sentence);
        } else if field(layout.document).trim().is_empty() {
            nameless += 1;
        } else {
            named += 1;
        }
        if blank {
            continue;
        }
        guess.push(field(Some(layout.tag)).trim());
    }
    Told { scheme: guess.scheme(), sparse_documents: nameless > named }
}
