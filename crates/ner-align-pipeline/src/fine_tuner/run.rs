//! The run itself: from corpora to the best model.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use ner_align_core::{LabelSet, SubwordTokenizer};
use ner_align_metrics::report;
use ner_align_subword::HfTokenizer;
use ner_align_train::{
    Evaluated, Evaluation, MetricsLog, TensorBoard, TrainReport, Trainer, TrainerCallback,
};

use super::FineTuner;
use super::data::{self, Part};
use super::folder::{self, Lock, METRICS, RunFolder, TEST};
use super::notice::{Notice, Split};
use super::open_words::{ScoredTypes, joined_classes, keeps_some, soft_targets};
use super::provenance::{DataSource, Provenance, commit_of_run};
use crate::PipelineError;
use crate::codec::{Codec, CodecSettings};
use crate::model_folder::{CARD, MODEL_BEST, ModelCard, card_examples, check_is_folder};
use crate::model_source::{ModelSource, base_name};
use crate::predictor::Predictor;
use crate::settings::{Marks, Precision, Settings};

/// A run that came to its end, with its best model in memory.
#[derive(Debug)]
pub struct Run {
    predictor: Predictor,
    settings: Settings,
    train: TrainReport,
    best: Evaluated,
    test: Option<Evaluation>,
    output: Option<PathBuf>,
    notices: Vec<Notice>,
}

impl Run {
    /// The best model, ready to predict.
    #[must_use]
    pub const fn predictor(&self) -> &Predictor {
        &self.predictor
    }

    /// The best model, ready to predict, by itself.
    #[must_use]
    pub fn into_predictor(self) -> Predictor {
        self.predictor
    }

    /// The settings as they were resolved for the data and the model.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Steps, epochs and time of the training.
    #[must_use]
    pub const fn training(&self) -> &TrainReport {
        &self.train
    }

    /// The best model's step and its scores on the development data.
    #[must_use]
    pub const fn best(&self) -> &Evaluated {
        &self.best
    }

    /// The best model's scores on the test data, if there were any.
    #[must_use]
    pub const fn test(&self) -> Option<&Evaluation> {
        self.test.as_ref()
    }

    /// The folder of the best model; `None` for a run without an output folder.
    #[must_use]
    pub fn model_folder(&self) -> Option<PathBuf> {
        self.output.as_ref().map(|output| output.join(MODEL_BEST))
    }

    /// What a person should know of the run.
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// The scores and where the model is, ready to print.
    #[must_use]
    pub const fn report(&self) -> RunReport<'_> {
        RunReport(self)
    }
}

/// The scores of a run as tables; see [`Run::report`].
#[derive(Debug, Clone, Copy)]
pub struct RunReport<'a>(&'a Run);

impl fmt::Display for RunReport<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Run { best, test, train, .. } = self.0;
        let scores = &best.evaluation.scores;
        writeln!(f, "best on dev: epoch {}", shown_epoch(best.epoch))?;
        writeln!(f, "{}", report::table(scores))?;
        writeln!(f, "words by tag, gold in rows, predicted in columns")?;
        write!(f, "{}", report::confusion(&scores.confusion))?;
        if let Some(test) = test {
            write!(f, "\ntest\n{}", report::table(&test.scores))?;
        }
        writeln!(
            f,
            "\n{} subtokens in {:.1} s of training, {:.0} subtokens/s",
            train.subtokens,
            train.seconds,
            train.subtokens as f64 / train.seconds.max(1e-9),
        )?;
        match self.0.model_folder() {
            Some(folder) => writeln!(f, "model: {}", folder.display()),
            None => Ok(()),
        }
    }
}

/// Epochs as people read them: `2`, or `0.25` where a part of one was evaluated.
#[must_use]
pub fn shown_epoch(epoch: f64) -> f64 {
    if epoch > 0.0 { ((epoch * 100.0).round() / 100.0).max(0.01) } else { epoch }
}

