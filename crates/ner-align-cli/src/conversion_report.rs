//! What went into an output, on standard error.

use std::fmt;

use ner_align_core::Finding;
use ner_align_corpus::{ConvertSummary, files_not_read};

use crate::flags::with_flags;
use crate::say::say;

/// The files of folders that were not read, if there are several; a single one is named by its
/// finding.
pub fn report_not_read(findings: &[Finding]) {
    let files = files_not_read(findings);
    if files.len() > 1 {
        say(format!("not read: {}", files.join(", ")));
    }
}

/// What was written, in one line: `name: 3 documents, …`.
pub fn report_counts(name: &impl fmt::Display, summary: &ConvertSummary) {
    say(format!("{name}: {summary}"));
}

/// What was kept, repaired, dropped or lost on the way, a line each.
pub fn report_changes(summary: &ConvertSummary) {
    summary.changes().iter().for_each(|line| say(with_flags(line)));
}
