//! Data sets of toy documents.

use ner_align_core::{
    Batch, BoxError, CharSpan, Encoding, Entity, IGNORE_INDEX, Label, Misalignment, Rows, Scheme,
    SourceSpan, SpecialTokens,
};
use proptest::prelude::*;

use super::*;
use crate::{Aligner, Strategy as Labelling};

/// One subtoken a letter, none for `-`; framed by 1 and 2.
pub(super) struct Letters(SpecialTokens);

pub(super) fn letters() -> Letters {
    Letters(SpecialTokens::new(vec![1], vec![2], 0))
}

impl SubwordTokenizer for Letters {
    fn encode_words(&self, words: &[&str], encoding: &mut Encoding) -> Result<(), BoxError> {
        for word in words {
            if word.contains('!') {
                return Err("no shouting".into());
            }
            let ids: Vec<u32> = word.chars().filter(|c| *c != '-').map(u32::from).collect();
            encoding.push_word(&ids);
        }
        Ok(())
    }

    fn special_tokens(&self) -> &SpecialTokens {
        &self.0
    }

    fn token(&self, id: u32) -> Option<String> {
        char::from_u32(id).map(String::from)
    }
}

/// Sentences are separated by `/`, a word's tag follows it after `_`.
pub(super) fn document(text: &str, scheme: Scheme) -> Document {
    let mut builder = Document::builder();
    let mut tags = Vec::new();
    for item in text.split_whitespace() {
        if item == "/" {
            builder.end_sentence();
        } else {
            let (word, tag) = item.split_once('_').unwrap_or((item, "O"));
            builder.push_word(word);
            tags.push(Tag::parse(tag).unwrap());
        }
    }
    builder.tagged(tags, scheme).unwrap()
}

pub(super) fn labels(scheme: Scheme) -> LabelSet {
    LabelSet::new(["A", "B"].iter().filter_map(|name| Label::new(name)), scheme)
}

fn text(window: &Window) -> String {
    let shown = |id: &u32| char::from_u32(*id).filter(char::is_ascii_alphabetic).unwrap_or('|');
    window.input_ids.iter().map(shown).collect()
}

#[test]
fn words_of_spans_that_fit_no_words_are_not_learned() {
    let labels = labels(Scheme::Iob2);
    let aligner = Aligner::new(Labelling::First, &labels).unwrap();
    let mut documents = [document("ab_B-A cd ef gh", Scheme::Iob2)];
    // `b cd e`, from within an entity to within a word.
    documents[0].set_unaligned(vec![SourceSpan::new(
        vec![CharSpan { start: 1, end: 7 }],
        Label::new("B").unwrap(),
        Misalignment::InsideWord,
    )]);
    assert_eq!(documents[0].words_of_unaligned(), [0, 1, 2]);
    let tokenizer = letters();
    let preparer = Preparer::new(&tokenizer, &aligner, &labels);
    let dataset = preparer.dataset(&documents).unwrap();
    let learned: Vec<i64> = [1, 3, 5, 7].map(|at| dataset.windows[0].labels[at]).to_vec();
    assert_eq!(learned, [1, IGNORE_INDEX, IGNORE_INDEX, 0]);
    assert_eq!(dataset.counts.unaligned_spans, 1);
    assert_eq!(dataset.sentences[0].tags[1], Tag::Outside);
    assert_eq!(preparer.without_gold().dataset(&documents).unwrap().counts.unaligned_spans, 0);
}

#[test]
fn a_document_keeps_where_its_sentences_begin() {
    let labels = labels(Scheme::Iob2);
    let aligner = Aligner::new(Labelling::First, &labels).unwrap();
    let tokenizer = letters();
    let preparer = Preparer::new(&tokenizer, &aligner, &labels);
    let documents = [document("a b / c / d e", Scheme::Iob2)];
    let whole = preparer.unit(WindowUnit::Document).dataset(&documents).unwrap();
    let ranges: Vec<_> = whole.sentences[0].sentences().collect();
    assert_eq!(ranges, [0..2, 2..3, 3..5]);
    let apart = preparer.dataset(&documents).unwrap();
    assert_eq!(apart.sentences[2].sentences().collect::<Vec<_>>(), std::slice::from_ref(&(0..2)));
}

