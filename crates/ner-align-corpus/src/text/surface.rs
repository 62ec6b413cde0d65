//! Spans whose source also says what they cover: whether their offsets count what they should.

use ner_align_core::{CharSpan, Finding, Severity};

use super::{CharMap, shorten};

/// The code of what [`surface_finding`] finds.
pub(crate) const SURFACE_MISMATCH: &str = "surface-mismatch";

/// What there is to say where `given`, the source's copy of a span's text, is not what stands at
/// the span; white space may differ. With `explain`, the units that offsets are mistaken for are
/// tried, which takes a look through the text.
pub(crate) fn surface_finding(
    map: &CharMap<'_>,
    text: &str,
    pieces: &[CharSpan],
    given: &str,
    explain: bool,
) -> Option<Finding> {
    let here = read(text, pieces, &|at| map.byte_of(at), &|at| map.byte_of(at));
    if here.as_deref().is_some_and(|here| same(here, given)) {
        return None;
    }
    let shown: Vec<String> = pieces.iter().map(|p| format!("{}..{}", p.start, p.end)).collect();
    let found = here.map_or_else(
        || format!("a text of {} characters", map.len()),
        |here| format!("{:?}", shorten(&here)),
    );
    let message = format!(
        "expected {:?} at {}, as the annotation says, found {found}",
        shorten(given),
        shown.join(" and ")
    );
    let finding =
        Finding::new(Severity::Warning, SURFACE_MISMATCH, message).with_text(shorten(given));
    Some(if explain { finding.with_hint(hint(map, text, pieces, given)) } else { finding })
}

/// What to do about offsets under which the text is another one.
fn hint(map: &CharMap<'_>, text: &str, pieces: &[CharSpan], given: &str) -> String {
    type Unit<'a> =
        (&'static str, &'a dyn Fn(usize) -> Option<usize>, &'a dyn Fn(usize) -> Option<usize>);
    let bytes = |at: usize| text.is_char_boundary(at).then_some(at);
    let utf16 = |at: usize| nth(text, at, |c| c.len_utf16());
    let one_line_end = |at: usize| nth(text, at, |c| usize::from(c != '\r'));
    let mark = usize::from(text.starts_with('\u{feff}'));
    let no_mark = |at: usize| at.checked_add(mark).and_then(|at| map.byte_of(at));
    let with_mark = |at: usize| at.checked_sub(1).and_then(|at| map.byte_of(at));
    let plain = |at: usize| map.byte_of(at);
    let next = |at: usize| at.checked_add(1).and_then(|at| map.byte_of(at));
    let units: [Unit<'_>; 7] = [
        ("count bytes of UTF-8", &bytes, &bytes),
        ("count units of UTF-16, as JavaScript and Java do", &utf16, &utf16),
        ("count CR LF as one character", &one_line_end, &one_line_end),
        ("have an inclusive end", &plain, &next),
        ("count from 1 with an inclusive end", &with_mark, &plain),
        ("leave out the byte order mark", &no_mark, &no_mark),
        ("count from 1, or a byte order mark that is gone", &with_mark, &with_mark),
    ];
    for (what, start, end) in units {
        if read(text, pieces, start, end).is_some_and(|there| same(&there, given)) {
            return format!("the offsets fit if they {what}; here they count code points from 0");
        }
    }
    let mut places = text.match_indices(given);
    match (places.next(), places.next()) {
        (Some((byte, _)), None) if !given.is_empty() => {
            let start = map.char_of(byte);
            let end = start + given.chars().count();
            format!("that text stands at {start}..{end} only; see whether the text was changed")
        }
        _ => "offsets count code points from 0; see whether the text was changed".to_owned(),
    }
}

/// The byte at which a unit of the text starts, where characters are of several units.
fn nth(text: &str, unit: usize, units: impl Fn(char) -> usize) -> Option<usize> {
    let mut before = 0;
    for (byte, character) in text.char_indices() {
        if before == unit && units(character) > 0 {
            return Some(byte);
        }
        before += units(character);
    }
    (before == unit).then_some(text.len())
}

/// The pieces' text, where the unit of the offsets is told by functions.
fn read(
    text: &str,
    pieces: &[CharSpan],
    start: &dyn Fn(usize) -> Option<usize>,
    end: &dyn Fn(usize) -> Option<usize>,
) -> Option<String> {
    let texts: Option<Vec<&str>> =
        pieces.iter().map(|piece| text.get(start(piece.start)?..end(piece.end)?)).collect();
    texts.map(|texts| texts.join(" "))
}

/// True if two texts differ in white space at most.
fn same(one: &str, other: &str) -> bool {
    one == other || one.split_whitespace().eq(other.split_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_told() {
        for (text, start, end, given, expected) in [
            ("in Oslo", 3, 7, "Oslo", None),
            ("in  Oslo\nby", 4, 11, "Oslo by", None),
            ("né à Oslo", 7, 11, "Oslo", Some("count bytes")),
            ("😀 in Oslo", 6, 10, "Oslo", Some("UTF-16")),
            ("in Oslo", 3, 6, "Oslo", Some("inclusive end")),
            ("in Oslo", 4, 7, "Oslo", Some("from 1 with")),
            ("a\r\nOslo", 2, 6, "Oslo", Some("CR LF")),
            ("\u{feff}Oslo", 0, 4, "Oslo", Some("leave out the byte order mark")),
            ("in Oslo", 4, 8, "Oslo", Some("that is gone")),
            ("now in Oslo", 3, 7, "Oslo", Some("stands at 7..11")),
            ("Oslo, Oslo", 2, 3, "Oslo", Some("was changed")),
            ("in Oslo", 30, 70, "Rome", Some("was changed")),
            ("in Oslo", usize::MAX, usize::MAX, "Rome", Some("was changed")),
        ] {
            let map = CharMap::new(text);
            let pieces = [CharSpan::new(start, end)];
            let finding = surface_finding(&map, text, &pieces, given, true);
            let hint = finding.and_then(|finding| finding.hint);
            match expected {
                None => assert_eq!(hint, None, "{text:?}"),
                Some(part) => assert!(hint.as_ref().is_some_and(|h| h.contains(part)), "{hint:?}"),
            }
        }
    }
}
