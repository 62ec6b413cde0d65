//! Characters on a page, in the frame of their direction.

use crate::extracted::CharBox;

/// How far a character reaches above its base line and below it, in its size.
pub(crate) const ASCENT: f32 = 0.75;
pub(crate) const DESCENT: f32 = 0.22;

/// The direction in which text is read on a page as it is shown.
///
/// Layout works in a frame of its own for each direction: `u` grows along the line and `v` from
/// line to line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Direction {
    Right,
    /// Text turned by a quarter clockwise, and vertical writing.
    Down,
    Left,
    Up,
}

impl Direction {
    pub(crate) const ALL: [Self; 4] = [Self::Right, Self::Down, Self::Left, Self::Up];

    /// The direction nearest to a vector on the page (`y` grows downwards).
    pub(crate) fn of(x: f32, y: f32) -> Self {
        match (x.abs() >= y.abs(), x >= 0.0, y >= 0.0) {
            (true, true, _) => Self::Right,
            (true, false, _) => Self::Left,
            (false, _, true) => Self::Down,
            (false, _, false) => Self::Up,
        }
    }

    /// `u` and `v` of a point.
    pub(crate) fn frame(self, x: f32, y: f32) -> (f32, f32) {
        match self {
            Self::Right => (x, y),
            Self::Down => (y, -x),
            Self::Left => (-x, -y),
            Self::Up => (-y, x),
        }
    }

    /// A rectangle of the frame on the page as it is shown, rounded to hundredths of a point.
    pub(crate) fn on_page(self, u0: f32, v0: f32, u1: f32, v1: f32) -> CharBox {
        let [x0, y0, x1, y1] = match self {
            Self::Right => [u0, v0, u1, v1],
            Self::Down => [-v1, u0, -v0, u1],
            Self::Left => [-u1, -v1, -u0, -v0],
            Self::Up => [v0, -u1, v1, -u0],
        };
        [x0, y0, x1, y1].map(|edge| (edge * 100.0).round() / 100.0)
    }
}

/// A character in the frame of its direction. Lengths are in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Mark {
    pub(crate) c: char,
    pub(crate) u0: f32,
    pub(crate) u1: f32,
    /// Its base line.
    pub(crate) v: f32,
    /// Size of its font; above 0.
    pub(crate) size: f32,
}

impl Mark {
    pub(crate) fn is_space(&self) -> bool {
        self.c.is_whitespace()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_and_pages_are_inverse() {
        for direction in Direction::ALL {
            let (u0, v0) = direction.frame(10.0, 20.0);
            let (u1, v1) = direction.frame(13.0, 27.0);
            let found = direction.on_page(u0.min(u1), v0.min(v1), u0.max(u1), v0.max(v1));
            assert_eq!(found, [10.0, 20.0, 13.0, 27.0], "{direction:?}");
        }
    }

    #[test]
    fn lines_go_on_below_in_the_frame() {
        // A vector along the line has a growing u and the same v.
        for (x, y, direction) in [
            (1.0, 0.1, Direction::Right),
            (0.1, 1.0, Direction::Down),
            (-1.0, 0.1, Direction::Left),
            (0.0, -1.0, Direction::Up),
        ] {
            assert_eq!(Direction::of(x, y), direction);
            assert!(direction.frame(x, y).0 > 0.0, "{direction:?}");
        }
    }
}
