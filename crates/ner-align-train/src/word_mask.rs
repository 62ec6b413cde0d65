//! Words that are hidden from the model while it learns.

use std::borrow::Cow;

use ner_align_core::Window;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Replaces all subtokens of a share of the words by the tokenizer's mask token.
///
/// A model that cannot see a name has to learn from the words around names, which helps with names
/// that it never saw. The labels stay. The hidden words follow from the seed, the epoch and the
/// window, so that a resumed run hides the same ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct WordMask {
    /// The mask token's id; `None` hides nothing.
    pub(crate) id: Option<u32>,
    /// The share of the words, 0 to less than 1.
    pub(crate) share: f64,
    pub(crate) seed: u64,
}

impl WordMask {
    /// The window with some of its words hidden; `number` is its index in the training data.
    pub(crate) fn hide<'w>(
        &self,
        window: &'w Window,
        number: usize,
        epoch: usize,
    ) -> Cow<'w, Window> {
        let Some(mask) = self.id.filter(|_| self.share > 0.0) else { return Cow::Borrowed(window) };
        let mut random = ChaCha8Rng::seed_from_u64(self.seed ^ ((number as u64) << 20));
        random.set_stream(epoch as u64);
        let mut window = Cow::Borrowed(window);
        let (mut word, mut hidden) = (None, false);
        for position in 0..window.len() {
            let next = window.word_ids.get(position).copied().flatten();
            if next != word {
                word = next;
                hidden = next.is_some() && random.random_bool(self.share);
            }
            if hidden {
                window.to_mut().input_ids[position] = mask;
            }
        }
        window
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MASK: u32 = 103;

    /// `[CLS]`, 2,000 words of one to three subtokens, `[SEP]`.
    fn window() -> Window {
        let mut word_ids = vec![None];
        for word in 0..2_000 {
            word_ids.extend(std::iter::repeat_n(Some(word), 1 + word as usize % 3));
        }
        word_ids.push(None);
        let input_ids = (0..word_ids.len() as u32).map(|id| 1_000 + id).collect();
        Window { input_ids, labels: vec![0; word_ids.len()], word_ids, ..Window::default() }
    }

    #[test]
    fn whole_words_are_hidden_and_nothing_else_changes() {
        let window = window();
        let masked = WordMask { id: Some(MASK), share: 0.2, seed: 1 }.hide(&window, 3, 0);
        let mut hidden = 0;
        for word in 0..2_000 {
            let of_word = |&p: &usize| window.word_ids[p] == Some(word);
            let positions: Vec<usize> = (0..window.len()).filter(of_word).collect();
            let behind = positions.iter().filter(|&&p| masked.input_ids[p] == MASK).count();
            assert!(behind == 0 || behind == positions.len(), "word {word}");
            hidden += usize::from(behind > 0);
        }
        assert!((330..470).contains(&hidden), "{hidden} of 2000 words");
        let unmasked =
            Window { input_ids: window.input_ids.clone(), ..masked.clone().into_owned() };
        assert_eq!(unmasked, window);
        let kept = |p: &usize| masked.input_ids[*p] != MASK;
        assert!((0..window.len()).filter(kept).all(|p| masked.input_ids[p] == window.input_ids[p]));
        assert!([0, window.len() - 1].iter().all(kept), "special tokens are no words");
    }

    #[test]
    fn what_is_hidden_follows_from_seed_window_and_epoch() {
        let window = window();
        let mask = WordMask { id: Some(MASK), share: 0.2, seed: 1 };
        let first = mask.hide(&window, 3, 0);
        assert_eq!(mask.hide(&window, 3, 0), first);
        for other in [mask.hide(&window, 4, 0), mask.hide(&window, 3, 1)] {
            assert_ne!(other, first);
        }
        assert_ne!(WordMask { seed: 2, ..mask }.hide(&window, 3, 0), first);
        for nothing in [WordMask { id: None, ..mask }, WordMask { share: 0.0, ..mask }] {
            assert_eq!(*nothing.hide(&window, 3, 0), window);
        }
    }
}
