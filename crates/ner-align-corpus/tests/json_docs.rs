//! Each sample of `docs/json.md` is read, and its place is found.

use std::path::Path;

use ner_align_corpus::{ReadOptions, open_reader};

#[test]
fn every_sample_has_its_entity() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/json.md");
    let text = std::fs::read_to_string(path).unwrap();
    let samples: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with('|'))
        .filter_map(|line| line.split('`').find(|part| part.starts_with(['{', '['])))
        .collect();
    assert!(samples.len() >= 33, "{}", samples.len());
    for sample in samples {
        let source = std::io::Cursor::new(sample.to_owned());
        let mut reader = open_reader(source, "-", &ReadOptions::default())
            .unwrap_or_else(|error| panic!("{sample}: {error}"));
        let document = reader.read_document().unwrap_or_else(|error| panic!("{sample}: {error}"));
        let document = document.unwrap();
        let found: Vec<String> =
            document.mentions().map(|m| format!("{} {}", m.text, m.label)).collect();
        assert_eq!(found, ["Oslo LOC"], "{sample}");
    }
}
