//! Fine-tuned models, and the way from documents to data sets.

use std::fs;
use std::path::{Path, PathBuf};

use ner_align_cli::Failure;
use ner_align_cli::failure::{DIVERGED, ENVIRONMENT, USAGE};
use ner_align_cli::model_source::{Parts, locate};
use ner_align_core::LabelSet;
use ner_align_subword::{Aggregate, Aligner, HfTokenizer, Preparer, WordScorer};
use ner_align_tch::{Device, EncoderConfig, LoadOptions, ModelError, TchClassifier};
use ner_align_train::TrainError;
use serde::{Deserialize, Serialize};

use crate::meta::Meta;

/// A fine-tuned model, and where it computes.
#[derive(Debug, clap::Args)]
pub(crate) struct ModelArgs {
    /// Folder of the fine-tuned model, or ORG/NAME[@REVISION] on the Hugging Face Hub
    #[arg(long, value_name = "DIR|HUB_ID")]
    model: PathBuf,
    /// Take what the cache of the Hugging Face Hub holds, without asking the Hub
    #[arg(long)]
    offline: bool,
    /// Where it computes: auto, cpu, cuda, cuda:N or mps
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    device: String,
    /// What it computes in; auto is bf16 on a GPU and f32 elsewhere
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) precision: Precision,
}

/// What a model computes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Precision {
    #[default]
    Auto,
    F32,
    Bf16,
}

/// Where a model computes, and in what; the rest as it is by default.
pub(crate) fn computing(device: &str, precision: Precision) -> Result<LoadOptions, Failure> {
    let device = ner_align_tch::device(device).map_err(model_failure)?;
    let precision = match precision {
        Precision::Auto if matches!(device, Device::Cuda(_)) => ner_align_tch::Precision::Bf16,
        Precision::Auto | Precision::F32 => ner_align_tch::Precision::F32,
        Precision::Bf16 => ner_align_tch::Precision::Bf16,
    };
    Ok(LoadOptions { device, precision, ..LoadOptions::default() })
}

/// A fine-tuned model with its tokenizer.
pub(crate) struct FineTuned {
    pub(crate) classifier: TchClassifier,
    pub(crate) tokenizer: HfTokenizer,
    pub(crate) meta: Meta,
    /// Where it lies.
    pub(crate) folder: PathBuf,
    /// When its config was written, for telling it from another in the same folder.
    pub(crate) time: String,
}

impl FineTuned {
    /// Opens a model folder, or what an id on the Hugging Face Hub stands for.
    pub(crate) fn find(arguments: &ModelArgs) -> Result<Self, Failure> {
        let options = computing(&arguments.device, arguments.precision)?;
        Self::open(&locate(&arguments.model, Parts::Model, arguments.offline)?.path, &options)
    }

    /// Opens a model folder of ner-align or transformers.
    fn open(directory: &Path, options: &LoadOptions) -> Result<Self, Failure> {
        check_is_folder(directory)?;
        let mut meta = Meta::read(directory)?;
        let classifier = TchClassifier::load(directory, options).map_err(model_failure)?;
        let tokenizer = HfTokenizer::from_dir(directory)?;
        meta.max_length = max_length(meta.max_length, classifier.config(), &tokenizer);
        meta.stride = stride(meta.stride, meta.max_length);
        let written = fs::metadata(directory.join("config.json")).and_then(|file| file.modified());
        let time = written.map_or_else(|_| String::new(), |time| format!("{time:?}"));
        Ok(Self { classifier, tokenizer, meta, folder: directory.to_owned(), time })
    }

    /// How the model's classes are spread over subtokens.
    pub(crate) fn aligner(&self) -> Result<Aligner, Failure> {
        Ok(Aligner::new(self.meta.strategy, self.classifier.labels())?)
    }

    /// Makes the windows that the model was trained on.
    pub(crate) fn preparer<'a>(&'a self, aligner: &'a Aligner) -> Preparer<'a> {
        Preparer::new(&self.tokenizer, aligner, self.classifier.labels())
            .max_length(self.meta.max_length)
            .stride(self.meta.stride)
            .unit(self.meta.unit)
            .context(self.meta.context)
    }
}

