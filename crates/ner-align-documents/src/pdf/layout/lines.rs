//! From the rows of a part to lines of text: where spaces and tabs are.

use super::accents;
use super::bidi;
use super::columns::{Part, median};
use super::mark::Mark;
use super::rows::Fragment;

/// A gap of this many sizes is a space between words, unless the letters of the line are spaced.
const SPACE: f32 = 0.11;
/// A space that is drawn counts if it is that wide, or keeps this share of its width: programs also
/// move letters by spaces that they make narrow.
const DRAWN_SPACE: f32 = 0.1;
const KEPT: f32 = 0.4;
/// Letters are spaced if a quarter of the gaps is not below this. It takes a few to tell.
const SPACED: f32 = 0.08;
const TELLING: usize = 8;
/// A gap between cells is so many sizes wide and so many times as wide as the others in its line.
const TAB: f32 = 1.2;
const TAB_FACTOR: f32 = 2.5;
/// No space between words is that wide.
const SURELY_TAB: f32 = 4.0;
/// A row of as many dots leads the eye to the next cell.
const LEADER: usize = 5;
/// Signs that start an item of a list, and those that stand between words too.
const BULLETS: &str = "•‣◦▪▫■□●○➢►❖✓⁃∙";
const DASHES: &str = "-–—*·";

/// A line of text in the order in which it is read. Separators are characters with a box too.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) marks: Vec<Mark>,
    pub(crate) u0: f32,
    pub(crate) u1: f32,
    /// Base line.
    pub(crate) v: f32,
    /// Median of the sizes.
    pub(crate) size: f32,
    /// Where its last cell starts, if it has cells.
    pub(crate) cell: Option<f32>,
}

