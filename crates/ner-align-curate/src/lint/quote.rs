//! Texts in quotes, as a person can read them in any script.

use std::fmt::{self, Write};

/// A text between quotes, in which only what cannot be seen is written as `\u{…}`.
///
/// `{:?}` of a `str` writes the vowel signs of many scripts so too, which nobody can read.
///
/// ```
/// use ner_align_curate::lint::Quoted;
/// assert_eq!(Quoted("ঢাকা\u{200b}").to_string(), "\"ঢাকা\\u{200b}\"");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for character in self.0.chars() {
            let unseen = character.is_control()
                || (character.is_whitespace() && character != ' ')
                || matches!(character, '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{FEFF}'
                    | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
                    | '\u{E000}'..='\u{F8FF}');
            if unseen || matches!(character, '"' | '\\') {
                write!(f, "{}", character.escape_default())?;
            } else {
                f.write_char(character)?;
            }
        }
        f.write_char('"')
    }
}
