//! How many words a second the scorers count, and how long resampling takes.
//!
//! Data: sentences of 5 to 45 words (25 on average), nine entities in a hundred words as in news
//! text, of four types in IOB2; one predicted tag in twenty is redrawn, which leaves a strict F1 of
//! 75. Seeded.
//!
//! ```text
//! cargo bench --bench scoring
//! ```

#![allow(missing_docs, clippy::unwrap_used, reason = "a bench")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ner_align::metrics::resampling::Resampling;
use ner_align::metrics::{ClassScorer, Scorer, compat};
use ner_align::{DecodeMode, Label, LabelSet, Metric, Scheme, Tag};

struct Data {
    labels: LabelSet,
    gold: Vec<u16>,
    predicted: Vec<u16>,
    boundaries: Vec<usize>,
}

struct Random(u64);

impl Random {
    /// A number below `bound` (xorshift64*).
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % bound
    }
}

fn data(words: usize) -> Data {
    let types = ["LOC", "MISC", "ORG", "PER"].iter().filter_map(|name| Label::new(name));
    let labels = LabelSet::new(types, Scheme::Iob2);
    let mut random = Random(7);
    let (mut gold, mut boundaries) = (Vec::with_capacity(words), vec![0]);
    while gold.len() < words {
        let end = (gold.len() + 5 + random.below(41) as usize).min(words);
        while gold.len() < end {
            if random.below(100) < 10 {
                let class = 1 + 2 * random.below(4) as u16;
                let length = 1 + random.below(3) as usize;
                gold.push(class);
                (1..length.min(end + 1 - gold.len())).for_each(|_| gold.push(class + 1));
            } else {
                gold.push(0);
            }
        }
        boundaries.push(end);
    }
    let other = |class: u16| if random.below(20) == 0 { random.below(9) as u16 } else { class };
    let predicted = gold.iter().copied().map(other).collect();
    Data { labels, gold, predicted, boundaries }
}

fn classes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("classes");
    group.sample_size(10);
    for words in [100_000, 10_000_000] {
        let data = data(words);
        group.throughput(Throughput::Elements(words as u64));
        group.bench_with_input(BenchmarkId::new("one thread", words), &data, |bencher, data| {
            bencher.iter(|| {
                let mut scorer = ClassScorer::new(&data.labels, DecodeMode::Lenient);
                for pair in data.boundaries.windows(2) {
                    let range = pair[0]..pair[1];
                    scorer.update(&data.gold[range.clone()], &data.predicted[range]).unwrap();
                }
                scorer.compute().strict().micro.f1
            });
        });
        group.bench_with_input(BenchmarkId::new("all threads", words), &data, |bencher, data| {
            bencher.iter(|| {
                let mut scorer = ClassScorer::new(&data.labels, DecodeMode::Lenient);
                scorer.update_packed(&data.gold, &data.predicted, &data.boundaries).unwrap();
                scorer.compute().strict().micro.f1
            });
        });
    }
    group.finish();
}

fn tags(criterion: &mut Criterion) {
    let words = 1_000_000;
    let data = data(words);
    let tags = |ids: &[u16]| -> Vec<Tag> {
        ids.iter().map(|&id| data.labels.tag(usize::from(id)).unwrap().clone()).collect()
    };
    let (gold, predicted) = (tags(&data.gold), tags(&data.predicted));
    let mut group = criterion.benchmark_group("tags");
    group.sample_size(10).throughput(Throughput::Elements(words as u64));
    group.bench_function(BenchmarkId::new("one thread", words), |bencher| {
        bencher.iter(|| {
            let mut scorer = Scorer::new(Scheme::Iob2, DecodeMode::Lenient);
            for pair in data.boundaries.windows(2) {
                scorer.update(&gold[pair[0]..pair[1]], &predicted[pair[0]..pair[1]]).unwrap();
            }
            scorer.compute().strict().micro.f1
        });
    });
    let name = |ids: &[u16]| -> Vec<Vec<&str>> {
        let names = data.labels.names();
        let sentence = |pair: &[usize]| {
            ids[pair[0]..pair[1]].iter().map(|&id| names[usize::from(id)].as_str()).collect()
        };
        data.boundaries.windows(2).map(sentence).collect()
    };
    let (gold, predicted) = (name(&data.gold), name(&data.predicted));
    for tool in compat::Tool::ALL {
        group.bench_function(BenchmarkId::new(tool.as_str(), words), |bencher| {
            bencher.iter(|| tool.run(&gold, &predicted, Some(Scheme::Iob2)).unwrap());
        });
    }
    group.finish();
}

fn resampling(criterion: &mut Criterion) {
    let words = 1_000_000;
    let data = data(words);
    let mut scorer = ClassScorer::new(&data.labels, DecodeMode::Lenient).recording_units();
    scorer.update_packed(&data.gold, &data.predicted, &data.boundaries).unwrap();
    let scorer = scorer.into_scorer();
    let mut group = criterion.benchmark_group("resampling");
    group.sample_size(10);
    group.bench_function(BenchmarkId::new("bootstrap 10,000", words), |bencher| {
        bencher.iter(|| Resampling::new(1).bootstrap(scorer.units()).unwrap());
    });
    group.bench_function(BenchmarkId::new("compare 10,000", words), |bencher| {
        bencher.iter(|| Resampling::new(1).compare(scorer.units(), scorer.units()).unwrap());
    });
    group.finish();
}

criterion_group!(benches, classes, tags, resampling);
criterion_main!(benches);
