//! Converts a corpus from any format to any other, and says what was found and changed on the way.
//!
//! ```sh
//! cargo run --example convert_corpus
//! cargo run --example convert_corpus -- IN... OUT
//! ```
//!
//! Formats are told from content and names. Without arguments it converts this repository's job
//! postings to `.spacy` in a temporary folder.
#![expect(clippy::print_stdout, reason = "an example speaks to its reader")]

use std::path::{Path, PathBuf};

use ner_align::corpus::{
    ConvertOptions, OnMisaligned, OnOverlap, Policies, ReadOptions, convert_all, read_path,
};

fn main() -> anyhow::Result<()> {
    let mut paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let folder = std::env::temp_dir().join(format!("convert-corpus-{}", std::process::id()));
    if paths.is_empty() {
        std::fs::create_dir_all(&folder)?;
        let postings = "fixtures/postings/postings-dev.tsv";
        paths = vec![
            Path::new(env!("CARGO_MANIFEST_DIR")).join(postings),
            folder.join("postings.spacy"),
        ];
    }
    let (Some(output), inputs) = (paths.pop(), paths) else {
        anyhow::bail!("expected IN... OUT");
    };

    let options = ConvertOptions::default()
        // Ten sentences to a document, where the corpus does not mark documents.
        .with_read(ReadOptions::default().with_sentences_per_document(10))
        // What tags and `.spacy` cannot hold: spans become whole words, and of entities that share
        // words the longest stays.
        .with_policies(
            Policies::default()
                .with_misaligned(Some(OnMisaligned::Expand))
                .with_overlap(Some(OnOverlap::Longest)),
        );
    let summary = convert_all(&inputs, &output, &options)?;

    println!("{} documents, {} tokens", summary.documents, summary.tokens);
    for (label, count) in &summary.entities {
        println!("{count:>6} {label}");
    }
    for (what, count) in &summary.lost {
        println!("not kept: {count} {what}");
    }
    for finding in summary.findings.iter().take(10) {
        println!("{finding}");
    }

    let back = read_path(&output, &ReadOptions::default())?;
    let entities: usize = back.documents.iter().map(|document| document.entities().len()).sum();
    println!("read back: {} documents, {entities} entities", back.documents.len());
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    Ok(())
}