impl FineTuner<'_> {
    /// Trains the model, and opens the best one.
    ///
    /// # Errors
    /// A corpus, a model or a setting that cannot be used, found before the first step; a loss
    /// that is no longer a number; a full disk. A callback that breaks ends the run with
    /// [`PipelineError::Interrupted`], with the state saved where there is an output folder.
    pub fn run(self) -> Result<Run, PipelineError> {
        let Self { backend, base, mut reading, mut settings, output, resume, overwrite, .. } = self;
        let finder = self.finder;
        let (mut callbacks, mut tell, mut notices) = (self.callbacks, self.notify, Vec::new());
        let mut notify = |notice: Notice| {
            tell(&notice);
            notices.push(notice);
        };
        settings.check()?;
        backend.check_device(&settings.computing())?;
        if let Some(reason) = backend.unused_gpu(&settings.computing()) {
            notify(Notice::UnusedGpu { reason });
        }
        let precision = backend.precision(&settings.computing());
        if let Some(precision) = precision.filter(|_| settings.model.precision == Precision::Auto) {
            notify(Notice::Precision { precision });
        }
        if let Some(output) = output.as_deref().filter(|_| !resume) {
            folder::check_is_free(output, overwrite)?;
        }
        data::notices_of_settings(&settings, &mut notify);
        reading.words = settings.model.words.clone();
        let apart = settings.model.marks == Marks::Own;
        let how = (&reading, self.policies, apart);
        let (train, train_paths) = data::read(Split::Train, self.train, how, &mut notify)?;
        let (dev, dev_paths) = data::read(Split::Dev, self.dev, how, &mut notify)?;
        let (test, test_paths) = data::read(Split::Test, self.test, how, &mut notify)?;
        let labels = data::classes(&settings, &train.documents, &mut notify)?;
        let entities = |part: &Part| part.documents.iter().map(|d| d.entities().len()).sum();
        settings.settle_freeze(entities(&train));

        // Nothing is fetched for a corpus that cannot be read.
        let resumed = output.as_deref().filter(|_| resume);
        let named = base.display().to_string();
        let commit = resumed.and_then(|output| commit_of_run(output, &named));
        let base = finder.find(&base, commit.as_deref())?;
        check_is_folder(&base.path)?;
        if let Some(output) = &output {
            folder::check_is_apart(output, &base.path)?;
        }
        let base_classes = backend.classes(&base.path)?;
        let (labels, kept) = joined_classes(&settings.model, &labels, base_classes.as_ref())?;
        data::notices_of_data(&settings, &labels, &train, [&dev, &test], &mut notify);
        let shape = backend.shape(&base.path)?;
        settings.check_layers(shape.layers)?;
        let codec = codec_of(&mut settings, &reading, &labels, shape.longest_window, &base)?;
        let windows = |part: &Part, notify: &mut dyn FnMut(Notice)| {
            let dataset = codec.encode(&part.documents)?;
            if dataset.counts.losses().next().is_some() {
                notify(Notice::Alignment { split: part.split, counts: dataset.counts });
            }
            data::check_ids(&dataset, shape, &base.path)?;
            Ok::<_, PipelineError>(dataset)
        };
        let train_set = windows(&train, &mut notify)?;
        let dev_set = windows(&dev, &mut notify)?;
        let test_set = match test.documents.as_slice() {
            [] => None,
            _ => Some(windows(&test, &mut notify)?),
        };
        data::notices_of_batches(&settings, &train_set, &mut notify);
        if !kept.is_empty() {
            notify(Notice::KeptTypes { types: kept.iter().cloned().collect() });
        } else if let Some(notice) = Notice::of_head(base_classes.as_ref(), &labels)
            .filter(|_| !keeps_some(&settings, base_classes.as_ref(), &labels))
        {
            notify(notice);
        }
        let soft = soft_targets(&*backend, &base, &settings, &train, (&train_set, &kept))?;
        let scored = ScoredTypes::new(&train, &kept, apart);
        let (dev_types, test_types) = (scored.of(&dev), scored.of(&test));
        let mut learner = backend.learner(&base.path, &labels, &settings, &train_set)?;

        // A run without an output folder still needs a place for its best model.
        let temporary = match &output {
            Some(_) => None,
            None => {
                Some(tempfile::tempdir().map_err(|e| PipelineError::io("temporary folder", e))?)
            }
        };
        let place = output.as_deref().or(temporary.as_ref().map(tempfile::TempDir::path));
        let place = place.unwrap_or(Path::new("."));
        fs::create_dir_all(place).map_err(|error| PipelineError::io(place, error))?;
        let _lock = Lock::of(place)?;
        let name = output.as_deref().map_or_else(|| base.name(), base_name);
        let provenance = provenance_of(
            (backend.engine(), precision),
            (&base, &named),
            settings.train.seed,
            [
                (train.split, train.sources, train_paths),
                (dev.split, dev.sources, dev_paths),
                (test.split, test.sources, test_paths),
            ],
        )?;
        let settings_toml = settings.to_toml()?;
        let every = settings.train.log_every;
        // Of a card the settings show what trained the model; the card itself has the rest.
        let (shown, base_name) = (settings.without_card().to_toml()?, base.name());
        let examples = card_examples(&dev.documents);
        let card = ModelCard::new(&name, codec.labels(), &settings)
            .with_settings_toml(&shown)
            .with_base(&base_name, base.hub_id())
            .with_training_sentences(data::sentences(&train.documents))
            .with_provenance(&provenance)
            .with_examples(&examples);
        let run_folder = RunFolder {
            output: place,
            resume,
            codec: &codec,
            knobs: &settings.train,
            settings_toml: &settings_toml,
            name: &name,
            provenance: &provenance,
            card,
            notify: &mut notify,
        };
        let mut all: Vec<Box<dyn TrainerCallback + '_>> = Vec::new();
        all.extend(callbacks.drain(..).map(|callback| callback as Box<dyn TrainerCallback + '_>));
        if output.is_some() {
            all.push(Box::new(MetricsLog::open(place.join(METRICS), every)?));
            all.push(Box::new(TensorBoard::new(place, every)));
        }
        all.push(Box::new(run_folder));
        let mut knobs = settings.train.clone();
        if output.is_none() {
            // Nobody could resume from them.
            knobs.keep_checkpoints = 0;
        }
        let report = Trainer::new(knobs, codec.decoding().with_types(dev_types.as_ref()))?
            .soft_targets(soft)
            .settings(settings.fixed_settings()?)
            .mask_id(codec.tokenizer().special_tokens().mask)
            .output(place)
            .resume(resume)
            .fit(&mut *learner, &train_set, &dev_set, &mut all);
        drop(all);
        drop(learner);
        if output.is_some() {
            folder::write_curves(place, &name, &report)?;
        }
        let report = report?;
        let best = match &report.best {
            Some(best) if !report.interrupted => best.clone(),
            _ => {
                let keeps = output.is_some() && settings.train.keep_checkpoints > 0;
                return Err(PipelineError::Interrupted {
                    step: report.steps,
                    checkpoint: report.checkpoint.filter(|_| keeps),
                });
            }
        };

        let predictor =
            Predictor::open_with(&*backend, place.join(MODEL_BEST), &settings.computing())?;
        let subtokens = settings.train.eval_batch_subtokens;
        let calibration = predictor.calibrate_on(&dev_set, dev_types.as_ref(), subtokens)?;
        calibration.write(place.join(MODEL_BEST))?;
        let test = match &test_set {
            Some(test) => {
                let decoding = codec.decoding().with_types(test_types.as_ref());
                Some(predictor.score(test, decoding, subtokens)?.0)
            }
            None => None,
        };
        if let (Some(output), Some(test)) = (&output, &test) {
            let text = serde_json::to_string_pretty(&test.scores)
                .map_err(|error| PipelineError::serialise(TEST, error))?;
            folder::write_file(&output.join(TEST), &(text + "\n"))?;
        }
        if let Some(output) = &output {
            // What is known of the best model only now.
            let card = card.with_dev(&best.evaluation.scores).with_calibration(&calibration);
            let card = test.as_ref().map_or(card, |test| card.with_test(&test.scores));
            folder::write_file(&output.join(MODEL_BEST).join(CARD), &card.to_string())?;
        }
        let predictor = predictor.with_calibration(Some(calibration));
        if best.evaluation.scores.predicted_entities == 0 {
            notify(Notice::NothingPredicted { steps: report.steps });
        }
        Ok(Run { predictor, settings, train: report, best, test, output, notices })
    }
}

/// The codec of the model that is to be, and the settings as far as model and tokenizer decide
/// them.
fn codec_of(
    settings: &mut Settings,
    reading: &ner_align_corpus::ReadOptions,
    labels: &LabelSet,
    longest_window: usize,
    base: &ModelSource,
) -> Result<Codec, PipelineError> {
    let tokenizer = HfTokenizer::from_dir(&base.path)?;
    let model = &mut settings.model;
    let codec = CodecSettings {
        strategy: model.strategy,
        max_length: model.max_length,
        stride: model.stride,
        unit: model.unit,
        context: model.context,
        sentences_per_document: reading.sentences_per_document,
        words: model.words.clone(),
        decode: Some(model.decode),
    }
    .fitted(longest_window, &tokenizer);
    (model.max_length, model.stride) = (codec.max_length, codec.stride);
    model.scheme = Some(labels.scheme());
    Codec::new(codec, tokenizer, labels.clone())
}

type PartSources = (Split, Vec<DataSource>, Vec<PathBuf>);

fn provenance_of(
    ((engine, version), precision): ((&'static str, &'static str), Option<Precision>),
    (base, named): (&ModelSource, &str),
    seed: u64,
    parts: [PartSources; 3],
) -> Result<Provenance, PipelineError> {
    let mut data = Vec::new();
    for (split, sources, paths) in parts {
        for path in paths {
            data.push(DataSource::of_path(split, path)?);
        }
        data.extend(sources);
    }
    Ok(Provenance {
        ner_align: env!("CARGO_PKG_VERSION"),
        engine: [(engine, version)].into(),
        precision,
        // As it was named, with its revision: a resumed run is recognised by it. A folder of this
        // machine is known by its name alone.
        base_model: base.commit().map_or_else(|| base.name(), |_| named.to_owned()),
        base_commit: base.commit().map(str::to_owned),
        seed,
        data,
    })
}
