//! Subtokens and labels against those of `transformers`, for three kinds of tokenizers.
//!
//! `oracles/against_transformers.py` made the sample and compares whole corpora.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::path::{Path, PathBuf};

use ndarray::{Array2, ArrayView1, Axis};
use ner_align_core::{Label, LabelSet, Rows, Scheme, SubwordTokenizer, Tag, TagDecoder};
use ner_align_subword::{Aggregate, Aligner, Argmax, HfTokenizer, Preparer, Strategy, WordScorer};
use serde_json::Value;

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn list<T>(value: &Value, item: impl Fn(&Value) -> T) -> Vec<T> {
    value.as_array().unwrap().iter().map(item).collect()
}

fn sample(name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(tests().join(name)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn tags(line: &Value) -> Vec<Tag> {
    list(&line["tags"], |tag| Tag::parse(tag.as_str().unwrap()).unwrap())
}

#[test]
fn subtokens_and_labels_are_those_of_transformers() {
    let sample = sample("transformers.jsonl");
    let types: Vec<Label> =
        sample.iter().flat_map(tags).filter_map(|t| t.label().cloned()).collect();
    let labels = LabelSet::new(types, Scheme::Iob2);
    let mut compared = 0;
    for name in ["byte-level", "unigram", "wordpiece"] {
        let tokenizer = HfTokenizer::from_dir(tests().join("tokenizers").join(name)).unwrap();
        for line in sample.iter().filter(|line| line["tokenizer"] == name) {
            let words = list(&line["words"], |word| word.as_str().unwrap().to_owned());
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let input_ids = list(&line["input_ids"], |id| id.as_u64().unwrap() as u32);
            let word_ids = list(&line["word_ids"], |id| id.as_u64().map(|id| id as u32));
            for strategy in [Strategy::First, Strategy::Propagate, Strategy::PropagateInside] {
                let aligner = Aligner::new(strategy, &labels).unwrap();
                let prepared = Preparer::new(&tokenizer, &aligner, &labels)
                    .sentence(&words, Some(&tags(line)))
                    .unwrap();
                let Some(window) = prepared.windows.first() else {
                    // A sentence without subtokens has no window; there it is special tokens.
                    assert_eq!(input_ids.len(), tokenizer.special_tokens().count());
                    continue;
                };
                let expected = list(&line[strategy.as_str()], |label| label.as_i64().unwrap());
                assert_eq!(window.input_ids, input_ids, "{name} {words:?}");
                assert_eq!(window.word_ids, word_ids, "{name} {words:?}");
                assert_eq!(window.labels, expected, "{name} {strategy} {words:?}");
                compared += 1;
            }
        }
    }
    assert!(compared > 160, "{compared}");
}

#[test]
fn what_the_files_say_beside_the_vocabulary() {
    for (name, length, unknown, pad, mask) in [
        ("byte-level", Some(512), None, 1, Some(4)),
        ("unigram", None, Some(3), 1, Some(4)),
        ("wordpiece", Some(512), Some(1), 0, Some(4)),
    ] {
        let tokenizer = HfTokenizer::from_dir(tests().join("tokenizers").join(name)).unwrap();
        assert_eq!(tokenizer.model_max_length(), length, "{name}");
        assert_eq!(tokenizer.unknown_id(), unknown, "{name}");
        assert_eq!(tokenizer.special_tokens().pad, pad, "{name}");
        assert_eq!(tokenizer.special_tokens().mask, mask, "{name}");
    }
}

#[test]
fn a_saved_tokenizer_is_the_same() {
    for name in ["byte-level", "unigram", "wordpiece"] {
        let tokenizer = HfTokenizer::from_dir(tests().join("tokenizers").join(name)).unwrap();
        let directory = tempfile::tempdir().unwrap();
        tokenizer.save(directory.path()).unwrap();
        let again = HfTokenizer::from_dir(directory.path()).unwrap();
        assert_eq!(again.special_tokens(), tokenizer.special_tokens());
        assert_eq!(again.model_max_length(), tokenizer.model_max_length());
        assert_eq!(again.vocabulary_size(), tokenizer.vocabulary_size());
        for line in sample("transformers.jsonl").iter().filter(|line| line["tokenizer"] == name) {
            let words = list(&line["words"], |word| word.as_str().unwrap().to_owned());
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let encode = |tokenizer: &HfTokenizer| {
                let mut encoding = ner_align_core::Encoding::new();
                tokenizer.encode_words(&words, &mut encoding).unwrap();
                encoding
            };
            assert_eq!(encode(&again), encode(&tokenizer), "{name} {words:?}");
        }
    }
}

#[test]
fn words_score_as_in_the_token_classification_pipeline() {
    let labels =
        LabelSet::new(["LOC", "PER"].iter().filter_map(|name| Label::new(name)), Scheme::Iob2);
    let aligner = Aligner::new(Strategy::First, &labels).unwrap();
    let decoder = Argmax::new(&labels);
    for line in sample("pipeline.jsonl") {
        let rows = list(&line["logits"], |row| list(row, |x| x.as_f64().unwrap() as f32));
        let mut logits = Array2::zeros((0, labels.len()));
        rows.iter().for_each(|row| logits.push_row(ArrayView1::from(row)).unwrap());
        for aggregate in Aggregate::ALL {
            let scorer = WordScorer::new(aggregate, &aligner, &labels);
            let seen = if scorer.rows() == Rows::FirstOfOwned { 1 } else { logits.nrows() };
            let word = scorer.word(logits.slice(ndarray::s![..seen, ..]));
            let found = decoder.decode(ArrayView1::from(&word).insert_axis(Axis(0)))[0];
            let expected = &line[aggregate.as_str()];
            assert_eq!(found as u64, expected["class"], "{aggregate} {line}");
            let score = f64::from(word[found].exp());
            // Theirs are f32 from the softmax on.
            assert!(
                (score - expected["score"].as_f64().unwrap()).abs() < 1e-6,
                "{aggregate} {line}"
            );
        }
    }
}
