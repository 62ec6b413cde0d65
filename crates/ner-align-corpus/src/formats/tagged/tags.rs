//! Tag texts to tags, faults of spelling included; each text is looked at once.

use ner_align_core::{Document, DocumentError, Finding, Label, Prefix, Scheme, Severity, Tag};
use rustc_hash::FxHashMap;

use super::tag_style::{TagStyle, depends_on_others};
use crate::text::shorten;

/// More distinct tags than this are a wrong column; they are read without being remembered.
const MAX_REMEMBERED: usize = 1 << 16;

/// How a tag's text departs from `O`, `-` and `PREFIX-TYPE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TagFault {
    NoPrefix,
    NoType,
    UnknownPrefix,
    ZeroForO,
    LowerCase,
    Empty,
}

/// What a tag's text was read as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) tag: Tag,
    pub(crate) fault: Option<TagFault>,
    /// The letter was L or U, which only BILUO has.
    pub(crate) biluo: bool,
}

/// Remembers each tag text, so that only new ones allocate.
#[derive(Debug, Default)]
pub(crate) struct TagTable {
    index: FxHashMap<Box<str>, usize>,
    readings: Vec<Reading>,
    labels: FxHashMap<Box<str>, Label>,
    style: TagStyle,
    /// No word is annotated: empty fields are no fault.
    unannotated: bool,
    /// The last reading that was not remembered.
    passing: Option<Reading>,
}

static OUTSIDE: Reading = Reading { tag: Tag::Outside, fault: None, biluo: false };

impl TagTable {
    /// A table of tags that are spelled in this way.
    pub(crate) fn of_style(style: TagStyle) -> Self {
        Self { style, ..Self::default() }
    }

    /// The same table, for a source without annotation: fields that are empty or `_` are no fault.
    pub(crate) fn unannotated(self, unannotated: bool) -> Self {
        Self { unannotated, ..self }
    }

    pub(crate) fn read(&mut self, text: &str) -> &Reading {
        if text == "O" {
            return &OUTSIDE;
        }
        let index = match self.index.get(text) {
            Some(index) => *index,
            None => {
                let reading = self.interpret(text);
                if self.readings.len() >= MAX_REMEMBERED {
                    return self.passing.insert(reading);
                }
                self.readings.push(reading);
                self.index.insert(text.into(), self.readings.len() - 1);
                self.readings.len() - 1
            }
        };
        self.readings.get(index).unwrap_or(&OUTSIDE)
    }

    fn label(&mut self, name: &str) -> Option<Label> {
        if let Some(label) = self.labels.get(name) {
            return Some(label.clone());
        }
        let label = Label::new(name)?;
        if self.labels.len() < MAX_REMEMBERED {
            self.labels.insert(name.into(), label.clone());
        }
        Some(label)
    }

    fn interpret(&mut self, text: &str) -> Reading {
        let missing = |fault| Reading { tag: Tag::Missing, fault, biluo: false };
        match text.as_bytes() {
            b"-" => return missing(None),
            // CoNLL-U's sign for a field that is not filled in.
            b"" | b"_" => return missing((!self.unannotated).then_some(TagFault::Empty)),
            b"0" => return Reading { fault: Some(TagFault::ZeroForO), ..OUTSIDE.clone() },
            b"o" => return Reading { fault: Some(TagFault::LowerCase), ..OUTSIDE.clone() },
            _ => {}
        }
        if self.style.comes_first()
            && let Some((letter, name)) = self.style.split(text)
        {
            return self.entity(letter, name);
        }
        let mut characters = text.chars();
        let first = characters.next().unwrap_or_default();
        let prefix = self.style.prefix(first);
        match (prefix, characters.next(), characters.as_str()) {
            (Some(_), None, _) | (Some(_), Some('-'), "") => missing(Some(TagFault::NoType)),
            (Some(_), Some('-'), name) => self.entity(first, name),
            _ => match self.style.split(text) {
                Some((letter, name)) => self.entity(letter, name),
                None if text.strip_prefix(first).is_some_and(|rest| rest.starts_with('-')) => {
                    missing(Some(TagFault::UnknownPrefix))
                }
                None => {
                    let tag = self.label(text).map(|label| Tag::entity(Prefix::Inside, label));
                    Reading {
                        tag: tag.unwrap_or(Tag::Missing),
                        fault: Some(TagFault::NoPrefix),
                        biluo: false,
                    }
                }
            },
        }
    }

    /// The tag of a prefix letter and a type.
    fn entity(&mut self, letter: char, name: &str) -> Reading {
        let upper = letter.to_ascii_uppercase();
        let prefix = self.style.prefix(letter);
        let tag = prefix.zip(self.label(name)).map(|(prefix, label)| Tag::entity(prefix, label));
        let fault = (upper != letter).then_some(TagFault::LowerCase);
        let biluo = matches!(upper, 'L' | 'U');
        Reading { tag: tag.unwrap_or(Tag::Missing), fault, biluo }
    }
}

/// The tags of a document's words, and how those were spelled whose text says something else.
#[derive(Debug, Default)]
pub(crate) struct TagTexts {
    tags: Vec<Tag>,
    spellings: Vec<(usize, Box<str>)>,
}

