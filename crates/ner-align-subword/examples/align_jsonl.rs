//! Labels the subtokens of sentences given as JSON lines, one window a line.
//!
//! ```text
//! cargo run --example align_jsonl -- TOKENIZER_DIR STRATEGY SCHEME TYPE,TYPE < IN.jsonl > OUT.jsonl
//! ```
//!
//! A line in is `{"words": [...], "tags": [...]}`, a line out `{"sentence", "input_ids",
//! "word_ids", "labels"}`. `oracles/against_transformers.py` compares this with `transformers`.

use std::error::Error;
use std::io::{BufRead, BufWriter, Write};

use ner_align_core::{Document, Label, Scheme, Tag};
use ner_align_subword::{Aligner, HfTokenizer, Preparer, Strategy};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Sentence {
    words: Vec<String>,
    tags: Vec<String>,
}

#[derive(Serialize)]
struct Line<'a> {
    sentence: usize,
    input_ids: &'a [u32],
    word_ids: &'a [Option<u32>],
    labels: &'a [i64],
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [directory, strategy, scheme, types] = arguments.as_slice() else {
        return Err("usage: align_jsonl TOKENIZER_DIR STRATEGY SCHEME TYPE,TYPE".into());
    };
    let (strategy, scheme): (Strategy, Scheme) = (strategy.parse()?, scheme.parse()?);
    let tokenizer = HfTokenizer::from_dir(directory)?;
    let labels = strategy.label_set(types.split(',').filter_map(Label::new), scheme);
    let aligner = Aligner::new(strategy, &labels)?;

    let mut documents = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let sentence: Sentence = serde_json::from_str(&line?)?;
        let mut builder = Document::builder();
        sentence.words.iter().for_each(|word| builder.push_word(word));
        let tags = sentence.tags.iter().map(|tag| Tag::parse(tag)).collect::<Result<_, _>>()?;
        documents.push(builder.tagged(tags, scheme)?);
    }
    // Longer than any sentence: what is compared is labels, not windows.
    let dataset =
        Preparer::new(&tokenizer, &aligner, &labels).max_length(1 << 20).dataset(&documents)?;

    let mut out = BufWriter::new(std::io::stdout().lock());
    for window in &dataset.windows {
        let line = Line {
            // Sentences without words are no part of the data set; documents are all there.
            sentence: dataset.sentences[window.sentence].document,
            input_ids: &window.input_ids,
            word_ids: &window.word_ids,
            labels: &window.labels,
        };
        serde_json::to_writer(&mut out, &line)?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(())
}
