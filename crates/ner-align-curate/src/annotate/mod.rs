//! Entities by word lists and patterns: the start of a hand annotation.
//!
//! A **term** is found where its letters stand, whatever the corpus cut them into, if it starts and
//! ends where words do: `C++` in the words `C`, `+`, `+`, and not in `C++11` as one word. White
//! space in a term is any white space in the text. Terms lie within a sentence; the leftmost is
//! taken, and of those that start together the longest.
//!
//! A **pattern** is a regular expression, in the syntax of the `regex` crate, over the text of the
//! document; what it finds, or its group `entity` if it has one, is the entity, white space at its
//! ends left out. It has at most 1 KiB: what may be longer is looked for no further than that, so that the time is
//! linear in the text.
//!
//! Entities of several rules that share words: the leftmost stays, of those the longest, of those
//! that of a term, of those that of the first rule. Everything else is counted and reported.
//!
//! # Word lists
//! A file with tabs has a term, a tab and a label on each line. A file without has a term on each
//! line, and its name up to the last full stop is the label: `CITY.txt`. Blank lines are passed
//! over, and lines that start with `# ` and have no tab. A term that comes again with another label
//! keeps the first one, which is reported.

mod apply;
mod files;
mod finder;
mod lists;
mod patterns;
mod pieces;
mod report;
mod terms;

use std::collections::HashSet;
use std::path::Path;

use ner_align_core::{Document, Finding, Label, Location, Severity};

use finder::Patterns;
use ner_align_corpus::text::shorten;
use ner_align_corpus::{CorpusError, FindingLog};
use report::count_label;
use terms::{Hit, Terms};

pub use files::annotate_files;
pub use report::{AnnotateReport, Rule, RuleKind};

/// What happens to the entities that a corpus already has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Existing {
    /// They stay; matches that share a word with one are not marked.
    #[default]
    Keep,
    /// A new entity replaces those that share a word with it.
    Replace,
}

/// Marks entities by word lists and patterns.
///
/// ```
/// use ner_align_core::{Document, Label};
/// use ner_align_corpus::words;
/// use ner_align_curate::annotate::{Annotator, Existing};
/// let mut annotator = Annotator::new(false, Existing::Keep);
/// annotator.add_term("New York", Label::new("CITY").unwrap());
/// annotator.add_term("York", Label::new("CITY").unwrap());
/// annotator.add_pattern("(19|20)[0-9]{2}", Label::new("YEAR").unwrap())?;
/// let text = "New  York in 1999, New Yorkers in 20000";
/// let mut document = Document::from_text(text, words::split(text)).unwrap();
/// annotator.annotate(&mut document)?;
/// let found: Vec<&str> = document.entities().iter().map(|e| document.surface(e.span)).collect();
/// assert_eq!(found, ["New  York", "1999"]);
/// assert_eq!(annotator.report().inside_words, 1);
/// # Ok::<(), ner_align_corpus::CorpusError>(())
/// ```
#[derive(Debug)]
pub struct Annotator {
    ignore_case: bool,
    existing: Existing,
    terms: Terms,
    patterns: Patterns,
    known_patterns: HashSet<String>,
    report: AnnotateReport,
    log: FindingLog,
    /// The corpus being read, and how many of its documents were.
    source: Option<String>,
    document: usize,
    hits: Vec<Hit>,
}

impl Annotator {
    /// An annotator without rules. `ignore_case` applies to terms and patterns.
    #[must_use]
    pub fn new(ignore_case: bool, existing: Existing) -> Self {
        Self {
            ignore_case,
            existing,
            terms: Terms::new(ignore_case),
            patterns: Patterns::default(),
            known_patterns: HashSet::new(),
            report: AnnotateReport::default(),
            log: FindingLog::default(),
            source: None,
            document: 0,
            hits: Vec::new(),
        }
    }

    /// Adds a term. A term that was added before keeps its first label. A term of white space
    /// alone matches nothing.
    pub fn add_term(&mut self, term: &str, label: Label) {
        self.add_term_of(term, label, None);
    }

    fn add_term_of(&mut self, term: &str, label: Label, place: Option<(&Path, u64)>) {
        let Some(known) = self.terms.add(term, self.report.rules.len()) else {
            self.report.rules.push(Rule::new(term, label, RuleKind::Term));
            return;
        };
        let known = &self.report.rules[known];
        let (severity, code, message) = if known.label == label {
            let message = format!("{term:?} is in the word lists twice");
            (Severity::Info, "duplicate-term", message)
        } else {
            let message = format!(
                "expected one label for {term:?}, found {} and {label}; it is marked {}",
                known.label, known.label
            );
            (Severity::Warning, "term-with-two-labels", message)
        };
        let finding = Finding::new(severity, code, message)
            .at(Location::default()
                .with_path(place.map(|(path, _)| path.display().to_string()))
                .with_line(place.map(|(_, line)| line)))
            .with_text(term.to_owned());
        self.log.push(finding);
    }

