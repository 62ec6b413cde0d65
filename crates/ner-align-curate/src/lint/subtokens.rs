//! What a tokenizer makes of words and sentences.

use std::collections::HashMap;
use std::fmt;

use ner_align_core::{Document, Encoding, Finding, Severity, SubwordTokenizer};
use ner_align_subword::HfTokenizer;
use serde_json::json;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::distribution::Distribution;
use super::index::CorpusIndex;
use super::log::LintLog;
use super::position::Position;
use super::quote::Quoted;
use super::statistics::Statistics;
use super::traits::Lint;

/// Positions of a model whose tokenizer does not say how many it has.
const MAX_LENGTH: usize = 512;

/// Finds what a model will not see as the corpus has it: long sentences, unknown subtokens, words
/// without subtokens, and text that the tokenizer's normaliser changes.
///
/// [`Checker::new`](super::Checker::new) does not include this lint, since it needs a tokenizer. Its
/// findings have the codes `long-for-model`, `unknown-subtoken`, `word-without-subtokens`,
/// `normalizer-drops-case`, `normalizer-drops-accents`, `normalizer-changes-text` and, if the
/// tokenizer fails, `tokenizer`. Counts and lengths are in [`Statistics::further`] under `tokenizer`.
///
/// ```
/// use ner_align_core::Document;
/// use ner_align_curate::lint::{Checker, LintOptions, SubtokenLint};
/// use ner_align_subword::HfTokenizer;
/// # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../ner-align-subword/tests/tokenizers/wordpiece");
/// let tokenizer = HfTokenizer::from_dir(folder)?;
/// let mut checker = Checker::without_lints(&LintOptions::default());
/// checker.add(Box::new(SubtokenLint::new(tokenizer).with_max_length(4)));
///
/// let mut document = Document::builder();
/// ["in", "Oslo", "today"].into_iter().for_each(|word| document.push_word(word));
/// checker.begin_file("a.conll", None, false);
/// checker.push(&document.untagged(), None);
/// let report = checker.finish();
/// assert_eq!(report.finding_counts["long-for-model"], 1);
/// assert_eq!(report.statistics.further["tokenizer"]["max_length"], 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SubtokenLint {
    tokenizer: HfTokenizer,
    max_length: usize,
    /// Each different word is split once.
    words: HashMap<Box<str>, Word>,
    /// Words without a subtoken, or with an unknown one.
    lost: Vec<Lost>,
    /// Positions that each sentence takes, special tokens included.
    lengths: Distribution,
    subtokens: usize,
    tokens: usize,
    changes: [Change; 3],
    failed: bool,
}

/// What is known of a word.
#[derive(Clone, Copy, Default)]
struct Word {
    subtokens: usize,
    lost: Option<usize>,
    change: Option<usize>,
}

struct Lost {
    word: Box<str>,
    unknown: bool,
    count: usize,
    first: Finding,
}

/// Words that the normaliser changes in one way.
#[derive(Default)]
struct Change {
    count: usize,
    different: usize,
    first: Option<(String, String, Finding)>,
}

/// The ways in which a normaliser changes words, in the order of [`SubtokenLint::changes`].
const CHANGES: [(&str, &str, &str); 3] = [
    (
        "normalizer-drops-case",
        "case",
        "if case distinguishes entities from other words, use a cased model",
    ),
    (
        "normalizer-drops-accents",
        "accents",
        "where accents distinguish words, use a model that keeps them",
    ),
    ("normalizer-changes-text", "characters", "write them in the corpus as the model has them"),
];

impl fmt::Debug for SubtokenLint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubtokenLint").field("max_length", &self.max_length).finish_non_exhaustive()
    }
}

impl SubtokenLint {
    /// A lint of what this tokenizer does. A model has as many positions as the tokenizer says, or
    /// 512.
    #[must_use]
    pub fn new(tokenizer: HfTokenizer) -> Self {
        let max_length = tokenizer.model_max_length().unwrap_or(MAX_LENGTH);
        Self {
            tokenizer,
            max_length,
            words: HashMap::new(),
            lost: Vec::new(),
            lengths: Distribution::default(),
            subtokens: 0,
            tokens: 0,
            changes: Default::default(),
            failed: false,
        }
    }

    /// Sets the positions that the model has, special tokens included.
    #[must_use]
    pub const fn with_max_length(mut self, positions: usize) -> Self {
        self.max_length = positions;
        self
    }

    /// Splits a word that is new.
    fn cut(&mut self, text: &str, finding: impl Fn() -> Finding, log: &mut LintLog) -> Word {
        let mut encoding = Encoding::new();
        let cut = self.tokenizer.encode_words(&[text], &mut encoding);
        let normalized = self.tokenizer.normalize(text);
        let normalized = match (cut, normalized) {
            (Ok(()), Ok(normalized)) => normalized,
            (Err(error), _) => return self.fail(&error.to_string(), finding(), log),
            (_, Err(error)) => return self.fail(&error.to_string(), finding(), log),
        };
        let ids = encoding.ids();
        let unknown = self.tokenizer.unknown_id().is_some_and(|id| ids.contains(&id));
        let mut word = Word { subtokens: ids.len(), ..Word::default() };
        if unknown || ids.is_empty() {
            word.lost = Some(self.lost.len());
            let lost = Lost { word: text.into(), unknown, count: 0, first: finding() };
            self.lost.push(lost);
        } else {
            word.change = change_of(text, &normalized);
        }
        if let Some(change) = word.change.and_then(|change| self.changes.get_mut(change)) {
            change.different += 1;
            change.first.get_or_insert_with(|| (text.to_owned(), normalized, finding()));
        }
        word
    }

