//! Plain text to words, for text that comes without any.

use ner_align_core::ByteSpan;

/// Signs that stand before a word and are words of their own.
const LEADING: &[char] =
    &['(', '[', '{', '"', '\'', '“', '‘', '«', '„', '¿', '¡', '-', '–', '—', '•'];

/// Signs that stand after a word and are words of their own.
const TRAILING: &[char] = &[
    ')', ']', '}', '"', '\'', '”', '’', '»', '.', ',', ';', ':', '!', '?', '…', '%', '।', '॥',
    '。', '、', '，', '！', '？',
];

/// Cuts a text into words.
///
/// Words are parted by white space; brackets, quotes, dashes and punctuation at either end of a
/// word are words of their own, one a character, and so are `/`, `–` and `—` between two letters
/// or digits. Everything else stays whole. A hyphen before a digit stays with it, and so does the
/// last full stop of an abbreviation such as `e.g.` or `B.Sc.`. The spans are in order, not empty,
/// and cover every character that is no white space.
///
/// ```
/// let text = "(C++/.NET, e.g. in full-time.)";
/// let words: Vec<&str> =
///     ner_align_corpus::words::split(text).iter().map(|word| &text[word.range()]).collect();
/// assert_eq!(words, ["(", "C++/.NET", ",", "e.g.", "in", "full-time", ".", ")"]);
/// ```
#[must_use]
pub fn split(text: &str) -> Vec<ByteSpan> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, character) in text.char_indices() {
        if !character.is_whitespace() {
            start.get_or_insert(at);
        } else if let Some(start) = start.take() {
            chunk(text, start, at, &mut words);
        }
    }
    if let Some(start) = start {
        chunk(text, start, text.len(), &mut words);
    }
    words
}

/// Words that are known, where they stand in a text one after another; `None` if they do not.
pub(crate) fn locate<'w>(
    text: &str,
    words: impl ExactSizeIterator<Item = &'w str>,
) -> Option<Vec<ByteSpan>> {
    let mut found = Vec::with_capacity(words.len());
    let mut at = 0;
    for word in words {
        let start = at + text.get(at..)?.find(word)?;
        at = start + word.len();
        found.push(ByteSpan::new(start, at));
    }
    Some(found)
}

/// Cuts one run of characters that are no white space.
fn chunk(text: &str, mut start: usize, mut end: usize, words: &mut Vec<ByteSpan>) {
    while let Some(first) = text[start..end].chars().next() {
        let rest = start + first.len_utf8();
        let number = first == '-' && text[rest..end].starts_with(|c: char| c.is_numeric());
        if rest == end || number || !LEADING.contains(&first) {
            break;
        }
        words.push(ByteSpan::new(start, rest));
        start = rest;
    }
    let whole = end;
    while let Some(last) = text[start..end].chars().next_back() {
        let rest = end - last.len_utf8();
        let kept = rest == start || (last == '.' && is_abbreviation(&text[start..end]));
        if kept || !TRAILING.contains(&last) {
            break;
        }
        end = rest;
    }
    inside(text, start, end, words);
    for (at, sign) in text[end..whole].char_indices() {
        words.push(ByteSpan::new(end + at, end + at + sign.len_utf8()));
    }
}

/// True for two or more short runs of letters, each with its full stop, the first of one or two
/// letters: `e.g.`, `U.S.`, `B.Sc.`, `Ph.D.`, and not `Node.js.`. Of `B.Sc./M.Sc.` the last one
/// counts.
fn is_abbreviation(word: &str) -> bool {
    let word = word.rsplit(['/', '–', '—']).next().unwrap_or_default();
    let Some(runs) = word.strip_suffix('.') else { return false };
    let short = |run: &str, most: usize| {
        !run.is_empty() && run.chars().all(char::is_alphabetic) && run.chars().count() <= most
    };
    runs.split_once('.')
        .is_some_and(|(first, rest)| short(first, 2) && rest.split('.').all(|run| short(run, 4)))
}

/// Cuts at slashes and dashes between two letters or digits.
fn inside(text: &str, mut start: usize, end: usize, words: &mut Vec<ByteSpan>) {
    let mut before = None;
    let mut characters = text[start..end].char_indices().peekable();
    let base = start;
    while let Some((at, character)) = characters.next() {
        let at = base + at;
        let between = before.is_some_and(char::is_alphanumeric)
            && characters.peek().is_some_and(|(_, next)| next.is_alphanumeric());
        if matches!(character, '/' | '–' | '—') && between {
            let after = at + character.len_utf8();
            words.push(ByteSpan::new(start, at));
            words.push(ByteSpan::new(at, after));
            start = after;
        }
        before = Some(character);
    }
    if start < end {
        words.push(ByteSpan::new(start, end));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<&str> {
        split(text).into_iter().map(|word| &text[word.range()]).collect()
    }

    #[test]
    fn words_are_cut_as_documented() {
        for (text, expected) in [
            ("", ""),
            (" \t\u{a0}\n", ""),
            ("C++ .NET Node.js full-time", "C++ .NET Node.js full-time"),
            ("Uses Node.js.", "Uses Node.js ."),
            ("(e.g. U.S.), B.Sc./M.Sc.", "( e.g. U.S. ) , B.Sc./M.Sc."),
            ("Ph.D., i.e.: a.", "Ph.D. , i.e. : a ."),
            ("Java/Python–Go—C", "Java / Python – Go — C"),
            ("and/or 24/7 a//b", "and / or 24 / 7 a//b"),
            ("-5 --5 -a - •x", "-5 - -5 - a - • x"),
            ("“Hi,” «x»… 5%!", "“ Hi , ” « x » … 5 % !"),
            ("don't dogs' 'tis", "don't dogs ' ' tis"),
            ("... ((", ". . . ( ("),
            ("ঢাকা। 東京。", "ঢাকা । 東京 。"),
        ] {
            assert_eq!(words(text).join(" "), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn spans_are_ordered_and_cover_what_is_not_white_space(
            text in "([-a-zA-Z0-9 .,;:()\"'/–—•…%é।\u{200d}]|\\PC|\\s){0,40}",
        ) {
            let mut covered = 0;
            for word in split(&text) {
                prop_assert!(!word.is_empty());
                prop_assert!(text[covered..word.start].chars().all(char::is_whitespace));
                prop_assert!(!text[word.range()].contains(char::is_whitespace));
                covered = word.end;
            }
            prop_assert!(text[covered..].chars().all(char::is_whitespace));
        }
    }
}
