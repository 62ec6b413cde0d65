//! The transition scores of a linear-chain CRF.

use ndarray::{Array2, ArrayView2};

/// The learned transitions of a linear-chain CRF (Lafferty et al. 2001), in units of logits.
///
/// The score of a path (one class for each word of a sentence) is the sum of the logits of its
/// classes, the transitions between neighbours, the start score of its first class and the end
/// score of its last class. The probability of a path is the softmax of its score over all paths,
/// as in training, including those that break the tag scheme. A constant added to all logits of a
/// word changes no probability, so log-probabilities may stand in for logits.
///
/// ```
/// use ndarray::{array, Array2};
/// use ner_align_core::TransitionScores;
///
/// let chain = TransitionScores::new(Array2::zeros((2, 2)), vec![0.0; 2], vec![0.0; 2]).unwrap();
/// // Without any transitions, words are independent: ln 2 a word.
/// let logits = array![[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]];
/// let loss = chain.negative_log_likelihood(logits.view(), &[0, 1, 1]);
/// assert!((loss - 3.0 * 2.0_f64.ln()).abs() < 1e-12);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TransitionScores {
    between: Array2<f32>,
    start: Vec<f32>,
    end: Vec<f32>,
}

impl TransitionScores {
    /// Takes the scores between neighbours, `[from, to]`, of the first class, `[classes]`, and of
    /// the last class, `[classes]`. Returns `None` if the shapes do not agree.
    #[must_use]
    pub fn new(between: Array2<f32>, start: Vec<f32>, end: Vec<f32>) -> Option<Self> {
        let classes = start.len();
        let fits = between.dim() == (classes, classes) && end.len() == classes;
        fits.then_some(Self { between, start, end })
    }

    /// Number of classes.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.start.len()
    }

    /// The score of class `to` right after class `from`; `NaN` for an id past the last class.
    #[must_use]
    pub fn between(&self, from: usize, to: usize) -> f32 {
        self.between.get((from, to)).copied().unwrap_or(f32::NAN)
    }

    /// The score of `class` for the first word; `NaN` for an id past the last class.
    #[must_use]
    pub fn start(&self, class: usize) -> f32 {
        self.start.get(class).copied().unwrap_or(f32::NAN)
    }

    /// The score of `class` for the last word; `NaN` for an id past the last class.
    #[must_use]
    pub fn end(&self, class: usize) -> f32 {
        self.end.get(class).copied().unwrap_or(f32::NAN)
    }

    /// The score of `path`, which has one class for each row of `logits`, `[words, classes]`; `NaN`
    /// if an id is past the last class.
    #[must_use]
    pub fn score(&self, logits: ArrayView2<'_, f32>, path: &[usize]) -> f64 {
        let word = |(row, class): (ndarray::ArrayView1<'_, f32>, &usize)| {
            f64::from(row.get(*class).copied().unwrap_or(f32::NAN))
        };
        let words: f64 = logits.rows().into_iter().zip(path).map(word).sum();
        let pairs: f64 =
            path.windows(2).map(|pair| f64::from(self.between(pair[0], pair[1]))).sum();
        let edge = |class: Option<&usize>, score: &dyn Fn(usize) -> f32| {
            class.map_or(0.0, |&class| f64::from(score(class)))
        };
        let edges = edge(path.first(), &|c| self.start(c)) + edge(path.last(), &|c| self.end(c));
        words + pairs + edges
    }

    /// The log of the sum of the exponentials of all paths' scores, by the forward algorithm in log
    /// space. `logits` is `[words, classes]`. Without words it is 0.
    #[must_use]
    pub fn log_partition(&self, logits: ArrayView2<'_, f32>) -> f64 {
        let forward = self.forward(logits);
        let Some(last) = forward.rows().into_iter().next_back() else { return 0.0 };
        let last = last.iter().zip(&self.end);
        log_sum_exp(last.map(|(sum, end)| sum + f64::from(*end)))
    }

    /// The negative log-probability of `path`, which has one class for each row of `logits`,
    /// `[words, classes]`. It is 0 or more.
    #[must_use]
    pub fn negative_log_likelihood(&self, logits: ArrayView2<'_, f32>, path: &[usize]) -> f64 {
        self.log_partition(logits) - self.score(logits, path)
    }

    /// The marginal probability of each class of each word, `[words, classes]`, by the
    /// forward-backward algorithm. Rows of `NaN`, words that the model did not see, are not part of
    /// the chain and stay `NaN`.
    #[must_use]
    pub fn marginals(&self, logits: ArrayView2<'_, f32>) -> Array2<f32> {
        let is_seen = |row: &usize| logits.row(*row).iter().any(|logit| !logit.is_nan());
        let seen: Vec<usize> = (0..logits.nrows()).filter(is_seen).collect();
        let chain = logits.select(ndarray::Axis(0), &seen);
        let forward = self.forward(chain.view());
        let mut marginals = Array2::from_elem(logits.dim(), f32::NAN);
        // The sums of the scores of what may follow a word's class.
        let mut after: Vec<f64> = self.end.iter().copied().map(f64::from).collect();
        for (word, &row) in seen.iter().enumerate().rev() {
            let paths = || forward.row(word).into_iter().zip(&after).map(|(a, b)| a + b);
            let all = log_sum_exp(paths());
            for (marginal, paths) in marginals.row_mut(row).iter_mut().zip(paths()) {
                *marginal = (paths - all).exp() as f32;
            }
            let own = chain.row(word);
            after = (0..self.classes())
                .map(|from| {
                    let next = self.between.row(from).into_iter().zip(own).zip(&after);
                    log_sum_exp(next.map(|((t, o), b)| f64::from(*t) + f64::from(*o) + b))
                })
                .collect();
        }
        marginals
    }

    /// For each word and class, the log of the sum over all paths that end there, `[words,
    /// classes]`.
    fn forward(&self, logits: ArrayView2<'_, f32>) -> Array2<f64> {
        let mut sums = Array2::zeros((logits.nrows(), self.classes()));
        for (word, row) in logits.rows().into_iter().enumerate() {
            for (class, own) in row.iter().take(self.classes()).enumerate() {
                let before = if word == 0 {
                    f64::from(self.start[class])
                } else {
                    let from = sums.row(word - 1).into_iter().zip(self.between.column(class));
                    log_sum_exp(from.map(|(sum, between)| sum + f64::from(*between)))
                };
                sums[(word, class)] = before + f64::from(*own);
            }
        }
        sums
    }
}

