//! The order in which the parts of a page are read.
//!
//! A gutter is an empty strip with text on both sides. The tallest stretch of rows with a gutter is
//! read column by column, what stands above it before, what stands below it after. Each part is cut
//! again in the same way. Rows of a table have gaps too: they are told from columns by their base
//! lines, which are those of the row beside them, while their cells are not filled.

use super::rows::Fragment;

/// The narrowest gutter, in sizes of the font, between tall columns and between short ones.
const GUTTER: f32 = 0.7;
const WIDE_GUTTER: f32 = 1.5;
/// Rows from which on columns are tall, and the fewest that a column has.
const TALL: usize = 6;
const FEWEST: usize = 3;
/// Share of rows that stand beside another above which it is a table,
const ALIGNED: f32 = 0.75;
/// unless both columns are tall and hold running text: rows as wide as that, in sizes, which fill
/// this share of their column.
const RUNNING: f32 = 10.0;
const FILLED: f32 = 0.6;
/// Base lines so many sizes apart are not of one paragraph.
const APART: f32 = 2.0;
/// A page with more fragments is no page of text; its rows are read as they stand.
const MOST_FRAGMENTS: usize = 20_000;
/// Parts are cut at most so many times.
const MOST_CUTS: usize = 24;

/// A part of a page that is read row by row.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) fragments: Vec<Fragment>,
    /// The right edge that its lines may reach as far as its surroundings tell.
    pub(crate) limit: f32,
}

/// The parts of a page in the order in which they are read. `limit` is its right margin.
pub(crate) fn parts(fragments: Vec<Fragment>, limit: f32) -> Vec<Part> {
    let mut parts = Vec::new();
    let cuts = if fragments.len() > MOST_FRAGMENTS { 0 } else { MOST_CUTS };
    cut(fragments, limit, cuts, &mut parts);
    parts
}

fn cut(fragments: Vec<Fragment>, limit: f32, cuts: usize, parts: &mut Vec<Part>) {
    if fragments.is_empty() {
        return;
    }
    let band = if cuts > 0 { tallest_band(&fragments) } else { None };
    let Some(band) = band else { return parts.push(Part { fragments, limit }) };
    let (mut above, mut left, mut right, mut below) = (vec![], vec![], vec![], vec![]);
    for fragment in fragments {
        let part = match fragment.row {
            row if row < band.first => &mut above,
            row if row > band.last => &mut below,
            _ if fragment.u1 <= band.at => &mut left,
            _ => &mut right,
        };
        part.push(fragment);
    }
    let edges = |side: &[Fragment]| {
        side.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), fragment| {
            (low.min(fragment.u0), high.max(fragment.u1))
        })
    };
    let (_, left1) = edges(&left);
    cut(above, limit, cuts - 1, parts);
    cut(left, left1, cuts - 1, parts);
    cut(right, limit, cuts - 1, parts);
    cut(below, limit, cuts - 1, parts);
}

/// Rows `first..=last`, cut at the abscissa `at`.
#[derive(Debug, Clone, Copy)]
struct Band {
    first: usize,
    last: usize,
    at: f32,
    rows: usize,
    width: f32,
}

fn tallest_band(fragments: &[Fragment]) -> Option<Band> {
    let mut rows: Vec<(usize, Vec<&Fragment>)> = Vec::new();
    for fragment in fragments {
        match rows.last_mut() {
            Some((row, members)) if *row == fragment.row => members.push(fragment),
            _ => rows.push((fragment.row, vec![fragment])),
        }
    }
    let mut starts: Vec<f32> = fragments.iter().map(|fragment| fragment.u0).collect();
    starts.sort_by(f32::total_cmp);
    // Edges of a column differ by the bearings of its letters.
    starts.dedup_by(|b, a| *b - *a < 0.5);
    let mut best: Option<Band> = None;
    for right in starts {
        let mut from = 0;
        while from < rows.len() {
            let crosses = |fragment: &&Fragment| {
                fragment.u0 < right - 0.01 && fragment.u1 > right - GUTTER * fragment.size
            };
            let length = rows[from..].iter().take_while(|row| !row.1.iter().any(crosses)).count();
            if length >= FEWEST && best.is_none_or(|best| length >= best.rows) {
                best = better(best, band(&rows[from..from + length], right));
            }
            from += length.max(1);
        }
    }
    best
}

