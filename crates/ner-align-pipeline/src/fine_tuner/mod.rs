//! Fine-tuning: corpora and a pretrained model in, a model folder and a predictor out.

mod data;
mod folder;
mod notice;
mod open_words;
mod provenance;
mod run;

use std::path::{Path, PathBuf};

use ner_align_corpus::{Input, Policies, ReadOptions};
use ner_align_train::{EvaluationRecord, StepRecord, TrainerCallback};

pub(crate) use data::entity_types;
pub use folder::{CONFIG, CURVES, METRICS, TEST};
pub use notice::{Notice, Split};
pub use provenance::{DataSource, PROVENANCE, Provenance, commit_of_run};
pub use run::{Run, RunReport, shown_epoch};

use crate::backend::Backend;
use crate::model_source::Finder;
use crate::settings::{Recipe, Settings};

/// Fine-tunes a pretrained model on annotated corpora.
///
/// The classes are the entity types of the training data, in their own tag scheme. After each
/// epoch the model is scored on the development data; the best one is kept.
///
/// | setting | default | |
/// |---|---|---|
/// | [`train`](Self::train), [`dev`](Self::dev) | required | corpora: paths, documents, or readers |
/// | [`test`](Self::test) | none | corpora on which the best model is scored once |
/// | [`recipe`](Self::recipe) | `best` | a named set of settings |
/// | [`settings`](Self::settings) | the recipe's | all settings of a run |
/// | [`reading`](Self::reading) | detected in the files | how corpora are read |
/// | [`policies`](Self::policies) | overlaps are refused | entities that share words, spans that match none |
/// | `hub` (feature `hub`) | by the environment | client that fetches a model named by its id |
/// | [`output`](Self::output) | none | folder for models, checkpoints, logs |
/// | [`resume`](Self::resume) | no | continue the run of the output folder |
/// | [`overwrite`](Self::overwrite) | no | replace a finished run in the output folder |
/// | [`on_step`](Self::on_step), [`on_evaluation`](Self::on_evaluation), [`on_notice`](Self::on_notice), [`callback`](Self::callback) | none | who is told of progress |
pub struct FineTuner<'a> {
    backend: Box<dyn Backend + 'a>,
    base: PathBuf,
    train: Vec<Input>,
    dev: Vec<Input>,
    test: Vec<Input>,
    reading: ReadOptions,
    policies: Policies,
    settings: Settings,
    output: Option<PathBuf>,
    resume: bool,
    overwrite: bool,
    finder: Finder,
    callbacks: Vec<Box<dyn TrainerCallback + 'a>>,
    notify: Box<dyn FnMut(&Notice) + 'a>,
}

impl std::fmt::Debug for FineTuner<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FineTuner")
            .field("base", &self.base)
            .field("settings", &self.settings)
            .field("output", &self.output)
            .field("resume", &self.resume)
            .finish_non_exhaustive()
    }
}

impl<'a> FineTuner<'a> {
    /// A fine-tuner of the pretrained model `base`, a folder or an id on the Hugging Face Hub, on
    /// a backend of the caller's choice.
    pub fn with_backend(backend: impl Backend + 'a, base: impl AsRef<Path>) -> Self {
        Self {
            backend: Box::new(backend),
            base: base.as_ref().to_owned(),
            train: Vec::new(),
            dev: Vec::new(),
            test: Vec::new(),
            reading: ReadOptions::default(),
            policies: Policies::default(),
            settings: Recipe::Best.settings(),
            output: None,
            resume: false,
            overwrite: false,
            finder: Finder::default(),
            callbacks: Vec::new(),
            notify: Box::new(|_| {}),
        }
    }

    /// The corpora to learn from; see [`Input`] for what may stand for one.
    #[must_use]
    pub fn train<I: Into<Input>>(mut self, corpora: impl IntoIterator<Item = I>) -> Self {
        self.train.extend(corpora.into_iter().map(Into::into));
        self
    }

    /// The corpora that each epoch's model is scored on.
    #[must_use]
    pub fn dev<I: Into<Input>>(mut self, corpora: impl IntoIterator<Item = I>) -> Self {
        self.dev.extend(corpora.into_iter().map(Into::into));
        self
    }

    /// The corpora that the best model is scored on, once.
    #[must_use]
    pub fn test<I: Into<Input>>(mut self, corpora: impl IntoIterator<Item = I>) -> Self {
        self.test.extend(corpora.into_iter().map(Into::into));
        self
    }

    /// How corpora given by their paths are read.
    #[must_use]
    pub fn reading(mut self, options: ReadOptions) -> Self {
        self.reading = options;
        self
    }

    /// What to do with entities that tags cannot hold. Without a policy, entities that share words are an error, and
    /// spans that match no words are neither trained on nor scored; a notice counts them.
    #[must_use]
    pub const fn policies(mut self, policies: Policies) -> Self {
        self.policies = policies;
        self
    }

    /// Takes the settings of a recipe, in place of all settings so far.
    #[must_use]
    pub fn recipe(self, recipe: Recipe) -> Self {
        self.settings(recipe.settings())
    }

    /// Takes these settings.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Writes models, checkpoints, settings and logs into this folder, which is made if it does
    /// not exist. Without one the run leaves nothing on disk.
    #[must_use]
    pub fn output(mut self, folder: impl AsRef<Path>) -> Self {
        self.output = Some(folder.as_ref().to_owned());
        self
    }

    /// Continues the run of the output folder from its newest checkpoint, and ends with the
    /// weights that it would have had: bit for bit on one thread of the CPU, and nearly always on
    /// several, whose sums libtorch may round in another order. Without a checkpoint the run starts
    /// anew. Settings and data must be those of before.
    #[must_use]
    pub const fn resume(mut self, resume: bool) -> Self {
        self.resume = resume;
        self
    }

    /// Replaces a finished run in the output folder. Without it such a folder is refused.
    #[must_use]
    pub const fn overwrite(mut self, overwrite: bool) -> Self {
        self.overwrite = overwrite;
        self
    }

    /// Fetches the pretrained model with this client, in place of one with the settings of the
    /// environment. A path needs none.
    #[cfg(feature = "hub")]
    #[must_use]
    pub fn hub(mut self, client: ner_align_hub::Client) -> Self {
        self.finder.client = Some(client);
        self
    }

    /// Tells `each` of every optimizer step.
    #[must_use]
    pub fn on_step(self, each: impl FnMut(&StepRecord) + 'a) -> Self {
        self.callback(ner_align_train::on_step(each))
    }

    /// Tells `each` of every evaluation on the development data.
    #[must_use]
    pub fn on_evaluation(self, each: impl FnMut(&EvaluationRecord<'_>) + 'a) -> Self {
        self.callback(ner_align_train::on_evaluation(each))
    }

    /// Tells `each` what a person should know of the run, such as words that were lost.
    #[must_use]
    pub fn on_notice(mut self, each: impl FnMut(&Notice) + 'a) -> Self {
        self.notify = Box::new(each);
        self
    }

    /// Adds a callback, which may also interrupt the run.
    #[must_use]
    pub fn callback(mut self, callback: impl TrainerCallback + 'a) -> Self {
        self.callbacks.push(Box::new(callback));
        self
    }
}