    /// Says once that the tokenizer cannot do its work.
    fn fail(&mut self, reason: &str, mut finding: Finding, log: &mut LintLog) -> Word {
        if !std::mem::replace(&mut self.failed, true) {
            finding.severity = Severity::Error;
            finding.code = "tokenizer".to_owned();
            finding.message = format!("expected a word that the tokenizer can split: {reason}");
            log.push(finding);
        }
        Word::default()
    }
}

impl Lint for SubtokenLint {
    fn document(&mut self, document: &Document, at: &Position<'_>, log: &mut LintLog) {
        let special = self.tokenizer.special_tokens().count();
        for sentence in document.sentences() {
            let mut length = special;
            for index in sentence.words.range() {
                let text = document.word(index);
                let word = match self.words.get(text) {
                    Some(word) => *word,
                    None => {
                        let finding = || at.of_word(Severity::Warning, "", "", document, index);
                        let word = self.cut(text, finding, log);
                        self.words.insert(text.into(), word);
                        word
                    }
                };
                length += word.subtokens;
                if let Some(lost) = word.lost.and_then(|lost| self.lost.get_mut(lost)) {
                    lost.count += 1;
                }
                if let Some(change) = word.change.and_then(|change| self.changes.get_mut(change)) {
                    change.count += 1;
                }
            }
            self.tokens += sentence.words.len();
            self.subtokens += length - special;
            self.lengths.add(length);
            if length > self.max_length {
                let message = format!(
                    "expected a sentence of up to {} positions, found one of {length}",
                    self.max_length
                );
                let start = sentence.words.start;
                let code = "long-for-model";
                let mut finding = at.of_word(Severity::Warning, code, message, document, start);
                finding.hint = Some("training and prediction cut it into windows".to_owned());
                log.push(finding);
            }
        }
    }

    fn finish(&mut self, _: &CorpusIndex, statistics: &mut Statistics, log: &mut LintLog) {
        self.lost.sort_by_key(|lost| std::cmp::Reverse(lost.count));
        let (mut unknown_words, mut words_without_subtokens) = (0, 0);
        for Lost { word, unknown, count, first } in self.lost.drain(..) {
            let (code, what, hint) = if unknown {
                unknown_words += count;
                let hint = "the model reads it as any other unknown word";
                ("unknown-subtoken", "the unknown one", hint)
            } else {
                words_without_subtokens += count;
                let hint = "training skips the word, and prediction gives it O";
                ("word-without-subtokens", "none", hint)
            };
            let mut finding = first;
            finding.code = code.to_owned();
            finding.message =
                format!("expected subtokens for {} (×{count}), found {what}", Quoted(&word));
            finding.hint = Some(hint.to_owned());
            finding.text = Some(word.into());
            log.push(finding);
        }
        let mut changed = serde_json::Map::new();
        for (change, (code, what, hint)) in self.changes.iter_mut().zip(CHANGES) {
            changed.insert(what.to_owned(), json!(change.count));
            let Some((word, normalized, mut finding)) = change.first.take() else { continue };
            finding.severity = Severity::Info;
            finding.code = code.to_owned();
            finding.message = format!(
                "the normaliser changes the {what} of {} words ({} different), such as {} to {}",
                change.count,
                change.different,
                Quoted(&word),
                Quoted(&normalized)
            );
            finding.hint = Some(hint.to_owned());
            finding.text = Some(word);
            log.push(finding);
        }
        let sentences = self.lengths.count();
        let over = self.lengths.above(self.max_length);
        let share = |part: usize, whole: usize| (whole > 0).then(|| part as f64 / whole as f64);
        let summary = json!({
            "max_length": self.max_length,
            "subtokens": self.subtokens,
            "subtokens_per_token": share(self.subtokens, self.tokens),
            "sentence_lengths": self.lengths,
            "sentences_over_max_length": over,
            "share_over_max_length": share(over, sentences),
            "unknown_words": unknown_words,
            "words_without_subtokens": words_without_subtokens,
            "words_changed_by_normalizer": changed,
        });
        statistics.further.insert("tokenizer".to_owned(), summary);
    }
}

/// How the normaliser changes a word, as an index into [`CHANGES`].
fn change_of(word: &str, normalized: &str) -> Option<usize> {
    // The mark of a word's start is no part of it.
    let normalized = normalized.trim_start_matches('\u{2581}').trim();
    if normalized == word {
        return None;
    }
    let composed = |text: &str| text.nfc().collect::<String>();
    let lower = |text: &str| composed(text).to_lowercase();
    let bare = |text: &str| text.nfd().filter(|c| !is_combining_mark(*c)).collect::<String>();
    let (word_lower, normalized_lower) = (lower(word), lower(normalized));
    if composed(word) == composed(normalized) {
        // Only the normal form changes, and no reader sees that.
        None
    } else if word_lower == normalized_lower {
        Some(0)
    } else if bare(&word_lower) == bare(&normalized_lower) {
        Some(1)
    } else {
        Some(2)
    }
}
