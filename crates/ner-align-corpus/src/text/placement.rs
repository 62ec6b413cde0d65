//! Spans of characters onto words.

use ner_align_core::{
    ByteSpan, CharSpan, Document, Entity, Finding, Label, Misalignment, Severity, SourceSpan,
    WordSpan,
};

use super::{CharMap, shorten};
use crate::CorpusError;
use crate::error::SpanFault;

/// Spans of characters as entities, where they match words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Placed {
    /// Spans that match words, in the order given.
    pub entities: Vec<Entity>,
    /// All others, each with the reason.
    pub unaligned: Vec<SourceSpan>,
}

/// Puts spans onto the words of a document. A span of several pieces with nothing but white space
/// between them counts as one, as an entity that a line end interrupts.
///
/// ```
/// use ner_align_core::{ByteSpan, CharSpan, Document, Label, Misalignment};
/// use ner_align_corpus::{CharMap, place_spans};
/// let document = Document::from_text("in Oslo", vec![ByteSpan::new(0, 2), ByteSpan::new(3, 7)])?;
/// let map = CharMap::new(document.text());
/// let label = Label::new("LOC").unwrap();
/// let spans = [(3, 7), (3, 6), (2, 7), (3, 8)]
///     .map(|(start, end)| (vec![CharSpan::new(start, end)], label.clone()));
/// let placed = place_spans(&document, &map, spans);
/// assert_eq!(document.surface(placed.entities[0].span), "Oslo");
/// use Misalignment::{InsideWord, OutOfRange, WhitespaceEdge};
/// let reasons: Vec<_> = placed.unaligned.iter().map(|span| span.reason).collect();
/// assert_eq!(reasons, [InsideWord, WhitespaceEdge, OutOfRange]);
/// # Ok::<(), ner_align_core::DocumentError>(())
/// ```
pub fn place_spans(
    document: &Document,
    map: &CharMap<'_>,
    spans: impl IntoIterator<Item = (Vec<CharSpan>, Label)>,
) -> Placed {
    let mut placed = Placed::default();
    for (pieces, label) in spans {
        match place(document, map, &pieces) {
            Ok(span) => placed.entities.push(Entity::new(span.start, span.end, label)),
            Err(reason) => placed.unaligned.push(SourceSpan::new(pieces, label, reason)),
        }
    }
    placed
}

fn place(
    document: &Document,
    map: &CharMap<'_>,
    pieces: &[CharSpan],
) -> Result<WordSpan, Misalignment> {
    if pieces.is_empty() {
        return Err(Misalignment::Empty);
    }
    for piece in pieces {
        if piece.end < piece.start {
            return Err(Misalignment::Reversed);
        }
        if piece.end > map.len() {
            return Err(Misalignment::OutOfRange);
        }
        if piece.is_empty() {
            return Err(Misalignment::Empty);
        }
    }
    let text = document.text();
    let mut whole: Option<ByteSpan> = None;
    for &piece in pieces {
        let bytes = map.bytes_of(piece).ok_or(Misalignment::OutOfRange)?;
        whole = Some(match whole {
            None => bytes,
            Some(before) => {
                let gap = text.get(before.end..bytes.start);
                if !gap.is_some_and(|gap| gap.chars().all(char::is_whitespace)) {
                    return Err(Misalignment::Discontinuous);
                }
                ByteSpan::new(before.start, bytes.end)
            }
        });
    }
    let whole = whole.ok_or(Misalignment::Empty)?;
    match exact_words(document.word_bytes(), whole) {
        Some(span) => Ok(span),
        None if pieces.len() > 1 => Err(Misalignment::Discontinuous),
        None => {
            let surface = text.get(whole.range()).unwrap_or_default();
            let edged =
                surface.starts_with(char::is_whitespace) || surface.ends_with(char::is_whitespace);
            Err(if edged { Misalignment::WhitespaceEdge } else { Misalignment::InsideWord })
        }
    }
}

/// The words that start and end exactly where `bytes` does.
#[must_use]
pub fn exact_words(words: &[ByteSpan], bytes: ByteSpan) -> Option<WordSpan> {
    let mut start = words.partition_point(|word| word.start < bytes.start);
    // Empty words at the edges are outside.
    while words.get(start).is_some_and(|word| word.is_empty() && word.start == bytes.start) {
        start += 1;
    }
    let mut end = words.partition_point(|word| word.end <= bytes.end);
    while end > start && words.get(end - 1).is_some_and(ByteSpan::is_empty) {
        end -= 1;
    }
    let fits = start < end
        && words.get(start).is_some_and(|word| word.start == bytes.start)
        && words.get(end - 1).is_some_and(|word| word.end == bytes.end);
    fits.then_some(WordSpan::new(start, end))
}

