//! Labels of words to labels of subtokens, and back.

use ner_align_core::{IGNORE_INDEX, LabelAligner, LabelSet, Scheme, Tag};

use crate::{Strategy, SubwordError};

/// A [`Strategy`] with what it needs to know of the classes.
///
/// Words that nobody annotated ([`Tag::Missing`]) and words whose tag is no class carry
/// [`IGNORE_INDEX`] on all subtokens, under every strategy.
///
/// ```
/// use ner_align_core::{Label, LabelAligner, LabelSet, Scheme, Tag};
/// use ner_align_subword::{Aligner, Strategy};
///
/// let labels = LabelSet::new(Label::new("PER"), Scheme::Biluo); // O B-PER I-PER L-PER U-PER
/// let aligner = Aligner::new(Strategy::PropagateInside, &labels)?;
/// let mut classes = Vec::new();
/// aligner.align_word(&Tag::parse("U-PER")?, 3, &|tag| labels.id(tag), &mut classes);
/// assert_eq!(classes, [1, 2, 3]);
/// assert_eq!(aligner.word_class(&classes, &labels), Some(4));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aligner {
    strategy: Strategy,
    scheme: Scheme,
    continuation: Option<usize>,
}

impl Aligner {
    /// The strategy over these classes; `propagate-inside` goes by the scheme of `labels`.
    ///
    /// # Errors
    /// [`SubwordError::NoContinuationClass`] under `mark-x` if `labels` lacks `X`.
    pub fn new(strategy: Strategy, labels: &LabelSet) -> Result<Self, SubwordError> {
        let continuation = labels.continuation_class();
        if strategy == Strategy::MarkX && continuation.is_none() {
            return Err(SubwordError::NoContinuationClass { names: labels.names().to_vec() });
        }
        Ok(Self { strategy, scheme: labels.scheme(), continuation })
    }

    /// The strategy.
    #[must_use]
    pub const fn strategy(&self) -> Strategy {
        self.strategy
    }

    /// The scheme that `propagate-inside` goes by.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The class of a word from the classes of its subtokens: the inverse of
    /// [`LabelAligner::align_word`].
    ///
    /// Where no class spreads to just these subtokens, as happens with predictions, the one that
    /// agrees with most of them, of several the lowest. `None` for a word without subtokens and
    /// where all of them are ignored. Scores are better led back by
    /// [`WordScorer`](crate::WordScorer), which loses nothing on the way.
    #[must_use]
    pub fn word_class(&self, classes: &[i64], labels: &LabelSet) -> Option<usize> {
        let first = *classes.first()?;
        if self.strategy != Strategy::PropagateInside {
            return usize::try_from(first).ok();
        }
        if classes.iter().all(|&class| class == IGNORE_INDEX) {
            return None;
        }
        let mut spread = Vec::with_capacity(classes.len());
        let mut best = None;
        for id in 0..labels.len() {
            let Some(tag) = labels.tag(id) else { continue };
            spread.clear();
            self.align_word(tag, classes.len(), &|tag| labels.id(tag), &mut spread);
            let agreeing = spread.iter().zip(classes).filter(|(a, b)| a == b).count();
            if best.is_none_or(|(most, _)| agreeing > most) {
                best = Some((agreeing, id));
            }
        }
        best.map(|(_, id)| id)
    }
}

impl LabelAligner for Aligner {
    fn align_word(
        &self,
        tag: &Tag,
        subtokens: usize,
        class_of: &dyn Fn(&Tag) -> Option<usize>,
        out: &mut Vec<i64>,
    ) {
        let class = if *tag == Tag::Missing { None } else { class_of(tag) };
        let (end, id) = (out.len() + subtokens, |class: usize| class as i64);
        match (class, self.strategy) {
            (_, _) if subtokens == 0 => {}
            (None, _) => {}
            (Some(class), Strategy::First) => out.push(id(class)),
            (Some(class), Strategy::Propagate) => out.resize(end, id(class)),
            (Some(class), Strategy::MarkX) => {
                out.push(id(class));
                out.resize(end, self.continuation.map_or(IGNORE_INDEX, id));
            }
            // A class list that lacks the continuation tag, such as a model's that never saw an
            // I-X, repeats the word's own class, as run_ner.py does.
            (Some(class), Strategy::PropagateInside) => out.extend(
                self.scheme
                    .spread(tag, subtokens)
                    .iter()
                    .map(|piece| id(class_of(piece).unwrap_or(class))),
            ),
        }
        out.resize(end, IGNORE_INDEX);
    }

    fn labels_continuations(&self) -> bool {
        self.strategy != Strategy::First
    }
}
