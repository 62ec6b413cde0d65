//! Documents to JSON lines.

use std::io::Write;

use ner_align_core::{CharSpan, CorpusWriter, Document, Score, SourceSpan, Tag};
use serde::Serialize;

use super::{JsonlShape, JsonlWriterOptions};
use crate::formats::outgoing::{Destination, Outgoing, OutgoingTags, in_order, word_chars};
use crate::{CorpusError, FormatWriter};

#[derive(Serialize)]
struct Prodigy<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    text: &'a str,
    tokens: Vec<Token<'a>>,
    /// Absent where nobody annotated.
    #[serde(skip_serializing_if = "Option::is_none")]
    spans: Option<Vec<Span<'a>>>,
}

#[derive(Serialize)]
struct Token<'a> {
    text: &'a str,
    start: usize,
    end: usize,
    id: usize,
    ws: bool,
}

#[derive(Serialize)]
struct Span<'a> {
    start: usize,
    end: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_start: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_end: Option<usize>,
    label: &'a str,
}

#[derive(Serialize)]
struct Doccano<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<Vec<(usize, usize, &'a str)>>,
}

#[derive(Serialize)]
struct Annotation<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    entities: Option<Vec<(usize, usize, &'a str)>>,
}

#[derive(Serialize)]
struct Tokens<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    tokens: Vec<&'a str>,
    ner_tags: Vec<String>,
}

#[derive(Serialize)]
struct Entities<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    entities: Option<Vec<Entity<'a>>>,
}

#[derive(Serialize)]
struct Entity<'a> {
    start: usize,
    end: usize,
    label: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<Score>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

/// Writes one document a line, in one of the [shapes](JsonlShape); see [the module](super) for the
/// format.
///
/// Spans stand by their start; those that are no run of words are written as they were read.
///
/// ```
/// use ner_align_core::{ByteSpan, CorpusWriter, Document, Entity, Label};
/// use ner_align_corpus::formats::jsonl::{JsonlShape, JsonlWriter, JsonlWriterOptions};
/// let mut document = Document::from_text("à Oslo", vec![ByteSpan::new(0, 2), ByteSpan::new(3, 7)])?;
/// document.set_entities(vec![Entity::new(1, 2, Label::new("LOC").unwrap())])?;
/// let options = JsonlWriterOptions::default().with_shape(JsonlShape::Spacy);
/// let mut out = Vec::new();
/// let mut writer = JsonlWriter::new(&mut out, "out.jsonl", options);
/// writer.write_document(&document)?;
/// writer.finish()?;
/// assert_eq!(out, "[\"à Oslo\",{\"entities\":[[2,6,\"LOC\"]]}]\n".as_bytes());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct JsonlWriter<W> {
    target: W,
    destination: Destination,
    options: JsonlWriterOptions,
    /// One document's line, so that one that cannot be written leaves nothing behind.
    out: Vec<u8>,
}

/// A span to write: its characters, the entity if it is one, its label.
type Placed<'a> = (CharSpan, Option<&'a ner_align_core::Entity>, &'a str);

impl<W: Write> JsonlWriter<W> {
    /// Writes to any target; `name` is its path in messages. Each document is one write.
    pub fn new(target: W, name: impl Into<String>, options: JsonlWriterOptions) -> Self {
        Self { target, destination: Destination::new(name), options, out: Vec::new() }
    }

    /// The target, with everything written.
    pub fn into_inner(self) -> W {
        self.target
    }

