//! Words into the smallest runs that any tokenizer would cut them into, so that a term is found
//! however the corpus was cut: `C++` as one word, and as the words `C`, `+`, `+`.

use rustc_hash::FxHashMap;

/// A run of letters and digits, or one sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub(super) text: &'a str,
    /// White space stands before it.
    pub(super) spaced: bool,
}

/// Cuts a text, white space left out.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let trimmed = rest.trim_start();
        let spaced = trimmed.len() < rest.len();
        let first = trimmed.chars().next()?;
        let length = if is_sign(first) {
            first.len_utf8()
        } else {
            trimmed.find(|c: char| c.is_whitespace() || is_sign(c)).unwrap_or(trimmed.len())
        };
        let (piece, after) = trimmed.split_at(length);
        rest = after;
        Some(Piece { text: piece, spaced })
    })
}

/// True for punctuation and symbols, which words are cut at. Marks that belong to the letter before
/// them, as the virama of Indic scripts, are none.
fn is_sign(c: char) -> bool {
    !c.is_alphanumeric()
        && matches!(c,
            '\0'..='\u{7f}' | '\u{80}'..='\u{bf}' | '×' | '÷' | '՚'..='՟' | '।' | '॥' | '،' | '؛' | '؟'
            | '\u{2010}'..='\u{205e}' | '\u{20a0}'..='\u{20cf}' | '\u{2100}'..='\u{2bff}'
            | '\u{3001}'..='\u{303f}' | '\u{ff01}'..='\u{ff65}' | '\u{1f000}'..='\u{1faff}')
}

/// Numbers for pieces, in lower case where case means nothing.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    numbers: FxHashMap<Box<str>, u32>,
    ignore_case: bool,
    lower: String,
}

impl Vocabulary {
    pub(super) fn new(ignore_case: bool) -> Self {
        Self { ignore_case, ..Self::default() }
    }

    /// The number of a piece; `None` if no term has it.
    pub(super) fn number(&mut self, piece: &str) -> Option<u32> {
        if !self.ignore_case {
            return self.numbers.get(piece).copied();
        }
        self.fold(piece);
        self.numbers.get(self.lower.as_str()).copied()
    }

    /// The number of a piece, a new one if it has none.
    pub(super) fn add(&mut self, piece: &str) -> u32 {
        if let Some(number) = self.number(piece) {
            return number;
        }
        let number = self.numbers.len() as u32;
        let piece = if self.ignore_case { self.lower.as_str() } else { piece };
        self.numbers.insert(piece.into(), number);
        number
    }

    fn fold(&mut self, piece: &str) {
        self.lower.clear();
        if piece.is_ascii() {
            self.lower.push_str(piece);
            self.lower.make_ascii_lowercase();
        } else {
            self.lower.extend(piece.chars().flat_map(char::to_lowercase));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_at_signs() {
        for (text, expected) in [
            ("", ""),
            ("New  York", "New _York"),
            ("C++/Node.js 2.0", "C + + / Node . js _2 . 0"),
            ("don't «né» ", "don ' t _« né »"),
            ("বিজ্ঞান। 東京。", "বিজ্ঞান । _東京 。"),
            ("a\u{301}b 👍🏽", "a\u{301}b _👍 🏽"),
        ] {
            let cut: Vec<String> = pieces(text)
                .map(|piece| format!("{}{}", if piece.spaced { "_" } else { "" }, piece.text))
                .collect();
            assert_eq!(cut.join(" "), expected, "{text:?}");
        }
    }

    #[test]
    fn case_is_kept_or_not() {
        for (ignore_case, expected) in [(false, None), (true, Some(0))] {
            let mut vocabulary = Vocabulary::new(ignore_case);
            vocabulary.add("Né");
            assert_eq!(vocabulary.number("NÉ"), expected);
            assert_eq!(vocabulary.number("Né"), Some(0));
        }
    }
}
