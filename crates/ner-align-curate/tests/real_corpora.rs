//! Checks of published corpora, which `NER_ALIGN_DATA` names.

#[path = "../../../tests/published/mod.rs"]
mod published;

use ner_align_corpus::ReadOptions;
use ner_align_curate::lint::{Checker, LintOptions, check};
use published::data;

#[test]
#[ignore = "reads published corpora: set NER_ALIGN_DATA to their folder"]
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
        let path = data(name);
        let checker = Checker::new(&LintOptions::default());
        let report = check(checker, &[path], &[] as &[&str], &ReadOptions::default()).unwrap();
        for (code, count) in *expected {
            assert_eq!(report.finding_counts.get(*code), Some(count), "{code} in {name}");
        }
    }
}
