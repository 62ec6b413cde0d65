//! Mentions that are annotated elsewhere and not here.

use ner_align_core::Severity;
use rustc_hash::FxHashMap;

use super::position::{with_hint, with_text};
use super::surfaces::{Use, Uses};
use super::{CorpusIndex, Lint, LintLog, LintOptions, Quoted, Statistics};

/// Finds words that are an entity nearly everywhere else.
#[derive(Debug)]
pub(super) struct MissedLint {
    annotated: usize,
    share: f64,
}

/// A surface to look for.
struct Candidate {
    surface: u32,
    usual: Use,
    annotated: usize,
    unannotated: usize,
}

/// Share of a surface's annotated mentions that have its usual label.
const CONSISTENT: f64 = 0.9;

impl MissedLint {
    pub(super) const fn new(options: &LintOptions) -> Self {
        Self { annotated: options.missed_annotated, share: options.missed_share }
    }

    /// The surfaces that are annotated often enough, and always the same.
    fn candidates(&self, index: &CorpusIndex) -> Vec<Candidate> {
        let uses = Uses::of(index, index.entities());
        let mut candidates = Vec::new();
        for surface in (0..).take(index.surfaces()) {
            let own = uses.get(surface);
            let Some(usual) = own.first() else { continue };
            let annotated = uses.total(surface);
            let wanted = match how_telling(index, index.surface(surface)) {
                Telling::No => continue,
                Telling::Little => 2 * self.annotated,
                Telling::Much => self.annotated,
            };
            let consistent = usual.count as f64 >= CONSISTENT * annotated as f64;
            if usual.count >= wanted.max(1) && consistent {
                candidates.push(Candidate { surface, usual: *usual, annotated, unannotated: 0 });
            }
        }
        candidates
    }
}

impl Lint for MissedLint {
    fn finish(&mut self, index: &CorpusIndex, _: &mut Statistics, log: &mut LintLog) {
        let mut candidates = self.candidates(index);
        if candidates.is_empty() {
            return;
        }
        let mut counts = vec![0_usize; candidates.len()];
        let finder = Finder::new(index, &candidates);
        finder.each(index, index.sentences().len(), |candidate, _| counts[candidate] += 1);
        for (candidate, count) in candidates.iter_mut().zip(counts) {
            candidate.unannotated = count;
        }
        candidates.retain(|candidate| {
            let all = (candidate.annotated + candidate.unannotated) as f64;
            candidate.unannotated > 0 && candidate.annotated as f64 >= self.share * all
        });
        let finder = Finder::new(index, &candidates);
        let (inputs, _, _) = index.inputs();
        finder.each(index, inputs, |candidate, token| {
            let Some(Candidate { surface, usual, annotated, unannotated }) =
                candidates.get(candidate)
            else {
                return;
            };
            let text = index.text(index.surface(*surface));
            let label = index.label_name(usual.label);
            let message = format!(
                "expected {} as {label}, as in {annotated} of its {} mentions (first at {}), found no entity",
                Quoted(&text),
                annotated + unannotated,
                index.place_from(token, usual.first),
            );
            let finding = index.finding(Severity::Warning, "missed-mention", message, token);
            log.push(with_hint(with_text(finding, &text), "annotate it, unless it means another thing here"));
        });
    }
}

/// How sure one may be that words mean the same thing wherever they stand.
enum Telling {
    No,
    Little,
    Much,
}

fn how_telling(index: &CorpusIndex, words: &[u32]) -> Telling {
    if words.first() == Some(&super::long_surfaces::LONG) {
        return Telling::No;
    }
    let texts = || words.iter().map(|&word| index.word(word));
    let characters: usize = texts().map(|text| text.chars().count()).sum();
    let has = |wanted: fn(char) -> bool| texts().any(|text| text.contains(wanted));
    if characters < 3 || !has(char::is_alphabetic) {
        return Telling::No;
    }
    // Case does not distinguish names from other words in a script without case.
    let cased = has(char::is_uppercase) || has(char::is_numeric);
    if cased || words.len() > 1 { Telling::Much } else { Telling::Little }
}

/// Finds the surfaces of candidates where nothing is annotated, the longest first.
struct Finder<'a> {
    /// By the first word, the longest first: the index of the candidate, and its words.
    starts: FxHashMap<u32, Vec<(usize, &'a [u32])>>,
}

impl<'a> Finder<'a> {
    fn new(index: &'a CorpusIndex, candidates: &[Candidate]) -> Self {
        let mut starts: FxHashMap<u32, Vec<(usize, &[u32])>> = FxHashMap::default();
        for (number, candidate) in candidates.iter().enumerate() {
            let words = index.surface(candidate.surface);
            if let Some(&first) = words.first() {
                starts.entry(first).or_default().push((number, words));
            }
        }
        for own in starts.values_mut() {
            own.sort_by_key(|(number, words)| (std::cmp::Reverse(words.len()), *number));
        }
        Self { starts }
    }

    /// Calls `found` with each candidate and the first word of the mention, in the first
    /// `sentences` sentences.
    fn each(&self, index: &CorpusIndex, sentences: usize, mut found: impl FnMut(usize, usize)) {
        for sentence in 0..sentences {
            let range = index.range(sentence);
            let mut token = range.start;
            while token < range.end {
                let after = self.at(index, token, &range);
                token = match after {
                    Some((candidate, end)) => {
                        if stands_alone(index, token, end, &range) {
                            found(candidate, token);
                        }
                        end
                    }
                    None => token + 1,
                };
            }
        }
    }

    fn at(
        &self,
        index: &CorpusIndex,
        token: usize,
        range: &std::ops::Range<usize>,
    ) -> Option<(usize, usize)> {
        let rest = index.tokens().get(token..range.end)?;
        let own = self.starts.get(rest.first()?)?;
        own.iter().find_map(|(candidate, words)| {
            let end = token + words.len();
            let here = rest.starts_with(words) && !(token..end).any(|word| index.is_covered(word));
            here.then_some((*candidate, end))
        })
    }
}

/// False where the mention may be a part of a longer name: beside an entity, or beside another
/// word that is written as names are.
fn stands_alone(
    index: &CorpusIndex,
    start: usize,
    end: usize,
    sentence: &std::ops::Range<usize>,
) -> bool {
    let beside = |token: usize| {
        index.is_covered(token)
            || index.tokens().get(token).is_some_and(|&word| {
                // The first word of a sentence is written so whatever it is.
                token != sentence.start && index.word(word).starts_with(char::is_uppercase)
            })
    };
    let before = start > sentence.start && beside(start - 1);
    let after = end < sentence.end && beside(end);
    !before && !after
}
