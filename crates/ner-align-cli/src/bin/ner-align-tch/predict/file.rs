//! A document that is a file: PDF, docx, HTML, Markdown.

use std::path::Path;

use ner_align_cli::corpus_args::CorpusArgs;
use ner_align_cli::say::say;
use ner_align_cli::{Failure, documents};
use ner_align_documents::{DocumentKind, ExtractOptions, ExtractedText, PageBox};
use ner_align_pipeline::FoundEntity;
use serde::Serialize;

/// The text of the input if its name says that it is such a file, extracted in a process of its own.
/// Pages without text are told.
pub(crate) fn extract(path: &Path, corpus: &CorpusArgs) -> Result<Option<ExtractedText>, Failure> {
    let kind = DocumentKind::from_path(path).filter(|kind| *kind != DocumentKind::Text);
    if kind.is_none() || corpus.from.is_some() {
        return Ok(None);
    }
    let text = documents::worker()?.read(path, &ExtractOptions::default())?;
    let without: Vec<String> = text.pages_without_text().iter().map(usize::to_string).collect();
    if !without.is_empty() {
        let (path, pages) = (path.display(), without.join(", "));
        say(format!("warning: {path}: expected text on each page, found none on {pages}"));
    }
    Ok(Some(text))
}

/// An entity with its place on the pages of a document.
#[derive(Serialize)]
pub(super) struct PlacedEntity<'a> {
    #[serde(flatten)]
    entity: &'a FoundEntity,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    boxes: Vec<PageBox>,
}

impl<'a> PlacedEntity<'a> {
    /// An entity of this document, or of a text without pages.
    pub(super) fn new(entity: &'a FoundEntity, document: Option<&ExtractedText>) -> Self {
        let page = document.and_then(|document| document.page_at(entity.start));
        let boxes = document.map(|document| document.boxes(entity.start..entity.end));
        Self { entity, page: page.map(|page| page.number), boxes: boxes.unwrap_or_default() }
    }
}