/// The words that share a byte with `bytes`.
#[must_use]
pub fn touched_words(words: &[ByteSpan], bytes: ByteSpan) -> WordSpan {
    let start = words.partition_point(|word| word.end <= bytes.start);
    let end = words.partition_point(|word| word.start < bytes.end);
    WordSpan::new(start, end.max(start))
}

/// The words that lie wholly within `bytes`.
pub(crate) fn covered_words(words: &[ByteSpan], bytes: ByteSpan) -> WordSpan {
    let start = words.partition_point(|word| word.start < bytes.start);
    let end = words.partition_point(|word| word.end <= bytes.end);
    WordSpan::new(start, end.max(start))
}

/// The finding about a span that matches no words. The reader adds the place.
#[must_use]
pub fn span_finding(document: &Document, map: &CharMap<'_>, span: &SourceSpan) -> Finding {
    let SpanIssue { code, expected, found, hint } = SpanIssue::of(document, map, span);
    let surface = extent(map, &span.pieces).and_then(|bytes| document.text().get(bytes.range()));
    let message = format!("expected {expected}, found {found}");
    let mut finding = Finding::new(Severity::Warning, code, message)
        .with_text(surface.map(shorten))
        .with_hint(hint);
    finding.span.clone_from(&span.pieces);
    finding
}

/// The same as an error, for a policy that refuses the span.
pub(crate) fn span_error(document: &Document, map: &CharMap<'_>, span: &SourceSpan) -> CorpusError {
    let SpanIssue { code, expected, found, hint } = SpanIssue::of(document, map, span);
    CorpusError::input("misaligned", expected, found)
        .with_hint(hint)
        .about_span(SpanFault { code, pieces: span.pieces.clone() })
}

/// Why a span matches no words.
struct SpanIssue {
    code: &'static str,
    expected: String,
    found: String,
    hint: &'static str,
}

impl SpanIssue {
    fn of(document: &Document, map: &CharMap<'_>, span: &SourceSpan) -> Self {
        let shown: Vec<String> =
            span.pieces.iter().map(|piece| format!("{}..{}", piece.start, piece.end)).collect();
        let mut found = format!("{} at {}", span.label, shown.join(" and "));
        let (code, expected, hint) = match span.reason {
            Misalignment::InsideWord => {
                let touched = extent(map, &span.pieces)
                    .map(|bytes| touched_words(document.word_bytes(), bytes));
                if let Some(words) = touched {
                    let chars = map.chars_of(document.bytes_of(words));
                    found.push_str(&format!(
                        "; the words it touches are {}..{}, {:?}",
                        chars.start,
                        chars.end,
                        shorten(document.surface(words))
                    ));
                }
                (
                    "span-inside-word",
                    "a span of whole words".to_owned(),
                    "choose a policy with `on_misaligned`, such as expand",
                )
            }
            Misalignment::WhitespaceEdge => (
                "span-whitespace-edge",
                "a span without white space at its ends".to_owned(),
                "cut the white space off with `on_misaligned: trim`",
            ),
            Misalignment::Reversed => (
                "span-reversed",
                "a span that ends after its start".to_owned(),
                "correct the offsets, or leave the span out with `on_misaligned: drop`",
            ),
            Misalignment::Empty => (
                "span-empty",
                "a span of one character or more".to_owned(),
                "correct the offsets, or leave the span out with `on_misaligned: drop`",
            ),
            Misalignment::OutOfRange => (
                "span-out-of-range",
                format!("a span within the {} characters of the text", map.len()),
                "offsets count code points, not bytes or UTF-16 units; see whether the text was \
                 changed",
            ),
            _ => (
                "span-discontinuous",
                "a span of one piece".to_owned(),
                "choose a policy with `on_misaligned`: expand covers the gap too",
            ),
        };
        Self { code, expected, found, hint }
    }
}

/// The bytes from the first to the last piece, as far as they are in the text.
#[must_use]
pub fn extent(map: &CharMap<'_>, pieces: &[CharSpan]) -> Option<ByteSpan> {
    let start = pieces.iter().map(|piece| piece.start).min()?;
    let end = pieces.iter().map(|piece| piece.end).max()?.min(map.len());
    map.bytes_of(CharSpan::new(start, end)).filter(|bytes| !bytes.is_empty())
}
