//! Where the errors are, and which entities a system is good at.
//!
//! ```
//! use ner_align_core::{DecodeMode, Label, Scheme, Tag};
//! use ner_align_metrics::analysis::{Analyzer, Outcome, SentencePlace, SeenEntities};
//!
//! let tags = |text: &str| -> Result<Vec<Tag>, _> { text.split(' ').map(Tag::parse).collect() };
//! let mut training = SeenEntities::default();
//! training.add("Ada", &Label::new("PER").unwrap());
//!
//! let mut analyzer = Analyzer::new(Scheme::Iob2, DecodeMode::Lenient).with_seen(training);
//! let words = ["Ada", "met", "Mary", "Somerville"];
//! analyzer.add_sentence(
//!     SentencePlace::new(0, 0).with_line(Some(1)),
//!     &words,
//!     &tags("B-PER O B-PER I-PER")?,
//!     &tags("B-PER O B-PER O")?,
//! )?;
//! let analysis = analyzer.finish();
//! assert_eq!(analysis.errors[0].outcome, Outcome::Boundary);
//! assert_eq!(analysis.errors[0].predicted.as_ref().unwrap().text, "Mary");
//! assert_eq!(analysis.bucket("familiarity", "seen").unwrap().f1, Some(1.0));
//! assert_eq!(analysis.bucket("familiarity", "unseen").unwrap().recall, Some(0.0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod boundary;
mod pairs;
mod seen;

use std::collections::BTreeMap;

use ner_align_core::{DecodeMode, Document, Entity, Scheme, Tag};
use serde::{Deserialize, Serialize};

pub use boundary::{BoundaryCount, BoundaryError, Extent, Side};
use pairs::pair_overlapping;
pub use pairs::{Outcome, Pair, pair_entities};
pub use seen::{Familiarity, SeenEntities};

use crate::prf::{Ratios, Tally};
use crate::scorer::{check_share, scored_predictions, tagged_sides};
use crate::{MetricsError, Prf, ZeroDivision};

/// Words shown on each side of an error.
const CONTEXT: usize = 5;

/// Where a sentence stands. Documents and sentences count from 0, lines from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SentencePlace {
    /// Index of the document.
    pub document: usize,
    /// Index of the sentence within the document.
    pub sentence: usize,
    /// Line of the sentence's first word in its file, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
}

impl SentencePlace {
    /// A sentence by the index of its document and its own index within that, both from 0.
    #[must_use]
    pub const fn new(document: usize, sentence: usize) -> Self {
        Self { document, sentence, line: None }
    }

    /// Adds the line of the sentence's first word, counted from 1, where the file has lines.
    #[must_use]
    pub const fn with_line(mut self, line: Option<u64>) -> Self {
        self.line = line;
        self
    }
}

/// An entity with its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Mention {
    /// First word within the sentence.
    pub start: usize,
    /// Word after the last.
    pub end: usize,
    /// The type.
    pub label: String,
    /// Its words, joined by single spaces.
    pub text: String,
}

/// An entity that is not right, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EntityError {
    /// What went wrong.
    pub outcome: Outcome,
    /// The sentence.
    #[serde(flatten)]
    pub place: SentencePlace,
    /// How the boundaries differ, where both sides have an entity and they do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boundary: Option<BoundaryError>,
    /// The gold entity, unless the error is a surplus prediction.
    pub gold: Option<Mention>,
    /// The prediction, unless the gold entity has none.
    pub predicted: Option<Mention>,
    /// The words from the first to the last of both entities, joined by single spaces.
    pub text: String,
    /// The words before the error, at most five.
    pub before: String,
    /// The words after it, at most five.
    pub after: String,
}

impl EntityError {
    /// Bytes that it takes, about.
    fn memory(&self) -> usize {
        let mentions = self.gold.iter().chain(&self.predicted);
        let texts = mentions.map(|mention| mention.label.len() + mention.text.len()).sum::<usize>();
        let own = self.text.len() + self.before.len() + self.after.len();
        // The room that the list has to grow, and what an allocation takes beside its bytes.
        size_of::<Self>() * 3 / 2 + texts + own + 7 * 16
    }
}

