//! What is scored, and how.

mod count;

use std::path::{Path, PathBuf};

use ner_align_core::{DecodeMode, Scheme};
use ner_align_corpus::{Input, ReadOptions};
use ner_align_metrics::Scorer;
use ner_align_metrics::compat::Tool;
use ner_align_metrics::resampling::{Resampling, ResamplingUnit};

use crate::source::{Opening, standard_input};
use crate::{Outcome, ScoringError};
use count::Counter;

/// Default number of resamples of a comparison.
const RESAMPLES: usize = 10_000;

/// What is scored, and how. Inputs are paths, documents in memory or readers, see [`Input`].
///
/// | option | default |
/// |---|---|
/// | `read_options` | those of [`ReadOptions::default`] |
/// | `scheme` | that of the gold tags, IOB2 where there are none |
/// | `mode` | lenient |
/// | `min_overlap` | 0 |
/// | `beta` | 1 |
/// | `compat` | no tool |
/// | `bootstrap` | no intervals |
/// | `versus` | no second system; 10,000 resamples unless `bootstrap` gives their number |
/// | `unit` | sentence |
/// | `seed` | 1 |
/// | `training` | none |
/// | `analyze` | only with `training` |
/// | `max_errors` | all |
#[derive(Debug)]
pub struct Scoring {
    inputs: Inputs,
    versus: Option<Input>,
    pub(crate) training: Vec<Input>,
    pub(crate) read_options: ReadOptions,
    pub(crate) scheme: Option<Scheme>,
    pub(crate) mode: DecodeMode,
    pub(crate) min_overlap: f64,
    pub(crate) compat: Vec<Tool>,
    pub(crate) analyze: bool,
    pub(crate) max_errors: usize,
    beta: f64,
    bootstrap: Option<usize>,
    unit: ResamplingUnit,
    seed: u64,
    /// The counts of each sentence are needed.
    record_units: bool,
}

#[derive(Debug)]
enum Inputs {
    Two(Box<[Input; 2]>),
    Columns(PathBuf),
}

impl Scoring {
    /// Scores a predicted corpus against a gold one, which must hold the same words in the same
    /// sentences. Formats may differ, and documents may end elsewhere.
    pub fn of(gold: impl Into<Input>, predicted: impl Into<Input>) -> Self {
        Self::new(Inputs::Two(Box::new([gold.into(), predicted.into()])))
    }

    /// Scores one column file whose last two columns are the gold and the predicted tag.
    pub fn of_columns(path: impl AsRef<Path>) -> Self {
        Self::new(Inputs::Columns(path.as_ref().to_owned()))
    }

    fn new(inputs: Inputs) -> Self {
        Self {
            inputs,
            versus: None,
            training: Vec::new(),
            read_options: ReadOptions::default(),
            scheme: None,
            mode: DecodeMode::Lenient,
            min_overlap: 0.0,
            compat: Vec::new(),
            analyze: false,
            max_errors: usize::MAX,
            beta: 1.0,
            bootstrap: None,
            unit: ResamplingUnit::Sentence,
            seed: 1,
            record_units: false,
        }
    }

    /// How all inputs are read. Half of their [`max_memory`](ReadOptions::max_memory) is for what is counted, and a
    /// third of it for the documents of all sides: of two sides, each document may take a sixth.
    #[must_use]
    pub fn read_options(mut self, options: ReadOptions) -> Self {
        self.read_options = options;
        self
    }

    /// The scheme of all tags.
    #[must_use]
    pub const fn scheme(mut self, scheme: Scheme) -> Self {
        self.scheme = Some(scheme);
        self
    }

    /// How tags become entities.
    #[must_use]
    pub const fn mode(mut self, mode: DecodeMode) -> Self {
        self.mode = mode;
        self
    }

    /// The share of the longer of two entities that they must share to be a pair, 0 to 1; see
    /// [`Scorer::with_min_overlap`].
    #[must_use]
    pub const fn min_overlap(mut self, share: f64) -> Self {
        self.min_overlap = share;
        self
    }

    /// Adds F with recall weighing `beta` times as much as precision.
    #[must_use]
    pub const fn beta(mut self, beta: f64) -> Self {
        self.beta = beta;
        self
    }

    /// Adds the numbers that other tools give for the same tags. Their readers need all tags at
    /// once, so memory grows with the corpus.
    #[must_use]
    pub fn compat(mut self, tools: impl IntoIterator<Item = Tool>) -> Self {
        self.compat.extend(tools);
        self
    }

    /// Adds confidence intervals of the strict scores from so many resamples.
    #[must_use]
    pub const fn bootstrap(mut self, resamples: usize) -> Self {
        self.bootstrap = Some(resamples);
        self
    }

