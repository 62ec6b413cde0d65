//! Span groups: spans of a document that may overlap, as msgpack within msgpack.

use std::collections::BTreeMap;
use std::io::BufRead;

use rustc_hash::FxHashMap;

use super::unpack::{Unpacker, Value};
use crate::CorpusError;

/// The bytes of one span: `>QQQllll`.
const SPAN: usize = 40;

/// Different names of groups in a file.
const MAX_GROUPS: usize = 1 << 16;

/// A span of a group, in tokens of its document.
#[derive(Debug, Clone, Copy)]
pub(super) struct GroupSpan {
    pub(super) document: u32,
    /// Index of the group's name.
    pub(super) group: u32,
    /// String id of the type.
    pub(super) label: u64,
    pub(super) start: i32,
    pub(super) end: i32,
    pub(super) chars: (i32, i32),
}

/// The spans of all groups of a file.
#[derive(Debug, Default)]
pub(super) struct SpanGroups {
    /// In the order of the documents.
    pub(super) spans: Vec<GroupSpan>,
    /// Names of the groups.
    pub(super) names: Vec<String>,
    index: FxHashMap<String, u32>,
    /// What the groups hold besides, and how often.
    pub(super) others: BTreeMap<&'static str, usize>,
}

/// Reads the field `span_groups`: for each document nothing, an array of groups as spaCy 3.0
/// wrote it, or a map from groups to the keys that they are under.
pub(super) fn read<R: BufRead>(
    from: &mut Unpacker<R>,
    groups: &mut SpanGroups,
) -> Result<(), CorpusError> {
    let name = from.name().to_owned();
    let mut bytes = Vec::new();
    for document in 0..from.expect_array()? {
        // spaCy writes bytes for each document, or an empty array.
        let length = match from.value()? {
            Value::Bytes(length) => length,
            value => {
                from.skip(value)?;
                continue;
            }
        };
        from.bytes(length, &mut bytes)?;
        if bytes.is_empty() {
            continue;
        }
        let mut inner = Unpacker::new(bytes.as_slice(), &name);
        inner.set_field("span_groups");
        let before = groups.spans.len();
        of_document(&mut inner, document, groups)
            .map_err(|error| error.in_document(document as usize))?;
        from.keep(((groups.spans.len() - before) * size_of::<GroupSpan>()) as u64)?;
    }
    Ok(())
}

fn of_document<R: BufRead>(
    from: &mut Unpacker<R>,
    document: u32,
    groups: &mut SpanGroups,
) -> Result<(), CorpusError> {
    let mut packed = Vec::new();
    let mut text = Vec::new();
    let (count, keyed) = match from.value()? {
        Value::Map(count) => (count, true),
        Value::Array(count) => (count, false),
        _ => return Err(from.fault("a map of span groups", "something else")),
    };
    for _ in 0..count {
        let length = from.expect_bytes()?;
        from.bytes(length, &mut packed)?;
        let mut key = None;
        if keyed {
            for _ in 0..from.expect_array()? {
                from.expect_text(&mut text)?;
                key.get_or_insert_with(|| String::from_utf8_lossy(&text).into_owned());
            }
        }
        let mut group = Unpacker::new(packed.as_slice(), from.name());
        group.set_field("span_groups");
        of_group(&mut group, key, document, groups)?;
    }
    Ok(())
}

fn of_group<R: BufRead>(
    from: &mut Unpacker<R>,
    key: Option<String>,
    document: u32,
    groups: &mut SpanGroups,
) -> Result<(), CorpusError> {
    let first = groups.spans.len();
    let mut field = Vec::new();
    let mut text = Vec::new();
    let mut name = None;
    for _ in 0..from.expect_fields()? {
        from.expect_name(&mut field)?;
        match field.as_slice() {
            b"name" => {
                from.expect_text(&mut text)?;
                name = Some(String::from_utf8_lossy(&text).into_owned());
            }
            b"spans" => {
                for _ in 0..from.expect_array()? {
                    let mut span = [0; SPAN];
                    let length = from.expect_bytes()?;
                    if length as usize != SPAN {
                        return Err(
                            from.fault("spans of 40 bytes", &format!("one of {length} bytes"))
                        );
                    }
                    from.exact(&mut span)?;
                    groups.push_span(document, &span);
                }
            }
            _ => {
                let value = from.value()?;
                from.skip(value)?;
            }
        }
    }
    let name = key.or(name).unwrap_or_default();
    let next = u32::try_from(groups.names.len()).unwrap_or(u32::MAX);
    let group = *groups.index.entry(name.clone()).or_insert(next);
    if group == next {
        if groups.names.len() >= MAX_GROUPS {
            return Err(from.fault(&format!("at most {MAX_GROUPS} names of groups"), "more"));
        }
        groups.names.push(name);
    }
    for span in groups.spans.get_mut(first..).unwrap_or_default() {
        span.group = group;
    }
    Ok(())
}

impl SpanGroups {
    fn push_span(&mut self, document: u32, span: &[u8; SPAN]) {
        let (ids, _) = span.as_chunks::<8>();
        let id = |index: usize| ids.get(index).map_or(0, |id| u64::from_be_bytes(*id));
        let (numbers, _) = span[24..].as_chunks::<4>();
        let number = |index: usize| numbers.get(index).map_or(0, |n| i32::from_be_bytes(*n));
        if id(0) != 0 {
            *self.others.entry("span names").or_default() += 1;
        }
        if id(1) != 0 {
            *self.others.entry("knowledge-base links").or_default() += 1;
        }
        self.spans.push(GroupSpan {
            document,
            group: 0,
            label: id(2),
            start: number(0),
            end: number(1),
            chars: (number(2), number(3)),
        });
    }
}

/// Packs one group `sc` of spans, each a label's id, its tokens and its code points.
pub(super) fn pack(
    spans: impl ExactSizeIterator<Item = (u64, [usize; 4])>,
) -> std::io::Result<Vec<u8>> {
    use rmp::encode::{write_array_len, write_bin, write_map_len, write_str};
    let length = |length: usize| u32::try_from(length).map_err(std::io::Error::other);
    let mut group = Vec::with_capacity(32 + 42 * spans.len());
    write_map_len(&mut group, 3)?;
    write_str(&mut group, "name")?;
    write_str(&mut group, GROUP)?;
    write_str(&mut group, "attrs")?;
    write_map_len(&mut group, 0)?;
    write_str(&mut group, "spans")?;
    write_array_len(&mut group, length(spans.len())?)?;
    for (label, places) in spans {
        let mut span = [0; SPAN];
        span[16..24].copy_from_slice(&label.to_be_bytes());
        for (place, bytes) in places.into_iter().zip(span[24..].chunks_exact_mut(4)) {
            bytes.copy_from_slice(
                &i32::try_from(place).map_err(std::io::Error::other)?.to_be_bytes(),
            );
        }
        write_bin(&mut group, &span)?;
    }
    let mut packed = Vec::with_capacity(group.len() + 16);
    write_map_len(&mut packed, 1)?;
    write_bin(&mut packed, &group)?;
    write_array_len(&mut packed, 1)?;
    write_str(&mut packed, GROUP)?;
    Ok(packed)
}

/// The group that spaCy's span categorizer reads and writes.
pub(super) const GROUP: &str = "sc";
