//! The text of a document, and where it stands on the pages.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// The text of a document, its pages, and where each character stands on them.
///
/// Offsets count code points of [`text`](Self::text) from 0. Only PDF has pages.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExtractedText {
    /// The text: paragraphs are separated by a blank line, and `\n` ends a line.
    pub text: String,
    /// The pages in order; empty for formats without pages.
    pub pages: Vec<Page>,
    /// Pieces of lines with the boxes of their characters, in the order of the text.
    pub(crate) lines: Vec<PlacedLine>,
}

/// A page of a document.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Page {
    /// Its number, counted from 1.
    pub number: usize,
    /// Code point of the text at which the page starts.
    pub start: usize,
    /// First code point after the page.
    pub end: usize,
    /// Width in points (1/72 inch), as the page is shown.
    pub width: f32,
    /// Height in points, as the page is shown.
    pub height: f32,
}

impl Page {
    /// Page `number` with the code points `range` of the text, and `width` and `height` in points.
    #[must_use]
    pub const fn new(number: usize, range: Range<usize>, width: f32, height: f32) -> Self {
        Self { number, start: range.start, end: range.end, width, height }
    }

    /// Whether the page holds no text: it is empty or a scan.
    #[must_use]
    pub const fn is_without_text(&self) -> bool {
        self.start == self.end
    }
}

/// A rectangle on a page in points (1/72 inch), as the page is shown: the origin is its upper left
/// corner, `x` grows to the right and `y` downwards.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PageBox {
    /// Number of the page, counted from 1.
    pub page: usize,
    /// Left edge.
    pub x0: f32,
    /// Upper edge.
    pub y0: f32,
    /// Right edge.
    pub x1: f32,
    /// Lower edge.
    pub y1: f32,
}

/// Left, upper, right and lower edge of a character in points, as in [`PageBox`].
pub(crate) type CharBox = [f32; 4];

/// A piece of a line of a page whose characters are adjacent in the text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PlacedLine {
    /// Number of the page, counted from 1.
    pub(crate) page: usize,
    /// Code point of the text at which it starts.
    pub(crate) start: usize,
    /// One box for each code point.
    pub(crate) boxes: Vec<CharBox>,
}

impl PlacedLine {
    pub(crate) fn end(&self) -> usize {
        self.start + self.boxes.len()
    }
}

impl ExtractedText {
    /// A text without pages.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// The page on which a code point of the text stands; a line end belongs to the page before.
    /// `None` for formats without pages and positions behind the text.
    #[must_use]
    pub fn page_at(&self, position: usize) -> Option<&Page> {
        let after = self.pages.partition_point(|page| page.start <= position);
        // Pages without text start where the next one does.
        let page = self.pages[..after].iter().rev().find(|page| !page.is_without_text())?;
        let last = self.pages[after..].iter().all(Page::is_without_text);
        (position < page.end || !last).then_some(page)
    }

    /// Where the code points `range` of the text stand: a box for each line that they take part
    /// in. Empty for formats without pages and for ranges outside the text.
    #[must_use]
    pub fn boxes(&self, range: Range<usize>) -> Vec<PageBox> {
        let first = self.lines.partition_point(|line| line.end() <= range.start);
        let lines = self.lines[first..].iter().take_while(|line| line.start < range.end);
        lines.filter_map(|line| around(line, &range)).collect()
    }

    /// Numbers of the pages without text, counted from 1: empty pages and scans.
    #[must_use]
    pub fn pages_without_text(&self) -> Vec<usize> {
        self.pages.iter().filter(|page| page.is_without_text()).map(|page| page.number).collect()
    }
}

/// The box around the characters of a line that are in `range`.
fn around(line: &PlacedLine, range: &Range<usize>) -> Option<PageBox> {
    let from = range.start.max(line.start) - line.start;
    let to = range.end.min(line.end()).checked_sub(line.start)?;
    let boxes = line.boxes.get(from..to)?;
    let edges = boxes
        .iter()
        .copied()
        .reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])?;
    let [x0, y0, x1, y1] = edges;
    Some(PageBox { page: line.page, x0, y0, x1, y1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `Ada Love\nlace` on page 1 in two lines, nothing on page 2, `wrote` on page 3.
    fn sample() -> ExtractedText {
        let line = |page, start, y: f32, length: usize| PlacedLine {
            page,
            start,
            boxes: (0..length)
                .map(|i| [i as f32 * 10.0, y, i as f32 * 10.0 + 9.0, y + 8.0])
                .collect(),
        };
        ExtractedText {
            text: "Ada Lovelace\n\nwrote".to_owned(),
            pages: vec![
                Page::new(1, 0..12, 200.0, 100.0),
                Page::new(2, 14..14, 200.0, 100.0),
                Page::new(3, 14..19, 200.0, 100.0),
            ],
            lines: vec![line(1, 0, 5.0, 8), line(1, 8, 20.0, 4), line(3, 14, 5.0, 5)],
        }
    }

    #[test]
    fn boxes_are_one_for_each_line() {
        let edges = |range: Range<usize>| -> Vec<_> {
            let boxes = sample().boxes(range);
            boxes.iter().map(|b| (b.page, b.x0, b.y0, b.x1, b.y1)).collect()
        };
        assert_eq!(edges(0..3), [(1, 0.0, 5.0, 29.0, 13.0)]);
        assert_eq!(edges(4..12), [(1, 40.0, 5.0, 79.0, 13.0), (1, 0.0, 20.0, 39.0, 28.0)]);
        assert_eq!(edges(10..16), [(1, 20.0, 20.0, 39.0, 28.0), (3, 0.0, 5.0, 19.0, 13.0)]);
        for nothing in [12..14, 3..3, 19..30, Range { start: 9, end: 2 }] {
            assert_eq!(edges(nothing.clone()), [], "{nothing:?}");
        }
        assert!(ExtractedText::new("Ada").boxes(0..3).is_empty());
    }

    #[test]
    fn pages_of_positions() {
        let sample = sample();
        let page = |position| sample.page_at(position).map(|page| page.number);
        for (position, expected) in
            [(0, Some(1)), (11, Some(1)), (12, Some(1)), (13, Some(1)), (14, Some(3)), (19, None)]
        {
            assert_eq!(page(position), expected, "{position}");
        }
        assert_eq!(sample.pages_without_text(), [2]);
        assert_eq!(ExtractedText::new("Ada").page_at(0), None);
    }
}
