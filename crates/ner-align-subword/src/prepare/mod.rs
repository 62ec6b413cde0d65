//! Documents to windows of labelled subtokens.

mod sentence;
mod stream;

use std::borrow::Cow;

use ner_align_core::{
    AlignmentCounts, Dataset, Document, GoldSentence, LabelAligner, LabelSet, SubwordTokenizer,
    Tag, Window, WordSpan,
};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use sentence::Scratch;

use crate::{SubwordError, WindowPlan};

/// Positions in a window where nothing else is asked for: what BERT was trained with.
const DEFAULT_MAX_LENGTH: usize = 512;

/// Documents that one thread prepares before it looks for more.
const DOCUMENTS_PER_TASK: usize = 8;

/// What goes into windows as one sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WindowUnit {
    /// Each sentence for itself.
    #[default]
    Sentence,
    /// The whole document, cut only where it exceeds the maximum length.
    Document,
}

/// The windows of one sequence of words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Prepared {
    /// The windows in order, with [`Window::sentence`] 0; none if no word has a subtoken.
    pub windows: Vec<Window>,
    /// What became of the words.
    pub counts: AlignmentCounts,
}

/// Makes data sets of documents: cuts words into subtokens, aligns labels, cuts windows.
///
/// | setting | default | |
/// |---|---|---|
/// | [`max_length`](Self::max_length) | 512 | positions in a window, special tokens included |
/// | [`stride`](Self::stride) | 128, or half a window where that is less | subtokens that neighbouring windows share |
/// | [`unit`](Self::unit) | sentence | what goes into windows as one sequence |
/// | [`context`](Self::context) | 0 | subtokens of the document on each side of a sentence |
/// | [`whole_entities`](Self::whole_entities) | no | let gold entities decide where windows are cut |
/// | [`without_gold`](Self::without_gold) | | prepare for prediction |
///
/// The crate's front page has an example.
#[derive(Clone, Copy)]
pub struct Preparer<'a> {
    tokenizer: &'a dyn SubwordTokenizer,
    aligner: &'a dyn LabelAligner,
    labels: &'a LabelSet,
    max_length: usize,
    stride: Option<usize>,
    unit: WindowUnit,
    context: usize,
    whole_entities: bool,
    gold: bool,
}

impl std::fmt::Debug for Preparer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Preparer")
            .field("max_length", &self.max_length)
            .field("stride", &self.stride)
            .field("unit", &self.unit)
            .field("context", &self.context)
            .field("whole_entities", &self.whole_entities)
            .field("gold", &self.gold)
            .finish_non_exhaustive()
    }
}

impl<'a> Preparer<'a> {
    /// A preparer with the settings above.
    #[must_use]
    pub fn new(
        tokenizer: &'a dyn SubwordTokenizer,
        aligner: &'a dyn LabelAligner,
        labels: &'a LabelSet,
    ) -> Self {
        Self {
            tokenizer,
            aligner,
            labels,
            max_length: DEFAULT_MAX_LENGTH,
            stride: None,
            unit: WindowUnit::Sentence,
            context: 0,
            whole_entities: false,
            gold: true,
        }
    }

    /// Positions in a window, special tokens included.
    #[must_use]
    pub const fn max_length(mut self, positions: usize) -> Self {
        self.max_length = positions;
        self
    }

    /// Subtokens that neighbouring windows share at most, in whole words.
    #[must_use]
    pub const fn stride(mut self, subtokens: usize) -> Self {
        self.stride = Some(subtokens);
        self
    }

    /// What goes into windows as one sequence.
    #[must_use]
    pub const fn unit(mut self, unit: WindowUnit) -> Self {
        self.unit = unit;
        self
    }

    /// Surrounds each sentence with up to this many subtokens of its document on either side, in
    /// whole words and as far as the window has room (Schweter and Akbik 2020, FLERT). What one
    /// side leaves free goes to the other. Such words have no label and no word id. Without effect
    /// where the unit is the document.
    #[must_use]
    pub const fn context(mut self, subtokens: usize) -> Self {
        self.context = subtokens;
        self
    }

    /// Avoids to cut windows within gold entities. For training only: at evaluation the cuts would
    /// give away where entities are.
    #[must_use]
    pub const fn whole_entities(mut self, yes: bool) -> Self {
        self.whole_entities = yes;
        self
    }

    /// Prepares for prediction: whatever annotation the documents have is not looked at, all tags
    /// are [`Tag::Missing`] and all labels ignored.
    #[must_use]
    pub const fn without_gold(mut self) -> Self {
        self.gold = false;
        self
    }

