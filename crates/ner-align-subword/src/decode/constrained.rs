//! The best sequence that the scheme allows.

use ndarray::ArrayView2;
use ner_align_core::{LabelSet, Tag, TagDecoder, TransitionScores};

use super::Argmax;
use super::classes::{Classes, Pairs};

/// What a class without probability costs: far more than any sentence can gain, and finite.
const IMPOSSIBLE: f64 = -1e6;

/// The most probable sequence of classes among those that the label set's scheme allows, from the
/// sentence's first word to its last: Viterbi's algorithm (Viterbi 1967) with transitions that are
/// legal or not, and words independent otherwise. Of a CRF's learned transitions, given to
/// [`TagDecoder::decode_chain`], the legal ones add their scores; the chain is the whole sentence,
/// from its first word to its last, unseen words included.
///
/// A word that the model did not see (a row of `NaN`) is `O`, and its neighbours keep to that. The
/// class `X` is never given to a word. Of equally probable sequences, the one whose last class is
/// lowest, and so on towards the front.
///
/// A legal sequence always exists where the label set has `O`: in each of the seven schemes `O` may
/// stand at both edges and beside `O`, so "all `O`" is legal for any sentence, unseen words
/// included. A label set without `O` may leave none (IOBES with `B` and `E` only, and one word);
/// then, and only then, each word gets its best class as [`Argmax`] has it.
///
/// ```
/// use ndarray::array;
/// use ner_align_core::{Label, LabelSet, Scheme, TagDecoder};
/// use ner_align_subword::Constrained;
/// let labels = LabelSet::new(Label::new("PER"), Scheme::Iob2); // O B-PER I-PER
/// // Word by word this would be O I-PER.
/// let scores = array![[-0.7_f32, -0.8, -3.0], [-2.0, -3.0, -0.2]];
/// assert_eq!(Constrained::new(&labels).decode(scores.view()), [1, 2]);
/// ```
#[derive(Debug, Clone)]
pub struct Constrained {
    /// Classes of one prefix: they share the predecessors of which the type does not matter, so that the best of
    /// those is looked for once a group and not once a class.
    groups: Vec<Group>,
    /// Legal predecessors of each class that must be of its type.
    own: Vec<Vec<usize>>,
    starts: Vec<bool>,
    ends: Vec<bool>,
    unseen: usize,
    fallback: Argmax,
}

#[derive(Debug, Clone)]
struct Group {
    members: Vec<usize>,
    predecessors: Vec<usize>,
}

impl Constrained {
    /// A decoder into these classes, under the scheme that they are in.
    #[must_use]
    pub fn new(labels: &LabelSet) -> Self {
        let (scheme, classes) = (labels.scheme(), Classes::new(labels));
        let pairs = Pairs::new(|before, after| scheme.is_legal(Some(before), Some(after)));
        let (any, own) = pairs.before(&classes);
        let groups = any.into_iter().enumerate().map(|(kind, predecessors)| {
            let members = (0..labels.len()).filter(|&class| classes.kind(class) == Some(kind));
            Group { members: members.collect(), predecessors }
        });
        let flags = |is_set: &dyn Fn(&Tag) -> bool| {
            let tag = |class| classes.kind(class).and_then(|_| labels.tag(class));
            (0..labels.len()).map(|class| tag(class).is_some_and(is_set)).collect()
        };
        Self {
            groups: groups.collect(),
            own,
            starts: flags(&|tag| scheme.is_legal(None, Some(tag))),
            ends: flags(&|tag| scheme.is_legal(Some(tag), None)),
            unseen: super::unseen_class(labels),
            fallback: Argmax::new(labels),
        }
    }

    /// The score of a class, `None` where the word cannot have it.
    fn score(&self, row: ndarray::ArrayView1<'_, f32>, unseen: bool, class: usize) -> Option<f64> {
        if unseen {
            return (class == self.unseen).then_some(0.0);
        }
        let score = row.get(class).copied().map(f64::from)?;
        Some(bounded(score))
    }

