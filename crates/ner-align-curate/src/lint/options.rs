//! Thresholds of the lints.

use std::collections::BTreeSet;

/// From where on a thing is worth a finding.
///
/// | field | default | unit |
/// |---|---|---|
/// | `max_findings` | 10,000 | findings kept of each code; all are counted |
/// | `ignore` | none | codes |
/// | `rare_label` | 50 | entities of a label |
/// | `few_sentences` | 100 | sentences of all inputs |
/// | `long_sentence` | 250 | words |
/// | `long_word` | 100 | code points |
/// | `missed_annotated` | 3 | times that a surface is annotated elsewhere |
/// | `missed_share` | 0.8 | of its mentions that are annotated |
/// | `duplicate_words` | 5 | words with a letter or digit |
/// | `near_duplicates` | 0.8 | share of runs of three words |
/// | `near_duplicate_tokens` | 50,000,000 | words of all corpora |
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LintOptions {
    /// Findings kept of each code; those beyond are only counted.
    pub max_findings: usize,
    /// Codes of findings to leave out.
    pub ignore: BTreeSet<String>,
    /// A label with fewer entities than this is rare.
    pub rare_label: usize,
    /// A corpus with fewer sentences than this is small.
    pub few_sentences: usize,
    /// A sentence of more words than this is long.
    pub long_sentence: usize,
    /// A word of more code points than this is long.
    pub long_word: usize,
    /// A surface must be annotated so often before a mention of it counts as missed; one lower-case
    /// word twice as often.
    pub missed_annotated: usize,
    /// The share of all mentions of a surface that must be annotated before the others count as
    /// missed.
    pub missed_share: f64,
    /// Sentences with fewer words than this, punctuation apart, may occur as often as they like.
    pub duplicate_words: usize,
    /// Sentences that share this much of their runs of three words are near-duplicates; above 1:
    /// none are looked for.
    pub near_duplicates: f64,
    /// Near-duplicates are looked for in corpora of up to so many words; the search keeps eight
    /// bytes for each.
    pub near_duplicate_tokens: usize,
}

ner_align_core::setters! { LintOptions {
    with_max_findings: max_findings: usize,
    with_ignore: ignore: BTreeSet<String>,
    with_rare_label: rare_label: usize,
    with_few_sentences: few_sentences: usize,
    with_long_sentence: long_sentence: usize,
    with_long_word: long_word: usize,
    with_missed_annotated: missed_annotated: usize,
    with_missed_share: missed_share: f64,
    with_duplicate_words: duplicate_words: usize,
    with_near_duplicates: near_duplicates: f64,
    with_near_duplicate_tokens: near_duplicate_tokens: usize,
} }

impl Default for LintOptions {
    fn default() -> Self {
        Self {
            max_findings: 10_000,
            ignore: BTreeSet::new(),
            rare_label: 50,
            few_sentences: 100,
            long_sentence: 250,
            long_word: 100,
            missed_annotated: 3,
            missed_share: 0.8,
            duplicate_words: 5,
            near_duplicates: 0.8,
            near_duplicate_tokens: 50_000_000,
        }
    }
}
