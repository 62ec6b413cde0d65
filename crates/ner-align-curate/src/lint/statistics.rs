//! Counts and distributions of a corpus.

use std::collections::BTreeMap;

use ner_align_core::{Document, Label, Tag};
use serde::Serialize;

use super::Distribution;
use super::index::CorpusIndex;
use ner_align_corpus::Format;

/// What there is in a corpus.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CorpusStatistics {
    /// Number of documents.
    pub documents: usize,
    /// Documents without any entity.
    pub documents_without_entities: usize,
    /// Number of sentences.
    pub sentences: usize,
    /// Sentences without any entity.
    pub sentences_without_entities: usize,
    /// Number of words.
    pub tokens: usize,
    /// Words that nobody annotated.
    pub missing_tokens: usize,
    /// Number of entities.
    pub entities: usize,
    /// Entities of each label.
    pub entities_by_label: BTreeMap<Label, usize>,
    /// Words of the corpus for each entity; `null` without entities.
    pub tokens_per_entity: Option<f64>,
    /// Spans that match no words, and so are not entities.
    pub unaligned_spans: usize,
    /// Different surfaces of entities.
    pub unique_surfaces: usize,
    /// Different surfaces of each label.
    pub unique_surfaces_by_label: BTreeMap<Label, usize>,
    /// Words of a sentence.
    pub sentence_lengths: Distribution,
    /// Words of an entity.
    pub entity_lengths: Distribution,
    /// Words of an entity of each label.
    pub entity_lengths_by_label: BTreeMap<Label, Distribution>,
}

/// One file of a corpus.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FileStatistics {
    /// Its path.
    pub path: String,
    /// Its format.
    pub format: Option<&'static str>,
    /// True for what the inputs are compared with.
    pub against: bool,
    /// What is in it.
    #[serde(flatten)]
    pub counts: CorpusStatistics,
}

/// How far the entities of two corpora have the same surfaces.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Overlap {
    /// Share of the inputs' entities whose surface and label are those of an entity on the other
    /// side; `null` without entities.
    pub entities: Option<f64>,
    /// The same the other way round: share of the other side's entities that the inputs have.
    pub entities_of_against: Option<f64>,
    /// The inputs' entities of each label whose surface and label the other side has.
    pub entities_by_label: BTreeMap<Label, f64>,
    /// Sentences of the inputs that the other side has, word by word.
    pub sentences: usize,
    /// Other sentences of the inputs that nearly are one of the other side.
    pub near_sentences: usize,
}

/// The statistics of a check.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Statistics {
    /// All inputs together.
    #[serde(flatten)]
    pub inputs: CorpusStatistics,
    /// Every file alone.
    pub files: Vec<FileStatistics>,
    /// What the inputs are compared with, all of it together.
    pub against: Option<CorpusStatistics>,
    /// What both sides have.
    pub overlap: Option<Overlap>,
    /// What further lints counted, by their names.
    #[serde(flatten)]
    pub further: BTreeMap<String, serde_json::Value>,
}

impl CorpusStatistics {
    /// Counts a document; the surfaces are counted in [`CorpusStatistics::finish`].
    pub(super) fn add(&mut self, document: &Document) {
        self.documents += 1;
        self.sentences += document.sentences().len();
        self.tokens += document.len();
        self.unaligned_spans += document.unaligned().len();
        if let Some((tags, _)) = document.tags() {
            self.missing_tokens += tags.iter().filter(|tag| **tag == Tag::Missing).count();
        }
        let mut rest = document.entities();
        self.documents_without_entities += usize::from(rest.is_empty());
        for sentence in document.sentences() {
            self.sentence_lengths.add(sentence.words.len());
            let here = rest.partition_point(|entity| entity.span.start < sentence.words.end);
            self.sentences_without_entities += usize::from(here == 0);
            rest = &rest[here..];
        }
        for entity in document.entities() {
            let length = entity.span.len();
            self.entities += 1;
            self.entity_lengths.add(length);
            match self.entities_by_label.get_mut(&entity.label) {
                Some(count) => *count += 1,
                None => {
                    self.entities_by_label.insert(entity.label.clone(), 1);
                }
            }
            match self.entity_lengths_by_label.get_mut(&entity.label) {
                Some(lengths) => lengths.add(length),
                None => {
                    let lengths = std::iter::once(length).collect();
                    self.entity_lengths_by_label.insert(entity.label.clone(), lengths);
                }
            }
        }
    }

