//! The characters of a page, as its content stream draws them.

use std::collections::HashMap;
use std::panic::resume_unwind;
use std::time::Instant;

use hayro_interpret::font::{Glyph, GlyphRun, PositionedGlyph};
use hayro_interpret::hayro_cmap::WritingMode;
use hayro_interpret::hayro_syntax::object::dict::keys::ACTUAL_TEXT;
use hayro_interpret::hayro_syntax::object::{Dict, String as PdfString};
use hayro_interpret::kurbo::{Affine, BezPath, Point, Vec2};
use hayro_interpret::{
    BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, SoftMask,
};

use super::layout::{Direction, Mark};
use super::letters;
use crate::error::DocumentsError;

/// Units of glyph space in an em.
const UNITS: f64 = 1000.0;
/// The same character at the same place is drawn twice for a shadow or a bold face: so near, in sizes.
const TWICE: f32 = 0.12;
/// Fonts of other sizes, in points, are faults.
const SIZES: std::ops::Range<f64> = 0.05..5000.0;

/// Collects the characters that are drawn, within limits.
#[derive(Debug)]
pub(crate) struct Collector {
    width: f64,
    height: f64,
    marks: Vec<(Direction, Mark)>,
    /// What was drawn already, by character and place.
    seen: HashMap<(char, i32, i32), Vec<(f32, f32)>>,
    /// For each marked content that is open, whether it is the one with the actual text.
    open: Vec<bool>,
    actual: Option<(Vec<char>, usize)>,
    limits: Limits,
    letters: Vec<char>,
}

/// When to stop.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    pub(crate) until: Instant,
    /// Characters that may be drawn on a page.
    pub(crate) characters: usize,
    /// What to say at the time limit, and for too many characters.
    pub(crate) late: DocumentsError,
    pub(crate) many: DocumentsError,
}

impl Limits {
    /// Leaves the interpreter, which has no way to end early, by unwinding to the caller of
    /// [`super::extract`]; the hook for panics does not run.
    pub(crate) fn check(&self, characters: usize) {
        if characters > self.characters {
            resume_unwind(Box::new(self.many.clone()));
        }
        if Instant::now() >= self.until {
            resume_unwind(Box::new(self.late.clone()));
        }
    }
}

/// A glyph on the page as it is shown.
struct Placed {
    origin: Point,
    /// From the origin to the next glyph, horizontally in glyph space.
    advance: Vec2,
    size: f64,
    direction: Direction,
}

impl Collector {
    /// For a page of this size in points, as it is shown.
    pub(crate) fn new(width: f64, height: f64, limits: Limits) -> Self {
        Self {
            width,
            height,
            marks: Vec::new(),
            seen: HashMap::new(),
            open: Vec::new(),
            actual: None,
            limits,
            letters: Vec::new(),
        }
    }

    /// The characters by direction.
    pub(crate) fn into_marks(mut self) -> Vec<(Direction, Vec<Mark>)> {
        self.end_actual_text();
        Direction::ALL
            .into_iter()
            .map(|direction| {
                let own = self.marks.iter().filter(|(other, _)| *other == direction);
                (direction, own.map(|(_, mark)| *mark).collect::<Vec<_>>())
            })
            .filter(|(_, marks)| !marks.is_empty())
            .collect()
    }

    fn draw(&mut self, run: &GlyphRun<'_, '_>, transform: Affine) {
        let vertical = run.writing_mode() == WritingMode::Vertical;
        let mut placed: Vec<_> =
            run.glyphs().iter().map(|glyph| place(glyph, transform, vertical)).collect();
        steady(run.glyphs(), &mut placed);
        for (glyph, placed) in run.glyphs().iter().zip(placed) {
            let Some(placed) = placed else { continue };
            let mut letters = std::mem::take(&mut self.letters);
            letters.clear();
            letters::of_glyph(glyph, &mut letters);
            self.add(&placed, vertical, &letters);
            self.letters = letters;
        }
    }

    /// Adds the characters of a glyph, which share its width.
    fn add(&mut self, placed: &Placed, vertical: bool, letters: &[char]) {
        let Placed { origin, advance, size, direction } = *placed;
        let middle = origin + advance / 2.0;
        let inside = |at: f64, edge: f64| (-size..edge + size).contains(&at);
        if !inside(middle.x, self.width) || !inside(middle.y, self.height) {
            return;
        }
        let (start, end) = (origin, origin + advance);
        let (u0, v) = direction.frame(start.x as f32, start.y as f32);
        let (u1, _) = direction.frame(end.x as f32, end.y as f32);
        let size = size as f32;
        // A glyph of vertical writing hangs from the line instead of standing on it.
        let (u0, u1, v) = match vertical {
            true => (u0 - 0.88 * size, u0 + 0.12 * size, v - 0.22 * size),
            false => (u0.min(u1), u0.max(u1), v),
        };
        let step = (u1 - u0) / letters.len() as f32;
        for (index, &c) in letters.iter().enumerate() {
            let from = u0 + step * index as f32;
            let mark = Mark { c, u0: from, u1: from + step, v, size };
            if mark.is_space() || !self.is_twice(&mark) {
                self.marks.push((direction, mark));
            }
        }
    }

