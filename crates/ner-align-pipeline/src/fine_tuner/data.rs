//! The corpora of a run: documents, classes, windows.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ner_align_core::{Dataset, Document, Label, LabelSet, Scheme};
use ner_align_corpus::{Input, Policies, ReadOptions, Resolved, read_for_tags};
use ner_align_subword::WindowUnit;

use super::notice::{Notice, Split};
use super::provenance::DataSource;
use crate::PipelineError;
use crate::backend::ModelShape;
use crate::settings::{Decode, Head, Settings};

/// The finding of types to rename that no entity has.
const UNUSED_LABEL: &str = "unused-label";

/// Classes above which a notice says that decoding is slow.
const MANY_CLASSES: usize = 1_000;

/// The documents of one part of the data, and where they came from.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) split: Split,
    pub(super) documents: Vec<Document>,
    pub(super) sources: Vec<DataSource>,
    /// Where the documents of each corpus end, if the corpora were read apart; else one end.
    pub(super) ends: Vec<usize>,
}

impl Part {
    /// The types that each corpus marks: those that occur in it.
    pub(super) fn marked(&self) -> Vec<BTreeSet<Label>> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(start, &end)| entity_types(&self.documents[start..end]))
            .collect()
    }

    /// The corpus that a document is of.
    pub(super) fn corpus_of(&self, document: usize) -> usize {
        self.ends.partition_point(|&end| end <= document)
    }
}

/// Reads the corpora of one part of the data into memory. Files are hashed later: a run that is
/// refused has read them once. Where they are read `apart`, each corpus has findings of its own.
pub(super) fn read(
    split: Split,
    inputs: Vec<Input>,
    (options, policies, apart): (&ReadOptions, Policies, bool),
    notify: &mut dyn FnMut(Notice),
) -> Result<(Part, Vec<PathBuf>), PipelineError> {
    let mut sources = Vec::new();
    let mut paths = Vec::new();
    for input in &inputs {
        match input.as_path() {
            Some(path) => paths.push(path.to_owned()),
            None => sources.push(DataSource::in_memory(split)),
        }
    }
    if inputs.is_empty() {
        return Ok((Part { split, documents: Vec::new(), sources, ends: Vec::new() }, paths));
    }
    let apart = apart && inputs.len() > 1;
    let groups: Vec<Vec<Input>> =
        if apart { inputs.into_iter().map(|input| vec![input]).collect() } else { vec![inputs] };
    let (mut documents, mut ends) = (Vec::new(), Vec::new());
    for inputs in groups {
        let (mut corpus, resolved) = read_for_tags(inputs, options, policies)?;
        if split != Split::Train || apart {
            // The types of all corpora are renamed by one map, and a corpus need not have them all.
            corpus.finding_counts.remove(UNUSED_LABEL);
        }
        if !corpus.finding_counts.is_empty() {
            let (counts, findings) = (corpus.finding_counts, corpus.findings);
            notify(Notice::Findings { split, counts, findings });
        }
        if resolved != Resolved::default() {
            notify(Notice::Resolved { split, resolved });
        }
        documents.append(&mut corpus.documents);
        ends.push(documents.len());
    }
    Ok((Part { split, documents, sources, ends }, paths))
}

/// The classes: the entity types of the training data, in its own scheme unless the settings name
/// another.
pub(super) fn classes(
    settings: &Settings,
    train: &[Document],
    notify: &mut dyn FnMut(Notice),
) -> Result<LabelSet, PipelineError> {
    let own: BTreeSet<Scheme> =
        train.iter().filter_map(Document::tags).map(|(_, scheme)| scheme).collect();
    let types = entity_types(train);
    if types.is_empty() {
        return Err(PipelineError::Data {
            place: Split::Train.to_string(),
            expected: "at least one entity".to_owned(),
            found: "none".to_owned(),
            hint: Some("name the column of the tags if they are not in the last one".to_owned()),
        });
    }
    let scheme = settings.model.scheme.unwrap_or(match own.first() {
        // IOB2 holds what all others say, and needs the fewest classes of those that do.
        Some(scheme) if own.len() == 1 => *scheme,
        _ => Scheme::Iob2,
    });
    if own.len() > 1 {
        notify(Notice::Schemes { found: own.into_iter().collect(), taken: scheme });
    }
    let labels = settings.model.strategy.label_set(types, scheme);
    if labels.len() > MANY_CLASSES {
        notify(Notice::ManyClasses { types: labels.types().len(), classes: labels.len() });
    }
    Ok(labels)
}

