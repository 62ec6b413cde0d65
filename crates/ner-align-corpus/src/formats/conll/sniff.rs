//! What the start of a file says about the rest: its columns, its scheme, its document marks.

use std::io::{ErrorKind, Read};
use std::ops::Range;
use std::path::Path;

use memchr::memmem;
use ner_align_core::{Scheme, Tag};

use super::columns::{resolve, split, trim};
use crate::CorpusError;
use crate::contract::Delimiter;
use crate::formats::tagged::{DOCSTART, NEWDOC, SchemeGuess, is_blank};

/// Rows looked at to find the columns.
const LAYOUT_ROWS: usize = 2_000;

/// Runs of entity tags looked at to find the scheme.
const ENOUGH_RUNS: usize = 4_096;

/// Where a row has its word and its tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) token: i64,
    pub(super) tag: i64,
    /// The columns are not the usual ones, first and last.
    pub(super) guessed: bool,
}

/// What kind of line this is, apart from comments, which depend on what came before.
pub(super) fn is_row(line: &str) -> bool {
    !line.starts_with(DOCSTART) && !is_blank(line)
}

/// True if the first row has a tab. Where all lines look like comments, one with a tag after a tab
/// is a row.
pub(super) fn has_tabs(head: &str) -> bool {
    let plain = lines(head).find(|line| is_row(line) && !line.starts_with("# "));
    let tagged =
        |line: &str| line.rsplit_once('\t').is_some_and(|(_, last)| Tag::parse(trim(last)).is_ok());
    match plain {
        Some(line) => line.contains('\t'),
        None => lines(head).any(|line| is_row(line) && tagged(line)),
    }
}

/// True if a line of `bytes` bounds a document; `whole_lines` if the first line is not cut.
pub(super) fn has_marks(bytes: &[u8], whole_lines: bool) -> bool {
    // As `is_newdoc` has it; `# newdocument` is another comment.
    let newdoc = |end: usize| matches!(bytes.get(end), Some(b' ' | b'=' | b'\n' | b'\r'));
    let first = whole_lines
        && (bytes.starts_with(DOCSTART.as_bytes())
            || (bytes.starts_with(NEWDOC.as_bytes()) && newdoc(NEWDOC.len())));
    first
        || memmem::find(bytes, b"\n-DOCSTART-").is_some()
        || memmem::find_iter(bytes, b"\n# newdoc").any(|at| newdoc(at + 1 + NEWDOC.len()))
}

/// True if a document is marked anywhere in a file, which is looked through in blocks.
pub(super) fn file_has_marks(path: &Path) -> Result<bool, CorpusError> {
    // No mark with its line end is longer; one that is cut is found with the next block.
    const OVERLAP: usize = DOCSTART.len();
    let mut file = crate::io::open_file(path)?;
    let mut block = vec![0; 1 << 18];
    let mut kept = 0;
    loop {
        let read = match file.read(&mut block[kept..]) {
            Ok(0) => return Ok(false),
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(CorpusError::read(path, error)),
        };
        let end = kept + read;
        if has_marks(&block[..end], false) {
            return Ok(true);
        }
        let from = end.saturating_sub(OVERLAP);
        block.copy_within(from..end, 0);
        kept = end - from;
    }
}

/// The lines of `head`, without their ends.
fn lines(head: &str) -> impl Iterator<Item = &str> {
    let mut start = 0;
    memchr::memchr_iter(b'\n', head.as_bytes()).chain([head.len()]).map_while(move |end| {
        let line = head.get(start..end)?;
        start = end + 1;
        Some(line.strip_suffix('\r').unwrap_or(line))
    })
}

