//! Policies for entities that the target cannot hold. The caller names them; each case is counted.

use ner_align_core::{ByteSpan, Document, Entity, Misalignment, Scheme, SourceSpan, Tag, WordSpan};

use super::policy_names::{OnMisaligned, OnOverlap};
use crate::text::{covered_words, exact_words, extent, span_error, touched_words};
use crate::{Capabilities, CharMap, CorpusError};

/// The caller's choices. `None` keeps what the target can hold, and refuses the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Policies {
    /// For spans that match no words.
    pub misaligned: Option<OnMisaligned>,
    /// For entities that share words.
    pub overlap: Option<OnOverlap>,
}

ner_align_core::setters! { Policies {
    with_misaligned: misaligned: Option<OnMisaligned>,
    with_overlap: overlap: Option<OnOverlap>,
} }

/// Number of spans that each policy resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Resolved {
    /// Spans without words of their own that were left out.
    pub dropped: usize,
    /// Spans left out whose words became missing.
    pub missing: usize,
    /// Spans that grew.
    pub expanded: usize,
    /// Spans that shrank.
    pub contracted: usize,
    /// Spans that lost white space.
    pub trimmed: usize,
    /// Entities left out because they share words with another one.
    pub overlaps_dropped: usize,
    /// Entities given twice.
    pub duplicates: usize,
}

