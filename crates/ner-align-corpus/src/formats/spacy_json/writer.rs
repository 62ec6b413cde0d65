//! Documents to JSON.

use std::io::Write;

use ner_align_core::{CorpusWriter, Document, TextOrigin, WordSpan};
use serde::Serialize;

use crate::formats::outgoing::Destination;
use crate::formats::spacy_tokens::{Layout, Mark, Token as LaidToken, check_aligned, check_words};
use crate::{CorpusError, FormatWriter, Unwritable, WriteOptions};

/// How spaCy's JSON is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct SpacyJsonWriterOptions {
    /// What to do with empty words, which spaCy does not open.
    pub unwritable: Unwritable,
}

ner_align_core::setters! { SpacyJsonWriterOptions {
    with_unwritable: unwritable: Unwritable,
} }

impl From<&WriteOptions> for SpacyJsonWriterOptions {
    fn from(options: &WriteOptions) -> Self {
        Self { unwritable: options.unwritable }
    }
}

#[derive(Debug, Serialize)]
struct Entry<'a> {
    id: Id<'a>,
    paragraphs: [Paragraph<'a>; 1],
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Id<'a> {
    Number(usize),
    Name(&'a str),
}

#[derive(Debug, Serialize)]
struct Paragraph<'a> {
    raw: Option<&'a str>,
    sentences: Vec<Sentence<'a>>,
    cats: [(); 0],
    entities: Vec<(usize, usize, &'a str)>,
    links: [(); 0],
}

#[derive(Debug, Serialize)]
struct Sentence<'a> {
    tokens: Vec<Token<'a>>,
    brackets: [(); 0],
}

#[derive(Debug, Serialize)]
struct Token<'a> {
    id: usize,
    orth: &'a str,
    space: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ner: Option<String>,
}

/// Writes an array of entries, one document each; see [the module](super) for the format.
#[derive(Debug)]
pub struct SpacyJsonWriter<W> {
    target: W,
    destination: Destination,
    options: SpacyJsonWriterOptions,
    /// One document's JSON, so that one that cannot be written leaves nothing behind.
    out: Vec<u8>,
    done: bool,
}

impl<W: Write> SpacyJsonWriter<W> {
    /// Writes to any target; `name` is its path in messages. Each document is one write.
    pub fn new(target: W, name: impl Into<String>, options: SpacyJsonWriterOptions) -> Self {
        let destination = Destination::new(name);
        Self { target, destination, options, out: Vec::new(), done: false }
    }

    /// The target, with everything written.
    pub fn into_inner(self) -> W {
        self.target
    }

    fn check(&self, document: &Document, layout: &Layout<'_>) -> Result<(), CorpusError> {
        check_aligned(document, &self.destination)?;
        if layout.overlapping {
            return Err(self
                .destination
                .refuse("overlap", "entities that share no word", "others")
                .with_hint(
                    "choose a policy with `on_overlap`, or a format of spans such as docbin",
                ));
        }
        check_words(layout, self.options.unwritable, &self.destination)
    }
}

/// The paragraph of a document.
fn paragraph<'a>(document: &'a Document, layout: &Layout<'a>) -> Paragraph<'a> {
    // Without any annotation there are no tags at all, as in spaCy.
    let annotated = layout.tokens.iter().any(|token| token.mark != Mark::Missing);
    let mut sentences: Vec<Sentence<'a>> = Vec::with_capacity(document.sentences().len());
    let mut bounds = vec![(0, 0); document.entities().len()];
    let mut at = 0;
    for (id, token) in layout.tokens.iter().enumerate() {
        if token.starts || sentences.is_empty() {
            sentences.push(Sentence { tokens: Vec::new(), brackets: [] });
        }
        let orth = if token.text.is_empty() { "\u{fffd}" } else { token.text };
        let end = at + orth.chars().count();
        if let Mark::Begin(entity) | Mark::Inside(entity) = token.mark
            && let Some(bounds) = bounds.get_mut(entity)
        {
            if matches!(token.mark, Mark::Begin(_)) {
                bounds.0 = at;
            }
            bounds.1 = end;
        }
        at = end + usize::from(token.space);
        let token = Token {
            id,
            orth,
            space: if token.space { " " } else { "" },
            ner: annotated.then(|| tag(document, layout, id, token)),
        };
        if let Some(sentence) = sentences.last_mut() {
            sentence.tokens.push(token);
        }
    }
    let entities = document.entities().iter().zip(bounds);
    let replaced = layout.tokens.iter().any(|token| token.text.is_empty());
    Paragraph {
        raw: (document.origin() == TextOrigin::Source && !replaced).then(|| document.text()),
        sentences,
        cats: [],
        entities: entities.map(|(e, (start, end))| (start, end, e.label.as_str())).collect(),
        links: [],
    }
}

/// A token's tag in BILUO.
fn tag(document: &Document, layout: &Layout<'_>, index: usize, token: &LaidToken<'_>) -> String {
    let (entity, begins) = match token.mark {
        Mark::Missing => return "-".to_owned(),
        Mark::Outside => return "O".to_owned(),
        Mark::Begin(entity) => (entity, true),
        Mark::Inside(entity) => (entity, false),
    };
    let Some(entity) = document.entities().get(entity) else { return "O".to_owned() };
    let WordSpan { end, .. } = layout.span(entity.span);
    let prefix = match (begins, index + 1 == end) {
        (true, true) => 'U',
        (true, false) => 'B',
        (false, false) => 'I',
        (false, true) => 'L',
    };
    format!("{prefix}-{}", entity.label)
}

impl<W: Write> CorpusWriter for SpacyJsonWriter<W> {
    type Error = CorpusError;

    fn write_document(&mut self, document: &Document) -> Result<(), CorpusError> {
        let layout = Layout::new(document);
        self.check(document, &layout)?;
        let entry = Entry {
            id: document.id().map_or(Id::Number(self.destination.documents), Id::Name),
            paragraphs: [paragraph(document, &layout)],
        };
        self.out.clear();
        self.out.extend_from_slice(if self.destination.documents == 0 { b"[\n" } else { b",\n" });
        serde_json::to_writer(&mut self.out, &entry)
            .map_err(|error| self.destination.failed(error.into()))?;
        self.destination.put(&mut self.target, &self.out)
    }

    fn finish(&mut self) -> Result<(), CorpusError> {
        if !std::mem::replace(&mut self.done, true) {
            let end: &[u8] = if self.destination.documents == 0 { b"[]\n" } else { b"\n]\n" };
            self.target.write_all(end).map_err(|error| self.destination.failed(error))?;
        }
        self.destination.flush(&mut self.target)
    }
}

impl<W: Write + Send> FormatWriter for SpacyJsonWriter<W> {}
