//! `ner-align score`: predicted against gold.

use std::path::PathBuf;

use clap::Args;
use ner_align_cli::corpus_args::{CorpusArgs, report_findings};
use ner_align_cli::{Failure, output};
use ner_align_core::{DecodeMode, Scheme};
use ner_align_corpus::ErrorKind;
use ner_align_corpus::io::refuse_overwriting;
use ner_align_metrics::compat::Tool;
use ner_align_metrics::resampling::ResamplingUnit;
use ner_align_metrics::{Floor, MetricsError};
use ner_align_render::ScorePage;
use ner_align_scoring::{ConfusionPicture, Outcome, Scoring, ScoringError, TextOptions};

const EXAMPLES: &str = "\
Examples:
  ner-align score gold.conll predicted.conll
  ner-align score --columns both.conll --compat seqeval   # the last two columns
  ner-align score gold.jsonl predicted.jsonl --html report.html
  ner-align score gold.conll a.conll --versus b.conll --bootstrap 1000";

/// Arguments of `score`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
// `--columns` is a file here.
#[command(mut_arg("csv_columns", |argument| argument.long("csv-columns")))]
pub(crate) struct ScoreArgs {
    /// The gold corpus
    #[arg(required_unless_present = "columns")]
    gold: Option<PathBuf>,
    /// The same words with predicted entities
    #[arg(required_unless_present = "columns")]
    predicted: Option<PathBuf>,
    /// A file whose last two columns are the gold and the predicted tag
    #[arg(long, value_name = "FILE", conflicts_with_all = ["gold", "predicted", "tag_col"])]
    columns: Option<PathBuf>,
    /// Scheme of the tags; detected from the gold tags unless given
    #[arg(long)]
    scheme: Option<Scheme>,
    /// Spans of tags: lenient, as conlleval reads them, or strict
    #[arg(
        long,
        value_name = "RULE",
        value_enum,
        default_value = "lenient",
        hide_possible_values = true
    )]
    span_decode: SpanDecode,
    /// Share of the longer entity, 0 to 1, that a pair must have in common
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, hide_default_value = true)]
    min_overlap: f64,
    /// Also give F with recall weighing B times as much as precision
    #[arg(long, value_name = "B", default_value_t = 1.0, hide_default_value = true)]
    beta: f64,
    /// Also print what another tool would: seqeval, seqeval-strict, conlleval, nervaluate, spacy
    #[arg(long, value_name = "TOOL")]
    compat: Vec<Tool>,
    /// Confidence intervals of the strict scores from N resamples
    #[arg(long, value_name = "N")]
    bootstrap: Option<usize>,
    /// Compare with a second system: differences, intervals, p-values
    #[arg(long, value_name = "PRED2")]
    versus: Option<PathBuf>,
    /// What is resampled: sentence or document
    #[arg(
        long,
        value_name = "UNIT",
        value_enum,
        default_value = "sentence",
        hide_possible_values = true
    )]
    by: By,
    /// Seed of resampling
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Training data, repeatable: adds scores of seen and unseen entities
    #[arg(long, value_name = "FILE")]
    train: Vec<PathBuf>,
    /// List every error with its place, texts and neighbours
    #[arg(long)]
    errors: bool,
    /// Also print the confusion of tags; --confusion then draws that one
    #[arg(long)]
    tags: bool,
    /// Exit with status 1 if a measure is below a value, as in `strict=0.8` or `strict.PER=0.7`
    #[arg(long, value_name = "MEASURE=X")]
    fail_under: Vec<String>,
    /// Write a page with everything, and the first 5,000 errors
    #[arg(long, value_name = "OUT")]
    html: Option<PathBuf>,
    /// Draw the confusion of entities to a .svg or .png file
    #[arg(long, value_name = "OUT")]
    confusion: Option<PathBuf>,
    /// Print one JSON document instead of tables
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    corpus: CorpusArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum SpanDecode {
    Lenient,
    Strict,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum By {
    Sentence,
    Document,
}

impl ScoreArgs {
    /// What is scored, and how.
    fn scoring(&self) -> Result<Scoring, Failure> {
        let scoring = match (&self.columns, &self.gold, &self.predicted) {
            (Some(file), ..) => Scoring::of_columns(file),
            (None, Some(gold), Some(predicted)) => Scoring::of(gold, predicted),
            _ => return Err(Failure::usage("expected GOLD and PRED, or --columns FILE")),
        };
        let mode = match self.span_decode {
            SpanDecode::Lenient => DecodeMode::Lenient,
            SpanDecode::Strict => DecodeMode::Strict,
        };
        let unit = match self.by {
            By::Sentence => ResamplingUnit::Sentence,
            By::Document => ResamplingUnit::Document,
        };
        let mut scoring = scoring
            .read_options(self.corpus.options(self.scheme)?)
            .mode(mode)
            .min_overlap(self.min_overlap)
            .beta(self.beta)
            .compat(self.compat.iter().copied())
            .unit(unit)
            .seed(self.seed)
            .training(&self.train);
        if let Some(scheme) = self.scheme {
            scoring = scoring.scheme(scheme);
        }
        if let Some(resamples) = self.bootstrap {
            scoring = scoring.bootstrap(resamples);
        }
        if let Some(versus) = &self.versus {
            scoring = scoring.versus(versus);
        }
        if self.errors || self.html.is_some() {
            scoring = scoring.analyze();
        }
        if !self.errors {
            // More of them are not shown.
            scoring = scoring.max_errors(ScorePage::MAX_ERRORS);
        }
        Ok(scoring)
    }

    /// Refuses an output that would replace an input.
    fn check_outputs(&self) -> Result<(), Failure> {
        let read = [&self.gold, &self.predicted, &self.columns, &self.versus];
        let read: Vec<_> = read.into_iter().flatten().chain(&self.train).collect();
        let mut written = [&self.html, &self.confusion].into_iter().flatten();
        Ok(written.try_for_each(|path| refuse_overwriting(path, &read))?)
    }
}

/// Runs the command.
pub(crate) fn run(arguments: &ScoreArgs) -> Result<(), Failure> {
    // A faulty command line is reported before anything is read or written.
    let floors = arguments.fail_under.iter().map(|floor| floor.parse::<Floor>());
    let floors = floors.collect::<Result<Vec<_>, _>>().map_err(metrics_failure)?;
    let picture = arguments.confusion.as_deref().map(ConfusionPicture::new);
    let picture = picture.transpose().map_err(failure)?;
    arguments.check_outputs()?;

    let outcome = arguments.scoring()?.run().map_err(failure)?;
    for source in &outcome.findings {
        report_findings(&source.counts, &source.findings);
    }
    if let Some(path) = &arguments.html {
        outcome.write_page(path).map_err(failure)?;
    }
    if let Some(picture) = picture {
        picture.write(&outcome, arguments.tags).map_err(failure)?;
    }
    print(arguments, &outcome)?;
    floors.iter().try_for_each(|floor| floor.check(&outcome.scores)).map_err(metrics_failure)
}

fn print(arguments: &ScoreArgs, outcome: &Outcome) -> Result<(), Failure> {
    if arguments.json {
        return output::print_json(&outcome.json(arguments.errors).map_err(failure)?);
    }
    let mut options =
        TextOptions::default().with_tags(arguments.tags).with_errors(arguments.errors);
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    if let Some(columns) = columns.filter(|columns| *columns > 0) {
        options = options.with_width(columns);
    }
    output::print(&outcome.text(&options))
}

/// A failure that names the option at fault as the command line does.
fn failure(error: ScoringError) -> Failure {
    let error = match error {
        ScoringError::Corpus(error) => return error.into(),
        ScoringError::Metrics(error) => return metrics_failure(error),
        error => error,
    };
    let failure = match error.kind() {
        ErrorKind::Usage => Failure::usage,
        ErrorKind::Environment => Failure::environment,
        _ => Failure::input,
    };
    let failure = match &error {
        ScoringError::PictureName { .. } => failure(format!("--confusion: {error}")),
        ScoringError::StandardInput => {
            return failure(error.to_string())
                .hint("--columns - reads gold and predicted from one");
        }
        error => failure(error.to_string()),
    };
    Failure { hint: error.hint().map(str::to_owned), ..failure }
}

#[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
fn metrics_failure(error: MetricsError) -> Failure {
    let failure = match &error {
        MetricsError::Option { option: "resamples", expected, found } => {
            Failure::usage(format!("--bootstrap: expected {expected}, found {found}"))
        }
        MetricsError::Option { option, expected, found } => {
            let option = option.replace('_', "-");
            Failure::usage(format!("--{option}: expected {expected}, found {found}"))
        }
        MetricsError::FloorSyntax { .. } | MetricsError::UnknownMeasure { .. } => {
            Failure::usage(format!("--fail-under: {error}"))
        }
        _ => Failure::input(error.to_string()),
    };
    Failure { hint: error.hint().map(str::to_owned), ..failure }
}