#[test]
fn sentences_keep_their_places() {
    let labels = labels(Scheme::Iob2);
    let aligner = Aligner::new(Labelling::First, &labels).unwrap();
    let documents = [
        document("ab_B-A c / - -_B-B / d", Scheme::Iob2),
        document("", Scheme::Iob2),
        document("e_I-A f_-", Scheme::Iob2),
    ];
    let tokenizer = letters();
    let dataset = Preparer::new(&tokenizer, &aligner, &labels).dataset(&documents).unwrap();
    let places: Vec<_> = dataset.sentences.iter().map(|s| (s.document, s.sentence)).collect();
    assert_eq!(places, [(0, 0), (0, 1), (0, 2), (2, 0)]);
    let windows: Vec<_> = dataset.windows.iter().map(|w| (w.sentence, text(w))).collect();
    assert_eq!(windows, [(0, "|abc|".into()), (2, "|d|".into()), (3, "|ef|".into())]);
    let x = IGNORE_INDEX;
    assert_eq!(dataset.windows[0].labels, [x, 1, x, 0, x]);
    assert_eq!(dataset.windows[0].word_ids, [None, Some(0), Some(0), Some(1), None]);
    // The tag that breaks the scheme is learned as it stands, the missing one is not.
    assert_eq!(dataset.windows[2].labels, [x, 2, x, x]);
    let mut counts = AlignmentCounts::default();
    (counts.words, counts.subtokens, counts.words_without_subtokens) = (7, 6, 2);
    assert_eq!(dataset.counts, counts);
}

#[test]
fn tags_follow_the_scheme_of_the_classes() {
    let labels = labels(Scheme::Biluo);
    let aligner = Aligner::new(Labelling::PropagateInside, &labels).unwrap();
    let tokenizer = letters();
    let dataset = Preparer::new(&tokenizer, &aligner, &labels)
        .dataset(&[document("ab_B-A c_B-A d_I-A", Scheme::Iob2)])
        .unwrap();
    let name = |class: &i64| usize::try_from(*class).map_or("-", |class| &labels.names()[class]);
    let names: Vec<&str> = dataset.windows[0].labels.iter().map(name).collect();
    assert_eq!(names, ["-", "B-A", "L-A", "B-A", "L-A", "-"]);
}

#[test]
fn unknown_tags_are_counted_and_not_learned() {
    let labels = labels(Scheme::Iob2);
    let tokenizer = letters();
    for strategy in [Labelling::First, Labelling::Propagate, Labelling::PropagateInside] {
        let aligner = Aligner::new(strategy, &labels).unwrap();
        let dataset = Preparer::new(&tokenizer, &aligner, &labels)
            .dataset(&[document("ab_B-C c_I-C d", Scheme::Iob2)])
            .unwrap();
        assert_eq!(dataset.counts.words_with_unknown_tag, 2);
        let x = IGNORE_INDEX;
        assert_eq!(dataset.windows[0].labels, [x, x, x, x, 0, x]);
    }
}

#[test]
fn long_sentences_and_words() {
    let labels = labels(Scheme::Iob2);
    let aligner = Aligner::new(Labelling::Propagate, &labels).unwrap();
    let tokenizer = letters();
    let dataset = Preparer::new(&tokenizer, &aligner, &labels)
        .max_length(6)
        .stride(2)
        .dataset(&[document("a b_B-A c_I-A d e f abcdefg_B-B", Scheme::Iob2)])
        .unwrap();
    let shown: Vec<_> = dataset.windows.iter().map(|w| (w.index, text(w))).collect();
    assert_eq!(shown, [(0, "|abcd|".into()), (1, "|cdef|".into()), (2, "|abcd|".into())]);
    let x = IGNORE_INDEX;
    assert_eq!(dataset.windows[0].labels, [x, 0, 1, 2, x, x]);
    assert_eq!(dataset.windows[1].labels, [x, x, 0, 0, 0, x]);
    assert_eq!(dataset.windows[2].labels, [x, 3, 3, 3, 3, x]);
    assert_eq!((dataset.counts.cut_words, dataset.counts.windowed_sentences), (1, 1));
    assert_eq!(dataset.counts.subtokens, 13);
}

#[test]
fn whole_documents_and_prediction() {
    let labels = labels(Scheme::Iob2);
    let aligner = Aligner::new(Labelling::First, &labels).unwrap();
    let tokenizer = letters();
    let documents = [document("a_B-A b / c", Scheme::Iob2)];
    let preparer =
        Preparer::new(&tokenizer, &aligner, &labels).unit(WindowUnit::Document).without_gold();
    let dataset = preparer.dataset(&documents).unwrap();
    assert_eq!(text(&dataset.windows[0]), "|abc|");
    assert_eq!(dataset.sentences[0].tags, vec![Tag::Missing; 3]);
    assert!(dataset.windows[0].labels.iter().all(|&label| label == IGNORE_INDEX));
    let batch = Batch::pack(&dataset.windows, Rows::FirstOfOwned);
    assert_eq!(batch.rows, [1, 2, 3]);
    let prepared = preparer.sentence(&["ab", "-"], None).unwrap();
    assert_eq!(prepared.windows[0].owned, WordSpan::new(0, 2));
    assert_eq!(prepared.counts.words_without_subtokens, 1);
    assert!(preparer.sentence(&[], None).unwrap().windows.is_empty());
}

