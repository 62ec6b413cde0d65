//! Decoders against exhaustive search.

use ndarray::{Array2, array};
use ner_align_core::{DecodeMode, Label, LabelSet, Scheme, Tag, TagDecoder, TransitionScores};
use proptest::prelude::*;

use super::*;

fn legal(labels: &LabelSet, path: &[usize]) -> bool {
    let tags: Vec<Tag> = path.iter().filter_map(|&class| labels.tag(class).cloned()).collect();
    tags.len() == path.len()
        && labels.scheme().decode(&tags, DecodeMode::Strict).violations.is_empty()
}

/// The score of the best legal sequence, by trying all, `chain` giving what a path scores beside
/// its words.
fn exhaustive(
    labels: &LabelSet,
    scores: &Array2<f32>,
    chain: impl Fn(&[usize]) -> f64,
) -> Option<f64> {
    let (words, classes) = scores.dim();
    let outside = labels.id(&Tag::Outside);
    let mut best: Option<f64> = None;
    for number in 0..classes.pow(words as u32) {
        let path: Vec<usize> =
            (0..words).map(|word| number / classes.pow(word as u32) % classes).collect();
        let keeps_unseen =
            (0..words).all(|w| !is_unseen(scores.row(w)) || Some(path[w]) == outside);
        if keeps_unseen && legal(labels, &path) {
            let sum = sum(scores, &path) + chain(&path);
            best = Some(best.map_or(sum, |best: f64| best.max(sum)));
        }
    }
    best
}

fn sum(scores: &Array2<f32>, path: &[usize]) -> f64 {
    let of_word = |(word, &class): (usize, &usize)| f64::from(scores[(word, class)]);
    path.iter().enumerate().map(of_word).filter(|score| !score.is_nan()).sum()
}

/// A label set over one or two types in any order of classes, with or without `X`.
fn label_sets() -> impl Strategy<Value = LabelSet> {
    (prop::sample::select(&Scheme::ALL[..]), 1_usize..3, any::<bool>(), any::<u64>()).prop_map(
        |(scheme, types, x, seed)| {
            let types = ["A", "B"].iter().take(types).filter_map(|name| Label::new(name));
            let labels = LabelSet::new(types, scheme);
            let mut names = labels.names().to_vec();
            names.extend(x.then(|| "X".to_owned()));
            // Any order will do as long as it is another one; from_names tells IOB1 and IOE1 from
            // no names, so those keep theirs.
            if matches!(scheme, Scheme::Iob1 | Scheme::Ioe1) {
                return if x { labels.with_continuation_class() } else { labels };
            }
            for i in (1..names.len()).rev() {
                names.swap(i, (seed >> i) as usize % (i + 1));
            }
            LabelSet::from_names(&names).unwrap()
        },
    )
}

