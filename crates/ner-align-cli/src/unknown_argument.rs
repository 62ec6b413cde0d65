//! Arguments that people type who know another tool.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, FromArgMatches};

use crate::Failure;

/// Arguments that no command has, or not this one, and what does the same here. Without a command: of all.
const KNOWN: [(&str, &str, &str); 12] = [
    ("render", "--html", "-o OUT.html writes a page"),
    ("render", "--svg", "-o OUT.svg draws a picture"),
    (
        "predict",
        "--text",
        "text comes from standard input: echo 'TEXT' | ner-align predict --model DIR",
    ),
    ("serve", "--port", "--addr HOST:PORT is the address to listen on, such as 127.0.0.1:8080"),
    ("serve", "--host", "--addr HOST:PORT is the address to listen on, such as 127.0.0.1:8080"),
    ("", "--format", "--from names the format of an input, --to that of an output"),
    ("", "--input", "inputs stand without an argument before them"),
    ("", "-i", "inputs stand without an argument before them"),
    ("", "--gpu", "--device cuda computes on the GPU"),
    ("", "--cpu", "--device cpu computes on the CPU"),
    ("", "--threads", "OMP_NUM_THREADS in the environment sets the number of threads"),
    ("", "--output-dir", "-o names the output"),
];

/// The command line of this process. Prints what is wrong with it, or the help that it asks for, and ends, as
/// clap does.
///
/// # Errors
/// An argument that its command lacks and another tool has; `own` explains those that this module does not know,
/// by command and argument.
pub fn parse<C: FromArgMatches>(
    program: Command,
    own: impl FnOnce(&str, &str) -> Option<Failure>,
) -> Result<C, Failure> {
    let matches = program.try_get_matches();
    matches.and_then(|matches| C::from_arg_matches(&matches)).map_err(|error| {
        let command = std::env::args_os().nth(1).unwrap_or_default();
        let command = command.to_string_lossy();
        let failure = unknown(&error)
            .and_then(|argument| own(&command, argument).or_else(|| explain(&command, argument)));
        failure.unwrap_or_else(|| error.exit())
    })
}

/// The argument that a command line has and its command lacks.
fn unknown(error: &clap::Error) -> Option<&str> {
    match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument)) if error.kind() == ErrorKind::UnknownArgument => {
            Some(argument)
        }
        _ => None,
    }
}

/// What to say of an argument that `command` lacks, where another tool has it.
///
/// ```
/// let failure = ner_align_cli::unknown_argument::explain("render", "--html").unwrap();
/// assert_eq!(failure.message, "expected an argument of render, found --html");
/// assert_eq!(failure.hint.unwrap(), "-o OUT.html writes a page");
/// assert!(ner_align_cli::unknown_argument::explain("render", "--nonsense").is_none());
/// ```
#[must_use]
pub fn explain(command: &str, argument: &str) -> Option<Failure> {
    let name = argument.split('=').next().unwrap_or_default();
    let plain = if name.starts_with("--") { name.replace('_', "-") } else { name.to_owned() };
    let known =
        KNOWN.iter().find(|(of, known, _)| (of.is_empty() || *of == command) && *known == plain);
    known.map(|(_, _, hint)| of_another(command, argument).hint(*hint))
}

/// The failure itself.
#[must_use]
pub fn of_another(command: &str, argument: &str) -> Failure {
    Failure::usage(format!("expected an argument of {command}, found {argument}"))
}
