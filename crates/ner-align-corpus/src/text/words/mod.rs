//! Text to words, for text that comes without any.
//!
//! How text becomes words belongs to a model, so it has a name: [`WordSplitting`]. A
//! [`WordSplitter`] carries it out. The spans are in order, not empty, lie on grapheme boundaries
//! and cover every character except white space.
//!
//! | name | words |
//! |---|---|
//! | `unicode` | Unicode words, with punctuation, clitics and elisions split off; see below |
//! | `char` | each grapheme |
//! | `whitespace` | what stands between white space |
//! | `regex:PATTERN` | each match; what no match covers is split at white space |
//!
//! # `unicode`
//! Letters and digits that follow each other are a word, and so is each other character. What
//! follows is what corpora such as CoNLL-2003 and Universal Dependencies do:
//!
//! | text | words | rule |
//! |---|---|---|
//! | `Merkel's` `we'll` | `Merkel` `'s` `we` `'ll` | English clitics |
//! | `don't` | `do` `n't` | English negations |
//! | `l'Allemagne` `dell'Italia` | `l'` `Allemagne` `dell'` `Italia` | French, Italian and Catalan elisions before a vowel or `h` |
//! | `O'Brien` `rock'n'roll` `aujourd'hui` | whole | any other apostrophe between letters |
//! | `Paris-based` | `Paris` `-` `based` | a hyphen before a letter |
//! | `COVID-19` `-5` `2024-01-15` | whole | a hyphen before a digit |
//! | `1,000.50` `24/7` `12:30` | whole | signs between digits |
//! | `and/or` | `and` `/` `or` | the same signs elsewhere |
//! | `U.S.` `e.g.` `Ph.D.` | whole | full stops of abbreviations with several |
//! | `left.` `J.` | `left` `.` `J` `.` | other full stops at the end |
//! | `Node.js` `.NET` `C++` `C#` `AT&T` | whole | signs of names |
//! | `https://a.org/b?c=1` `a@b.org` `@user` `#tag` | whole | addresses, names and tags |
//! | `...` `--` | whole | runs of full stops and of hyphens |
//! | `5kg` `2.5GHz` | `5` `kg` `2.5` `GHz` | units behind numbers; `5G` `3D` `1980s` stay whole |
//! | `5%` `$5` `(UK)` | `5` `%` `$` `5` `(` `UK` `)` | everything else |
//! | `東京タワー` | `東` `京` `タ` `ワ` `ー` | Han, Hiragana and Katakana, character by character |
//! | `ไทย` | `ไ` `ท` `ย` | Thai, Lao, Khmer and Burmese, grapheme by grapheme |

mod address;
mod chunks;
mod class;
mod pattern;
mod unicode;

use ner_align_core::{ByteSpan, WordSplitting};
use regex::Regex;

use crate::{CorpusError, ErrorKind};
use chunks::{Chunks, graphemes};

/// Splits text into words in one of the ways that [`WordSplitting`] names.
///
/// ```
/// use ner_align_core::WordSplitting;
/// use ner_align_corpus::text::words::WordSplitter;
/// let text = "Merkel's (CDU), Paris-based";
/// let words = |name: &str| -> Result<Vec<&str>, Box<dyn std::error::Error>> {
///     let splitter = WordSplitter::new(&name.parse()?)?;
///     Ok(splitter.split(text).into_iter().map(|word| &text[word.range()]).collect())
/// };
/// assert_eq!(words("unicode")?, ["Merkel", "'s", "(", "CDU", ")", ",", "Paris", "-", "based"]);
/// assert_eq!(words("whitespace")?, ["Merkel's", "(CDU),", "Paris-based"]);
/// assert_eq!(words(r"regex:\w+")?, ["Merkel", "'", "s", "(", "CDU", "),", "Paris", "-", "based"]);
/// assert_eq!(words("char")?.len(), 25);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct WordSplitter {
    splitting: WordSplitting,
    /// Compiled, where the words are the matches of a pattern.
    pattern: Option<Regex>,
}

impl WordSplitter {
    /// A splitter of this kind.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for a pattern that is not a regular expression, and for a kind of words
    /// that this version does not know.
    pub fn new(splitting: &WordSplitting) -> Result<Self, CorpusError> {
        let refuse = |expected: &str, found: String| {
            CorpusError::new(ErrorKind::Usage, "word-splitting", expected, found)
        };
        let pattern = match splitting {
            WordSplitting::Unicode | WordSplitting::Char | WordSplitting::Whitespace => None,
            WordSplitting::Regex(pattern) => {
                let pattern = Regex::new(pattern).map_err(|error| {
                    // The last line says what is wrong, those before show the place.
                    let error = error.to_string();
                    let error = error.lines().last().unwrap_or_default();
                    let found = format!("{pattern:?}: {}", error.trim_start_matches("error: "));
                    refuse("a regular expression", found)
                })?;
                Some(pattern)
            }
            other => return Err(refuse("a way to split words", other.to_string())),
        };
        Ok(Self { splitting: splitting.clone(), pattern })
    }

    /// The name of the way in which it splits.
    #[must_use]
    pub const fn splitting(&self) -> &WordSplitting {
        &self.splitting
    }

    /// The words of a text, as bytes of it.
    #[must_use]
    pub fn split(&self, text: &str) -> Vec<ByteSpan> {
        match (&self.splitting, &self.pattern) {
            (_, Some(pattern)) => pattern::split(text, pattern),
            (WordSplitting::Char, _) => Chunks::of(text)
                .flat_map(|chunk| graphemes(text, chunk))
                .map(|(start, end)| ByteSpan::new(start, end))
                .collect(),
            (WordSplitting::Whitespace, _) => Chunks::of(text).collect(),
            _ => unicode::split(text),
        }
    }
}

/// The words of a text as [`WordSplitting::Unicode`] has them.
///
/// ```
/// let text = "Putin,who met e.g. C++/.NET engineers";
/// let words: Vec<&str> =
///     ner_align_corpus::words::split(text).iter().map(|word| &text[word.range()]).collect();
/// assert_eq!(words, ["Putin", ",", "who", "met", "e.g.", "C++", "/", ".NET", "engineers"]);
/// ```
#[must_use]
pub fn split(text: &str) -> Vec<ByteSpan> {
    unicode::split(text)
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

#[cfg(test)]
mod tests;
