//! Tags as small integers, and spans read from them.

use ner_align_core::{DecodeMode, Label, Prefix, Scheme, Tag};
use rustc_hash::FxHashMap;

/// A tag: [`OUTSIDE`], [`MISSING`], or `2 + 4 * label + prefix`.
pub(crate) type Code = u32;

pub(crate) const OUTSIDE: Code = 0;
pub(crate) const MISSING: Code = 1;
const FIRST_ENTITY: Code = 2;

/// An entity with its label as an id; half-open, in words of the sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) label: u32,
}

impl Span {
    pub(crate) const fn len(&self) -> u64 {
        (self.end - self.start) as u64
    }
}

pub(crate) const fn code_of(prefix: Prefix, label: u32) -> Code {
    FIRST_ENTITY + 4 * label + prefix as u32
}

pub(crate) const fn label_of(code: Code) -> Option<u32> {
    if code < FIRST_ENTITY { None } else { Some((code - FIRST_ENTITY) / 4) }
}

pub(crate) const fn prefix_of(code: Code) -> Option<Prefix> {
    if code < FIRST_ENTITY { None } else { Some(Prefix::ALL[((code - FIRST_ENTITY) % 4) as usize]) }
}

/// The entity types met so far; ids are given in order of appearance.
#[derive(Debug, Clone, Default)]
pub(crate) struct Labels {
    names: Vec<Label>,
    ids: FxHashMap<Label, u32>,
    /// Bytes of the names.
    bytes: usize,
}

impl Labels {
    pub(crate) fn id(&mut self, label: &Label) -> u32 {
        if let Some(&id) = self.ids.get(label) {
            return id;
        }
        let id = self.names.len() as u32;
        self.bytes += label.as_str().len();
        self.names.push(label.clone());
        self.ids.insert(label.clone(), id);
        id
    }

    /// Bytes that they take, about.
    pub(crate) fn memory(&self) -> usize {
        // A name with its counts, its entry, and its place among the sorted ones.
        self.bytes + self.names.len() * 112 + self.ids.capacity() * 28
    }

    pub(crate) fn names(&self) -> &[Label] {
        &self.names
    }

    pub(crate) fn code(&mut self, tag: &Tag) -> Code {
        match tag {
            Tag::Outside => OUTSIDE,
            Tag::Missing => MISSING,
            Tag::Entity { prefix, label } => code_of(*prefix, self.id(label)),
        }
    }

    pub(crate) fn tag(&self, code: Code) -> Tag {
        match (label_of(code).and_then(|l| self.names.get(l as usize)), prefix_of(code)) {
            (Some(label), Some(prefix)) => Tag::entity(prefix, label.clone()),
            _ if code == MISSING => Tag::Missing,
            _ => Tag::Outside,
        }
    }
}

/// Reads spans from codes exactly as [`TagScheme::decode`] reads them from tags.
#[derive(Debug, Clone)]
pub(crate) struct Decoder {
    pub(crate) scheme: Scheme,
    pub(crate) mode: DecodeMode,
    /// Which kind of tag may follow which, `[before][after][same type]`.
    legal: [[[bool; 2]; KINDS]; KINDS],
}

/// Edge of the sentence, missing, outside, and the four prefixes.
const KINDS: usize = 7;

const fn kind_of(code: Code) -> usize {
    match code {
        MISSING => 1,
        OUTSIDE => 2,
        _ => 3 + ((code - FIRST_ENTITY) % 4) as usize,
    }
}

impl Decoder {
    pub(crate) fn new(scheme: Scheme, mode: DecodeMode) -> Self {
        let tag = |kind: usize, label: &str| match kind {
            0 => None,
            1 => Some(Tag::Missing),
            2 => Some(Tag::Outside),
            _ => Label::new(label).map(|label| Tag::entity(Prefix::ALL[kind - 3], label)),
        };
        let mut legal = [[[false; 2]; KINDS]; KINDS];
        for (before, row) in legal.iter_mut().enumerate() {
            for (after, cell) in row.iter_mut().enumerate() {
                for (same, allowed) in cell.iter_mut().enumerate() {
                    let first = tag(before, "a");
                    let next = tag(after, if same == 1 { "a" } else { "b" });
                    *allowed = scheme.is_legal(first.as_ref(), next.as_ref());
                }
            }
        }
        Self { scheme, mode, legal }
    }

