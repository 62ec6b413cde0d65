//! Words to labelled windows, against the tokenizer alone on the same words.
//!
//! ```text
//! cargo bench --bench prepare
//! NER_ALIGN_TOKENIZER=path/to/model cargo bench --bench prepare
//! ```
//!
//! The words are drawn from 20,000 made-up ones by Zipf's law, as those of a corpus would be, with
//! a fixed seed; sentences have 5 to 30 words. `bare` is `encode_batch` of the tokenizers crate,
//! which yields ids without labels; `cold` makes labelled windows with a fresh word cache, `warm`
//! with one that has seen the corpus, `uncached` without one. All use all threads.

#![allow(missing_docs, clippy::expect_used, reason = "a bench")]

use std::hint::black_box;
use std::path::PathBuf;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ndarray::Array2;
use ner_align::subword::{Aligner, Constrained, HfTokenizer, Preparer, Strategy};
use ner_align::{Document, Label, LabelSet, Scheme, Tag, TagDecoder};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tokenizers::Tokenizer;

const WORD_TYPES: usize = 20_000;

fn tokenizer_directory() -> PathBuf {
    std::env::var_os("NER_ALIGN_TOKENIZER").map_or_else(
        || {
            PathBuf::from(env!("CARGO_MANIFEST_DIR"))
                .join("crates/ner-align-subword/tests/tokenizers/wordpiece")
        },
        PathBuf::from,
    )
}

fn lexicon(random: &mut ChaCha8Rng) -> Vec<String> {
    let syllables = ["ka", "lo", "mer", "ti", "son", "ber", "ling", "a", "ov", "dre", "in", "st"];
    let syllable = |random: &mut ChaCha8Rng| syllables[random.random_range(0..syllables.len())];
    (0..WORD_TYPES)
        .map(|rank| (0..1 + (rank + 1).ilog2() as usize / 3).map(|_| syllable(random)).collect())
        .collect()
}

/// Documents of ten sentences, `words` words in all.
fn corpus(words: usize) -> Vec<Document> {
    let random = &mut ChaCha8Rng::seed_from_u64(7);
    let lexicon = lexicon(random);
    let person = Label::new("PER");
    let mut documents = Vec::new();
    let mut left = words;
    while left > 0 {
        let (mut builder, mut tags) = (Document::builder(), Vec::new());
        for _ in 0..10 {
            let length = random.random_range(5..=30).min(left);
            left -= length;
            for _ in 0..length {
                // The rank of a word under Zipf's law with exponent 1.
                let rank = (WORD_TYPES as f64).powf(random.random::<f64>()) as usize;
                builder.push_word(&lexicon[rank.min(WORD_TYPES) - 1]);
                let inside = rank.is_multiple_of(10);
                tags.push(match &person {
                    Some(label) if inside => Tag::entity(ner_align::Prefix::Begin, label.clone()),
                    _ => Tag::Outside,
                });
            }
            builder.end_sentence();
        }
        if let Ok(document) = builder.tagged(tags, Scheme::Iob2) {
            documents.push(document);
        }
    }
    documents
}

fn prepare(criterion: &mut Criterion) {
    let directory = tokenizer_directory();
    let mut bare = Tokenizer::from_file(directory.join("tokenizer.json")).expect("a tokenizer");
    bare.with_padding(None);
    bare.with_truncation(None).expect("no truncation");
    let tokenizer = || HfTokenizer::from_dir(&directory).expect("a tokenizer");
    let labels = LabelSet::new(Label::new("PER"), Scheme::Iob2);
    let aligner = Aligner::new(Strategy::First, &labels).expect("no X needed");

    let mut group = criterion.benchmark_group("prepare");
    group.sample_size(10);
    for words in [1_000, 10_000, 100_000] {
        let documents = corpus(words);
        let sentences: Vec<Vec<&str>> = documents
            .iter()
            .flat_map(|document| {
                let words: Vec<&str> = document.words().collect();
                let of = move |s: &ner_align::Sentence| words[s.words.range()].to_vec();
                document.sentences().iter().map(of).collect::<Vec<_>>()
            })
            .collect();
        group.throughput(Throughput::Elements(words as u64));
        group.bench_function(BenchmarkId::new("bare", words), |bencher| {
            bencher.iter_batched(
                || sentences.clone(),
                |sentences| black_box(bare.encode_batch(sentences, true).expect("encodings")),
                BatchSize::LargeInput,
            );
        });
        for (name, bytes, warm) in
            [("uncached", 0, false), ("cold", 64 << 20, false), ("warm", 64 << 20, true)]
        {
            group.bench_function(BenchmarkId::new(name, words), |bencher| {
                let shared = tokenizer().with_cache_bytes(bytes);
                let dataset = |tokenizer: &HfTokenizer| {
                    Preparer::new(tokenizer, &aligner, &labels)
                        .dataset(&documents)
                        .expect("windows")
                };
                if warm || bytes == 0 {
                    dataset(&shared);
                    bencher.iter(|| black_box(dataset(&shared)));
                } else {
                    bencher.iter_batched(
                        || tokenizer().with_cache_bytes(bytes),
                        |fresh| black_box((dataset(&fresh), fresh)),
                        BatchSize::LargeInput,
                    );
                }
            });
        }
    }
    group.finish();
}

fn decode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("constrained");
    for (types, scheme) in [(4, Scheme::Iob2), (17, Scheme::Iob2), (17, Scheme::Biluo)] {
        let names: Vec<String> = (0..types).map(|number| format!("T{number}")).collect();
        let labels = LabelSet::new(names.iter().filter_map(|name| Label::new(name)), scheme);
        let decoder = Constrained::new(&labels);
        let mut random = ChaCha8Rng::seed_from_u64(7);
        let scores =
            Array2::from_shape_simple_fn((1_000, labels.len()), || -9.0 * random.random::<f32>());
        group.throughput(Throughput::Elements(1_000));
        group.bench_with_input(
            BenchmarkId::new(scheme.as_str(), labels.len()),
            &scores,
            |bencher, scores| bencher.iter(|| black_box(decoder.decode(scores.view()))),
        );
    }
    group.finish();
}

criterion_group!(benches, prepare, decode);
criterion_main!(benches);