    /// Whether the same character stands there already.
    fn is_twice(&mut self, mark: &Mark) -> bool {
        let cell = |at: f32| at.floor() as i32;
        let near = |&(u0, v): &(f32, f32)| {
            (u0 - mark.u0).abs() < TWICE * mark.size && (v - mark.v).abs() < TWICE * mark.size
        };
        let (column, row) = (cell(mark.u0), cell(mark.v));
        let around = (-1..=1).flat_map(|x| (-1..=1).map(move |y| (x, y)));
        let mut cells = around.filter_map(|(x, y)| {
            self.seen.get(&(mark.c, column.saturating_add(x), row.saturating_add(y)))
        });
        if cells.any(|places| places.iter().any(near)) {
            return true;
        }
        self.seen.entry((mark.c, column, row)).or_default().push((mark.u0, mark.v));
        false
    }

    /// Replaces what was drawn since the actual text began, if it is of one line.
    fn end_actual_text(&mut self) {
        let Some((letters, start)) = self.actual.take() else { return };
        let Some(&(direction, first)) = self.marks.get(start) else { return };
        let drawn = &self.marks[start..];
        let one_line = drawn.iter().all(|(other, mark)| {
            *other == direction && (mark.v - first.v).abs() < 0.5 * first.size
        });
        if !one_line {
            return;
        }
        let u0 = drawn.iter().map(|(_, mark)| mark.u0).fold(f32::INFINITY, f32::min);
        let u1 = drawn.iter().map(|(_, mark)| mark.u1).fold(f32::NEG_INFINITY, f32::max);
        self.marks.truncate(start);
        let step = (u1 - u0) / letters.len() as f32;
        self.marks.extend(letters.iter().enumerate().map(|(index, &c)| {
            let from = u0 + step * index as f32;
            (direction, Mark { c, u0: from, u1: from + step, ..first })
        }));
    }
}

/// Where a glyph stands; `None` if its matrix is a fault.
fn place(glyph: &PositionedGlyph<'_>, transform: Affine, vertical: bool) -> Option<Placed> {
    let matrix = transform * glyph.transform();
    let origin = matrix * Point::ZERO;
    let along = matrix * Point::new(UNITS, 0.0) - origin;
    let size = (matrix * Point::new(0.0, UNITS) - origin).hypot();
    let width = match &**glyph {
        Glyph::Outline(glyph) => glyph.advance_width(),
        Glyph::Type3(glyph) => glyph.advance_width(),
    };
    let advance = along * (f64::from(width.unwrap_or(500.0)) / UNITS);
    let far = [origin.x, origin.y, advance.x, advance.y].into_iter();
    let sound = far.map(f64::abs).all(|length| length < 1e6) && SIZES.contains(&size);
    let direction = Direction::of(along.x as f32, along.y as f32);
    let direction = match (vertical, direction) {
        (false, direction) => direction,
        (true, Direction::Right) => Direction::Down,
        (true, Direction::Down) => Direction::Left,
        (true, Direction::Left) => Direction::Up,
        (true, Direction::Up) => Direction::Right,
    };
    sound.then_some(Placed { origin, advance, size, direction })
}

/// Corrects widths and sizes of a run by what its glyphs have in common.
///
/// The matrix of a glyph of a substituted font holds how the glyph is stretched, which its width does
/// not need. And the size of a Type 3 font says nothing, since its matrix may scale it.
fn steady(glyphs: &[PositionedGlyph<'_>], placed: &mut [Option<Placed>]) {
    for index in 0..placed.len() {
        let next = placed.get(index + 1).and_then(Option::as_ref).map(|next| next.origin);
        let Some(one) = &mut placed[index] else { continue };
        let (Glyph::Outline(glyph), true) = (&*glyphs[index], one.advance.hypot() > 0.0) else {
            continue;
        };
        let upright = one.size * f64::from(glyph.advance_width().unwrap_or(500.0)) / UNITS;
        let scaled = one.advance.hypot();
        let step = next.map_or(upright, |next| (next - one.origin).hypot());
        if (step - upright).abs() < (step - scaled).abs() {
            one.advance *= upright / scaled;
        }
    }
    if !glyphs.iter().all(|glyph| matches!(&**glyph, Glyph::Type3(_))) {
        return;
    }
    let widths: Vec<f64> = placed.iter().flatten().map(|one| one.advance.hypot()).collect();
    let mean = widths.iter().sum::<f64>() / widths.len().max(1) as f64;
    for one in placed.iter_mut().flatten() {
        if mean > 0.0 && !(0.2..1.2).contains(&(mean / one.size)) {
            one.size = 2.0 * mean;
        }
    }
}

impl<'a> Device<'a> for Collector {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        self.limits.check(self.marks.len());
        self.draw(run, props.transform);
    }

    fn begin_marked_content(&mut self, _: &[u8], properties: Option<&Dict<'_>>) {
        let text = properties.and_then(|own| own.get::<PdfString<'_>>(ACTUAL_TEXT));
        let outermost = self.actual.is_none();
        let text = text.filter(|_| outermost);
        self.open.push(text.is_some());
        if let Some(text) = text {
            self.actual = Some((letters::of_string(text.as_bytes()), self.marks.len()));
        }
    }

    fn end_marked_content(&mut self) {
        if self.open.pop() == Some(true) {
            self.end_actual_text();
        }
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {
        self.limits.check(self.marks.len());
    }

    fn push_clip_path(&mut self, _: &ClipPath) {
        self.limits.check(self.marks.len());
    }

    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}

    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {
        self.limits.check(self.marks.len());
    }

    fn pop_clip(&mut self) {}

    fn pop_transparency_group(&mut self) {}
}
