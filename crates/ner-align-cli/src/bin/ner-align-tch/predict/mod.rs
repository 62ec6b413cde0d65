//! `ner-align predict`: entities of texts and corpora, streaming.

mod sink;
mod source;

pub(crate) mod output;

use std::path::{Path, PathBuf};

use clap::Args;
use ner_align_cli::Failure;
use ner_align_cli::corpus_args::{CorpusArgs, report_counts};
use ner_align_cli::paths::refuse_overwriting;
use ner_align_cli::signals::leave_no_drafts;
use ner_align_core::{AlignmentCounts, Document};
use ner_align_corpus::{Format, Unwritable, WriteOptions, create};
use ner_align_subword::{Aggregate, Aligner, Unit, WordScorer};
use ner_align_train::{Decoding, predict};

use crate::eval::{BATCH_SUBTOKENS, Decode};
use crate::model::{FineTuned, ModelArgs, model_failure, word_scorer};
use output::{annotate, write_conll, write_json_line};
use sink::{Identity, Sink, write_failure};
use source::Source;

/// Arguments of `predict`.
#[derive(Debug, Args)]
pub(crate) struct PredictArgs {
    #[command(flatten)]
    model: ModelArgs,
    /// A text file, a document a line, or a corpus; `-` is standard input
    #[arg(default_value = "-", value_name = "IN")]
    input: PathBuf,
    /// Format of the output: jsonl with scores, or any corpus format [default: by the output's name,
    /// else jsonl]
    #[arg(long, value_name = "FORMAT")]
    to: Option<String>,
    /// File for the output instead of standard output; jsonl and conll are written as OUT.partial
    /// until they are whole
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

/// Runs the command.
pub(crate) fn run(arguments: &PredictArgs) -> Result<(), Failure> {
    let format = format(arguments)?;
    if !(arguments.corpus.map.is_empty() && arguments.corpus.drop.is_empty()) {
        return Err(Failure::usage("--map, --drop: expected no types to change, found some").hint(
            "the input's types are replaced; `ner-align convert` changes those of the output",
        ));
    }
    leave_no_drafts();
    source::check(&arguments.input)?;
    if let Some(path) = &arguments.output {
        refuse_overwriting(path, &[&arguments.input])?;
    }
    let model = FineTuned::find(&arguments.model)?;
    let mut source = Source::open(arguments, &model.meta.reading(&arguments.corpus))?;
    let aligner = model.aligner()?;
    let labels = model.classifier.labels();
    let predictor = Predictor {
        aggregator: word_scorer(arguments.aggregate, &aligner, labels),
        decoder: arguments.decode.decoder(labels),
        whole: source.whole(arguments.sentences),
        model: &model,
        aligner: &aligner,
    };
    let mut sink = sink(arguments, format, &model, source.documents_marked())?;
    source.skip(sink.documents())?;
    let mut counts = AlignmentCounts::default();
    loop {
        let mut documents = source.chunk(arguments.sentences)?;
        if documents.is_empty() {
            break;
        }
        let (chunk, probabilities) = predictor.run(&mut documents)?;
        counts.add(&chunk);
        let keep = sink.write(&documents, |target| match format {
            Format::Conll => {
                let options = (&write_options(source.documents_marked())).into();
                let name = arguments.output.as_deref().unwrap_or(Path::new("-"));
                write_conll(&documents, target, name, options)
            }
            _ => documents
                .iter()
                .zip(&probabilities)
                .try_for_each(|(document, words)| write_json_line(document, words, target))
                .map_err(|e| write_failure(&arguments.output, &e)),
        })?;
        if !keep {
            return Ok(());
        }
    }
    source.report();
    report_counts("input", &counts);
    sink.finish()
}

/// The format of the output; JSON lines unless something else is asked for.
fn format(arguments: &PredictArgs) -> Result<Format, Failure> {
    let output = arguments.output.as_deref();
    let format = match arguments.to.as_deref() {
        Some(name) => name.parse::<Format>()?,
        None => output.and_then(Format::of_output).unwrap_or(Format::Jsonl),
    };
    if format == Format::Jsonl && output.is_some_and(is_packed) {
        return Err(Failure::usage("-o: expected a name without .gz for jsonl, found one with it")
            .hint("without -o the lines go to standard output, for gzip to take"));
    }
    Ok(format)
}

fn is_packed(path: &Path) -> bool {
    path.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz"))
}

/// How corpora are written. Plain text may hold characters that a format cannot.
fn write_options(mark_documents: bool) -> WriteOptions {
    WriteOptions { mark_documents, unwritable: Unwritable::Replace, ..WriteOptions::default() }
}

/// Where the predictions go.
fn sink(
    arguments: &PredictArgs,
    format: Format,
    model: &FineTuned,
    mark_documents: bool,
) -> Result<Sink, Failure> {
    let path = arguments.output.as_deref().filter(|path| path.as_os_str() != "-");
    let is_packed = path.is_some_and(is_packed);
    if matches!(format, Format::Jsonl | Format::Conll) && !is_packed {
        return match path {
            None => Ok(Sink::stdout()),
            Some(path) => Sink::file(path, &identity(arguments, format, model), arguments.resume),
        };
    }
    if arguments.resume {
        let packed = if is_packed { ", compressed" } else { "" };
        return Err(Failure::usage(format!(
            "--resume: expected jsonl or conll, found {format}{packed}"
        )));
    }
    let path = path.unwrap_or(Path::new("-"));
    Ok(Sink::Corpus(create(path, format, &write_options(mark_documents))?))
}

/// What tells a file from another of the same name.
fn stamp(path: &Path) -> String {
    let Ok(file) = std::fs::metadata(path) else { return String::new() };
    let time = file.modified().map_or_else(|_| String::new(), |time| format!("{time:?}"));
    format!("{} {time}", file.len())
}

/// What a resumed prediction must have in common with the one before.
fn identity(arguments: &PredictArgs, format: Format, model: &FineTuned) -> Identity {
    let whole = |path: &Path| {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        path.display().to_string()
    };
    let PredictArgs { input, decode, aggregate, sentences, corpus, .. } = arguments;
    [
        ("model", whole(&model.folder)),
        ("time of the model", model.time.clone()),
        ("input", whole(input)),
        ("size and time of the input", stamp(input)),
        ("what it computes in", format!("{:?}", arguments.model.precision)),
        ("format", format.to_string()),
        ("decode", format!("{decode:?}")),
        ("aggregate", format!("{aggregate:?}")),
        ("sentences", sentences.to_string()),
        ("how the input is read", format!("{corpus:?}")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// The model with everything between documents and tags.
struct Predictor<'a> {
    model: &'a FineTuned,
    aligner: &'a Aligner,
    aggregator: WordScorer,
    decoder: Box<dyn ner_align_core::TagDecoder>,
    /// Documents have no sentences: each goes through the model as one.
    whole: bool,
}

impl Predictor<'_> {
    /// Annotates the documents; gives the counts and the probability of each word's class.
    fn run(&self, documents: &mut [Document]) -> Result<(AlignmentCounts, Vec<Vec<f32>>), Failure> {
        let preparer = self.model.preparer(self.aligner).without_gold();
        let preparer = if self.whole { preparer.unit(Unit::Document) } else { preparer };
        let dataset = preparer.dataset(documents)?;
        let decoding = Decoding {
            aggregator: &self.aggregator,
            decoder: self.decoder.as_ref(),
            all_subtokens: false,
        };
        let predictions = predict(&self.model.classifier, &dataset, decoding, BATCH_SUBTOKENS)
            .map_err(model_failure)?;
        let probabilities = annotate(documents, &dataset, predictions.sentences)?;
        Ok((dataset.counts, probabilities))
    }
}
