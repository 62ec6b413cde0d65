//! Corpora cut into parts: train, dev and test, or folds.
//!
//! What must not be torn apart goes to one part as a whole: a document, or a sentence with those
//! that an entity binds to it; and units that are nearly the same, so that nothing is learned by
//! heart in one part and tested in another.

mod assign;
mod extract;
mod files;
mod parts;
mod random;
mod report;

use std::borrow::Cow;
use std::ops::Range;
use std::str::FromStr;

use ner_align_core::Document;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::similarity::{Clusters, Shingles, for_each_similar};
use assign::{Group, assign};
use extract::Cutter;
use ner_align_corpus::{CorpusError, ErrorKind};

pub use files::{PartSummary, write_split};
pub use parts::Parts;
pub use report::SplitReport;

/// What goes to one part as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SplitUnit {
    /// A document.
    #[default]
    Document,
    /// A sentence, with those that an entity or another span binds to it.
    Sentence,
}

impl FromStr for SplitUnit {
    type Err = CorpusError;

    fn from_str(name: &str) -> Result<Self, CorpusError> {
        match name {
            "document" => Ok(Self::Document),
            "sentence" => Ok(Self::Sentence),
            _ => Err(CorpusError::new(
                ErrorKind::Usage,
                "unknown-unit",
                "document or sentence",
                format!("{name:?}"),
            )),
        }
    }
}

/// How a corpus is split.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SplitOptions {
    /// The parts.
    pub parts: Parts,
    /// What stays together.
    pub unit: SplitUnit,
    /// The seed of chance. The same corpus, options and seed give the same parts everywhere.
    pub seed: u64,
    /// Give each part its share of every entity type.
    pub stratify: bool,
    /// From which similarity on, above 0 and up to 1, units stay together, see
    /// [`crate::similarity`]; 1: only those with the same words; `None`: chance alone decides.
    pub near_duplicates: Option<f64>,
}

impl SplitOptions {
    /// By document and by chance with seed 0, texts of a similarity of 0.8 and more together.
    #[must_use]
    pub const fn new(parts: Parts) -> Self {
        Self {
            parts,
            unit: SplitUnit::Document,
            seed: 0,
            stratify: false,
            near_duplicates: Some(0.8),
        }
    }
}

ner_align_core::setters! { SplitOptions {
    with_unit: unit: SplitUnit,
    with_seed: seed: u64,
    with_stratify: stratify: bool,
    with_near_duplicates: near_duplicates: Option<f64>,
} }

/// A run of sentences that goes to one part, and which.
#[derive(Debug, Clone, PartialEq, Eq)]
struct AssignedUnit {
    document: usize,
    sentences: Range<usize>,
    /// `None`: to no part, since the parts were counted and this one is over.
    part: Option<usize>,
}

/// Which part every unit of a corpus goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// In the order of the corpus.
    units: Vec<AssignedUnit>,
    parts: usize,
    folds: bool,
    groups: usize,
    grouped: usize,
}

/// Cuts a corpus into parts, see [`SplitOptions`].
///
/// Parts have the sizes in the options wherever the groups of near-duplicates, which are dealt out first,
/// the largest first, leave single units to fill them up. With
/// [`stratify`](SplitOptions::stratify) the units are dealt out by iterative stratification
/// (Sechidis, Tsoumakas and Vlahavas 2011) over numbers of entities: the units of the rarest type
/// first, each to the part that lacks most of it.
///
/// ```
/// use ner_align_core::Document;
/// use ner_align_curate::split::{Parts, SplitOptions, split};
/// let document = |text: &str| {
///     let mut builder = Document::builder();
///     text.split(' ').for_each(|word| builder.push_word(word));
///     builder.untagged()
/// };
/// let texts = ["one two three", "four five six", "One two three !", "seven eight nine"];
/// let documents = texts.map(document);
/// let split = split(&documents, &SplitOptions::new("3:1".parse::<Parts>()?))?;
/// let of_part = |part| split.part(&documents, part).len();
/// assert_eq!((of_part(0), of_part(1), of_part(2)), (3, 1, 0));
/// assert_eq!(split.near_duplicates(), (1, 2));
/// # Ok::<(), ner_align_corpus::CorpusError>(())
/// ```
///
/// # Errors
/// [`ErrorKind::Usage`] if there are fewer units or groups than parts, or fewer units than were
/// counted for the parts: no part is empty.
pub fn split(documents: &[Document], options: &SplitOptions) -> Result<Split, CorpusError> {
    let mut units: Vec<AssignedUnit> = Vec::new();
    for (document, text) in documents.iter().enumerate() {
        let whole = 0..text.sentences().len();
        let runs = match options.unit {
            SplitUnit::Sentence if whole.len() > 1 => Cutter::new(text).units(),
            _ => vec![whole],
        };
        units.extend(runs.into_iter().map(|sentences| AssignedUnit {
            document,
            sentences,
            part: None,
        }));
    }
    let groups = groups(documents, &units, options);
    let targets = options.parts.targets(units.len())?;
    let parts = options.parts.len();
    if groups.len() < parts {
        let found = if groups.len() < units.len() {
            format!("{} units in {} groups of near-duplicates", units.len(), groups.len())
        } else {
            format!("{} units", units.len())
        };
        let hint = match options.unit {
            SplitUnit::Document => "ask for fewer parts, or cut by sentence",
            SplitUnit::Sentence => "ask for fewer parts",
        };
        let expected = format!("at least {parts} units, so that none of {parts} parts is empty");
        return Err(CorpusError::input("empty-part", expected, found).with_hint(hint));
    }
    let split_parts = assign(&groups, &targets, parts, options);
    let mut split = Split {
        units,
        parts,
        folds: matches!(options.parts, Parts::Folds(_)),
        groups: groups.iter().filter(|group| group.units.len() > 1).count(),
        grouped: groups.iter().map(|group| group.units.len()).filter(|&units| units > 1).sum(),
    };
    for (group, part) in groups.iter().zip(split_parts) {
        for &unit in &group.units {
            split.units[unit].part = part;
        }
    }
    Ok(split)
}

