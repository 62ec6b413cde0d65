//! Characters that nobody sees, or that stand for lost ones.

use ner_align_core::{Document, Severity};

use ner_align_corpus::text::shorten;

use super::position::{with_hint, with_text};
use super::{Lint, LintLog, Position, Quoted, mojibake};

/// Finds odd characters in words.
#[derive(Debug)]
pub(super) struct CharacterLint;

impl Lint for CharacterLint {
    fn document(&mut self, document: &Document, at: &Position<'_>, log: &mut LintLog) {
        // Most text is plain.
        if document.text().bytes().all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~')) {
            return;
        }
        let mut garbled = 0;
        for (index, word) in document.words().enumerate() {
            if word.bytes().all(|byte| matches!(byte, b'!'..=b'~')) {
                continue;
            }
            let mut before: Option<&'static str> = None;
            for (place, character) in word.char_indices() {
                let Some(kind) = kind_of(word, place, character) else { continue };
                // Of several of one kind in a row, one says it all.
                if before.replace(kind.code) == Some(kind.code) {
                    continue;
                }
                let message = format!(
                    "expected visible characters, found {} U+{:04X} in {}",
                    kind.name,
                    u32::from(character),
                    Quoted(&shorten(word)),
                );
                let finding = at.of_word(Severity::Warning, kind.code, message, document, index);
                log.push(with_hint(with_text(finding, word), kind.hint));
            }
            // The signs of a misread letter are words of their own where text was cut.
            if index < garbled {
                continue;
            }
            if let Some((end, word, meant)) = misread(document, index) {
                garbled = end;
                let message = format!(
                    "expected text in its own encoding, found {}, which is {} in UTF-8 read as cp1252",
                    Quoted(&shorten(word)),
                    Quoted(&shorten(&meant)),
                );
                let finding = at.of_word(Severity::Warning, "mojibake", message, document, index);
                let hint = "decode the source as UTF-8 once, not twice";
                log.push(with_hint(with_text(finding, word), hint));
            }
            if let Some(letter) = foreign_letter(word) {
                let message = format!(
                    "expected letters of one alphabet, found the {} letter {letter:?} in {}",
                    if is_cyrillic(letter) { "Cyrillic" } else { "Latin" },
                    Quoted(&shorten(word)),
                );
                let finding =
                    at.of_word(Severity::Warning, "mixed-script", message, document, index);
                let hint = "letters that look alike are different words to a model";
                log.push(with_hint(with_text(finding, word), hint));
            }
        }
    }
}

/// Words with nothing between them that a misread word may be cut into, as `donâ€™t` is.
const MAX_PIECES: usize = 4;

/// A word that was read in a wrong encoding, or was cut into several: the end of its words, its
/// text, and what was meant.
fn misread(document: &Document, first: usize) -> Option<(usize, &str, String)> {
    let words = document.word_bytes();
    let start = words.get(first)?.start;
    let mut end = start;
    for (index, word) in words.iter().enumerate().skip(first).take(MAX_PIECES) {
        if word.start != end {
            return None;
        }
        end = word.end;
        let text = document.text().get(start..end)?;
        if let Some(meant) = mojibake::meant(text) {
            return Some((index + 1, text, meant));
        }
    }
    None
}

struct Kind {
    code: &'static str,
    name: &'static str,
    hint: &'static str,
}

const REMOVE: &str = "remove it: with it the word is another word to a model, or none";

fn kind_of(word: &str, place: usize, character: char) -> Option<Kind> {
    let (code, name, hint) = match character {
        '\u{FEFF}' => ("byte-order-mark", "the byte order mark", REMOVE),
        '\u{200C}' | '\u{200D}' if joins(word, place, character) => return None,
        '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{180E}' | '\u{2061}'..='\u{2064}' => {
            ("zero-width", "the zero-width character", REMOVE)
        }
        '\u{00AD}' => ("soft-hyphen", "the soft hyphen", REMOVE),
        '\u{200E}'
        | '\u{200F}'
        | '\u{061C}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2066}'..='\u{2069}' => ("direction-mark", "the direction mark", REMOVE),
        '\u{FFFD}' => (
            "replacement-character",
            "the replacement character",
            "the original was lost when the text was decoded; decode it anew",
        ),
        '\u{E000}'..='\u{F8FF}' => (
            "private-use",
            "the private-use character",
            "it means something in one font alone; write the character that was meant",
        ),
        // A word that is white space is one of the tokenizer's own; see the edges of entities.
        ' ' | '\t' | '\n' | '\r' => return None,
        _ if character.is_control() => ("control-character", "the control character", REMOVE),
        _ if character.is_whitespace() && !word.chars().all(char::is_whitespace) => {
            ("odd-space", "the space", "write a plain space, or cut the word there")
        }
        _ => return None,
    };
    Some(Kind { code, name, hint })
}

/// True for a joiner where orthography has it: after a letter of a script that joins, or a part of
/// an emoji, and before another; non-joiners also end words there.
fn joins(word: &str, place: usize, joiner: char) -> bool {
    let before = word[..place].chars().next_back();
    let after = word[place + joiner.len_utf8()..].chars().next();
    let script = |c: char| {
        matches!(c, '\u{0600}'..='\u{08FF}' | '\u{0900}'..='\u{0DFF}' | '\u{0F00}'..='\u{109F}'
            | '\u{1780}'..='\u{18AF}' | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFE}')
    };
    let emoji =
        |c: char| matches!(c, '\u{2190}'..='\u{2BFF}' | '\u{FE0F}' | '\u{1F000}'..='\u{1FAFF}');
    match (before, after) {
        (Some(before), Some(after)) => {
            (script(before) && script(after)) || (emoji(before) && emoji(after))
        }
        _ => false,
    }
}

fn is_cyrillic(c: char) -> bool {
    matches!(c, '\u{0400}'..='\u{052F}')
}

/// The letter of the rarer alphabet, where Latin and Cyrillic letters stand side by side.
fn foreign_letter(word: &str) -> Option<char> {
    let is_latin = |c: char| c.is_ascii_alphabetic();
    if !word.contains(is_latin) || !word.contains(is_cyrillic) {
        return None;
    }
    word.split(|c: char| !c.is_alphabetic())
        .find_map(|run| {
            let latin = run.chars().filter(|&c| is_latin(c)).count();
            let cyrillic = run.chars().filter(|&c| is_cyrillic(c)).count();
            match (latin, cyrillic) {
                (0, _) | (_, 0) => None,
                _ if latin <= cyrillic => run.chars().find(|&c| is_latin(c)),
                _ => run.chars().find(|&c| is_cyrillic(c)),
            }
        })
        // Brands mix alphabets on purpose and with letters that differ; look-alikes are faults.
        .filter(|&letter| LOOK_ALIKE.contains(letter))
}

/// Latin and Cyrillic letters that look the same.
const LOOK_ALIKE: &str = "aceopxyiABCEHKMOPTXYIaсеорхуіАВСЕНКМОРТХУІа";
