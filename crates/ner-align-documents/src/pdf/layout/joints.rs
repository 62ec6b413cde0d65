//! What stands between two lines: a paragraph's end, a line's end, a space, or nothing.
//!
//! A line goes on in the next one if the first word of that would not have fitted in. Where the right
//! margin is comes from the lines themselves, if most of them end near it, else from the page.

use super::columns::median;
use super::lines::{Line, is_ideograph};

/// A distance of lines so many times the usual one ends a paragraph.
const PARAGRAPH: f32 = 1.3;
/// Fonts of which one is so many times as large as the other are of different paragraphs.
const OTHER_SIZE: f32 = 1.12;
/// A line further in by so many sizes is indented.
const INDENT: f32 = 0.8;
/// Lines tell where the margin is if they reach so far in what there is, or if they are as many.
const TELLING: f32 = 0.4;
const MANY: usize = 4;
/// In a column that is not as wide as that, in sizes, every line is about as long as a word is.
const NARROW: f32 = 12.0;
/// A line that fills this share of its column is not short.
const LONG: f32 = 0.6;
/// A usual space, in sizes.
const SPACE: f32 = 0.2;
/// Edges of lines that are as far apart are equal, in sizes.
const EDGE: f32 = 0.5;

/// What stands between two lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joint {
    /// A blank line: another paragraph.
    Blank,
    /// A line end.
    Line,
    Space,
    Nothing,
    /// Nothing, and the hyphen at the end goes.
    Hyphen,
}

/// What the lines of a part have in common.
#[derive(Debug)]
pub(crate) struct Block {
    /// Left edge.
    left: f32,
    /// Right margin.
    right: f32,
    /// Usual distance of base lines.
    pitch: f32,
    /// Whether the right margin is known: most lines end near it, or the surroundings tell.
    sure: bool,
    /// Whether most of its lines go on in the next one.
    prose: bool,
}

impl Block {
    /// `limit` is the right margin as far as the surroundings tell.
    pub(crate) fn new(lines: &[Line], limit: f32) -> Self {
        let left = lines.iter().map(|line| line.u0).fold(f32::INFINITY, f32::min);
        let right = lines.iter().map(|line| line.u1).fold(f32::NEG_INFINITY, f32::max);
        let mut distances: Vec<f32> = lines.windows(2).map(|pair| pair[1].v - pair[0].v).collect();
        median(&mut distances);
        let pitch = distances.get(distances.len() / 4).copied().unwrap_or(0.0);
        let mut block = Self { left, right, pitch, sure: true, prose: false };
        let (mut pairs, mut full) = (0, 0);
        for pair in lines.windows(2) {
            let cells = pair[0].cell.is_some() || pair[1].cell.is_some();
            if !cells && !block.is_apart(&pair[0], &pair[1]) && !pair[1].is_item() {
                pairs += 1;
                full += usize::from(block.is_full(&pair[0], &pair[1]));
            }
        }
        block.prose = pairs >= 2 && 4 * full >= 3 * pairs;
        let size = lines.first().map_or(0.0, |line| line.size);
        let enough = right - left >= TELLING * (limit - left) || pairs >= MANY;
        let wide = enough && right - left >= NARROW * size;
        if pairs == 0 || 10 * full < 7 * pairs || !wide {
            block.right = right.max(limit);
            block.sure = block.right > right + EDGE * size;
        }
        block
    }

    /// Between two lines of this part.
    pub(crate) fn joint(&self, line: &Line, next: &Line, known: impl Fn(&str) -> bool) -> Joint {
        let size = line.size;
        if self.is_apart(line, next) {
            return Joint::Blank;
        }
        let full = (self.sure || starts_small(next)) && self.is_full(line, next)
            || self.runs_on(line, next);
        if next.is_item() && (next.is_surely_item() || !full || ends_sentence(line)) {
            return Joint::Line;
        }
        if line.has_leader() {
            return Joint::Line;
        }
        if line.cell.is_some() || next.cell.is_some() {
            let below = line.cell.is_some_and(|cell| (next.u0 - cell).abs() < EDGE * size);
            let goes_on = below && next.cell.is_none() && full;
            return if goes_on { seam(line, next, known) } else { Joint::Line };
        }
        let indented = next.u0 - line.u0 > INDENT * size;
        if full {
            let paragraph = indented && ends_sentence(line) && !line.is_item();
            return if paragraph { Joint::Blank } else { seam(line, next, known) };
        }
        if indented && next.u0 - self.left > INDENT * size { Joint::Blank } else { Joint::Line }
    }

