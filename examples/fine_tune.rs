//! Fine-tunes a BERT with the library: two corpora and a model folder in, a model folder out.
//!
//! ```sh
//! cargo run --features tch --example fine_tune -- TRAIN DEV MODEL_FOLDER OUTPUT
//! ```
#![expect(clippy::print_stdout, reason = "an example speaks to its reader")]

use std::error::Error;
use std::path::Path;

use ner_align::core::Rows;
use ner_align::corpus::{ReadOptions, read_path};
use ner_align::metrics::report;
use ner_align::prelude::*;
use ner_align::subword::{Aggregate, Aligner, Argmax, HfTokenizer, Preparer, Strategy, WordScorer};
use ner_align::tch::{LoadOptions, TchClassifier};
use ner_align::train::{Decoding, TrainConfig, Trainer};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [train, dev, model, output] = arguments.as_slice() else {
        return Err("expected TRAIN DEV MODEL_FOLDER OUTPUT".into());
    };
    let (model, output) = (Path::new(model), Path::new(output));
    let train = read_path(Path::new(train), &ReadOptions::default())?.documents;
    let dev = read_path(Path::new(dev), &ReadOptions::default())?.documents;

    // The classes are the entity types of the training data, in its own scheme.
    let types = train.iter().flat_map(|d| d.entities().iter().map(|e| e.label.clone()));
    let scheme = train.iter().find_map(|d| d.tags()).map_or(Scheme::Iob2, |(_, scheme)| scheme);
    let labels = LabelSet::new(types, scheme);

    // Words to windows of subtokens, each word's first subtoken with the word's class.
    let tokenizer = HfTokenizer::from_dir(model)?;
    let aligner = Aligner::new(Strategy::First, &labels)?;
    let preparer = Preparer::new(&tokenizer, &aligner, &labels).max_length(256).stride(64);
    let (train, dev) = (preparer.dataset(&train)?, preparer.dataset(&dev)?);
    println!("{:?}", train.counts);

    // Logits back to one class a word.
    let aggregator = WordScorer::new(Aggregate::First, &aligner, &labels);
    assert_eq!(aggregator.rows(), Rows::FirstOfOwned);
    let decoder = Argmax::new(&labels);
    let decoding = Decoding { aggregator: &aggregator, decoder: &decoder, all_subtokens: false };

    let mut classifier = TchClassifier::for_labels(model, &labels, &LoadOptions::default())?;
    std::fs::create_dir_all(output)?;
    let run = Trainer::new(TrainConfig::default(), decoding)?.output(output).fit(
        &mut classifier,
        &train,
        &dev,
        &mut (),
    )?;
    tokenizer.save(output.join("model-best"))?;
    if let Some(best) = run.best {
        println!("epoch {}\n{}", best.epoch, report::table(&best.evaluation.scores));
    }
    Ok(())
}
