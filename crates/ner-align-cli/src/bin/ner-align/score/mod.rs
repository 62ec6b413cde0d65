//! `ner-align score`: predicted against gold.

mod gate;
mod pair;
mod text;

use std::path::{Path, PathBuf};

use clap::Args;
use ner_align_cli::corpus_args::CorpusArgs;
use ner_align_cli::{Failure, output};
use ner_align_core::{DecodeMode, Metric, Scheme};
use ner_align_metrics::compat::{CompatScores, Tool};
use ner_align_metrics::resampling::{Comparison, Intervals, Resampling};
use ner_align_metrics::{MetricsError, Scorer, Scores};
use serde_json::{Map, Value};

use gate::Gate;
use pair::{Pair, Side, pairs};

/// Arguments of `score`.
#[derive(Debug, Args)]
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
    /// Also print what another tool would: seqeval, seqeval-strict, conlleval, nervaluate, spacy
    #[arg(long, value_name = "TOOL")]
    compat: Vec<Tool>,
    /// Confidence intervals of the strict scores from N resamples of the sentences
    #[arg(long, value_name = "N")]
    bootstrap: Option<usize>,
    /// Compare with a second system's predictions: differences, intervals, p-values
    #[arg(long, value_name = "PRED2")]
    versus: Option<PathBuf>,
    /// Seed of resampling
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Exit with status 1 if a measure is below a value, as in `strict=0.8` or `strict.PER=0.7`
    #[arg(long, value_name = "MEASURE=X")]
    fail_under: Vec<String>,
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

/// Resamples of `--versus` where `--bootstrap` names no other number.
const RESAMPLES: usize = 10_000;

/// Everything that was asked for.
struct Outcome {
    scores: Scores,
    compat: Vec<(Tool, CompatScores)>,
    bootstrap: Option<Intervals>,
    versus: Option<Comparison>,
}

/// Runs the command.
pub(crate) fn run(arguments: &ScoreArgs) -> Result<(), Failure> {
    let gates = arguments.fail_under.iter().map(|gate| Gate::parse(gate));
    let gates = gates.collect::<Result<Vec<_>, _>>()?;
    let outcome = score(arguments)?;
    if arguments.json {
        output::print_json(&outcome.json())?;
    } else {
        output::print(&text::render(&outcome))?;
    }
    gates.iter().try_for_each(|gate| gate.check(&outcome.scores))
}

fn score(arguments: &ScoreArgs) -> Result<Outcome, Failure> {
    let (gold, predicted) = sides(arguments)?;
    let scheme = arguments.scheme.or(gold.scheme()).unwrap_or(Scheme::Iob2);
    let sentences = pairs(&gold, &predicted, scheme)?;
    let resamples = arguments.bootstrap.or(arguments.versus.as_ref().map(|_| RESAMPLES));
    let resampling = Resampling::new(arguments.seed).resamples(resamples.unwrap_or(RESAMPLES));
    let scorer = count(arguments, &sentences, scheme)?;
    let bootstrap = match arguments.bootstrap {
        Some(_) => Some(resampling.bootstrap(scorer.units()).map_err(|e| usage(&e))?),
        None => None,
    };
    let versus = match &arguments.versus {
        Some(path) => {
            let other = Side::read(path, &arguments.corpus, arguments.scheme)?;
            let other = count(arguments, &pairs(&gold, &other, scheme)?, scheme)?;
            Some(resampling.compare(scorer.units(), other.units()).map_err(|e| usage(&e))?)
        }
        None => None,
    };
    let schemes = (gold.scheme().unwrap_or(scheme), predicted.scheme().unwrap_or(scheme));
    let compat = compat(arguments, &sentences, schemes)?;
    Ok(Outcome { scores: scorer.compute(), compat, bootstrap, versus })
}

