//! What other tools would print.

use std::fmt;

use ner_align_core::{Scheme, Tag};
use ner_align_metrics::Scores;
use ner_align_metrics::compat::{CompatError, CompatScores, Quirk, Tool, quirks};

use crate::source::Source;

/// The numbers of a tool, or why it gives none, and what makes them differ from ours here.
///
/// Displayed as the tool prints its numbers, with a note for each quirk.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CompatOutcome {
    /// The tool.
    pub tool: Tool,
    /// Its numbers, or where it would stop.
    pub scores: Result<CompatScores, CompatError>,
    /// What makes them differ from ours; empty where they do not.
    pub quirks: Vec<Quirk>,
}

impl fmt::Display for CompatOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.scores {
            Ok(scores) => scores.fmt(f)?,
            Err(reason) => writeln!(f, "nothing: {reason}")?,
        }
        for quirk in &self.quirks {
            writeln!(f, "note: {} (×{})", quirk.message, quirk.count)?;
        }
        Ok(())
    }
}

/// The tags of all sentences as their inputs spell them, faults included, since the tools read
/// these.
#[derive(Default)]
pub(crate) struct Spellings {
    gold: Vec<Vec<String>>,
    predicted: Vec<Vec<String>>,
    bytes: usize,
}

impl Spellings {
    /// Adds the current sentence; tags that were encoded from spans are in `scheme`.
    pub(crate) fn add(&mut self, gold: &Source, predicted: &Source, scheme: Scheme) {
        for (list, source) in [(&mut self.gold, gold), (&mut self.predicted, predicted)] {
            let tags = spell(source, scheme);
            // A text with its place and its allocation, and what the tools make of it.
            self.bytes += 64 + tags.iter().map(|tag| tag.len() + 80).sum::<usize>();
            list.push(tags);
        }
    }

    /// Bytes that they take, about.
    pub(crate) const fn memory(&self) -> u64 {
        self.bytes as u64
    }

    /// The numbers of these tools.
    pub(crate) fn score(
        self,
        mut tools: Vec<Tool>,
        scheme: Scheme,
        ours: &Scores,
    ) -> Vec<CompatOutcome> {
        let Self { gold, predicted, .. } = &self;
        tools.sort_unstable();
        tools.dedup();
        let one = |tool: Tool| {
            let scores = tool.run(gold, predicted, Some(scheme));
            let quirks = match &scores {
                Ok(scores) => quirks(scores, gold, predicted, ours, tool),
                Err(_) => Vec::new(),
            };
            CompatOutcome { tool, scores, quirks }
        };
        tools.into_iter().map(one).collect()
    }
}

fn spell(source: &Source, scheme: Scheme) -> Vec<String> {
    let Some(part) = source.part() else { return Vec::new() };
    let words = part.sentence.words;
    let (tags, scheme) = match part.document.tags() {
        Some((tags, own)) => (tags.get(words.range()).unwrap_or_default(), own),
        None => (source.tags(), scheme),
    };
    let spell = |(word, tag): (usize, &Tag)| match part.document.spelling(words.start + word) {
        Some(spelling) => spelling.to_owned(),
        None => tag.display(scheme).to_string(),
    };
    tags.iter().enumerate().map(spell).collect()
}
