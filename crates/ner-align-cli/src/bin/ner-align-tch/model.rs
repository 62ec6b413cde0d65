//! The arguments of every command that runs fine-tuned models.

use std::path::{Path, PathBuf};

use ner_align_cli::Failure;
use ner_align_cli::model_source::locate_model;
use ner_align_cli::say::say;
use ner_align_core::Scheme;
use ner_align_corpus::io::refuse_overwriting;
use ner_align_pipeline::Predictor;
use ner_align_pipeline::settings::{Computing, Decode, Precision};

use crate::choices;
use crate::fault::OrFail;

/// A fine-tuned model, and where it computes.
#[derive(Debug, clap::Args)]
pub(crate) struct ModelArgs {
    /// Fine-tuned model: a folder, or ORG/NAME[@REVISION] on the Hub
    #[arg(long, value_name = "DIR|HUB_ID")]
    model: PathBuf,
    #[command(flatten)]
    pub(crate) computing: ComputingArgs,
}

impl ModelArgs {
    /// True if the model is named by its folder, not by its id on the Hub.
    pub(crate) fn is_folder(&self) -> bool {
        self.model.is_dir()
    }

    /// The model as the command line names it.
    pub(crate) fn name(&self) -> String {
        self.model.display().to_string()
    }

    /// Opens the model; also gives its folder.
    pub(crate) fn open(&self) -> Result<(Predictor, PathBuf), Failure> {
        self.computing.open(&self.model)
    }
}

/// Where models come from and compute.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ComputingArgs {
    /// Use only the cache of the Hugging Face Hub
    #[arg(long)]
    offline: bool,
    /// Device: auto, cpu, cuda, cuda:N or mps
    #[arg(long, short_alias = 'g', alias = "gpu-id", value_name = "DEVICE")]
    #[arg(default_value = "auto", allow_negative_numbers = true)]
    device: String,
    /// f32, bf16, int8, or auto: the faster of f32 and bf16; int8 for `quantize`d models
    #[arg(long, value_name = "KIND", value_parser = choices::precision(), default_value = "auto")]
    #[arg(hide_possible_values = true)]
    pub(crate) precision: Precision,
    /// Scheme of the model's classes, where its folder does not say it
    #[arg(long, value_name = "SCHEME")]
    pub(crate) model_scheme: Option<Scheme>,
}

impl ComputingArgs {
    /// Opens the model that an argument names; also gives its folder.
    pub(crate) fn open(&self, model: &Path) -> Result<(Predictor, PathBuf), Failure> {
        let computing =
            Computing::default().with_device(self.device.as_str()).with_precision(self.precision);
        let folder = locate_model(model, self.offline)?;
        let model = Predictor::open_on(&folder, &computing).or_fail()?;
        if let Some(precision) = model.precision().filter(|_| self.precision == Precision::Auto) {
            say(format_args!("note: the model computes in {precision} (--precision auto)"));
        }
        let model = match self.model_scheme {
            Some(scheme) => model.with_scheme(scheme).or_fail()?,
            None => model,
        };
        Ok((model, folder))
    }
}

/// Refuses an output that would replace a file of the model that is read, or its folder.
pub(crate) fn refuse_replacing(output: &Path, folder: &Path) -> Result<(), Failure> {
    // The files of a model from the Hub are links into its cache.
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|file| file.path());
    let read: Vec<PathBuf> = files.chain([folder.to_owned()]).collect();
    Ok(refuse_overwriting(output, &read)?)
}

/// The model, decoding as asked. Says so where the scheme is not known and nobody chose.
pub(crate) fn decoding(model: Predictor, asked: Option<Decode>) -> Predictor {
    match asked {
        Some(decode) => model.with_decode(decode),
        None => {
            if !model.scheme_is_known() {
                say(
                    "note: the model's folder does not say its tag scheme: each word gets its best \
                     class (--decode argmax); --model-scheme iob2 or iob1 decodes within one",
                );
            }
            model
        }
    }
}
