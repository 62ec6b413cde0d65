//! The sentences of a corpus as documents of their own, so that each can be in a fold of its own.

use std::collections::BTreeSet;

use ner_align_core::{Document, Label, Scheme, Tag};

use super::JudgedPlace;
use crate::PipelineError;
use crate::fine_tuner::entity_types;

/// The sentences of a corpus with words, each a document whose id is its number.
pub(super) struct Sentences {
    pub(super) documents: Vec<Document>,
    pub(super) places: Vec<JudgedPlace>,
    /// Gold tags in IOB2.
    pub(super) tags: Vec<Vec<Tag>>,
}

impl Sentences {
    /// Refuses entities that share words, and a corpus without entities.
    pub(super) fn of(corpus: &[Document]) -> Result<Self, PipelineError> {
        let mut own = Self { documents: Vec::new(), places: Vec::new(), tags: Vec::new() };
        for (number, document) in corpus.iter().enumerate() {
            let refuse = |found: String| PipelineError::Data {
                place: document.id().map_or(format!("document {number}"), str::to_owned),
                expected: "entities that tags can hold".to_owned(),
                found,
                hint: None,
            };
            let tags =
                document.encode_tags(Scheme::Iob2).map_err(|error| refuse(error.to_string()))?;
            for (sentence, at) in document.sentences().iter().enumerate() {
                if at.words.is_empty() {
                    continue;
                }
                let mut builder = Document::builder();
                at.words.range().for_each(|word| builder.push_word(document.word(word)));
                builder.set_id(Some(own.documents.len().to_string()));
                let tags = tags[at.words.range()].to_vec();
                let alone = builder
                    .tagged(tags.clone(), Scheme::Iob2)
                    .map_err(|error| refuse(error.to_string()))?;
                own.documents.push(alone);
                own.places.push(JudgedPlace { document: number, sentence, words: at.words });
                own.tags.push(tags);
            }
        }
        if own.types().is_empty() {
            return Err(PipelineError::Data {
                place: "the corpus".to_owned(),
                expected: "at least one entity".to_owned(),
                found: "none".to_owned(),
                hint: Some(
                    "name the column of the tags if they are not in the last one".to_owned(),
                ),
            });
        }
        Ok(own)
    }

    /// The entity types.
    pub(super) fn types(&self) -> BTreeSet<Label> {
        entity_types(&self.documents)
    }

    /// The number of a sentence that was taken from here.
    pub(super) fn number(&self, document: &Document) -> Option<usize> {
        document.id()?.parse().ok().filter(|number| *number < self.documents.len())
    }
}
