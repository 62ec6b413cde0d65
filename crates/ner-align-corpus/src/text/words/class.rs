//! What a character is to the words around it.

use unicode_script::{Script, UnicodeScript};

/// What a grapheme is to the words around it, by its first character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Letter,
    Digit,
    /// A character of a script that is written without spaces: a word.
    Single,
    Apostrophe,
    Hyphen,
    Dot,
    /// Signs that stand between digits.
    Mid,
    Ampersand,
    Plus,
    Hash,
    Sign,
}

pub(super) const fn ascii_class(byte: u8) -> Class {
    match byte {
        b'0'..=b'9' => Class::Digit,
        b'a'..=b'z' | b'A'..=b'Z' | b'_' => Class::Letter,
        b'\'' => Class::Apostrophe,
        b'-' => Class::Hyphen,
        b'.' => Class::Dot,
        b',' | b':' | b'/' => Class::Mid,
        b'&' => Class::Ampersand,
        b'+' => Class::Plus,
        b'#' => Class::Hash,
        0..=0x1F | 0x7F => Class::Letter,
        _ => Class::Sign,
    }
}

pub(super) fn class_of(first: char) -> Class {
    if let Ok(byte) = u8::try_from(first)
        && byte.is_ascii()
    {
        return ascii_class(byte);
    }
    match first {
        '\u{2019}' => Class::Apostrophe,
        '\u{2010}' | '\u{2011}' => Class::Hyphen,
        // The marks of long vowels, which Unicode gives to no script.
        '\u{30fc}' | '\u{ff70}' => Class::Single,
        // Catalan's point between two l, and what nobody sees.
        '\u{b7}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' => {
            Class::Letter
        }
        _ => match first.script() {
            Script::Han
            | Script::Hiragana
            | Script::Katakana
            | Script::Thai
            | Script::Lao
            | Script::Khmer
            | Script::Myanmar
                if first.is_alphanumeric() || first.script() != Script::Han =>
            {
                Class::Single
            }
            _ if first.is_numeric() => Class::Digit,
            _ if first.is_alphabetic() || is_mark(first) => Class::Letter,
            _ => Class::Sign,
        },
    }
}

/// A mark that stands on nothing, and other characters of the script of what is before them.
fn is_mark(character: char) -> bool {
    character.script() == Script::Inherited
}
