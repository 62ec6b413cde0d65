//! Errors of the library as failures of the program.

use ner_align_cli::Failure;
use ner_align_cli::failure::{DIVERGED, ENVIRONMENT, INPUT, INTERRUPTED, USAGE};
use ner_align_pipeline::settings::SettingsError;
use ner_align_pipeline::{FaultKind, PipelineError};

/// A result whose error becomes a [`Failure`].
pub(crate) trait OrFail<T> {
    fn or_fail(self) -> Result<T, Failure>;
}

impl<T> OrFail<T> for Result<T, PipelineError> {
    fn or_fail(self) -> Result<T, Failure> {
        self.map_err(failure)
    }
}

impl<T> OrFail<T> for Result<T, SettingsError> {
    fn or_fail(self) -> Result<T, Failure> {
        self.map_err(|error| {
            let hint = error.hint().map(str::to_owned);
            Failure { hint, ..Failure::usage(error.to_string()) }
        })
    }
}

/// What the program says of an error. A callback of the program's own fails as it does.
fn failure(error: PipelineError) -> Failure {
    let code = match error.kind() {
        FaultKind::Input => INPUT,
        FaultKind::Usage => USAGE,
        FaultKind::Diverged => DIVERGED,
        FaultKind::Interrupted => INTERRUPTED,
        _ => ENVIRONMENT,
    };
    let hint = match &error {
        PipelineError::Interrupted { checkpoint: Some(_), .. } => {
            Some("the same command with --resume continues the run".to_owned())
        }
        #[cfg(feature = "hub")]
        PipelineError::Hub(error) => ner_align_cli::hub::hint(error),
        error => error.hint(),
    };
    let failure = Failure { code, message: error.to_string(), hint };
    match error {
        PipelineError::Callback(error) => {
            error.downcast::<Failure>().map_or(failure, |failure| *failure)
        }
        _ => failure,
    }
}
