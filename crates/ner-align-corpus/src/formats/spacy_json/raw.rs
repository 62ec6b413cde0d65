//! Tokens in the raw text of their paragraph.

use ner_align_core::ByteSpan;

use super::model::Token;
use crate::formats::spacy_tokens::Assembly;

/// Bytes that a text may say more than the tokens before a token is looked for in vain.
const WINDOW: usize = 256;

/// The tokens with the spaces that they have in a text which spells some of them differently; the
/// others are followed by a space, as in spaCy.
pub(super) fn guess_spaces(raw: &str, tokens: &[&Token<'_>]) -> Assembly {
    let mut guessed = Assembly::default();
    let mut at = 0;
    for token in tokens {
        let mut end = (at + WINDOW + token.orth.len()).min(raw.len());
        while !raw.is_char_boundary(end) {
            end += 1;
        }
        let found = raw.get(at..end).and_then(|here| here.find(token.orth.as_ref()));
        if let Some(start) = found {
            at += start + token.orth.len();
        }
        let space = found.is_none() || raw.get(at..).is_some_and(|rest| rest.starts_with(' '));
        guessed.push(&token.orth, space);
    }
    guessed
}

/// The tokens in a text, one after another.
pub(super) fn find(raw: &str, tokens: &[&Token<'_>]) -> Option<Vec<ByteSpan>> {
    let mut words = Vec::with_capacity(tokens.len());
    let mut at = 0;
    for token in tokens {
        let rest = raw.get(at..)?;
        let start = at + rest.find(token.orth.as_ref())?;
        at = start + token.orth.len();
        words.push(ByteSpan::new(start, at));
        // Else a token of white space would be taken for the space before it.
        let space = token.space.as_deref() == Some(" ");
        at += usize::from(space && raw.get(at..).is_some_and(|rest| rest.starts_with(' ')));
    }
    Some(words)
}
