//! Every pair of formats: what goes from A to B and back to A is what it was, unless a loss was
//! reported on the way.

#![expect(clippy::unwrap_used, reason = "the lint spares tests but not their helpers")]

mod common;

use std::path::{Path, PathBuf};

use common::tagged;
use ner_align_core::{
    CharSpan, Document, Entity, Label, Misalignment, Scheme, SourceSpan, Tag, WordSpan,
};
use ner_align_corpus::{
    ConvertOptions, Format, ReadOptions, WriteOptions, convert_all, create, losses, read_path,
};

/// The formats that are written.
const FORMATS: &[Format] = &[
    Format::Conll,
    Format::IobLines,
    Format::Conllu,
    Format::SpacyJson,
    Format::DocBin,
    Format::Jsonl,
    Format::Brat,
    Format::Csv,
    #[cfg(feature = "parquet")]
    Format::Parquet,
];

fn label(name: &str) -> Label {
    Label::new(name).unwrap()
}

/// Documents that between them have everything that some format cannot hold.
fn documents() -> Vec<Document> {
    let plain = tagged(&[&[("Ada", "B-PER"), ("Lovelace", "I-PER"), ("wrote", "O")]], Scheme::Iob2);
    let two = tagged(
        &[&[("Oslo", "B-LOC"), (".", "O")], &[("né", "O"), ("à", "O"), ("東京", "B-LOC")]],
        Scheme::Iob2,
    );
    let missing = tagged(&[&[("a", "-"), ("b", "B-X"), ("c", "I-X"), ("d", "-")]], Scheme::Iob2);
    let biluo = tagged(&[&[("a", "U-X"), ("b", "B-Y"), ("c", "L-Y"), ("d", "O")]], Scheme::Biluo);
    let faulty = tagged(&[&[("a", "I-X"), ("b", "O"), ("c", "I-Y")]], Scheme::Iob2);
    let mut named = plain.clone();
    named.set_id(Some("letter-1".to_owned()));

    let spaced = |text: &str, words: &[&str]| {
        let mut at = 0;
        let spans = words.iter().map(|word| {
            let start = at + text[at..].find(word).unwrap();
            at = start + word.len();
            ner_align_core::ByteSpan::new(start, at)
        });
        let spans: Vec<_> = spans.collect();
        Document::from_text(text, spans).unwrap()
    };
    let mut exact = spaced("Oslo,  1905\n", &["Oslo", ",", "1905"]);
    exact.set_entities(vec![Entity::new(0, 1, label("LOC"))]).unwrap();
    let mut close = spaced("(Oslo)!", &["(", "Oslo", ")", "!"]);
    close.set_entities(vec![Entity::new(1, 2, label("LOC"))]).unwrap();
    let mut overlapping = spaced("Bank of Oslo", &["Bank", "of", "Oslo"]);
    overlapping
        .set_entities(vec![Entity::new(0, 3, label("ORG")), Entity::new(2, 3, label("LOC"))])
        .unwrap();
    let mut inside = spaced("anti-Oslo talk", &["anti-Oslo", "talk"]);
    inside.set_unaligned(vec![SourceSpan::new(
        vec![CharSpan::new(5, 9)],
        label("LOC"),
        Misalignment::InsideWord,
    )]);
    vec![plain, two, missing, biluo, faulty, named, exact, close, overlapping, inside]
}

/// What must come back.
#[derive(Debug, PartialEq)]
struct View {
    id: Option<String>,
    text: String,
    words: Vec<String>,
    sentences: Vec<WordSpan>,
    entities: Vec<Entity>,
    missing: Vec<usize>,
    unaligned: Vec<SourceSpan>,
}

impl View {
    fn of(document: &Document) -> Self {
        let tags = document.tags().map_or(&[][..], |(tags, _)| tags);
        Self {
            id: document.id().map(str::to_owned),
            text: document.text().trim_end().to_owned(),
            words: document.words().map(str::to_owned).collect(),
            sentences: document.sentences().iter().map(|sentence| sentence.words).collect(),
            entities: document.entities().to_vec(),
            missing: (0..tags.len()).filter(|&word| tags[word] == Tag::Missing).collect(),
            unaligned: document.unaligned().to_vec(),
        }
    }
}

fn path(folder: &Path, name: &str, format: Format) -> PathBuf {
    match format {
        Format::Brat => folder.join(name),
        _ => folder.join(format!("{name}.{}", format.extension())),
    }
}

fn options(format: Format) -> ReadOptions {
    ReadOptions::default().with_format(Some(format)).with_sentences_per_document(0)
}

fn read(path: &Path, format: Format) -> Document {
    let mut documents = read_path(path, &options(format)).unwrap().documents;
    assert_eq!(documents.len(), 1, "{}", path.display());
    documents.remove(0)
}

/// Converts and gives what was reported as lost, or `None` where the target refuses.
fn pass(from: &Path, a: Format, to: &Path, b: Format) -> Option<Vec<&'static str>> {
    let convert_options = ConvertOptions::default().with_read(options(a)).with_to(Some(b));
    let summary = convert_all([from], to, &convert_options).ok()?;
    Some(summary.lost.into_keys().collect())
}

#[test]
fn what_is_not_reported_as_lost_comes_back() {
    let (mut same, mut lossy, mut refused) = (0, 0, 0);
    for (number, document) in documents().iter().enumerate() {
        for &a in FORMATS {
            if !losses(document, &a.capabilities()).is_empty() {
                continue;
            }
            let folder = tempfile::tempdir().unwrap();
            let first = path(folder.path(), "first", a);
            let mut writer = create(&first, a, &WriteOptions::default()).unwrap();
            if writer.write_document(document).is_err() {
                continue;
            }
            writer.finish().unwrap();
            let there = read(&first, a);
            // A document without an id may be given its place as one.
            if document.id().is_some() {
                assert_eq!(there.id(), document.id(), "{a}");
            }
            for &b in FORMATS {
                let (second, third) =
                    (path(folder.path(), "second", b), path(folder.path(), "third", a));
                for target in [&second, &third] {
                    let _ = std::fs::remove_file(target);
                    let _ = std::fs::remove_dir_all(target);
                }
                let Some(lost) = pass(&first, a, &second, b) else {
                    refused += 1;
                    continue;
                };
                let back = pass(&second, b, &third, a);
                match (lost.is_empty(), back) {
                    (true, Some(lost)) if lost.is_empty() => {
                        let (was, is) = (View::of(&there), View::of(&read(&third, a)));
                        assert_eq!(is, was, "document {number} from {a} to {b} and back");
                        same += 1;
                    }
                    _ => lossy += 1,
                }
            }
        }
    }
    println!("{same} came back, {lossy} with a reported loss, {refused} refused");
    assert!(same > 120 && lossy > 0 && refused > 0, "{same} {lossy} {refused}");
}