    /// Bytes that they take, about.
    pub(super) fn memory(&self) -> usize {
        // Entries of four maps, each with its label and, of lengths, an allocation.
        self.entities_by_label.len() * 320
    }

    fn merge(&mut self, other: &Self) {
        self.documents += other.documents;
        self.documents_without_entities += other.documents_without_entities;
        self.sentences += other.sentences;
        self.sentences_without_entities += other.sentences_without_entities;
        self.tokens += other.tokens;
        self.missing_tokens += other.missing_tokens;
        self.entities += other.entities;
        self.unaligned_spans += other.unaligned_spans;
        self.sentence_lengths.merge(&other.sentence_lengths);
        self.entity_lengths.merge(&other.entity_lengths);
        for (label, count) in &other.entities_by_label {
            *self.entities_by_label.entry(label.clone()).or_default() += count;
        }
        for (label, lengths) in &other.entity_lengths_by_label {
            self.entity_lengths_by_label.entry(label.clone()).or_default().merge(lengths);
        }
    }

    /// Counts the surfaces of the entities from `start` to `end`.
    fn count_surfaces(&mut self, index: &CorpusIndex, start: usize, end: usize) {
        let entities = index.entities().get(start..end).unwrap_or_default();
        let mut pairs: Vec<(u32, u32)> = entities.iter().map(|e| (e.surface, e.label)).collect();
        pairs.sort_unstable();
        pairs.dedup();
        self.unique_surfaces = pairs.chunk_by(|a, b| a.0 == b.0).count();
        let mut of_label = vec![0; index.labels().len()];
        for (_, label) in pairs {
            if let Some(count) = of_label.get_mut(label as usize) {
                *count += 1;
            }
        }
        let unique = self.entities_by_label.keys().filter_map(|label| {
            let number = index.number_of_label(label.as_str())?;
            Some((label.clone(), *of_label.get(number as usize)?))
        });
        self.unique_surfaces_by_label = unique.collect();
        self.tokens_per_entity =
            (self.entities > 0).then(|| self.tokens as f64 / self.entities as f64);
    }
}

impl Statistics {
    pub(super) fn begin_file(&mut self, path: &str, format: Option<Format>, against: bool) {
        self.files.push(FileStatistics {
            path: path.to_owned(),
            format: format.map(Format::as_str),
            against,
            counts: CorpusStatistics::default(),
        });
    }

    pub(super) fn add(&mut self, document: &Document) {
        if let Some(file) = self.files.last_mut() {
            file.counts.add(document);
        }
    }

    /// Sums the files up.
    pub(super) fn finish(&mut self, index: &CorpusIndex) {
        let (_, _, bound) = index.inputs();
        let mut start = 0;
        for file in &mut self.files {
            let end = start + file.counts.entities;
            file.counts.count_surfaces(index, start, end);
            start = end;
            let side =
                if file.against { self.against.get_or_insert_default() } else { &mut self.inputs };
            if side.documents == 0 {
                side.clone_from(&file.counts);
            } else {
                side.merge(&file.counts);
            }
        }
        // Those of a single file are known.
        if self.files.iter().filter(|file| !file.against).count() != 1 {
            self.inputs.count_surfaces(index, 0, bound);
        }
        if let Some(against) = &mut self.against {
            against.count_surfaces(index, bound, index.entities().len());
        }
    }
}
