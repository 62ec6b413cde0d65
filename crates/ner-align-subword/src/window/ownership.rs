//! Which of the windows that hold a word labels and predicts it.

use ner_align_core::WordSpan;

use super::{PlannedWindow, cut_by};

/// Gives each word to one of the windows; a window left without any is dropped.
///
/// `spans` cover all words, with starts and ends ascending; `before[w]` counts the subtokens ahead
/// of word `w`.
pub(super) fn assign(
    spans: &[WordSpan],
    before: &[usize],
    gold_entities: &[WordSpan],
) -> Vec<PlannedWindow> {
    let words = before.len() - 1;
    let context = |window: &WordSpan, word: usize| {
        let left = if window.start == 0 { usize::MAX } else { before[word] - before[window.start] };
        let right =
            if window.end == words { usize::MAX } else { before[window.end] - before[word + 1] };
        left.min(right)
    };
    // A word's context rises towards the middle of a window and falls behind it, so along the
    // sentence the best window only ever moves on: what a window owns is a run of words.
    let mut owners: Vec<PlannedWindow> = Vec::with_capacity(spans.len());
    let (mut first, mut owner) = (0, 0);
    for word in 0..words {
        while first + 1 < spans.len() && spans[first].end <= word {
            first += 1;
        }
        let mut best = first.max(owner);
        for candidate in best + 1..spans.len() {
            if spans[candidate].start > word {
                break;
            }
            if context(&spans[candidate], word) > context(&spans[best], word) {
                best = candidate;
            }
        }
        match owners.last_mut() {
            Some(last) if best == owner => last.owned.end = word + 1,
            _ => {
                let owned = WordSpan::new(word, word + 1);
                owners.push(PlannedWindow { words: spans[best], owned });
                owner = best;
            }
        }
    }
    keep_entities_whole(&mut owners, before, gold_entities);
    owners
}

/// Moves the border between two owners to the nearer end of the entity that it cuts, where both
/// windows and both owners' other words allow it.
fn keep_entities_whole(owners: &mut [PlannedWindow], before: &[usize], gold_entities: &[WordSpan]) {
    if gold_entities.is_empty() {
        return;
    }
    for right in 1..owners.len() {
        let border = owners[right].owned.start;
        let Some(entity) = cut_by(gold_entities, border) else { continue };
        let (earlier, later) = (owners[right - 1], owners[right]);
        let lowest = later.words.start.max(earlier.owned.start + 1);
        let highest = earlier.words.end.min(later.owned.end - 1);
        let distance = |at: usize| before[at].abs_diff(before[border]);
        let moved = [entity.start, entity.end]
            .into_iter()
            .filter(|at| (lowest..=highest).contains(at))
            .min_by_key(|&at| distance(at));
        if let Some(moved) = moved {
            owners[right - 1].owned.end = moved;
            owners[right].owned.start = moved;
        }
    }
}
