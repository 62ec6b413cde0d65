//! `cargo xtask test`: all tests, or those that need no libtorch.

use std::process::Command;
use std::time::Instant;

use crate::failure::Failure;
use crate::setup;
use crate::workspace::{Workspace, exit_code, status};

/// A folder that does not exist, so that a crate that needs libtorch fails to build.
const NO_LIBTORCH: &str = "/nonexistent";

/// Names the folder of published corpora. The tests that read them are ignored unless asked for.
const DATA: &str = "NER_ALIGN_DATA";

/// Every package with every feature. `cargo test` includes documentation examples by itself. Where
/// `NER_ALIGN_DATA` is set, the tests of published corpora run too.
pub(crate) fn everything(workspace: &Workspace, args: &[String]) -> Result<(), Failure> {
    setup::run(workspace, false, setup::Choice::Cpu)?;
    let mut command = workspace.cargo(["test", "--all-features"]);
    let of_one_package =
        |arg: &String| ["-p", "--package"].contains(&arg.as_str()) || arg.starts_with("--package=");
    if !args.iter().take_while(|arg| *arg != "--").any(of_one_package) {
        command.arg("--workspace");
    }
    tell(command.args(args), "all tests passed")?;
    if std::env::var_os(DATA).is_none() || !args.is_empty() {
        return Ok(());
    }
    // Without the examples of the documentation: those that are ignored are not for running.
    let mut corpora = workspace.cargo(["test", "--all-features", "--workspace", "--tests"]);
    tell(corpora.args(["--", "--ignored"]), "all tests of published corpora passed")
}

/// The packages that `cargo test` takes by default (`default-members`), with their default
/// features: what a machine without libtorch can build.
pub(crate) fn without_libtorch(workspace: &Workspace, args: &[String]) -> Result<(), Failure> {
    let mut command = workspace.cargo(["test"]);
    command.env("LIBTORCH", NO_LIBTORCH).env_remove("LIBTORCH_USE_PYTORCH");
    tell(command.args(args), "all tests that need no libtorch passed")
}

fn tell(command: &mut Command, passed: &str) -> Result<(), Failure> {
    let start = Instant::now();
    let status = status(command)?;
    if status.success() {
        println!("{passed}, in {:.0} s", start.elapsed().as_secs_f64());
        Ok(())
    } else {
        Err(Failure::failed("the tests failed, see above").code(exit_code(status)))
    }
}
