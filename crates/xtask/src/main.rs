//! The tasks of this workspace, as `cargo xtask <task>`: libtorch set-up, demo, tests, checks.
//!
//! It depends on no other crate of the workspace and on no libtorch, since it runs before either
//! can be built.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for people at a terminal, not a library"
)]

mod check;
mod demo;
mod failure;
mod setup;
mod test;
mod workspace;

use std::process::ExitCode;

use clap::builder::PossibleValuesParser;
use clap::{Parser, Subcommand};

use crate::failure::Failure;
use crate::workspace::Workspace;

/// Tasks of the ner-align workspace.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask", max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Put libtorch 2.11 and a small pretrained BERT in place; does nothing where they are.
    ///
    /// libtorch is taken from LIBTORCH, from LIBTORCH_USE_PYTORCH=1, from an installed PyTorch
    /// 2.11, or fetched with pip (540 MB), in this order.
    Setup {
        /// Do it again even where everything is in place.
        #[arg(long)]
        force: bool,
    },
    /// Fine-tune on the postings in fixtures/ and show the result, in a minute or two.
    Demo {
        /// Passes over the training data.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        epochs: Option<u32>,
    },
    /// Run every test of the workspace, documentation examples included.
    Test {
        /// Only what builds where no libtorch exists, with libtorch out of reach.
        #[arg(long)]
        without_libtorch: bool,
        /// More arguments for `cargo test`.
        #[arg(last = true, value_name = "ARGS")]
        args: Vec<String>,
    },
    /// Formatting, lints, documentation, crate directions, circles, printing, file lengths,
    /// packages, licences.
    Check {
        /// Only these steps.
        #[arg(value_name = "STEP", value_parser = PossibleValuesParser::new(check::step_names()))]
        steps: Vec<String>,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

fn run(task: Task) -> Result<(), Failure> {
    let workspace = Workspace::load()?;
    match task {
        Task::Setup { force } => setup::run(&workspace, force).map(|ready| ready.report()),
        Task::Demo { epochs } => demo::run(&workspace, epochs),
        Task::Test { without_libtorch: true, args } => test::without_libtorch(&workspace, &args),
        Task::Test { without_libtorch: false, args } => test::everything(&workspace, &args),
        Task::Check { steps } => check::run(&workspace, &steps),
    }
}
