//! Detects the scheme of a corpus.

use super::Scheme;
use crate::{Prefix, Tag};

/// Detects the scheme of a corpus from its tags.
///
/// Call [`SchemeDetector::observe`] for each sentence, then [`SchemeDetector::scheme`].
///
/// ```
/// use ner_align_core::{Scheme, SchemeDetector, Tag};
/// let mut detector = SchemeDetector::default();
/// let tags: Vec<Tag> = ["B-PER", "I-PER", "O"].iter().map(|t| Tag::parse(t).unwrap()).collect();
/// detector.observe(&tags);
/// assert_eq!(detector.scheme(), Scheme::Iob2);
/// ```
#[derive(Debug, Clone, Default)]
pub struct SchemeDetector {
    sentences: usize,
    /// Violations of each scheme, in the order of [`Scheme::ALL`].
    violations: [usize; 7],
    begins: usize,
    ends: usize,
    /// The letters L or U were seen, which only BILUO uses.
    biluo_letters: bool,
}

impl SchemeDetector {
    /// Adds one sentence.
    pub fn observe(&mut self, tags: &[Tag]) {
        self.sentences += 1;
        for tag in tags {
            match tag.prefix() {
                Some(Prefix::Begin | Prefix::Single) => self.begins += 1,
                Some(Prefix::End) => self.ends += 1,
                _ => {}
            }
        }
        for (count, scheme) in self.violations.iter_mut().zip(Scheme::ALL) {
            *count += (0..=tags.len())
                .filter(|&word| {
                    let previous = word.checked_sub(1).and_then(|i| tags.get(i));
                    !scheme.is_legal(previous, tags.get(word))
                })
                .count();
        }
    }

    /// Records that the source has the letter L or U, which only BILUO uses. A [`Tag`] does not
    /// tell L from E or U from S.
    pub const fn saw_biluo_letter(&mut self) {
        self.biluo_letters = true;
    }

    /// The scheme with the fewest violations so far; IOB2 if several have equally few, and without
    /// any tags. BILUO if its letters were recorded.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        let preference: &[Scheme] = if self.biluo_letters {
            &[Scheme::Biluo]
        } else if self.begins == 0 && self.ends == 0 {
            &[Scheme::Iob2, Scheme::Io]
        } else {
            &[Scheme::Iob2, Scheme::Iob1, Scheme::Ioe2, Scheme::Ioe1, Scheme::Iobes]
        };
        let count = |scheme: Scheme| {
            Scheme::ALL.iter().position(|s| *s == scheme).map_or(0, |i| self.violations[i])
        };
        preference.iter().copied().min_by_key(|scheme| count(*scheme)).unwrap_or(Scheme::Iob2)
    }
}
