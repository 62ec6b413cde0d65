//! The program `ner-align-tch`: the commands of `ner-align` that run a model.

mod calibrate;
mod choices;
mod config_commands;
mod curve;
mod doubt;
mod eval;
mod fault;
mod import_config;
mod interrupt;
mod model;
mod predict;
mod progress;
mod quantize;
mod redact;
mod serve;
mod suggest;
mod thresholds;
mod train;
mod tuning;

use std::process::ExitCode;

use clap::{Command as Program, CommandFactory, Parser, Subcommand};
use ner_align_cli::signals::{hide_caught_panics, survive_file_limits};
use ner_align_cli::{documents, finish, help, unknown_argument};

/// Commands of ner-align that run a model
#[derive(Debug, Parser)]
// The name in messages is the one that people type.
#[command(name = "ner-align", bin_name = "ner-align", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Fine-tune an encoder on annotated corpora
    Train(train::TrainArgs),
    /// Train on growing parts of a corpus, and say what more data would bring
    Curve(curve::CurveArgs),
    /// Write a commented config file
    InitConfig(config_commands::InitArgs),
    /// Check a config file without training
    DebugConfig(config_commands::DebugArgs),
    /// Import a spaCy config.cfg, and list the settings without a counterpart
    ImportConfig(import_config::ImportArgs),
    /// Score a model on an annotated corpus
    Eval(eval::EvalArgs),
    /// Find labels that are probably wrong, by models that have not seen them
    Doubt(doubt::DoubtArgs),
    /// Measure how honest the scores of a model's entities are, correct them, and promise a recall
    Calibrate(calibrate::CalibrateArgs),
    /// Mark the entities of a text or corpus with a model
    Predict(predict::PredictArgs),
    /// Replace the entities of a text or corpus by their types, bars or other names
    Redact(redact::RedactArgs),
    /// Choose the texts that would teach a model most, to be annotated next
    Suggest(suggest::SuggestArgs),
    /// Write a model with weights of 8-bit integers, for prediction on a CPU
    Quantize(quantize::QuantizeArgs),
    /// Answer requests over HTTP
    Serve(serve::ServeArgs),
    /// Explain a command, or a topic: reading
    Help {
        /// A command, or reading
        #[arg(value_name = "COMMAND|TOPIC")]
        what: Option<String>,
    },
    /// Extract the text of a document from standard input, for the command that started this one
    #[command(hide = true)]
    ExtractWorker,
}

/// The commands with their pages of help.
fn program() -> Program {
    help::paged(Cli::command().mut_subcommand("train", train::with_settings))
}

fn main() -> ExitCode {
    survive_file_limits();
    hide_caught_panics();
    let own = |command: &str, argument: &str| {
        if command == "train" { train::unknown_argument(argument) } else { None }
    };
    let command = match unknown_argument::parse(program(), own) {
        Ok(Cli { command }) => command,
        Err(failure) => return finish(Err(failure)),
    };
    finish(match command {
        Command::Train(arguments) => train::run(&arguments),
        Command::Curve(arguments) => curve::run(&arguments),
        Command::InitConfig(arguments) => config_commands::init(&arguments),
        Command::DebugConfig(arguments) => config_commands::debug(&arguments),
        Command::ImportConfig(arguments) => import_config::run(&arguments),
        Command::Eval(arguments) => eval::run(&arguments),
        Command::Doubt(arguments) => doubt::run(&arguments),
        Command::Calibrate(arguments) => calibrate::run(&arguments),
        Command::Predict(arguments) => predict::run(&arguments),
        Command::Redact(arguments) => redact::run(&arguments),
        Command::Suggest(arguments) => suggest::run(&arguments),
        Command::Quantize(arguments) => quantize::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Help { what } => help::print(program(), what.as_deref()),
        Command::ExtractWorker => documents::work(),
    })
}
