//! What a lint implements.

use ner_align_core::Document;

use super::index::CorpusIndex;
use super::log::LintLog;
use super::position::Position;
use super::statistics::Statistics;

/// One thing to look for.
///
/// A [`Checker`](super::Checker) calls [`Lint::document`] with each document of the inputs in order, not with those that
/// the inputs are compared with, and [`Lint::finish`] once at the end.
pub trait Lint {
    /// Looks at one document.
    fn document(&mut self, document: &Document, at: &Position<'_>, log: &mut LintLog) {
        let _ = (document, at, log);
    }

    /// Looks at all corpora together.
    fn finish(&mut self, index: &CorpusIndex, statistics: &mut Statistics, log: &mut LintLog) {
        let _ = (index, statistics, log);
    }
}