/// The log of the sum of exponentials, without overflow.
fn log_sum_exp(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let highest = values.clone().fold(f64::NEG_INFINITY, f64::max);
    if !highest.is_finite() {
        return highest;
    }
    highest + values.map(|value| (value - highest).exp()).sum::<f64>().ln()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All paths of this many words over this many classes.
    fn paths(words: usize, classes: usize) -> impl Iterator<Item = Vec<usize>> {
        (0..classes.pow(words as u32)).map(move |number| {
            (0..words).map(|word| number / classes.pow(word as u32) % classes).collect()
        })
    }

    fn chains() -> impl Strategy<Value = (TransitionScores, Array2<f32>)> {
        (1_usize..5, 1_usize..6, prop::sample::select(vec![1.0_f32, 30.0, 1000.0])).prop_flat_map(
            |(classes, words, scale)| {
                let count = classes * (classes + 2 + words);
                prop::collection::vec(-1.0_f32..1.0, count).prop_map(move |values| {
                    let mut values = values.into_iter().map(|value| value * scale);
                    let mut take = |n: usize| values.by_ref().take(n).collect::<Vec<_>>();
                    let (start, end) = (take(classes), take(classes));
                    let between =
                        Array2::from_shape_vec((classes, classes), take(classes * classes));
                    let logits = Array2::from_shape_vec((words, classes), take(words * classes));
                    let chain = TransitionScores::new(between.unwrap(), start, end).unwrap();
                    (chain, logits.unwrap())
                })
            },
        )
    }

    proptest! {
        #[test]
        fn the_partition_is_the_sum_over_all_paths((chain, logits) in chains()) {
            let (words, classes) = logits.dim();
            let scores: Vec<f64> =
                paths(words, classes).map(|path| chain.score(logits.view(), &path)).collect();
            let expected = log_sum_exp(scores.iter().copied());
            let found = chain.log_partition(logits.view());
            prop_assert!((found - expected).abs() <= 1e-9 * (1.0 + expected.abs()));
        }

        #[test]
        fn marginals_are_sums_over_the_paths_through_a_class(
            (chain, logits) in chains(), unseen in 0_usize..8,
        ) {
            // A word that was not seen stands between the others.
            let (words, classes) = logits.dim();
            let mut rows: Vec<Vec<f32>> = logits.rows().into_iter().map(|r| r.to_vec()).collect();
            let at = unseen.min(words);
            rows.insert(at, vec![f32::NAN; classes]);
            let holed = Array2::from_shape_vec((words + 1, classes), rows.concat()).unwrap();
            let marginals = chain.marginals(holed.view());
            prop_assert!(marginals.row(at).iter().all(|p| p.is_nan()));
            let all = chain.log_partition(logits.view());
            let mut expected = Array2::<f64>::zeros((words, classes));
            for path in paths(words, classes) {
                let probability = (chain.score(logits.view(), &path) - all).exp();
                path.iter().enumerate().for_each(|(word, &c)| expected[(word, c)] += probability);
            }
            let found = marginals.rows().into_iter().enumerate().filter(|(row, _)| *row != at);
            for ((_, found), expected) in found.zip(expected.rows()) {
                for (found, expected) in found.iter().zip(expected) {
                    prop_assert!((f64::from(*found) - expected).abs() < 1e-6);
                }
            }
        }
    }

    #[test]
    fn shapes_that_do_not_agree_are_no_chain() {
        assert!(TransitionScores::new(Array2::zeros((2, 2)), vec![0.0; 2], vec![0.0; 3]).is_none());
        assert!(TransitionScores::new(Array2::zeros((2, 3)), vec![0.0; 2], vec![0.0; 2]).is_none());
        let none = TransitionScores::new(Array2::zeros((2, 2)), vec![0.0; 2], vec![0.0; 2]);
        let none = none.unwrap();
        assert_eq!(none.negative_log_likelihood(Array2::zeros((0, 2)).view(), &[]), 0.0);
        assert_eq!(none.marginals(Array2::zeros((0, 2)).view()).dim(), (0, 2));
        assert!(none.score(Array2::zeros((1, 2)).view(), &[2]).is_nan());
    }
}
