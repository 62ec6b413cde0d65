//! What a glyph stands for, as characters.

use hayro_interpret::font::Glyph;
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::kurbo::Shape;

/// Stands for a letter that the font does not tell.
pub(crate) const UNKNOWN: char = '\u{FFFD}';

/// Calls `take` for each character of a glyph: letters of a ligature one by one, a space for a glyph
/// that shows nothing, and [`UNKNOWN`] for one of which the font does not say what it is.
pub(crate) fn of_glyph(glyph: &Glyph<'_>, take: &mut Vec<char>) {
    let start = take.len();
    match glyph.as_unicode() {
        Some(BfString::Char(c)) => push(c, take),
        Some(BfString::String(text)) => text.chars().for_each(|c| push(c, take)),
        None => {}
    }
    if take.len() == start {
        take.push(if shows_something(glyph) { UNKNOWN } else { ' ' });
    }
}

fn shows_something(glyph: &Glyph<'_>) -> bool {
    match glyph {
        Glyph::Outline(glyph) => !glyph.outline().is_empty() && glyph.outline().area() != 0.0,
        Glyph::Type3(glyph) => glyph.char_code() != u32::from(' '),
    }
}

/// The text of an `ActualText`: UTF-16 or UTF-8 with a byte order mark, else a byte a character.
pub(crate) fn of_string(bytes: &[u8]) -> Vec<char> {
    let mut chars = Vec::new();
    let mut take = |c| push(c, &mut chars);
    match bytes {
        [0xFE, 0xFF, rest @ ..] => {
            let units = rest.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).for_each(|c| take(c.unwrap_or(UNKNOWN)));
        }
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).chars().for_each(take),
        _ => bytes.iter().for_each(|&byte| take(char::from(byte))),
    }
    chars
}

/// Takes up a character as text has it.
fn push(c: char, take: &mut Vec<char>) {
    let letters = match c {
        '\u{FB00}' => "ff",
        '\u{FB01}' => "fi",
        '\u{FB02}' => "fl",
        '\u{FB03}' => "ffi",
        '\u{FB04}' => "ffl",
        '\u{FB05}' | '\u{FB06}' => "st",
        // Bullets of the fonts Symbol and Wingdings, in their private code points.
        '\u{F0B7}' => "•",
        '\u{F0A7}' => "▪",
        '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}' => "",
        c if c.is_whitespace() => " ",
        c if c.is_control() => "",
        c => return take.push(c),
    };
    take.extend(letters.chars());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_of_actual_text() {
        for (bytes, expected) in [
            (b"\xFE\xFF\x00f\x00i".as_slice(), "fi"),
            (b"\xFE\xFF\xD8\x35\xDC\x00", "\u{1D400}"),
            (b"\xFE\xFF\xD8\x35", "\u{FFFD}"),
            (b"\xEF\xBB\xBF\xC5\x81", "Ł"),
            (b"caf\xE9", "café"),
            (b"\xFE\xFF\xFB\x03", "ffi"),
            (b"a\x00b\tc", "ab c"),
            (b"", ""),
        ] {
            let found: String = of_string(bytes).into_iter().collect();
            assert_eq!(found, expected, "{}", bytes.escape_ascii());
        }
    }
}
