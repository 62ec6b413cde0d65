//! Two lists of tags to scores in one call.

use std::borrow::Cow;
use std::fmt;

use ner_align_core::{AsTag, DecodeMode, Metric, Scheme, Tag};
use rustc_hash::FxHashMap;

use crate::compat::{CompatError, CompatScores, Tool};
use crate::{Averages, MetricsError, Scorer, Scores};

/// Scores predicted against gold tags: sentences of words, one tag for each word.
///
/// Tags are texts or [`Tag`]s, sentences are vectors, slices or arrays of them. Entities are
/// decoded leniently, by conlleval's rule, as seqeval does by default. For strict decoding and other
/// options use [`Scorer`].
///
/// ```
/// use ner_align_core::Scheme;
/// use ner_align_metrics::score_tags;
///
/// let gold = vec![vec!["B-PER", "I-PER", "O"], vec!["B-LOC", "O"]];
/// let predicted = vec![vec!["B-PER", "O", "O"], vec!["B-LOC", "O"]];
/// let scores = score_tags(&gold, &predicted, Scheme::Iob2)?;
/// assert_eq!(scores.strict().micro.f1, Some(0.5));
/// assert_eq!(scores.relaxed().micro.recall, Some(2.0 / 3.0));
/// assert!(scores.to_string().contains("micro avg"));
/// assert!(scores.compat("seqeval")?.to_string().contains("weighted avg"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`MetricsError::SentenceCount`] and [`MetricsError::LengthMismatch`] if the sides differ in
/// length, [`MetricsError::Tag`] for a text that is not a tag.
pub fn score_tags<T, U, G, P>(
    gold: &[G],
    predicted: &[P],
    scheme: Scheme,
) -> Result<TagScores, MetricsError>
where
    T: AsTag,
    U: AsTag,
    G: AsRef<[T]>,
    P: AsRef<[U]>,
{
    if gold.len() != predicted.len() {
        let (gold, predicted) = (gold.len(), predicted.len());
        return Err(MetricsError::SentenceCount { gold, predicted });
    }
    let mut scorer = Scorer::new(scheme, DecodeMode::Lenient);
    let mut spellings = Spellings { scheme, ids: FxHashMap::default(), texts: Vec::new() };
    let (mut gold_ids, mut predicted_ids) = (Vec::new(), Vec::new());
    let (mut gold_tags, mut predicted_tags) = (Vec::new(), Vec::new());
    for (sentence, (gold, predicted)) in gold.iter().zip(predicted).enumerate() {
        let ids = spellings.read(gold.as_ref(), "gold", sentence, &mut gold_tags)?;
        gold_ids.push(ids);
        let ids = spellings.read(predicted.as_ref(), "predicted", sentence, &mut predicted_tags)?;
        predicted_ids.push(ids);
        scorer.update(&gold_tags, &predicted_tags)?;
    }
    let scores = scorer.compute();
    Ok(TagScores { scores, spellings, gold: gold_ids, predicted: predicted_ids })
}

/// The distinct spellings of tags, each with its tag.
#[derive(Debug, Clone)]
struct Spellings {
    scheme: Scheme,
    ids: FxHashMap<String, u32>,
    texts: Vec<(String, Tag)>,
}

impl Spellings {
    /// Reads the tags of a sentence into `tags`; returns the ids of their spellings.
    fn read<T: AsTag>(
        &mut self,
        words: &[T],
        side: &'static str,
        sentence: usize,
        tags: &mut Vec<Tag>,
    ) -> Result<Vec<u32>, MetricsError> {
        tags.clear();
        let mut ids = Vec::with_capacity(words.len());
        for (word, text) in words.iter().enumerate() {
            let spelling = text.spelling(self.scheme);
            let id = match self.ids.get(spelling.as_ref()) {
                Some(&id) => id,
                None => {
                    let spelling = spelling.into_owned();
                    let tag = text.as_tag().map(Cow::into_owned).map_err(|source| {
                        MetricsError::Tag { side, sentence, word, found: spelling.clone(), source }
                    })?;
                    let id = self.texts.len() as u32;
                    self.ids.insert(spelling.clone(), id);
                    self.texts.push((spelling, tag));
                    id
                }
            };
            tags.push(self.texts[id as usize].1.clone());
            ids.push(id);
        }
        Ok(ids)
    }

    fn sentences(&self, ids: &[Vec<u32>]) -> Vec<Vec<&str>> {
        let text = |id: &u32| self.texts[*id as usize].0.as_str();
        ids.iter().map(|sentence| sentence.iter().map(text).collect()).collect()
    }
}

/// The scores of two lists of tags. Displayed as the table that classification reports have.
#[derive(Debug, Clone)]
pub struct TagScores {
    scores: Scores,
    spellings: Spellings,
    gold: Vec<Vec<u32>>,
    predicted: Vec<Vec<u32>>,
}

impl TagScores {
    /// All scores.
    #[must_use]
    pub const fn scores(&self) -> &Scores {
        &self.scores
    }

    /// Span and type equal; see [`Scores::strict`].
    #[must_use]
    pub const fn strict(&self) -> &Averages {
        self.scores.strict()
    }

    /// Words of entities with the right type; see [`Scores::relaxed`].
    #[must_use]
    pub const fn relaxed(&self) -> &Averages {
        self.scores.relaxed()
    }

    /// The numbers that another tool gives for the same tags, as they were spelled: `seqeval`,
    /// `seqeval-strict`, `conlleval`, `nervaluate` or `spacy`; see [`crate::compat`].
    ///
    /// # Errors
    /// [`CompatError`] for an unknown tool, or where the tool itself would stop.
    pub fn compat(&self, tool: &str) -> Result<CompatScores, CompatError> {
        let tool: Tool = tool.parse()?;
        let gold = self.spellings.sentences(&self.gold);
        let predicted = self.spellings.sentences(&self.predicted);
        tool.run(&gold, &predicted, Some(self.spellings.scheme))
    }
}

impl fmt::Display for TagScores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.scores.fmt(f)
    }
}
