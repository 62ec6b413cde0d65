//! Decodes tags into entities.

use super::Scheme;
use crate::{Entity, Label, Prefix, Tag, WordSpan};

/// The result of decoding a tag sequence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decoded {
    /// The entities, by position.
    pub entities: Vec<Entity>,
    /// Where the sequence violates its scheme, by position.
    pub violations: Vec<Violation>,
}

/// Two neighbouring tags that the scheme forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The word whose tag may not follow the tag before it; the number of words if the last tag may
    /// not end a sentence.
    pub word: usize,
}

fn violations(scheme: Scheme, tags: &[Tag]) -> Vec<Violation> {
    (0..=tags.len())
        .filter(|&word| {
            let previous = word.checked_sub(1).and_then(|i| tags.get(i));
            !super::transitions::is_legal(scheme, previous, tags.get(word))
        })
        .map(|word| Violation { word })
        .collect()
}

/// True if an entity starts at `next`, by conlleval's rule with E/L read as "ends here" and S/U as
/// "starts and ends here".
fn starts(previous: Option<&Tag>, next: &Tag) -> bool {
    use Prefix::{Begin, End, Single};
    let Tag::Entity { prefix, label } = next else { return false };
    match previous {
        Some(Tag::Entity { prefix: before, label: type_before }) => {
            matches!(prefix, Begin | Single)
                || matches!(before, End | Single)
                || type_before != label
        }
        _ => true,
    }
}

/// Every word with an entity tag belongs to exactly one entity.
pub(super) fn lenient(scheme: Scheme, tags: &[Tag]) -> Decoded {
    let mut entities = Vec::new();
    lenient_entities(tags, 0, &mut entities);
    Decoded { entities, violations: violations(scheme, tags) }
}

/// Appends the entities of a sentence whose first word is `offset`. The lenient rule is the same
/// for every scheme.
pub(crate) fn lenient_entities(tags: &[Tag], offset: usize, entities: &mut Vec<Entity>) {
    let mut open: Option<(usize, &Label)> = None;
    let mut close = |open: &mut Option<(usize, &Label)>, end: usize| {
        if let Some((start, label)) = open.take() {
            entities.push(Entity::new(offset + start, offset + end, label.clone()));
        }
    };
    let mut previous = None;
    for (word, tag) in tags.iter().enumerate() {
        match tag.label() {
            None => close(&mut open, word),
            Some(label) if starts(previous, tag) => {
                close(&mut open, word);
                open = Some((word, label));
            }
            Some(_) => {}
        }
        previous = Some(tag);
    }
    close(&mut open, tags.len());
}

/// The lenient entities that the scheme allows, their inner and outer transitions included.
///
/// An entity is judged by its own words and its edges: an orphan `I` of IOB2 is dropped, a legal
/// neighbour stays.
pub(super) fn strict(scheme: Scheme, tags: &[Tag]) -> Decoded {
    let Decoded { mut entities, violations } = lenient(scheme, tags);
    if violations.is_empty() {
        return Decoded { entities, violations };
    }
    entities.retain(|entity| well_formed(scheme, tags, entity.span));
    Decoded { entities, violations }
}

/// True if the words of `span` are what the scheme writes for one entity there.
fn well_formed(scheme: Scheme, tags: &[Tag], span: WordSpan) -> bool {
    use super::transitions::is_legal;
    let outside = Tag::Outside;
    let inner = (span.start + 1..span.end).all(|w| is_legal(scheme, tags.get(w - 1), tags.get(w)));
    // At its edges the entity must be complete by itself: a neighbour's own fault is not counted
    // here, so it is replaced by O, except where the scheme's letter is about that neighbour.
    let (before, after) = match scheme {
        Scheme::Iob1 => (span.start.checked_sub(1).and_then(|i| tags.get(i)), Some(&outside)),
        Scheme::Ioe1 => (Some(&outside), tags.get(span.end)),
        _ => (Some(&outside), Some(&outside)),
    };
    inner && is_legal(scheme, before, tags.get(span.start)) && {
        let last = tags.get(span.end - 1);
        is_legal(scheme, last, after)
    }
}
