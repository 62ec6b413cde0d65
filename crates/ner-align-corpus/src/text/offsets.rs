//! Offsets in other units as code points.

use ner_align_core::CharSpan;

use super::CharMap;
use crate::contract::OffsetUnit;

/// Offsets of one text in some unit to offsets in code points.
#[derive(Debug)]
pub(crate) struct OffsetMap {
    /// The unit's count before each code point and at the end; empty where it counts code points.
    before: Vec<usize>,
}

impl OffsetMap {
    /// Looks through a text once, unless the unit needs no look.
    pub(crate) fn new(text: &str, unit: OffsetUnit) -> Self {
        let same = match unit {
            OffsetUnit::CodePoints => true,
            OffsetUnit::Utf16 | OffsetUnit::Bytes => text.is_ascii(),
            OffsetUnit::CrLfAsOne => !text.contains("\r\n"),
        };
        if same {
            return Self { before: Vec::new() };
        }
        let (mut before, mut count, mut last) = (vec![0], 0, '\0');
        for character in text.chars() {
            count += unit.weight(character, last);
            before.push(count);
            last = character;
        }
        Self { before }
    }

    /// The code point at which an offset stands; past the end it keeps its distance from the end.
    /// `None` within a character.
    pub(crate) fn char_at(&self, offset: usize) -> Option<usize> {
        let Some(&end) = self.before.last() else { return Some(offset) };
        if offset > end {
            return Some((self.before.len() - 1).saturating_add(offset - end));
        }
        // Where CR LF is one character, the offset behind it is that of LF too.
        let at = self.before.partition_point(|&before| before <= offset).saturating_sub(1);
        (self.before.get(at) == Some(&offset)).then_some(at)
    }

    /// The code points of a span; `None` if it starts or ends within a character.
    pub(crate) fn chars_of(&self, span: CharSpan) -> Option<CharSpan> {
        Some(CharSpan::new(self.char_at(span.start)?, self.char_at(span.end)?))
    }

    /// The offset of a code point in the unit.
    pub(crate) fn offset_of(&self, char: usize) -> usize {
        match (self.before.get(char), self.before.last()) {
            (Some(&offset), _) => offset,
            (None, Some(&end)) => end.saturating_add(char - (self.before.len() - 1)),
            (None, None) => char,
        }
    }
}

/// The text of a span, where its offsets count what they are told to; `None` outside of the text.
pub(crate) fn slice<'t>(
    text: &'t str,
    map: &CharMap<'_>,
    offsets: &OffsetMap,
    span: CharSpan,
) -> Option<&'t str> {
    text.get(map.bytes_of(offsets.chars_of(span)?)?.range())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_those_of_the_unit() {
        let text = "né 😀\r\nOslo";
        for (unit, start) in [
            (OffsetUnit::CodePoints, 6),
            (OffsetUnit::Utf16, 7),
            (OffsetUnit::Bytes, 10),
            (OffsetUnit::CrLfAsOne, 5),
        ] {
            let map = OffsetMap::new(text, unit);
            assert_eq!(map.char_at(start), Some(6), "{unit}");
            assert_eq!(map.offset_of(6), start, "{unit}");
            assert_eq!(map.char_at(start + 4), Some(10), "{unit}");
            assert_eq!(map.char_at(start + 6), Some(12), "{unit}");
            assert_eq!(map.offset_of(12), start + 6, "{unit}");
            let whole = slice(text, &CharMap::new(text), &map, CharSpan::new(start, start + 4));
            assert_eq!(whole, Some("Oslo"), "{unit}");
            assert!(map.char_at(usize::MAX).is_some());
        }
        assert_eq!(OffsetMap::new(text, OffsetUnit::Utf16).char_at(4), None);
        assert_eq!(OffsetMap::new(text, OffsetUnit::Bytes).char_at(2), None);
    }
}
