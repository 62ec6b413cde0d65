//! The arguments of every command that fine-tunes a model.

use std::path::{Path, PathBuf};

use clap::Args;
use ner_align_cli::Failure;
use ner_align_pipeline::FineTuner;
use ner_align_pipeline::settings::{Recipe, Settings};

use crate::choices;
use crate::config_commands::read;
use crate::fault::OrFail;

/// How a model is fine-tuned.
#[derive(Debug, Args)]
pub(crate) struct TuningArgs {
    /// Use only the cache of the Hugging Face Hub
    #[arg(long)]
    offline: bool,
    /// best, fast: a first look, or trainer
    #[arg(long, value_parser = choices::recipe(), default_value = "best", hide_possible_values = true)]
    recipe: Recipe,
    /// Settings from a TOML file, over the recipe's
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// One setting, over the file's; may be given several times
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// auto, cpu, cuda, cuda:N or mps; the same as --set device=DEVICE
    #[arg(long, short_alias = 'g', alias = "gpu-id", value_name = "DEVICE")]
    #[arg(allow_negative_numbers = true)]
    device: Option<String>,
}

impl TuningArgs {
    /// The settings; `pairs` are over those of the file, and below those of `--set`.
    pub(crate) fn settings(&self, pairs: &[String]) -> Result<Settings, Failure> {
        let file = self.config.as_deref().map(read).transpose()?;
        let device = self.device.as_deref().map(|name| format!("device={}", device_name(name)));
        let all: Vec<String> = device.iter().chain(pairs).chain(&self.set).cloned().collect();
        Settings::resolve(self.recipe, file.as_ref(), &all).or_fail()
    }

    /// The pretrained model, fetched with a progress bar if it is an id on the Hub.
    #[cfg(feature = "hub")]
    pub(crate) fn fine_tuner(&self, model: &Path) -> Result<FineTuner<'static>, Failure> {
        let tuner = FineTuner::new(model);
        // A folder needs no settings of the Hub.
        if ner_align_hub::HubId::from_argument(model).is_none() {
            return Ok(tuner);
        }
        Ok(tuner.hub(ner_align_cli::hub::client(self.offline)?))
    }

    /// The pretrained model, in a folder.
    #[cfg(not(feature = "hub"))]
    pub(crate) fn fine_tuner(&self, model: &Path) -> Result<FineTuner<'static>, Failure> {
        Ok(FineTuner::new(model))
    }
}

/// A device by our name for it: other tools number GPUs from 0, and -1 is the CPU.
fn device_name(name: &str) -> String {
    match name.parse::<i64>() {
        Ok(-1) => "cpu".to_owned(),
        Ok(number) => format!("cuda:{number}"),
        Err(_) if name == "gpu" => "cuda".to_owned(),
        Err(_) => name.to_owned(),
    }
}
