//! What stands between white space, and the graphemes in it.

use ner_align_core::ByteSpan;
use unicode_segmentation::UnicodeSegmentation;

/// The runs of characters between white space. A mark that is put on white space makes a grapheme
/// with it, which belongs to the run.
pub(super) struct Chunks<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Chunks<'a> {
    pub(super) const fn of(text: &'a str) -> Self {
        Self { text, at: 0 }
    }
}

impl Iterator for Chunks<'_> {
    type Item = ByteSpan;

    fn next(&mut self) -> Option<ByteSpan> {
        let rest = self.text.get(self.at..)?;
        let start = self.at + rest.find(|c: char| !c.is_whitespace())?;
        let run = self.text.get(start..)?;
        let mut end = run.find(char::is_whitespace).map_or(self.text.len(), |at| start + at);
        // White space that has a mark on it is no gap.
        while let Some(next) = self.text.get(end..).and_then(marked_space) {
            let after = end + next;
            let run = self.text.get(after..).unwrap_or_default();
            end = run.find(char::is_whitespace).map_or(self.text.len(), |at| after + at);
        }
        let first = self.before_mark(start);
        self.at = end;
        Some(ByteSpan::new(first, end))
    }
}

impl Chunks<'_> {
    /// Where the grapheme of the character at `start` begins, at white space before it.
    fn before_mark(&self, start: usize) -> usize {
        let space = self.text.get(self.at..start).and_then(|gap| gap.chars().next_back());
        match space {
            Some(space) => {
                let from = start - space.len_utf8();
                let marked = self.text.get(from..).is_some_and(|rest| marked_space(rest).is_some());
                if marked { from } else { start }
            }
            None => start,
        }
    }
}

/// The length of the grapheme at the start, where it is white space with a mark on it.
fn marked_space(text: &str) -> Option<usize> {
    let mut characters = text.chars();
    let space = characters.next().filter(|first| first.is_whitespace())?;
    // Marks are no ASCII.
    characters.next().filter(|next| !next.is_ascii() && !next.is_whitespace())?;
    let grapheme = text.graphemes(true).next()?;
    (grapheme.len() > space.len_utf8()).then_some(grapheme.len())
}

/// The graphemes of a run, as bytes of the text.
pub(super) fn graphemes(text: &str, chunk: ByteSpan) -> impl Iterator<Item = (usize, usize)> {
    let run = text.get(chunk.range()).unwrap_or_default();
    run.grapheme_indices(true)
        .map(move |(at, grapheme)| (chunk.start + at, chunk.start + at + grapheme.len()))
}
