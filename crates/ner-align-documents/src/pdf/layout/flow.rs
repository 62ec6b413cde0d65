//! From the lines of all pages to one text with the boxes of its characters.

use std::collections::HashSet;

use super::joints::{Block, Joint, is_hyphen};
use super::lines::Line;
use super::mark::{ASCENT, DESCENT, Direction};
use crate::error::{DocumentsError, Limit};
use crate::extracted::{ExtractedText, Page, PlacedLine};

/// Start and end of a page without text while the text is not whole.
const NOWHERE: usize = usize::MAX;

/// A part of a page: lines that are read one after the other.
#[derive(Debug)]
pub(crate) struct Passage {
    pub(crate) direction: Direction,
    pub(crate) lines: Vec<Line>,
    /// The right margin as far as the surroundings tell.
    pub(crate) limit: f32,
}

/// A page with its parts in the order in which they are read.
#[derive(Debug)]
pub(crate) struct PageText {
    pub(crate) width: f32,
    pub(crate) height: f32,
    pub(crate) passages: Vec<Passage>,
}

/// The text of the pages, of at most `limit` bytes.
pub(crate) fn flow(pages: &[PageText], limit: usize) -> Result<ExtractedText, DocumentsError> {
    let compounds = compounds(pages);
    let known = |word: &str| compounds.contains(word);
    let mut writer = Writer { text: ExtractedText::default(), length: 0, limit };
    let mut before: Option<(Direction, Block, &Line)> = None;
    for (index, page) in pages.iter().enumerate() {
        let mut start = None;
        for passage in &page.passages {
            let block = Block::new(&passage.lines, passage.limit);
            let direction = passage.direction;
            let Some((first, rest)) = passage.lines.split_first() else { continue };
            let joint = before.as_ref().map(|(way, other, line)| match *way == direction {
                true => other.joint_across(line, first, &block, known),
                false => Joint::Blank,
            });
            let at = writer.line(index + 1, joint, direction, first)?;
            start.get_or_insert(at);
            let mut last = first;
            for line in rest {
                writer.line(index + 1, Some(block.joint(last, line, known)), direction, line)?;
                last = line;
            }
            before = Some((direction, block, last));
        }
        writer.end_page(start, page);
    }
    Ok(writer.finish())
}

/// The words with a hyphen that stand within a line.
fn compounds(pages: &[PageText]) -> HashSet<String> {
    let lines = || pages.iter().flat_map(|page| &page.passages).flat_map(|part| &part.lines);
    let mut found = HashSet::new();
    if !lines().any(|line| line.marks.last().is_some_and(|mark| is_hyphen(mark.c))) {
        return found;
    }
    for line in lines() {
        let text: String = line.marks.iter().map(|mark| mark.c).collect();
        let words = text.split(|c: char| !c.is_alphanumeric() && !is_hyphen(c));
        let inner = words.filter(|word| word.trim_matches(is_hyphen).contains(is_hyphen));
        found.extend(inner.map(|word| word.trim_matches(is_hyphen).to_owned()));
    }
    found
}

#[derive(Debug)]
struct Writer {
    text: ExtractedText,
    /// Code points of the text.
    length: usize,
    limit: usize,
}

impl Writer {
    /// Appends a line after its joint, and says where it starts.
    fn line(
        &mut self,
        page: usize,
        joint: Option<Joint>,
        direction: Direction,
        line: &Line,
    ) -> Result<usize, DocumentsError> {
        if joint == Some(Joint::Hyphen) {
            self.drop_last();
        }
        let separator = match joint {
            None | Some(Joint::Nothing | Joint::Hyphen) => "",
            Some(Joint::Space) => " ",
            Some(Joint::Line) => "\n",
            Some(Joint::Blank) => "\n\n",
        };
        let bytes: usize = line.marks.iter().map(|mark| mark.c.len_utf8()).sum();
        if self.text.text.len() + separator.len() + bytes > self.limit {
            return Err(DocumentsError::too_large(Limit::Text, self.limit));
        }
        self.text.text.push_str(separator);
        let start = self.length + separator.len();
        self.text.text.extend(line.marks.iter().map(|mark| mark.c));
        self.length = start + line.marks.len();
        let boxes = line.marks.iter().map(|mark| {
            let (top, bottom) = (mark.v - ASCENT * mark.size, mark.v + DESCENT * mark.size);
            direction.on_page(mark.u0, top, mark.u1, bottom)
        });
        self.text.lines.push(PlacedLine { page, start, boxes: boxes.collect() });
        Ok(start)
    }

    /// Takes the last character back, from its page too.
    fn drop_last(&mut self) {
        let Some(line) = self.text.lines.last_mut() else { return };
        line.boxes.pop();
        self.text.text.pop();
        self.length -= 1;
        if let Some(page) = self.text.pages.iter_mut().rfind(|page| page.start < page.end) {
            page.end = page.end.min(self.length);
        }
    }

    /// Ends a page whose text starts at `start`, if it has some.
    fn end_page(&mut self, start: Option<usize>, page: &PageText) {
        // Where a page without text is shows at the end.
        let range = start.map_or(NOWHERE..NOWHERE, |start| start..self.length);
        let number = self.text.pages.len() + 1;
        self.text.pages.push(Page::new(number, range, page.width, page.height));
    }

    /// The text. A page without text starts where the next one does.
    fn finish(mut self) -> ExtractedText {
        let mut next = self.length;
        for page in self.text.pages.iter_mut().rev() {
            if page.start == NOWHERE {
                (page.start, page.end) = (next, next);
            }
            next = page.start;
        }
        self.text
    }
}
