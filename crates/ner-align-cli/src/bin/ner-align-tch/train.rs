//! `ner-align train`: from annotated corpora to a model folder.

use std::path::{Path, PathBuf};

use clap::{Args, Command};
use ner_align_cli::corpus_args::{CorpusArgs, report_findings};
use ner_align_cli::flags::with_flags;
use ner_align_cli::say::say;
use ner_align_cli::unknown_argument::of_another;
use ner_align_cli::{Failure, output};
use ner_align_core::Severity;
use ner_align_corpus::{OnMisaligned, OnOverlap, Policies};
use ner_align_pipeline::settings::{Key, Recipe, SECTIONS, Settings};
use ner_align_pipeline::{FineTuner, Notice, Run};
use serde_json::json;

use crate::choices;
use crate::config_commands::read;
use crate::fault::OrFail;
use crate::interrupt::Interrupt;
use crate::progress::Progress;

const EXAMPLES: &str = "\
Examples:
  ner-align train --train train.conll --dev dev.conll --model google-bert/bert-base-cased -o out
  ner-align train --train train.conll --dev dev.conll --model bert/ -o out --set epochs=5
  ner-align train --train train.conll --dev dev.conll --model bert/ -o out --resume";

/// Arguments of `train`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
#[command(
    override_usage = "ner-align train --train <FILE>... --dev <FILE>... --model <DIR|HUB_ID> -o <DIR> [OPTIONS]"
)]
pub(crate) struct TrainArgs {
    /// Training corpora
    #[arg(long, alias = "train_file", required = true, num_args = 1.., value_name = "FILE")]
    train: Vec<PathBuf>,
    /// Development corpora, scored after each epoch
    #[arg(long, alias = "validation_file", required = true, num_args = 1.., value_name = "FILE")]
    dev: Vec<PathBuf>,
    /// Test corpora, scored once with the best model
    #[arg(long, alias = "test_file", num_args = 1.., value_name = "FILE")]
    test: Vec<PathBuf>,
    /// Pretrained model: a folder, or ORG/NAME[@REVISION] on the Hub
    #[arg(long, alias = "model_name_or_path", value_name = "DIR|HUB_ID")]
    model: PathBuf,
    /// Use only the cache of the Hugging Face Hub
    #[arg(long)]
    offline: bool,
    /// Folder for model-best, model-last, checkpoints and logs
    #[arg(short, long, alias = "output_dir", value_name = "DIR")]
    output: PathBuf,
    /// best, or trainer: as transformers' example does
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
    #[command(flatten)]
    others: OtherNames,
    /// Spans that match no words: error, drop, missing, expand, contract, trim
    /// [default: their words are left out]
    #[arg(long, value_name = "POLICY")]
    on_misaligned: Option<OnMisaligned>,
    /// Entities that share words: error, longest, first [default: error]
    #[arg(long, value_name = "POLICY")]
    on_overlap: Option<OnOverlap>,
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

/// The command with the names of all settings on its page.
pub(crate) fn with_settings(command: Command) -> Command {
    let mut text = "Settings, by `ner-align init-config`:".to_owned();
    for (section, keys) in SECTIONS {
        let names = keys.iter().map(|key| key.name);
        // Those of a table of the config share the start of their names.
        let table = keys.iter().find_map(|key| Some(key.name.split_once('.')?.0));
        let names = match table {
            Some(table) => {
                let names = names.map(|name| name.split_once('.').map_or(name, |(_, own)| own));
                format!("{table}.{{{}}}", names.collect::<Vec<_>>().join(", "))
            }
            None => names.collect::<Vec<_>>().join(", "),
        };
        text += &format!("\n  {section}: {names}");
    }
    command.after_help(text + "\n")
}

/// What to say of an argument that `train` does not have, if it is the name of a setting, here or in another tool.
pub(crate) fn unknown_argument(argument: &str) -> Option<Failure> {
    if !argument.starts_with('-') {
        let hint = if argument.ends_with(".cfg") {
            "`ner-align import-config` makes a config file of spaCy's, for --config"
        } else {
            "corpora follow --train, --dev and --test, and a config file follows --config"
        };
        return Some(of_another("train", argument).hint(hint));
    }
    let name = argument.strip_prefix("--")?.split('=').next()?.replace('-', "_");
    let failure = of_another("train", argument);
    if keys().any(|key| key.name == name) {
        return Some(failure.hint(format!("it is a setting: --set {name}=VALUE")));
    }
    // The hint for a setting under another tool's name.
    let error = Settings::resolve(Recipe::Best, None, &[format!("{name}=1")]).err()?;
    let hint = error.hint().filter(|hint| hint.starts_with("here: "))?;
    Some(failure.hint(hint))
}

fn keys() -> impl Iterator<Item = &'static Key> {
    SECTIONS.iter().flat_map(|(_, keys)| keys.iter())
}

/// Settings that other tools take as arguments.
#[derive(Debug, Args)]
struct OtherNames {
    #[arg(long, aliases = ["num-train-epochs", "num_train_epochs", "max-epochs"], value_name = "N", hide = true)]
    epochs: Option<String>,
    #[arg(long, aliases = ["per-device-train-batch-size", "per_device_train_batch_size", "train-batch-size", "batch_size"], value_name = "N", hide = true)]
    batch_size: Option<String>,
    #[arg(long, aliases = ["lr", "learning_rate"], value_name = "RATE", hide = true)]
    learning_rate: Option<String>,
    #[arg(long, aliases = ["max-seq-length", "max_seq_length", "max_length"], value_name = "N", hide = true)]
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
    let policies = Policies::default()
        .with_misaligned(arguments.on_misaligned)
        .with_overlap(arguments.on_overlap);
    let run = fine_tuner(&arguments.model, arguments.offline)?
        .train(&arguments.train)
        .dev(&arguments.dev)
        .test(&arguments.test)
        .reading(arguments.corpus.options(None)?)
        .policies(policies)
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
pub(crate) fn fine_tuner(model: &Path, offline: bool) -> Result<FineTuner<'static>, Failure> {
    let tuner = FineTuner::new(model);
    // A folder needs no settings of the Hub.
    if ner_align_hub::HubId::from_argument(model).is_none() {
        return Ok(tuner);
    }
    Ok(tuner.hub(ner_align_cli::hub::client(offline)?))
}

/// The pretrained model, in a folder.
#[cfg(not(feature = "hub"))]
pub(crate) fn fine_tuner(model: &Path, _: bool) -> Result<FineTuner<'static>, Failure> {
    Ok(FineTuner::new(model))
}

/// Prints what a person should know of the run.
pub(crate) fn tell(notice: &Notice) {
    if let Notice::Findings { counts, findings, .. } = notice {
        // Their places name the files.
        return report_findings(counts, findings);
    }
    let word = match notice.severity() {
        Severity::Info => "note",
        _ => "warning",
    };
    let of = notice.split().map_or_else(String::new, |split| format!("--{split}: "));
    let text = match notice {
        Notice::UnknownType { label, entities, .. } => {
            format!("{entities} entities of type {label}, which --train lacks: counted as missed")
        }
        notice => notice.to_string(),
    };
    for line in text.lines() {
        say(with_flags(&format!("{word}: {of}{line}")));
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
