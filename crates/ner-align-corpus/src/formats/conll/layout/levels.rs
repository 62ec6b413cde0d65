//! Two columns of tags: an outer and an inner level of entities, or gold and predicted ones.

use ner_align_core::{Finding, Severity, Tag};

use super::Sample;
use super::names::is_phrase;

/// Two columns of tags, of which one is read.
pub(super) struct Levels {
    pub(super) read: usize,
    left: usize,
    /// The column that is left out holds entities within others.
    nested: bool,
    entities: usize,
}

/// An entity of a column: first row, row behind the last, type.
type Found<'h> = (usize, usize, &'h str);

/// The other of the two last columns, if both hold tags of entities. `tag` is the last column.
pub(super) fn other(sample: &Sample<'_>, counting: bool, tag: usize) -> Option<Levels> {
    // Behind the word, at least.
    let before = tag.checked_sub(1).filter(|before| *before > usize::from(counting))?;
    let (outer, inner) = (entities(sample, before)?, entities(sample, tag)?);
    if outer.iter().chain(&inner).any(|(.., label)| is_phrase(label)) {
        return None;
    }
    let same = inner.iter().filter(|entity| outer.binary_search(entity).is_ok()).count();
    let within = |(start, end, _): &Found<'_>| {
        let at = outer.partition_point(|entity| entity.0 <= *start);
        outer[..at].last().is_some_and(|around| *end <= around.1)
    };
    let nested = inner.iter().filter(|entity| within(entity)).count();
    // As GermEval has it: index, word, outer, inner. Elsewhere the entities must tell.
    let germeval = counting && before == 2 && same * 2 <= inner.len();
    let told = !inner.is_empty() && same == 0 && nested * 10 >= inner.len() * 9;
    if germeval || told {
        let entities = inner.len();
        return Some(Levels { read: before, left: tag, nested: true, entities });
    }
    (!outer.is_empty()).then_some(Levels {
        read: tag,
        left: before,
        nested: false,
        entities: outer.len(),
    })
}

/// The entities of a column; `None` if it does not hold tags alone.
fn entities<'h>(sample: &Sample<'h>, column: usize) -> Option<Vec<Found<'h>>> {
    let mut found: Vec<Found<'h>> = Vec::new();
    for row in 0..sample.len() {
        let cell = sample.cells(row).get(column)?.trim_matches(' ');
        let Some((prefix, label)) = Tag::split(cell).ok()? else { continue };
        let goes_on =
            !matches!(prefix, ner_align_core::Prefix::Begin | ner_align_core::Prefix::Single)
                && !sample.starts_sentence(row);
        match found.last_mut() {
            Some(last) if goes_on && last.1 == row && last.2 == label => last.1 = row + 1,
            _ => found.push((row, row + 1, label)),
        }
    }
    Some(found)
}

impl Levels {
    pub(super) fn finding(&self) -> Finding {
        let Self { read, left, entities, .. } = self;
        if self.nested {
            let message = format!(
                "expected one column of tags, found two levels; those of column {} are read, {entities} \
                 entities within them in column {} are left out in the rows looked at \
                 (`tag_column: {read},{left}` reads both levels, as entities that overlap)",
                read + 1,
                left + 1
            );
            return Finding::new(Severity::Warning, "other-level", message);
        }
        let message = format!(
            "expected one column of tags, found two; those of column {} are read, those of column {} are \
             not (`tag_column: {left}` reads them)",
            read + 1,
            left + 1
        );
        Finding::new(Severity::Info, "other-tags", message)
    }
}