    /// Adds a pattern.
    ///
    /// # Errors
    /// [`ner_align_corpus::ErrorKind::Input`] for a pattern that is not a regular expression, or that
    /// matches only empty text.
    pub fn add_pattern(&mut self, pattern: &str, label: Label) -> Result<(), CorpusError> {
        // The same text under another label never comes first, and is counted as a rule without finds.
        if self.known_patterns.insert(pattern.to_owned()) {
            self.patterns.add(pattern, self.report.rules.len(), self.ignore_case)?;
        }
        self.report.rules.push(Rule::new(pattern, label, RuleKind::Pattern));
        Ok(())
    }

    /// Adds a word list; see the [module](self).
    ///
    /// # Errors
    /// A file that cannot be read, a line without a term or a label, or a file without entries.
    pub fn add_dictionary(&mut self, path: impl AsRef<Path>) -> Result<(), CorpusError> {
        let path = path.as_ref();
        for entry in lists::terms(path)? {
            self.add_term_of(&entry.text, entry.label, Some((path, entry.line)));
        }
        Ok(())
    }

    /// Adds a file of patterns, `LABEL<TAB>PATTERN` a line.
    ///
    /// # Errors
    /// As [`Annotator::add_dictionary`] and [`Annotator::add_pattern`], with the line.
    pub fn add_patterns(&mut self, path: impl AsRef<Path>) -> Result<(), CorpusError> {
        let path = path.as_ref();
        for entry in lists::patterns(path)? {
            self.add_pattern(&entry.text, entry.label)
                .map_err(|error| error.at_path(path.display()).at(entry.line, None))?;
        }
        Ok(())
    }

    /// Names the corpus of the next documents, for findings.
    pub fn start_corpus(&mut self, name: &str) {
        self.source = Some(name.to_owned());
        self.document = 0;
    }

    /// Marks the entities of a document. Its tags stay as they were read wherever no entity is
    /// marked; words that nobody annotated stay so unless they are in an entity now.
    ///
    /// # Errors
    /// A document in which patterns find more than 16 million times, or whose entities do not fit its words; readers
    /// give no such document.
    pub fn annotate(&mut self, document: &mut Document) -> Result<(), CorpusError> {
        self.report.documents += 1;
        self.hits.clear();
        if !self.terms.is_empty() {
            for sentence in document.sentences() {
                self.terms.find(document, sentence.words, &mut self.hits);
            }
        }
        let found = self.hits.len();
        self.patterns.find(document, &mut self.hits)?;
        let hits = std::mem::take(&mut self.hits);
        let chosen = self.choose(document, &hits, found);
        self.hits = hits;
        self.document += 1;
        self.mark(document, &chosen)
    }

    /// What was marked so far.
    #[must_use]
    pub const fn report(&self) -> &AnnotateReport {
        &self.report
    }

    /// Findings about the rules and about matches that were not marked: the first ones since the
    /// last call, and the number of each code.
    pub fn take_findings(&mut self) -> (Vec<Finding>, &std::collections::BTreeMap<String, usize>) {
        (self.log.take(), self.log.counts())
    }

    fn report_hit(
        &mut self,
        document: &Document,
        hit: &Hit,
        code: &str,
        message: String,
        hint: &str,
    ) {
        let sentences = document.sentences();
        let sentence = sentences.partition_point(|s| s.words.end <= hit.words.start);
        let start = sentences.get(sentence);
        let location = Location::default()
            .with_path(self.source.clone())
            .with_line(start.and_then(|sentence| sentence.line))
            .with_document(self.document)
            .with_sentence(sentence)
            .with_token(start.map(|sentence| hit.words.start - sentence.words.start));
        let finding = Finding::new(Severity::Warning, code, message)
            .at(location)
            .with_text(shorten(document.surface(hit.words)))
            .with_hint(hint);
        self.log.push(finding);
    }

    fn count_marked(&mut self, rule: usize) {
        let Some(rule) = self.report.rules.get_mut(rule) else { return };
        rule.marked += 1;
        count_label(&mut self.report.marked, &rule.label);
    }
}

#[cfg(test)]
mod tests;