impl Line {
    /// Whether it starts as an item of a list does: by a bullet, a dash, `3.`, `(b)`.
    pub(crate) fn is_item(&self) -> bool {
        let head: Vec<char> = self.head().collect();
        match head.as_slice() {
            [c] => BULLETS.contains(*c) || DASHES.contains(*c),
            ['(', body @ .., ')'] | [body @ .., '.' | ')'] => match body {
                [c] => c.is_ascii_digit() || c.is_ascii_lowercase(),
                [a, b] => a.is_ascii_digit() && b.is_ascii_digit(),
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether it starts by a sign that stands nowhere else.
    pub(crate) fn is_surely_item(&self) -> bool {
        let mut head = self.head();
        head.next().is_some_and(|c| BULLETS.contains(c)) && head.next().is_none()
    }

    /// Whether it holds a row of dots, as lines of a table of contents do.
    pub(crate) fn has_leader(&self) -> bool {
        let seen = self.marks.iter().filter(|mark| !mark.is_space());
        let mut run = 0;
        seen.into_iter().any(|mark| {
            run = if mark.c == '.' { run + 1 } else { 0 };
            run >= LEADER
        })
    }

    /// The first word, as far as it matters.
    fn head(&self) -> impl Iterator<Item = char> {
        self.marks.iter().map(|mark| mark.c).take(6).take_while(|c| !c.is_whitespace())
    }

    /// Width of the first word.
    pub(crate) fn first_word(&self) -> f32 {
        let word = self.marks.iter().take_while(|mark| !mark.is_space());
        let (mut start, mut end) = (f32::INFINITY, f32::NEG_INFINITY);
        for mark in word {
            (start, end) = (start.min(mark.u0), end.max(mark.u1));
            if is_ideograph(mark.c) {
                break;
            }
        }
        (end - start).max(0.0)
    }
}

/// The lines of a part from top to bottom.
pub(crate) fn lines(part: &Part) -> Vec<Line> {
    let mut rows: Vec<Vec<&Fragment>> = Vec::new();
    for fragment in &part.fragments {
        match rows.last_mut() {
            Some(row) if row[0].row == fragment.row => row.push(fragment),
            _ => rows.push(vec![fragment]),
        }
    }
    rows.iter().filter_map(|row| line(row)).collect()
}

fn line(row: &[&Fragment]) -> Option<Line> {
    let mut marks: Vec<Mark> = row.iter().flat_map(|fragment| &fragment.marks).copied().collect();
    marks.sort_by(|a, b| a.u0.total_cmp(&b.u0));
    accents::join(&mut marks);
    let (seen, spaced) = without_spaces(&marks);
    let first = seen.first()?;
    let mut sizes: Vec<f32> = seen.iter().map(|mark| mark.size).collect();
    let size = median(&mut sizes)?;
    let u0 = first.u0;
    let u1 = seen.iter().map(|mark| mark.u1).fold(f32::NEG_INFINITY, f32::max);
    let base = row.iter().max_by(|a, b| a.marks.len().cmp(&b.marks.len()))?.v;
    let (marks, cell) = separated(&seen, &spaced);
    let marks = bidi::logical(marks);
    Some(Line { marks, u0, u1, v: base, size, cell })
}

/// The characters that are no white space, and how wide the white space before each is drawn, in
/// points.
fn without_spaces(marks: &[Mark]) -> (Vec<Mark>, Vec<Option<f32>>) {
    let (mut seen, mut spaced) = (Vec::new(), Vec::new());
    let mut space: Option<f32> = None;
    for mark in marks {
        if mark.is_space() {
            space = Some(space.unwrap_or(0.0).max(mark.u1 - mark.u0));
            continue;
        }
        seen.push(*mark);
        spaced.push(space.take());
    }
    (seen, spaced)
}

/// The characters with a space or a tab where there is one, and the start of the last cell.
fn separated(seen: &[Mark], spaced: &[Option<f32>]) -> (Vec<Mark>, Option<f32>) {
    let gaps = gaps(seen);
    let letters = letter_gap(seen, &gaps);
    let is_word_gap = |index: usize| {
        let drawn = spaced[index].map(|width| DRAWN_SPACE.min(KEPT * width / seen[index].size));
        gaps[index] > letters + SPACE || drawn.is_some_and(|least| gaps[index] >= least)
    };
    let mut words: Vec<f32> =
        (1..seen.len()).filter(|&index| is_word_gap(index)).map(|index| gaps[index]).collect();
    words.sort_by(f32::total_cmp);
    let mut marks: Vec<Mark> = Vec::with_capacity(seen.len() + words.len());
    let mut cell = None;
    let mut reach = f32::NEG_INFINITY;
    for (index, mark) in seen.iter().enumerate() {
        if index > 0 && is_word_gap(index) {
            let gap = gaps[index];
            // The middle of the other gaps; a gap alone is measured by a usual space.
            let others = words.len() - 1;
            let middle = words.get(others / 2).filter(|_| others > 0).copied().unwrap_or(0.3);
            let wide = gap > TAB && gap > TAB_FACTOR * middle.max(0.1) || gap > SURELY_TAB;
            let after_bullet =
                index == 1 && (BULLETS.contains(seen[0].c) || DASHES.contains(seen[0].c));
            let is_tab = wide && !after_bullet;
            if is_tab {
                cell = Some(mark.u0);
            }
            let (from, to) = (reach.min(mark.u0), mark.u0);
            let c = if is_tab { '\t' } else { ' ' };
            marks.push(Mark { c, u0: from, u1: to, ..*mark });
        }
        marks.push(*mark);
        reach = reach.max(mark.u1);
    }
    (marks, cell)
}

/// The gap before each character, in sizes; 0 before the first.
fn gaps(seen: &[Mark]) -> Vec<f32> {
    let mut before: Option<(f32, f32)> = None;
    let gap = |mark: &Mark| {
        let gap = before.map(|(reach, size)| (mark.u0 - reach) / size.max(mark.size));
        let reach = before.map_or(mark.u1, |(reach, _)| reach.max(mark.u1));
        before = Some((reach, mark.size));
        gap.unwrap_or(0.0)
    };
    seen.iter().map(gap).collect()
}

/// By how much the letters of a line are spaced, in sizes. Rows of dots do not count.
fn letter_gap(seen: &[Mark], gaps: &[f32]) -> f32 {
    let between =
        |index: &usize| seen[*index].c.is_alphanumeric() && seen[index - 1].c.is_alphanumeric();
    let mut sorted: Vec<f32> = (1..seen.len()).filter(between).map(|index| gaps[index]).collect();
    if sorted.len() < TELLING {
        return 0.0;
    }
    sorted.sort_by(f32::total_cmp);
    let quarter = sorted[sorted.len() / 4];
    if quarter >= SPACED { sorted[sorted.len() / 2].min(quarter * 1.5) } else { 0.0 }
}

/// Whether a character belongs to a script that is written without spaces.
pub(crate) const fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{30FF}' | '\u{31F0}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{FF01}'..='\u{FF9F}' | '\u{20000}'..='\u{3FFFF}')
}
