//! Offsets in code points to offsets in bytes, and back.

use ner_align_core::{ByteSpan, CharSpan};

/// Code points from one remembered place to the next.
const STEP: usize = 128;

/// Offsets of one text in code points to offsets in bytes, and back.
///
/// ```
/// use ner_align_core::{ByteSpan, CharSpan};
/// use ner_align_corpus::CharMap;
/// let map = CharMap::new("né à Oslo");
/// assert_eq!(map.bytes_of(CharSpan::new(5, 9)), Some(ByteSpan::new(7, 11)));
/// assert_eq!(map.chars_of(ByteSpan::new(7, 11)), CharSpan::new(5, 9));
/// assert_eq!(map.bytes_of(CharSpan::new(5, 10)), None);
/// ```
#[derive(Debug, Clone)]
pub struct CharMap<'a> {
    text: &'a str,
    /// The byte at which each code point `STEP * i` starts; empty where all are one byte long.
    marks: Vec<usize>,
    chars: usize,
}

impl<'a> CharMap<'a> {
    /// Looks through a text once.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        if text.is_ascii() {
            return Self { text, marks: Vec::new(), chars: text.len() };
        }
        let mut marks = Vec::with_capacity(text.len() / STEP + 1);
        let mut chars = 0;
        for (at, _) in text.char_indices() {
            if chars % STEP == 0 {
                marks.push(at);
            }
            chars += 1;
        }
        Self { text, marks, chars }
    }

    /// Number of code points of the text.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.chars
    }

    /// True if the text is empty.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.chars == 0
    }

    /// The byte at which code point `char` starts, or the text's length for its end; `None` past
    /// that.
    #[must_use]
    pub fn byte_of(&self, char: usize) -> Option<usize> {
        if char > self.chars {
            return None;
        }
        if self.marks.is_empty() {
            return Some(char);
        }
        if char == self.chars {
            return Some(self.text.len());
        }
        let mark = *self.marks.get(char / STEP)?;
        let (offset, _) = self.text.get(mark..)?.char_indices().nth(char % STEP)?;
        Some(mark + offset)
    }

    /// Number of code points before `byte`.
    #[must_use]
    pub fn char_of(&self, byte: usize) -> usize {
        if self.marks.is_empty() {
            return byte.min(self.chars);
        }
        let after = self.marks.partition_point(|&mark| mark <= byte);
        let before = after.saturating_sub(1);
        let mark = self.marks.get(before).copied().unwrap_or(0);
        let rest = self.text.get(mark..byte.min(self.text.len())).unwrap_or_default();
        before * STEP + rest.chars().count()
    }

    /// The bytes of a span; `None` if it is reversed or reaches past the text.
    #[must_use]
    pub fn bytes_of(&self, span: CharSpan) -> Option<ByteSpan> {
        let (start, end) = (self.byte_of(span.start)?, self.byte_of(span.end)?);
        (start <= end).then_some(ByteSpan::new(start, end))
    }

    /// The code points of a span that cuts no character.
    #[must_use]
    pub fn chars_of(&self, span: ByteSpan) -> CharSpan {
        CharSpan::new(self.char_of(span.start), self.char_of(span.end))
    }
}
