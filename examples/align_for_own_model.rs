//! Prepares a corpus for a model of your own: padded batches `[batch, seq]` of ids, mask and
//! labels, and the way back from the model's logits to one tag a word.
//!
//! ```sh
//! cargo run --example align_for_own_model
//! cargo run --example align_for_own_model -- CORPUS TOKENIZER_FOLDER
//! ```
//!
//! Without arguments it takes the job postings and the tiny tokenizer of this repository.
#![expect(clippy::print_stdout, reason = "an example speaks to its reader")]

use std::path::{Path, PathBuf};

use ner_align::corpus::{ReadOptions, read_path};
use ner_align::prelude::*;
use ner_align::subword::{
    Aggregate, Aligner, Collator, Constrained, HfTokenizer, PaddedBatch, Preparer, Strategy,
    WordScorer,
};
use ner_align::{Batch, BatchPlan, IGNORE_INDEX, Rows, Window};

fn main() -> anyhow::Result<()> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let corpus = arguments.next().unwrap_or_else(|| fixtures.join("postings/postings-train.tsv"));
    let folder = arguments.next().unwrap_or_else(|| fixtures.join("tiny-bert"));

    // 1. Read the corpus. The classes are its entity types, in the scheme of its tags.
    let documents = read_path(&corpus, &ReadOptions::default())?.documents;
    let types = documents.iter().flat_map(|d| d.entities().iter().map(|e| e.label.clone()));
    let scheme = documents.iter().find_map(|d| d.tags()).map_or(Scheme::Iob2, |(_, scheme)| scheme);
    let labels = LabelSet::new(types, scheme);
    println!("{} classes: {}", labels.len(), labels.names().join(" "));

    // 2. Words to windows of labelled subtokens. A sentence too long for a window of 64 gets
    //    several, and each of its words is labelled in one of them.
    let tokenizer = HfTokenizer::from_dir(&folder)?;
    let aligner = Aligner::new(Strategy::First, &labels)?;
    let dataset = Preparer::new(&tokenizer, &aligner, &labels)
        .max_length(64)
        .stride(16)
        .dataset(&documents)?;
    let counts = dataset.counts;
    println!(
        "{} words in {} sentences became {} subtokens in {} windows; {} words became none",
        counts.words,
        dataset.sentences.len(),
        counts.subtokens,
        dataset.windows.len(),
        counts.words_without_subtokens,
    );

    // 3. Batches of one epoch: shuffled, like lengths together, at most 1,024 positions each,
    //    and no window left out.
    let lengths: Vec<usize> = dataset.windows.iter().map(Window::len).collect();
    let epoch = BatchPlan::padded_subtokens(1024).bucketed().shuffled(42).batches(&lengths, 0);
    let collator = Collator::new(tokenizer.special_tokens()).pad_to_multiple_of(8);
    let scorer = WordScorer::new(Aggregate::First, &aligner, &labels);
    let mut scores: Vec<_> =
        dataset.sentences.iter().map(|sentence| scorer.unseen(sentence.tags.len())).collect();
    for (number, batch) in epoch.iter().enumerate() {
        let windows: Vec<&Window> = batch.iter().map(|&window| &dataset.windows[window]).collect();
        let padded = collator.collate(windows.iter().copied());
        if number < 3 {
            show(number, &padded);
        }

        // 4. Here your model turns `padded` into logits `[batch, seq, classes]`.
        let logits = oracle(&padded, labels.len());

        // 5. Only the rows that belong to words come back, window by window.
        let packed = Batch::pack(windows.iter().copied(), scorer.rows());
        let rows = padded.rows_of(&packed, logits.view())?;
        let mut start = 0;
        for window in windows {
            let end = start + window.owned_positions(scorer.rows() == Rows::FirstOfOwned).count();
            let of_window = rows.slice(ndarray::s![start..end, ..]);
            scorer.add_window(window, of_window, &mut scores[window.sentence])?;
            start = end;
        }
    }
    println!("… {} batches in all", epoch.len());

    // 6. One legal tag a word.
    let decoder = Constrained::new(&labels);
    let mut right = 0;
    for (sentence, scores) in dataset.sentences.iter().zip(&scores) {
        let classes = decoder.decode(scores.view());
        let gold = sentence.tags.iter().map(|tag| labels.id(tag));
        right +=
            classes.into_iter().zip(gold).filter(|(class, gold)| Some(*class) == *gold).count();
    }
    println!("a model that knows the answers gets {right} of {} words right", counts.words);
    Ok(())
}

fn show(number: usize, batch: &PaddedBatch) {
    let learned = batch.labels.iter().filter(|&&label| label != IGNORE_INDEX).count();
    println!(
        "batch {number}: input_ids {:?}, {} subtokens, {} padding, {learned} labels",
        batch.input_ids.dim(),
        batch.attention_mask.sum(),
        batch.attention_mask.len() as i64 - batch.attention_mask.sum(),
    );
}

/// Stands for a model: sure of each label, and of class 0 where there is none.
fn oracle(batch: &PaddedBatch, classes: usize) -> ndarray::Array3<f32> {
    let (windows, length) = batch.labels.dim();
    ndarray::Array3::from_shape_fn((windows, length, classes), |(window, position, class)| {
        let label = batch.labels[(window, position)].max(0);
        if class as i64 == label { 9.0 } else { 0.0 }
    })
}
