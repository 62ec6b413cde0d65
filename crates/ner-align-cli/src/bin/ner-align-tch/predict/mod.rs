//! `ner-align predict`: entities of texts and corpora, streaming.

mod sink;
mod source;

pub(crate) mod output;

use std::path::{Path, PathBuf};

use clap::Args;
use ner_align_cli::Failure;
use ner_align_cli::corpus_args::{CorpusArgs, report_counts};
use ner_align_core::{AlignmentCounts, Document};
use ner_align_corpus::Unwritable;
use ner_align_corpus::conll::ConllWriterOptions;
use ner_align_subword::{Aggregate, Aligner, Preparer, Unit, WordScorer};
use ner_align_train::{Decoding, predict};

use crate::eval::{BATCH_SUBTOKENS, Decode};
use crate::model::{FineTuned, ModelArgs, model_failure, word_scorer};
use output::{annotate, write_conll, write_json_line};
use sink::{Sink, write_failure};
use source::Source;

/// Arguments of `predict`.
#[derive(Debug, Args)]
pub(crate) struct PredictArgs {
    #[command(flatten)]
    model: ModelArgs,
    /// A text file, a document a line, or a corpus; `-` is standard input
    #[arg(default_value = "-", value_name = "IN")]
    input: PathBuf,
    /// Format of the output: jsonl or conll [default: by the output's name, else jsonl]
    #[arg(long, value_name = "FORMAT")]
    to: Option<String>,
    /// File for the output instead of standard output; written as OUT.partial until it is whole
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Continue an OUT.partial that an interrupted run left
    #[arg(long, requires = "output")]
    resume: bool,
    /// How scores of words become tags
    #[arg(long, value_enum, default_value = "constrained")]
    decode: Decode,
    /// How scores of subtokens become scores of words: first, mean, max
    #[arg(long, default_value = "first")]
    aggregate: Aggregate,
    /// Cut plain text into sentences
    #[arg(long)]
    sentences: bool,
    #[command(flatten)]
    corpus: CorpusArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    Jsonl,
    Conll,
}

/// Runs the command.
pub(crate) fn run(arguments: &PredictArgs) -> Result<(), Failure> {
    let layout = layout(arguments)?;
    let mut source = Source::open(arguments)?;
    let model = FineTuned::find(&arguments.model)?;
    let aligner = model.aligner()?;
    let labels = model.classifier.labels();
    let predictor = Predictor {
        aggregator: word_scorer(arguments.aggregate, &aligner, labels),
        decoder: arguments.decode.decoder(labels),
        unit: source.unit(arguments.sentences),
        model: &model,
        aligner: &aligner,
    };
    let mut sink = match &arguments.output {
        None => Sink::stdout(),
        Some(path) => Sink::file(path, arguments.resume)?,
    };
    source.skip(sink.documents())?;
    let mut counts = AlignmentCounts::default();
    loop {
        let mut documents = source.chunk(arguments.sentences)?;
        if documents.is_empty() {
            break;
        }
        let (chunk, probabilities) = predictor.run(&mut documents)?;
        counts.add(&chunk);
        let keep = sink.write(documents.len(), |target| match layout {
            Layout::Jsonl => documents
                .iter()
                .zip(&probabilities)
                .try_for_each(|(document, words)| write_json_line(document, words, target))
                .map_err(|e| write_failure(&arguments.output, &e)),
            Layout::Conll => {
                let options = ConllWriterOptions {
                    mark_documents: source.documents_marked(),
                    // Plain text may hold characters that no column can.
                    unwritable: Unwritable::Replace,
                    ..ConllWriterOptions::default()
                };
                let name = arguments.output.as_deref().unwrap_or(Path::new("-"));
                write_conll(&documents, target, name, options)
            }
        })?;
        if !keep {
            return Ok(());
        }
    }
    source.report();
    report_counts("input", &counts);
    sink.finish()
}

fn layout(arguments: &PredictArgs) -> Result<Layout, Failure> {
    let by_name = || {
        let extension = arguments.output.as_ref()?.extension()?.to_str()?;
        matches!(extension, "conll" | "tsv" | "iob" | "iob2" | "bio").then_some(Layout::Conll)
    };
    match arguments.to.as_deref() {
        None => Ok(by_name().unwrap_or(Layout::Jsonl)),
        Some("jsonl") => Ok(Layout::Jsonl),
        Some("conll") => Ok(Layout::Conll),
        Some(other) => {
            Err(Failure::usage(format!("--to: expected jsonl or conll, found {other:?}")))
        }
    }
}

/// The model with everything between documents and tags.
struct Predictor<'a> {
    model: &'a FineTuned,
    aligner: &'a Aligner,
    aggregator: WordScorer,
    decoder: Box<dyn ner_align_core::TagDecoder>,
    unit: Unit,
}

impl Predictor<'_> {
    /// Annotates the documents; gives the counts and the probability of each word's class.
    fn run(&self, documents: &mut [Document]) -> Result<(AlignmentCounts, Vec<Vec<f32>>), Failure> {
        let FineTuned { classifier, tokenizer, meta } = self.model;
        let dataset = Preparer::new(tokenizer, self.aligner, classifier.labels())
            .max_length(meta.max_length)
            .stride(meta.stride)
            .unit(self.unit)
            .without_gold()
            .dataset(documents)?;
        let decoding = Decoding {
            aggregator: &self.aggregator,
            decoder: self.decoder.as_ref(),
            all_subtokens: false,
        };
        let predictions =
            predict(classifier, &dataset, decoding, BATCH_SUBTOKENS).map_err(model_failure)?;
        let probabilities = annotate(documents, &dataset, predictions.sentences)?;
        Ok((dataset.counts, probabilities))
    }
}
