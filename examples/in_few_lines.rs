//! What people want most, each in a few lines. `tests/few_lines.rs` runs and counts them.
//!
//! ```sh
//! cargo run --features curate,tch --example in_few_lines -- TRAIN DEV MODEL_FOLDER
//! ```
#![expect(clippy::print_stdout, reason = "an example speaks to its reader")]
#![allow(dead_code, reason = "the test runs what the main function does not")]

use std::path::Path;

use ner_align::DocumentError;
use ner_align::corpus::{self, Input, Policy};
use ner_align::curate::lint::{self, Checker, LintOptions};
use ner_align::metrics::score_tags;
use ner_align::prelude::*;
use ner_align::subword::{HfTokenizer, Strategy, align_tags};

type Outcome = anyhow::Result<()>;

/// Reads a file of any format and prints its entities with their offsets.
pub(crate) fn entities_of_a_file(file: &Path) -> Outcome {
    for document in corpus::read(file)? {
        for entity in document.mentions() {
            println!("{}..{} {} {}", entity.start, entity.end, entity.label, entity.text);
        }
    }
    Ok(())
}

/// Converts JSONL to `.spacy`; spans that cut a word grow to the whole of it.
pub(crate) fn jsonl_to_spacy(jsonl: &Path, spacy: &Path) -> Outcome {
    let summary = corpus::convert(jsonl, spacy).on_misaligned(Policy::Expand).run()?;
    println!("{} documents", summary.documents);
    Ok(())
}

/// Scores two lists of tags as seqeval's `classification_report` does.
pub(crate) fn score_two_lists(gold: &[Vec<&str>], predicted: &[Vec<&str>]) -> Outcome {
    let scores = score_tags(gold, predicted, Scheme::Iob2)?;
    println!("{scores}");
    Ok(())
}

/// Aligns words and their tags with subtokens, as padded arrays `[batch, seq]`.
pub(crate) fn padded_arrays(model: &Path, words: &[Vec<&str>], tags: &[Vec<&str>]) -> Outcome {
    let tokenizer = HfTokenizer::from_dir(model)?;
    let padded = align_tags(&tokenizer, words, tags, Strategy::First)?.padded();
    println!("{:?}", padded.input_ids.dim());
    Ok(())
}

/// Loads a model and prints the entities of a text.
pub(crate) fn entities_of_a_text(model: &Path, text: &str) -> Outcome {
    for entity in Predictor::open(model)?.entities(text)? {
        println!("{} {} {:.2}", entity.label, entity.text, entity.score);
    }
    Ok(())
}

/// Fine-tunes with the recipe `best`, prints the loss of each step, and predicts.
pub(crate) fn fine_tune(base: &Path, train: &Path, dev: &Path, text: &str) -> Outcome {
    let run = FineTuner::new(base)
        .train([train])
        .dev([dev])
        .on_step(|step| println!("{} {:.3}", step.step, step.loss))
        .run()?;
    for entity in run.predictor().entities(text)? {
        println!("{} {}", entity.label, entity.text);
    }
    Ok(())
}

/// A format of one's own, one entity a line, through conversion, checks and training.
pub(crate) fn own_format(base: &Path, dev: &Path, output: &Path) -> Outcome {
    struct Lines(std::str::Lines<'static>);
    impl CorpusReader for Lines {
        type Error = DocumentError;
        fn read_document(&mut self) -> Result<Option<Document>, DocumentError> {
            let Some((label, words)) = self.0.next().and_then(|line| line.split_once(':')) else {
                return Ok(None);
            };
            let mut builder = Document::builder();
            words.split_whitespace().for_each(|word| builder.push_word(word));
            let mut document = builder.untagged();
            document.set_entities(
                Label::new(label).map(|l| Entity::new(0, 1, l)).into_iter().collect(),
            )?;
            Ok(Some(document))
        }
    }
    let reader = || Input::reader("lines", Lines("SKILLS: Rust\nDIPLOMA: PhD in physics".lines()));
    corpus::convert(reader(), output).run()?;
    let checker = Checker::new(&LintOptions::default());
    let report = lint::check(checker, [reader()], [dev], &Default::default())?;
    println!("{} findings", report.findings.len());
    FineTuner::new(base).train([reader()]).dev([dev]).run()?;
    Ok(())
}

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [train, dev, model] = arguments.as_slice() else {
        anyhow::bail!("expected TRAIN DEV MODEL_FOLDER");
    };
    let (train, dev, model) = (Path::new(train), Path::new(dev), Path::new(model));
    entities_of_a_file(dev)?;
    fine_tune(model, train, dev, "Senior Rust developer, degree in physics.")
}
