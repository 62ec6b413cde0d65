//! The probability of an entity: of its words, its type and both its edges together.

use std::ops::Range;
use std::sync::Arc;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use ner_align_core::{DecodeMode, Label, LabelSet, Tag, TransitionScores};

use super::classes::{Classes, Pairs, Side};

/// Exponents beyond this are cut, so that no product of a few of them overflows or vanishes.
const LARGEST_EXPONENT: f64 = 200.0;

/// The weight of two classes that follow each other.
type Pair<'a> = &'a dyn Fn((usize, usize)) -> f64;

/// Computes how probable entities are, given the scores of a sentence's words.
///
/// The probability of an entity is the share of all tag sequences, weighted by their probability, in
/// which exactly these words form an entity of this type: it starts where the entity starts, ends
/// where it ends, and neither edge is off by a word. It follows from the forward-backward algorithm
/// (Rabiner 1989) over the sequences that the decoder may choose from: with
/// [`constrained`](Self::constrained) those that the scheme allows, with
/// [`unconstrained`](Self::unconstrained) all, read leniently. Learned transitions of a CRF count.
///
/// The scores are divided by a temperature first (Guo et al. 2017): above 1 it makes a model less
/// sure, below 1 surer. The best sequence stays the best at any temperature.
///
/// ```
/// use ndarray::array;
/// use ner_align_core::{Label, LabelSet, Scheme};
/// use ner_align_subword::SpanScorer;
/// let labels = LabelSet::new(Label::new("PER"), Scheme::Iob2); // O B-PER I-PER
/// let scores = array![[0.1_f32, 0.9, 0.0], [0.4, 0.0, 0.6]].ln();
/// let scorer = SpanScorer::constrained(&labels);
/// let lattice = scorer.lattice(scores.view(), None).ok_or("no sequence is allowed")?;
/// // I-PER after O is not allowed, so that 0.04 + 0.36 + 0.54 remain of 1.
/// let probability = lattice.entity(0..2, &"PER".parse()?).unwrap_or_default();
/// assert!((probability - 0.54 / 0.94).abs() < 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct SpanScorer {
    classes: Arc<Classes>,
    /// A class that may follow another.
    legal: Pairs,
    starts: Array1<f64>,
    ends: Array1<f64>,
    /// The second class continues the entity of the first.
    continues: Pairs,
    /// The type of each class; `None` for `O` and what no word can have.
    types: Arc<[Option<Label>]>,
    outside: Array1<f64>,
    unseen: usize,
    temperature: f64,
}

impl SpanScorer {
    /// A scorer over the sequences that the scheme of these classes allows.
    #[must_use]
    pub fn constrained(labels: &LabelSet) -> Self {
        Self::new(labels, |previous, next| labels.scheme().is_legal(previous, next))
    }

    /// A scorer over all sequences, as a decoder chooses from that takes each word by itself.
    #[must_use]
    pub fn unconstrained(labels: &LabelSet) -> Self {
        Self::new(labels, |_, _| true)
    }

    fn new(labels: &LabelSet, is_legal: impl Fn(Option<&Tag>, Option<&Tag>) -> bool) -> Self {
        let classes = Classes::new(labels);
        let tag = |class: usize| classes.kind(class).and_then(|_| labels.tag(class));
        let count = labels.len();
        let one_if = |yes: bool| f64::from(u8::from(yes));
        let singles = |holds: &dyn Fn(&Tag) -> bool| {
            Array1::from_shape_fn(count, |class| one_if(tag(class).is_some_and(holds)))
        };
        let continues = |from: &Tag, to: &Tag| {
            let pair = [from.clone(), to.clone()];
            let read = labels.scheme().decode(&pair, DecodeMode::Lenient);
            read.entities.iter().any(|entity| entity.span.range() == (0..2))
        };
        Self {
            legal: Pairs::new(|from, to| is_legal(Some(from), Some(to))),
            starts: singles(&|tag| is_legal(None, Some(tag))),
            ends: singles(&|tag| is_legal(Some(tag), None)),
            continues: Pairs::new(continues),
            types: (0..count).map(|class| tag(class)?.label().cloned()).collect(),
            outside: singles(&|tag| *tag == Tag::Outside),
            unseen: super::unseen_class(labels),
            temperature: 1.0,
            classes: Arc::new(classes),
        }
    }

