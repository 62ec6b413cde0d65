//! Entities whose first or last word is not a part of the name.

use ner_align_core::Severity;
use rustc_hash::FxHashMap;

use super::position::{with_hint, with_text};
use super::surfaces::Uses;
use super::{CorpusIndex, Lint, LintLog, Quoted, Statistics};

/// Finds white space and punctuation at the edges of entities.
#[derive(Debug)]
pub(super) struct EdgeLint;

/// What is wrong with the edges of a surface, whatever its label.
#[derive(Debug, Clone)]
enum Fault {
    WhiteSpace,
    /// Half of a pair, or a comma.
    Punctuation(String),
    /// Words of punctuation, which the entity may do without: the number of the rest.
    Trimmable(u32),
}

impl Lint for EdgeLint {
    fn finish(&mut self, index: &CorpusIndex, _: &mut Statistics, log: &mut LintLog) {
        let (_, _, inputs) = index.inputs();
        let uses = Uses::of(index, index.entities());
        let mut faults: FxHashMap<u32, Option<Fault>> = FxHashMap::default();
        for entity in index.entities().iter().take(inputs) {
            let fault =
                faults.entry(entity.surface).or_insert_with(|| fault_of(index, entity.surface));
            let label = index.label_name(entity.label);
            let (severity, code, message) = match fault {
                None => continue,
                Some(Fault::WhiteSpace) => (
                    Severity::Error,
                    "entity-whitespace-edge",
                    format!("expected {label} to start and end with a word, found white space"),
                ),
                Some(Fault::Punctuation(what)) => (
                    Severity::Warning,
                    "entity-punctuation-edge",
                    format!("expected {label} to start and end with its name, found {what}"),
                ),
                Some(Fault::Trimmable(rest)) => {
                    let without = uses.count(*rest, entity.label);
                    if without < 2 || without <= 2 * uses.count(entity.surface, entity.label) {
                        continue;
                    }
                    let rest = index.text(index.surface(*rest));
                    let rest = Quoted(&rest);
                    let message = format!(
                        "expected {label} as {rest}, annotated so {without} times, found punctuation at its edge"
                    );
                    (Severity::Warning, "entity-punctuation-edge", message)
                }
            };
            let finding = index.finding(severity, code, message, entity.start);
            let text = index.text(index.surface(entity.surface));
            log.push(with_hint(with_text(finding, &text), "move the entity's edge"));
        }
    }
}

fn fault_of(index: &CorpusIndex, surface: u32) -> Option<Fault> {
    let words = index.surface(surface);
    // What is that long is no name.
    if words.first() == Some(&super::long_surfaces::LONG) {
        return None;
    }
    let (first, last) = (index.word(*words.first()?), index.word(*words.last()?));
    if [first, last].iter().any(|word| word.trim().is_empty()) {
        return Some(Fault::WhiteSpace);
    }
    let (start, end) = (first.chars().next()?, last.chars().next_back()?);
    if matches!(start, ',' | ';') || matches!(end, ',' | ';') {
        let comma = if matches!(start, ',' | ';') { start } else { end };
        return Some(Fault::Punctuation(format!("{comma:?} at its edge")));
    }
    if let Some(half) = half_of_pair(index, words, start, end) {
        return Some(Fault::Punctuation(format!("half of a pair, {half:?}")));
    }
    let plain = |word: &u32| !index.word(*word).chars().all(is_punctuation);
    let from = words.iter().position(plain)?;
    let to = words.iter().rposition(plain)? + 1;
    if to - from == words.len() {
        return None;
    }
    index.surface_of(words.get(from..to)?).map(Fault::Trimmable)
}

/// A bracket or quote at the edge whose other half is not in the entity.
fn half_of_pair(index: &CorpusIndex, words: &[u32], start: char, end: char) -> Option<char> {
    const PAIRS: [(char, char); 5] = [('(', ')'), ('[', ']'), ('{', '}'), ('«', '»'), ('“', '”')];
    let count = |wanted: char| {
        let texts = words.iter().map(|&word| index.word(word));
        texts.map(|text| text.chars().filter(|&c| c == wanted).count()).sum::<usize>()
    };
    for (open, close) in PAIRS {
        if start == open && count(close) == 0 {
            return Some(open);
        }
        if end == close && count(open) == 0 {
            return Some(close);
        }
    }
    ((start == '"' || end == '"') && count('"') % 2 == 1).then_some('"')
}

fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation() || matches!(c, '\u{2010}'..='\u{2027}' | '«' | '»' | '।' | '、' | '。')
}
