//! `ner-align curve`: how the score grows with the data, and what more would bring.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use ner_align_cli::corpus_args::CorpusArgs;
use ner_align_cli::say::say;
use ner_align_cli::signals::leave_no_drafts;
use ner_align_cli::{Failure, output};
use ner_align_corpus::AtomicFile;
use ner_align_corpus::io::refuse_overwriting;
use ner_align_metrics::learning_curve::{Forecast, Interval, LearningCurve, TrainedOn};
use ner_align_pipeline::PipelineError;
use ner_align_pipeline::learning::{LearningPlan, LearningRun};
use ner_align_render::learning_curve_svg;
use serde_json::json;

use crate::fault::OrFail;
use crate::train::tell;
use crate::tuning::TuningArgs;

const EXAMPLES: &str = "\
Examples:
  ner-align curve train.conll --dev dev.conll --model google-bert/bert-base-cased -o curve.svg
  ner-align curve train.conll --dev dev.conll --model bert/ --shares 1/4,1/2,3/4,1 --seeds 5";

/// Arguments of `curve`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct CurveArgs {
    /// Training corpora, of which parts are taken
    #[arg(required = true, value_name = "TRAIN")]
    input: Vec<PathBuf>,
    /// Development corpora, scored after each epoch
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    dev: Vec<PathBuf>,
    /// Test corpora, on which the best models are scored in place of the development corpora
    #[arg(long, num_args = 1.., value_name = "FILE")]
    test: Vec<PathBuf>,
    /// Pretrained model: a folder, or ORG/NAME[@REVISION] on the Hub
    #[arg(long, value_name = "DIR|HUB_ID")]
    model: PathBuf,
    /// Parts of the training documents, in their own order by chance for each seed
    #[arg(long, value_name = "A,B,...", value_delimiter = ',', value_parser = share)]
    #[arg(default_value = "1/8,1/4,1/2,1")]
    shares: Vec<f64>,
    /// Number of runs on each part
    #[arg(long, value_name = "N", default_value_t = 3)]
    seeds: u64,
    #[command(flatten)]
    tuning: TuningArgs,
    /// File for the curve as a picture, SVG
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Print one JSON document instead of tables
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    corpus: CorpusArgs,
}

/// A share as a fraction or a number.
fn share(text: &str) -> Result<f64, String> {
    let number = |text: &str| text.trim().parse::<f64>().ok();
    let value = match text.split_once('/') {
        Some((part, whole)) => number(part).zip(number(whole)).map(|(part, whole)| part / whole),
        None => number(text),
    };
    value
        .filter(|value| *value > 0.0 && *value <= 1.0)
        .ok_or_else(|| format!("expected a share such as 1/4 or 0.25, up to 1, found {text:?}"))
}

/// Runs the command.
pub(crate) fn run(arguments: &CurveArgs) -> Result<(), Failure> {
    let mut settings = arguments.tuning.settings(&[])?;
    let words = arguments.corpus.word_splitting()?;
    settings.model.words = words.unwrap_or(settings.model.words);
    let plan = LearningPlan::default()
        .with_shares(arguments.shares.clone())
        .with_seeds((1..=arguments.seeds).collect());
    check(&plan)?;
    leave_no_drafts();
    if let Some(path) = &arguments.output {
        let read: Vec<&PathBuf> =
            arguments.input.iter().chain(&arguments.dev).chain(&arguments.test).collect();
        refuse_overwriting(path, &read)?;
    }
    let train = arguments.corpus.read(&arguments.input, None)?.documents;
    let reading = arguments.corpus.options(None)?;
    let mut heard = false;
    let runs = plan.run(
        &train,
        |seed| {
            let settings = settings.clone().with("seed", &seed.to_string())?;
            let base = arguments.tuning.fine_tuner(&arguments.model);
            let tuner = base
                .map_err(|failure| PipelineError::Callback(failure.into()))?
                .dev(&arguments.dev)
                .test(&arguments.test)
                .reading(reading.clone())
                .settings(settings);
            // Further runs have the same to say.
            let first = !std::mem::replace(&mut heard, true);
            Ok(tuner.on_notice(move |notice| {
                if first {
                    tell(notice);
                }
            }))
        },
        |run| {
            let LearningRun { sentences, seed, f1, .. } = run;
            say(format!("{sentences} sentences, seed {seed}: strict F1 {:.2}", 100.0 * f1));
        },
    );
    let runs = runs.or_fail()?;
    let points: Vec<TrainedOn> = runs.iter().copied().map(TrainedOn::from).collect();
    let curve = LearningCurve::fit(&points).map_err(|error| Failure::usage(error.to_string()))?;
    let twice = curve.forecast(2.0 * curve.largest() as f64, 0);
    if let Some(path) = &arguments.output {
        let picture = learning_curve_svg(&curve, 2 * curve.largest(), "sentences");
        let mut file = AtomicFile::create(path)?;
        file.write_all(picture.as_bytes())
            .map_err(|error| Failure::environment(format!("{}: {error}", path.display())))?;
        file.commit()?;
    }
    if arguments.json {
        return output::print_json(&json!({
            "runs": runs,
            "limit": curve.limit(),
            "gap": curve.gap(),
            "exponent": curve.exponent(),
            "noise": curve.noise(),
            "twice": twice,
        }));
    }
    output::print(&tables(&runs, &curve, &twice))
}

/// Refuses a plan whose runs make no curve, before hours of training.
fn check(plan: &LearningPlan) -> Result<(), Failure> {
    let probe = plan.shares.iter().flat_map(|share| {
        let size = (share * 1e6).round() as usize;
        plan.seeds.iter().map(move |_| TrainedOn::new(size, 0.5))
    });
    LearningCurve::fit(&probe.collect::<Vec<_>>()).map(|_| ()).map_err(|error| {
        Failure::usage(error.to_string()).hint("--shares and --seeds say how many runs there are")
    })
}

fn tables(runs: &[LearningRun], curve: &LearningCurve, twice: &Forecast) -> String {
    let points = |value: f64| 100.0 * value;
    let mut text = "   share  sentences  runs  strict F1  ± of runs  curve\n".to_owned();
    for alike in runs.chunk_by(|a, b| a.share == b.share) {
        let count = alike.len() as f64;
        let mean = |each: &dyn Fn(&LearningRun) -> f64| alike.iter().map(each).sum::<f64>() / count;
        let (f1, size) = (mean(&|run| run.f1), mean(&|run| run.sentences as f64));
        let spread = mean(&|run| (run.f1 - f1).powi(2)).sqrt();
        let _ = writeln!(
            text,
            "{:>8.3}  {size:>9.0}  {:>4}  {:>9.2}  {:>9.2}  {:>5.2}",
            alike.first().map_or(0.0, |run| run.share),
            alike.len(),
            points(f1),
            points(spread),
            points(curve.at(size)),
        );
    }
    let of = |Interval { value, low, high, .. }: Interval| {
        format!("{:.2} (90 %: {:.2} to {:.2})", points(value), points(low), points(high))
    };
    let _ = write!(
        text,
        "\nF1 = {:.2} - {:.2} * (sentences / {})^-{:.2}, single runs {:.2} off\n\
         {:.0} sentences, twice the data: {}\na gain of {}\n",
        points(curve.limit()),
        points(curve.gap()),
        curve.largest(),
        curve.exponent(),
        points(curve.noise()),
        twice.size,
        of(twice.score),
        of(twice.gain),
    );
    text
}