#[test]
fn context_comes_from_the_document() {
    let labels = labels(Scheme::Iob2);
    let aligner = Aligner::new(Labelling::First, &labels).unwrap();
    let tokenizer = letters();
    let documents = [document("ab cd / e_B-A / f gh", Scheme::Iob2)];
    for (context, max_length, expected) in [
        (0, 9, ["|abcd|", "|e|", "|fgh|"]),
        (2, 9, ["|abcdef|", "|cdef|", "|efgh|"]),
        (9, 10, ["|abcdefgh|"; 3]),
        (9, 4, ["|ab|", "|e|", "|f|"]),
    ] {
        let dataset = Preparer::new(&tokenizer, &aligner, &labels)
            .context(context)
            .max_length(max_length)
            .stride(0)
            .dataset(&documents)
            .unwrap();
        let shown: Vec<String> = dataset.windows.iter().map(text).collect();
        if max_length > 4 {
            assert_eq!(shown, expected, "{context} {max_length}");
        }
        let of_middle = dataset.windows.iter().find(|w| w.sentence == 1).unwrap();
        let labelled: Vec<_> = of_middle.labelled().map(|p| of_middle.word_ids[p]).collect();
        assert_eq!(labelled, [Some(0)]);
        let known = of_middle.word_ids.iter().flatten().count();
        assert_eq!(known, 1, "context has no word id");
        assert!(dataset.windows.iter().all(|w| w.len() <= max_length));
    }
}

#[test]
fn gold_entities_stay_whole_where_asked() {
    let labels = labels(Scheme::Iob2);
    let aligner = Aligner::new(Labelling::First, &labels).unwrap();
    let tokenizer = letters();
    let documents = [document("a b c d_B-A e_I-A f", Scheme::Iob2)];
    let preparer = Preparer::new(&tokenizer, &aligner, &labels).max_length(6).stride(0);
    let owned = |preparer: &Preparer<'_>| -> Vec<_> {
        let dataset = preparer.dataset(&documents).unwrap();
        dataset.windows.iter().map(|w| (w.owned.start, w.owned.end)).collect()
    };
    assert_eq!(owned(&preparer), [(0, 4), (4, 6)]);
    assert_eq!(owned(&preparer.whole_entities(true)), [(0, 3), (3, 6)]);
}

#[test]
fn faults_have_their_place() {
    let labels = labels(Scheme::Iob2);
    let aligner = Aligner::new(Labelling::First, &labels).unwrap();
    let tokenizer = letters();
    let preparer = Preparer::new(&tokenizer, &aligner, &labels);
    let mut overlapping = document("a b c", Scheme::Iob2);
    let label = Label::new("A").unwrap();
    overlapping.set_id(Some("news".into()));
    overlapping
        .set_entities(vec![Entity::new(0, 2, label.clone()), Entity::new(1, 3, label)])
        .unwrap();
    let error = |documents: &[Document]| preparer.dataset(documents).unwrap_err().to_string();
    assert_eq!(
        error(&[document("x", Scheme::Iob2), overlapping]),
        "document 1 (news): entities A over 0..2 and A over 1..3 overlap"
    );
    assert_eq!(
        error(&[document("x hey!", Scheme::Iob2)]),
        "the tokenizer failed on \"x hey!\": no shouting"
    );
    let error = preparer.max_length(2).dataset(&[]).unwrap_err().to_string();
    assert_eq!(error, "a maximum length of 2 leaves no room beside 2 special tokens");
    let error = preparer.sentence(&["a", "b"], Some(&[Tag::Outside])).unwrap_err().to_string();
    assert_eq!(error, "expected 2 tags, one a word, found 1");
}

