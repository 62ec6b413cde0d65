//! Predictions on their way out: tags into documents, documents into JSONL or columns.

use std::io::{self, Write};
use std::path::Path;

use ner_align_cli::Failure;
use ner_align_core::{CorpusWriter, Dataset, Document};
use ner_align_corpus::formats::conll::{ConllWriter, ConllWriterOptions};
use ner_align_train::Prediction;
use serde::Serialize;

/// Replaces the documents' annotation by predictions. Gives the probability of each word's class,
/// one list a document.
pub(crate) fn annotate(
    documents: &mut [Document],
    dataset: &Dataset,
    predictions: Vec<Prediction>,
) -> Result<Vec<Vec<f32>>, Failure> {
    let mut tags: Vec<Vec<_>> = documents.iter().map(|d| Vec::with_capacity(d.len())).collect();
    let mut probabilities: Vec<Vec<f32>> = vec![Vec::new(); documents.len()];
    for (sentence, prediction) in dataset.sentences.iter().zip(predictions) {
        tags[sentence.document].extend(prediction.tags);
        probabilities[sentence.document].extend(prediction.probabilities);
    }
    let scheme = dataset.labels.scheme();
    for (document, tags) in documents.iter_mut().zip(tags) {
        document.set_tags(tags, scheme).map_err(|e| Failure::input(e.to_string()))?;
        // Gold spans that fit no words are no predictions.
        document.set_unaligned(Vec::new());
    }
    Ok(probabilities)
}

/// One line of the default output.
#[derive(Debug, Serialize)]
struct Line<'a> {
    text: &'a str,
    entities: Vec<FoundEntity<'a>>,
}

/// An entity with its place in the text, in code points.
#[derive(Debug, Serialize)]
struct FoundEntity<'a> {
    start: usize,
    end: usize,
    label: &'a str,
    /// Mean probability of the words' classes.
    score: f32,
    text: &'a str,
}

/// Writes a document as one line of JSON.
pub(crate) fn write_json_line(
    document: &Document,
    probabilities: &[f32],
    target: &mut dyn Write,
) -> io::Result<()> {
    let text = document.text();
    let mut counted = (0, 0);
    // Entities come by position, so code points are counted once through the text.
    let mut code_points = |byte: usize| {
        let (from, before) = counted;
        let between = text.get(from..byte).map_or(0, |part| part.chars().count());
        counted = (byte, before + between);
        before + between
    };
    let entities = document
        .entities()
        .iter()
        .map(|entity| {
            let bytes = document.bytes_of(entity.span);
            let scores = probabilities.get(entity.span.range()).unwrap_or_default();
            FoundEntity {
                start: code_points(bytes.start),
                end: code_points(bytes.end),
                label: entity.label.as_str(),
                score: scores.iter().sum::<f32>() / scores.len().max(1) as f32,
                text: document.surface(entity.span),
            }
        })
        .collect();
    serde_json::to_writer(&mut *target, &Line { text, entities })?;
    target.write_all(b"\n")
}

/// Writes documents as columns.
pub(super) fn write_conll(
    documents: &[Document],
    target: &mut dyn Write,
    name: &Path,
    options: ConllWriterOptions,
) -> Result<(), Failure> {
    let mut writer = ConllWriter::new(target, name.display().to_string(), options);
    documents.iter().try_for_each(|document| writer.write_document(document))?;
    Ok(writer.finish()?)
}
