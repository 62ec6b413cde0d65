//! The tasks of this workspace, as `cargo xtask <task>`: libtorch set-up, demo, tests, checks.
//!
//! It depends on no other crate of the workspace and not on libtorch, since it runs before either
//! is built.
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
    /// Install libtorch 2.11 and a small pretrained BERT, unless they are there.
    ///
    /// Takes the first libtorch that it finds: LIBTORCH, the PyTorch that
    /// LIBTORCH_USE_PYTORCH=1 asks for, an installed PyTorch 2.11, or a download with pip
    /// (540 MB). Where there is an NVIDIA driver, the CUDA half of a downloaded libtorch comes too
    /// (2.3 GB in all, 3.4 GB on disk).
    Setup {
        /// Install the CUDA half, even where no NVIDIA driver is found.
        #[arg(long, conflicts_with = "cpu")]
        cuda: bool,
        /// Install the CPU half alone, even where there is an NVIDIA driver.
        #[arg(long)]
        cpu: bool,
        /// Install again, even if everything is there.
        #[arg(long)]
        force: bool,
    },
    /// Fine-tune on the postings in fixtures/ and show the entities found. Takes a minute or two.
    Demo {
        /// Passes over the training data.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        epochs: Option<u32>,
    },
    /// Run all tests of the workspace, documentation examples included.
    Test {
        /// Only the crates that need no libtorch, with libtorch hidden from the build.
        #[arg(long)]
        without_libtorch: bool,
        /// More arguments for `cargo test`.
        #[arg(last = true, value_name = "ARGS")]
        args: Vec<String>,
    },
    /// Check formatting, lints, documentation, directions between crates, circles between files,
    /// printing libraries, lengths of files, packages and licences.
    Check {
        /// Run only these steps.
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
        Task::Setup { force, cuda, cpu } => {
            let choice = setup::Choice::of(cuda, cpu);
            setup::run(&workspace, force, choice).map(|ready| ready.report())
        }
        Task::Demo { epochs } => demo::run(&workspace, epochs),
        Task::Test { without_libtorch: true, args } => test::without_libtorch(&workspace, &args),
        Task::Test { without_libtorch: false, args } => test::everything(&workspace, &args),
        Task::Check { steps } => check::run(&workspace, &steps),
    }
}