    fn viterbi(
        &self,
        log_probabilities: ArrayView2<'_, f32>,
        transitions: Option<&TransitionScores>,
    ) -> Option<Vec<usize>> {
        let learned = |score: &dyn Fn(&TransitionScores) -> f32| {
            transitions.map_or(0.0, |transitions| bounded(f64::from(score(transitions))))
        };
        let classes = self.starts.len();
        let words = log_probabilities.nrows();
        let mut best: Vec<Option<f64>> = vec![None; classes];
        let mut next = best.clone();
        // back[w * classes + c]: the class before word w if that is c.
        let mut back = vec![usize::MAX; words * classes];
        for (word, row) in log_probabilities.rows().into_iter().enumerate() {
            let unseen = super::is_unseen(row);
            next.fill(None);
            for group in &self.groups {
                let before = highest(&best, &group.predecessors, |_| 0.0);
                for &class in &group.members {
                    let path = match transitions {
                        _ if word == 0 => {
                            self.starts[class].then(|| (learned(&|t| t.start(class)), usize::MAX))
                        }
                        None => better(before, highest(&best, &self.own[class], |_| 0.0)),
                        Some(transitions) => {
                            let more = |from| bounded(f64::from(transitions.between(from, class)));
                            let any = highest(&best, &group.predecessors, more);
                            better(any, highest(&best, &self.own[class], more))
                        }
                    };
                    if let (Some((sum, previous)), Some(score)) =
                        (path, self.score(row, unseen, class))
                    {
                        next[class] = Some(sum + score);
                        back[word * classes + class] = previous;
                    }
                }
            }
            std::mem::swap(&mut best, &mut next);
        }
        let last: Vec<usize> = (0..classes).filter(|&class| self.ends[class]).collect();
        let (_, mut class) = highest(&best, &last, |class| learned(&|t| t.end(class)))?;
        let mut path = vec![0; words];
        for word in (0..words).rev() {
            path[word] = class;
            class = back[word * classes + class];
        }
        Some(path)
    }
}

/// A score that can be added up: no number, or one beyond all measure, becomes a finite one.
const fn bounded(score: f64) -> f64 {
    if score.is_nan() { IMPOSSIBLE } else { score.clamp(IMPOSSIBLE, -IMPOSSIBLE) }
}

/// The highest score of these classes with what comes on top, and the first class that has it.
fn highest(
    scores: &[Option<f64>],
    classes: &[usize],
    more: impl Fn(usize) -> f64,
) -> Option<(f64, usize)> {
    let mut best: Option<(f64, usize)> = None;
    for &class in classes {
        if let Some(score) = scores[class].map(|score| score + more(class))
            && best.is_none_or(|(highest, _)| score > highest)
        {
            best = Some((score, class));
        }
    }
    best
}

/// The higher of two scores; of equal ones, that of the lower class.
fn better(one: Option<(f64, usize)>, two: Option<(f64, usize)>) -> Option<(f64, usize)> {
    match (one, two) {
        (Some(first), Some(second)) => {
            let is_second = second.0 > first.0 || (second.0 == first.0 && second.1 < first.1);
            Some(if is_second { second } else { first })
        }
        (one, two) => one.or(two),
    }
}

impl TagDecoder for Constrained {
    fn decode(&self, log_probabilities: ArrayView2<'_, f32>) -> Vec<usize> {
        if log_probabilities.nrows() == 0 {
            return Vec::new();
        }
        self.viterbi(log_probabilities, None)
            .unwrap_or_else(|| self.fallback.decode(log_probabilities))
    }

    fn decode_chain(
        &self,
        log_probabilities: ArrayView2<'_, f32>,
        transitions: &TransitionScores,
    ) -> Option<Vec<usize>> {
        if log_probabilities.nrows() == 0 {
            return Some(Vec::new());
        }
        let path = self.viterbi(log_probabilities, Some(transitions));
        Some(path.unwrap_or_else(|| self.fallback.decode(log_probabilities)))
    }
}
