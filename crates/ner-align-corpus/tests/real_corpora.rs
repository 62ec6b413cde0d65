//! Published corpora, which `NER_ALIGN_DATA` names: counts against what their authors state.

#[path = "../../../tests/published/mod.rs"]
mod published;

use std::collections::BTreeMap;

use ner_align_core::{Document, Scheme};
use ner_align_corpus::{CharMap, Corpus, Format, ReadOptions, WriteOptions, create, read_path};
use published::data;

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
#[ignore = "reads published corpora: set NER_ALIGN_DATA to their folder"]
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
        let path = data(name);
        let corpus = read_path(&path, &ReadOptions::default()).unwrap();
        assert_eq!(counts(&corpus), *expected, "{name}");
        assert_eq!(corpus.documents[0].tags().map(|(_, scheme)| scheme), Some(*scheme), "{name}");
        let found: Vec<(&str, usize)> =
            corpus.finding_counts.iter().map(|(code, count)| (code.as_str(), *count)).collect();
        assert_eq!(found, *findings, "{name}");
    }
}

#[test]
#[ignore = "reads published corpora: set NER_ALIGN_DATA to their folder"]
fn spacys_own_examples() {
    for (name, expected, scheme, findings) in [
        (
            "spacy-json/training-data.json",
            [1, 2, 54, 11],
            Scheme::Biluo,
            &["not-kept", "raw-without-tokens"][..],
        ),
        (
            "spacy-json/ner_example_data/ner-token-per-line-with-pos.json",
            [1, 3, 66, 7],
            Scheme::Biluo,
            &["not-kept"],
        ),
    ] {
        let path = data(name);
        let corpus = read_path(&path, &ReadOptions::default()).unwrap();
        assert_eq!(counts(&corpus), expected, "{name}");
        assert_eq!(corpus.documents[0].tags().map(|(_, scheme)| scheme), Some(scheme), "{name}");
        let found: Vec<&str> = corpus.finding_counts.keys().map(String::as_str).collect();
        assert_eq!(found, findings, "{name}");
    }
}

/// A document's text without white space, and its spans in it, which columns and a text have in
/// common whatever their words.
fn squeezed(document: &Document) -> (String, Vec<(usize, usize)>) {
    let text = document.text();
    let map = CharMap::new(text);
    let entities = document.entities().iter().map(|entity| document.bytes_of(entity.span));
    let others = document.unaligned().iter().filter_map(|span| map.bytes_of(span.pieces[0]));
    let dense = |to: usize| text[..to].chars().filter(|c| !c.is_whitespace()).count();
    let mut spans: Vec<(usize, usize)> =
        entities.chain(others).map(|bytes| (dense(bytes.start), dense(bytes.end))).collect();
    spans.sort_unstable();
    (text.chars().filter(|c| !c.is_whitespace()).collect(), spans)
}

#[test]
#[ignore = "reads published corpora: set NER_ALIGN_DATA to their folder"]
fn standoff_and_columns_of_ncbi_agree() {
    // Words are cut at hyphens, as in "HD-associated" and "VHL-mediated", of which entities are a
    // part. mtl-bio's columns have the same words and entities.
    for (part, entities) in [("devel", 787), ("test", 960)] {
        let folder = data(&format!("ncbi-disease/standoff/{part}"));
        let standoff = read_path(&folder, &ReadOptions::default()).unwrap();
        assert_eq!(standoff.documents.len(), 100);
        assert_eq!(standoff.finding_counts.get("surface-mismatch"), None);
        assert_eq!(standoff.finding_counts.get("span-inside-word"), None);
        let (mut text, mut spans) = (String::new(), Vec::new());
        // The columns are in the order of names as text, not as numbers.
        let mut documents = standoff.documents;
        documents.sort_by(|a, b| a.id().cmp(&b.id()));
        for document in &documents {
            let before = text.chars().count();
            let (more, own) = squeezed(document);
            text.push_str(&more);
            spans.extend(own.into_iter().map(|(start, end)| (start + before, end + before)));
        }
        assert_eq!(spans.len(), entities, "{part}");
        for columns in
            ["ncbi-disease/conll", "mtl-bio/NCBI-disease-IOB", "mtl-bio/NCBI-disease-IOBES"]
        {
            let columns = data(&format!("{columns}/{part}.tsv"));
            let options = ReadOptions::default().with_sentences_per_document(0);
            let columns = read_path(&columns, &options).unwrap();
            let (dense, tagged) = squeezed(&columns.documents[0]);
            assert!(dense == text && tagged == spans, "{part}");
        }
    }
}

#[test]
#[ignore = "reads published corpora: set NER_ALIGN_DATA to their folder"]
fn factrueval_is_read_whole() {
    // The counts are those of a Python script that knows the four files only.
    let folder = data("factrueval/devset");
    let corpus = read_path(&folder, &ReadOptions::default()).unwrap();
    assert_eq!(counts(&corpus), [122, 1769, 30940, 2534]);
    let mut labels: BTreeMap<&str, usize> = BTreeMap::new();
    for document in &corpus.documents {
        let entities = document.entities().iter().map(|entity| &entity.label);
        for label in entities.chain(document.unaligned().iter().map(|span| &span.label)) {
            *labels.entry(label.as_str()).or_default() += 1;
        }
    }
    let expected =
        [("LocOrg", 553), ("Location", 529), ("Org", 787), ("Person", 741), ("Project", 1)];
    assert_eq!(labels, expected.into());
    let expected = [("not-kept".to_owned(), 3), ("span-discontinuous".to_owned(), 77)];
    assert_eq!(corpus.finding_counts, expected.into());
}

#[test]
#[ignore = "reads published corpora: set NER_ALIGN_DATA to their folder"]
fn standoff_goes_out_as_it_came_in() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["ncbi-disease/standoff/devel", "factrueval/devset"] {
        let path = data(name);
        let documents = read_path(&path, &ReadOptions::default()).unwrap().documents;
        let output = folder.path().join(name.replace('/', "-"));
        let mut writer = create(&output, Format::Brat, &WriteOptions::default()).unwrap();
        for document in &documents {
            writer.write_document(document).unwrap();
        }
        writer.finish().unwrap();
        let again = read_path(&output, &ReadOptions::default()).unwrap();
        assert_eq!(again.finding_counts.get("surface-mismatch"), None);
        for (one, other) in documents.iter().zip(&again.documents) {
            assert!((one.id(), one.text()) == (other.id(), other.text()), "{name}");
            // Words of FactRuEval are its own, so that some entities are inside one here.
            assert!(squeezed(one).1 == squeezed(other).1, "{name} {:?}", one.id());
        }
        assert_eq!(documents.len(), again.documents.len());
    }
}