    /// Compares with the predictions of a second system.
    #[must_use]
    pub fn versus(mut self, predicted: impl Into<Input>) -> Self {
        self.versus = Some(predicted.into());
        self
    }

    /// What is resampled.
    #[must_use]
    pub const fn unit(mut self, unit: ResamplingUnit) -> Self {
        self.unit = unit;
        self
    }

    /// The seed of resampling.
    #[must_use]
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Training data: adds scores of seen and unseen entities and by frequency.
    #[must_use]
    pub fn training<I: Into<Input>>(mut self, inputs: impl IntoIterator<Item = I>) -> Self {
        self.training.extend(inputs.into_iter().map(Into::into));
        self
    }

    /// Adds every error with its place, and scores by kind of entity.
    #[must_use]
    pub const fn analyze(mut self) -> Self {
        self.analyze = true;
        self
    }

    /// Keeps only the first errors; the others are counted.
    #[must_use]
    pub const fn max_errors(mut self, errors: usize) -> Self {
        self.max_errors = errors;
        self
    }

    /// Checks the options, reads all inputs side by side, each in a thread of its own, and scores.
    ///
    /// # Errors
    /// An option out of its range, an input that cannot be read, or the first sentence where gold
    /// and predicted words differ.
    pub fn run(mut self) -> Result<Outcome, ScoringError> {
        if self.scheme.is_some() {
            self.read_options.scheme = self.scheme;
        }
        let resampling = self.resampling();
        self.record_units = resampling.is_some();
        if let Some(resampling) = &resampling {
            resampling.check()?;
        }
        self.scorer(Scheme::Iob2)?;
        let openings = self.openings()?;
        let counted = Counter::read(&mut self, openings)?;
        let bootstrap = resampling.filter(|_| self.bootstrap.is_some());
        counted.outcome(bootstrap, resampling)
    }

    /// Bytes that counts may take: half of the memory, since the other half is the readers'.
    pub(crate) const fn memory_of_counts(&self) -> u64 {
        self.read_options.max_memory / 2
    }

    fn resampling(&self) -> Option<Resampling> {
        let resamples = self.bootstrap.or(self.versus.as_ref().map(|_| RESAMPLES))?;
        Some(Resampling::new(self.seed).resamples(resamples).unit(self.unit))
    }

    /// A scorer with these options.
    pub(crate) fn scorer(&self, scheme: Scheme) -> Result<Scorer, ScoringError> {
        let scorer = Scorer::new(scheme, self.mode)
            .with_min_overlap(self.min_overlap)?
            .with_beta(self.beta)?;
        Ok(if self.record_units { scorer.recording_units() } else { scorer })
    }

    /// The gold, the predicted and, if there is one, the second system's input.
    fn openings(&mut self) -> Result<Vec<Opening>, ScoringError> {
        let versus = self.versus.take();
        // Of each side several documents are there at a time, and what is made of one takes as much again.
        let sides = 2 + u64::from(versus.is_some());
        let share = self.read_options.max_memory / (3 * sides);
        let options = &self.read_options.clone().with_max_memory(share);
        let versus_is_standard = versus.as_ref().is_some_and(is_standard_input);
        let inputs = std::mem::replace(&mut self.inputs, Inputs::Columns(PathBuf::new()));
        let (mut openings, standard) = match inputs {
            Inputs::Columns(path) => {
                let standard = path == Path::new("-");
                if standard && versus_is_standard {
                    return Err(ScoringError::StandardInput);
                }
                let bytes = standard.then(standard_input).transpose()?;
                // What the second says of the rows, the first has said.
                let opening = |column, repeated| {
                    let options = options.clone().with_tag_column(Some(column));
                    match &bytes {
                        Some(bytes) => Opening::bytes(bytes.clone(), options, repeated),
                        None => Opening::input(Input::path(&path), options, repeated),
                    }
                };
                (vec![opening(-2, false), opening(-1, true)], usize::from(standard))
            }
            Inputs::Two(inputs) => {
                let standard = inputs.iter().filter(|input| is_standard_input(input)).count();
                let opening = |input| Opening::input(input, options.clone(), false);
                (inputs.into_iter().map(opening).collect(), standard)
            }
        };
        if standard + usize::from(versus_is_standard) > 1 {
            return Err(ScoringError::StandardInput);
        }
        openings.extend(versus.map(|input| Opening::input(input, options.clone(), false)));
        Ok(openings)
    }
}

fn is_standard_input(input: &Input) -> bool {
    input.as_path() == Some(Path::new("-"))
}
