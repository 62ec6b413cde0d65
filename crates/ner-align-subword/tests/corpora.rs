//! Published corpora, which `NER_ALIGN_DATA` names: no word is lost on the way.

#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "../../../tests/published/mod.rs"]
mod published;

use std::path::Path;

use ner_align_core::{Dataset, Document, IGNORE_INDEX, LabelSet, Scheme, SchemeDetector, Tag};
use ner_align_subword::{Aligner, HfTokenizer, Preparer, Strategy};
use published::data;

const FILES: [&str; 5] = [
    "wnut17/wnut17train.conll",
    "wnut17/emerging.dev.conll",
    "bengali-ner/train_data.txt",
    "mtl-bio/NCBI-disease-IOBES/test.tsv",
    "crossner/science/test.txt",
];

/// One document of all sentences: tabbed columns, blank lines between sentences, and whatever is no
/// tag read as missing. The corpus crate reads such files with more care.
fn document(path: &Path) -> Document {
    let mut builder = Document::builder();
    let (mut tags, mut detector, mut start) = (Vec::new(), SchemeDetector::default(), 0);
    for line in std::fs::read_to_string(path).unwrap().lines() {
        if line.trim().is_empty() {
            builder.end_sentence();
            detector.observe(&tags[start..]);
            start = tags.len();
        } else {
            let (word, tag) = line.split_once('\t').unwrap_or((line, ""));
            builder.push_word(word);
            tags.push(Tag::parse(tag).unwrap_or(Tag::Missing));
        }
    }
    builder.tagged(tags, detector.scheme()).unwrap()
}

#[test]
#[ignore = "reads published corpora: set NER_ALIGN_DATA to their folder"]
fn every_word_of_a_corpus_has_its_label_once() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tokenizers");
    for name in ["byte-level", "unigram", "wordpiece"] {
        let tokenizer = HfTokenizer::from_dir(directory.join(name)).unwrap();
        for path in FILES.map(data) {
            let document = document(&path);
            let (tags, scheme) = document.tags().unwrap();
            let types = tags.iter().filter_map(|tag| tag.label().cloned());
            let labels = LabelSet::new(types, scheme);
            let aligner = Aligner::new(Strategy::First, &labels).unwrap();
            let preparer = Preparer::new(&tokenizer, &aligner, &labels);
            let documents = [document.clone()];
            let place = format!("{name} {} {scheme}", path.display());

            let whole = preparer.max_length(1 << 20).dataset(&documents).unwrap();
            let cut = preparer.max_length(48).stride(12).dataset(&documents).unwrap();
            let words = labels_of_words(&whole, &place);
            assert_eq!(words, labels_of_words(&cut, &place), "{place}");
            assert_eq!(whole.counts.windowed_sentences, 0, "{place}");
            assert!(cut.counts.windowed_sentences > 0, "{place}");
            assert_eq!(whole.counts.words, document.len(), "{place}");
            let labelled = words.iter().flatten().count();
            let missing = tags.iter().filter(|tag| **tag == Tag::Missing).count();
            let lost = whole.counts.words_without_subtokens;
            assert!(labelled + missing + lost >= document.len(), "{place}");
            assert!(lost * 100 < document.len(), "{place}: {lost} of {}", document.len());
            assert_ne!(scheme, Scheme::Io, "{place}");
        }
    }
}

/// The class that each word of each sentence is trained with; asserts that there is one at most.
fn labels_of_words(dataset: &Dataset, place: &str) -> Vec<Option<usize>> {
    let mut classes: Vec<Vec<Option<usize>>> =
        dataset.sentences.iter().map(|sentence| vec![None; sentence.tags.len()]).collect();
    for window in &dataset.windows {
        for (position, word) in window.owned_positions(true) {
            let label = window.labels[position];
            if label == IGNORE_INDEX {
                continue;
            }
            let class = &mut classes[window.sentence][word];
            assert_eq!(*class, None, "{place}: word {word} of sentence {}", window.sentence);
            *class = usize::try_from(label).ok();
            let tag = &dataset.sentences[window.sentence].tags[word];
            assert_eq!(*class, dataset.labels.id(tag), "{place}");
        }
    }
    classes.concat()
}
