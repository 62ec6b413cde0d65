//! A picture of a run's curves.

mod axis;
mod svg;

use serde_json::Value;

/// Values by optimizer step.
type Points = Vec<(f64, f64)>;

/// The curves of a run, from its `metrics.jsonl`: losses, learning rate and F1 by step.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Curves {
    train_loss: Points,
    eval_loss: Points,
    learning_rate: Points,
    f1: Points,
}

impl Curves {
    /// Reads the lines of `metrics.jsonl`, of all parts of a resumed run. Lines that are not JSON,
    /// such as the last one of a killed process, are ignored, and so are undefined values.
    ///
    /// ```
    /// use ner_align_train::Curves;
    /// let log = r#"{"step": 10, "epoch": 0.5, "loss": 1.25, "learning_rate": 3e-4, "subtokens": 900, "seconds": 2.0}
    /// {"step": 20, "epoch": 1.0, "eval_loss": 0.5, "scores": {"strict": {"micro": {"f1": 0.75}}}}"#;
    /// let picture = Curves::from_log(log).to_svg("a run", Some(20));
    /// assert!(picture.contains("best 0.750 at step 20"));
    /// ```
    #[must_use]
    pub fn from_log(log: &str) -> Self {
        let mut curves = Self::default();
        for line in log.lines() {
            let Ok(line) = serde_json::from_str::<Value>(line) else { continue };
            let Some(step) = line.get("step").and_then(Value::as_f64) else { continue };
            let value = |path: &str| line.pointer(path).and_then(Value::as_f64);
            for (points, path) in [
                (&mut curves.train_loss, "/loss"),
                (&mut curves.learning_rate, "/learning_rate"),
                (&mut curves.eval_loss, "/eval_loss"),
                (&mut curves.f1, "/scores/strict/micro/f1"),
            ] {
                points.extend(value(path).map(|value| (step, value)));
            }
        }
        curves
    }

    /// True if there is nothing to draw.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.train_loss.is_empty() && self.eval_loss.is_empty()
    }

    /// Three panels over one axis of steps: losses, learning rate, strict F1. `best` is the step of
    /// the best model, which is marked in all three. Light or dark as its viewer prefers; text
    /// is text, and there are no scripts.
    #[must_use]
    pub fn to_svg(&self, title: &str, best: Option<usize>) -> String {
        svg::draw(self, title, best)
    }
}

#[cfg(test)]
mod tests;
