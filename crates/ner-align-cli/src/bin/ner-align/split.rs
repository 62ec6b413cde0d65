//! `split`: corpora cut into train, dev and test, or into folds.

use std::path::{Path, PathBuf};

use clap::Args;
use ner_align_cli::conversion_report::{report_changes, report_not_read};
use ner_align_cli::corpus_args::{CorpusArgs, report_findings};
use ner_align_cli::say::say;
use ner_align_cli::write_args::WriteArgs;
use ner_align_cli::{Failure, output};
use ner_align_corpus::io::refuse_overwriting;
use ner_align_corpus::{ConvertOptions, ConvertSummary, Corpus, read_paths};
use ner_align_curate::split::{
    PartSummary, Parts, SplitOptions, SplitReport, SplitUnit, split, write_split,
};

const EXAMPLES: &str = "\
Examples:
  ner-align split corpus.jsonl -o parts --ratio 8:1:1
  ner-align split corpus.conll -o folds --folds 5 --by document";

/// Arguments of `split`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
#[command(
    override_usage = "ner-align split -o <DIR> <--ratio A:B:C|--count A:B:C|--folds K> [OPTIONS] <IN>..."
)]
#[command(group = clap::ArgGroup::new("parts").required(true))]
pub(crate) struct SplitArgs {
    /// Corpora, which are joined; `-` is standard input
    #[arg(required = true, value_name = "IN")]
    inputs: Vec<PathBuf>,
    /// Folder for the parts: train and test, train, dev and test, or part-1 and so on; of folds,
    /// fold-1/train, fold-1/test and so on
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Size of the parts in proportion, such as 8:1:1
    #[arg(long, value_name = "A:B:C", group = "parts")]
    ratio: Option<String>,
    /// Size of the parts in documents or sentences, such as 800:100:100 or rest:100:100
    #[arg(long, value_name = "A:B:C", group = "parts")]
    count: Option<String>,
    /// Number of folds for cross-validation
    #[arg(long, value_name = "K", group = "parts")]
    folds: Option<usize>,
    /// Where chance starts from: the same seed gives the same parts
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// What stays together: document or sentence
    #[arg(long, value_name = "UNIT", default_value = "document")]
    by: SplitUnit,
    /// Give each part its share of every entity type
    #[arg(long)]
    stratify: bool,
    /// Keep texts together that share this much of their runs of three words; 1: the same words only
    #[arg(long, value_name = "SHARE", default_value_t = 0.8)]
    near_duplicates: f64,
    /// Let duplicates and near-duplicates fall on different sides
    #[arg(long, conflicts_with = "near_duplicates")]
    ignore_duplicates: bool,
    /// Print the summary as JSON on standard output
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    corpus: CorpusArgs,
    #[command(flatten)]
    write: WriteArgs,
}

/// Runs `split`.
pub(crate) fn run(arguments: &SplitArgs) -> Result<(), Failure> {
    let how = how(arguments)?;
    let read = arguments.corpus.options(None)?;
    let mut options = arguments.write.options(read)?;
    if arguments.output.as_os_str() == "-" {
        return Err(Failure::usage("expected a folder for the parts, found standard output"));
    }
    let corpus = read_paths(&arguments.inputs, &options.read)?;
    report_findings(&corpus.finding_counts, &corpus.findings);
    report_not_read(&corpus.findings);
    name_format(&mut options, &corpus)?;
    let cut =
        split(&corpus.documents, &how).map_err(|error| match arguments.inputs.as_slice() {
            [input] => error.at_path(input.display()),
            _ => error,
        })?;
    let folder = &arguments.output;
    for path in options.to.iter().flat_map(|format| cut.paths(folder, *format)) {
        refuse_overwriting(&path, &arguments.inputs)?;
    }
    let parts = write_split(&cut, &corpus.documents, folder, &options, corpus.documents_marked)?;
    let summary = SplitReport::new(&cut, &how, &parts);
    if arguments.json {
        output::print_json(&summary.json(&corpus))
    } else {
        report(&summary, &parts, &corpus, folder);
        Ok(())
    }
}

fn how(arguments: &SplitArgs) -> Result<SplitOptions, Failure> {
    let parts = match (&arguments.ratio, &arguments.count, arguments.folds) {
        (Some(ratio), ..) => ratio.parse()?,
        (None, Some(counts), _) => Parts::counts(counts)?,
        (None, None, folds) => Parts::folds(folds.unwrap_or_default())?,
    };
    let share = arguments.near_duplicates;
    if !(share > 0.0 && share <= 1.0) {
        return Err(Failure::usage(format!(
            "--near-duplicates: expected a share above 0 and up to 1, found {share}"
        ))
        .hint("to have none kept together, say --ignore-duplicates"));
    }
    Ok(SplitOptions::new(parts)
        .with_unit(arguments.by)
        .with_seed(arguments.seed)
        .with_stratify(arguments.stratify)
        .with_near_duplicates((!arguments.ignore_duplicates).then_some(share)))
}

/// The parts are written in the format of the input, if it has one.
fn name_format(options: &mut ConvertOptions, corpus: &Corpus) -> Result<(), Failure> {
    if options.to.is_none() {
        let mut formats = corpus.formats.iter();
        match (formats.next(), formats.next()) {
            (Some(only), None) => options.to = Some(*only),
            _ => {
                let names: Vec<&str> =
                    corpus.formats.iter().map(|format| format.as_str()).collect();
                let found = names.join(" and ");
                let message = format!("expected corpora of one format, found {found}");
                return Err(Failure::usage(message).hint("name the one to write with --to"));
            }
        }
    }
    Ok(())
}

fn report(report: &SplitReport<'_>, parts: &[PartSummary], corpus: &Corpus, folder: &Path) {
    report.lines().iter().for_each(say);
    let mut all = ConvertSummary::default();
    all.labels = corpus.labels.clone();
    report.disjoint_parts().for_each(|part| all.add(part.summary.clone()));
    report_changes(&all);
    say(format!("{}: {} files", folder.display(), parts.len()));
}
