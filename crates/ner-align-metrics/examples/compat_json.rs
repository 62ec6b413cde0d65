//! Scores lines of JSON as another tool would: what `oracles/compare.py` drives.
//!
//! A line in: `{"tool": "seqeval-strict", "scheme": "iob2", "gold": [["O"]], "predicted": [["O"]]}`,
//! where `scheme` may be null and `"zero_division": 1` may be added for seqeval. A line out: `{"scores": …, "text": …}` or `{"error": "…"}`.

use std::io::{BufRead, Write};

use ner_align_core::Scheme;
use ner_align_metrics::ZeroDivision;
use ner_align_metrics::compat::{
    CompatError, CompatScores, Tool, seqeval_strict_zero_division, seqeval_zero_division,
};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Case {
    tool: Tool,
    scheme: Option<Scheme>,
    /// seqeval's option: 0 or 1.
    #[serde(default)]
    zero_division: u8,
    gold: Vec<Vec<String>>,
    predicted: Vec<Vec<String>>,
}

#[derive(Serialize)]
struct Answer {
    #[serde(skip_serializing_if = "Option::is_none")]
    scores: Option<CompatScores>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

fn run(case: &Case) -> Result<CompatScores, CompatError> {
    let Case { tool, scheme, gold, predicted, zero_division } = case;
    let one = ZeroDivision::One;
    Ok(CompatScores::Seqeval(match (tool, zero_division) {
        (Tool::Seqeval, 1) => seqeval_zero_division(gold, predicted, one)?,
        (Tool::SeqevalStrict, 1) => seqeval_strict_zero_division(gold, predicted, *scheme, one)?,
        _ => return tool.run(gold, predicted, *scheme),
    }))
}

fn answer(case: &Case) -> Answer {
    match run(case) {
        Ok(scores) => {
            let text = match &scores {
                CompatScores::Seqeval(scores) => scores.table(2),
                CompatScores::Conlleval(scores) => Some(scores.to_string()),
                CompatScores::Nervaluate(scores) => Some(scores.summary(2)),
                _ => None,
            };
            Answer { scores: Some(scores), text, error: None }
        }
        Err(error) => Answer { scores: None, text: None, error: Some(error.to_string()) },
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let case: Case = serde_json::from_str(&line?)?;
        serde_json::to_writer(&mut out, &answer(&case))?;
        out.write_all(b"\n")?;
    }
    Ok(out.flush()?)
}
