//! What the start of a file says about the rest: its scheme, its document marks.

use std::io::{ErrorKind, Read};
use std::path::Path;

use memchr::memmem;
use ner_align_core::{Scheme, Tag};

use super::columns::{pair, resolve, split, trim};
use super::layout::Layout;
use crate::CorpusError;
use crate::contract::Delimiter;
use crate::formats::tagged::{DOCSTART, NEWDOC, SchemeGuess, TagStyle, is_blank, scheme_and_style};

/// Runs of entity tags looked at to find the scheme.
const ENOUGH_RUNS: usize = 4_096;

/// What kind of line this is, apart from comments, which depend on what came before.
pub(super) fn is_row(line: &str) -> bool {
    !line.starts_with(DOCSTART) && !is_blank(line)
}

/// True if the first row has a tab. Where all lines look like comments, one with a tag after a tab
/// is a row.
pub(super) fn has_tabs(head: &str) -> bool {
    let plain = lines(head).find(|line| is_row(line) && !line.starts_with('#'));
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
pub(super) fn lines(head: &str) -> impl Iterator<Item = &str> {
    let mut start = 0;
    memchr::memchr_iter(b'\n', head.as_bytes()).chain([head.len()]).map_while(move |end| {
        let line = head.get(start..end)?;
        start = end + 1;
        Some(line.strip_suffix('\r').unwrap_or(line))
    })
}

/// The scheme that fits the tags of `head` best, and how they are spelled.
pub(super) fn scheme(head: &str, delimiter: Delimiter, layout: &Layout) -> (Scheme, TagStyle) {
    scheme_and_style(ENOUGH_RUNS, |guess| push_tags(head, delimiter, layout, guess))
}

fn push_tags(head: &str, delimiter: Delimiter, layout: &Layout, guess: &mut SchemeGuess) {
    let mut fields = Vec::new();
    let usual = layout.tag == -1;
    let pairs = match delimiter {
        Delimiter::Auto => usual.then(|| if has_tabs(head) { b'\t' } else { b' ' }),
        Delimiter::Tab => usual.then_some(b'\t'),
        Delimiter::Space => usual.then_some(b' '),
        Delimiter::Char(_) => None,
    };
    for line in lines(head) {
        if !is_row(line) {
            guess.end_sentence();
            continue;
        }
        let tag = match pairs.and_then(|between| pair(line, between)) {
            Some((_, tag)) => tag,
            None => {
                split(line, delimiter, &mut fields);
                let field = resolve(layout.tag, fields.len()).and_then(|i| fields.get(i));
                let Some(field) = field.filter(|_| fields.len() > 1) else { continue };
                trim(&line[field.clone()])
            }
        };
        // The last word of a comment or of a header is no tag.
        if line.starts_with('#') && guess.is_misspelled(tag) && !layout.known.contains(tag) {
            continue;
        }
        if layout.header.as_deref() != Some(line) {
            guess.push(tag);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let layout = Layout::usual(Some(2));
            assert_eq!(scheme(head, Delimiter::Auto, &layout).0, expected, "{head:?}");
        }
    }
}
