//! Sentences that occur more than once, on one side or on both.

use ner_align_core::{Finding, Severity};
use rustc_hash::{FxHashMap, FxHashSet};

use super::index::IndexedEntity;
use super::position::{with_hint, with_text};
use super::statistics::Overlap;
use super::{CorpusIndex, Lint, LintLog, LintOptions, Quoted, Statistics};
use crate::similarity::{Shingles, for_each_similar};

/// Finds sentences that are the same, or nearly.
#[derive(Debug)]
pub(super) struct DuplicateLint {
    words: usize,
    threshold: f64,
    tokens: usize,
}

impl DuplicateLint {
    pub(super) const fn new(options: &LintOptions) -> Self {
        Self {
            words: options.duplicate_words,
            threshold: options.near_duplicates,
            tokens: options.near_duplicate_tokens,
        }
    }
}

impl Lint for DuplicateLint {
    fn finish(&mut self, index: &CorpusIndex, statistics: &mut Statistics, log: &mut LintLog) {
        let (inputs, _, _) = index.inputs();
        let wordy: Vec<bool> =
            index.vocabulary().map(|word| word.contains(char::is_alphanumeric)).collect();
        let long = |sentence: &usize| {
            let words = index.sentence(*sentence).iter();
            words.filter(|&&word| wordy[word as usize]).count() >= self.words
        };
        let all: Vec<usize> = (0..index.sentences().len()).filter(long).collect();
        let bound = all.partition_point(|&sentence| sentence < inputs);
        let (own, others) = all.split_at(bound);

        // One sentence of each wording.
        let mut distinct = Vec::new();
        let mut firsts: FxHashMap<&[u32], usize> = FxHashMap::default();
        for &sentence in own {
            match firsts.get(index.sentence(sentence)) {
                Some(&first) => log.push(duplicate(index, first, sentence)),
                None => {
                    firsts.insert(index.sentence(sentence), sentence);
                    distinct.push(sentence);
                }
            }
        }
        let mut overlap = Overlap::default();
        if index.has_others() {
            firsts.clear();
            for &sentence in others {
                if *firsts.entry(index.sentence(sentence)).or_insert(sentence) == sentence {
                    distinct.push(sentence);
                }
            }
            for &sentence in own {
                if let Some(&other) = firsts.get(index.sentence(sentence)) {
                    overlap.sentences += 1;
                    log.push(leaked(index, other, sentence));
                }
            }
        }
        drop(firsts);
        self.near(index, &distinct, &mut overlap, log);
        if index.has_others() {
            statistics.overlap = Some(overlap);
        }
    }
}

impl DuplicateLint {
    /// Sentences of one wording each that are nearly the same.
    fn near(
        &self,
        index: &CorpusIndex,
        distinct: &[usize],
        overlap: &mut Overlap,
        log: &mut LintLog,
    ) {
        if self.threshold > 1.0 || distinct.len() < 2 {
            return;
        }
        let words: usize = distinct.iter().map(|&sentence| index.sentence(sentence).len()).sum();
        if words > self.tokens {
            let message = format!(
                "{words} words are more than the {} among which near-duplicates are looked for",
                self.tokens
            );
            log.push(Finding::new(Severity::Info, "near-duplicates-not-sought", message));
            return;
        }
        let sets: Vec<Shingles> = distinct
            .iter()
            .map(|&sentence| Shingles::of(index.sentence(sentence).iter().map(|&w| index.word(w))))
            .collect();
        let (inputs, _, _) = index.inputs();
        // For each sentence the most similar one before it, and on the other side.
        let mut before: FxHashMap<usize, (usize, f64)> = FxHashMap::default();
        let mut beyond: FxHashMap<usize, (usize, f64)> = FxHashMap::default();
        for_each_similar(&sets, self.threshold, |first, second, similarity| {
            let (first, second) = (distinct[first], distinct[second]);
            let (best, sentence, other) = match (first < inputs, second < inputs) {
                (true, true) => (&mut before, second, first),
                (true, false) => (&mut beyond, first, second),
                _ => return,
            };
            let best = best.entry(sentence).or_insert((other, similarity));
            if (similarity, std::cmp::Reverse(other)) > (best.1, std::cmp::Reverse(best.0)) {
                *best = (other, similarity);
            }
        });
        for (pairs, severity, code) in [
            (before, Severity::Info, "near-duplicate-sentence"),
            (beyond, Severity::Warning, "near-leaked-sentence"),
        ] {
            let mut pairs: Vec<_> = pairs.into_iter().collect();
            pairs.sort_by_key(|(sentence, _)| *sentence);
            for (sentence, (other, similarity)) in pairs {
                // Exact duplicates have their own finding, and two with the same runs count as one here.
                if index.sentence(sentence) == index.sentence(other) {
                    continue;
                }
                if severity == Severity::Warning {
                    overlap.near_sentences += 1;
                }
                let other = place(index, sentence, other);
                let message = if similarity < 1.0 {
                    // Rounded down: what is not the same is never 100 %.
                    let percent = (100.0 * similarity).floor();
                    format!("{percent} % the same as the sentence at {other}")
                } else {
                    format!("but for case and punctuation the same as the sentence at {other}")
                };
                let finding = index.finding(severity, code, message, index.range(sentence).start);
                let finding = with_text(finding, &index.text(index.sentence(sentence)));
                log.push(match severity {
                    Severity::Warning => with_hint(finding, APART),
                    _ => finding,
                });
            }
        }
    }
}

