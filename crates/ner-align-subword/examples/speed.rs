//! How many words a second become labelled windows, from a column file on disk to windows in
//! memory; or how many the tokenizers crate alone makes subtokens of.
//!
//! ```text
//! cargo run --release --example speed -- ours|bare TOKENIZER_DIR CORPUS
//! ```
//!
//! Prints one line of JSON. `seconds` leaves out reading the tokenizer, for both; `ours` has the
//! reading of the corpus in it, `bare` has not. `oracles/speed.py` holds both against transformers.

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use ner_align_core::{Document, Label, LabelSet, Scheme};
use ner_align_corpus::{ReadOptions, open, read_path};
use ner_align_subword::{Aligner, HfTokenizer, Preparer, Strategy};
use tokenizers::Tokenizer;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, directory, corpus] = arguments.as_slice() else {
        return Err("expected ours|bare TOKENIZER_DIR CORPUS".into());
    };
    let (directory, corpus) = (Path::new(directory), Path::new(corpus));
    let (seconds, words, subtokens) = match what.as_str() {
        "ours" => ours(directory, corpus)?,
        "bare" => bare(directory, corpus)?,
        other => return Err(format!("expected ours or bare, found {other:?}").into()),
    };
    #[expect(clippy::print_stdout, reason = "an example speaks to its reader")]
    {
        println!(r#"{{"seconds": {seconds}, "words": {words}, "subtokens": {subtokens}}}"#);
    }
    Ok(())
}

type Figures = (f64, usize, usize);

fn ours(directory: &Path, corpus: &Path) -> Result<Figures, Box<dyn Error>> {
    let tokenizer = HfTokenizer::from_dir(directory)?;
    // The types are those of the program's first pass over the corpus, or of a model.
    let types = types(corpus)?;
    let start = Instant::now();
    let labels = LabelSet::new(types, Scheme::Iob2);
    let aligner = Aligner::new(Strategy::First, &labels)?;
    let preparer = Preparer::new(&tokenizer, &aligner, &labels);
    // The unit is the sentence whatever the document; documents of ten take fewer allocations.
    let options = ReadOptions::default().with_sentences_per_document(10);
    let mut reader = open(corpus, &options)?;
    let mut datasets = Vec::new();
    preparer.stream(&mut || reader.read_document().map_err(Box::from), |dataset| {
        datasets.push(dataset);
        Ok::<(), Box<dyn Error>>(())
    })?;
    let seconds = start.elapsed().as_secs_f64();
    let words = datasets.iter().map(|dataset| dataset.counts.words).sum();
    let subtokens = datasets.iter().map(|dataset| dataset.counts.subtokens).sum();
    Ok((seconds, words, subtokens))
}

fn types(corpus: &Path) -> Result<Vec<Label>, Box<dyn Error>> {
    let documents = read_path(corpus, &ReadOptions::default())?.documents;
    Ok(documents.iter().flat_map(|d| d.entities().iter().map(|e| e.label.clone())).collect())
}

fn bare(directory: &Path, corpus: &Path) -> Result<Figures, Box<dyn Error>> {
    let load = || -> Result<Tokenizer, Box<dyn Error + Send + Sync>> {
        let mut tokenizer = Tokenizer::from_file(directory.join("tokenizer.json"))?;
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None)?;
        Ok(tokenizer)
    };
    let tokenizer = load().map_err(|error| error.to_string())?;
    let documents = read_path(corpus, &ReadOptions::default())?.documents;
    let words = documents.iter().map(Document::len).sum();
    let sentences: Vec<Vec<&str>> = documents.iter().map(|d| d.words().collect()).collect();
    let start = Instant::now();
    let encodings = tokenizer.encode_batch(sentences, true).map_err(|error| error.to_string())?;
    let seconds = start.elapsed().as_secs_f64();
    let subtokens = encodings.iter().map(|encoding| encoding.len() - 2).sum();
    Ok((seconds, words, subtokens))
}
