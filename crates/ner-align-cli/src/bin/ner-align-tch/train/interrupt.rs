//! Ctrl-C: the first one saves and leaves, the second one leaves.

use std::ops::ControlFlow;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ner_align_cli::Failure;
use ner_align_cli::failure::INTERRUPTED;
use ner_align_train::{StepRecord, TrainError, TrainerCallback};

/// Interrupts the run at the end of the step during which a signal came.
#[derive(Debug)]
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Takes over SIGINT, SIGTERM and SIGHUP, or Ctrl-C where there are no signals.
    pub(super) fn watch() -> Result<Self, Failure> {
        let asked = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&asked);
        ctrlc::set_handler(move || {
            if flag.swap(true, Ordering::SeqCst) {
                process::exit(i32::from(INTERRUPTED));
            }
            say();
        })
        .map_err(|error| Failure::environment(format!("signals: {error}")))?;
        Ok(Self(asked))
    }
}

#[expect(clippy::print_stderr, reason = "this is where the program speaks")]
fn say() {
    eprintln!("\nsaving after this step; once more to leave at once");
}

impl TrainerCallback for Interrupt {
    fn on_step(&mut self, _record: &StepRecord) -> Result<ControlFlow<()>, TrainError> {
        let asked = self.0.load(Ordering::SeqCst);
        Ok(if asked { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }
}