/// Errors and scores by kind of entity.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Analysis {
    /// The errors in the order of the corpus: all, unless [`Analyzer::keeping`] limits them.
    pub errors: Vec<EntityError>,
    /// Number of errors that come after those. Absent in JSON if 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub errors_left_out: u64,
    /// Strict scores by kind of entity: `entity_length` and `sentence_length` in words, and
    /// `familiarity` and `training_frequency` (how often training had this text with this type)
    /// where training data were given. Each is a list of buckets, smallest first.
    ///
    /// Recall is over the gold entities of a bucket, precision over the predictions of a bucket.
    pub buckets: BTreeMap<String, Vec<(String, Prf)>>,
    /// Which boundaries were wrong and which way, most frequent first.
    pub boundaries: Vec<BoundaryCount>,
    /// Which gold type was taken for which, most frequent first: gold, predicted, count.
    pub type_confusions: Vec<(String, String, u64)>,
}

/// For serde, which hands over a reference.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's calling convention")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Analysis {
    /// Number of all errors.
    #[must_use]
    pub const fn error_count(&self) -> u64 {
        self.errors.len() as u64 + self.errors_left_out
    }

    /// The scores of a bucket by the names of its kind and its own.
    #[must_use]
    pub fn bucket(&self, kind: &str, name: &str) -> Option<&Prf> {
        self.buckets.get(kind)?.iter().find(|(bucket, _)| bucket == name).map(|(_, prf)| prf)
    }
}

/// Collects errors and bucketed scores, sentence by sentence.
///
/// What counts as an error, and which pairs are formed, is as with [`crate::Scorer`] over the same
/// sentences: predictions that touch a word without gold annotation are passed over.
#[derive(Debug, Clone)]
pub struct Analyzer {
    scheme: Scheme,
    mode: DecodeMode,
    seen: Option<SeenEntities>,
    errors: Vec<EntityError>,
    buckets: BTreeMap<&'static str, BTreeMap<Bucket, Tally>>,
    type_confusions: BTreeMap<(String, String), u64>,
    boundaries: BTreeMap<BoundaryError, u64>,
    min_overlap: f64,
    /// Bytes of the errors and of the pairs of types.
    bytes: usize,
    max_errors: usize,
    max_bytes: usize,
    /// Errors that are not among those kept.
    left_out: u64,
}

