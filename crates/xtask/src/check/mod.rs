//! `cargo xtask check`: what must hold before a change is merged. Each step runs even where one
//! before it failed, so that one run shows everything.

mod directions;
mod lengths;
mod packages;

use std::process::{Command, Stdio};
use std::time::Instant;

use crate::failure::Failure;
use crate::setup;
use crate::workspace::{Workspace, status};

/// What a step comes to. What it complained about is on the terminal by then.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Outcome {
    Passed,
    Failed,
    Skipped,
}

type Step = (&'static str, fn(&Workspace) -> Result<Outcome, Failure>);

const STEPS: [Step; 8] = [
    ("libtorch, which the lints compile against", libtorch),
    ("formatting", formatting),
    ("lints (clippy)", lints),
    ("documentation (rustdoc)", documentation),
    ("directions between crates", |workspace| Ok(listed(&directions::check(workspace.packages())))),
    ("lengths of files", |workspace| lengths::check(workspace.root()).map(|found| listed(&found))),
    ("contents of packages", |workspace| packages::check(workspace).map(|found| listed(&found))),
    ("licences, bans and sources (cargo-deny)", deny),
];

/// Runs every step; fails with the names of those that failed.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    let mut failed = Vec::new();
    for (name, step) in STEPS {
        println!("== {name}");
        let start = Instant::now();
        let outcome = step(workspace).unwrap_or_else(|failure| {
            eprintln!("{failure}");
            Outcome::Failed
        });
        let word = match outcome {
            Outcome::Passed => "passed",
            Outcome::Failed => "FAILED",
            Outcome::Skipped => "skipped",
        };
        println!("   {word}, {:.1} s", start.elapsed().as_secs_f64());
        if outcome == Outcome::Failed {
            failed.push(name);
        }
    }
    if failed.is_empty() {
        println!("all checks passed");
        return Ok(());
    }
    Err(Failure::failed(format!("failed: {}", failed.join("; "))))
}

fn libtorch(workspace: &Workspace) -> Result<Outcome, Failure> {
    setup::libtorch_only(workspace).map(|()| Outcome::Passed)
}

fn formatting(workspace: &Workspace) -> Result<Outcome, Failure> {
    outcome(&mut workspace.cargo(["fmt", "--all", "--check"]))
}

fn lints(workspace: &Workspace) -> Result<Outcome, Failure> {
    const ARGS: [&str; 5] = ["clippy", "--quiet", "--workspace", "--all-targets", "--all-features"];
    outcome(workspace.cargo(ARGS).args(["--", "-D", "warnings"]))
}

fn documentation(workspace: &Workspace) -> Result<Outcome, Failure> {
    const ARGS: [&str; 5] = ["doc", "--quiet", "--workspace", "--no-deps", "--all-features"];
    outcome(workspace.cargo(ARGS).env("RUSTDOCFLAGS", "-D warnings"))
}

/// cargo-deny is a program of its own that not everyone has.
fn deny(workspace: &Workspace) -> Result<Outcome, Failure> {
    let mut version = workspace.cargo(["deny", "--version"]);
    let installed = version.stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !installed.is_ok_and(|status| status.success()) {
        println!("   cargo-deny is not installed (cargo install --locked cargo-deny)");
        return Ok(Outcome::Skipped);
    }
    outcome(&mut workspace.cargo([
        "deny",
        "check",
        "--hide-inclusion-graph",
        "licenses",
        "bans",
        "sources",
    ]))
}

fn outcome(command: &mut Command) -> Result<Outcome, Failure> {
    Ok(if status(command)?.success() { Outcome::Passed } else { Outcome::Failed })
}

/// Prints what a step found wrong; it passed if that is nothing.
fn listed(found: &[String]) -> Outcome {
    for line in found {
        eprintln!("error: {line}");
    }
    if found.is_empty() { Outcome::Passed } else { Outcome::Failed }
}
