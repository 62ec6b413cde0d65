//! Texts in messages.

use std::borrow::Cow;

/// The text, or its start where a wrong column makes it long.
#[must_use]
pub fn shorten(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Bytes of a line, and of a word in it, that a person is shown.
const LINE: usize = 4096;
const WORD: usize = 300;

/// A line for people in which no word, such as a label or a name that somebody quotes, is longer than 300 bytes, and
/// which has at most 4 KiB. Paths of files stay whole.
///
/// ```
/// use ner_align_corpus::text::clip;
/// assert_eq!(clip("found \"PER\""), "found \"PER\"");
/// assert!(clip(&format!("found \"{}\", line 3", "x".repeat(1_000_000))).ends_with("…\", line 3"));
/// ```
#[must_use]
pub fn clip(line: &str) -> Cow<'_, str> {
    if line.len() <= WORD {
        return Cow::Borrowed(line);
    }
    let mut clipped = String::new();
    for word in line.split_inclusive(char::is_whitespace) {
        let is_path = word.contains(['/', '\\']) && word.len() <= LINE;
        if word.len() <= WORD || is_path {
            clipped += word;
        } else {
            // What is around a quoted text stays: quotes, commas, the space.
            let text = word.trim_end_matches(|c: char| !c.is_alphanumeric());
            let end = word.get(text.len()..).filter(|end| end.len() < 16).unwrap_or_default();
            clipped += cut(word, WORD);
            clipped.push('…');
            clipped += end;
        }
        if clipped.len() > LINE {
            clipped.truncate(cut(&clipped, LINE).len());
            clipped.push('…');
            break;
        }
    }
    Cow::Owned(clipped)
}

/// The text up to so many bytes, in whole characters.
fn cut(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_and_no_line_floods() {
        let long = "é".repeat(500_000);
        assert_eq!(clip(&format!("a {long} b")), format!("a {}… b", "é".repeat(150)));
        assert_eq!(clip(&format!("found {long:?}, {long}")).len(), 6 + 2 * 300 + 8);
        assert_eq!(clip(&"a b ".repeat(10_000)).len(), LINE + '…'.len_utf8());
        let path = format!("/{}:3: expected a word", "folder/".repeat(400));
        assert_eq!(clip(&path), path);
    }
}