fn sides(arguments: &ScoreArgs) -> Result<(Side, Side), Failure> {
    let read = |path: &Path, corpus: &CorpusArgs| Side::read(path, corpus, arguments.scheme);
    match (&arguments.columns, &arguments.gold, &arguments.predicted) {
        (Some(file), ..) => {
            let column = |column| CorpusArgs { tag_col: Some(column), ..arguments.corpus.clone() };
            Ok((read(file, &column(-2))?, read(file, &column(-1))?))
        }
        (None, Some(gold), Some(predicted)) => {
            Ok((read(gold, &arguments.corpus)?, read(predicted, &arguments.corpus)?))
        }
        _ => Err(Failure::usage("expected GOLD and PRED, or --columns FILE")),
    }
}

fn count(arguments: &ScoreArgs, sentences: &[Pair<'_>], scheme: Scheme) -> Result<Scorer, Failure> {
    let mode = match arguments.span_decode {
        SpanDecode::Lenient => DecodeMode::Lenient,
        SpanDecode::Strict => DecodeMode::Strict,
    };
    let mut scorer = Scorer::new(scheme, mode);
    if arguments.bootstrap.is_some() || arguments.versus.is_some() {
        scorer = scorer.recording_units();
    }
    let mut document = None;
    for pair in sentences {
        if document.replace(pair.document).is_some_and(|before| before != pair.document) {
            scorer.end_document();
        }
        let counted = scorer.try_update(&pair.gold, &pair.predicted);
        counted.map_err(|error| Failure::input(error.to_string()))?;
    }
    Ok(scorer)
}

/// The numbers of other tools, which read the tags as they are spelled in the files.
fn compat(
    arguments: &ScoreArgs,
    sentences: &[Pair<'_>],
    (gold_scheme, predicted_scheme): (Scheme, Scheme),
) -> Result<Vec<(Tool, CompatScores)>, Failure> {
    if arguments.compat.is_empty() {
        return Ok(Vec::new());
    }
    let spell = |tags: &[ner_align_core::Tag], scheme| -> Vec<String> {
        tags.iter().map(|tag| tag.display(scheme).to_string()).collect()
    };
    let gold: Vec<_> = sentences.iter().map(|pair| spell(&pair.gold, gold_scheme)).collect();
    let predicted: Vec<_> =
        sentences.iter().map(|pair| spell(&pair.predicted, predicted_scheme)).collect();
    let mut tools = arguments.compat.clone();
    tools.sort_unstable();
    tools.dedup();
    tools
        .into_iter()
        .map(|tool| {
            match tool.run(&gold, &predicted, Some(arguments.scheme.unwrap_or(gold_scheme))) {
                Ok(scores) => Ok((tool, scores)),
                Err(error) => Err(Failure::input(format!("--compat {tool}: {error}"))),
            }
        })
        .collect()
}

fn usage(error: &MetricsError) -> Failure {
    match error {
        MetricsError::Option { .. } => Failure::usage(error.to_string()),
        _ => Failure::input(error.to_string()),
    }
}

impl Outcome {
    /// The scores' own JSON with what else was asked for beside it.
    fn json(&self) -> Value {
        let mut json = serde_json::to_value(&self.scores).unwrap_or_default();
        if let Value::Object(fields) = &mut json {
            let compat: Map<String, Value> = self
                .compat
                .iter()
                .map(|(tool, scores)| {
                    (tool.to_string(), serde_json::to_value(scores).unwrap_or_default())
                })
                .collect();
            if !compat.is_empty() {
                fields.insert("compat".to_owned(), Value::Object(compat));
            }
            if let Some(bootstrap) = &self.bootstrap {
                let bootstrap = serde_json::to_value(bootstrap).unwrap_or_default();
                fields.insert("bootstrap".to_owned(), bootstrap);
            }
            if let Some(versus) = &self.versus {
                let versus = serde_json::to_value(versus).unwrap_or_default();
                fields.insert("versus".to_owned(), versus);
            }
        }
        json
    }
}
