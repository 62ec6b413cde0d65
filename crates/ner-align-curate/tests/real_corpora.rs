//! Checks of published corpora, where they lie beside the checkout.

#![expect(clippy::print_stdout, reason = "a skipped corpus is named")]

use std::path::PathBuf;

use ner_align_corpus::ReadOptions;
use ner_align_curate::lint::{Checker, LintOptions, check};

/// The file, or a printed line where it is absent.
fn data(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    if !path.exists() {
        println!("skipped: {name} is not here");
        return None;
    }
    Some(path)
}

#[test]
fn checks_find_what_is_known() {
    let cases: &[(&str, &[(&str, usize)])] = &[
        ("wnut17/wnut17train.conll", &[("duplicate-annotated-differently", 13)]),
        ("wnut17/emerging.dev.conll", &[("byte-order-mark", 1), ("zero-width", 1)]),
        ("wikigold/wikigold.conll.txt", &[("missed-mention", 1), ("zero-for-o", 1)]),
        ("bengali-ner/train_data.txt", &[("empty-tag", 4), ("private-use", 40)]),
        ("ncbi-disease/standoff", &[("entity-punctuation-edge", 1)]),
        ("factrueval/devset", &[("overlapping-entities", 164), ("span-discontinuous", 77)]),
    ];
    for (name, expected) in cases {
        let Some(path) = data(name) else { continue };
        let checker = Checker::new(&LintOptions::default());
        let report = check(checker, &[path], &[] as &[&str], &ReadOptions::default()).unwrap();
        for (code, count) in *expected {
            assert_eq!(report.finding_counts.get(*code), Some(count), "{code} in {name}");
        }
    }
}
