//! Documents, sentences and words that are empty or too long.

use ner_align_core::{Document, Location, Severity};

use super::position::{with_hint, with_text};
use super::{CorpusIndex, Lint, LintLog, LintOptions, Position, Statistics};

/// Finds what is empty or too long.
#[derive(Debug)]
pub(super) struct LengthLint {
    long_sentence: usize,
    long_word: usize,
    few_sentences: usize,
    /// Documents without sentences marked, of each file.
    unmarked: Vec<(String, usize)>,
}

impl LengthLint {
    pub(super) const fn new(options: &LintOptions) -> Self {
        Self {
            long_sentence: options.long_sentence,
            long_word: options.long_word,
            few_sentences: options.few_sentences,
            unmarked: Vec::new(),
        }
    }
}

impl Lint for LengthLint {
    fn document(&mut self, document: &Document, at: &Position<'_>, log: &mut LintLog) {
        let warning = Severity::Warning;
        if document.words().all(|word| word.trim().is_empty()) {
            let message = "expected a document with words, found none";
            log.push(at.of_document(warning, "empty-document", message));
            return;
        }
        if !document.sentences_marked() {
            match self.unmarked.last_mut() {
                Some((path, count)) if path == at.path => *count += 1,
                _ => self.unmarked.push((at.path.to_owned(), 1)),
            }
        }
        for sentence in document.sentences() {
            let words = sentence.words;
            if document.sentences_marked() && words.len() > self.long_sentence {
                let message = format!(
                    "expected a sentence of up to {} words, found one of {}",
                    self.long_sentence,
                    words.len()
                );
                let code = "long-sentence";
                let finding = at.of_word(warning, code, message, document, words.start);
                let hint = "a sentence end is missing, or this is not running text; the model reads long sentences in windows";
                log.push(with_hint(with_text(finding, document.surface(words)), hint));
            }
            if words.range().all(|word| document.word(word).trim().is_empty()) {
                let message = "expected a sentence with words, found none";
                log.push(at.of_word(warning, "empty-sentence", message, document, words.start));
            }
        }
        for (index, word) in document.words().enumerate() {
            if word.len() > self.long_word && word.chars().nth(self.long_word).is_some() {
                let message = format!(
                    "expected a word of up to {} characters, found one of {}",
                    self.long_word,
                    word.chars().count()
                );
                let finding = at.of_word(warning, "long-word", message, document, index);
                let hint = "WordPiece reads words of more than 100 characters as unknown";
                log.push(with_hint(with_text(finding, word), hint));
            }
        }
    }

    fn finish(&mut self, _: &CorpusIndex, statistics: &mut Statistics, log: &mut LintLog) {
        let info = Severity::Info;
        for (path, count) in self.unmarked.drain(..) {
            let message =
                format!("{count} documents without sentence ends; each counts as one sentence");
            let finding = ner_align_core::Finding::new(info, "sentences-not-marked", message)
                .at(Location::file(path));
            log.push(with_hint(finding, "a conversion with `split_sentences` finds them"));
        }
        let sentences = statistics.inputs.sentences;
        if (1..self.few_sentences).contains(&sentences) {
            let message = format!(
                "{sentences} sentences are few: expected {} or more to train or measure on",
                self.few_sentences
            );
            log.push(ner_align_core::Finding::new(info, "few-sentences", message));
        }
    }
}
