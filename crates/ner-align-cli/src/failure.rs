//! How the program ends when it cannot do what it was asked.

use std::fmt;
use std::process::ExitCode;

use ner_align_corpus::{CorpusError, ErrorKind};
use ner_align_subword::SubwordError;

use crate::flags::with_flags;
use crate::say::say;

/// Exit status 1: the input is at fault, or a gate found what it looks for.
pub const INPUT: u8 = 1;
/// Exit status 2: the command line or the config is at fault.
pub const USAGE: u8 = 2;
/// Exit status 3: the environment is at fault.
pub const ENVIRONMENT: u8 = 3;
/// Exit status 4: training diverged.
pub const DIVERGED: u8 = 4;
/// Exit status 130: interrupted, with the state saved.
pub const INTERRUPTED: u8 = 130;

/// A reason to stop, in one line, with a hint where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The exit status.
    pub code: u8,
    /// What was expected and what was found, with the place.
    pub message: String,
    /// What to do about it; options of the libraries stand in backticks.
    pub hint: Option<String>,
}

impl Failure {
    /// A failure with this exit status.
    #[must_use]
    pub fn new(code: u8, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None }
    }

    /// The input is at fault.
    #[must_use]
    pub fn input(message: impl Into<String>) -> Self {
        Self::new(INPUT, message)
    }

    /// The command line or the config is at fault.
    #[must_use]
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(USAGE, message)
    }

    /// The environment is at fault.
    #[must_use]
    pub fn environment(message: impl Into<String>) -> Self {
        Self::new(ENVIRONMENT, message)
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One line, whatever a message from below holds.
        let line = self.message.split_whitespace().collect::<Vec<_>>().join(" ");
        write!(f, "error: {line}")?;
        if let Some(hint) = &self.hint {
            write!(f, "\nhint: {}", with_flags(hint))?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

impl From<CorpusError> for Failure {
    fn from(error: CorpusError) -> Self {
        let code = match error.kind() {
            ErrorKind::Usage => USAGE,
            ErrorKind::Environment => ENVIRONMENT,
            _ => INPUT,
        };
        Self { code, message: error.to_string(), hint: error.hint().map(str::to_owned) }
    }
}

impl From<SubwordError> for Failure {
    fn from(error: SubwordError) -> Self {
        let code = match error {
            SubwordError::MaxLength { .. }
            | SubwordError::Stride { .. }
            | SubwordError::NoContinuationClass { .. } => USAGE,
            SubwordError::Scheme { .. } => INPUT,
            _ => ENVIRONMENT,
        };
        let hint = error.hint().map(str::to_owned);
        Self { hint, ..Self::new(code, error.to_string()) }
    }
}

/// Prints a failure on standard error and gives the exit status.
#[must_use]
pub fn finish(result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say(&failure);
            ExitCode::from(failure.code)
        }
    }
}