fn better(best: Option<Band>, found: Option<Band>) -> Option<Band> {
    match (best, found) {
        (Some(best), Some(found)) if (best.rows, best.width) >= (found.rows, found.width) => {
            Some(best)
        }
        (best, None) => best,
        (_, found) => found,
    }
}

/// The band of these rows, if a gutter left of `right` parts them into columns.
fn band(rows: &[(usize, Vec<&Fragment>)], right: f32) -> Option<Band> {
    let rows = &rows[heading(rows, right)?..];
    let left = Side::of(rows, |fragment| fragment.u1 <= right - 0.01)?;
    let other = Side::of(rows, |fragment| fragment.u1 > right - 0.01)?;
    let width = other.u0 - left.u1;
    let fewest = left.rows.min(other.rows);
    let size = left.size.max(other.size);
    let narrowest = if fewest >= TALL { GUTTER } else { WIDE_GUTTER };
    let overlap = left.bottom.min(other.bottom) - left.top.max(other.top);
    let shorter = (left.bottom - left.top).min(other.bottom - other.top);
    if fewest < FEWEST || width < narrowest * size || overlap < 0.5 * shorter {
        return None;
    }
    let both = rows.iter().filter(|(_, members)| {
        members.iter().any(|one| one.u1 <= left.u1) && members.iter().any(|one| one.u0 >= other.u0)
    });
    let aligned = both.count() as f32 / fewest as f32;
    let running = fewest >= TALL && left.is_running() && other.is_running();
    if aligned >= ALIGNED && !running {
        return None;
    }
    let (first, last) = (rows.first()?.0, rows.last()?.0);
    Some(Band { first, last, at: (left.u1 + other.u0) / 2.0, rows: rows.len(), width })
}

/// How many rows at the top have nothing on the left and stand apart from what is below them: these are
/// read before the columns. `None` if no row has anything on the left.
fn heading(rows: &[(usize, Vec<&Fragment>)], right: f32) -> Option<usize> {
    let is_left = |fragment: &&Fragment| fragment.u1 <= right - 0.01;
    let top = rows.iter().position(|(_, members)| members.iter().any(is_left))?;
    let Some(last) = top.checked_sub(1).and_then(|above| rows[above].1.first()) else {
        return Some(0);
    };
    let mut below = rows[top..].iter().flat_map(|(_, members)| members);
    let next = below.find(|fragment| !is_left(fragment))?;
    Some(if next.v - last.v > APART * last.size { top } else { 0 })
}

/// What is on one side of a gutter.
#[derive(Debug)]
struct Side {
    rows: usize,
    u0: f32,
    u1: f32,
    top: f32,
    bottom: f32,
    /// Median of the sizes.
    size: f32,
    /// Median of the widths of the rows.
    row: f32,
}

impl Side {
    /// Whether it looks like running text.
    fn is_running(&self) -> bool {
        self.row >= RUNNING * self.size && self.row >= FILLED * (self.u1 - self.u0)
    }

    fn of(rows: &[(usize, Vec<&Fragment>)], belongs: impl Fn(&Fragment) -> bool) -> Option<Self> {
        let (mut sizes, mut widths) = (Vec::new(), Vec::new());
        let (mut u0, mut u1) = (f32::INFINITY, f32::NEG_INFINITY);
        let (mut top, mut bottom) = (f32::INFINITY, f32::NEG_INFINITY);
        for (_, members) in rows {
            let (mut start, mut end) = (f32::INFINITY, f32::NEG_INFINITY);
            for fragment in members.iter().filter(|fragment| belongs(fragment)) {
                (start, end) = (start.min(fragment.u0), end.max(fragment.u1));
                (top, bottom) = (top.min(fragment.top()), bottom.max(fragment.bottom()));
                sizes.push(fragment.size);
            }
            if start <= end {
                widths.push(end - start);
                (u0, u1) = (u0.min(start), u1.max(end));
            }
        }
        let rows = widths.len();
        let (size, row) = (median(&mut sizes)?, median(&mut widths)?);
        Some(Self { rows, u0, u1, top, bottom, size, row })
    }
}

/// The middle value; the upper one of two.
pub(super) fn median(values: &mut [f32]) -> Option<f32> {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied()
}