    /// Divides all scores by this temperature, which is above 0; another number is taken for 1.
    #[must_use]
    pub fn with_temperature(mut self, temperature: f64) -> Self {
        let usable = temperature.is_finite() && temperature > 0.0;
        self.temperature = if usable { temperature } else { 1.0 };
        self
    }

    /// All sequences of a sentence with these scores, `[words, classes]`, and the transition scores
    /// of the model if the decoder uses them. A word with a row of `NaN` is `O`, as decoders have
    /// it. `None` without words, with scores of another shape, and if no sequence is allowed.
    #[must_use]
    pub fn lattice(
        &self,
        log_probabilities: ArrayView2<'_, f32>,
        transitions: Option<&TransitionScores>,
    ) -> Option<SpanLattice<'_>> {
        let (words, classes) = log_probabilities.dim();
        let fits = transitions.is_none_or(|transitions| transitions.classes() == classes);
        if words == 0 || classes != self.types.len() || !fits {
            return None;
        }
        let weigh = |mask: f64, score: &dyn Fn(&TransitionScores) -> f32| {
            let learned = transitions.map_or(0.0, |transitions| f64::from(score(transitions)));
            mask * self.power(learned)
        };
        // Only learned transitions differ from pair to pair.
        let between = transitions.map(|_| {
            Array2::from_shape_fn((classes, classes), |(from, to)| {
                weigh(self.legal(from, to), &|t| t.between(from, to))
            })
        });
        let sums = |side: Side, values: &Array1<f64>| match (&between, side) {
            (None, side) => self.legal.sums(&self.classes, side, values.view()),
            (Some(between), Side::Before) => values.dot(between),
            (Some(between), Side::After) => between.dot(values),
        };
        let starts =
            Array1::from_shape_fn(classes, |class| weigh(self.starts[class], &|t| t.start(class)));
        let ends =
            Array1::from_shape_fn(classes, |class| weigh(self.ends[class], &|t| t.end(class)));
        let own = self.emissions(log_probabilities);

        let mut scales = Vec::with_capacity(words);
        let mut forward = Array2::zeros((words, classes));
        let mut before = starts.clone();
        for word in 0..words {
            let mut here = &before * &own.row(word);
            let scale = here.sum();
            // Also refuses NaN.
            if !(scale > 0.0 && scale.is_finite()) {
                return None;
            }
            here /= scale;
            scales.push(scale);
            before = sums(Side::Before, &here);
            forward.row_mut(word).assign(&here);
        }
        let all = forward.row(words - 1).dot(&ends);
        if !(all > 0.0 && all.is_finite()) {
            return None;
        }
        // What follows a word's class, its own score included.
        let mut backward = Array2::zeros((words, classes));
        let mut after = ends.clone();
        for word in (0..words).rev() {
            let here = &after * &own.row(word) / scales[word];
            after = sums(Side::After, &here);
            backward.row_mut(word).assign(&here);
        }
        Some(SpanLattice {
            scorer: self,
            between,
            starts,
            ends,
            own,
            scales,
            forward,
            backward,
            all,
        })
    }

    /// 1 for a class that may follow another.
    fn legal(&self, from: usize, to: usize) -> f64 {
        f64::from(u8::from(self.legal.holds(&self.classes, from, to)))
    }

    /// The exponential of a score at the temperature.
    fn power(&self, score: f64) -> f64 {
        if score.is_nan() {
            return 0.0;
        }
        (score / self.temperature).clamp(-LARGEST_EXPONENT, LARGEST_EXPONENT).exp()
    }

    /// The weight of each class of each word, at most 1.
    fn emissions(&self, log_probabilities: ArrayView2<'_, f32>) -> Array2<f64> {
        let mut own = Array2::zeros(log_probabilities.dim());
        for (row, mut weights) in log_probabilities.axis_iter(Axis(0)).zip(own.rows_mut()) {
            if super::is_unseen(row) {
                if let Some(weight) = weights.get_mut(self.unseen) {
                    *weight = 1.0;
                }
                continue;
            }
            let highest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            for (weight, &score) in weights.iter_mut().zip(row) {
                // Two infinite scores are equally good.
                let distance = if score == highest { 0.0 } else { f64::from(score - highest) };
                *weight = self.power(distance);
            }
        }
        own
    }
}

