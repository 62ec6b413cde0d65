//! `curves.svg` in the folder of a run.

use std::fs;
use std::path::Path;

use ner_align_cli::Failure;
use ner_align_train::{Curves, TrainError, TrainReport};

use super::{base_name, io_failure, write_file};

/// Its name.
pub(super) const CURVES: &str = "curves.svg";

/// Draws the run from its log, however it ended; of one that failed for other reasons than its
/// numbers there is nothing new to show.
pub(super) fn write(
    output: &Path,
    log: &Path,
    run: &Result<TrainReport, TrainError>,
) -> Result<(), Failure> {
    let best = match run {
        Ok(report) => report.best.as_ref().map(|best| best.step),
        Err(TrainError::Diverged { .. }) => None,
        Err(_) => return Ok(()),
    };
    // By lines, lossily: a process that was killed may have left anything at the end.
    let log = fs::read(log).map_err(|error| io_failure(log, &error))?;
    let curves = Curves::from_log(&String::from_utf8_lossy(&log));
    if curves.is_empty() {
        return Ok(());
    }
    write_file(&output.join(CURVES), &curves.to_svg(&base_name(output), best))
}
