//! Lines that start with `#`: comments in the forms that tools write, marks of documents, and rows
//! whose word starts so.

use std::ops::Range;

use ner_align_core::{Finding, Severity, Tag};

use super::brackets;
use super::columns::{resolve, split, trim};
use super::layout::{Annotation, Layout};
use crate::contract::Delimiter;
use crate::formats::tagged::looks_like_tag;
use crate::text::shorten;

const BEGIN: &str = "#begin document";
const END: &str = "#end document";

/// What a line is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hash {
    /// A word and its tag.
    Row,
    /// A comment.
    Comment,
    /// The start of a document with this name.
    Begin(Option<String>),
    /// The end of a document.
    End,
}

/// What a line that starts with `#` is. A row has as many fields as the other rows and a tag where
/// they have theirs. In a file whose columns are parted by tabs the whole line is one field unless it
/// has one, so that a comment may end in any word.
pub(super) fn kind(
    line: &str,
    layout: &Layout,
    delimiter: Delimiter,
    tabs: bool,
    fields: &mut Vec<Range<usize>>,
) -> Hash {
    if is_row(line, layout, delimiter, tabs, fields) {
        return Hash::Row;
    }
    if let Some(rest) = line.strip_prefix(BEGIN) {
        return Hash::Begin(name(rest));
    }
    if line.starts_with(END) { Hash::End } else { Hash::Comment }
}

/// True if a line of the text starts a document in CoNLL-2012.
pub(super) fn has_begin(head: &str) -> bool {
    let bytes = head.as_bytes();
    let starts = |at: &usize| *at == 0 || bytes.get(at - 1) == Some(&b'\n');
    let mut places = memchr::memmem::find_iter(bytes, BEGIN.as_bytes()).filter(starts);
    places.any(|at| head.get(at..).and_then(|rest| rest.lines().next()).is_some_and(is_begin))
}

/// True if the line starts a document in CoNLL-2012.
fn is_begin(line: &str) -> bool {
    line.strip_prefix(BEGIN)
        .is_some_and(|rest| rest.starts_with([' ', '\t']) && !rest.ends_with("\tO"))
}

/// The name of a document in a comment of HIPE: `# document_id = X`, `# hipe2022:document_id = X`.
pub(super) fn hipe_document(line: &str) -> Option<&str> {
    let (key, name) = line.strip_prefix("# ")?.split_once('=')?;
    let key = key.trim();
    (key == "document_id" || key.ends_with(":document_id")).then_some(name.trim())
}

/// The name in ` (nw/xx/00/xx_0001); part 000`.
fn name(rest: &str) -> Option<String> {
    let rest = rest.trim();
    let (name, part) = rest.split_once(';').unwrap_or((rest, ""));
    let inner = name.trim().strip_prefix('(').and_then(|name| name.strip_suffix(')'));
    let name = inner.unwrap_or(name).trim();
    let part = part.trim();
    match (name, part) {
        ("", _) => None,
        (name, "") => Some(name.to_owned()),
        (name, part) => Some(format!("{name}; {part}")),
    }
}

fn is_row(
    line: &str,
    layout: &Layout,
    delimiter: Delimiter,
    tabs: bool,
    fields: &mut Vec<Range<usize>>,
) -> bool {
    if tabs && !line.contains('\t') {
        return false;
    }
    split(line, delimiter, fields);
    let count = fields.len();
    if layout.annotation == Annotation::Ontonotes || count < 2 {
        return false;
    }
    let Some(tag) = resolve(layout.tag, count).and_then(|at| fields.get(at)) else { return false };
    let tag = trim(&line[tag.clone()]);
    let even = layout.width.is_none_or(|width| width == count);
    match layout.annotation {
        Annotation::Brackets => even && brackets::parse(tag).is_some(),
        _ if layout.known.contains(tag) => even,
        Annotation::Numbers => even && tag.parse::<i64>().is_ok(),
        // Where nothing is annotated a row has no tag that would tell it.
        Annotation::Nothing | Annotation::WordsAlone => even && tabs,
        _ => match Tag::parse(tag) {
            // A hyphen at the end of a longer line is taken for a dash.
            Ok(Tag::Missing) => even && (tabs || count == 2),
            Ok(_) => even,
            Err(_) => even && looks_like_tag(tag),
        },
    }
}

/// What is said of the first comment that is not `# …` before a sentence.
pub(super) fn other_comment(line: &str) -> Finding {
    let message = "expected comments that start with \"# \" and stand before a sentence, found \
                   another one, which is no word";
    Finding::new(Severity::Info, "other-comment", message).with_text(shorten(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_comments_are_told_apart() {
        let layout = |width| Layout::usual(Some(width));
        let begin = |name: &str| Hash::Begin(Some(name.to_owned()));
        for (line, width, tabs, expected) in [
            ("#\tO", 2, true, Hash::Row),
            ("#hashtag O", 2, false, Hash::Row),
            ("#hashtag\tB-X", 2, true, Hash::Row),
            ("# one\tO", 2, true, Hash::Row),
            ("#begin document\tO", 2, true, Hash::Row),
            ("#text", 2, false, Hash::Comment),
            ("#\thttp://example.org/A [2010]", 4, true, Hash::Comment),
            ("#\tsource O", 2, true, Hash::Comment),
            ("# text = vitamin O", 2, true, Hash::Comment),
            ("# text = vitamin O", 2, false, Hash::Comment),
            ("## id\t<a:OG> b", 2, true, Hash::Comment),
            ("# id 7 domain=en", 4, false, Hash::Comment),
            ("#begin document (nw/a_1); part 000", 2, false, begin("nw/a_1; part 000")),
            ("#begin document (nw/a_1)", 2, true, begin("nw/a_1")),
            ("#end document", 2, false, Hash::End),
        ] {
            let mut fields = Vec::new();
            let found = kind(line, &layout(width), Delimiter::Auto, tabs, &mut fields);
            assert_eq!(found, expected, "{line:?}");
        }
    }
}
