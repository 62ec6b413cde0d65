//! What a document becomes in an output that can be appended to.

use ner_align_cli::Failure;
use ner_align_core::{CorpusWriter, Document};
use ner_align_corpus::formats::conll::ConllWriter;
use ner_align_corpus::formats::jsonl::{JsonlShape, JsonlWriter};
use ner_align_corpus::{CorpusError, Format, Unwritable, WriteOptions};
use ner_align_documents::ExtractedText;
use ner_align_pipeline::FoundEntity;
use ner_align_pipeline::fields::{Fields, Mapping};
use serde::Serialize;

use super::PredictArgs;
use super::file::PlacedEntity;
use crate::fault::OrFail;

/// A document, and the entities that were found in it.
pub(super) type Annotated = (Document, Vec<FoundEntity>);

/// How documents are written.
pub(super) enum Lines {
    /// In this format of corpora.
    Corpus(Format),
    /// As JSON lines of entities with their alternatives, and with their place on these pages.
    Entities(Option<ExtractedText>),
    /// As JSON lines of fields.
    Fields(Mapping),
}

/// A line of entities with what no corpus holds; the rest is as `JsonlShape::Entities` has it.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    text: &'a str,
    entities: Vec<PlacedEntity<'a>>,
}

impl Lines {
    pub(super) fn of(arguments: &PredictArgs, format: Format) -> Result<Self, Failure> {
        let own = match &arguments.group {
            Some(Some(path)) => Self::Fields(Mapping::read(path).or_fail()?),
            Some(None) => Self::Fields(Mapping::default()),
            None if arguments.alternatives > 0 => Self::Entities(None),
            None => return Ok(Self::Corpus(format)),
        };
        if format == Format::Jsonl {
            return Ok(own);
        }
        let argument = if arguments.group.is_some() { "--group" } else { "--alternatives" };
        Err(Failure::usage(format!("{argument}: expected jsonl as the output, found {format}")))
    }

    /// With the places of entities, if the text is that of a document with pages.
    pub(super) fn with_pages(self, text: Option<&ExtractedText>) -> Self {
        match (self, text.filter(|text| !text.pages.is_empty())) {
            (Self::Corpus(Format::Jsonl) | Self::Entities(_), Some(text)) => {
                Self::Entities(Some(text.clone()))
            }
            (own, _) => own,
        }
    }

    pub(super) const fn format(&self) -> Format {
        match self {
            Self::Corpus(format) => *format,
            Self::Entities(_) | Self::Fields(_) => Format::Jsonl,
        }
    }

    /// The bytes of a chunk.
    pub(super) fn body(
        &self,
        chunk: &[Annotated],
        mark_documents: bool,
    ) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        match self {
            Self::Corpus(format) => corpus(&mut bytes, *format, chunk, mark_documents)?,
            Self::Entities(pages) => {
                for (document, entities) in chunk {
                    let placed = |entity| PlacedEntity::new(entity, pages.as_ref());
                    let entities = entities.iter().map(placed).collect();
                    let (id, text) = (document.id(), document.text());
                    line(&mut bytes, &Line { id, text, entities })?;
                }
            }
            Self::Fields(mapping) => {
                for (_, entities) in chunk {
                    line(&mut bytes, &Fields::of(entities, mapping))?;
                }
            }
        }
        Ok(bytes)
    }
}

fn line(bytes: &mut Vec<u8>, value: &impl Serialize) -> Result<(), Failure> {
    serde_json::to_writer(&mut *bytes, value)
        .map_err(|error| Failure::environment(format!("output: {error}")))?;
    bytes.push(b'\n');
    Ok(())
}

fn corpus(
    bytes: &mut Vec<u8>,
    format: Format,
    chunk: &[Annotated],
    mark_documents: bool,
) -> Result<(), Failure> {
    let options = write_options(mark_documents);
    if format == Format::Conll {
        write_all(&mut ConllWriter::new(bytes, "predictions", (&options).into()), chunk)
    } else {
        let options = options.with_shape(Some(JsonlShape::Entities));
        write_all(&mut JsonlWriter::new(bytes, "predictions", (&options).into()), chunk)
    }
}

fn write_all(
    writer: &mut impl CorpusWriter<Error = CorpusError>,
    chunk: &[Annotated],
) -> Result<(), Failure> {
    chunk.iter().try_for_each(|(document, _)| writer.write_document(document))?;
    Ok(writer.finish()?)
}

/// How corpora are written. Plain text may hold characters that a format cannot.
pub(super) fn write_options(mark_documents: bool) -> WriteOptions {
    WriteOptions::default().with_mark_documents(mark_documents).with_unwritable(Unwritable::Replace)
}
