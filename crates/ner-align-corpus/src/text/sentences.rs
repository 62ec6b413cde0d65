//! Words to sentences, for text that comes without any.

use ner_align_core::Document;

/// Words that end a sentence.
const ENDS: &[char] = &['.', '!', '?', '…', '।', '॥', '。', '！', '？'];

/// Signs that still belong to the sentence that ended before them.
const CLOSING: &[char] = &[')', ']', '}', '"', '\'', '”', '’', '»'];

/// Signs that open a sentence.
const OPENING: &[char] = &['“', '‘', '«', '„', '"', '\'', '¿', '¡', '(', '['];

/// The words that start a sentence, in order; the first is word 0.
///
/// A sentence starts after a word that is a full stop, exclamation or question mark, an ellipsis,
/// a danda or an ideographic full stop, and after the closing quotes and brackets behind it, where
/// the next word starts with a letter that is not lower-case or with an opening quote. A full stop
/// behind a single capital is an initial and ends nothing.
///
/// ```
/// use ner_align_core::Document;
/// use ner_align_corpus::{sentences, words};
/// let text = "J. Doe left. \"Why?\" He did. see below";
/// let document = Document::from_text(text, words::split(text))?;
/// let starts = sentences::starts(&document);
/// let first: Vec<&str> = starts.iter().map(|&word| document.word(word)).collect();
/// assert_eq!(first, ["J", "\"", "He"]);
/// # Ok::<(), ner_align_core::DocumentError>(())
/// ```
#[must_use]
pub fn starts(document: &Document) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut ended = true;
    let mut before = "";
    let mut open_quote = false;
    for (index, word) in document.words().enumerate() {
        let sign = single(word);
        // A straight quote says which side it is on only by whether one is open.
        let straight = word == "\"" || word == "'";
        let closes = (open_quote || !straight) && sign.is_some_and(|sign| CLOSING.contains(&sign));
        if index == 0 || (ended && !closes && opens(word)) {
            starts.push(index);
            open_quote = false;
        }
        open_quote ^= straight;
        let initial = word == "." && single(before).is_some_and(char::is_uppercase);
        ended = (ended && closes) || (is_end(word) && !initial);
        before = word;
    }
    starts
}

/// Gives a document the sentences of [`starts`].
pub fn split(document: &mut Document) {
    let starts = starts(document);
    document.set_sentence_starts(&starts);
}

/// The word's only character.
fn single(word: &str) -> Option<char> {
    let mut characters = word.chars();
    characters.next().filter(|_| characters.as_str().is_empty())
}

fn is_end(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|sign| ENDS.contains(&sign))
}

fn opens(word: &str) -> bool {
    word.chars().next().is_some_and(|first| {
        (first.is_alphabetic() && !first.is_lowercase()) || OPENING.contains(&first)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_start_where_documented() {
        for (text, expected) in [
            ("", vec![]),
            ("one two", vec![0]),
            ("One . Two ! three ? Four", vec![0, 2, 6]),
            ("He left ( late . ) Then", vec![0, 6]),
            ("One . \" Two . \" Three", vec![0, 2, 6]),
            ("« One . » « Two . »", vec![0, 4]),
            ("J . Doe ... And", vec![0, 4]),
            ("ঢাকা । ঢাকা", vec![0, 2]),
            ("東京 。 東京", vec![0, 2]),
            ("v . 2 . 0", vec![0]),
        ] {
            let mut builder = Document::builder();
            text.split_whitespace().for_each(|word| builder.push_word(word));
            let mut document = builder.untagged();
            assert_eq!(starts(&document), expected, "{text}");
            split(&mut document);
            assert_eq!(document.sentences().len(), expected.len(), "{text}");
        }
    }
}