impl TagTexts {
    /// No tags, with room for this many.
    pub(crate) fn with_capacity(words: usize) -> Self {
        Self { tags: Vec::with_capacity(words), spellings: Vec::new() }
    }

    /// The tags so far.
    pub(crate) fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// Adds the tag of the next word, and returns what is wrong with its text.
    pub(crate) fn push(&mut self, table: &mut TagTable, text: &str) -> Option<TagFault> {
        let Reading { tag, fault, .. } = table.read(text);
        // Tags with other faults are written as they should be, so that what such a text means where it is
        // written is not what it meant here.
        if fault.is_some() && !depends_on_others(text) {
            self.spellings.push((self.tags.len(), text.into()));
        }
        self.tags.push(tag.clone());
        *fault
    }

    /// Reads the last word's tag again, from another text, if it is `O` so far. Returns what is
    /// wrong with the text.
    pub(crate) fn replace_outside(&mut self, table: &mut TagTable, text: &str) -> Option<TagFault> {
        if self.tags.last() == Some(&Tag::Outside) {
            let word = self.tags.len() - 1;
            self.tags.pop();
            self.spellings.pop_if(|(spelled, _)| *spelled == word);
            return self.push(table, text);
        }
        table.read(text).fault
    }

    /// Gives the tags to the document, whose words they are of.
    pub(crate) fn set_on(
        self,
        document: &mut Document,
        scheme: Scheme,
    ) -> Result<(), DocumentError> {
        document.set_tags(self.tags, scheme)?;
        document.set_spellings(self.spellings);
        Ok(())
    }
}

impl TagFault {
    /// The finding, still without its place.
    pub(crate) fn finding(self, text: &str) -> Finding {
        let shown = shorten(text);
        let (severity, code, message, hint) = match self {
            Self::NoPrefix => (
                Severity::Warning,
                "tag-without-prefix",
                format!(
                    "expected O or PREFIX-TYPE, found {shown:?}, read as {:?}",
                    format!("I-{shown}")
                ),
                "if this is not a tag, name the right column with `tag_column`",
            ),
            Self::NoType => (
                Severity::Error,
                "tag-without-type",
                format!(
                    "expected an entity type after the prefix, found {shown:?}, read as missing"
                ),
                "write the type after the prefix, or O",
            ),
            Self::UnknownPrefix => (
                Severity::Error,
                "unknown-prefix",
                format!(
                    "expected one of the prefixes B, I, E, L, S, U, found {shown:?}, read as missing"
                ),
                "write the tag in one of the schemes io, iob1, iob2, ioe1, ioe2, iobes, biluo",
            ),
            Self::ZeroForO => (
                Severity::Warning,
                "zero-for-o",
                "expected the letter O, found the digit 0, read as O".to_owned(),
                "write the letter",
            ),
            Self::LowerCase => (
                Severity::Warning,
                "lower-case-tag",
                format!("expected an upper-case prefix or O, found {shown:?}, read as if it were"),
                "write the prefix in upper case",
            ),
            Self::Empty => (
                Severity::Error,
                "empty-tag",
                format!(
                    "expected a tag, found {}, read as missing",
                    if text.is_empty() { "an empty field" } else { "\"_\"" }
                ),
                "write O for a word in no entity, - for one that nobody annotated",
            ),
        };
        Finding::new(severity, code, message).with_text(shown).with_hint(hint.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_read_as_documented() {
        use TagFault::{Empty, LowerCase, NoPrefix, NoType, UnknownPrefix, ZeroForO};
        let mut table = TagTable::default();
        for (text, tag, fault) in [
            ("O", "O", None),
            ("-", "-", None),
            ("B-PER", "B-PER", None),
            ("L-PER", "L-PER", None),
            ("I--", "I--", None),
            ("B-WORK-OF-ART", "B-WORK-OF-ART", None),
            ("TIM", "I-TIM", Some(NoPrefix)),
            ("work-of-art", "I-work-of-art", Some(NoPrefix)),
            ("é", "I-é", Some(NoPrefix)),
            ("B-", "-", Some(NoType)),
            ("I", "-", Some(NoType)),
            ("b", "-", Some(NoType)),
            ("X-PER", "-", Some(UnknownPrefix)),
            ("é-PER", "-", Some(UnknownPrefix)),
            ("--", "-", Some(UnknownPrefix)),
            ("0", "O", Some(ZeroForO)),
            ("o", "O", Some(LowerCase)),
            ("b-PER", "B-PER", Some(LowerCase)),
            ("", "-", Some(Empty)),
            ("_", "-", Some(Empty)),
        ] {
            for _ in 0..2 {
                let reading = table.read(text);
                assert_eq!(reading.tag.display(Scheme::Biluo).to_string(), tag, "{text:?}");
                assert_eq!(reading.fault, fault, "{text:?}");
            }
        }
    }

    #[test]
    fn a_wrong_column_does_not_fill_the_memory() {
        let mut table = TagTable::default();
        for i in 0..MAX_REMEMBERED + 10 {
            table.read(&format!("B-{i}"));
        }
        assert_eq!(table.readings.len(), MAX_REMEMBERED);
        let reading = table.read("B-new");
        assert_eq!(reading.tag.label().map(Label::as_str), Some("new"));
    }
}
