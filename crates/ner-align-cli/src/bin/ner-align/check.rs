//! `check`: what is wrong or doubtful in corpora, and where.

use std::io::{IsTerminal, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use ner_align_cli::corpus_args::CorpusArgs;
use ner_align_cli::failure::INPUT;
use ner_align_cli::flags::with_flags;
use ner_align_cli::write_args::scheme;
use ner_align_cli::{Failure, finish, output};
use ner_align_core::Severity;
use ner_align_corpus::OnSurfaceMismatch;
use ner_align_curate::lint::{Checker, LintOptions, Report, SubtokenLint, TextOptions, check};

const EXAMPLES: &str = "\
Examples:
  ner-align check train.conll
  ner-align check train.conll --against dev.conll         # leakage between the parts
  ner-align check train.jsonl --tokenizer google-bert/bert-base-cased --json";

/// Arguments of `check`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct CheckArgs {
    /// Corpora, which are checked as one; of a folder all files; `-` is standard input
    #[arg(required = true, value_name = "IN")]
    inputs: Vec<PathBuf>,
    /// Other parts to compare with, for sentences, entities and labels on both sides or on one
    #[arg(long, num_args = 1.., value_name = "OTHER")]
    against: Vec<PathBuf>,
    /// Folder with a tokenizer, a tokenizer.json, or ORG/NAME[@REVISION] on the Hugging Face Hub:
    /// check what the model will see
    #[arg(long, value_name = "DIR|FILE|HUB_ID")]
    tokenizer: Option<PathBuf>,
    /// Use only the cache of the Hugging Face Hub
    #[arg(long, requires = "tokenizer")]
    offline: bool,
    /// Positions that the model has, special tokens included [default: as the tokenizer says, or 512]
    #[arg(long, value_name = "N", requires = "tokenizer")]
    max_length: Option<usize>,
    /// Scheme of the tags; detected from the tags unless given
    #[arg(long, value_name = "SCHEME")]
    from_scheme: Option<String>,
    /// Leave findings of this code out; may be given several times
    #[arg(long, value_name = "CODE")]
    ignore: Vec<String>,
    /// Report labels with fewer entities than this
    #[arg(long, value_name = "N", default_value_t = 50)]
    rare_label: usize,
    /// Sentences that share this much of their runs of three words are near-duplicates
    #[arg(long, value_name = "SHARE", default_value_t = 0.8)]
    near_duplicates: f64,
    /// Exit with status 1 for warnings too
    #[arg(long)]
    strict: bool,
    /// List every finding, not only the first of each kind
    #[arg(long)]
    all: bool,
    /// Keep so many findings of each code; more are only counted
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    max_findings: usize,
    /// Print everything as one JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    corpus: CorpusArgs,
}

/// Runs `check`; the exit status is 1 if it found what it looks for.
pub(crate) fn run(arguments: &CheckArgs) -> ExitCode {
    match report(arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(INPUT),
        Err(failure) => finish(Err(failure)),
    }
}

/// Prints what was found; true if nothing of it is grave.
fn report(arguments: &CheckArgs) -> Result<bool, Failure> {
    let report = look(arguments)?;
    if arguments.json {
        output::print_json(&report)?;
    } else {
        let unstyled = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let styled = !unstyled && stdout().is_terminal();
        let options = TextOptions::default().with_all(arguments.all).with_styled(styled);
        output::print(&report.text(options))?;
    }
    let grave = if arguments.strict { Severity::Warning } else { Severity::Error };
    Ok(report.count_from(grave) == 0)
}

fn look(arguments: &CheckArgs) -> Result<Report, Failure> {
    let share = arguments.near_duplicates;
    if !(share > 0.0 && share <= 1.0) {
        return Err(Failure::usage(format!(
            "--near-duplicates: expected a share above 0 and up to 1, found {share}"
        )));
    }
    let read = arguments.corpus.options(scheme(arguments.from_scheme.as_deref())?)?;
    // All such spans are listed, not only those of the first document.
    let read = match arguments.corpus.on_surface_mismatch {
        None => read.with_on_surface_mismatch(OnSurfaceMismatch::Offsets),
        Some(_) => read,
    };
    let mut checker = Checker::new(
        &LintOptions::default()
            .with_max_findings(arguments.max_findings)
            .with_ignore(arguments.ignore.iter().cloned().collect())
            .with_rare_label(arguments.rare_label)
            .with_near_duplicates(share),
    );
    if let Some(path) = &arguments.tokenizer {
        let tokenizer = crate::tokenizer::open(path, arguments.offline)?;
        let mut lint = SubtokenLint::new(tokenizer);
        if let Some(positions) = arguments.max_length {
            lint = lint.with_max_length(positions);
        }
        checker.add(Box::new(lint));
    }
    let mut report = check(checker, &arguments.inputs, &arguments.against, &read)?;
    for finding in &mut report.findings {
        finding.message = with_flags(&finding.message);
        finding.hint = finding.hint.as_deref().map(with_flags);
    }
    Ok(report)
}
