//! Documents to JSON lines.

use std::io::Write;

use ner_align_core::{CharSpan, CorpusWriter, Document, SourceSpan, Tag, WordSpan};
use serde::Serialize;

use super::prodigy_row;
use super::rows::{
    Annotation, Data, Doccano, Entities, Placed, Results, Suggested, Task, Tokens, entities,
    regions,
};
use super::{JsonlShape, JsonlWriterOptions};
use crate::formats::outgoing::{Destination, Outgoing, OutgoingTags, in_order, word_chars};
use crate::text::OffsetMap;
use crate::{CorpusError, FormatWriter};

/// Writes one document a line, or all of them as one array, in one of the [shapes](JsonlShape); see [the module](super) for the
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
    /// The model whose predictions are written.
    model: Option<String>,
    /// Where the document that is being written was suggested.
    place: Option<Suggested>,
    /// One document's line, so that one that cannot be written leaves nothing behind.
    out: Vec<u8>,
    /// The array of all documents was closed.
    closed: bool,
}

impl<W: Write> JsonlWriter<W> {
    /// Writes to any target; `name` is its path in messages. Each document is one write.
    pub fn new(target: W, name: impl Into<String>, options: JsonlWriterOptions) -> Self {
        Self {
            target,
            destination: Destination::new(name),
            options,
            model: None,
            place: None,
            out: Vec::new(),
            closed: false,
        }
    }

    /// Writes the entities as predictions of this model, in shapes that tell predictions from
    /// annotation: `label-studio` has `predictions`, with scores, in place of `annotations`.
    #[must_use]
    pub fn predicted_by(mut self, model: Option<String>) -> Self {
        self.model = model;
        self
    }

    /// Writes a document with its place among those to annotate; see [`Suggested`]. The shapes
    /// `spacy` and `tokens` have no room for it.
    ///
    /// # Errors
    /// As [`CorpusWriter::write_document`].
    pub fn write_suggested(
        &mut self,
        document: &Document,
        place: Suggested,
    ) -> Result<(), CorpusError> {
        self.place = Some(place);
        let written = self.write_document(document);
        self.place = None;
        written
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
        let shape = self.options.shape;
        if shape == JsonlShape::LabelStudio {
            out.extend_from_slice(if self.destination.documents == 0 { b"[\n" } else { b",\n" });
        }
        let done = if shape == JsonlShape::Tokens {
            self.sentences(document, &mut out)
        } else {
            self.spanned(document, &mut out)
        };
        if shape != JsonlShape::LabelStudio {
            out.push(b'\n');
        }
        self.out = out;
        done
    }

    /// A row a sentence.
    fn sentences(&self, document: &Document, out: &mut Vec<u8>) -> Result<(), CorpusError> {
        let tags = self.tags(document)?;
        let id = document.id().filter(|id| !id.is_empty());
        let words: Vec<&str> = document.words().collect();
        let several = document.sentences().len() > 1;
        let whole = WordSpan::new(0, words.len());
        let spans = document.sentences().iter().map(|sentence| sentence.words);
        let spans: Vec<WordSpan> = if several { spans.collect() } else { vec![whole] };
        for (at, span) in spans.into_iter().enumerate() {
            if at > 0 {
                out.push(b'\n');
            }
            let row = Tokens {
                id: id
                    .map(|id| if several { format!("{id}/{}", at + 1).into() } else { id.into() }),
                tokens: words.get(span.range()).unwrap_or_default(),
                ner_tags: tags.get(span.range()).unwrap_or_default(),
            };
            self.put(out, &row)?;
        }
        Ok(())
    }

    /// A text with its spans.
    fn spanned(&self, document: &Document, out: &mut Vec<u8>) -> Result<(), CorpusError> {
        let id = document.id().filter(|id| !id.is_empty());
        let text = document.text();
        let place = self.place;
        let words = word_chars(document);
        let spans = self.spans(document, &words)?;
        let unit = self.options.offsets.unwrap_or(self.options.shape.offsets());
        let offsets = OffsetMap::new(text, unit);
        let triples = || {
            let triple = |(span, _, label): &Placed<'_>| {
                (offsets.offset_of(span.start), offsets.offset_of(span.end), label.to_string())
            };
            spans.as_ref().map(|spans| spans.iter().map(triple).collect())
        };
        match self.options.shape {
            JsonlShape::Doccano => self.put(out, &Doccano { id, text, label: triples(), place }),
            JsonlShape::Spacy => self.put(out, &(text, Annotation { entities: triples() })),
            JsonlShape::LabelStudio => {
                let spans = spans.as_deref();
                let regions = |spans| regions(document, spans, &offsets);
                let gold = spans.filter(|_| self.model.is_none());
                let annotations = gold.map(|spans| Results::gold(regions(spans)));
                let predictions = spans
                    .zip(self.model.as_deref())
                    .map(|(spans, model)| Results::of_model(model, regions(spans), spans));
                let task = Task {
                    data: Data { text, id, place },
                    annotations: annotations.into_iter().collect(),
                    predictions: predictions.into_iter().collect(),
                };
                self.put(out, &task)
            }
            JsonlShape::Entities => {
                let entities = spans.map(|spans| entities(document, &spans, &offsets));
                self.put(out, &Entities { id, text, entities, place })
            }
            JsonlShape::Prodigy | JsonlShape::Tokens => {
                prodigy_row::write(out, document, &words, &offsets, spans.as_deref(), place)
                    .map_err(|error| self.destination.failed(error.into()))
            }
        }
    }

    fn put(&self, out: &mut Vec<u8>, row: &impl Serialize) -> Result<(), CorpusError> {
        serde_json::to_writer(out, row).map_err(|error| self.destination.failed(error.into()))
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

impl<W: Write> CorpusWriter for JsonlWriter<W> {
    type Error = CorpusError;

    fn write_document(&mut self, document: &Document) -> Result<(), CorpusError> {
        self.line(document)?;
        self.destination.put_lines(&mut self.target, &self.out)
    }

    fn finish(&mut self) -> Result<(), CorpusError> {
        if self.options.shape == JsonlShape::LabelStudio
            && !std::mem::replace(&mut self.closed, true)
        {
            let end: &[u8] = if self.destination.documents == 0 { b"[]\n" } else { b"\n]\n" };
            self.target.write_all(end).map_err(|error| self.destination.failed(error))?;
        }
        self.destination.flush(&mut self.target)
    }
}

impl<W: Write + Send> FormatWriter for JsonlWriter<W> {}