proptest! {
    #[test]
    fn constrained_is_the_best_legal_sequence(
        labels in label_sets(),
        scores in prop::collection::vec(-9.0_f32..0.0, 4 * 10),
        unseen in prop::collection::vec(prop::bool::weighted(0.2), 4),
        words in 0_usize..4,
    ) {
        let classes = labels.len();
        let scores = Array2::from_shape_fn((words, classes), |(word, class)| {
            if unseen[word] { f32::NAN } else { scores[word * classes + class] }
        });
        let path = Constrained::new(&labels).decode(scores.view());
        prop_assert_eq!(path.len(), words);
        prop_assert!(legal(&labels, &path), "{:?} {:?}", labels.names(), path);
        let best = exhaustive(&labels, &scores, |_| 0.0).unwrap();
        prop_assert!((sum(&scores, &path) - best).abs() < 1e-9);
        for (word, class) in path.into_iter().enumerate() {
            prop_assert!(!unseen[word] || labels.tag(class) == Some(&Tag::Outside));
        }
    }

    #[test]
    fn with_a_chain_it_is_the_best_legal_path(
        labels in label_sets(),
        scores in prop::collection::vec(-9.0_f32..0.0, 4 * 10),
        learned in prop::collection::vec(-5.0_f32..5.0, 10 * 12),
        unseen in prop::collection::vec(prop::bool::weighted(0.2), 4),
        words in 0_usize..4,
    ) {
        let classes = labels.len();
        let scores = Array2::from_shape_fn((words, classes), |(word, class)| {
            if unseen[word] { f32::NAN } else { scores[word * classes + class] }
        });
        let (start, rest) = learned.split_at(classes);
        let (end, rest) = rest.split_at(classes);
        let between = Array2::from_shape_fn((classes, classes), |(a, b)| rest[a * classes + b]);
        let chain = TransitionScores::new(between, start.to_vec(), end.to_vec()).unwrap();
        let nothing = Array2::zeros((words, classes));
        let of_chain = |path: &[usize]| chain.score(nothing.view(), path);
        let decoder = Constrained::new(&labels);
        let path = decoder.decode_chain(scores.view(), &chain).unwrap();
        prop_assert_eq!(path.len(), words);
        prop_assert!(legal(&labels, &path), "{:?} {:?}", labels.names(), path);
        let best = exhaustive(&labels, &scores, of_chain).unwrap();
        prop_assert!((sum(&scores, &path) + of_chain(&path) - best).abs() < 1e-9);
        prop_assert_eq!(Argmax::new(&labels).decode_chain(scores.view(), &chain), None);
        // A chain that has learned nothing changes nothing.
        let zeros =
            TransitionScores::new(Array2::zeros((classes, classes)), vec![0.0; classes], vec![0.0; classes]);
        let plain = decoder.decode_chain(scores.view(), &zeros.unwrap()).unwrap();
        prop_assert_eq!(plain, decoder.decode(scores.view()));
    }

    #[test]
    fn a_higher_bonus_finds_more_words_of_the_type(
        labels in label_sets(),
        scores in prop::collection::vec(-9.0_f32..0.0, 6 * 10),
        bonus in 0.0_f32..12.0,
        more in 0.0_f32..6.0,
        words in 0_usize..6,
    ) {
        let classes = labels.len();
        let scores = Array2::from_shape_fn((words, classes), |(word, class)| {
            scores[word * classes + class]
        });
        let label = Label::new("A");
        let is_favoured = |tag: &Tag| tag.label() == label.as_ref();
        let count = |bonus: f32| {
            let of_tag = |tag: &Tag| if is_favoured(tag) { bonus } else { 0.0 };
            let path = Favouring::new(Constrained::new(&labels), &labels, of_tag)
                .decode(scores.view());
            prop_assert!(legal(&labels, &path), "{:?} {:?}", labels.names(), path);
            Ok(path.iter().filter(|&&class| labels.tag(class).is_some_and(is_favoured)).count())
        };
        prop_assert!(count(bonus)? <= count(bonus + more)?);
        // Nothing changes without one.
        let plain = Constrained::new(&labels).decode(scores.view());
        let none = Favouring::new(Constrained::new(&labels), &labels, |_| 0.0);
        prop_assert_eq!(plain, none.decode(scores.view()));
        // Above everything that scores can make up for, all words are of the type where the scheme lets them be.
        prop_assert!(count(1000.0)? >= words.saturating_sub(1));
    }

    #[test]
    fn whatever_the_scores_no_transition_is_illegal(
        labels in label_sets(),
        scores in prop::collection::vec(prop_oneof![
            any::<f32>(), Just(f32::NAN), Just(f32::NEG_INFINITY), Just(f32::INFINITY),
        ], 12 * 10),
        words in 0_usize..12,
        learned in prop_oneof![Just(f32::NAN), Just(f32::NEG_INFINITY), Just(f32::INFINITY)],
    ) {
        let classes = labels.len();
        let scores = Array2::from_shape_vec((words, classes), scores[..words * classes].to_vec()).unwrap();
        let path = Constrained::new(&labels).decode(scores.view());
        prop_assert!(legal(&labels, &path), "{:?} {:?}", labels.names(), path);
        let between = Array2::from_elem((classes, classes), learned);
        let chain = TransitionScores::new(between, vec![learned; classes], vec![0.0; classes]);
        let path = Constrained::new(&labels).decode_chain(scores.view(), &chain.unwrap()).unwrap();
        prop_assert!(legal(&labels, &path), "{:?} {:?}", labels.names(), path);
        let free = Argmax::new(&labels).decode(scores.view());
        prop_assert_eq!(free.len(), words);
        prop_assert!(free.iter().all(|&class| labels.tag(class).is_some()));
    }

    #[test]
    fn constrained_agrees_with_argmax_where_argmax_is_legal(
        labels in label_sets(),
        scores in prop::collection::vec(-9.0_f32..0.0, 6 * 10),
    ) {
        let classes = labels.len();
        let scores = Array2::from_shape_vec((6, classes), scores[..6 * classes].to_vec()).unwrap();
        let free = Argmax::new(&labels).decode(scores.view());
        if legal(&labels, &free) {
            prop_assert_eq!(Constrained::new(&labels).decode(scores.view()), free);
        }
    }
}

