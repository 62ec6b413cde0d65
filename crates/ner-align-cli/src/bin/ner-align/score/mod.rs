//! `ner-align score`: predicted against gold.

mod compat;
mod count;
mod files;
mod gate;
mod outcome;
mod pair;
mod source;
mod text;

use std::path::PathBuf;

use clap::Args;
use ner_align_cli::corpus_args::CorpusArgs;
use ner_align_cli::paths::refuse_overwriting;
use ner_align_cli::{Failure, output};
use ner_align_core::{DecodeMode, Metric, Scheme};
use ner_align_metrics::MetricsError;
use ner_align_metrics::analysis::Analyzer;
use ner_align_metrics::compat::Tool;
use ner_align_metrics::resampling::{Resampling, ResamplingUnit};

use files::Picture;
use gate::Gate;
use outcome::Outcome;

/// Arguments of `score`.
#[derive(Debug, Args)]
// `--columns` is a file here.
#[command(mut_arg("csv_columns", |argument| argument.long("csv-columns")))]
pub(crate) struct ScoreArgs {
    /// The gold corpus
    #[arg(required_unless_present = "columns")]
    gold: Option<PathBuf>,
    /// The same words with predicted entities
    #[arg(required_unless_present = "columns")]
    predicted: Option<PathBuf>,
    /// One column file whose last two columns are the gold and the predicted tag
    #[arg(long, value_name = "FILE", conflicts_with_all = ["gold", "predicted", "tag_col"])]
    columns: Option<PathBuf>,
    /// Scheme of the tags; told from the gold tags unless given
    #[arg(long)]
    scheme: Option<Scheme>,
    /// How tags become spans: conlleval's rule, or only what the scheme allows
    #[arg(long, value_enum, default_value = "lenient")]
    span_decode: SpanDecode,
    /// Share of the longer of two entities that they must share to be a pair, from 0 to 1
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
    /// Compare with a second system's predictions: differences, intervals, p-values
    #[arg(long, value_name = "PRED2")]
    versus: Option<PathBuf>,
    /// What is resampled: sentence or document
    #[arg(long, value_enum, default_value = "sentence", hide_possible_values = true)]
    by: By,
    /// Seed of resampling
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Training data: adds scores of seen and unseen entities and by frequency; may be given
    /// several times
    #[arg(long, value_name = "FILE")]
    train: Vec<PathBuf>,
    /// List every error with its place, texts and neighbours
    #[arg(long)]
    errors: bool,
    /// Also print the confusion of the tags of words; with --confusion, draw that one
    #[arg(long)]
    tags: bool,
    /// Exit with status 1 if a measure is below a value, as in `strict=0.8` or `strict.PER=0.7`
    #[arg(long, value_name = "MEASURE=X")]
    fail_under: Vec<String>,
    /// Write a page with everything, the errors included
    #[arg(long, value_name = "OUT")]
    html: Option<PathBuf>,
    /// Draw the confusion of entities to a file that ends in .svg or .png
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

/// Resamples of `--versus` where `--bootstrap` names no other number.
const RESAMPLES: usize = 10_000;
/// Resamples that still fit into memory.
const MAX_RESAMPLES: usize = 10_000_000;

impl ScoreArgs {
    const fn mode(&self) -> DecodeMode {
        match self.span_decode {
            SpanDecode::Lenient => DecodeMode::Lenient,
            SpanDecode::Strict => DecodeMode::Strict,
        }
    }

    /// How to resample, if that was asked for.
    fn resampling(&self) -> Result<Option<Resampling>, Failure> {
        let Some(resamples) = self.bootstrap.or(self.versus.as_ref().map(|_| RESAMPLES)) else {
            return Ok(None);
        };
        if !(1..=MAX_RESAMPLES).contains(&resamples) {
            return Err(Failure::usage(format!(
                "--bootstrap: expected a number from 1 to {MAX_RESAMPLES}, found {resamples}"
            )));
        }
        let unit = match self.by {
            By::Sentence => ResamplingUnit::Sentence,
            By::Document => ResamplingUnit::Document,
        };
        Ok(Some(Resampling::new(self.seed).resamples(resamples).unit(unit)))
    }
}

/// Runs the command.
pub(crate) fn run(arguments: &ScoreArgs) -> Result<(), Failure> {
    // What is wrong with the command line is said before anything is read or written.
    let gates = arguments.fail_under.iter().map(|gate| Gate::parse(gate));
    let gates = gates.collect::<Result<Vec<_>, _>>()?;
    let picture = arguments.confusion.as_deref().map(Picture::parse).transpose()?;
    let resampling = arguments.resampling()?;
    count::scorer(arguments, Scheme::Iob2)?;
    let read = [&arguments.gold, &arguments.predicted, &arguments.columns, &arguments.versus];
    let read: Vec<_> = read.into_iter().flatten().chain(&arguments.train).collect();
    for path in [&arguments.html, &arguments.confusion].into_iter().flatten() {
        refuse_overwriting(path, &read)?;
    }

    let outcome = score(arguments, resampling)?;
    if let Some(path) = &arguments.html {
        files::write_page(path, &outcome)?;
    }
    if let Some(picture) = picture {
        picture.write(&outcome, arguments.tags)?;
    }
    if arguments.json {
        output::print_json(&outcome.json(arguments.errors))?;
    } else {
        output::print(&text::render(&outcome, arguments))?;
    }
    gates.iter().try_for_each(|gate| gate.check(&outcome.scores))
}

fn score(arguments: &ScoreArgs, resampling: Option<Resampling>) -> Result<Outcome, Failure> {
    let counted = count::count(arguments, source::inputs(arguments)?)?;
    let (scorer, names) = (counted.scorer, counted.names);
    let bootstrap = match resampling.filter(|_| arguments.bootstrap.is_some()) {
        Some(resampling) => Some(resampling.bootstrap(scorer.units()).map_err(|e| failure(&e))?),
        None => None,
    };
    let versus = match counted.versus.zip(resampling) {
        Some((other, resampling)) => {
            Some(resampling.compare(scorer.units(), other.units()).map_err(|e| failure(&e))?)
        }
        None => None,
    };
    let scores = scorer.compute();
    let compat = counted
        .spellings
        .map_or_else(Vec::new, |spellings| spellings.score(arguments, counted.scheme, &scores));
    let analysis = counted.analyzer.map(Analyzer::finish);
    Ok(Outcome { names, scores, compat, bootstrap, versus, analysis })
}

fn failure(error: &MetricsError) -> Failure {
    match error {
        MetricsError::Option { .. } => Failure::usage(error.to_string()),
        _ => Failure::input(error.to_string()),
    }
}
