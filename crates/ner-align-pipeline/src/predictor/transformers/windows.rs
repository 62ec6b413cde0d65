//! The windows of a text, as the tokenizers library truncates it.

use std::ops::Range;

/// Subtokens of a text that go through the model together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TextWindow {
    /// Number of the text.
    pub(super) text: usize,
    /// Which of its subtokens.
    pub(super) range: Range<usize>,
}

/// The windows of text number `text`, which has `subtokens`: at most `room` of them in each. Without
/// a stride only the first window; with one, as many as it takes, neighbours sharing `stride`.
pub(super) fn cut(
    text: usize,
    subtokens: usize,
    room: usize,
    stride: Option<usize>,
) -> Vec<TextWindow> {
    let mut windows = vec![TextWindow { text, range: 0..subtokens.min(room) }];
    let Some(stride) = stride else { return windows };
    let advance = room.saturating_sub(stride).max(1);
    let mut start = advance;
    while windows.last().is_some_and(|last| last.range.end < subtokens) {
        windows.push(TextWindow { text, range: start..subtokens.min(start + room) });
        start += advance;
    }
    windows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_those_of_truncation() {
        for (subtokens, room, stride, expected) in [
            (0, 4, None, &[(0, 0)][..]),
            (4, 4, Some(1), &[(0, 4)]),
            (9, 4, None, &[(0, 4)]),
            (5, 4, Some(0), &[(0, 4), (4, 5)]),
            (9, 4, Some(1), &[(0, 4), (3, 7), (6, 9)]),
            (10, 4, Some(1), &[(0, 4), (3, 7), (6, 10)]),
            (6, 4, Some(3), &[(0, 4), (1, 5), (2, 6)]),
        ] {
            let ranges: Vec<_> = cut(0, subtokens, room, stride)
                .into_iter()
                .map(|window| (window.range.start, window.range.end))
                .collect();
            assert_eq!(ranges, expected, "{subtokens} {room} {stride:?}");
        }
    }
}