/// The longest window: what was asked for, what the model has positions for, and what the tokenizer
/// says it was made for.
pub(crate) fn max_length(asked: usize, config: &EncoderConfig, tokenizer: &HfTokenizer) -> usize {
    asked.min(config.longest_window()).min(tokenizer.model_max_length().unwrap_or(asked))
}

/// The overlap of windows: what was asked for, as far as windows of this length still advance by
/// half of what they hold beside two special tokens.
pub(crate) fn stride(asked: usize, max_length: usize) -> usize {
    asked.min(max_length.saturating_sub(2) / 2)
}

/// Says what is wrong with a model folder that is none, before any file of it is looked for.
pub(crate) fn check_is_folder(directory: &Path) -> Result<(), Failure> {
    if directory.is_dir() {
        return Ok(());
    }
    let found = if directory.exists() { "a file" } else { "nothing" };
    Err(Failure::environment(format!(
        "{}: expected a model folder, found {found}",
        directory.display()
    ))
    .hint("a folder with config.json, model.safetensors and tokenizer.json"))
}

/// How logits of subtokens become scores of words.
pub(crate) fn word_scorer(
    aggregate: Aggregate,
    aligner: &Aligner,
    labels: &LabelSet,
) -> WordScorer {
    WordScorer::new(aggregate, aligner, labels)
}

/// A backend's error as the program reports it.
#[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
pub(crate) fn model_failure(error: ModelError) -> Failure {
    let hint = match error {
        ModelError::MissingFile { .. } => {
            Some("a model folder holds config.json, model.safetensors and tokenizer.json")
        }
        ModelError::MissingWeights { .. } | ModelError::Shape { .. } => {
            Some("config.json and model.safetensors do not belong together")
        }
        ModelError::OtherClasses { .. } => {
            Some("resume with the labels of before, or start anew without --resume")
        }
        ModelError::OtherModel { .. } => {
            Some("resume with the --model of before, or start anew without --resume")
        }
        ModelError::OtherHead { .. } => {
            Some("resume with the head of before, or start anew without --resume")
        }
        ModelError::OutOfMemory { .. } => Some(
            "train with a smaller batch_size or batch_subtokens, and accumulate = N for the same \
             steps; max_length shortens the longest windows",
        ),
        ModelError::OutOfRange { what: "subtoken id", .. } => {
            Some("tokenizer.json and model.safetensors do not belong together")
        }
        ModelError::OtherWeights { .. } => Some(
            "convert once, where transformers is installed: python -c \"from transformers import \
             AutoModelForTokenClassification as M; M.from_pretrained('FOLDER').save_pretrained('FOLDER')\"",
        ),
        _ => None,
    };
    let code = match error {
        ModelError::UnknownDevice { .. }
        | ModelError::OtherClasses { .. }
        | ModelError::OtherHead { .. }
        | ModelError::OtherModel { .. }
        | ModelError::LossOfRows { .. } => USAGE,
        _ => ENVIRONMENT,
    };
    let failure = Failure::new(code, error.to_string());
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// An error of the training loop as the program reports it.
pub(crate) fn train_failure(error: TrainError) -> Failure {
    match error {
        TrainError::Diverged { .. } => Failure::new(DIVERGED, error.to_string())
            .hint("a lower learning_rate or more warmup_steps usually helps"),
        TrainError::NoTrainingData => Failure::input(error.to_string()),
        TrainError::Damaged { .. } => Failure::new(ENVIRONMENT, error.to_string())
            .hint("remove that checkpoint to go on from the one before"),
        TrainError::Resume { .. } => Failure::new(USAGE, error.to_string())
            .hint("resume with the settings and data of before, or start anew without --resume"),
        TrainError::Model(error) => match error.downcast::<ModelError>() {
            Ok(error) => model_failure(*error),
            // Callbacks of this program fail as it does.
            Err(error) => error.downcast::<Failure>().map_or_else(
                |error| Failure::new(ENVIRONMENT, error.to_string()),
                |failure| *failure,
            ),
        },
        TrainError::Config(_) | TrainError::NoMask => Failure::new(USAGE, error.to_string()),
        _ => Failure::new(ENVIRONMENT, error.to_string()),
    }
}
