//! `ner-align eval`: a model's scores on an annotated corpus.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use ner_align_cli::corpus_args::{CorpusArgs, report_counts};
use ner_align_cli::say::say;
use ner_align_cli::{Failure, output};
use ner_align_core::{CorpusWriter, Document};
use ner_align_corpus::io::refuse_overwriting;
use ner_align_corpus::{Format, Input, WriteOptions, create};
use ner_align_metrics::report;
use ner_align_pipeline::settings::Decode;
use ner_align_pipeline::{CURVES, Predictor};
use ner_align_scoring::{Scoring, ScoringError};

use crate::choices;
use crate::fault::OrFail;
use crate::model::{ModelArgs, decoding, refuse_replacing};
use crate::thresholds::with_recall;

const EXAMPLES: &str = "\
Examples:
  ner-align eval --model out/model-best test.conll
  ner-align eval --model out/model-best test.conll --html report.html";

/// Arguments of `eval`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct EvalArgs {
    #[command(flatten)]
    model: ModelArgs,
    /// Annotated corpora
    #[arg(required = true, value_name = "IN")]
    input: Vec<PathBuf>,
    /// Print one JSON document instead of tables
    #[arg(long)]
    json: bool,
    /// Write the corpus with predicted tags, in the format of the name, else in columns
    #[arg(short, long, value_name = "PREDICTED")]
    output: Option<PathBuf>,
    /// Write a page with everything: errors, precision by score, curves of the training run
    #[arg(long, value_name = "OUT")]
    html: Option<PathBuf>,
    /// Tags of a sentence within the scheme (constrained), or each word's likeliest (argmax)
    #[arg(long, value_name = "HOW", value_parser = choices::decode(), hide_possible_values = true)]
    decode: Option<Decode>,
    /// Find as many entities as `calibrate --recall` promised
    #[arg(long, conflicts_with = "decode")]
    recall: bool,
    #[command(flatten)]
    corpus: CorpusArgs,
}

/// Runs the command.
pub(crate) fn run(arguments: &EvalArgs) -> Result<(), Failure> {
    if arguments.output.as_deref().is_some_and(|path| path.as_os_str() == "-") {
        return Err(Failure::usage("-o: expected a file, found standard output")
            .hint("the scores go there; `ner-align predict` writes predictions to it"));
    }
    let written = || [&arguments.output, &arguments.html].into_iter().flatten();
    written().try_for_each(|path| refuse_overwriting(path, &arguments.input))?;
    let (model, folder) = arguments.model.open()?;
    written().try_for_each(|path| refuse_replacing(path, &folder))?;
    note_other_decoding(&model, arguments.decode);
    let mut model = decoding(model, arguments.decode);
    if arguments.recall {
        model = with_recall(model)?;
    }
    let n = model.sentences_per_document(arguments.corpus.n);
    let reading = CorpusArgs { n, ..arguments.corpus.clone() };
    let mut corpus = reading.read(&arguments.input, None)?;
    let gold = arguments.html.is_some().then(|| corpus.documents.clone());
    let (evaluation, counts) = model.evaluate(&mut corpus.documents).or_fail()?;
    report_counts("input", &counts);
    if let Some(path) = &arguments.output {
        let format = Format::of_output(path).unwrap_or(Format::Conll);
        let options = WriteOptions::default().with_mark_documents(corpus.documents_marked);
        let mut writer = create(path, format, &options)?;
        corpus.documents.iter().try_for_each(|document| writer.write_document(document))?;
        writer.finish()?;
    }
    if let (Some(path), Some(gold)) = (&arguments.html, gold) {
        write_page(path, arguments, gold, corpus.documents, &folder)?;
    }
    if arguments.json {
        return output::print_json(&evaluation.scores);
    }
    output::print(&format!(
        "{}\nwords by tag, gold in rows, predicted in columns\n{}\n{}\n",
        report::table(&evaluation.scores),
        report::confusion(&evaluation.scores.confusion),
        report::summary_line(&evaluation.scores)
    ))
}

/// Writes the page of the scores, with the curves of the run that the model is from.
fn write_page(
    path: &Path,
    arguments: &EvalArgs,
    gold: Vec<Document>,
    predicted: Vec<Document>,
    folder: &Path,
) -> Result<(), Failure> {
    let names: Vec<String> =
        arguments.input.iter().map(|path| path.display().to_string()).collect();
    let gold = Input::documents(names.join(", "), gold);
    let predicted = Input::documents(folder.display().to_string(), predicted);
    let outcome = Scoring::of(gold, predicted).analyze().run().map_err(page_failure)?;
    let curves = folder.parent().map(|run| run.join(CURVES));
    // A model that was moved or fetched has no curves beside it.
    let curves = curves.and_then(|path| fs::read_to_string(path).ok());
    let pictures: Vec<(&str, &str)> =
        curves.iter().map(|curves| ("Training", curves.as_str())).collect();
    outcome.write_page_with(path, &pictures).map_err(page_failure)
}

fn page_failure(error: ScoringError) -> Failure {
    match error {
        ScoringError::Corpus(error) => error.into(),
        error => Failure::input(error.to_string()),
    }
}

/// Says that the scores in the model folder are of another decoding than the usual one, unless
/// somebody chose.
fn note_other_decoding(model: &Predictor, asked: Option<Decode>) {
    if asked.is_none()
        && model.decode() == Decode::Constrained
        && model.meta().codec.decode == Some(Decode::Argmax)
    {
        say("note: decoding is constrained; the scores in the model folder are of --decode argmax");
    }
}
