//! Speed of reading columns, by the size of the corpus and by what the columns hold.
//!
//! ```text
//! cargo bench --bench conll
//! ```

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ner_align::CorpusReader;
use ner_align::corpus::formats::conll::{ConllOptions, ConllReader};

const WORDS: &[(&str, &str)] = &[
    ("The", "O"),
    ("engineer", "O"),
    ("Ada", "B-PER"),
    ("Lovelace", "I-PER"),
    ("wrote", "O"),
    ("programs", "O"),
    ("in", "O"),
    ("Saint-Étienne", "B-LOC"),
    (",", "O"),
    ("for", "O"),
    ("the", "O"),
    ("Analytical", "B-PRODUCT"),
    ("Engine", "I-PRODUCT"),
    (".", "O"),
];

/// Sentences of 14 words, at least `bytes` in all; `middle` stands between word and tag.
fn corpus(bytes: usize, middle: &str) -> String {
    let mut text = String::with_capacity(bytes + 1024);
    while text.len() < bytes {
        for (word, tag) in WORDS {
            text.push_str(word);
            text.push_str(middle);
            text.push_str(tag);
            text.push('\n');
        }
        text.push('\n');
    }
    text
}

fn read(text: &str, sentences_per_document: usize) -> usize {
    let options = ConllOptions::default().with_sentences_per_document(sentences_per_document);
    let Ok(mut reader) = ConllReader::from_reader(text.as_bytes(), "bench", options) else {
        return 0;
    };
    reader.documents().filter_map(Result::ok).map(|document| document.len()).sum()
}

fn reading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("conll/read");
    for (columns, middle) in [("2 by tab", "\t"), ("4 by space", " NNP I-NP ")] {
        for (size, bytes) in [("100 kB", 100_000), ("1 MB", 1_000_000), ("20 MB", 20_000_000)] {
            let text = corpus(bytes, middle);
            group.throughput(Throughput::Bytes(text.len() as u64)).sample_size(20);
            for sentences in [1, 10] {
                let id = BenchmarkId::new(format!("{columns}, {sentences} a document"), size);
                group.bench_with_input(id, &text, |bencher, text| {
                    bencher.iter(|| read(black_box(text), sentences));
                });
            }
        }
    }
    group.finish();
}

criterion_group!(benches, reading);
criterion_main!(benches);