impl Resolved {
    /// What was done, with counts, in plain words. Counts of 0 are left out.
    pub fn changes(&self) -> impl Iterator<Item = (usize, &'static str)> + use<> {
        [
            (self.trimmed, "spans trimmed"),
            (self.expanded, "spans expanded"),
            (self.contracted, "spans contracted"),
            (self.dropped, "spans dropped"),
            (self.missing, "spans made missing"),
            (self.overlaps_dropped, "overlapping entities dropped"),
            (self.duplicates, "duplicate entities dropped"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
    }

    /// Adds another document's counts.
    pub const fn add(&mut self, other: &Self) {
        self.dropped += other.dropped;
        self.missing += other.missing;
        self.expanded += other.expanded;
        self.contracted += other.contracted;
        self.trimmed += other.trimmed;
        self.overlaps_dropped += other.overlaps_dropped;
        self.duplicates += other.duplicates;
    }
}

impl Policies {
    /// Makes a document fit a target of these capabilities.
    ///
    /// # Errors
    /// A span or an overlap that the policy refuses; the error lacks path and document.
    pub fn apply(
        &self,
        document: &mut Document,
        target: &Capabilities,
    ) -> Result<Resolved, CorpusError> {
        let mut resolved = Resolved::default();
        self.align(document, target, &mut resolved)?;
        self.part(document, target, &mut resolved)?;
        Ok(resolved)
    }

    fn align(
        &self,
        document: &mut Document,
        target: &Capabilities,
        resolved: &mut Resolved,
    ) -> Result<(), CorpusError> {
        if document.unaligned().is_empty() {
            return Ok(());
        }
        let mut kept = Vec::new();
        let mut entities = document.entities().to_vec();
        let mut missing = Vec::new();
        for span in document.unaligned().iter().cloned() {
            let held = target.unaligned
                && (target.discontinuous || span.reason != Misalignment::Discontinuous);
            let policy = match self.misaligned {
                None if held => {
                    kept.push(span);
                    continue;
                }
                None => OnMisaligned::Error,
                Some(policy) => policy,
            };
            match settle(document, &span, policy)? {
                Settled::Words(words, counter) => {
                    *counter(resolved) += 1;
                    entities.push(Entity::new(words.start, words.end, span.label));
                }
                Settled::Missing(words) => {
                    resolved.missing += 1;
                    missing.push(words);
                }
                Settled::Gone => resolved.dropped += 1,
            }
        }
        annotate(document, entities, &missing)?;
        document.set_unaligned(kept);
        Ok(())
    }

    fn part(
        &self,
        document: &mut Document,
        target: &Capabilities,
        resolved: &mut Resolved,
    ) -> Result<(), CorpusError> {
        if !overlaps(document.entities()) {
            return Ok(());
        }
        let policy = match self.overlap {
            None | Some(OnOverlap::Groups) if target.overlapping => return Ok(()),
            Some(OnOverlap::Longest | OnOverlap::First) => self.overlap,
            _ => None,
        };
        let mut entities = document.entities().to_vec();
        let before = entities.len();
        entities.dedup();
        resolved.duplicates += before - entities.len();
        match policy {
            Some(OnOverlap::Longest) => {
                entities.sort_by_key(|e| (std::cmp::Reverse(e.span.len()), e.span.start));
            }
            Some(_) => {
                entities.sort_by_key(|e| (e.span.start, std::cmp::Reverse(e.span.len())));
            }
            None => {
                if let Some(pair) = entities.windows(2).find(|pair| overlaps(pair)) {
                    return Err(refuse_overlap(document, pair, target));
                }
            }
        }
        let mut taken = vec![false; document.len()];
        let before = entities.len();
        entities.retain(|entity| {
            let Some(words) = taken.get_mut(entity.span.range()) else { return false };
            let free = words.iter().all(|taken| !taken);
            if free {
                words.fill(true);
            }
            free
        });
        resolved.overlaps_dropped += before - entities.len();
        annotate(document, entities, &[])
    }
}

/// True if two of these, which are in order, share a word.
pub(super) fn overlaps(entities: &[Entity]) -> bool {
    let mut end = 0;
    entities.iter().any(|entity| {
        let shares = entity.span.start < end;
        end = end.max(entity.span.end);
        shares
    })
}

fn refuse_overlap(document: &Document, pair: &[Entity], target: &Capabilities) -> CorpusError {
    let shown: Vec<String> =
        pair.iter().map(|e| format!("{} {:?}", e.label, document.surface(e.span))).collect();
    let hint = if target.overlapping {
        "keep both with `on_overlap: groups`, or one with longest or first"
    } else {
        "keep one of them with `on_overlap: longest` or first, or choose a format of spans such as jsonl"
    };
    CorpusError::input("overlap", "entities that share no word", shown.join(" and "))
        .with_hint(hint)
}

enum Settled {
    Words(WordSpan, fn(&mut Resolved) -> &mut usize),
    Missing(WordSpan),
    Gone,
}

fn settle(
    document: &Document,
    span: &SourceSpan,
    policy: OnMisaligned,
) -> Result<Settled, CorpusError> {
    let map = CharMap::new(document.text());
    let words = document.word_bytes();
    let refused = || span_error(document, &map, span);
    let found = |words: WordSpan, counter: fn(&mut Resolved) -> &mut usize| {
        if words.is_empty() { Settled::Gone } else { Settled::Words(words, counter) }
    };
    // A span that runs backwards or covers nothing has no words to grow or shrink to.
    let extent = match span.reason {
        Misalignment::Reversed | Misalignment::Empty => None,
        _ => extent(&map, &span.pieces),
    };
    let Some(bytes) = extent else {
        return if policy == OnMisaligned::Error { Err(refused()) } else { Ok(Settled::Gone) };
    };
    Ok(match policy {
        OnMisaligned::Error => return Err(refused()),
        OnMisaligned::Drop => Settled::Gone,
        OnMisaligned::Missing => Settled::Missing(touched_words(words, bytes)),
        OnMisaligned::Expand => found(touched_words(words, bytes), |r| &mut r.expanded),
        OnMisaligned::Contract => {
            let longest = span
                .pieces
                .iter()
                .filter_map(|&piece| self::extent(&map, &[piece]))
                .map(|bytes| covered_words(words, bytes))
                .max_by_key(|words| (words.len(), std::cmp::Reverse(words.start)));
            longest.map_or(Settled::Gone, |words| found(words, |r| &mut r.contracted))
        }
        OnMisaligned::Trim => {
            let surface = document.text().get(bytes.range()).unwrap_or_default();
            let start = bytes.start + surface.len() - surface.trim_start().len();
            let trimmed = ByteSpan::new(start, start + surface.trim().len());
            match exact_words(words, trimmed) {
                Some(words) if span.pieces.len() == 1 => found(words, |r| &mut r.trimmed),
                _ if trimmed.is_empty() => Settled::Gone,
                _ => return Err(refused()),
            }
        }
    })
}

/// Replaces the entities; words that are missing stay so, and `more` become so.
fn annotate(
    document: &mut Document,
    entities: Vec<Entity>,
    more: &[WordSpan],
) -> Result<(), CorpusError> {
    let mut missing: Vec<usize> = document.tags().map_or_else(Vec::new, |(tags, _)| {
        (0..tags.len()).filter(|&word| tags.get(word) == Some(&Tag::Missing)).collect()
    });
    missing.extend(more.iter().flat_map(WordSpan::range));
    let failed = |error: String| CorpusError::input("document", "entities that fit", error);
    document.set_entities(entities).map_err(|error| failed(error.to_string()))?;
    if missing.is_empty() || overlaps(document.entities()) {
        return Ok(());
    }
    missing.retain(|&word| !document.entities().iter().any(|e| e.span.contains(word)));
    let mut tags = document.encode_tags(Scheme::Iob2).map_err(|error| failed(error.to_string()))?;
    for word in missing {
        if let Some(tag) = tags.get_mut(word) {
            *tag = Tag::Missing;
        }
    }
    document.set_tags(tags, Scheme::Iob2).map_err(|error| failed(error.to_string()))
}
