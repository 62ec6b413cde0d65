//! `ner-align eval`: a model's scores on an annotated corpus.

use std::path::PathBuf;

use clap::Args;
use ner_align_cli::corpus_args::{CorpusArgs, report_counts};
use ner_align_cli::{Failure, output};
use ner_align_core::CorpusWriter;
use ner_align_corpus::io::refuse_overwriting;
use ner_align_corpus::{Format, WriteOptions, create};
use ner_align_metrics::report;
use ner_align_pipeline::Predictor;
use ner_align_pipeline::settings::Decode;

use crate::choices;
use crate::fault::OrFail;
use crate::model::ModelArgs;

/// Arguments of `eval`.
#[derive(Debug, Args)]
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
    /// How scores of words become tags [default: constrained]
    #[arg(long, value_parser = choices::decode())]
    decode: Option<Decode>,
    #[command(flatten)]
    corpus: CorpusArgs,
}

/// Runs the command.
pub(crate) fn run(arguments: &EvalArgs) -> Result<(), Failure> {
    if arguments.output.as_deref().is_some_and(|path| path.as_os_str() == "-") {
        return Err(Failure::usage("-o: expected a file, found standard output")
            .hint("the scores go there; `ner-align predict` writes predictions to it"));
    }
    if let Some(path) = &arguments.output {
        refuse_overwriting(path, &arguments.input)?;
    }
    let (model, _) = arguments.model.open()?;
    note_other_decoding(&model, arguments.decode);
    let model = model.with_decode(arguments.decode.unwrap_or_default());
    let n = model.sentences_per_document(arguments.corpus.n);
    let reading = CorpusArgs { n, ..arguments.corpus.clone() };
    let mut corpus = reading.read(&arguments.input, None)?;
    let (evaluation, counts) = model.evaluate(&mut corpus.documents).or_fail()?;
    report_counts("input", &counts);
    if let Some(path) = &arguments.output {
        let format = Format::of_output(path).unwrap_or(Format::Conll);
        let options = WriteOptions::default().with_mark_documents(corpus.documents_marked);
        let mut writer = create(path, format, &options)?;
        corpus.documents.iter().try_for_each(|document| writer.write_document(document))?;
        writer.finish()?;
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

/// Says that the scores in the model folder are of another decoding than the usual one, unless
/// somebody chose.
#[expect(clippy::print_stderr, reason = "this is where the program speaks")]
fn note_other_decoding(model: &Predictor, asked: Option<Decode>) {
    if asked.is_none() && model.meta().codec.decode == Some(Decode::Argmax) {
        eprintln!(
            "note: decoding is constrained; the scores in the model folder are of --decode argmax"
        );
    }
}