    /// Replaces `spans` by the entities of `codes`.
    pub(crate) fn decode(&self, codes: &[Code], labels: &mut Labels, spans: &mut Vec<Span>) {
        spans.clear();
        if self.mode == DecodeMode::Strict && !self.is_legal(codes) {
            let tags: Vec<Tag> = codes.iter().map(|&code| labels.tag(code)).collect();
            for entity in self.scheme.decode(&tags, self.mode).entities {
                let (start, end) = (entity.span.start as u32, entity.span.end as u32);
                spans.push(Span { start, end, label: labels.id(&entity.label) });
            }
        } else {
            lenient(codes, spans);
        }
    }

    fn is_legal(&self, codes: &[Code]) -> bool {
        let (mut before, mut label) = (0, None);
        for &code in codes {
            let (after, next) = (kind_of(code), label_of(code));
            if !self.legal[before][after][usize::from(label == next)] {
                return false;
            }
            (before, label) = (after, next);
        }
        self.legal[before][0][0]
    }
}

/// conlleval's rule on codes; see [`DecodeMode::Lenient`].
fn lenient(codes: &[Code], spans: &mut Vec<Span>) {
    let mut before = OUTSIDE;
    let mut open: Option<Span> = None;
    for (word, &code) in codes.iter().enumerate() {
        let word = word as u32;
        let Some(label) = label_of(code) else {
            if let Some(span) = open.take() {
                spans.push(Span { end: word, ..span });
            }
            before = code;
            continue;
        };
        let starts = label_of(before) != Some(label)
            || matches!(prefix_of(code), Some(Prefix::Begin | Prefix::Single))
            || matches!(prefix_of(before), Some(Prefix::End | Prefix::Single));
        if starts {
            if let Some(span) = open.take() {
                spans.push(Span { end: word, ..span });
            }
            open = Some(Span { start: word, end: word, label });
        }
        before = code;
    }
    if let Some(span) = open {
        spans.push(Span { end: codes.len() as u32, ..span });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ner_align_core::Entity;
    use proptest::prelude::*;

    fn any_tags() -> impl Strategy<Value = Vec<Tag>> {
        let tag = prop::sample::select(vec![
            "O", "O", "-", "B-A", "I-A", "E-A", "S-A", "B-B", "I-B", "E-B", "S-B",
        ]);
        prop::collection::vec(tag.prop_map(|text| Tag::parse(text).unwrap()), 0..12)
    }

    proptest! {
        #[test]
        fn codes_decode_as_tags_do(tags in any_tags()) {
            for scheme in Scheme::ALL {
                for mode in [DecodeMode::Lenient, DecodeMode::Strict] {
                    let mut labels = Labels::default();
                    let codes: Vec<Code> = tags.iter().map(|tag| labels.code(tag)).collect();
                    let back: Vec<Tag> = codes.iter().map(|&code| labels.tag(code)).collect();
                    prop_assert_eq!(&back, &tags);
                    let mut spans = Vec::new();
                    Decoder::new(scheme, mode).decode(&codes, &mut labels, &mut spans);
                    let entities: Vec<Entity> = spans
                        .iter()
                        .map(|s| {
                            let label = labels.names()[s.label as usize].clone();
                            Entity::new(s.start as usize, s.end as usize, label)
                        })
                        .collect();
                    let expected = scheme.decode(&tags, mode).entities;
                    prop_assert_eq!(entities, expected, "{} {:?}", scheme, mode);
                }
            }
        }
    }
}