/// The weighted tag sequences of one sentence; see [`SpanScorer`].
#[derive(Debug, Clone)]
pub struct SpanLattice<'a> {
    scorer: &'a SpanScorer,
    /// The weights of pairs, where they are learned.
    between: Option<Array2<f64>>,
    starts: Array1<f64>,
    ends: Array1<f64>,
    own: Array2<f64>,
    /// What the weights up to each word were divided by, so that they sum to 1.
    scales: Vec<f64>,
    forward: Array2<f64>,
    backward: Array2<f64>,
    all: f64,
}

impl SpanLattice<'_> {
    /// The probability that exactly these words, counted from 0 within the sentence, are an entity
    /// of this type. `None` for words outside the sentence or no words.
    #[must_use]
    pub fn entity(&self, words: Range<usize>, label: &Label) -> Option<f64> {
        let of_type: Array1<f64> = self
            .scorer
            .types
            .iter()
            .map(|own| f64::from(u8::from(own.as_ref() == Some(label))))
            .collect();
        let SpanScorer { continues, classes, .. } = self.scorer;
        let within =
            |(from, to): (usize, usize)| f64::from(u8::from(continues.holds(classes, from, to)));
        let breaks = |pair: (usize, usize)| 1.0 - within(pair);
        self.mass(words, &of_type, &breaks, &within, &breaks)
    }

    /// The probability that none of these words is in an entity. `None` as for
    /// [`SpanLattice::entity`].
    #[must_use]
    pub fn outside(&self, words: Range<usize>) -> Option<f64> {
        let any = |_| 1.0;
        self.mass(words, &self.scorer.outside, &any, &any, &any)
    }

    /// The share of the sequences in which the words have classes of `inside`, and the pairs at the
    /// front edge, within the words and at the back edge are as asked for.
    fn mass(
        &self,
        words: Range<usize>,
        inside: &Array1<f64>,
        front: Pair<'_>,
        within: Pair<'_>,
        back: Pair<'_>,
    ) -> Option<f64> {
        let sentence = self.own.nrows();
        if words.is_empty() || words.end > sentence {
            return None;
        }
        let chosen: Vec<usize> = (0..inside.len()).filter(|&class| inside[class] > 0.0).collect();
        let every: Vec<usize> = (0..inside.len()).collect();
        let step = |from: ArrayView1<'_, f64>, sources: &[usize], pair: Pair<'_>, to| {
            let between = |from| match &self.between {
                Some(between) => between[(from, to)],
                None => self.scorer.legal(from, to),
            };
            sources.iter().map(|&s| from[s] * between(s) * pair((s, to))).sum::<f64>()
        };
        let mut mass = Array1::zeros(inside.len());
        for word in words.clone() {
            let mut next = Array1::zeros(inside.len());
            for &class in &chosen {
                let before = if word > words.start {
                    step(mass.view(), &chosen, within, class)
                } else if word > 0 {
                    step(self.forward.row(word - 1), &every, front, class)
                } else {
                    self.starts[class]
                };
                next[class] = before * self.own[(word, class)] / self.scales[word];
            }
            mass = next;
        }
        let total = if words.end == sentence {
            chosen.iter().map(|&class| mass[class] * self.ends[class]).sum::<f64>()
        } else {
            let after = self.backward.row(words.end);
            every.iter().map(|&to| step(mass.view(), &chosen, back, to) * after[to]).sum::<f64>()
        };
        Some((total / self.all).clamp(0.0, 1.0))
    }
}
