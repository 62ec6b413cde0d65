//! Words of running text: Unicode words, with punctuation, clitics and elisions split off.

use ner_align_core::ByteSpan;
use unicode_script::{Script, UnicodeScript};

use super::address::{mail_end, web_end};
use super::chunks::{Chunks, graphemes};
use super::class::{Class, ascii_class, class_of};

/// What follows an apostrophe as a word of its own, in English.
const CLITICS: [&str; 6] = ["s", "m", "d", "re", "ve", "ll"];

/// What stands before `n't`, with its `n`.
const NEGATED: [&str; 21] = [
    "ain", "aren", "can", "couldn", "daren", "didn", "doesn", "don", "hadn", "hasn", "haven",
    "isn", "mayn", "mightn", "mustn", "needn", "shan", "shouldn", "wasn", "weren", "wouldn",
];

/// `won't`, which is no regular form.
const WONT: &str = "won";

/// What loses its vowel before another one, in French, Italian and Catalan.
const ELIDED: [&str; 39] = [
    "c", "d", "j", "l", "m", "n", "s", "t", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "quelqu",
    "presqu", "all", "anch", "bell", "buon", "c", "coll", "com", "dall", "dell", "dov", "gl",
    "mezz", "nell", "nessun", "quell", "quest", "sant", "senz", "sull", "tutt", "un", "quant",
    "grand", "degl",
];

/// Units that are written behind a number without a space. `5G`, `4K`, `3D` and `1980s` are names.
const UNITS: [&str; 37] = [
    "km", "m", "dm", "cm", "mm", "µm", "nm", "ha", "kg", "g", "mg", "µg", "lb", "lbs", "oz", "l",
    "cl", "ml", "kB", "KB", "MB", "GB", "TB", "Hz", "kHz", "MHz", "GHz", "kW", "MW", "GW", "kWh",
    "mph", "hPa", "mbar", "h", "min", "ms",
];

/// A grapheme within a text.
#[derive(Debug, Clone, Copy)]
struct Grapheme {
    start: usize,
    end: usize,
    class: Class,
}

/// The words of a text.
pub(super) fn split(text: &str) -> Vec<ByteSpan> {
    let mut words = Vec::with_capacity(text.len() / 5);
    let mut clusters = Vec::new();
    for chunk in Chunks::of(text) {
        clusters.clear();
        let run = text.get(chunk.range()).unwrap_or_default();
        if run.is_ascii() {
            clusters.extend(run.bytes().enumerate().map(|(at, byte)| {
                let start = chunk.start + at;
                Grapheme { start, end: start + 1, class: ascii_class(byte) }
            }));
            // Most words have nothing to look at.
            if clusters.iter().all(|grapheme| grapheme.class == Class::Letter) {
                words.push(chunk);
                continue;
            }
        } else {
            clusters.extend(graphemes(text, chunk).map(|(start, end)| {
                let first = text.get(start..end).and_then(|own| own.chars().next());
                Grapheme { start, end, class: first.map_or(Class::Sign, class_of) }
            }));
        }
        Scanner { text, clusters: &clusters, at: 0, words: &mut words }.scan();
    }
    words
}

/// Splits one run of graphemes.
struct Scanner<'a> {
    text: &'a str,
    clusters: &'a [Grapheme],
    at: usize,
    words: &'a mut Vec<ByteSpan>,
}

impl<'a> Scanner<'a> {
    fn scan(&mut self) {
        while let Some(grapheme) = self.clusters.get(self.at).copied() {
            let end = match grapheme.class {
                Class::Letter | Class::Digit => self.address().unwrap_or_else(|| self.word()),
                Class::Dot if self.starts_name() => self.word(),
                Class::Dot | Class::Hyphen if self.class(self.at + 1) == Some(grapheme.class) => {
                    self.run(self.at, |class| class == grapheme.class)
                }
                Class::Hyphen if self.is_minus() => self.word(),
                Class::Apostrophe => self.after_apostrophe(),
                Class::Hash | Class::Sign if self.is_tag(grapheme) => {
                    self.run(self.at + 1, is_word)
                }
                _ => self.at + 1,
            };
            self.push(self.at, end);
            self.at = end;
        }
    }

    fn class(&self, at: usize) -> Option<Class> {
        self.clusters.get(at).map(|grapheme| grapheme.class)
    }

