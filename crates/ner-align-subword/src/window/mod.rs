//! Long sentences cut into overlapping windows.

mod ownership;

use ner_align_core::{SpecialTokens, WordSpan};

use crate::SubwordError;

/// Subtokens that neighbouring windows share where nothing else is asked for.
const DEFAULT_STRIDE: usize = 128;

/// A run of words that fits the model, and the part of it that is labelled and predicted there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlannedWindow {
    /// The words in the window, within the sentence.
    pub words: WordSpan,
    /// The words that this window owns; each word of the sentence is owned once.
    pub owned: WordSpan,
}

/// How sentences are cut into windows.
///
/// * A sentence that fits is one window.
/// * No word is cut, except one that alone has more subtokens than a window holds: it gets a
///   window of its own, of its first subtokens.
/// * Neighbouring windows share at most `stride` subtokens, in whole words.
/// * A word in several windows is owned by the one where the nearer edge is farthest away; an
///   edge of the sentence is no edge. Ties go to the earlier window.
/// * Where gold entities are given, no window ends inside one that begins within what the window
///   adds, and no entity that two neighbours hold whole is divided between them.
///
/// ```
/// use ner_align_core::{SpecialTokens, WordSpan};
/// use ner_align_subword::WindowPlan;
/// let specials = SpecialTokens::new(vec![101], vec![102], 0);
/// let plan = WindowPlan::new(6, Some(2), &specials)?;
/// let windows = plan.plan(&[1; 6], &[]);
/// assert_eq!(windows[0].words, WordSpan::new(0, 4));
/// assert_eq!(windows[1].words, WordSpan::new(2, 6));
/// assert_eq!(windows[0].owned, WordSpan::new(0, 3));
/// assert_eq!(windows[1].owned, WordSpan::new(3, 6));
/// # Ok::<(), ner_align_subword::SubwordError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowPlan {
    room: usize,
    stride: usize,
}

impl WindowPlan {
    /// Windows of at most `max_length` positions, special tokens included, that share `stride`
    /// subtokens; without one 128, or half a window where that is less.
    ///
    /// # Errors
    /// [`SubwordError::MaxLength`] if the special tokens leave no room, [`SubwordError::Stride`]
    /// if the windows would not advance.
    pub fn new(
        max_length: usize,
        stride: Option<usize>,
        specials: &SpecialTokens,
    ) -> Result<Self, SubwordError> {
        let special_tokens = specials.count();
        let room = max_length.saturating_sub(special_tokens);
        if room == 0 {
            return Err(SubwordError::MaxLength { max_length, special_tokens });
        }
        let stride = stride.unwrap_or(DEFAULT_STRIDE.min(room / 2));
        if stride >= room {
            return Err(SubwordError::Stride { stride, room });
        }
        Ok(Self { room, stride })
    }

    /// Subtokens in a window, special tokens not counted.
    #[must_use]
    pub const fn room(&self) -> usize {
        self.room
    }

    /// Subtokens that neighbouring windows share at most.
    #[must_use]
    pub const fn stride(&self) -> usize {
        self.stride
    }

    /// The windows of a sentence whose words have these numbers of subtokens; none for a sentence
    /// without any subtoken. `gold_entities` may be empty and in any order.
    #[must_use]
    pub fn plan(
        &self,
        subtokens_per_word: &[usize],
        gold_entities: &[WordSpan],
    ) -> Vec<PlannedWindow> {
        let words = subtokens_per_word.len();
        let kept = |&subtokens: &usize| subtokens.min(self.room);
        let total: usize = subtokens_per_word.iter().map(kept).sum();
        if total == 0 {
            return Vec::new();
        }
        if total <= self.room {
            let all = WordSpan::new(0, words);
            return vec![PlannedWindow { words: all, owned: all }];
        }
        // before[w]: subtokens ahead of word w, a word counting for what is kept of it.
        let mut before = Vec::with_capacity(words + 1);
        before.push(0);
        let mut sum = 0;
        before.extend(subtokens_per_word.iter().map(|subtokens| {
            sum += kept(subtokens);
            sum
        }));
        let spans = self.cover(&before, gold_entities);
        ownership::assign(&spans, &before, gold_entities)
    }

    /// Windows that together hold every word; each ends farther than the one before.
    fn cover(&self, before: &[usize], gold_entities: &[WordSpan]) -> Vec<WordSpan> {
        let words = before.len() - 1;
        let mut spans: Vec<WordSpan> = Vec::new();
        let mut start = 0;
        loop {
            // The last word boundary within reach; words without subtokens come along.
            let reach = before.partition_point(|&subtokens| subtokens <= before[start] + self.room);
            let mut end = reach - 1;
            if end >= words {
                spans.push(WordSpan::new(start, words));
                return spans;
            }
            let covered = spans.last().map_or(start, |span| span.end);
            if let Some(entity) = cut_by(gold_entities, end)
                && entity.start > covered
            {
                end = entity.start;
            }
            spans.push(WordSpan::new(start, end));
            // The next window starts as far back as the stride allows, yet near enough to hold
            // the next word whole: so it ends farther, and the loop with it.
            let shared = before[end].saturating_sub(self.stride);
            let needed = before[end + 1].saturating_sub(self.room);
            let back = before.partition_point(|&subtokens| subtokens < shared.max(needed));
            start = back.clamp(start + 1, end);
        }
    }
}

/// The entity that a boundary before word `at` would cut.
fn cut_by(entities: &[WordSpan], at: usize) -> Option<WordSpan> {
    entities.iter().copied().find(|entity| entity.start < at && at < entity.end)
}

#[cfg(test)]
mod tests;
