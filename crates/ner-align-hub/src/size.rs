//! Sizes for people.

use std::fmt;

/// A number of bytes that displays in decimal units, as download pages and disks count.
///
/// ```
/// use ner_align_hub::Size;
///
/// assert_eq!(Size(433_300_000).to_string(), "433.3 MB");
/// assert_eq!(Size(570).to_string(), "1 kB");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(pub u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            ..1_000_000 => write!(f, "{} kB", self.0.div_ceil(1000)),
            bytes => write!(f, "{:.1} MB", bytes as f64 / 1e6),
        }
    }
}