/// Random documents of words of zero to seven letters.
pub(super) fn documents() -> impl Strategy<Value = Vec<Document>> {
    let word = (0_usize..8, prop::sample::select(vec!["O", "B-A", "I-A", "-", "B-C"]));
    let sentence = prop::collection::vec(word, 0..12);
    prop::collection::vec(prop::collection::vec(sentence, 0..4), 0..4).prop_map(|documents| {
        let text = |words: &Vec<(usize, &str)>| -> String {
            words
                .iter()
                .map(|(length, tag)| format!("{}-_{tag} ", &"abcdefgh"[..*length]))
                .collect()
        };
        let whole = |sentences: &Vec<_>| sentences.iter().map(text).collect::<Vec<_>>().join("/ ");
        documents.iter().map(|d| document(&whole(d), Scheme::Iob2)).collect()
    })
}

proptest! {
    #[test]
    fn windows_own_each_word_with_subtokens_once(
        documents in documents(),
        max_length in 3_usize..20,
        stride in 0_usize..20,
        context in 0_usize..9,
    ) {
        let labels = labels(Scheme::Iob2);
        let tokenizer = letters();
        let room = max_length - 2;
        for strategy in [Labelling::First, Labelling::Propagate] {
            let aligner = Aligner::new(strategy, &labels).unwrap();
            let dataset = Preparer::new(&tokenizer, &aligner, &labels)
                .max_length(max_length).stride(stride % room).context(context)
                .dataset(&documents).unwrap();
            let mut owned: Vec<Vec<usize>> =
                dataset.sentences.iter().map(|s| vec![0; s.tags.len()]).collect();
            let mut last = (0, None);
            for window in &dataset.windows {
                prop_assert!(window.len() <= max_length);
                prop_assert_eq!(window.word_ids.len(), window.len());
                prop_assert_eq!(window.labels.len(), window.len());
                prop_assert!((window.sentence, Some(window.index)) > last);
                last = (window.sentence, Some(window.index));
                for (_, word) in window.owned_positions(true) {
                    owned[window.sentence][word] += 1;
                }
                for position in window.labelled() {
                    let word = window.word_ids[position].map(|word| word as usize);
                    prop_assert!(word.is_some_and(|word| window.owned.contains(word)));
                    let tag = &dataset.sentences[window.sentence].tags[word.unwrap_or_default()];
                    prop_assert_eq!(usize::try_from(window.labels[position]).ok(), labels.id(tag));
                }
            }
            let with = owned.iter().flatten().filter(|&&times| times == 1).count();
            prop_assert!(owned.iter().flatten().all(|&times| times <= 1));
            prop_assert_eq!(with, dataset.counts.words - dataset.counts.words_without_subtokens);
            let words: usize = documents.iter().map(Document::len).sum();
            prop_assert_eq!(dataset.counts.words, words);
        }
    }

    #[test]
    fn short_sentences_do_not_know_of_windows(documents in documents(), stride in 0_usize..40) {
        let labels = labels(Scheme::Iob2);
        let aligner = Aligner::new(Labelling::First, &labels).unwrap();
        let tokenizer = letters();
        let preparer = Preparer::new(&tokenizer, &aligner, &labels);
        let long = preparer.max_length(500).dataset(&documents).unwrap();
        let short = preparer.max_length(12 * 7 + 2).stride(stride).dataset(&documents).unwrap();
        prop_assert_eq!(long, short);
    }

    #[test]
    fn packed_and_padded_views_agree(documents in documents(), max_length in 3_usize..20) {
        let labels = labels(Scheme::Iob2);
        let aligner = Aligner::new(Labelling::Propagate, &labels).unwrap();
        let tokenizer = letters();
        let dataset = Preparer::new(&tokenizer, &aligner, &labels)
            .max_length(max_length).stride(0).dataset(&documents).unwrap();
        for windows in dataset.windows.chunks(3) {
            let batch = Batch::pack(windows, Rows::Labelled);
            let (ids, mask) = batch.padded_ids(7_777);
            for (row, window) in windows.iter().enumerate() {
                for column in 0..batch.longest() {
                    let id = window.input_ids.get(column).map(|&id| i64::from(id));
                    prop_assert_eq!(ids[(row, column)], id.unwrap_or(7_777));
                    prop_assert_eq!(mask[(row, column)], i64::from(id.is_some()));
                }
            }
            let labelled: Vec<i64> = windows.iter()
                .flat_map(|w| w.labels.iter().copied().filter(|&label| label != IGNORE_INDEX))
                .collect();
            prop_assert_eq!(&batch.targets, &labelled);
            let unpadded: Vec<u32> = ids.iter().zip(&mask).filter(|(_, m)| **m == 1).map(|(id, _)| *id as u32).collect();
            prop_assert_eq!(unpadded, batch.input_ids);
        }
    }
}