/// First and last column, unless the last one never holds a tag and another one always does, as in
/// the `.iob2` files of Universal NER, which put the annotator last. A first column that counts
/// the words is then no token.
pub(super) fn layout(head: &str, delimiter: Delimiter) -> Layout {
    let usual = Layout { token: 0, tag: -1, guessed: false };
    let mut fields: Vec<Range<usize>> = Vec::new();
    // By column: rows with a tag in it, rows with an annotated word in it.
    let mut tags: Vec<(usize, usize)> = Vec::new();
    let (mut rows, mut counting, mut number) = (0, true, 0_usize);
    for line in lines(head) {
        if !is_row(line) {
            number = 0;
            continue;
        }
        if line.starts_with("# ") {
            continue;
        }
        split(line, delimiter, &mut fields);
        if rows > 0 && fields.len() != tags.len() {
            return usual;
        }
        tags.resize(fields.len(), (0, 0));
        for ((tags, annotated), field) in tags.iter_mut().zip(&fields) {
            let tag = Tag::parse(&line[field.clone()]);
            *tags += usize::from(tag.is_ok());
            *annotated += usize::from(tag.is_ok_and(|tag| tag != Tag::Missing));
        }
        rows += 1;
        number += 1;
        counting &= fields.first().is_some_and(|f| line[f.clone()].parse() == Ok(number));
        if rows == LAYOUT_ROWS {
            break;
        }
    }
    let Some((_, inner)) = tags.split_last().filter(|(last, _)| last.1 == 0) else { return usual };
    let token = i64::from(counting);
    (token + 1..)
        .zip(inner.iter().skip(usize::from(counting) + 1))
        .filter(|(_, (tags, annotated))| *tags == rows && *annotated > 0)
        .last()
        .map_or(usual, |(tag, _)| Layout { token, tag, guessed: true })
}

/// The scheme that fits the tags of `head` best.
pub(super) fn scheme(head: &str, delimiter: Delimiter, tag_column: i64) -> Scheme {
    let mut guess = SchemeGuess::after(ENOUGH_RUNS);
    let mut fields = Vec::new();
    for line in lines(head) {
        if !is_row(line) {
            guess.end_sentence();
            continue;
        }
        split(line, delimiter, &mut fields);
        let field = resolve(tag_column, fields.len()).and_then(|i| fields.get(i));
        let Some(field) = field.filter(|_| fields.len() > 1) else { continue };
        let tag = trim(&line[field.clone()]);
        // The last word of a comment is no tag.
        if line.starts_with("# ") && guess.is_outside() && guess.is_misspelled(tag) {
            continue;
        }
        guess.push(tag);
    }
    guess.scheme()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found() {
        let guess = |token, tag| Layout { token, tag, guessed: true };
        let usual = Layout { token: 0, tag: -1, guessed: false };
        for (head, expected) in [
            ("a\tO\nb\tB-X\n", usual),
            ("1\ta\tO\t-\t-\n2\tb\tB-X\t-\tann\n\n1\tc\tO\t-\t-\n", guess(1, 2)),
            ("a\tO\t_\nb\tB-X\t_\n", guess(0, 1)),
            // Nothing is known of any column, or of too many: the usual ones.
            ("a\t-\nb\t-\n", usual),
            ("1 2 3\n", usual),
            ("a\tTIM\nb\tTIM\n", usual),
            ("", usual),
        ] {
            assert_eq!(layout(head, Delimiter::Auto), expected, "{head:?}");
        }
    }

    #[test]
    fn schemes_are_found() {
        for (head, expected) in [
            ("a B-X\nb I-X\nc O\n", Scheme::Iob2),
            ("a I-X\nb I-X\nc O\n", Scheme::Io),
            ("a I-X\nb B-X\nc O\n", Scheme::Iob1),
            ("a B-X\nb E-X\nc S-X\n", Scheme::Iobes),
            ("# id = U-X1\na B-X\nb L-X\nc U-X\n", Scheme::Biluo),
            ("a I-X\nb E-X\nc E-X\n", Scheme::Ioe2),
            ("a O\n", Scheme::Iob2),
            ("", Scheme::Iob2),
        ] {
            assert_eq!(scheme(head, Delimiter::Auto, -1), expected, "{head:?}");
        }
    }
}
