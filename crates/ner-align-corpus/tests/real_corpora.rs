//! Published corpora, where they lie beside the checkout: counts against what their authors state.

#![expect(clippy::print_stdout, reason = "a skipped corpus is named")]

use std::path::PathBuf;

use ner_align_core::Scheme;
use ner_align_corpus::{Corpus, ReadOptions, read_path};

/// The file, or a printed line where it is absent.
fn data(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    if !path.exists() {
        println!("skipped: {name} is not here");
        return None;
    }
    Some(path)
}

/// Documents, sentences, words, entities.
fn counts(corpus: &Corpus) -> [usize; 4] {
    let documents = &corpus.documents;
    [
        documents.len(),
        documents.iter().map(|d| d.sentences().len()).sum(),
        documents.iter().map(|d| d.len()).sum(),
        documents.iter().map(|d| d.entities().len()).sum(),
    ]
}

#[test]
fn counts_and_findings() {
    use Scheme::{Io, Iob2, Iobes};
    // Documents, sentences, words, entities. Those of WNUT-17, WikiGold, NCBI and CrossNER are
    // the published ones.
    type Case = (&'static str, [usize; 4], Scheme, &'static [(&'static str, usize)]);
    let cases: &[Case] = &[
        ("wnut17/wnut17train.conll", [3394, 3394, 62730, 1975], Iob2, &[]),
        ("wnut17/emerging.dev.conll", [1009, 1009, 15733, 836], Iob2, &[]),
        ("wnut17/emerging.test.annotated", [1287, 1287, 23394, 1079], Iob2, &[]),
        ("wikigold/wikigold.conll.txt", [145, 1696, 39007, 3558], Io, &[("zero-for-o", 1)]),
        ("conlleval/ground_truth.txt", [40, 40, 961, 539], Iob2, &[]),
        (
            "bengali-ner/train_data.txt",
            [4612, 4612, 67554, 5826],
            Iob2,
            &[("empty-tag", 4), ("empty-token", 34), ("tag-without-prefix", 1609)],
        ),
        (
            "bengali-ner/test_data.txt",
            [1950, 1950, 29146, 3098],
            Iob2,
            &[("empty-tag", 1), ("ragged-row", 1), ("tag-without-prefix", 729)],
        ),
        (
            "bengali-ner/predicted_label.txt",
            [1950, 1950, 29143, 3098],
            Iob2,
            &[("tag-without-prefix", 728)],
        ),
        ("ncbi-disease/conll/train.tsv", [5432, 5432, 136_086, 5145], Iob2, &[]),
        ("ncbi-disease/conll/devel.tsv", [923, 923, 23969, 787], Iob2, &[]),
        ("ncbi-disease/conll/test.tsv", [940, 940, 24497, 960], Iob2, &[]),
        ("mtl-bio/NCBI-disease-IOB/devel.tsv", [923, 923, 23969, 787], Iob2, &[]),
        ("mtl-bio/NCBI-disease-IOBES/devel.tsv", [923, 923, 23969, 787], Iobes, &[]),
        ("mtl-bio/NCBI-disease-IOBES/test.tsv", [940, 940, 24497, 960], Iobes, &[]),
        // Document marks in comments, the tag in the third of five columns.
        ("uner-ewt/en_ewt-ud-dev.iob2", [318, 2001, 25149, 966], Iob2, &[("columns-guessed", 1)]),
        ("uner-ewt/en_ewt-ud-test.iob2", [316, 2077, 25097, 1088], Iob2, &[("columns-guessed", 1)]),
        ("crossner/ai/train.txt", [100, 100, 3782, 532], Iob2, &[]),
        ("crossner/politics/test.txt", [651, 651, 27585, 4209], Iob2, &[]),
    ];
    for (name, expected, scheme, findings) in cases {
        let Some(path) = data(name) else { continue };
        let corpus = read_path(&path, &ReadOptions::default()).unwrap();
        assert_eq!(counts(&corpus), *expected, "{name}");
        assert_eq!(corpus.documents[0].tags().map(|(_, scheme)| scheme), Some(*scheme), "{name}");
        let found: Vec<(&str, usize)> =
            corpus.finding_counts.iter().map(|(code, count)| (code.as_str(), *count)).collect();
        assert_eq!(found, *findings, "{name}");
    }
}
