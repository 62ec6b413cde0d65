//! Offsets of a text and of the same text with other words in places.

use ner_align_core::{CharSpan, Label};
use serde::{Deserialize, Serialize};

use crate::PipelineError;

/// A span of a text, and what it became. Offsets are in code points, half-open.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Replacement {
    /// The type.
    pub label: Label,
    /// The span in the old text.
    pub old: CharSpan,
    /// The span in the new text.
    pub new: CharSpan,
}

impl Replacement {
    /// A replacement of these spans.
    #[must_use]
    pub const fn new(label: Label, old: CharSpan, new: CharSpan) -> Self {
        Self { label, old, new }
    }
}

/// A replacement as a line of a map, in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MapLine {
    /// Index of the document, from 0.
    pub document: usize,
    /// The id of the document, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The type.
    pub label: Label,
    /// First code point in the old text.
    pub start: usize,
    /// First code point after it.
    pub end: usize,
    /// First code point in the new text.
    pub new_start: usize,
    /// First code point after it.
    pub new_end: usize,
    /// What was replaced, where that is not to be hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl MapLine {
    /// A replacement in a document, without the text.
    #[must_use]
    pub fn new(document: usize, id: Option<&str>, replacement: &Replacement) -> Self {
        let Replacement { label, old, new } = replacement;
        Self {
            document,
            id: id.map(str::to_owned),
            label: label.clone(),
            start: old.start,
            end: old.end,
            new_start: new.start,
            new_end: new.end,
            text: None,
        }
    }

    /// The replacement.
    #[must_use]
    pub fn replacement(&self) -> Replacement {
        Replacement {
            label: self.label.clone(),
            old: CharSpan::new(self.start, self.end),
            new: CharSpan::new(self.new_start, self.new_end),
        }
    }
}

/// The way from offsets of a text to those of the text in which spans were replaced, and back. Offsets are in code
/// points.
///
/// An annotation of the new text is put back on the old one with [`OffsetMap::span_to_old`].
///
/// ```
/// use ner_align_core::CharSpan;
/// use ner_align_pipeline::redact::{OffsetMap, Replacement};
/// // "Ada met Charles." and "[PER_1] met [PER_2]."
/// let map = OffsetMap::new(vec![
///     Replacement::new("PER".parse()?, CharSpan::new(0, 3), CharSpan::new(0, 7)),
///     Replacement::new("PER".parse()?, CharSpan::new(8, 15), CharSpan::new(12, 19)),
/// ])?;
/// assert_eq!(map.to_new(4), Some(8));
/// assert_eq!(map.span_to_old(CharSpan::new(12, 20)), Some(CharSpan::new(8, 16)));
/// // Nothing says what is within a name.
/// assert_eq!(map.to_old(3), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OffsetMap {
    replacements: Vec<Replacement>,
}

impl OffsetMap {
    /// The map of these replacements of one text, in any order.
    ///
    /// # Errors
    /// [`PipelineError::Data`] if they overlap, or if the text between two of them would have another length in the
    /// new text: they are not of one text.
    pub fn new(mut replacements: Vec<Replacement>) -> Result<Self, PipelineError> {
        replacements.sort_by_key(|own| (own.old.start, own.old.end));
        let (mut old, mut new) = (0_usize, 0_usize);
        for own in &replacements {
            let between = (own.old.start.checked_sub(old), own.new.start.checked_sub(new));
            let is_sound = matches!(between, (Some(old), Some(new)) if old == new)
                && own.old.start <= own.old.end
                && own.new.start <= own.new.end;
            if !is_sound {
                return Err(PipelineError::Data {
                    place: format!("map {}..{}", own.old.start, own.old.end),
                    expected: format!(
                        "as much text before it as in the new text, from {old} and {new} on"
                    ),
                    found: format!("{}..{} there", own.new.start, own.new.end),
                    hint: Some("the map holds replacements of one document".to_owned()),
                });
            }
            (old, new) = (own.old.end, own.new.end);
        }
        Ok(Self { replacements })
    }

    /// The replacements, in order.
    #[must_use]
    pub fn replacements(&self) -> &[Replacement] {
        &self.replacements
    }

    /// Where a place of the old text is in the new one; `None` within what was replaced.
    #[must_use]
    pub fn to_new(&self, at: usize) -> Option<usize> {
        self.across(at, |own| (own.old, own.new))
    }

    /// Where a place of the new text is in the old one; `None` within what replaces.
    #[must_use]
    pub fn to_old(&self, at: usize) -> Option<usize> {
        self.across(at, |own| (own.new, own.old))
    }

    /// A span of the old text in the new one; `None` if an edge is within what was replaced.
    #[must_use]
    pub fn span_to_new(&self, span: CharSpan) -> Option<CharSpan> {
        Some(CharSpan::new(self.to_new(span.start)?, self.to_new(span.end)?))
    }

    /// A span of the new text in the old one; `None` if an edge is within what replaces.
    #[must_use]
    pub fn span_to_old(&self, span: CharSpan) -> Option<CharSpan> {
        Some(CharSpan::new(self.to_old(span.start)?, self.to_old(span.end)?))
    }

    fn across(
        &self,
        at: usize,
        sides: impl Fn(&Replacement) -> (CharSpan, CharSpan),
    ) -> Option<usize> {
        let after = self.replacements.partition_point(|own| sides(own).0.start < at);
        let before = after.checked_sub(1).and_then(|last| self.replacements.get(last));
        let Some((from, to)) = before.map(sides) else { return Some(at) };
        Some(to.end + at.checked_sub(from.end)?)
    }
}
