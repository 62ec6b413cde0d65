//! What other tools would print.

use ner_align_core::{Scheme, Tag};
use ner_align_metrics::Scores;
use ner_align_metrics::compat::{CompatScores, Quirk, Tool, quirks};

use super::ScoreArgs;
use super::source::Part;

/// One tool's numbers, or why it gives none, and what makes them differ from ours here.
pub(super) struct Foreign {
    pub(super) tool: Tool,
    pub(super) scores: Result<CompatScores, String>,
    pub(super) quirks: Vec<Quirk>,
}

/// The tags of all sentences as their files have them, faults included: that is what the tools read.
#[derive(Default)]
pub(super) struct Spellings {
    gold: Vec<Vec<String>>,
    predicted: Vec<Vec<String>>,
}

impl Spellings {
    /// Adds a sentence; tags that were written from spans are in `scheme`.
    pub(super) fn add(
        &mut self,
        gold: Part<'_>,
        gold_tags: &[Tag],
        predicted: Part<'_>,
        predicted_tags: &[Tag],
        scheme: Scheme,
    ) {
        self.gold.push(spell(gold, gold_tags, scheme));
        self.predicted.push(spell(predicted, predicted_tags, scheme));
    }

    /// The numbers of the tools that were asked for.
    pub(super) fn score(
        &self,
        arguments: &ScoreArgs,
        scheme: Scheme,
        ours: &Scores,
    ) -> Vec<Foreign> {
        let Self { gold, predicted } = self;
        let mut tools = arguments.compat.clone();
        tools.sort_unstable();
        tools.dedup();
        let one = |tool: Tool| match tool.run(gold, predicted, Some(scheme)) {
            Ok(scores) => {
                let quirks = quirks(&scores, gold, predicted, ours, tool);
                Foreign { tool, scores: Ok(scores), quirks }
            }
            Err(error) => Foreign { tool, scores: Err(error.to_string()), quirks: Vec::new() },
        };
        tools.into_iter().map(one).collect()
    }
}

fn spell(part: Part<'_>, tags: &[Tag], scheme: Scheme) -> Vec<String> {
    let scheme = part.document.tags().map_or(scheme, |(_, own)| own);
    let start = part.sentence.words.start;
    let spell = |(word, tag): (usize, &Tag)| match part.document.spelling(start + word) {
        Some(spelling) => spelling.to_owned(),
        None => tag.display(scheme).to_string(),
    };
    tags.iter().enumerate().map(spell).collect()
}
