//! `cargo xtask check`: what must hold before a change is merged. Each step runs even if an earlier
//! one failed, so that one run shows everything.

mod circles;
mod directions;
mod flags;
mod lengths;
mod packages;
mod printing;
mod source;
mod targets;

use std::process::{Command, Stdio};
use std::time::Instant;

use crate::failure::Failure;
use crate::setup;
use crate::workspace::{Workspace, status};

/// The result of a step, which prints its findings itself.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Outcome {
    Passed,
    Failed,
    Skipped,
}

/// A step of the check.
struct Step {
    /// What it is called on the command line.
    id: &'static str,
    title: &'static str,
    run: fn(&Workspace) -> Result<Outcome, Failure>,
}

#[rustfmt::skip]
const STEPS: [Step; 11] = [
    Step { id: "libtorch", title: "libtorch, which the lints compile against", run: libtorch },
    Step { id: "formatting", title: "formatting", run: formatting },
    Step { id: "lints", title: "lints (clippy)", run: lints },
    Step { id: "documentation", title: "documentation (rustdoc)", run: documentation },
    Step { id: "directions", title: "directions between crates", run: directions },
    Step { id: "circles", title: "circles between files", run: circles },
    Step { id: "printing", title: "libraries that print", run: printing },
    Step { id: "flags", title: "libraries that name arguments of the program", run: flags },
    Step { id: "lengths", title: "lengths of files", run: lengths },
    Step { id: "packages", title: "contents of packages", run: packages },
    Step { id: "licences", title: "licences, bans and sources (cargo-deny)", run: deny },
];

/// What the steps are called, in their order.
pub(crate) fn step_names() -> Vec<&'static str> {
    STEPS.iter().map(|step| step.id).collect()
}

/// Runs the steps with these names, or all where there are none; fails with the titles of those
/// that failed.
pub(crate) fn run(workspace: &Workspace, only: &[String]) -> Result<(), Failure> {
    let mut failed = Vec::new();
    for step in STEPS.iter().filter(|step| only.is_empty() || only.iter().any(|id| id == step.id)) {
        println!("== {}", step.title);
        let start = Instant::now();
        let outcome = (step.run)(workspace).unwrap_or_else(|failure| {
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
            failed.push(step.title);
        }
    }
    if failed.is_empty() {
        println!("{}", if only.is_empty() { "all checks passed" } else { "these checks passed" });
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

fn directions(workspace: &Workspace) -> Result<Outcome, Failure> {
    Ok(listed(&directions::check(workspace.packages())))
}

fn circles(workspace: &Workspace) -> Result<Outcome, Failure> {
    circles::check(workspace.packages()).map(|found| listed(&found))
}

fn printing(workspace: &Workspace) -> Result<Outcome, Failure> {
    printing::check(workspace.root(), workspace.packages()).map(|found| listed(&found))
}

fn flags(workspace: &Workspace) -> Result<Outcome, Failure> {
    flags::check(workspace.root(), workspace.packages()).map(|found| listed(&found))
}

fn lengths(workspace: &Workspace) -> Result<Outcome, Failure> {
    lengths::check(workspace.root()).map(|found| listed(&found))
}

fn packages(workspace: &Workspace) -> Result<Outcome, Failure> {
    packages::check(workspace).map(|found| listed(&found))
}

/// cargo-deny is a separate program, so the step is skipped if it is not installed.
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

/// Prints what a step found. No findings mean that it passed.
fn listed(found: &[String]) -> Outcome {
    for line in found {
        eprintln!("error: {line}");
    }
    if found.is_empty() { Outcome::Passed } else { Outcome::Failed }
}