/// The weight of each tag sequence, `chain` giving what a path scores beside its words, by trying
/// all.
fn weighted_paths<'a>(
    labels: &'a LabelSet,
    scores: &'a Array2<f32>,
    chain: impl Fn(&[usize]) -> f64 + 'a,
) -> impl Iterator<Item = (Vec<Tag>, f64)> + 'a {
    let (words, classes) = scores.dim();
    let outside = labels.id(&Tag::Outside);
    (0..classes.pow(words as u32)).filter_map(move |number| {
        let path: Vec<usize> =
            (0..words).map(|word| number / classes.pow(word as u32) % classes).collect();
        let keeps_unseen =
            (0..words).all(|w| !is_unseen(scores.row(w)) || Some(path[w]) == outside);
        let tags: Option<Vec<Tag>> = path.iter().map(|&class| labels.tag(class).cloned()).collect();
        let weight = (sum(scores, &path) + chain(&path)).exp();
        Some((tags.filter(|_| keeps_unseen)?, weight))
    })
}

proptest! {
    #[test]
    fn spans_are_as_probable_as_all_sequences_together_say(
        labels in label_sets(),
        scores in prop::collection::vec(-6.0_f32..0.0, 4 * 10),
        learned in prop::option::of(prop::collection::vec(-3.0_f32..3.0, 10 * 12)),
        unseen in prop::collection::vec(prop::bool::weighted(0.2), 4),
        constrained in any::<bool>(),
        temperature in prop::sample::select(&[1.0_f64, 0.5, 2.5][..]),
        words in 1_usize..4,
    ) {
        let classes = labels.len();
        let scores = Array2::from_shape_fn((words, classes), |(word, class)| {
            if unseen[word] { f32::NAN } else { scores[word * classes + class] }
        });
        let chain = learned.map(|learned| {
            let (start, rest) = learned.split_at(classes);
            let (end, rest) = rest.split_at(classes);
            let between = Array2::from_shape_fn((classes, classes), |(a, b)| rest[a * classes + b]);
            TransitionScores::new(between, start.to_vec(), end.to_vec()).unwrap()
        });
        let scorer = if constrained {
            SpanScorer::constrained(&labels)
        } else {
            SpanScorer::unconstrained(&labels)
        };
        let lattice_of = scorer.with_temperature(temperature);
        let lattice = lattice_of.lattice(scores.view(), chain.as_ref()).unwrap();

        let scaled = scores.mapv(|score| (f64::from(score) / temperature) as f32);
        let nothing = Array2::zeros((words, classes));
        let of_chain = |path: &[usize]| {
            chain.as_ref().map_or(0.0, |chain| chain.score(nothing.view(), path) / temperature)
        };
        let mut all = 0.0;
        let mut spans = std::collections::HashMap::<(usize, usize, String), f64>::new();
        let mut outside = std::collections::HashMap::<(usize, usize), f64>::new();
        for (tags, weight) in weighted_paths(&labels, &scaled, of_chain) {
            let strict = labels.scheme().decode(&tags, DecodeMode::Strict);
            if constrained && !strict.violations.is_empty() {
                continue;
            }
            all += weight;
            for entity in labels.scheme().decode(&tags, DecodeMode::Lenient).entities {
                let key = (entity.span.start, entity.span.end, entity.label.to_string());
                *spans.entry(key).or_default() += weight;
            }
            for (start, end) in (0..words).flat_map(|s| (s + 1..=words).map(move |e| (s, e))) {
                if tags[start..end].iter().all(|tag| *tag == Tag::Outside) {
                    *outside.entry((start, end)).or_default() += weight;
                }
            }
        }
        for (start, end) in (0..words).flat_map(|s| (s + 1..=words).map(move |e| (s, e))) {
            for label in labels.types() {
                let expected = spans.get(&(start, end, label.to_string())).copied().unwrap_or(0.0) / all;
                let found = lattice.entity(start..end, &label).unwrap();
                prop_assert!((found - expected).abs() < 1e-5, "{start}..{end} {label}: {found}, not {expected}");
            }
            let expected = outside.get(&(start, end)).copied().unwrap_or(0.0) / all;
            let found = lattice.outside(start..end).unwrap();
            prop_assert!((found - expected).abs() < 1e-5, "{start}..{end}: {found}, not {expected}");
        }
        prop_assert_eq!(lattice.entity(0..words + 1, &Label::new("A").unwrap()), None);
    }

    #[test]
    fn whatever_the_scores_a_span_has_a_probability_or_none(
        labels in label_sets(),
        scores in prop::collection::vec(prop_oneof![
            any::<f32>(), Just(f32::NAN), Just(f32::NEG_INFINITY), Just(f32::INFINITY),
        ], 9 * 10),
        words in 0_usize..9,
        temperature in any::<f64>(),
    ) {
        let classes = labels.len();
        let scores = Array2::from_shape_vec((words, classes), scores[..words * classes].to_vec()).unwrap();
        let scorer = SpanScorer::constrained(&labels).with_temperature(temperature);
        if let Some(lattice) = scorer.lattice(scores.view(), None) {
            for end in 1..=words {
                for label in labels.types() {
                    let probability = lattice.entity(end - 1..end, &label).unwrap();
                    prop_assert!((0.0..=1.0).contains(&probability), "{probability}");
                }
            }
        }
    }
}

