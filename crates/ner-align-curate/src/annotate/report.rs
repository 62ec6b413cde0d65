//! What rules found and what became of it.

use std::collections::BTreeMap;

use ner_align_core::Label;
use ner_align_corpus::by_frequency;
use serde_json::{Value, json};

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

impl AnnotateReport {
    /// What was marked, and what was not and why, a line each. The rules that were found most often
    /// and those that were never found are named, at most `shown` of each.
    #[must_use]
    pub fn lines(&self, shown: usize) -> Vec<String> {
        let marked: usize = self.marked.values().sum();
        let mut labels = by_frequency(&self.marked);
        if !labels.is_empty() {
            labels = format!(" ({labels})");
        }
        let mut lines =
            vec![format!("marked: {marked} entities{labels} by {} rules", self.rules.len())];
        for (count, what) in [
            (self.already_marked, "finds were entities already"),
            (self.overlaps_existing, "finds share words with entities that stay"),
            (self.replaced, "entities replaced by finds that share words with them"),
            (self.overlaps, "finds share words with other finds that were marked"),
            (self.inside_words, "finds are inside words, not marked"),
            (self.across_sentences, "finds reach into another sentence, not marked"),
        ] {
            if count > 0 {
                lines.push(format!("{count} {what}"));
            }
        }
        let most = self.most_found(shown).into_iter();
        let most: Vec<String> =
            most.map(|rule| format!("{:?} {} {}", rule.text, rule.label, rule.found)).collect();
        if most.is_empty() && marked == 0 {
            lines.push(
                "warning: no rule found anything; terms are whole words, and capitals count"
                    .to_owned(),
            );
        }
        if !most.is_empty() {
            lines.push(format!("most found: {}", most.join(", ")));
        }
        let never = self.never_found().count();
        if never > 0 {
            let first = self.never_found().take(shown);
            let first: Vec<String> =
                first.map(|rule| format!("{:?} {}", rule.text, rule.label)).collect();
            let more = if never > shown { ", …" } else { "" };
            let rules = self.rules.len();
            lines.push(format!("never found: {never} of {rules}: {}{more}", first.join(", ")));
        }
        lines
    }

    /// The report as JSON, all rules included.
    #[must_use]
    pub fn json(&self) -> Value {
        let rule = |rule: &Rule| {
            json!({
                "kind": rule.kind.as_str(),
                "text": rule.text,
                "label": rule.label,
                "found": rule.found,
                "marked": rule.marked,
            })
        };
        json!({
            "marked": self.marked.values().sum::<usize>(),
            "marked_by_label": self.marked,
            "already_marked": self.already_marked,
            "overlaps_existing": self.overlaps_existing,
            "replaced": self.replaced,
            "overlaps": self.overlaps,
            "inside_words": self.inside_words,
            "across_sentences": self.across_sentences,
            "found": self.most_found(usize::MAX).into_iter().map(rule).collect::<Vec<_>>(),
            "never_found": self.never_found().map(rule).collect::<Vec<_>>(),
        })
    }
}
