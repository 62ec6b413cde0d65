//! Everything that was asked for, and its JSON.

use ner_align_metrics::Scores;
use ner_align_metrics::analysis::Analysis;
use ner_align_metrics::resampling::{Comparison, Intervals};
use serde::Serialize;
use serde_json::{Map, Value};

use super::compat::Foreign;

/// Everything that was asked for.
pub(super) struct Outcome {
    /// Of the gold and the predicted file.
    pub(super) names: (String, String),
    pub(super) scores: Scores,
    pub(super) compat: Vec<Foreign>,
    pub(super) bootstrap: Option<Intervals>,
    pub(super) versus: Option<Comparison>,
    pub(super) analysis: Option<Analysis>,
}

/// A value's JSON. What is scored here has text keys and finite numbers throughout, so there is
/// nothing that could fail.
fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

impl Outcome {
    /// The scores' own JSON with what else was asked for beside it.
    pub(super) fn json(&self, errors: bool) -> Value {
        let mut all = json(&self.scores);
        let Value::Object(fields) = &mut all else { return all };
        if !self.compat.is_empty() {
            self.add_compat(fields);
        }
        if let Some(bootstrap) = &self.bootstrap {
            fields.insert("bootstrap".to_owned(), json(bootstrap));
        }
        if let Some(versus) = &self.versus {
            fields.insert("versus".to_owned(), json(versus));
        }
        if let Some(analysis) = &self.analysis {
            let mut analysis = json(analysis);
            if let Value::Object(fields) = &mut analysis
                && !errors
            {
                // A page shows them; who reads JSON asks for them.
                fields.remove("errors");
            }
            fields.insert("analysis".to_owned(), analysis);
        }
        all
    }

    fn add_compat(&self, fields: &mut Map<String, Value>) {
        let (mut compat, mut quirks, mut undefined) = (Map::new(), Map::new(), Map::new());
        for foreign in &self.compat {
            let name = foreign.tool.to_string();
            if !foreign.quirks.is_empty() {
                quirks.insert(name.clone(), json(&foreign.quirks));
            }
            match &foreign.scores {
                Ok(scores) => compat.insert(name, json(scores)),
                Err(reason) => {
                    undefined.insert(format!("compat.{name}"), reason.as_str().into());
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
    }
}
