//! `convert`: corpora in another format.

use std::path::{Path, PathBuf};

use clap::Args;
use ner_align_cli::conversion_report::{as_json, report_changes, report_counts};
use ner_align_cli::corpus_args::{CorpusArgs, report_findings};
use ner_align_cli::paths::refuse_overwriting;
use ner_align_cli::write_args::{WriteArgs, scheme};
use ner_align_cli::{Failure, output};
use ner_align_corpus::{ConvertOptions, Format, convert, convert_folder};

/// Arguments of `convert`.
#[derive(Debug, Args)]
pub(crate) struct ConvertArgs {
    /// Corpora, which are joined; a folder is converted file by file; `-` is standard input
    #[arg(required = true, value_name = "IN")]
    inputs: Vec<PathBuf>,
    /// The corpus to write; a name that ends in .gz is compressed, `-` is standard output
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// Scheme of the tags read; told from the tags unless given
    #[arg(long, value_name = "SCHEME")]
    from_scheme: Option<String>,
    /// Find sentences in documents that have none marked
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
    refuse_overwriting(&arguments.output, &arguments.inputs)?;
    let written = match arguments.inputs.as_slice() {
        [folder] if is_folder_of_files(folder, &options) => {
            convert_folder(folder, &arguments.output, &options)
        }
        inputs => convert(inputs, &arguments.output, &options),
    };
    let Some(summary) = output::unless_reader_gone(written)? else { return Ok(()) };
    report_findings(&summary.finding_counts, &summary.findings);
    if arguments.json {
        output::print_json(&as_json(&summary))
    } else {
        report_counts(&arguments.output.display(), &summary);
        report_changes(&summary);
        Ok(())
    }
}

fn options(arguments: &ConvertArgs) -> Result<ConvertOptions, Failure> {
    let read = arguments.corpus.options(scheme(arguments.from_scheme.as_deref())?)?;
    let options = arguments.write.options(read)?;
    Ok(ConvertOptions { split_sentences: arguments.sentences, ..options })
}

/// A folder that is not itself a corpus of a format of folders.
fn is_folder_of_files(path: &Path, options: &ConvertOptions) -> bool {
    path.is_dir()
        && match options.read.format {
            Some(format) => !matches!(format, Format::Brat | Format::FactRuEval | Format::DocBin),
            None => Format::of_folder(path).is_err(),
        }
}