    /// Entities and other spans by their start; `None` where nobody annotated any word.
    fn spans<'a>(
        &self,
        document: &'a Document,
        words: &[CharSpan],
    ) -> Result<Option<Vec<Placed<'a>>>, CorpusError> {
        if let Some((tags, _)) = document.tags()
            && document.unaligned().is_empty()
            && !tags.is_empty()
            && tags.iter().all(|tag| *tag == Tag::Missing)
        {
            return Ok(None);
        }
        let place = |span| match span {
            Outgoing::Entity(entity, span)
                if span.is_empty() && self.options.shape != JsonlShape::Prodigy =>
            {
                let expected = "entities of one character or more";
                let found = format!("an empty {}", entity.label);
                Err(self
                    .destination
                    .refuse("unwritable-entity", expected, found)
                    .with_hint("the shapes prodigy and tokens have words, also empty ones"))
            }
            Outgoing::Entity(entity, span) => Ok((span, Some(entity), entity.label.as_str())),
            Outgoing::Other(span) => self.other(span),
        };
        in_order(document, words).into_iter().map(place).collect::<Result<_, _>>().map(Some)
    }

    /// A span that is no run of words, as it was.
    fn other<'a>(&self, span: &'a SourceSpan) -> Result<Placed<'a>, CorpusError> {
        match span.pieces.as_slice() {
            [piece] => Ok((*piece, None, span.label.as_str())),
            pieces => {
                let found = format!("{} in {} pieces", span.label, pieces.len());
                Err(self
                    .destination
                    .refuse("misaligned", "spans of one piece", found)
                    .with_hint("choose a policy with `on_misaligned`, or the format brat"))
            }
        }
    }

    fn line(&mut self, document: &Document) -> Result<(), CorpusError> {
        let mut out = std::mem::take(&mut self.out);
        out.clear();
        let id = document.id().filter(|id| !id.is_empty());
        let text = document.text();
        let done = match self.options.shape {
            JsonlShape::Tokens => {
                let row = Tokens {
                    id,
                    tokens: document.words().collect(),
                    ner_tags: self.tags(document)?,
                };
                serde_json::to_writer(&mut out, &row)
            }
            shape => {
                let words = word_chars(document);
                let spans = self.spans(document, &words)?;
                let triples = || {
                    let spans = spans.as_ref()?;
                    Some(
                        spans
                            .iter()
                            .map(|(span, _, label)| (span.start, span.end, *label))
                            .collect(),
                    )
                };
                match shape {
                    JsonlShape::Doccano => {
                        serde_json::to_writer(&mut out, &Doccano { id, text, label: triples() })
                    }
                    JsonlShape::Spacy => {
                        serde_json::to_writer(&mut out, &(text, Annotation { entities: triples() }))
                    }
                    JsonlShape::Entities => {
                        let entities = spans.map(|spans| entities(document, &spans));
                        serde_json::to_writer(&mut out, &Entities { id, text, entities })
                    }
                    _ => {
                        let tokens = tokens(document, &words);
                        let spans = spans.map(|spans| spans.into_iter().map(prodigy).collect());
                        serde_json::to_writer(&mut out, &Prodigy { id, text, tokens, spans })
                    }
                }
            }
        };
        done.map_err(|error| self.destination.failed(error.into()))?;
        out.push(b'\n');
        self.out = out;
        Ok(())
    }

    fn tags(&self, document: &Document) -> Result<Vec<String>, CorpusError> {
        if let Some(span) = document.unaligned().first() {
            let found = format!("{} {}", span.reason, span.label);
            return Err(self
                .destination
                .refuse("misaligned", "spans of whole words", found)
                .with_hint("choose a policy with `on_misaligned`, or another shape"));
        }
        let tags = OutgoingTags::new(document, self.options.scheme, self.options.repair);
        let tags = tags.map_err(|error| {
            let error = self.destination.untaggable(&error);
            error.with_hint("choose another shape, or a policy with `on_overlap`")
        })?;
        Ok((0..document.len()).map(|word| tags.text(word).into_owned()).collect())
    }
}

fn tokens<'a>(document: &'a Document, words: &[CharSpan]) -> Vec<Token<'a>> {
    let text = document.text().as_bytes();
    let spaced = |byte: usize| text.get(byte) == Some(&b' ');
    let bytes = document.word_bytes().iter();
    document
        .words()
        .zip(words)
        .zip(bytes)
        .enumerate()
        .map(|(id, ((text, word), bytes))| Token {
            text,
            start: word.start,
            end: word.end,
            id,
            ws: spaced(bytes.end),
        })
        .collect()
}

fn prodigy(placed: Placed<'_>) -> Span<'_> {
    let (span, entity, label) = placed;
    let words = entity.map(|entity| entity.span);
    Span {
        start: span.start,
        end: span.end,
        token_start: words.map(|words| words.start),
        token_end: words.map(|words| words.end.saturating_sub(1)),
        label,
    }
}

fn entities<'a>(document: &'a Document, spans: &[Placed<'a>]) -> Vec<Entity<'a>> {
    let entity = |(span, entity, label): &Placed<'a>| Entity {
        start: span.start,
        end: span.end,
        label,
        score: entity.and_then(|entity| entity.score),
        text: entity.map(|entity| document.surface(entity.span)),
    };
    spans.iter().map(entity).collect()
}

impl<W: Write> CorpusWriter for JsonlWriter<W> {
    type Error = CorpusError;

    fn write_document(&mut self, document: &Document) -> Result<(), CorpusError> {
        self.line(document)?;
        self.destination.put(&mut self.target, &self.out)
    }

    fn finish(&mut self) -> Result<(), CorpusError> {
        self.destination.flush(&mut self.target)
    }
}

impl<W: Write + Send> FormatWriter for JsonlWriter<W> {}