const APART: &str = "scores on text that was trained on are too good; `split` keeps such together";

/// The place of `other`, as said at `sentence`.
fn place(index: &CorpusIndex, sentence: usize, other: usize) -> String {
    index.place_from(index.range(sentence).start, index.range(other).start)
}

/// The entities of a sentence: first word within it, number of words, label.
fn entities(index: &CorpusIndex, sentence: usize) -> Vec<(usize, &IndexedEntity)> {
    let range = index.range(sentence);
    let all = index.entities();
    let from = all.partition_point(|entity| entity.start < range.start);
    let inside = all.iter().skip(from).take_while(|entity| entity.start < range.end);
    inside.map(|entity| (entity.start - range.start, entity)).collect()
}

/// An entity of `sentence` that `other`, of the same words, does not have.
fn only_in(index: &CorpusIndex, sentence: usize, other: usize) -> Option<String> {
    let others = entities(index, other);
    let key = |(start, entity): &(usize, &IndexedEntity)| (*start, entity.words, entity.label);
    let others: FxHashSet<(usize, u32, u32)> = others.iter().map(key).collect();
    let own = entities(index, sentence);
    let (_, entity) = own.iter().find(|own| !others.contains(&key(own)))?;
    let text = index.text(index.surface(entity.surface));
    let text = ner_align_corpus::text::shorten(&text);
    Some(format!("{} {}", index.label_name(entity.label), Quoted(&text)))
}

/// How the entities of two sentences of the same words differ, if they do.
fn difference(index: &CorpusIndex, sentence: usize, other: usize) -> Option<String> {
    let parts = [
        only_in(index, sentence, other).map(|entity| format!("{entity} is only here")),
        only_in(index, other, sentence).map(|entity| format!("{entity} is only there")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn duplicate(index: &CorpusIndex, first: usize, sentence: usize) -> Finding {
    let start = index.range(sentence).start;
    let at = place(index, sentence, first);
    let finding = match difference(index, sentence, first) {
        None => {
            let message = format!("the same words and entities as the sentence at {at}");
            index.finding(Severity::Info, "duplicate-sentence", message, start)
        }
        Some(difference) => {
            let message = format!(
                "expected the entities of the same sentence at {at}, found others: {difference}"
            );
            let code = "duplicate-annotated-differently";
            let finding = index.finding(Severity::Warning, code, message, start);
            with_hint(finding, "one of the two is wrong")
        }
    };
    with_text(finding, &index.text(index.sentence(sentence)))
}

fn leaked(index: &CorpusIndex, other: usize, sentence: usize) -> Finding {
    let mut message =
        format!("the same words as the sentence at {}", place(index, sentence, other));
    if let Some(difference) = difference(index, sentence, other) {
        message = format!("{message}, with other entities: {difference}");
    }
    let start = index.range(sentence).start;
    let finding = index.finding(Severity::Warning, "leaked-sentence", message, start);
    with_hint(with_text(finding, &index.text(index.sentence(sentence))), APART)
}
