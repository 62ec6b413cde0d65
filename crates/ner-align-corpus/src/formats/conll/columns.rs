//! Rows to fields.

use std::ops::Range;

use crate::contract::Delimiter;
use crate::formats::tagged::is_blank;

/// Splits `line` into `fields`, byte ranges of it.
///
/// Empty fields at the end of a row are dropped as long as two fields stay: they are delimiters
/// that trail, not a tag. Spaces around the last field are no part of it.
pub(super) fn split(line: &str, delimiter: Delimiter, fields: &mut Vec<Range<usize>>) {
    fields.clear();
    match delimiter {
        Delimiter::Auto if memchr::memchr(b'\t', line.as_bytes()).is_none() => runs(line, fields),
        Delimiter::Auto => {
            at_each_byte(line, b'\t', fields);
            // Tabs that only trail a row of spaces part nothing.
            let second_is_blank = || fields.get(1).is_some_and(|f| is_blank(&line[f.clone()]));
            let first = fields.first().map_or("", |field| &line[field.clone()]);
            if second_is_blank() && first.trim().contains(' ') {
                fields.clear();
                runs(line, fields);
            }
        }
        Delimiter::Tab => at_each_byte(line, b'\t', fields),
        Delimiter::Space => runs(line, fields),
        Delimiter::Char(character) => match u8::try_from(character).ok().filter(u8::is_ascii) {
            Some(byte) => at_each_byte(line, byte, fields),
            None => at_each(line, character, fields),
        },
    }
}

/// The two fields of a row with one tab, or one space, between them, which is what most rows are, as
/// [`split`] and [`trim`] give them; `None` for rows that need a closer look.
pub(super) fn pair(line: &str, between: u8) -> Option<(&str, &str)> {
    let bytes = line.as_bytes();
    let at = if between == b'\t' {
        memchr::memchr(b'\t', bytes)?
    } else {
        // A tab would part the row, and a carriage return is blank among spaces.
        memchr::memchr3(b' ', b'\t', b'\r', bytes).filter(|at| *at > 0 && bytes[*at] == b' ')?
    };
    let (word, tag) = (line.get(..at)?, line.get(at + 1..)?);
    let plain = !tag.is_empty() && tag.bytes().all(|byte| byte > b' ');
    plain.then_some((word, tag))
}

fn runs(line: &str, fields: &mut Vec<Range<usize>>) {
    let blank = |byte: u8| matches!(byte, b' ' | b'\t' | b'\r');
    let mut start = 0;
    for (at, byte) in line.bytes().enumerate() {
        if blank(byte) {
            if start < at {
                fields.push(start..at);
            }
            start = at + 1;
        }
    }
    if start < line.len() {
        fields.push(start..line.len());
    }
}

fn at_each_byte(line: &str, delimiter: u8, fields: &mut Vec<Range<usize>>) {
    let mut start = 0;
    for (at, byte) in line.bytes().enumerate() {
        if byte == delimiter {
            fields.push(start..at);
            start = at + 1;
        }
    }
    fields.push(start..line.len());
    drop_trailing(line, fields);
}

fn at_each(line: &str, delimiter: char, fields: &mut Vec<Range<usize>>) {
    let mut start = 0;
    for (at, found) in line.match_indices(delimiter) {
        fields.push(start..at);
        start = at + found.len();
    }
    fields.push(start..line.len());
    drop_trailing(line, fields);
}

fn drop_trailing(line: &str, fields: &mut Vec<Range<usize>>) {
    while fields.len() > 2 && fields.last().is_some_and(|f| line[f.clone()].trim().is_empty()) {
        fields.pop();
    }
}

/// `text` without the spaces around it.
pub(super) fn trim(text: &str) -> &str {
    match text.as_bytes() {
        [b' ', ..] | [.., b' '] => text.trim_matches(' '),
        _ => text,
    }
}

/// The index of column `column`, which counts from the end where it is negative.
pub(super) fn resolve(column: i64, fields: usize) -> Option<usize> {
    let index = match usize::try_from(column) {
        Ok(index) => index,
        Err(_) => fields.checked_sub(usize::try_from(column.unsigned_abs()).ok()?)?,
    };
    (index < fields).then_some(index)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_pair_is_what_splitting_gives(line in "[aé \t\r\u{a0}-]{0,8}", tabs: bool) {
            // Without tabs the rows of a file are parted by spaces; one may have a tab all the same.
            let between = if tabs { b'\t' } else { b' ' };
            if let Some((word, tag)) = pair(&line, between) {
                let mut fields = Vec::new();
                split(&line, Delimiter::Auto, &mut fields);
                let fields: Vec<&str> = fields.into_iter().map(|field| &line[field]).collect();
                prop_assert_eq!(fields, [word, tag]);
            }
        }
    }

    #[test]
    fn rows_split_as_documented() {
        use Delimiter::{Auto, Char, Space, Tab};
        for (line, delimiter, expected) in [
            ("a\tO", Auto, vec!["a", "O"]),
            ("a b\tO", Auto, vec!["a b", "O"]),
            ("a  b   O", Auto, vec!["a", "b", "O"]),
            (" a O ", Auto, vec!["a", "O"]),
            ("a O\t", Auto, vec!["a", "O"]),
            ("\tO", Auto, vec!["", "O"]),
            ("a\t", Auto, vec!["a", ""]),
            ("a\tTIM\t", Auto, vec!["a", "TIM"]),
            ("a\t\tB-PER", Auto, vec!["a", "", "B-PER"]),
            ("a\tO\t\t", Auto, vec!["a", "O"]),
            ("a", Auto, vec!["a"]),
            ("a O", Tab, vec!["a O"]),
            ("a\tb c", Space, vec!["a", "b", "c"]),
            ("a|b|O", Char('|'), vec!["a", "b", "O"]),
            ("a→O", Char('→'), vec!["a", "O"]),
            ("\u{a0}\tO", Auto, vec!["\u{a0}", "O"]),
        ] {
            let mut fields = Vec::new();
            split(line, delimiter, &mut fields);
            let got: Vec<&str> = fields.iter().map(|field| &line[field.clone()]).collect();
            assert_eq!(got, expected, "{line:?} {delimiter:?}");
        }
    }

    #[test]
    fn columns_count_from_both_ends() {
        for (column, fields, expected) in [
            (0, 3, Some(0)),
            (2, 3, Some(2)),
            (3, 3, None),
            (-1, 3, Some(2)),
            (-3, 3, Some(0)),
            (-4, 3, None),
            (i64::MIN, 3, None),
            (i64::MAX, 3, None),
        ] {
            assert_eq!(resolve(column, fields), expected, "{column} of {fields}");
        }
    }
}
