//! The arguments that drop entities of a low score, and that find more of them.

use ner_align_cli::Failure;
use ner_align_core::Label;
use ner_align_metrics::calibration::FEWEST_KEPT;
use ner_align_pipeline::{Predictor, Thresholds};

use crate::fault::OrFail;

/// A number for one type or for all: `PER=0.8`, `0.5`.
#[derive(Debug, Clone)]
pub(crate) struct ByType {
    pub(crate) label: Option<Label>,
    pub(crate) value: f64,
}

impl std::str::FromStr for ByType {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (label, number) = match text.rsplit_once('=') {
            Some((label, number)) => (Some(label), number),
            None => (None, text),
        };
        let label = match label {
            Some(name) => Some(Label::new(name).ok_or("expected a type before =, found nothing")?),
            None => None,
        };
        let value = number.parse().ok().filter(|value| (0.0..=1.0).contains(value));
        let value =
            value.ok_or_else(|| format!("expected a number from 0 to 1, found {number}"))?;
        Ok(Self { label, value })
    }
}

/// Which entities are kept.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ThresholdArgs {
    /// Drop entities of a lower score: of a type (PER=0.8) or all others (0.5); repeatable
    #[arg(long, value_name = "[TYPE=]P")]
    pub(crate) threshold: Vec<ByType>,
    /// Drop entities below the score that has this precision on the development data; repeatable
    #[arg(long, value_name = "[TYPE=]P")]
    pub(crate) min_precision: Vec<ByType>,
    /// Find as many entities as `calibrate --recall` promised
    #[arg(long, conflicts_with_all = ["threshold", "min_precision"])]
    pub(crate) recall: bool,
}

impl ThresholdArgs {
    /// The model with these thresholds, or with the recall that it promises.
    pub(crate) fn apply(&self, model: Predictor) -> Result<Predictor, Failure> {
        let model = if self.recall { with_recall(model)? } else { model };
        let mut thresholds = Thresholds::default();
        let by_precision = self.min_precision.iter().map(|wanted| (wanted, true));
        let by_score = self.threshold.iter().map(|wanted| (wanted, false));
        for (ByType { label, value }, is_precision) in by_precision.chain(by_score) {
            let argument = if is_precision { "--min-precision" } else { "--threshold" };
            if let Some(label) = label {
                check_type(argument, label, &model)?;
            }
            let score =
                if is_precision { score_for(&model, label.as_ref(), *value)? } else { *value }
                    as f32;
            thresholds = match label {
                Some(label) => thresholds.with_type(label.clone(), score),
                None => thresholds.with_all(score),
            };
        }
        Ok(model.with_thresholds(thresholds))
    }
}

/// Refuses a type that the model does not have.
pub(crate) fn check_type(argument: &str, label: &Label, model: &Predictor) -> Result<(), Failure> {
    let types = model.labels().types();
    if types.contains(label) {
        return Ok(());
    }
    let names: Vec<&str> = types.iter().map(Label::as_str).collect();
    Err(Failure::usage(format!("{argument}: expected a type of the model, found {label}"))
        .hint(format!("the model has {}", names.join(", "))))
}

/// The model with the recall that it promises.
pub(crate) fn with_recall(model: Predictor) -> Result<Predictor, Failure> {
    if model.calibration().is_none_or(|own| own.recall.is_empty()) {
        return Err(Failure::input(
            "--recall: expected a model with a promised recall, found one without",
        )
        .hint("`ner-align calibrate --model DIR --recall 0.95 DEV` makes the promise"));
    }
    model.with_recall().or_fail()
}

/// The score at which the model had a precision on its development data.
fn score_for(model: &Predictor, label: Option<&Label>, precision: f64) -> Result<f64, Failure> {
    let calibration = model.calibration().ok_or_else(|| {
        Failure::input(
            "--min-precision: expected a calibrated model, found one without calibration.json",
        )
        .hint("`ner-align calibrate --model DIR DEV` measures it")
    })?;
    calibration.threshold(label.map(Label::as_str), precision).ok_or_else(|| {
        let of = label.map_or_else(String::new, |label| format!(" for {label}"));
        Failure::input(format!(
            "--min-precision: expected a precision that the model reached on its development data, \
             found {precision}{of}"
        ))
        .hint(format!(
            "`ner-align calibrate` prints what it reached, where at least {FEWEST_KEPT} entities show \
             it; --threshold sets a score"
        ))
    })
}
