//! `--fail-under`: a floor under a score.

use ner_align_cli::Failure;
use ner_align_metrics::Scores;

const EXAMPLES: &str = "for example strict=0.8, strict.PER=0.7 or token_accuracy=0.95";

/// A floor under a score.
pub(super) struct Gate {
    path: String,
    floor: f64,
}

impl Gate {
    pub(super) fn parse(text: &str) -> Result<Self, Failure> {
        let bad = || {
            Failure::usage(format!("--fail-under: expected MEASURE=X, found {text:?}"))
                .hint(EXAMPLES)
        };
        let (path, floor) = text.rsplit_once('=').ok_or_else(bad)?;
        let floor = floor.parse().ok().filter(|floor: &f64| floor.is_finite()).ok_or_else(bad)?;
        Ok(Self { path: path.to_owned(), floor })
    }

    /// An undefined score does not reach any floor.
    pub(super) fn check(&self, scores: &Scores) -> Result<(), Failure> {
        // `strict` alone is its micro F1, `strict.PER` the F1 of a type.
        let paths = ["", ".f1", ".micro.f1"].map(|end| format!("{}{end}", self.path));
        let Some(value) = paths.iter().find_map(|path| scores.value(path)) else {
            return Err(
                Failure::usage(format!("--fail-under: no measure {:?}", self.path)).hint(EXAMPLES)
            );
        };
        let found = match value {
            Some(value) if value >= self.floor => return Ok(()),
            Some(value) => format!("{value:.4}"),
            None => "no defined value".to_owned(),
        };
        let Self { path, floor } = self;
        Err(Failure::input(format!("{path}: expected {floor} or more, found {found}")))
    }
}
