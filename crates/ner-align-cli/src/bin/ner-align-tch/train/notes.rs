//! What a person should know of a run before it starts.

use std::collections::BTreeSet;

use ner_align_core::{Dataset, Document, Label, LabelSet};
use ner_align_subword::Unit;
use ner_align_tch::Head;

use super::entity_types;
use crate::config::{ModelConfig, RunConfig};
use crate::eval::Decode;

#[expect(clippy::print_stderr, reason = "this is where the program speaks")]
pub(super) fn warn_of_no_entities(dev: &[Document]) {
    if entity_types(dev).is_empty() {
        eprintln!("warning: --dev: no entities, by which one epoch could be told from another");
    }
}

#[expect(clippy::print_stderr, reason = "this is where the program speaks")]
pub(super) fn warn_of_unknown_types(labels: &LabelSet, name: &str, documents: &[Document]) {
    let known: BTreeSet<Label> = labels.types().into_iter().collect();
    for label in entity_types(documents).difference(&known) {
        let entities = documents.iter().flat_map(Document::entities);
        let count = entities.filter(|entity| entity.label == *label).count();
        eprintln!(
            "warning: {name}: {count} entities of type {label}, which --train lacks: counted as missed"
        );
    }
}

#[expect(clippy::print_stderr, reason = "this is where the program speaks")]
pub(super) fn warn_of_unused_transitions(config: &RunConfig) {
    if config.model.head == Head::Crf && config.model.decode == Decode::Argmax {
        eprintln!("warning: config: decode = argmax evaluates a CRF without its transitions");
    }
}

#[expect(clippy::print_stderr, reason = "this is where the program speaks")]
pub(super) fn note_documents_of_one_sentence(config: &RunConfig, train: &[Document]) {
    let ModelConfig { unit, context, .. } = config.model;
    let setting = match unit {
        Unit::Document => "unit = \"document\"".to_owned(),
        Unit::Sentence if context > 0 => format!("context = {context}"),
        Unit::Sentence => return,
    };
    if train.iter().all(|document| document.sentences().len() <= 1) {
        eprintln!(
            "note: {setting} changes nothing: no document of --train has two sentences; -n N makes \
             documents of N sentences where none are marked"
        );
    }
}

#[expect(clippy::print_stderr, reason = "this is where the program speaks")]
pub(super) fn note_small_batches(config: &RunConfig, train: &Dataset) {
    let (most, steps) = (config.train.batch_size, config.train.epoch_steps);
    let learned = train.windows.iter().filter(|window| window.labelled().next().is_some());
    let size = config.train.windows_in_batch(learned.count());
    if config.train.batch_subtokens.is_none() && size < most {
        eprintln!(
            "note: batches of {size}, not {most}, for so few sentences (epoch_steps = {steps})"
        );
    }
}