#[test]
fn without_o_there_may_be_no_legal_sequence() {
    let labels = LabelSet::from_names(&["B-A", "E-A"]).unwrap();
    assert_eq!(labels.scheme(), Scheme::Iobes);
    let decoder = Constrained::new(&labels);
    assert_eq!(decoder.decode(array![[-1.0_f32, -0.5]].view()), [1]);
    assert_eq!(decoder.decode(array![[-1.0_f32, -0.5], [-0.5, -9.0]].view()), [0, 1]);
    assert_eq!(decoder.decode(Array2::zeros((0, 2)).view()), [0_usize; 0]);
}

#[test]
fn x_is_no_class_of_words() {
    let labels = LabelSet::from_names(&["X", "O", "B-A", "I-A"]).unwrap();
    let scores = array![[-0.1_f32, -3.0, -2.0, -9.0], [-0.1, -3.0, -9.0, -2.0]];
    assert_eq!(Argmax::new(&labels).decode(scores.view()), [2, 3]);
    assert_eq!(Constrained::new(&labels).decode(scores.view()), [2, 3]);
}

#[test]
fn ties_go_to_the_lowest_class() {
    let labels = LabelSet::new(Label::new("A"), Scheme::Iob2);
    let scores = Array2::<f32>::zeros((3, 3));
    assert_eq!(Argmax::new(&labels).decode(scores.view()), [0, 0, 0]);
    assert_eq!(Constrained::new(&labels).decode(scores.view()), [0, 0, 0]);
}
