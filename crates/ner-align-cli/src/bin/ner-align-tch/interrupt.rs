//! Ctrl-C: the first one saves and leaves, the second one leaves.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ner_align_cli::Failure;
use ner_align_cli::failure::INTERRUPTED;
use ner_align_cli::say::say;
use ner_align_train::{StepRecord, TrainError, TrainerCallback};

/// Interrupts the run at the end of the step during which a signal came.
#[derive(Debug, Clone)]
pub(crate) struct Interrupt {
    asked: Arc<AtomicBool>,
    /// Steps are over, and with them what there is to save.
    over: Arc<AtomicBool>,
}

impl Interrupt {
    /// Takes over SIGINT, SIGTERM and SIGHUP, or Ctrl-C where there are no signals.
    pub(crate) fn watch() -> Result<Self, Failure> {
        let [asked, over] = [(); 2].map(|()| Arc::new(AtomicBool::new(false)));
        let flags = (Arc::clone(&asked), Arc::clone(&over));
        ctrlc::set_handler(move || {
            let (asked, over) = &flags;
            if asked.swap(true, Ordering::SeqCst) || over.load(Ordering::SeqCst) {
                // Without what a program does at its end: libtorch would be taken down while
                // another thread computes with it.
                signal_hook::low_level::exit(i32::from(INTERRUPTED));
            }
            say("saving after this step; once more to leave at once");
        })
        .map_err(|error| Failure::environment(format!("signals: {error}")))?;
        Ok(Self { asked, over })
    }
}

impl TrainerCallback for Interrupt {
    fn on_start(&mut self, _total_steps: usize, _done: usize) -> Result<(), TrainError> {
        self.over.store(false, Ordering::SeqCst);
        Ok(())
    }

    fn on_step(&mut self, _record: &StepRecord) -> Result<ControlFlow<()>, TrainError> {
        let asked = self.asked.load(Ordering::SeqCst);
        Ok(if asked { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    fn on_end(&mut self) -> Result<(), TrainError> {
        self.over.store(true, Ordering::SeqCst);
        Ok(())
    }
}
