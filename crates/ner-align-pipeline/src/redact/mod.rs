//! Texts without the entities in them.
//!
//! [`Redactor`] replaces entities, by their type and a number, by black bars, or by other texts of the type. What it
//! says of its work maps offsets both ways ([`OffsetMap`]) and holds no replaced text, so that it can be shared.
//!
//! What a model does not find stays in the text. [`Predictor::with_recall`](crate::Predictor::with_recall) says how
//! much that is at most.

mod map;
mod surrogates;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use ner_align_core::{CharSpan, Document, Label};

pub use map::{MapLine, OffsetMap, Replacement};
pub use surrogates::Surrogates;

use crate::PipelineError;

/// A character that covers another.
const BAR: char = '█';

/// What takes the place of an entity.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Replacing {
    /// The type in brackets with a number, `[PER_1]`: within a document, equal texts of a type have equal numbers.
    Type,
    /// A black bar for each character, U+2588. Offsets stay as they are.
    Bar,
    /// Another text of the type.
    Surrogate(Surrogates),
}

/// Replaces entities in texts.
///
/// Of entities that overlap, the whole that they cover is replaced once, with the type of the longest of them: of
/// nested ones the outermost.
///
/// ```
/// use ner_align_core::CharSpan;
/// use ner_align_pipeline::redact::{Redactor, Replacing};
/// let mut redactor = Redactor::new(Replacing::Type);
/// let spans = [(0, 3), (8, 15), (17, 20)]
///     .map(|(start, end)| Ok((CharSpan::new(start, end), "PER".parse()?)));
/// let spans = spans.into_iter().collect::<Result<Vec<_>, ner_align_core::EmptyLabel>>()?;
/// let redacted = redactor.redact("Ada met Charles. Ada left.", &spans)?;
/// assert_eq!(redacted.text, "[PER_1] met [PER_2]. [PER_1] left.");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Redactor {
    replacing: Replacing,
    types: Option<Vec<Label>>,
}

/// A text without its entities.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Redacted {
    /// The text.
    pub text: String,
    /// What was replaced, in order.
    pub replacements: Vec<Replacement>,
}

impl Redactor {
    /// Replaces entities of all types in this way.
    #[must_use]
    pub const fn new(replacing: Replacing) -> Self {
        Self { replacing, types: None }
    }

    /// The same for entities of these types; others stay.
    #[must_use]
    pub fn with_types(mut self, types: impl IntoIterator<Item = Label>) -> Self {
        self.types = Some(types.into_iter().collect());
        self
    }

    /// Replaces the entities of a document, and what it has that fits no words ([`Document::unaligned`]), each piece
    /// by itself.
    ///
    /// # Errors
    /// As [`Redactor::redact`].
    pub fn redact_document(&mut self, document: &Document) -> Result<Redacted, PipelineError> {
        self.redact(document.text(), &spans_of(document))
    }

    /// Replaces these spans of a text, in code points and in any order. What of a span is outside the text is ignored.
    ///
    /// # Errors
    /// [`PipelineError::Data`] if there is no surrogate for an entity.
    pub fn redact(
        &mut self,
        text: &str,
        spans: &[(CharSpan, Label)],
    ) -> Result<Redacted, PipelineError> {
        let is_asked =
            |label: &Label| self.types.as_ref().is_none_or(|types| types.contains(label));
        let characters: Vec<char> = text.chars().collect();
        let within =
            spans.iter().filter(|(_, label)| is_asked(label)).filter_map(|(span, label)| {
                let (start, end) = (span.start.min(span.end), span.start.max(span.end));
                let span = CharSpan::new(start, end.min(characters.len()));
                (span.start < span.end).then(|| (span, label.clone()))
            });
        let mut numbers: HashMap<Label, HashMap<String, usize>> = HashMap::new();
        let (mut new, mut length, mut copied) = (String::with_capacity(text.len()), 0, 0);
        let mut replacements = Vec::new();
        for (old, label) in outermost(within.collect()) {
            new.extend(&characters[copied..old.start]);
            length += old.start - copied;
            let surface: String = characters[old.range()].iter().collect();
            let replaced = match &mut self.replacing {
                Replacing::Type => {
                    let of_type = numbers.entry(label.clone()).or_default();
                    let next = of_type.len() + 1;
                    let number = *of_type.entry(same(&surface)).or_insert(next);
                    format!("[{label}_{number}]")
                }
                Replacing::Bar => BAR.to_string().repeat(old.len()),
                Replacing::Surrogate(surrogates) => surrogates.of(&label, &surface)?.to_owned(),
            };
            let end = length + replaced.chars().count();
            replacements.push(Replacement::new(label, old, CharSpan::new(length, end)));
            new.push_str(&replaced);
            (length, copied) = (end, old.end);
        }
        new.extend(&characters[copied..]);
        Ok(Redacted { text: new, replacements })
    }
}

/// The spans of a document in code points: its entities, and the pieces of what fits no words.
fn spans_of(document: &Document) -> Vec<(CharSpan, Label)> {
    let entities = document
        .mentions()
        .map(|mention| (CharSpan::new(mention.start, mention.end), mention.label.clone()));
    let unaligned = document
        .unaligned()
        .iter()
        .flat_map(|span| span.pieces.iter().map(|piece| (*piece, span.label.clone())));
    entities.chain(unaligned).collect()
}

/// The parts of a text that these spans cover, in order, each with the type of the longest span in it, of equally long
/// ones the first.
fn outermost(mut spans: Vec<(CharSpan, Label)>) -> Vec<(CharSpan, Label)> {
    spans.sort_by(|(one, a), (other, b)| (one.start, other.end, a).cmp(&(other.start, one.end, b)));
    let mut parts: Vec<(CharSpan, Label, usize)> = Vec::new();
    for (span, label) in spans {
        match parts.last_mut() {
            Some((part, of, longest)) if span.start < part.end => {
                part.end = part.end.max(span.end);
                if span.len() > *longest {
                    (*of, *longest) = (label, span.len());
                }
            }
            _ => parts.push((span, label, span.len())),
        }
    }
    parts.into_iter().map(|(span, label, _)| (span, label)).collect()
}

/// What texts that are the same have in common: all but white space.
fn same(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
