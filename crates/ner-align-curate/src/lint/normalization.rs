//! Words in two Unicode normal forms.

use ner_align_core::Severity;
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::position::{with_hint, with_text};
use super::{CorpusIndex, Lint, LintLog, Quoted, Statistics};

/// Finds words that are not composed.
#[derive(Debug)]
pub(super) struct NormalizationLint;

#[derive(Default)]
struct Other {
    composed: String,
    first: usize,
    count: usize,
}

impl Lint for NormalizationLint {
    fn finish(&mut self, index: &CorpusIndex, _: &mut Statistics, log: &mut LintLog) {
        let mut others: Vec<Option<Other>> = Vec::new();
        for (number, word) in index.vocabulary().enumerate() {
            if !word.is_ascii() && !is_nfc(word) {
                others.resize_with(number + 1, || None);
                others[number] = Some(Other { composed: word.nfc().collect(), ..Other::default() });
            }
        }
        if others.is_empty() {
            return;
        }
        let (_, inputs, _) = index.inputs();
        // Places of the composed forms, and of the others.
        let mut firsts = vec![None; index.vocabulary().len()];
        for (token, &number) in index.tokens().iter().enumerate().take(inputs) {
            let number = number as usize;
            if let Some(Some(other)) = others.get_mut(number) {
                other.count += 1;
                if other.count == 1 {
                    other.first = token;
                }
            }
            if let Some(first @ None) = firsts.get_mut(number) {
                *first = Some(token);
            }
        }
        let (mut alone, mut words) = (0, 0);
        let mut example: Option<usize> = None;
        for other in others.iter().flatten().filter(|other| other.count > 0) {
            let composed = index.number_of(&other.composed).and_then(|n| firsts[n as usize]);
            let Some(composed) = composed else {
                alone += other.count;
                words += 1;
                let first = example.get_or_insert(other.first);
                *first = (*first).min(other.first);
                continue;
            };
            let message = format!(
                "expected one spelling of {}, found it in another normal form here (×{}) and in NFC at {}",
                Quoted(&other.composed),
                other.count,
                index.place_from(other.first, composed),
            );
            let finding =
                index.finding(Severity::Warning, "mixed-normalization", message, other.first);
            log.push(with_hint(with_text(finding, &other.composed), HINT));
        }
        if let Some(first) = example {
            let message =
                format!("{alone} words ({words} different) are in another normal form than NFC");
            let finding = index.finding(Severity::Info, "not-nfc", message, first);
            let text = index.tokens().get(first).map_or("", |&number| index.word(number));
            log.push(with_hint(with_text(finding, text), HINT));
        }
    }
}

const HINT: &str = "write the whole corpus, and what the model will read, in NFC";
