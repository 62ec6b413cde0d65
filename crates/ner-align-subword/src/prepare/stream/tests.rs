//! Streams: order, faults, threads.

use ner_align_core::{AlignmentCounts, Entity, Label, LabelSet, Scheme};
use proptest::prelude::*;

use super::super::tests::{Letters, document, documents, labels, letters};
use super::*;
use crate::{Aligner, Strategy};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    // Long enough for several shares.
    #[test]
    fn a_stream_gives_what_the_whole_gives(
        documents in documents(), times in 1_usize..3_000, fault in any::<bool>(),
    ) {
        let labels = labels(Scheme::Iob2);
        let aligner = Aligner::new(Strategy::First, &labels).unwrap();
        let tokenizer = letters();
        let preparer = Preparer::new(&tokenizer, &aligner, &labels).max_length(9).stride(2);
        let documents: Vec<Document> =
            documents.iter().cycle().take(documents.len() * times).cloned().collect();
        let whole = preparer.dataset(&documents).unwrap();
        let mut found = Dataset { sentences: vec![], windows: vec![], ..whole.clone() };
        found.counts = AlignmentCounts::default();
        let mut rest = documents.into_iter();
        let end = SubwordError::TagCount { tags: 7, words: 8 };
        let mut end = fault.then_some(end);
        let mut next = || match rest.next() {
            None if end.is_some() => Err(end.take().unwrap()),
            document => Ok(document),
        };
        let result = preparer.stream(&mut next, |part| {
            let before = found.sentences.len();
            found.counts.add(&part.counts);
            found.sentences.extend(part.sentences);
            found.windows.extend(part.windows.into_iter().map(|mut window| {
                window.sentence += before;
                window
            }));
            Ok(())
        });
        prop_assert_eq!(found, whole);
        let is_fault = matches!(result, Err(SubwordError::TagCount { tags: 7, words: 8 }));
        prop_assert_eq!(is_fault, fault);
    }
}

/// Calls `run` with a preparer, and documents of a word each that are two shares and more.
fn on_shares(run: impl FnOnce(Preparer<'_>, Vec<Document>)) {
    let labels: LabelSet = labels(Scheme::Iob2);
    let aligner = Aligner::new(Strategy::First, &labels).unwrap();
    let tokenizer: Letters = letters();
    let preparer = Preparer::new(&tokenizer, &aligner, &labels);
    run(preparer, vec![document("ab", Scheme::Iob2); 2 * WORDS_PER_SHARE + 9]);
}

#[test]
fn a_thread_that_is_alone_in_its_pool_does_all() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    on_shares(|preparer, documents| {
        let (mut rest, mut windows) = (documents.iter().cloned(), Vec::new());
        let count = |dataset: Dataset| dataset.windows.len();
        let result: Result<(), SubwordError> = pool.install(|| {
            preparer.stream_map(&mut || Ok(rest.next()), count, |count| {
                windows.push(count);
                Ok(())
            })
        });
        result.unwrap();
        assert_eq!(windows, [WORDS_PER_SHARE, WORDS_PER_SHARE, 9]);
    });
}

#[test]
fn a_fault_names_the_document_of_the_whole_and_ends_before_its_share() {
    on_shares(|preparer, mut documents| {
        // Two entities of the same words have no tags.
        let mut faulty = document("ab cd", Scheme::Iob2);
        let at = WORDS_PER_SHARE + 5;
        let entity = |label| Entity::new(0, 2, Label::new(label).unwrap());
        faulty.set_entities(vec![entity("A"), entity("B")]).unwrap();
        documents[at] = faulty;
        let (mut rest, mut windows) = (documents.into_iter(), 0);
        let result = preparer.stream(&mut || Ok(rest.next()), |dataset| {
            windows += dataset.windows.len();
            Ok(())
        });
        let error: SubwordError = result.unwrap_err();
        assert!(
            matches!(error, SubwordError::Scheme { document, .. } if document == at),
            "{error}"
        );
        assert_eq!(windows, WORDS_PER_SHARE);
    });
}

#[test]
#[should_panic(expected = "of the work")]
fn a_panic_of_the_work_is_passed_on() {
    on_shares(|preparer, documents| {
        let mut rest = documents.into_iter();
        let work = |_: Dataset| -> usize { panic!("of the work") };
        let _: Result<(), SubwordError> =
            preparer.stream_map(&mut || Ok(rest.next()), work, |_| Ok(()));
    });
}
