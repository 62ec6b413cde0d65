//! `ner-align calibrate`: how honest a model's scores are, the temperature that makes them so, and the recall that the
//! model keeps.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use ner_align_cli::corpus_args::CorpusArgs;
use ner_align_cli::say::say;
use ner_align_cli::{Failure, output};
use ner_align_core::Label;
use ner_align_pipeline::{Calibration, Predictor, RecallPromise, RecallTargets, write_calibration};

use crate::fault::OrFail;
use crate::model::ModelArgs;
use crate::thresholds::ByType;

const EXAMPLES: &str = "\
Examples:
  ner-align calibrate --model out/model-best dev.conll
  ner-align calibrate --model out/model-best --recall PER=0.99 --recall 0.95 dev.conll";

/// Arguments of `calibrate`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct CalibrateArgs {
    #[command(flatten)]
    model: ModelArgs,
    /// Annotated corpora that the model was not trained on
    #[arg(required = true, value_name = "DEV")]
    input: Vec<PathBuf>,
    /// Promise this recall: of a type (PER=0.99), or of all others together (0.95); repeatable
    #[arg(long, value_name = "[TYPE=]R")]
    recall: Vec<ByType>,
    /// The probability that the promises of recall are true
    #[arg(long, value_name = "P", default_value_t = 0.99, requires = "recall")]
    confidence: f64,
    /// Print the calibration as JSON instead of tables
    #[arg(long)]
    json: bool,
    /// Leave the model folder as it is
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    corpus: CorpusArgs,
}

impl CalibrateArgs {
    /// The recall that is asked for. What is said last of a type counts.
    fn targets(&self) -> RecallTargets {
        let targets = RecallTargets::default().with_confidence(self.confidence);
        self.recall.iter().fold(targets, |targets, ByType { label, value }| match label {
            Some(label) => targets.with_type(label.clone(), *value),
            None => targets.with_all(*value),
        })
    }
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
    let calibration =
        model.calibrate_for_recall(&corpus.documents, &arguments.targets()).or_fail()?;
    let kept = model.calibration().map(|own| own.recall.clone()).unwrap_or_default();
    let calibration = if arguments.recall.is_empty() && !kept.is_empty() {
        say("note: the promised recall stays as it was; --recall promises it anew");
        calibration.with_recall(kept)
    } else {
        calibration
    };
    let present = match model.calibration() {
        Some(own) => {
            let error =
                model.reliability(&corpus.documents).or_fail()?.expected_calibration_error();
            Some((own.temperature, error))
        }
        None => None,
    };
    if !arguments.dry_run {
        write_calibration(&folder, &calibration).or_fail()?;
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
    text + &promises(&calibration.recall)
}

/// What is promised, a line a promise.
fn promises(promises: &[RecallPromise]) -> String {
    let Some(first) = promises.first() else { return String::new() };
    let names: Vec<String> = promises.iter().map(names).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(5);
    let mut text = format!(
        "\nrecall promised with a confidence of {}, `--recall` keeps it\n{:width$}  promised  bonus  documents  \
         entities  found without, with  precision without, with\n",
        first.confidence, "types"
    );
    let share = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |v| format!("{v:.3}"));
    for (name, own) in names.iter().zip(promises) {
        let of_all =
            |found: usize| share((own.entities > 0).then(|| found as f64 / own.entities as f64));
        let found = format!("{}, {}", of_all(own.found_without), of_all(own.found));
        let precision = format!("{}, {}", share(own.precision_without), share(own.precision));
        let _ = writeln!(
            text,
            "{name:width$}  {:>8}  {:>5.2}  {:>9}  {:>8}  {found:>19}  {precision:>23}",
            own.target, own.bonus, own.documents, own.entities
        );
    }
    text
}

/// The types of a promise.
pub(crate) fn names(promise: &RecallPromise) -> String {
    match promise.types.as_slice() {
        [label] => label.to_string(),
        types if types.len() > 4 => format!("{} types together", types.len()),
        types => types.iter().map(Label::as_str).collect::<Vec<_>>().join("+"),
    }
}
