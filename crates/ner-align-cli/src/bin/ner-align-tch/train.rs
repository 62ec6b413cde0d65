//! `ner-align train`: from annotated corpora to a model folder.

use std::path::PathBuf;

use clap::Args;
use ner_align_cli::corpus_args::CorpusArgs;
use ner_align_cli::say::say;
use ner_align_cli::{Failure, output};
use ner_align_core::Severity;
use ner_align_pipeline::settings::{Recipe, Settings};
use ner_align_pipeline::{FineTuner, Notice, Run};
use serde_json::json;

use crate::choices;
use crate::config_commands::read;
use crate::fault::OrFail;
use crate::interrupt::Interrupt;
use crate::progress::Progress;

/// Arguments of `train`.
#[derive(Debug, Args)]
pub(crate) struct TrainArgs {
    /// Training corpora
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    train: Vec<PathBuf>,
    /// Development corpora, scored after each epoch
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    dev: Vec<PathBuf>,
    /// Test corpora, scored once with the best model
    #[arg(long, num_args = 1.., value_name = "FILE")]
    test: Vec<PathBuf>,
    /// Folder of the pretrained model (config.json, model.safetensors, tokenizer.json), or its id
    /// on the Hugging Face Hub, ORG/NAME[@REVISION]
    ///
    /// What exists as a path is a folder. Everything else of the form of an id is taken from the Hub,
    /// cached where Python's huggingface_hub caches it; HF_HOME, HF_HUB_CACHE, HF_ENDPOINT, HF_TOKEN,
    /// HF_HUB_OFFLINE, HTTPS_PROXY and SSL_CERT_FILE mean what they mean there. The commit that was
    /// taken is noted in OUT/provenance.json, and a resumed run keeps to it.
    #[arg(long, value_name = "DIR|HUB_ID")]
    model: PathBuf,
    /// Use only the cache of the Hugging Face Hub
    #[arg(long)]
    offline: bool,
    /// Folder for model-best, model-last, checkpoints, config.toml, metrics.jsonl, TensorBoard
    /// events, and curves.svg at the end
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Named set of defaults
    #[arg(long, value_parser = choices::recipe(), default_value = "best")]
    recipe: Recipe,
    /// Settings from a TOML file, over the recipe's
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// One setting, over the file's; may be given several times
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Device: auto, cpu, cuda, cuda:N or mps; the same as --set device=DEVICE
    #[arg(long, short_alias = 'g', alias = "gpu-id", value_name = "DEVICE")]
    #[arg(allow_negative_numbers = true)]
    device: Option<String>,
    #[command(flatten)]
    others: OtherNames,
    /// Continue the run in the output folder from its newest checkpoint
    #[arg(long)]
    resume: bool,
    /// Replace a finished run in the output folder
    #[arg(long, conflicts_with = "resume")]
    overwrite: bool,
    /// Print one JSON document at the end instead of tables
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    corpus: CorpusArgs,
}

/// Settings that other tools take as arguments.
#[derive(Debug, Args)]
struct OtherNames {
    #[arg(long, alias = "num-train-epochs", value_name = "N", hide = true)]
    epochs: Option<String>,
    #[arg(long, alias = "per-device-train-batch-size", value_name = "N", hide = true)]
    batch_size: Option<String>,
    #[arg(long, alias = "lr", value_name = "RATE", hide = true)]
    learning_rate: Option<String>,
    #[arg(long, alias = "max-seq-length", value_name = "N", hide = true)]
    max_length: Option<String>,
    #[arg(long, value_name = "N", hide = true)]
    seed: Option<String>,
}

impl TrainArgs {
    /// All single settings; those of `--set` come last.
    fn pairs(&self) -> Vec<String> {
        let OtherNames { epochs, batch_size, learning_rate, max_length, seed } = &self.others;
        let device = self.device.as_deref().map(device_name);
        let named = [
            ("device", &device),
            ("epochs", epochs),
            ("batch_size", batch_size),
            ("learning_rate", learning_rate),
            ("max_length", max_length),
            ("seed", seed),
        ];
        let named = named.iter().filter_map(|(key, value)| Some((key, value.as_ref()?)));
        named.map(|(key, value)| format!("{key}={value}")).chain(self.set.clone()).collect()
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

/// Runs the command.
pub(crate) fn run(arguments: &TrainArgs) -> Result<(), Failure> {
    let file = arguments.config.as_deref().map(read).transpose()?;
    let mut settings =
        Settings::resolve(arguments.recipe, file.as_ref(), &arguments.pairs()).or_fail()?;
    if let Some(words) = arguments.corpus.word_splitting()? {
        settings.model.words = words;
    }
    let run = fine_tuner(arguments)?
        .train(&arguments.train)
        .dev(&arguments.dev)
        .test(&arguments.test)
        .reading(arguments.corpus.options(None)?)
        .settings(settings)
        .output(&arguments.output)
        .resume(arguments.resume)
        .overwrite(arguments.overwrite)
        .callback(Progress::new())
        .callback(Interrupt::watch()?)
        .on_notice(tell)
        .run()
        .or_fail()?;
    if arguments.json {
        return output::print_json(&summary(&run));
    }
    output::print(&run.report().to_string())
}

/// The pretrained model, fetched with a progress bar if it is an id on the Hub.
#[cfg(feature = "hub")]
fn fine_tuner(arguments: &TrainArgs) -> Result<FineTuner<'static>, Failure> {
    let tuner = FineTuner::new(&arguments.model);
    // A folder needs no settings of the Hub.
    if ner_align_hub::HubId::from_argument(&arguments.model).is_none() {
        return Ok(tuner);
    }
    Ok(tuner.hub(ner_align_cli::hub::client(arguments.offline)?))
}

/// The pretrained model, in a folder.
#[cfg(not(feature = "hub"))]
fn fine_tuner(arguments: &TrainArgs) -> Result<FineTuner<'static>, Failure> {
    Ok(FineTuner::new(&arguments.model))
}

/// Prints what a person should know of the run.
fn tell(notice: &Notice) {
    let word = match notice.severity() {
        Severity::Info => "note",
        _ => "warning",
    };
    // Findings have no corpus before them: their places name its files.
    let of = notice.split().filter(|_| !matches!(notice, Notice::Findings { .. }));
    let of = of.map_or_else(String::new, |split| format!("--{split}: "));
    let text = match notice {
        Notice::UnknownType { label, entities, .. } => {
            format!("{entities} entities of type {label}, which --train lacks: counted as missed")
        }
        notice => notice.to_string(),
    };
    for line in text.lines() {
        say(format!("{word}: {of}{line}"));
    }
}

fn summary(run: &Run) -> serde_json::Value {
    let (best, training) = (run.best(), run.training());
    json!({
        "model": run.model_folder(),
        "best_epoch": best.epoch,
        "best_step": best.step,
        "epochs": training.epochs,
        "steps": training.steps,
        "subtokens": training.subtokens,
        "seconds": training.seconds,
        "dev": best.evaluation.scores,
        "test": run.test().map(|test| &test.scores),
    })
}
