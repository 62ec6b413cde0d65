//! Documents, whose text a process of its own extracts.

use std::env;
use std::io;

use ner_align_core::ErrorKind;
use ner_align_documents::{DocumentsError, Worker, worker_main};

use crate::Failure;

/// The program without libtorch, which starts faster.
const PROGRAM: &str = "ner-align";
/// The command of both programs that extracts a document. Help does not list it.
const COMMAND: &str = "extract-worker";

/// The process that extracts a document: `ner-align` beside this program, else this program again.
///
/// # Errors
///
/// If the system does not say where this program is.
pub fn worker() -> Result<Worker, Failure> {
    let own = env::current_exe()
        .map_err(|error| Failure::environment(format!("path of this program: {error}")))?;
    let beside = own.with_file_name(format!("{PROGRAM}{}", env::consts::EXE_SUFFIX));
    let program = if beside.is_file() { beside } else { own };
    Ok(Worker::new(program).with_arguments([COMMAND]))
}

/// What the command does: one document from standard input to standard output.
///
/// # Errors
///
/// If standard input holds no request.
pub fn work() -> Result<(), Failure> {
    Ok(worker_main(io::stdin(), io::stdout())?)
}

impl From<DocumentsError> for Failure {
    fn from(error: DocumentsError) -> Self {
        let failure = match error.kind() {
            ErrorKind::Environment => Self::environment(error.to_string()),
            _ => Self::input(error.to_string()),
        };
        Self { hint: error.hint().map(str::to_owned), ..failure }
    }
}
