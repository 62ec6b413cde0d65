//! `annotate`: entities by word lists and patterns.

use std::path::PathBuf;

use clap::Args;
use ner_align_cli::conversion_report::{report_changes, report_counts, report_not_read};
use ner_align_cli::corpus_args::{CorpusArgs, report_findings};
use ner_align_cli::say::say;
use ner_align_cli::write_args::WriteArgs;
use ner_align_cli::{Failure, output};
use ner_align_corpus::ConvertSummary;
use ner_align_corpus::io::refuse_overwriting;
use ner_align_curate::annotate::{AnnotateReport, Annotator, Existing, annotate_files};
use serde_json::{Value, json};

/// Rules that are named on standard error.
const SHOWN: usize = 10;

const EXAMPLES: &str = "\
Examples:
  ner-align annotate notes.txt --dictionary PER.txt -o notes.jsonl
  ner-align annotate notes.txt --dictionary terms.tsv --regex dates.tsv -o notes.conll";

/// Arguments of `annotate`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
#[command(group = clap::ArgGroup::new("rules").required(true).multiple(true))]
pub(crate) struct AnnotateArgs {
    /// Texts, a document a line (.txt, and `-` for standard input), or corpora; they are joined
    #[arg(required = true, value_name = "IN")]
    inputs: Vec<PathBuf>,
    /// The corpus to write; a name that ends in .gz is compressed, `-` is standard output
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// Word list: TERM<TAB>LABEL or TERM,LABEL a line, or a term a line in a file named LABEL.txt; may be
    /// given several times
    #[arg(long, value_name = "FILE", group = "rules")]
    dictionary: Vec<PathBuf>,
    /// Regular expressions: LABEL<TAB>PATTERN a line; a find has at most 1 KiB; may be given several times
    #[arg(long, value_name = "FILE", group = "rules")]
    regex: Vec<PathBuf>,
    /// Find terms and patterns in upper and lower case
    #[arg(long)]
    ignore_case: bool,
    /// Keep the entities that the corpus has, against new ones that share words [default]
    #[arg(long, conflicts_with = "replace")]
    keep: bool,
    /// Take entities away that share words with new ones
    #[arg(long)]
    replace: bool,
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

/// Runs `annotate`.
pub(crate) fn run(arguments: &AnnotateArgs) -> Result<(), Failure> {
    let read = arguments.corpus.options(None)?;
    let options = arguments.write.options(read)?;
    let options = options.with_split_sentences(arguments.sentences);
    if arguments.output.as_os_str() == "-" && arguments.json {
        return Err(Failure::usage("expected --json or the corpus on standard output, found both")
            .hint("write the corpus to a file"));
    }
    let read = [&arguments.inputs, &arguments.dictionary, &arguments.regex];
    refuse_overwriting(&arguments.output, &read.into_iter().flatten().collect::<Vec<_>>())?;
    let existing = if arguments.replace { Existing::Replace } else { Existing::Keep };
    let mut annotator = Annotator::new(arguments.ignore_case, existing);
    for list in &arguments.dictionary {
        annotator.add_dictionary(list)?;
    }
    for list in &arguments.regex {
        annotator.add_patterns(list)?;
    }
    let written = annotate_files(&arguments.inputs, &arguments.output, &mut annotator, &options);
    let Some(summary) = output::unless_reader_gone(written)? else { return Ok(()) };
    report_findings(&summary.finding_counts, &summary.findings);
    report_not_read(&summary.findings);
    let (findings, counts) = annotator.take_findings();
    report_findings(counts, &findings);
    let counts = json!(counts);
    if arguments.json {
        output::print_json(&to_json(&summary, annotator.report(), &counts))
    } else {
        report_counts(&arguments.output.display(), &summary);
        annotator.report().lines(SHOWN).iter().for_each(say);
        report_changes(&summary);
        Ok(())
    }
}

fn to_json(summary: &ConvertSummary, done: &AnnotateReport, findings: &Value) -> Value {
    let mut json = summary.json();
    json["annotation"] = done.json();
    json["annotation"]["findings"] = findings.clone();
    json
}
