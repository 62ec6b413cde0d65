//! The program `ner-align`. Links no libtorch: what needs a model is started from a second program
//! that lies beside this one.

mod align;
mod annotate;
mod check;
mod convert;
mod launch;
#[cfg(feature = "hub")]
mod push;
mod render;
mod score;
mod split;
mod tokenizer;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use ner_align_cli::signals::{hide_caught_panics, leave_no_drafts, survive_file_limits};
use ner_align_cli::{documents, finish, help, unknown_argument};

const EXAMPLES: &str = "\
From a corpus to entities:
  ner-align check corpus.jsonl
  ner-align split corpus.jsonl -o parts --ratio 8:1:1
  ner-align train --train parts/train.jsonl --dev parts/dev.jsonl \\
      --model google-bert/bert-base-cased -o out
  ner-align eval --model out/model-best parts/test.jsonl
  echo 'Ada Lovelace lived in London.' | ner-align predict --model out/model-best";

/// Named-entity recognition from corpus to model: score here, train and predict with the second
/// executable `ner-align-tch`, which this one starts
#[derive(Debug, Parser)]
#[command(name = "ner-align", version, about, arg_required_else_help = true, before_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Convert corpora to another format, and report what it cannot hold
    Convert(Box<convert::ConvertArgs>),
    /// Find faults and doubtful annotation in corpora, with their places; print statistics
    Check(Box<check::CheckArgs>),
    /// Split corpora into train, dev and test, or into folds
    Split(Box<split::SplitArgs>),
    /// Mark entities by word lists and patterns, the start of a hand annotation
    Annotate(Box<annotate::AnnotateArgs>),
    /// Score predicted entities against gold ones
    Score(Box<score::ScoreArgs>),
    /// Show entities in their text: a page, a picture, or colours in the terminal
    Render(Box<render::RenderArgs>),
    /// Show a corpus as labelled windows of subtokens
    Align(Box<align::AlignArgs>),
    /// Upload a model folder to the Hugging Face Hub
    #[cfg(feature = "hub")]
    Push(Box<push::PushArgs>),
    /// Fine-tune an encoder on annotated corpora
    #[command(disable_help_flag = true)]
    Train(launch::Forwarded),
    /// Train on growing parts of a corpus, and say what more data would bring
    #[command(disable_help_flag = true)]
    Curve(launch::Forwarded),
    /// Write a commented config file for training
    #[command(disable_help_flag = true)]
    InitConfig(launch::Forwarded),
    /// Check a config file without training
    #[command(disable_help_flag = true)]
    DebugConfig(launch::Forwarded),
    /// Import a spaCy config.cfg, and list the settings without a counterpart
    #[command(disable_help_flag = true)]
    ImportConfig(launch::Forwarded),
    /// Score a model on an annotated corpus
    #[command(disable_help_flag = true)]
    Eval(launch::Forwarded),
    /// Find labels that are probably wrong, by models that have not seen them
    #[command(disable_help_flag = true)]
    Doubt(launch::Forwarded),
    /// Measure how honest the scores of a model's entities are, correct them, and promise a recall
    #[command(disable_help_flag = true)]
    Calibrate(launch::Forwarded),
    /// Mark the entities of a text or corpus with a model
    #[command(disable_help_flag = true)]
    Predict(launch::Forwarded),
    /// Replace the entities of a text or corpus by their types, bars or other names
    #[command(disable_help_flag = true)]
    Redact(launch::Forwarded),
    /// Choose the texts that would teach a model most, to be annotated next
    #[command(disable_help_flag = true)]
    Suggest(launch::Forwarded),
    /// Write a model with weights of 8-bit integers, for prediction on a CPU
    #[command(disable_help_flag = true)]
    Quantize(launch::Forwarded),
    /// Answer requests over HTTP
    #[command(disable_help_flag = true)]
    Serve(launch::Forwarded),
    /// Explain a command or a topic: reading, writing, settings
    Help {
        /// A command, or reading, writing or settings
        #[arg(value_name = "COMMAND|TOPIC")]
        what: Option<String>,
    },
    /// Extract the text of a document from standard input, for the command that started this one
    #[command(hide = true)]
    ExtractWorker,
}

/// Commands of the second program.
const SECOND_PROGRAM: [&str; 13] = [
    "train",
    "curve",
    "init-config",
    "debug-config",
    "import-config",
    "eval",
    "doubt",
    "calibrate",
    "predict",
    "redact",
    "suggest",
    "quantize",
    "serve",
];

fn main() -> ExitCode {
    survive_file_limits();
    hide_caught_panics();
    let command = match unknown_argument::parse(help::paged(Cli::command()), |_, _| None) {
        Ok(Cli { command }) => command,
        Err(failure) => return finish(Err(failure)),
    };
    match command {
        Command::Convert(arguments) => finish(writing(|| convert::run(&arguments))),
        Command::Check(arguments) => check::run(&arguments),
        Command::Split(arguments) => finish(writing(|| split::run(&arguments))),
        Command::Annotate(arguments) => finish(writing(|| annotate::run(&arguments))),
        Command::Score(arguments) => finish(score::run(&arguments)),
        Command::Render(arguments) => finish(writing(|| render::run(&arguments))),
        Command::Align(arguments) => finish(align::run(&arguments)),
        #[cfg(feature = "hub")]
        Command::Push(arguments) => finish(push::run(&arguments)),
        Command::Train(forwarded) => launch::run("train", &forwarded),
        Command::Curve(forwarded) => launch::run("curve", &forwarded),
        Command::InitConfig(forwarded) => launch::run("init-config", &forwarded),
        Command::DebugConfig(forwarded) => launch::run("debug-config", &forwarded),
        Command::ImportConfig(forwarded) => launch::run("import-config", &forwarded),
        Command::Eval(forwarded) => launch::run("eval", &forwarded),
        Command::Doubt(forwarded) => launch::run("doubt", &forwarded),
        Command::Calibrate(forwarded) => launch::run("calibrate", &forwarded),
        Command::Predict(forwarded) => launch::run("predict", &forwarded),
        Command::Redact(forwarded) => launch::run("redact", &forwarded),
        Command::Suggest(forwarded) => launch::run("suggest", &forwarded),
        Command::Quantize(forwarded) => launch::run("quantize", &forwarded),
        Command::Serve(forwarded) => launch::run("serve", &forwarded),
        Command::Help { what } => help(what.as_deref()),
        Command::ExtractWorker => finish(documents::work()),
    }
}

/// Prints a page of help; the second program has those of its commands.
fn help(what: Option<&str>) -> ExitCode {
    match what {
        Some("settings") => launch::run("init-config", &launch::Forwarded::default()),
        Some(command) if SECOND_PROGRAM.contains(&command) => {
            launch::run(command, &launch::Forwarded::of(["--help"]))
        }
        what => finish(help::print(help::paged(Cli::command()), what)),
    }
}

/// Runs a command that writes corpora.
fn writing<T>(run: impl FnOnce() -> T) -> T {
    leave_no_drafts();
    run()
}
