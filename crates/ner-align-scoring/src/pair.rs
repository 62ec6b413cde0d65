//! A gold sentence beside a predicted one, which must hold the same words.

use ner_align_core::WordSpan;

use crate::ScoringError;
use crate::source::{Part, Source};

/// Moves the predicted side to its next sentence, as the gold side was; false where both end.
pub(crate) fn advance(
    gold: &Source,
    moved: bool,
    predicted: &mut Source,
) -> Result<bool, ScoringError> {
    let one_more = |long: &Source, short: &Source| ScoringError::SentenceCount {
        place: long.place(),
        other: short.name().to_owned(),
    };
    match (moved, predicted.advance()?) {
        (true, true) => Ok(true),
        (false, false) => Ok(false),
        (true, false) => Err(one_more(gold, predicted)),
        (false, true) => Err(one_more(predicted, gold)),
    }
}

/// Checks that the current sentences of both sides hold the same words.
///
/// # Errors
/// The first word that differs.
pub(crate) fn check_words(gold: &Source, predicted: &Source) -> Result<(), ScoringError> {
    match gold.part().zip(predicted.part()) {
        Some((g, p)) if !same_words(g, p) => Err(different(gold, predicted)),
        _ => Ok(()),
    }
}

fn same_words(gold: Part<'_>, predicted: Part<'_>) -> bool {
    let whole = |part: Part<'_>| part.sentence.words == WordSpan::new(0, part.document.len());
    if whole(gold)
        && whole(predicted)
        && gold.document.text() == predicted.document.text()
        && gold.document.word_bytes() == predicted.document.word_bytes()
    {
        // Words at the same bytes of equal texts are equal.
        return true;
    }
    let words = |part: Part<'_>| part.sentence.words.range();
    words(gold).len() == words(predicted).len()
        && words(gold)
            .zip(words(predicted))
            .all(|(g, p)| gold.document.word(g) == predicted.document.word(p))
}

fn different(gold: &Source, predicted: &Source) -> ScoringError {
    let word = |source: &Source, word: usize| {
        let Part { document, sentence } = source.part()?;
        let inside = word < sentence.words.len();
        inside.then(|| document.word(sentence.words.start + word).to_owned())
    };
    let at = (0..).find(|&at| word(gold, at) != word(predicted, at)).unwrap_or(0);
    let show = |word: Option<String>| {
        word.map_or_else(|| "the end of the sentence".to_owned(), |word| format!("{word:?}"))
    };
    let place = |source: &Source| match source.part().and_then(|part| part.sentence.line) {
        Some(line) => format!("{}:{}", source.name(), line + at as u64),
        None => source.name().to_owned(),
    };
    ScoringError::Words {
        place: place(predicted),
        gold_place: place(gold),
        expected: show(word(gold, at)),
        found: show(word(predicted, at)),
    }
}
