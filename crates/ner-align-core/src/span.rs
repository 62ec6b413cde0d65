//! Half-open ranges whose unit is part of their type.
//!
//! A byte offset, a code-point offset and a word index are three different things that look alike.
//! Every span here is half-open (`start..end`) and says its unit; a reader of a format with
//! inclusive ends converts at its own door.

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
            /// A span from `start` up to, not including, `end`.
            #[must_use]
            pub const fn new(start: usize, end: usize) -> Self {
                Self { start, end }
            }

            /// Number of positions covered; 0 for an empty or reversed span.
            #[must_use]
            pub const fn len(&self) -> usize {
                self.end.saturating_sub(self.start)
            }

            /// True if no position is covered.
            #[must_use]
            pub const fn is_empty(&self) -> bool {
                self.end <= self.start
            }

            /// The same positions as a range, for slicing and iterating.
            #[must_use]
            pub const fn range(&self) -> std::ops::Range<usize> {
                self.start..self.end
            }

            /// True if `position` lies inside.
            #[must_use]
            pub const fn contains(&self, position: usize) -> bool {
                self.start <= position && position < self.end
            }

            /// Number of positions that both spans cover.
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
    /// Words (corpus tokens), counted from 0 within a document or sentence.
    WordSpan
}
span_type! {
    /// Unicode code points, counted from 0 within a text: what Python and spaCy call characters.
    CharSpan
}
span_type! {
    /// UTF-8 bytes, counted from 0 within a text: what slices a `str`.
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
