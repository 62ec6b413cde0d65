//! Documents to windows of labelled subtokens.

mod sentence;

use ner_align_core::{
    AlignmentCounts, Dataset, Document, GoldSentence, LabelAligner, LabelSet, SubwordTokenizer,
    Tag, Window, WordSpan,
};
use rayon::prelude::*;

use crate::{SubwordError, WindowPlan};

/// Positions in a window where nothing else is asked for: what BERT was trained with.
const DEFAULT_MAX_LENGTH: usize = 512;

/// What goes into windows as one sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Unit {
    /// Each sentence for itself.
    #[default]
    Sentence,
    /// The whole document, cut only where it exceeds the maximum length.
    Document,
}

/// The windows of one sequence of words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
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
    unit: Unit,
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
            unit: Unit::Sentence,
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
    pub const fn unit(mut self, unit: Unit) -> Self {
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
            .par_iter()
            .enumerate()
            .map(|(index, document)| self.document(index, document, &plan))
            .collect::<Result<_, _>>()?;
        let mut dataset = Dataset {
            labels: self.labels.clone(),
            sentences: Vec::with_capacity(parts.iter().map(|part| part.sentences.len()).sum()),
            windows: Vec::with_capacity(parts.iter().map(|part| part.windows.len()).sum()),
            counts: AlignmentCounts::default(),
        };
        for part in parts {
            let offset = dataset.sentences.len();
            dataset.counts.add(&part.counts);
            dataset.sentences.extend(part.sentences);
            dataset.windows.extend(part.windows.into_iter().map(|mut window| {
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
        let encoding = self.encode(words)?;
        let mut prepared = Prepared::default();
        let all = WordSpan::new(0, words.len());
        let tags = tags.filter(|_| self.gold);
        self.cut(&encoding, all, tags, &plan, &mut prepared);
        Ok(prepared)
    }

    fn plan(&self) -> Result<WindowPlan, SubwordError> {
        WindowPlan::new(self.max_length, self.stride, self.tokenizer.special_tokens())
    }

    fn document(
        &self,
        index: usize,
        document: &Document,
        plan: &WindowPlan,
    ) -> Result<Part, SubwordError> {
        let tags = if self.gold {
            document.tags_in(self.labels.scheme()).map_err(|source| SubwordError::Scheme {
                document: index,
                id: document.id().map(str::to_owned),
                source,
            })?
        } else {
            vec![Tag::Missing; document.len()]
        };
        let words: Vec<&str> = document.words().collect();
        let encoding = self.encode(&words)?;
        let whole = [WordSpan::new(0, words.len())];
        let sentences: Vec<WordSpan> = match self.unit {
            Unit::Sentence => document.sentences().iter().map(|s| s.words).collect(),
            Unit::Document => whole.to_vec(),
        };
        let mut part = Part::default();
        let mut prepared = Prepared::default();
        for (sentence, span) in sentences.into_iter().enumerate().filter(|(_, s)| !s.is_empty()) {
            let of_sentence = tags.get(span.range()).unwrap_or_default();
            self.cut(&encoding, span, Some(of_sentence), plan, &mut prepared);
            part.windows.extend(prepared.windows.drain(..).map(|mut window| {
                window.sentence = part.sentences.len();
                window
            }));
            part.sentences.push(GoldSentence {
                document: index,
                sentence,
                tags: of_sentence.to_vec(),
            });
        }
        part.counts = prepared.counts;
        Ok(part)
    }
}

/// A document's share of the data set.
#[derive(Default)]
struct Part {
    sentences: Vec<GoldSentence>,
    windows: Vec<Window>,
    counts: AlignmentCounts,
}

#[cfg(test)]
mod tests;
