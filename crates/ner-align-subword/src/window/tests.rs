//! Tables and laws of windows.

use proptest::prelude::*;

use super::*;

fn specials() -> SpecialTokens {
    SpecialTokens::new(vec![1], vec![2], 0)
}

fn plan(
    max_length: usize,
    stride: usize,
    words: &[usize],
    gold: &[(usize, usize)],
) -> Vec<PlannedWindow> {
    let gold: Vec<WordSpan> = gold.iter().map(|&(start, end)| WordSpan::new(start, end)).collect();
    WindowPlan::new(max_length, Some(stride), &specials()).unwrap().plan(words, &gold)
}

fn shown(windows: &[PlannedWindow]) -> String {
    let one = |w: &PlannedWindow| {
        format!("{}-{}({}-{})", w.words.start, w.words.end, w.owned.start, w.owned.end)
    };
    windows.iter().map(one).collect::<Vec<_>>().join(" ")
}

#[test]
fn cases() {
    for (max_length, stride, words, gold, expected) in [
        (6, 2, &[1, 1, 1, 1][..], &[][..], "0-4(0-4)"),
        (6, 2, &[], &[], ""),
        (6, 2, &[0, 0, 0], &[], ""),
        (6, 0, &[1; 8], &[], "0-4(0-4) 4-8(4-8)"),
        (6, 2, &[1; 8], &[], "0-4(0-3) 2-6(3-5) 4-8(5-8)"),
        // The last window reaches back only as far as the stride says.
        (6, 1, &[1; 5], &[], "0-4(0-4) 3-5(4-5)"),
        // A word that leaves no room for shared ones.
        (6, 3, &[1, 1, 1, 4, 1], &[], "0-3(0-3) 3-4(3-4) 4-5(4-5)"),
        // A word longer than a window.
        (6, 2, &[1, 9, 1], &[], "0-1(0-1) 1-2(1-2) 2-3(2-3)"),
        // Words without subtokens come along.
        (6, 0, &[0, 1, 3, 0, 0, 1, 0], &[], "0-5(0-5) 3-7(5-7)"),
        // The first window ends before the entity that it would cut.
        (6, 0, &[1; 8], &[(3, 5)], "0-3(0-3) 3-7(3-7) 7-8(7-8)"),
        // An entity longer than a window is cut.
        (6, 0, &[1; 8], &[(0, 8)], "0-4(0-4) 4-8(4-8)"),
        // The border between owners moves off the entity.
        (6, 2, &[1; 6], &[(2, 4)], "0-4(0-2) 2-6(2-6)"),
    ] {
        assert_eq!(
            shown(&plan(max_length, stride, words, gold)),
            expected,
            "{max_length} {stride} {words:?} {gold:?}"
        );
    }
}

#[test]
fn windows_that_cannot_be() {
    assert!(matches!(
        WindowPlan::new(2, None, &specials()),
        Err(SubwordError::MaxLength { max_length: 2, special_tokens: 2 })
    ));
    assert!(matches!(
        WindowPlan::new(10, Some(8), &specials()),
        Err(SubwordError::Stride { stride: 8, room: 8 })
    ));
    assert_eq!(WindowPlan::new(3, None, &specials()).unwrap().stride(), 0);
    assert_eq!(WindowPlan::new(512, None, &specials()).unwrap().stride(), 128);
}

/// Subtokens of words, room and stride, and non-overlapping entities.
fn plans() -> impl Strategy<Value = (Vec<usize>, usize, usize, Vec<WordSpan>)> {
    let words = prop::collection::vec(0_usize..6, 0..60);
    let gold = prop::collection::vec((0_usize..5, 1_usize..5), 0..12);
    (words, 1_usize..20, 0_usize..20, gold).prop_map(|(words, room, stride, gaps)| {
        let mut gold = Vec::new();
        let mut at = 0;
        for (gap, length) in gaps {
            let entity = WordSpan::new(at + gap, at + gap + length);
            at = entity.end;
            if at <= words.len() {
                gold.push(entity);
            }
        }
        (words, room, stride % room, gold)
    })
}

proptest! {
    #[test]
    fn every_word_is_owned_once_and_windows_fit((words, room, stride, gold) in plans()) {
        for gold in [&[][..], &gold[..]] {
            let plan = WindowPlan::new(room + 2, Some(stride), &specials()).unwrap();
            let windows = plan.plan(&words, gold);
            let kept = |span: WordSpan| -> usize {
                words[span.range()].iter().map(|&subtokens| subtokens.min(room)).sum()
            };
            let total = kept(WordSpan::new(0, words.len()));
            prop_assert_eq!(windows.is_empty(), total == 0);
            if total <= room && total > 0 {
                prop_assert_eq!(windows.len(), 1);
            }
            let mut next = 0;
            for window in &windows {
                prop_assert_eq!(window.owned.start, next);
                prop_assert!(!window.owned.is_empty());
                prop_assert!(window.words.start <= window.owned.start);
                prop_assert!(window.owned.end <= window.words.end);
                prop_assert!(kept(window.words) <= room);
                next = window.owned.end;
            }
            prop_assert!(windows.is_empty() || next == words.len());
            for pair in windows.windows(2) {
                prop_assert!(pair[0].words.end < pair[1].words.end);
                if pair[0].words.end > pair[1].words.start {
                    let shared = WordSpan::new(pair[1].words.start, pair[0].words.end);
                    prop_assert!(kept(shared) <= stride);
                }
            }
        }
    }

    #[test]
    fn owners_have_the_most_context((words, room, stride, _) in plans()) {
        let plan = WindowPlan::new(room + 2, Some(stride), &specials()).unwrap();
        let windows = plan.plan(&words, &[]);
        let sum = |start: usize, end: usize| -> usize {
            words[start..end].iter().map(|&subtokens| subtokens.min(room)).sum()
        };
        let context = |window: &PlannedWindow, word: usize| {
            let WordSpan { start, end } = window.words;
            let left = if start == 0 { usize::MAX } else { sum(start, word) };
            let right = if end == words.len() { usize::MAX } else { sum(word + 1, end) };
            left.min(right)
        };
        for owner in &windows {
            for word in owner.owned.range() {
                for other in windows.iter().filter(|other| other.words.contains(word)) {
                    prop_assert!(context(owner, word) >= context(other, word), "word {}", word);
                }
            }
        }
    }

    #[test]
    fn windows_end_within_an_entity_only_if_it_started_before_them(
        (words, room, _, gold) in plans()
    ) {
        // An entity that begins within what a window adds can be left to the next one.
        let plan = WindowPlan::new(room + 2, Some(0), &specials()).unwrap();
        let mut covered = 0;
        for window in plan.plan(&words, &gold) {
            for entity in gold.iter().filter(|entity| entity.start > covered) {
                prop_assert!(!(entity.start < window.words.end && window.words.end < entity.end));
            }
            covered = window.words.end;
        }
    }
}
