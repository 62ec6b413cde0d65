//! `convert`: corpora in another format.

use std::path::PathBuf;

use clap::Args;
use ner_align_cli::conversion_report::{report_changes, report_counts, report_not_read};
use ner_align_cli::corpus_args::{CorpusArgs, report_findings};
use ner_align_cli::write_args::{WriteArgs, refuse_output, scheme, write_config};
use ner_align_cli::{Failure, output};
use ner_align_core::Label;
use ner_align_corpus::formats::jsonl::JsonlShape;
use ner_align_corpus::{ConvertOptions, convert_inputs};

const EXAMPLES: &str = "\
Examples:
  ner-align convert train.conll -o train.spacy            # the names say the formats
  ner-align convert a.conll b.jsonl --map PERSON=PER -o both.conll   # joined
  ner-align convert ner.csv --to conll --scheme iobes -o ner.conll
  ner-align convert ner.conll --to label-studio -o tasks.json   # and tasks.xml, its labels
  ner-align convert corpus.jsonl --on-misaligned expand -o corpus.conll";

/// Arguments of `convert`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct ConvertArgs {
    /// Corpora, which are joined; `-` is standard input. One folder is converted file by file, and
    /// read as one corpus if it holds standoff files, or .spacy files and OUT is a file's name
    #[arg(required = true, value_name = "IN")]
    inputs: Vec<PathBuf>,
    /// The corpus to write; a name that ends in .gz is compressed, `-` is standard output
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// Scheme of the tags read; detected from the tags unless given
    #[arg(long, value_name = "SCHEME")]
    from_scheme: Option<String>,
    /// Split documents without marked sentences into sentences
    #[arg(long)]
    sentences: bool,
    /// Print the summary as JSON on standard output
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    corpus: CorpusArgs,
    #[command(flatten)]
    write: WriteArgs,
}

/// Runs `convert`.
pub(crate) fn run(arguments: &ConvertArgs) -> Result<(), Failure> {
    let options = options(arguments)?;
    let stdout = arguments.output.as_os_str() == "-";
    if stdout && arguments.json {
        return Err(Failure::usage("expected --json or the corpus on standard output, found both")
            .hint("write the corpus to a file"));
    }
    let shape = options.write.shape;
    refuse_output(&arguments.output, shape, &arguments.inputs)?;
    let written = convert_inputs(&arguments.inputs, &arguments.output).options(options).run();
    let Some(summary) = output::unless_reader_gone(written)? else { return Ok(()) };
    report_findings(&summary.finding_counts, &summary.findings);
    report_not_read(&summary.findings);
    if shape == Some(JsonlShape::LabelStudio) && arguments.output.is_file() {
        let labels = summary.entities.keys().chain(&summary.unaligned_labels);
        write_config(&arguments.output, labels.map(Label::as_str))?;
    }
    if arguments.json {
        output::print_json(&summary.json())
    } else {
        report_counts(&arguments.output.display(), &summary);
        report_changes(&summary);
        Ok(())
    }
}

fn options(arguments: &ConvertArgs) -> Result<ConvertOptions, Failure> {
    let read = arguments.corpus.options(scheme(arguments.from_scheme.as_deref())?)?;
    let options = arguments.write.options(read)?;
    Ok(options.with_split_sentences(arguments.sentences))
}
