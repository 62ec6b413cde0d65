//! `ner-align calibrate`: how honest a model's scores are, and the temperature that makes them so.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use ner_align_cli::corpus_args::CorpusArgs;
use ner_align_cli::{Failure, output};
use ner_align_pipeline::{Calibration, Predictor};

use crate::fault::OrFail;
use crate::model::ModelArgs;

const EXAMPLES: &str = "\
Examples:
  ner-align calibrate --model out/model-best dev.conll";

/// Arguments of `calibrate`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct CalibrateArgs {
    #[command(flatten)]
    model: ModelArgs,
    /// Annotated corpora that the model was not trained on
    #[arg(required = true, value_name = "DEV")]
    input: Vec<PathBuf>,
    /// Print the calibration as JSON instead of tables
    #[arg(long)]
    json: bool,
    /// Leave the model folder as it is
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    corpus: CorpusArgs,
}

/// Runs the command.
pub(crate) fn run(arguments: &CalibrateArgs) -> Result<(), Failure> {
    if !arguments.dry_run && !arguments.model.is_folder() {
        return Err(Failure::usage(
            "--model: expected a folder, which gets calibration.json, found an id of the Hub",
        )
        .hint("--dry-run only prints the calibration"));
    }
    let (model, folder) = arguments.model.open()?;
    let n = model.sentences_per_document(arguments.corpus.n);
    let reading = CorpusArgs { n, ..arguments.corpus.clone() };
    let corpus = reading.read(&arguments.input, None)?;
    let calibration = model.calibrate(&corpus.documents).or_fail()?;
    let present = match model.calibration() {
        Some(own) => {
            let error =
                model.reliability(&corpus.documents).or_fail()?.expected_calibration_error();
            Some((own.temperature, error))
        }
        None => None,
    };
    if !arguments.dry_run {
        calibration.write(&folder).or_fail()?;
    }
    if arguments.json {
        return output::print_json(&calibration);
    }
    output::print(&tables(&calibration, present, &model))
}

/// The precisions for which thresholds are shown.
const WANTED: [f64; 4] = [0.8, 0.9, 0.95, 0.99];

fn tables(
    calibration: &Calibration,
    present: Option<(f64, Option<f64>)>,
    model: &Predictor,
) -> String {
    let number = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |v| format!("{v:.3}"));
    let mut text = format!(
        "{} entities\n\n             temperature  expected calibration error\nas it is           1.000  {:>26}\n",
        calibration.reliability.count(),
        number(calibration.error_before),
    );
    if let Some((temperature, error)) = present {
        let _ = writeln!(text, "until now    {temperature:>11.3}  {:>26}", number(error));
    }
    let _ = writeln!(
        text,
        "fitted       {:>11.3}  {:>26}\n\n     score    entities  mean score  precision",
        calibration.temperature,
        number(calibration.error),
    );
    for bin in calibration.reliability.bins.iter().filter(|bin| bin.count > 0) {
        let _ = writeln!(
            text,
            "{:.1} to {:.1}  {:>10}  {:>10}  {:>9}",
            bin.lower,
            bin.upper,
            bin.count,
            number(bin.mean_score),
            number(bin.precision())
        );
    }
    let types = model.labels().types();
    let width = types.iter().map(|label| label.as_str().chars().count()).max().unwrap_or(0).max(9);
    let _ = write!(text, "\nthresholds for a precision of\n{:width$}", "");
    for wanted in WANTED {
        let _ = write!(text, "  {wanted:>5}");
    }
    text.push('\n');
    let rows = types.iter().map(|label| (label.as_str(), Some(label.as_str())));
    for (name, label) in rows.chain([("all types", None)]) {
        let _ = write!(text, "{name:width$}");
        for wanted in WANTED {
            let threshold = calibration.threshold(label, wanted);
            let shown = threshold.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"));
            let _ = write!(text, "  {shown:>5}");
        }
        text.push('\n');
    }
    text
}
