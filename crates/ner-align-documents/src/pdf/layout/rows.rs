//! From characters to rows and their fragments.

use super::mark::{ASCENT, DESCENT, Mark};

/// Farthest apart that base lines of one row are, in sizes of the font.
const SAME_BASE: f32 = 0.3;
/// The narrowest gap that may be one between columns, in sizes of the font.
const FRAGMENT_GAP: f32 = 0.8;
/// A raised or lowered character is smaller than its neighbour by a factor in this range.
const SCRIPT_SIZE: std::ops::RangeInclusive<f32> = 0.4..=0.85;
/// Raised or lowered characters in a row, at most.
const SCRIPT_LENGTH: usize = 6;
/// How far a raised or lowered character is from the base line and its neighbour, in sizes.
const SCRIPT_SHIFT: f32 = 0.6;
const SCRIPT_GAP: f32 = 0.3;
/// How many fragments around are asked whether they take up a raised one.
const SCRIPT_REACH: usize = 64;

/// Characters of a row without a wide gap between them, sorted from left to right.
#[derive(Debug, Clone)]
pub(crate) struct Fragment {
    pub(crate) marks: Vec<Mark>,
    pub(crate) u0: f32,
    pub(crate) u1: f32,
    /// Base line.
    pub(crate) v: f32,
    /// Size of the largest character.
    pub(crate) size: f32,
    /// The row that it is in; rows are numbered from top to bottom.
    pub(crate) row: usize,
}

impl Fragment {
    /// Upper edge.
    pub(crate) fn top(&self) -> f32 {
        self.v - ASCENT * self.size
    }

    /// Lower edge.
    pub(crate) fn bottom(&self) -> f32 {
        self.v + DESCENT * self.size
    }

    fn new(marks: Vec<Mark>, row: usize) -> Option<Self> {
        let seen = || marks.iter().filter(|mark| !mark.is_space());
        let largest = seen().max_by(|a, b| a.size.total_cmp(&b.size))?;
        let (v, size) = (largest.v, largest.size);
        let u0 = seen().map(|mark| mark.u0).fold(f32::INFINITY, f32::min);
        let u1 = seen().map(|mark| mark.u1).fold(f32::NEG_INFINITY, f32::max);
        Some(Self { marks, u0, u1, v, size, row })
    }
}

/// The fragments of a page, row by row.
pub(crate) fn fragments(marks: Vec<Mark>) -> Vec<Fragment> {
    let mut fragments = Vec::new();
    for (row, marks) in rows(marks).into_iter().enumerate() {
        cut(marks, row, &mut fragments);
    }
    join_scripts(fragments)
}

/// Characters with about the same base line, from top to bottom.
fn rows(mut marks: Vec<Mark>) -> Vec<Vec<Mark>> {
    marks.sort_by(|a, b| a.v.total_cmp(&b.v));
    let mut rows: Vec<Vec<Mark>> = Vec::new();
    let (mut base, mut size) = (f32::NEG_INFINITY, 0.0);
    for mark in marks {
        match rows.last_mut() {
            Some(row) if mark.v - base <= SAME_BASE * mark.size.min(size) => row.push(mark),
            _ => {
                (base, size) = (mark.v, mark.size);
                rows.push(vec![mark]);
            }
        }
    }
    rows
}

/// Cuts a row at its wide gaps. White space does not fill a gap.
fn cut(mut marks: Vec<Mark>, row: usize, fragments: &mut Vec<Fragment>) {
    marks.sort_by(|a, b| a.u0.total_cmp(&b.u0));
    let mut current: Vec<Mark> = Vec::new();
    let mut reach = f32::NEG_INFINITY;
    let mut size: f32 = 0.0;
    for mark in marks {
        if !mark.is_space() {
            if mark.u0 - reach > FRAGMENT_GAP * size.max(mark.size) {
                fragments.extend(Fragment::new(std::mem::take(&mut current), row));
            }
            (reach, size) = (reach.max(mark.u1), mark.size);
        }
        current.push(mark);
    }
    fragments.extend(Fragment::new(current, row));
}

/// Joins raised and lowered fragments (notes, units, ordinals) with the line that they stand at.
fn join_scripts(mut fragments: Vec<Fragment>) -> Vec<Fragment> {
    for index in 0..fragments.len() {
        let script = &fragments[index];
        let from = index.saturating_sub(SCRIPT_REACH);
        let to = (index + SCRIPT_REACH).min(fragments.len());
        let distance = |host: &Fragment| {
            let near = host.marks.iter().filter(|mark| !mark.is_space());
            near.map(|mark| (script.u0 - mark.u1).max(mark.u0 - script.u1).max(0.0))
                .fold(f32::INFINITY, f32::min)
        };
        let host = (from..to).find(|&at| {
            let host = &fragments[at];
            at != index
                && !host.marks.is_empty()
                && SCRIPT_SIZE.contains(&(script.size / host.size))
                && script.marks.len() <= SCRIPT_LENGTH
                && (script.v - host.v).abs() <= SCRIPT_SHIFT * host.size
                && distance(host) <= SCRIPT_GAP * host.size
        });
        if let Some(at) = host {
            let marks = std::mem::take(&mut fragments[index].marks);
            let mut joined = std::mem::take(&mut fragments[at].marks);
            joined.extend(marks);
            joined.sort_by(|a, b| a.u0.total_cmp(&b.u0));
            let row = fragments[at].row;
            if let Some(host) = Fragment::new(joined, row) {
                fragments[at] = host;
            }
        }
    }
    fragments.retain(|fragment| !fragment.marks.is_empty());
    fragments
}