    fn is(&self, at: usize, class: Class) -> bool {
        self.class(at) == Some(class)
    }

    fn is_word(&self, at: usize) -> bool {
        self.class(at).is_some_and(is_word)
    }

    /// The text of some graphemes.
    fn slice(&self, start: usize, end: usize) -> &'a str {
        let first = self.clusters.get(start).map_or(0, |grapheme| grapheme.start);
        let last = end.checked_sub(1).and_then(|last| self.clusters.get(last));
        self.text.get(first..last.map_or(first, |grapheme| grapheme.end)).unwrap_or_default()
    }

    fn push(&mut self, start: usize, end: usize) {
        if let (Some(first), Some(last)) = (self.clusters.get(start), self.clusters.get(end - 1)) {
            self.words.push(ByteSpan::new(first.start, last.end));
        }
    }

    /// The end of a run of graphemes of one kind.
    fn run(&self, from: usize, belongs: impl Fn(Class) -> bool) -> usize {
        let rest = self.clusters.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|grapheme| belongs(grapheme.class)).count()
    }

    /// True at the start of the run, and after a sign.
    fn is_start(&self) -> bool {
        let before = self.at.checked_sub(1).and_then(|before| self.class(before));
        before.is_none_or(|class| !is_word(class) && class != Class::Single)
    }

    /// `.NET`
    fn starts_name(&self) -> bool {
        self.is_start() && self.is_word(self.at + 1) && !self.follows(Class::Dot)
    }

    /// `-5`
    fn is_minus(&self) -> bool {
        self.is_start() && self.is(self.at + 1, Class::Digit) && !self.follows(Class::Hyphen)
    }

    fn follows(&self, class: Class) -> bool {
        self.at.checked_sub(1).is_some_and(|before| self.is(before, class))
    }

    /// `#tag`, `@user`
    fn is_tag(&self, sign: Grapheme) -> bool {
        matches!(self.text.get(sign.start..sign.end), Some("#" | "@"))
            && self.is_start()
            && self.is_word(self.at + 1)
    }

    /// `'s` and `'90s` by themselves; any other apostrophe is a sign.
    fn after_apostrophe(&self) -> usize {
        let next = self.at + 1;
        let end = self.run(next, is_word);
        let clitic = CLITICS.contains(&self.slice(next, end).to_lowercase().as_str());
        if self.is_start() && ((clitic && next < end) || self.is(next, Class::Digit)) {
            end
        } else {
            next
        }
    }

    /// The end of the address that starts here: `https://a.org`, `www.a.org`, `a@b.org`.
    fn address(&self) -> Option<usize> {
        if !self.is_start() {
            return None;
        }
        let rest = self.slice(self.at, self.clusters.len());
        let has = |start: &str| {
            rest.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start))
                && rest.get(start.len()..).is_some_and(|r| r.starts_with(char::is_alphanumeric))
        };
        if ["http://", "https://", "ftp://", "www."].into_iter().any(has) {
            return Some(self.cluster_at(web_end(rest)));
        }
        rest.contains('@').then(|| mail_end(rest)).flatten().map(|end| self.cluster_at(end))
    }

    /// The first grapheme that does not start within so many bytes from here.
    fn cluster_at(&self, bytes: usize) -> usize {
        let end = self.clusters.get(self.at).map_or(0, |grapheme| grapheme.start) + bytes;
        let rest = self.clusters.get(self.at..).unwrap_or_default();
        self.at + rest.partition_point(|grapheme| grapheme.start < end).max(1)
    }

    /// The end of the word that starts here. Words that end within it are pushed on the way, and
    /// the last one starts where the scanner then is.
    fn word(&mut self) -> usize {
        let mut at = self.at + 1;
        while let Some(class) = self.class(at) {
            let (before, after) = (self.class(at - 1), self.class(at + 1));
            let between = |left: Class| before == Some(left) && after == Some(left);
            let goes_on = match class {
                Class::Letter => before != Some(Class::Digit) || !self.is_unit(at),
                Class::Digit => true,
                Class::Dot => after.is_some_and(is_word) || self.is_abbreviation(at),
                Class::Mid => between(Class::Digit),
                Class::Hyphen => before.is_some_and(is_word) && after == Some(Class::Digit),
                Class::Ampersand => between(Class::Letter),
                Class::Plus => self.is_suffix(at, Class::Plus),
                Class::Hash => self.is_suffix(at, Class::Hash) && before == Some(Class::Letter),
                Class::Apostrophe => match self.apostrophe(at) {
                    Apostrophe::Stays => true,
                    Apostrophe::EndsWord => false,
                    Apostrophe::Clitic(start) => {
                        self.push(self.at, start);
                        self.at = start;
                        return self.run(at + 1, is_word);
                    }
                    Apostrophe::Elision => {
                        self.push(self.at, at + 1);
                        self.at = at + 1;
                        true
                    }
                },
                Class::Sign => self.is_hebrew_quote(at),
                Class::Single => false,
            };
            if !goes_on {
                break;
            }
            at += 1;
        }
        at
    }

    /// The unit of a number: `kg` in `2.5kg`.
    fn is_unit(&self, at: usize) -> bool {
        let end = self.run(at, |class| class == Class::Letter);
        UNITS.contains(&self.slice(at, end))
            && !self.is_word(end)
            && self.slice(self.at, at).bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b','))
    }

    /// `C++`, `C#`: signs behind letters that nothing of the word follows, but for the year in
    /// `C++11`.
    fn is_suffix(&self, at: usize, class: Class) -> bool {
        let end = self.run(at, |own| own == class);
        let start = self.run(self.at, |own| own != class);
        let letter = start.checked_sub(1).is_some_and(|last| self.is(last, Class::Letter));
        let year = end - start > 1 && self.is(end, Class::Digit);
        letter && start <= at && (year || !self.is_word(end))
    }

    /// A double quote between Hebrew letters marks an abbreviation.
    fn is_hebrew_quote(&self, at: usize) -> bool {
        let hebrew = |at: usize| {
            self.slice(at, at + 1).chars().next().is_some_and(|c| c.script() == Script::Hebrew)
        };
        matches!(self.slice(at, at + 1), "\"" | "\u{5f4}" | "\u{201d}")
            && hebrew(at - 1)
            && self.is_word(at + 1)
            && hebrew(at + 1)
    }

    /// True for two or more short runs of letters, each with its full stop, the first of one or two
    /// letters: `e.g.`, `U.S.`, `B.Sc.`, `Ph.D.`, and not `Node.js.`.
    fn is_abbreviation(&self, dot: usize) -> bool {
        let word = self.slice(self.at, dot);
        let short = |run: &str, most: usize| {
            !run.is_empty() && run.chars().all(char::is_alphabetic) && run.chars().count() <= most
        };
        word.split_once('.').is_some_and(|(first, rest)| {
            short(first, 2) && rest.split('.').all(|run| short(run, 4))
        })
    }

    /// What an apostrophe within or behind a word does.
    fn apostrophe(&self, at: usize) -> Apostrophe {
        let left = self.slice(self.at, at).to_lowercase();
        let end = self.run(at + 1, is_word);
        if end == at + 1 {
            // `l'` with its word after a space.
            let elided = at + 1 == self.clusters.len() && ELIDED.contains(&left.as_str());
            return if elided { Apostrophe::Stays } else { Apostrophe::EndsWord };
        }
        let right = self.slice(at + 1, end).to_lowercase();
        let last = !self.is(end, Class::Apostrophe);
        if last && CLITICS.contains(&right.as_str()) {
            return Apostrophe::Clitic(at);
        }
        if last && right == "t" && (NEGATED.contains(&left.as_str()) || left == WONT) {
            return Apostrophe::Clitic(at - 1);
        }
        if ELIDED.contains(&left.as_str()) && right.starts_with(is_vowel) {
            return Apostrophe::Elision;
        }
        Apostrophe::Stays
    }
}

/// What an apostrophe does to the word that it is in.
enum Apostrophe {
    Stays,
    EndsWord,
    /// A word ends before this grapheme, and what follows is a word with the apostrophe in it.
    Clitic(usize),
    /// A word ends behind the apostrophe.
    Elision,
}

const fn is_word(class: Class) -> bool {
    matches!(class, Class::Letter | Class::Digit)
}

/// A vowel, with any accent, or an `h`, which French does not speak.
fn is_vowel(character: char) -> bool {
    matches!(character, 'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'h' | 'œ' | 'æ' | 'à'..='å' | 'è'..='ï' | 'ò'..='ö' | 'ù'..='ý')
}