    /// The documents' sentences as windows, in order, on all threads.
    ///
    /// Tags are those of the label set's scheme; tags that a document was read with are kept as
    /// they are, faults included, where they are in that scheme. Sentences without words are
    /// skipped; sentences whose words have no subtokens keep their place and have no window.
    ///
    /// # Errors
    /// [`SubwordError::Scheme`] if a document's entities cannot be written as tags,
    /// [`SubwordError::Encode`] if the tokenizer fails, [`SubwordError::MaxLength`] and
    /// [`SubwordError::Stride`] if the settings make no windows.
    pub fn dataset(&self, documents: &[Document]) -> Result<Dataset, SubwordError> {
        let plan = self.plan()?;
        let parts: Vec<Part> = documents
            .par_chunks(DOCUMENTS_PER_TASK)
            .enumerate()
            .map(|(task, documents)| self.part(task * DOCUMENTS_PER_TASK, documents, &plan))
            .collect::<Result<_, _>>()?;
        let mut dataset = Dataset {
            sentences: Vec::with_capacity(parts.iter().map(|part| part.sentences.len()).sum()),
            windows: Vec::with_capacity(parts.iter().map(|part| part.prepared.windows.len()).sum()),
            ..self.dataset_of(Part::default())
        };
        for part in parts {
            let offset = dataset.sentences.len();
            dataset.counts.add(&part.prepared.counts);
            dataset.sentences.extend(part.sentences);
            dataset.windows.extend(part.prepared.windows.into_iter().map(|mut window| {
                window.sentence += offset;
                window
            }));
        }
        Ok(dataset)
    }

    /// One sequence of words, with its tags or, for prediction, without.
    ///
    /// # Errors
    /// [`SubwordError::TagCount`] if there is not one tag a word; otherwise as
    /// [`Preparer::dataset`].
    pub fn sentence(&self, words: &[&str], tags: Option<&[Tag]>) -> Result<Prepared, SubwordError> {
        if let Some(tags) = tags
            && tags.len() != words.len()
        {
            return Err(SubwordError::TagCount { tags: tags.len(), words: words.len() });
        }
        let plan = self.plan()?;
        let mut scratch = Scratch::default();
        self.encode(words, &mut scratch.encoding)?;
        let mut prepared = Prepared::default();
        let all = WordSpan::new(0, words.len());
        let tags = tags.filter(|_| self.gold);
        self.cut(&mut scratch, all, tags, &plan, &mut prepared);
        Ok(prepared)
    }

    fn plan(&self) -> Result<WindowPlan, SubwordError> {
        WindowPlan::new(self.max_length, self.stride, self.tokenizer.special_tokens())
    }

    /// A data set of one part.
    fn dataset_of(&self, part: Part) -> Dataset {
        let Part { sentences, prepared: Prepared { windows, counts } } = part;
        Dataset { labels: self.labels.clone(), sentences, windows, counts }
    }

    /// The share of some documents, of which the first has this index.
    fn part(
        &self,
        first: usize,
        documents: &[Document],
        plan: &WindowPlan,
    ) -> Result<Part, SubwordError> {
        let (mut part, mut scratch, mut words) = (Part::default(), Scratch::default(), Vec::new());
        for (document, index) in documents.iter().zip(first..) {
            words.clear();
            words.extend(document.words());
            self.encode(&words, &mut scratch.encoding)?;
            self.document(index, document, plan, &mut scratch, &mut part)?;
        }
        Ok(part)
    }

    /// Adds an encoded document.
    fn document(
        &self,
        index: usize,
        document: &Document,
        plan: &WindowPlan,
        scratch: &mut Scratch,
        part: &mut Part,
    ) -> Result<(), SubwordError> {
        let scheme = self.labels.scheme();
        let tags = match document.tags() {
            _ if !self.gold => Cow::Owned(vec![Tag::Missing; document.len()]),
            Some((tags, own)) if own == scheme => Cow::Borrowed(tags),
            _ => {
                Cow::Owned(document.encode_tags(scheme).map_err(|source| SubwordError::Scheme {
                    document: index,
                    id: document.id().map(str::to_owned),
                    source,
                })?)
            }
        };
        // A span that fits no words says of those it touches that they are not `O`.
        let mut learned = Cow::Borrowed(tags.as_ref());
        if self.gold && !document.unaligned().is_empty() {
            part.prepared.counts.unaligned_spans += document.unaligned().len();
            for word in document.words_of_unaligned() {
                if learned[word] == Tag::Outside {
                    learned.to_mut()[word] = Tag::Missing;
                }
            }
        }
        let whole = [WordSpan::new(0, document.len())];
        let sentences: &mut dyn ExactSizeIterator<Item = WordSpan> = match self.unit {
            WindowUnit::Sentence => &mut document.sentences().iter().map(|sentence| sentence.words),
            WindowUnit::Document => &mut whole.into_iter(),
        };
        let breaks: Vec<usize> = match self.unit {
            WindowUnit::Sentence => Vec::new(),
            WindowUnit::Document => {
                let spans = document.sentences().iter().map(|sentence| sentence.words);
                spans.filter(|s| !s.is_empty()).map(|s| s.start).filter(|&at| at > 0).collect()
            }
        };
        for (sentence, span) in sentences.enumerate().filter(|(_, span)| !span.is_empty()) {
            let tags = tags.get(span.range()).unwrap_or_default();
            let before = part.prepared.windows.len();
            self.cut(scratch, span, learned.get(span.range()), plan, &mut part.prepared);
            for window in &mut part.prepared.windows[before..] {
                window.sentence = part.sentences.len();
            }
            part.sentences.push(GoldSentence {
                document: index,
                sentence,
                tags: tags.to_vec(),
                breaks: breaks.clone(),
            });
        }
        Ok(())
    }
}

/// The data set's share of some documents.
#[derive(Default)]
struct Part {
    sentences: Vec<GoldSentence>,
    prepared: Prepared,
}

#[cfg(test)]
mod tests;
