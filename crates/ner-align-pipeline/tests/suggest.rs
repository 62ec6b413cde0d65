//! Which documents are chosen, by probabilities and by a model.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod counting;

use std::collections::HashSet;
use std::io;

use counting::{fixture, predictor};
use ndarray::{Array2, array};
use ner_align_core::{CorpusReader, Document, Label, LabelSet, Scheme, Tag, TransitionScores};
use ner_align_corpus::{ReadOptions, open, read_path};
use ner_align_pipeline::suggest::{Candidate, CandidateBuilder, Chosen, Uncertainty, rank};
use ner_align_pipeline::{FaultKind, PipelineError};
use proptest::prelude::*;

fn labels() -> LabelSet {
    LabelSet::new(Label::new("LOC"), Scheme::Iob2)
}

fn tags(names: &[&str]) -> Vec<Tag> {
    names.iter().map(|name| Tag::parse(name).unwrap()).collect()
}

fn candidate(measure: Uncertainty, probabilities: &Array2<f32>, chosen: &[&str]) -> Candidate {
    let labels = labels();
    let mut builder = CandidateBuilder::new(measure, &labels);
    let words = ["New", "York", "is", "Paris"];
    builder.add_sentence(&words[..chosen.len()], probabilities.view(), &tags(chosen), None);
    builder.finish()
}

#[test]
fn measures_are_those_of_the_papers() {
    let unsure = array![[0.25_f32, 0.5, 0.25], [1.0, 0.0, 0.0]];
    let even = Array2::from_elem((2, 3), 1.0_f32 / 3.0);
    let sure = array![[0.0_f32, 1.0, 0.0], [1.0, 0.0, 0.0]];
    let ln = f64::ln;
    for (measure, of_unsure, of_even) in [
        (Uncertainty::Total, ln(2.0), 2.0 * ln(3.0)),
        (Uncertainty::Mnlp, ln(2.0) / 2.0, ln(3.0)),
        (Uncertainty::Margin, 0.75 / 2.0, 1.0),
        (Uncertainty::Entropy, 1.5 * ln(2.0) / ln(3.0) / 2.0, 1.0),
    ] {
        for (probabilities, expected) in [(&unsure, of_unsure), (&even, of_even), (&sure, 0.0)] {
            let found = candidate(measure, probabilities, &["B-LOC", "O"]);
            assert!((found.uncertainty - expected).abs() < 1e-6, "{measure}: {found:?}");
        }
    }
}

#[test]
fn mentions_have_the_shares_of_their_words() {
    let probabilities =
        array![[0.0_f32, 0.5, 0.5], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.5, 0.5, 0.0],];
    // An entity, and a word that is none but could be.
    let found = candidate(Uncertainty::Mnlp, &probabilities, &["B-LOC", "I-LOC", "O", "O"]);
    let doubts: Vec<(&str, f64)> =
        found.doubts.iter().map(|doubt| (doubt.surface.as_str(), doubt.share)).collect();
    assert_eq!(doubts, [("new york", 0.5), ("paris", 0.5)]);
    // A word that the model did not see is no question.
    let unseen = Array2::from_elem((2, 3), f32::NAN);
    for measure in Uncertainty::ALL {
        let found = candidate(*measure, &unseen, &["O", "O"]);
        assert_eq!((found.uncertainty, found.doubts.len()), (0.0, 0), "{measure}");
    }
}

#[test]
fn a_chain_has_the_probability_of_its_path() {
    let labels = labels();
    let chain = TransitionScores::new(
        array![[0.5_f32, -0.5, -2.0], [0.1, -0.3, 0.9], [0.0, 0.0, 0.4]],
        vec![0.3, -0.2, -3.0],
        vec![0.0, 0.1, 0.2],
    )
    .unwrap();
    let scores = array![[-0.5_f32, -1.5, -1.8], [-1.0, -0.9, -1.4]];
    let path = -chain.negative_log_likelihood(scores.view(), &[1, 2]);
    let found = |measure| {
        let mut builder = CandidateBuilder::new(measure, &labels);
        let (words, own) = (["New", "York"], tags(&["B-LOC", "I-LOC"]));
        let marginals = chain.marginals(scores.view());
        builder.add_sentence(&words, marginals.view(), &own, Some(path));
        builder.finish()
    };
    assert!((found(Uncertainty::Total).uncertainty + path).abs() < 1e-6);
    assert!((found(Uncertainty::Mnlp).uncertainty + path / 2.0).abs() < 1e-6);
    assert!((found(Uncertainty::Mnlp).doubts[0].share - 1.0).abs() < 1e-6);
}

