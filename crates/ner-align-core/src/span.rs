//! Half-open spans, one type for each unit.
//!
//! A byte offset, a code-point offset and a word index are easily confused, so their spans are
//! different types. All spans are half-open (`start..end`). A reader of a format with inclusive
//! ends converts them.

use serde::{Deserialize, Serialize};

macro_rules! span_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
        )]
        pub struct $name {
            /// First position inside the span.
            pub start: usize,
            /// First position after the span.
            pub end: usize,
        }

        impl $name {
            /// The span `start..end`.
            #[must_use]
            pub const fn new(start: usize, end: usize) -> Self {
                Self { start, end }
            }

            /// Number of positions in the span; 0 if it is empty or reversed.
            #[must_use]
            pub const fn len(&self) -> usize {
                self.end.saturating_sub(self.start)
            }

            /// True if the span contains no position.
            #[must_use]
            pub const fn is_empty(&self) -> bool {
                self.end <= self.start
            }

            /// The same positions as a range, for slicing and iterating.
            #[must_use]
            pub const fn range(&self) -> std::ops::Range<usize> {
                self.start..self.end
            }

            /// True if the span contains `position`.
            #[must_use]
            pub const fn contains(&self, position: usize) -> bool {
                self.start <= position && position < self.end
            }

            /// Number of positions in both spans.
            #[must_use]
            pub const fn overlap(&self, other: &Self) -> usize {
                let start = if self.start > other.start { self.start } else { other.start };
                let end = if self.end < other.end { self.end } else { other.end };
                end.saturating_sub(start)
            }
        }
    };
}

span_type! {
    /// A span of words (corpus tokens), counted from 0 within a document or sentence.
    WordSpan
}
span_type! {
    /// A span of Unicode code points, counted from 0 within a text. Python and spaCy call them
    /// characters.
    CharSpan
}
span_type! {
    /// A span of UTF-8 bytes, counted from 0 within a text. It slices a `str`.
    ByteSpan
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_overlaps() {
        for (a, b, overlap) in
            [((0, 3), (1, 5), 2), ((0, 3), (3, 5), 0), ((2, 4), (0, 9), 2), ((4, 2), (0, 9), 0)]
        {
            let (a, b) = (WordSpan::new(a.0, a.1), WordSpan::new(b.0, b.1));
            assert_eq!(a.overlap(&b), overlap, "{a:?} {b:?}");
            assert_eq!(b.overlap(&a), overlap, "{b:?} {a:?}");
        }
        assert_eq!(WordSpan::new(4, 2).len(), 0);
        assert!(WordSpan::new(4, 2).is_empty());
        assert!(WordSpan::new(1, 3).contains(1) && !WordSpan::new(1, 3).contains(3));
    }
}
