//! What rules found and what became of it.

use std::collections::BTreeMap;

use ner_align_core::Label;

/// What a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleKind {
    /// A term of a word list.
    Term,
    /// A regular expression.
    Pattern,
}

impl RuleKind {
    /// `term` or `pattern`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Term => "term",
            Self::Pattern => "pattern",
        }
    }
}

/// A term or a pattern, and how often it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// The term or the pattern as given.
    pub text: String,
    /// The type of its entities.
    pub label: Label,
    /// What it is.
    pub kind: RuleKind,
    /// How often it was found at whole words, marked or not.
    pub found: usize,
    /// How many entities it marked.
    pub marked: usize,
}

impl Rule {
    pub(super) fn new(text: &str, label: Label, kind: RuleKind) -> Self {
        Self { text: text.to_owned(), label, kind, found: 0, marked: 0 }
    }
}

/// What was marked, and what was not and why.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct AnnotateReport {
    /// Documents that were annotated.
    pub documents: usize,
    /// The rules in the order in which they were added.
    pub rules: Vec<Rule>,
    /// Entities marked, by type.
    pub marked: BTreeMap<Label, usize>,
    /// Finds that were entities of the same type already.
    pub already_marked: usize,
    /// Finds left alone since they share words with an entity that was there.
    pub overlaps_existing: usize,
    /// Entities that were there and went, since they share words with a new one.
    pub replaced: usize,
    /// Finds left alone since they share words with another find, or are it with another type.
    pub overlaps: usize,
    /// Finds that start or end inside a word.
    pub inside_words: usize,
    /// Finds that begin in one sentence and end in another.
    pub across_sentences: usize,
}

impl AnnotateReport {
    /// The rules that found most, the first ones first, at most `count`.
    #[must_use]
    pub fn most_found(&self, count: usize) -> Vec<&Rule> {
        let mut rules: Vec<&Rule> = self.rules.iter().filter(|rule| rule.found > 0).collect();
        rules.sort_by_key(|rule| std::cmp::Reverse(rule.found));
        rules.truncate(count);
        rules
    }

    /// The rules that found nothing.
    pub fn never_found(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(|rule| rule.found == 0)
    }
}

pub(super) fn count_label(counts: &mut BTreeMap<Label, usize>, label: &Label) {
    match counts.get_mut(label) {
        Some(count) => *count += 1,
        None => {
            counts.insert(label.clone(), 1);
        }
    }
}
