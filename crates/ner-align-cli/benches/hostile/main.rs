//! Inputs that nobody means well, at two sizes: what the program takes of time and memory.
//!
//! ```text
//! cargo bench -p ner-align-cli --bench hostile
//! cargo bench -p ner-align-cli --bench hostile -- score   # the cases whose name contains it
//! ```
//!
//! Each case runs at a size and at twice that. A line says the seconds of both and the peak of the resident
//! memory. A case fails, and with it the bench, where the larger one takes more memory than `--max-memory`, 2 GiB
//! unless a case says otherwise, more than 10 seconds, or more than 2.3 times the time of the smaller one, of which
//! what is below a quarter of a second says nothing. The peak is read from `/proc`, so that Linux is needed.

#![allow(missing_docs, clippy::print_stdout, reason = "a bench")]

mod cases;
mod measure;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use cases::{CASES, Case};
use measure::{Measured, measure};

const MOST_TIME: Duration = Duration::from_secs(10);
const MOST_GROWTH: f64 = 2.3;
/// Time that is start and chance.
const NOTHING: f64 = 0.25;

fn run(case: &Case) -> Result<bool, Box<dyn Error>> {
    let small = measure(case, case.size / 2)?;
    let large = measure(case, case.size)?;
    let growth = large.time.as_secs_f64() / small.time.as_secs_f64().max(NOTHING);
    let fails = [
        (large.time > MOST_TIME, "slow"),
        (growth > MOST_GROWTH, "not linear"),
        (large.memory > case.max_memory, "memory"),
        (large.status != case.status, "status"),
        (large.printed > cases::MOST_PRINTED, "floods"),
    ];
    let fails: Vec<&str> = fails.iter().filter(|(fails, _)| *fails).map(|(_, why)| *why).collect();
    let Measured { time, memory, printed, status, .. } = large;
    println!(
        "{:<44} {:>9}  {:>6.2} s  {:>6.2} s  {:>6} MiB  {printed:>8} B  status {status}  {}",
        case.name,
        case.size,
        small.time.as_secs_f64(),
        time.as_secs_f64(),
        memory >> 20,
        fails.join(", ")
    );
    if large.status != case.status {
        println!("    {}", large.last_line);
    }
    Ok(fails.is_empty())
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    // Cargo adds `--bench`.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let is_wanted =
        |case: &&Case| wanted.is_empty() || wanted.iter().any(|name| case.name.contains(name));
    let mut holds = true;
    for case in CASES.iter().filter(is_wanted) {
        holds &= run(case)?;
    }
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