/// Sentences that have words.
pub(super) fn sentences(documents: &[Document]) -> usize {
    let sentences = documents.iter().flat_map(Document::sentences);
    sentences.filter(|sentence| !sentence.words.is_empty()).count()
}

pub(crate) fn entity_types(documents: &[Document]) -> BTreeSet<Label> {
    documents.iter().flat_map(Document::entities).map(|entity| entity.label.clone()).collect()
}

/// Refuses subtokens that the model has no embedding for, before anything is trained.
pub(super) fn check_ids(
    dataset: &Dataset,
    shape: ModelShape,
    model: &Path,
) -> Result<(), PipelineError> {
    let ids = dataset.windows.iter().flat_map(|window| &window.input_ids);
    match ids.max().filter(|&&id| id as usize >= shape.vocabulary) {
        None => Ok(()),
        Some(id) => Err(PipelineError::Folder {
            path: model.to_owned(),
            expected: format!("subtoken ids below {}, which the model has", shape.vocabulary),
            found: id.to_string(),
            hint: Some("tokenizer.json and the weights do not belong together".to_owned()),
        }),
    }
}

/// What is known of a run before there is a model.
pub(super) fn notices_of_data(
    settings: &Settings,
    labels: &LabelSet,
    train: &Part,
    others: [&Part; 2],
    notify: &mut dyn FnMut(Notice),
) {
    let model = &settings.model;
    let setting = match model.unit {
        WindowUnit::Document => Some("unit = \"document\"".to_owned()),
        WindowUnit::Sentence if model.context > 0 => Some(format!("context = {}", model.context)),
        WindowUnit::Sentence => None,
    };
    let single = |document: &Document| document.sentences().len() <= 1;
    if let Some(setting) = setting.filter(|_| train.documents.iter().all(single)) {
        notify(Notice::DocumentsOfOneSentence { setting });
    }
    let [dev, _] = others;
    if !train.documents.is_empty() && train.documents == dev.documents {
        notify(Notice::DevIsTrain);
    }
    if entity_types(&dev.documents).is_empty() {
        notify(Notice::NoEntities { split: dev.split });
    }
    let known: BTreeSet<Label> = labels.types().into_iter().collect();
    for Part { split, documents, .. } in others {
        for label in entity_types(documents).difference(&known) {
            let entities = documents.iter().flat_map(Document::entities);
            let entities = entities.filter(|entity| entity.label == *label).count();
            notify(Notice::UnknownType { split: *split, label: label.clone(), entities });
        }
    }
}

/// What is known of a run from its settings alone.
pub(super) fn notices_of_settings(settings: &Settings, notify: &mut dyn FnMut(Notice)) {
    if settings.model.head == Head::Crf && settings.model.decode == Decode::Argmax {
        notify(Notice::UnusedTransitions);
    }
}

/// What is known of a run when its windows are made.
pub(super) fn notices_of_batches(
    settings: &Settings,
    train: &Dataset,
    notify: &mut dyn FnMut(Notice),
) {
    let (asked, epoch_steps) = (settings.train.batch_size, settings.train.epoch_steps);
    let learned = train.windows.iter().filter(|window| window.labelled().next().is_some());
    let size = settings.train.windows_in_batch(learned.count());
    if settings.train.batch_subtokens.is_none() && size < asked {
        notify(Notice::SmallBatches { size, asked, epoch_steps });
    }
}