    /// Between the last line of this part and the first one of the next part.
    pub(crate) fn joint_across(
        &self,
        line: &Line,
        next: &Line,
        other: &Self,
        known: impl Fn(&str) -> bool,
    ) -> Joint {
        let fits = is_of_other_size(line, next)
            || next.is_item()
            || line.cell.is_some()
            || next.cell.is_some()
            || !self.is_full(line, next);
        if fits {
            return Joint::Blank;
        }
        let indented = next.u0 - other.left > INDENT * next.size;
        let prose = self.prose && other.prose && !indented && !ends_sentence(line);
        if starts_small(next) || prose { seam(line, next, known) } else { Joint::Blank }
    }

    fn is_apart(&self, line: &Line, next: &Line) -> bool {
        is_of_other_size(line, next) || next.v - line.v > PARAGRAPH * self.pitch
    }

    /// Whether a line that is not short goes on in small letters. Browsers break lines early, so that
    /// the last one is not too short.
    fn runs_on(&self, line: &Line, next: &Line) -> bool {
        let long = line.u1 - line.u0 >= LONG * (self.right - self.left);
        starts_small(next) && long && !ends_sentence(line)
    }

    /// Whether the first word of the next line would not have fitted into a line.
    fn is_full(&self, line: &Line, next: &Line) -> bool {
        let ends = (line.marks.first(), line.marks.last());
        let leftwards = matches!(ends, (Some(first), Some(last)) if first.u0 > last.u0);
        let (before, after) = (line.u0 - self.left, self.right - line.u1);
        let centred = before > line.size && (before - after).abs() < 2.0 * EDGE * line.size;
        // What stands in the right half alone was put there.
        if !leftwards && !centred && before > 0.5 * (self.right - self.left) {
            return false;
        }
        let free = match () {
            () if centred => before + after,
            () if leftwards => before,
            () => after,
        };
        free < next.first_word() + SPACE * line.size
    }
}

fn is_of_other_size(line: &Line, next: &Line) -> bool {
    line.size.max(next.size) > OTHER_SIZE * line.size.min(next.size)
}

fn starts_small(line: &Line) -> bool {
    line.marks.first().is_some_and(|mark| mark.c.is_lowercase())
}

fn ends_sentence(line: &Line) -> bool {
    line.marks.last().is_some_and(|mark| ".!?:;”\"'»)]。！？…".contains(mark.c))
}

/// How the word at the end of a line and the one at the start of the next are joined.
fn seam(line: &Line, next: &Line, known: impl Fn(&str) -> bool) -> Joint {
    let (Some(last), Some(first)) = (line.marks.last(), next.marks.first()) else {
        return Joint::Space;
    };
    if is_ideograph(last.c) && is_ideograph(first.c) {
        return Joint::Nothing;
    }
    if !is_hyphen(last.c) {
        return Joint::Space;
    }
    let before = line.marks.len().checked_sub(2).map(|index| line.marks[index].c);
    if !before.is_some_and(char::is_alphabetic) {
        return Joint::Space;
    }
    if last.c == '\u{AD}' || first.c.is_lowercase() && !known(&compound(line, next)) {
        return Joint::Hyphen;
    }
    Joint::Nothing
}

pub(crate) const fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}' | '\u{AD}')
}

/// The last word of a line and the first of the next, with the hyphen between them.
fn compound(line: &Line, next: &Line) -> String {
    let is_word = |c: &char| c.is_alphanumeric() || is_hyphen(*c);
    let mut start: Vec<char> =
        line.marks.iter().rev().map(|mark| mark.c).take_while(is_word).collect();
    start.reverse();
    start.into_iter().chain(next.marks.iter().map(|mark| mark.c).take_while(is_word)).collect()
}