/// The definition: at each turn the candidate that is worth most.
fn by_definition(candidates: &[Candidate], count: usize) -> Vec<(usize, f64)> {
    let mut asked = HashSet::new();
    let mut left: Vec<usize> = (0..candidates.len()).collect();
    let mut chosen = Vec::new();
    while chosen.len() < count && !left.is_empty() {
        let worth = |index: usize| {
            let own = &candidates[index];
            let lost = own.doubts.iter().filter(|d| asked.contains(&d.surface)).map(|d| d.share);
            own.uncertainty * (1.0 - lost.sum::<f64>()).max(0.0)
        };
        let best = left.iter().fold(left[0], |a, &b| if worth(b) > worth(a) { b } else { a });
        chosen.push((best, worth(best)));
        left.retain(|&index| index != best);
        asked.extend(candidates[best].doubts.iter().map(|doubt| doubt.surface.clone()));
    }
    chosen
}

proptest! {
    #[test]
    fn the_ranking_is_the_greedy_choice(
        documents in prop::collection::vec(
            (0_u8..5, prop::collection::btree_map("[a-d]", 0_u8..4, 0..3)),
            0..12,
        ),
        count in 0_usize..14,
    ) {
        let candidates: Vec<Candidate> = documents
            .into_iter()
            .map(|(worth, doubts)| {
                let doubts = doubts.into_iter().map(|(own, share)| (own, f64::from(share) / 8.0));
                Candidate::new(f64::from(worth), doubts)
            })
            .collect();
        let ranked = rank(&candidates, count);
        let found: Vec<(usize, f64)> =
            ranked.iter().map(|&Chosen { index, score, .. }| (index, score)).collect();
        prop_assert_eq!(&found, &by_definition(&candidates, count));
        prop_assert!(found.windows(2).all(|pair| pair[0].1 >= pair[1].1));
    }
}

#[test]
fn what_is_asked_once_is_not_asked_twice() {
    let of = |worth, doubts: &[(&str, f64)]| {
        Candidate::new(worth, doubts.iter().map(|(own, share)| ((*own).to_owned(), *share)))
    };
    let oslo = [("oslo", 0.9)];
    let candidates = [of(3.0, &oslo), of(2.9, &oslo), of(1.0, &[("rome", 1.0)]), of(2.8, &oslo)];
    let order: Vec<usize> = rank(&candidates, 9).iter().map(|own| own.index).collect();
    assert_eq!(order, [0, 2, 1, 3]);
}

#[test]
fn a_model_chooses_the_same_whatever_is_annotated() {
    let predictor = predictor();
    let path = fixture("postings/postings-dev.tsv");
    let read = read_path(&path, &ReadOptions::default()).unwrap().documents;
    for measure in Uncertainty::ALL {
        let suggest = |count| {
            let mut reader = open(&path, &ReadOptions::default()).unwrap();
            predictor.suggest(&mut reader, "dev", count, *measure).unwrap()
        };
        let (ten, all) = (suggest(10), suggest(usize::MAX));
        assert_eq!((ten.documents.len(), ten.read), (10, read.len()));
        assert_eq!(ten.documents, all.documents[..10], "{measure}");
        let mut indices: Vec<usize> = all.documents.iter().map(|(own, _)| own.index).collect();
        indices.sort_unstable();
        assert_eq!(indices, (0..read.len()).collect::<Vec<_>>());
        let mut annotated: Vec<Document> =
            ten.documents.iter().map(|(own, _)| read[own.index].clone()).collect();
        predictor.annotate(&mut annotated).unwrap();
        let found: Vec<&Document> = ten.documents.iter().map(|(_, document)| document).collect();
        assert_eq!(found, annotated.iter().collect::<Vec<_>>(), "{measure}");
        assert!(ten.documents[0].0.score > all.documents[read.len() - 1].0.score);
    }
}

/// Gives these documents.
struct Given(std::vec::IntoIter<Document>);

impl CorpusReader for Given {
    type Error = io::Error;

    fn read_document(&mut self) -> io::Result<Option<Document>> {
        Ok(self.0.next())
    }
}

#[test]
fn there_must_be_something_to_choose() {
    let predictor = predictor();
    let (text, empty) = (predictor.document("Python").unwrap(), predictor.document(" ").unwrap());
    for (documents, count, expected) in [
        (vec![], 5, "in.txt: expected documents with words, found no documents"),
        (vec![&empty], 5, "in.txt: expected documents with words, found a document without words"),
        (
            vec![&empty, &empty],
            5,
            "in.txt: expected documents with words, found 2 documents without words",
        ),
        (vec![&text], 0, "in.txt: expected 1 or more documents to choose, found 0"),
    ] {
        let documents: Vec<Document> = documents.into_iter().cloned().collect();
        let mut reader = Given(documents.into_iter());
        let error: PipelineError =
            predictor.suggest(&mut reader, "in.txt", count, Uncertainty::Mnlp).unwrap_err();
        assert_eq!((error.to_string().as_str(), error.kind()), (expected, FaultKind::Input));
    }
    // What has no words is not chosen.
    let mut reader = Given(vec![empty.clone(), text, empty].into_iter());
    let found = predictor.suggest(&mut reader, "in.txt", 5, Uncertainty::Mnlp).unwrap();
    let indices: Vec<usize> = found.documents.iter().map(|(own, _)| own.index).collect();
    assert_eq!((indices.as_slice(), found.read), ([1].as_slice(), 3));
}