/// Units that stay together, with their entities.
fn groups(documents: &[Document], units: &[AssignedUnit], options: &SplitOptions) -> Vec<Group> {
    let mut clusters = Clusters::new(units.len());
    if let Some(threshold) = options.near_duplicates {
        let texts: Vec<Shingles> = units
            .iter()
            .map(|unit| {
                let document = &documents[unit.document];
                Shingles::of(words_of(document, unit).map(|word| document.word(word)))
            })
            .collect();
        for_each_similar(&texts, threshold, |first, second, _| clusters.join(first, second));
    }
    let numbers =
        if options.stratify { numbers_of_labels(documents) } else { FxHashMap::default() };
    let mut groups: Vec<Group> = Vec::new();
    let mut group_of = vec![usize::MAX; units.len()];
    for (unit, first) in clusters.firsts().into_iter().enumerate() {
        if first == unit {
            group_of[unit] = groups.len();
            groups.push(Group::default());
        }
        group_of[unit] = group_of[first];
        let group = &mut groups[group_of[unit]];
        group.units.push(unit);
        if !options.stratify {
            continue;
        }
        let document = &documents[units[unit].document];
        let words = words_of(document, &units[unit]);
        let entities = document.entities();
        let start = entities.partition_point(|entity| entity.span.start < words.start);
        let here = entities[start..].iter().take_while(|e| e.span.start < words.end);
        group.entities.extend(here.filter_map(|e| Some((*numbers.get(e.label.as_str())?, 1))));
    }
    groups.iter_mut().for_each(Group::sum_up);
    groups
}

/// The labels of entities, numbered by code point.
fn numbers_of_labels(documents: &[Document]) -> FxHashMap<&str, u32> {
    let entities = documents.iter().flat_map(Document::entities);
    let labels: FxHashSet<&str> = entities.map(|entity| entity.label.as_str()).collect();
    let mut labels: Vec<&str> = labels.into_iter().collect();
    labels.sort_unstable();
    labels.into_iter().zip(0..).collect()
}

fn words_of(document: &Document, unit: &AssignedUnit) -> Range<usize> {
    let sentences = document.sentences();
    let first = sentences.get(unit.sentences.start).map_or(0, |sentence| sentence.words.start);
    let last = unit.sentences.end.checked_sub(1).and_then(|last| sentences.get(last));
    first..last.map_or(first, |sentence| sentence.words.end)
}

impl Split {
    /// Number of parts, or of folds.
    #[must_use]
    pub const fn parts(&self) -> usize {
        self.parts
    }

    /// Number of units: documents, or sentences with what they are bound to.
    #[must_use]
    pub const fn units(&self) -> usize {
        self.units.len()
    }

    /// Units in no part, since the counts in the options add up to fewer than there are.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.units.iter().filter(|unit| unit.part.is_none()).count()
    }

    /// Number of groups of near-duplicates that were kept together, and of units in them.
    #[must_use]
    pub const fn near_duplicates(&self) -> (usize, usize) {
        (self.groups, self.grouped)
    }

    /// The documents of one part, counted from 0, by themselves. A number that no part has gives none.
    ///
    /// As [`Split::documents`] otherwise.
    #[must_use]
    pub fn part(&self, corpus: &[Document], part: usize) -> Vec<Document> {
        self.documents(corpus, |of| of == part).map(Cow::into_owned).collect()
    }

    /// The documents of those parts that `keep` says, counted from 0, in the order of the corpus.
    /// The corpus is the one that was split. Sentences of one document that go together stay one
    /// document, with its name, its text between them as far as it is theirs, its entities and
    /// other spans.
    pub fn documents<'a>(
        &'a self,
        corpus: &'a [Document],
        keep: impl Fn(usize) -> bool + 'a,
    ) -> impl Iterator<Item = Cow<'a, Document>> {
        let of_one_document = |a: &AssignedUnit, b: &AssignedUnit| a.document == b.document;
        self.units.chunk_by(of_one_document).filter_map(move |units| {
            let document = corpus.get(units.first()?.document)?;
            let kept = |unit: &&AssignedUnit| unit.part.is_some_and(&keep);
            match units.iter().filter(kept).count() {
                0 => None,
                count if count == units.len() => Some(Cow::Borrowed(document)),
                _ => {
                    let sentences = units.iter().filter(kept).flat_map(|u| u.sentences.clone());
                    Some(Cow::Owned(Cutter::new(document).cut(sentences)))
                }
            }
        })
    }
}

#[cfg(test)]
mod tests;