/// Order and name of a bucket.
type Bucket = (usize, &'static str);

const ENTITY_LENGTHS: [(usize, &str); 5] = [(1, "1"), (2, "2"), (3, "3"), (4, "4"), (5, "5+")];
const SENTENCE_LENGTHS: [(usize, &str); 6] =
    [(1, "1-5"), (6, "6-10"), (11, "11-20"), (21, "21-40"), (41, "41-80"), (81, "81+")];

const FREQUENCIES: [(usize, &str); 6] =
    [(0, "0"), (1, "1"), (2, "2-4"), (5, "5-19"), (20, "20-99"), (100, "100+")];

/// The last of `bounds` that `length` reaches.
fn bucket_of(bounds: &[(usize, &'static str)], length: usize) -> Bucket {
    bounds.iter().copied().rfind(|(from, _)| *from <= length).unwrap_or((0, "0"))
}

impl Analyzer {
    /// An analyzer that reads tags in `scheme`, leniently or strictly.
    #[must_use]
    pub const fn new(scheme: Scheme, mode: DecodeMode) -> Self {
        Self {
            scheme,
            mode,
            seen: None,
            errors: Vec::new(),
            buckets: BTreeMap::new(),
            type_confusions: BTreeMap::new(),
            boundaries: BTreeMap::new(),
            min_overlap: 0.0,
            bytes: 0,
            max_errors: usize::MAX,
            max_bytes: usize::MAX,
            left_out: 0,
        }
    }

    /// Keeps the first `errors` errors, as long as they take less than `bytes` bytes; the others are only counted, see
    /// [`Analysis::errors_left_out`].
    #[must_use]
    pub const fn keeping(mut self, errors: usize, bytes: usize) -> Self {
        (self.max_errors, self.max_bytes) = (errors, bytes);
        self
    }

    /// Bytes that the errors take, and the entities of the training data, about.
    #[must_use]
    pub fn memory_usage(&self) -> u64 {
        self.bytes as u64 + self.seen.as_ref().map_or(0, SeenEntities::memory_usage)
    }

    /// How much two entities must share to be a pair; see [`crate::Scorer::with_min_overlap`].
    ///
    /// # Errors
    /// [`MetricsError::Option`] if `share` is not between 0 and 1.
    pub fn with_min_overlap(mut self, share: f64) -> Result<Self, MetricsError> {
        self.min_overlap = check_share(share)?;
        Ok(self)
    }

    /// Distinguishes entities of the training data from others.
    #[must_use]
    pub fn with_seen(mut self, seen: SeenEntities) -> Self {
        self.seen = Some(seen);
        self
    }

    /// Takes one sentence into account: its words and one tag a word on each side.
    ///
    /// # Errors
    /// [`MetricsError::LengthMismatch`] if the sides differ in length, or from the words.
    pub fn add_sentence(
        &mut self,
        place: SentencePlace,
        words: &[&str],
        gold: &[Tag],
        predicted: &[Tag],
    ) -> Result<(), MetricsError> {
        if gold.len() != predicted.len() || gold.len() != words.len() {
            return Err(MetricsError::LengthMismatch {
                sentence: place.sentence as u64,
                gold: gold.len(),
                predicted: predicted.len(),
            });
        }
        let gold_entities = self.scheme.decode(gold, self.mode).entities;
        // A predicted tag that is missing reads as O, as the scorer has it.
        let known = |tag: &Tag| if *tag == Tag::Missing { Tag::Outside } else { tag.clone() };
        let predicted: Vec<Tag> = predicted.iter().map(known).collect();
        let mut entities = self.scheme.decode(&predicted, self.mode).entities;
        entities.retain(|entity| !gold[entity.span.range()].contains(&Tag::Missing));
        self.add(place, words, &gold_entities, &entities);
        Ok(())
    }

    /// Takes a document into account, sentence by sentence of the gold document, or, where entities
    /// overlap or cross sentences, as a whole.
    ///
    /// # Errors
    /// [`MetricsError::LengthMismatch`] if the documents have not the same number of words.
    pub fn add_document(
        &mut self,
        document: usize,
        gold: &Document,
        predicted: &Document,
    ) -> Result<(), MetricsError> {
        if gold.len() != predicted.len() {
            let (gold, predicted) = (gold.len(), predicted.len());
            return Err(MetricsError::LengthMismatch { sentence: 0, gold, predicted });
        }
        let words: Vec<&str> = gold.words().collect();
        let line = |sentence: usize| gold.sentences().get(sentence).and_then(|s| s.line);
        match tagged_sides(gold, predicted, self.scheme, self.mode) {
            Some((gold_tags, predicted_tags)) => {
                for (sentence, range) in gold.sentences().iter().enumerate() {
                    let place = SentencePlace::new(document, sentence).with_line(line(sentence));
                    let range = range.words.range();
                    self.add_sentence(
                        place,
                        &words[range.clone()],
                        &gold_tags[range.clone()],
                        &predicted_tags[range],
                    )?;
                }
            }
            None => {
                let place = SentencePlace::new(document, 0).with_line(line(0));
                let predictions = scored_predictions(gold, predicted);
                self.add(place, &words, gold.entities(), &predictions);
            }
        }
        Ok(())
    }

    /// The result.
    #[must_use]
    pub fn finish(self) -> Analysis {
        let ratios = Ratios { zero_division: ZeroDivision::Null, beta: 1.0 };
        let rows = |buckets: BTreeMap<Bucket, Tally>| {
            let row = |((_, name), tally): (Bucket, Tally)| (name.to_owned(), tally.prf(ratios));
            buckets.into_iter().map(row).collect()
        };
        let mut type_confusions: Vec<(String, String, u64)> =
            self.type_confusions.into_iter().map(|((g, p), count)| (g, p, count)).collect();
        type_confusions.sort_by_key(|(.., count)| std::cmp::Reverse(*count));
        let count = |(error, count)| BoundaryCount { error, count };
        let mut boundaries: Vec<BoundaryCount> = self.boundaries.into_iter().map(count).collect();
        boundaries.sort_by_key(|boundary| std::cmp::Reverse(boundary.count));
        Analysis {
            errors: self.errors,
            errors_left_out: self.left_out,
            buckets: self.buckets.into_iter().map(|(k, b)| (k.to_owned(), rows(b))).collect(),
            boundaries,
            type_confusions,
        }
    }

    fn add(&mut self, place: SentencePlace, words: &[&str], gold: &[Entity], predicted: &[Entity]) {
        for pair in pair_overlapping(gold, predicted, self.min_overlap) {
            let (gold, predicted) =
                (pair.gold.map(|i| &gold[i]), pair.predicted.map(|i| &predicted[i]));
            let right = pair.outcome == Outcome::Correct;
            if let Some(entity) = gold {
                self.tally(words, entity, |tally| {
                    tally.support += 1;
                    tally.correct += u64::from(right);
                    tally.credit_gold += f64::from(u8::from(right));
                });
            }
            if let Some(entity) = predicted {
                self.tally(words, entity, |tally| {
                    tally.predicted += 1;
                    tally.credit_predicted += f64::from(u8::from(right));
                });
            }
            if right {
                continue;
            }
            if let (Some(gold), Some(predicted)) = (gold, predicted)
                && gold.label != predicted.label
            {
                let types = (gold.label.to_string(), predicted.label.to_string());
                // The pair with its entry, twice: in the result the pairs are a list.
                let bytes = types.0.len() + types.1.len() + 160;
                *self.type_confusions.entry(types).or_insert_with(|| {
                    self.bytes += bytes;
                    0
                }) += 1;
            }
            let boundary = gold
                .zip(predicted)
                .and_then(|(gold, predicted)| BoundaryError::between(gold.span, predicted.span));
            if let Some(error) = boundary {
                *self.boundaries.entry(error).or_default() += 1;
            }
            if self.errors.len() >= self.max_errors || self.bytes >= self.max_bytes {
                self.left_out += 1;
                continue;
            }
            let spans = || gold.into_iter().chain(predicted).map(|entity| entity.span);
            let start = spans().map(|span| span.start).min().unwrap_or(0);
            let end = spans().map(|span| span.end).max().unwrap_or(0);
            let error = EntityError {
                outcome: pair.outcome,
                place,
                boundary,
                gold: gold.map(|entity| mention(words, entity)),
                predicted: predicted.map(|entity| mention(words, entity)),
                text: join(words, start, end),
                before: join(words, start.saturating_sub(CONTEXT), start),
                after: join(words, end, end + CONTEXT),
            };
            self.bytes += error.memory();
            self.errors.push(error);
        }
    }

    fn tally(&mut self, words: &[&str], entity: &Entity, count: impl Fn(&mut Tally)) {
        let mut add = |kind: &'static str, bucket: Bucket| {
            count(self.buckets.entry(kind).or_default().entry(bucket).or_default());
        };
        add("entity_length", bucket_of(&ENTITY_LENGTHS, entity.span.len()));
        add("sentence_length", bucket_of(&SENTENCE_LENGTHS, words.len()));
        if let Some(seen) = &self.seen {
            let text = join(words, entity.span.start, entity.span.end);
            let familiarity = seen.familiarity(&text, &entity.label);
            add("familiarity", (familiarity as usize, familiarity.as_str()));
            let frequency = seen.frequency(&text, &entity.label) as usize;
            add("training_frequency", bucket_of(&FREQUENCIES, frequency));
        }
    }
}

pub(crate) fn mention(words: &[&str], entity: &Entity) -> Mention {
    Mention {
        start: entity.span.start,
        end: entity.span.end,
        label: entity.label.to_string(),
        text: join(words, entity.span.start, entity.span.end),
    }
}

/// The words `start..end`, as far as there are such, joined by single spaces.
pub(crate) fn join(words: &[&str], start: usize, end: usize) -> String {
    words.get(start.min(words.len())..end.min(words.len())).unwrap_or_default().join(" ")
}
