//! Encodes entities as tags, and spreads a word's tag over its subtokens.

use super::{Scheme, SchemeError};
use crate::{Entity, Prefix, Tag};

/// One tag for each word; `entities` in any order, without overlap.
pub(super) fn encode(
    scheme: Scheme,
    entities: &[Entity],
    words: usize,
) -> Result<Vec<Tag>, SchemeError> {
    let mut sorted: Vec<&Entity> = entities.iter().collect();
    sorted.sort_by_key(|entity| entity.span);
    let mut tags = vec![Tag::Outside; words];
    for (i, entity) in sorted.iter().enumerate() {
        if entity.span.is_empty() || entity.span.end > words {
            return Err(SchemeError::OutOfRange { entity: (*entity).clone(), words });
        }
        let touches = |other: Option<&&Entity>| other.is_some_and(|o| o.label == entity.label);
        let before = i.checked_sub(1).and_then(|i| sorted.get(i));
        if let Some(first) = before.filter(|before| before.span.end > entity.span.start) {
            return Err(SchemeError::Overlap {
                first: (*first).clone(),
                second: (*entity).clone(),
            });
        }
        let adjacent_before = touches(before.filter(|b| b.span.end == entity.span.start));
        let adjacent_after =
            touches(sorted.get(i + 1).filter(|next| next.span.start == entity.span.end));
        let last = entity.span.len() - 1;
        for (offset, word) in entity.span.range().enumerate() {
            let prefix =
                prefix_at(scheme, offset == 0, offset == last, adjacent_before, adjacent_after);
            tags[word] = Tag::entity(prefix, entity.label.clone());
        }
    }
    Ok(tags)
}

/// The prefix of a word by its position in its entity. The last two say whether an entity of the
/// same type is adjacent.
const fn prefix_at(
    scheme: Scheme,
    first: bool,
    last: bool,
    adjacent_before: bool,
    adjacent_after: bool,
) -> Prefix {
    use Prefix::{Begin, End, Inside, Single};
    match scheme {
        Scheme::Iob1 if first && adjacent_before => Begin,
        Scheme::Iob2 if first => Begin,
        Scheme::Ioe1 if last && adjacent_after => End,
        Scheme::Ioe2 if last => End,
        Scheme::Iobes | Scheme::Biluo => match (first, last) {
            (true, true) => Single,
            (true, false) => Begin,
            (false, true) => End,
            (false, false) => Inside,
        },
        _ => Inside,
    }
}

/// The tags of a word's subtokens. Together they mean what the word's tag means.
///
/// `B` over three is `B I I`; `E` over three is `I I E`; `S` over three is `B I E`.
pub(super) fn spread(scheme: Scheme, tag: &Tag, subtokens: usize) -> Vec<Tag> {
    use Prefix::{Begin, End, Inside, Single};
    let Tag::Entity { prefix, label } = tag else { return vec![tag.clone(); subtokens] };
    // A single-word B in IOB2 (or E in IOE2) opens (closes) nothing that needs the other letter.
    let (first, middle, last) = match prefix {
        Begin => (Begin, Inside, Inside),
        Inside => (Inside, Inside, Inside),
        End => (Inside, Inside, End),
        Single if scheme.prefixes().contains(&Single) => (Begin, Inside, End),
        Single => (Inside, Inside, Inside),
    };
    (0..subtokens)
        .map(|i| {
            let prefix = match (i, i + 1 == subtokens) {
                _ if subtokens == 1 => *prefix,
                (0, _) => first,
                (_, true) => last,
                _ => middle,
            };
            Tag::entity(prefix, label.clone())
        })
        .collect()
}
