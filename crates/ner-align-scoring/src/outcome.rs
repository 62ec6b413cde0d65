//! The result of scoring two corpora, and its JSON.

use ner_align_metrics::analysis::Analysis;
use ner_align_metrics::calibration::Reliability;
use ner_align_metrics::resampling::{Comparison, Intervals};
use ner_align_metrics::{MetricsError, Scores};
use serde_json::{Map, Value};

use crate::{CompatOutcome, ScoringError, SourceFindings};

/// The result of [`crate::Scoring::run`]. Displayed as the text that `ner-align score` prints.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Outcome {
    /// The name of the gold input.
    pub gold_name: String,
    /// The name of the predicted input.
    pub predicted_name: String,
    /// All scores.
    pub scores: Scores,
    /// The numbers of the other tools, in the order of [`ner_align_metrics::compat::Tool::ALL`].
    pub compat: Vec<CompatOutcome>,
    /// Intervals of the strict scores.
    pub bootstrap: Option<Intervals>,
    /// The comparison with a second system.
    pub versus: Option<Comparison>,
    /// Errors with their places, and scores by kind of entity.
    pub analysis: Option<Analysis>,
    /// Scores of predicted entities against their precision, where the predictions have scores.
    pub reliability: Option<Reliability>,
    /// What was read in another way than it was written: the training data, then the gold, the
    /// predicted and the second system's input.
    pub findings: Vec<SourceFindings>,
}

fn json(value: &impl serde::Serialize) -> Result<Value, ScoringError> {
    let failed = |error: serde_json::Error| MetricsError::Serialise { reason: error.to_string() };
    Ok(serde_json::to_value(value).map_err(failed)?)
}

impl Outcome {
    /// The JSON of `ner-align score --json`: that of the scores, with the further results beside
    /// it. The list of errors is part of it only with `errors`.
    ///
    /// # Errors
    /// [`ner_align_metrics::MetricsError::Serialise`] if a part cannot be written as JSON.
    pub fn json(&self, errors: bool) -> Result<Value, ScoringError> {
        let mut all = json(&self.scores)?;
        let Value::Object(fields) = &mut all else { return Ok(all) };
        if !self.compat.is_empty() {
            self.add_compat(fields)?;
        }
        if let Some(bootstrap) = &self.bootstrap {
            fields.insert("bootstrap".to_owned(), json(bootstrap)?);
        }
        if let Some(versus) = &self.versus {
            fields.insert("versus".to_owned(), json(versus)?);
        }
        if let Some(reliability) = &self.reliability {
            let mut of_json = json(reliability)?;
            if let Value::Object(fields) = &mut of_json {
                let error = json(&reliability.expected_calibration_error())?;
                fields.insert("expected_calibration_error".to_owned(), error);
            }
            fields.insert("reliability".to_owned(), of_json);
        }
        if let Some(analysis) = &self.analysis {
            let mut analysis = json(analysis)?;
            if let Value::Object(fields) = &mut analysis
                && !errors
            {
                fields.remove("errors");
            }
            fields.insert("analysis".to_owned(), analysis);
        }
        Ok(all)
    }

    fn add_compat(&self, fields: &mut Map<String, Value>) -> Result<(), ScoringError> {
        let (mut compat, mut quirks, mut undefined) = (Map::new(), Map::new(), Map::new());
        for outcome in &self.compat {
            let name = outcome.tool.to_string();
            if !outcome.quirks.is_empty() {
                quirks.insert(name.clone(), json(&outcome.quirks)?);
            }
            match &outcome.scores {
                Ok(scores) => compat.insert(name, json(scores)?),
                Err(reason) => {
                    undefined.insert(format!("compat.{name}"), reason.to_string().into());
                    compat.insert(name, Value::Null)
                }
            };
        }
        fields.insert("compat".to_owned(), Value::Object(compat));
        if !quirks.is_empty() {
            fields.insert("compat_quirks".to_owned(), Value::Object(quirks));
        }
        if !undefined.is_empty() {
            let all = fields.entry("undefined").or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(all) = all {
                all.extend(undefined);
            }
        }
        Ok(())
    }
}
