//! A document in Prodigy's shape.
//!
//! It is written by hand, key by key: a token has five keys, and most of a file is tokens.

use ner_align_core::{CharSpan, Document};
use serde::Serialize;
use serde_json::Result;

use super::rows::{Placed, Span, Suggested};
use crate::text::OffsetMap;

/// Appends the document. `words` are the characters of its words; `spans` are absent where nobody
/// annotated. What was suggested has the scores of its spans too.
pub(super) fn write(
    out: &mut Vec<u8>,
    document: &Document,
    words: &[CharSpan],
    offsets: &OffsetMap,
    spans: Option<&[Placed<'_>]>,
    place: Option<Suggested>,
) -> Result<()> {
    out.push(b'{');
    if let Some(id) = document.id().filter(|id| !id.is_empty()) {
        value(out, b"\"id\":", id)?;
        out.push(b',');
    }
    value(out, b"\"text\":", document.text())?;
    out.extend_from_slice(b",\"tokens\":[");
    let text = document.text().as_bytes();
    let bytes = document.word_bytes().iter();
    for (id, ((word, chars), bytes)) in document.words().zip(words).zip(bytes).enumerate() {
        let key: &[u8] = if id == 0 { b"{\"text\":" } else { b",{\"text\":" };
        value(out, key, word)?;
        value(out, b",\"start\":", &offsets.offset_of(chars.start))?;
        value(out, b",\"end\":", &offsets.offset_of(chars.end))?;
        value(out, b",\"id\":", &id)?;
        let spaced = text.get(bytes.end) == Some(&b' ');
        let ws: &[u8] = if spaced { b",\"ws\":true}" } else { b",\"ws\":false}" };
        out.extend_from_slice(ws);
    }
    out.push(b']');
    if let Some(spans) = spans {
        let scored = place.is_some();
        let spans: Vec<Span<'_>> =
            spans.iter().map(|placed| span(placed, offsets, scored)).collect();
        value(out, b",\"spans\":", &spans)?;
    }
    if let Some(place) = place {
        value(out, b",\"meta\":", &place)?;
    }
    out.push(b'}');
    Ok(())
}

/// Appends a key with its signs, and its value.
fn value<T: Serialize + ?Sized>(out: &mut Vec<u8>, key: &[u8], value: &T) -> Result<()> {
    out.extend_from_slice(key);
    serde_json::to_writer(out, value)
}

fn span<'a>(placed: &Placed<'a>, offsets: &OffsetMap, scored: bool) -> Span<'a> {
    let (span, entity, label) = *placed;
    let words = entity.map(|entity| entity.span);
    Span {
        start: offsets.offset_of(span.start),
        end: offsets.offset_of(span.end),
        token_start: words.map(|words| words.start),
        token_end: words.map(|words| words.end.saturating_sub(1)),
        label,
        score: entity.filter(|_| scored).and_then(|entity| entity.score),
    }
}
