//! Tag schemes, which write entities as one tag for each word.
//!
//! | scheme | first | inside | last | only word |
//! |---|---|---|---|---|
//! | `io` | I | I | I | I |
//! | `iob1` | I, or B after an entity of the same type | I | I | as first |
//! | `iob2` (BIO) | B | I | I | B |
//! | `ioe1` | I | I | I, or E before an entity of the same type | as last |
//! | `ioe2` | I | I | E | E |
//! | `iobes` | B | I | E | S |
//! | `biluo` (BILOU) | B | I | L | U |
//!
//! IO cannot separate adjacent entities of one type. All others are lossless.

mod decode;
mod detect;
mod encode;
mod spelling;
mod transitions;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub(crate) use decode::lenient_entities;
pub use decode::{Decoded, Violation};
pub use detect::SchemeDetector;
pub use spelling::TagDisplay;

use crate::{Entity, Prefix, Tag};

/// A tag scheme; the [module](self) has a table of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// Inside or outside only.
    Io,
    /// `B` only between adjacent entities of one type (Ramshaw and Marcus 1995; CoNLL-2003 as
    /// published).
    Iob1,
    /// `B` at every start: BIO.
    #[serde(alias = "bio")]
    Iob2,
    /// `E` only between adjacent entities of one type.
    Ioe1,
    /// `E` at every end.
    Ioe2,
    /// Begin, inside, end, single.
    #[serde(alias = "bioes")]
    Iobes,
    /// Begin, inside, last, unit: spaCy's.
    #[serde(alias = "bilou", alias = "bioul")]
    Biluo,
}

/// How tags are decoded into entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DecodeMode {
    /// As conlleval: a tag that cannot continue the entity before it starts a new one, so that
    /// every word with an entity tag is in an entity.
    #[default]
    Lenient,
    /// Only entities whose tags the scheme allows. Other entity tags are violations.
    Strict,
}

/// Why entities cannot be written as tags.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SchemeError {
    /// An entity is empty, reversed, or ends past the last word.
    #[error("entity {} over words {}..{} does not fit a sentence of {words} words",
        entity.label, entity.span.start, entity.span.end)]
    OutOfRange {
        /// The entity.
        entity: Entity,
        /// Number of words in the sentence.
        words: usize,
    },
    /// Two entities share a word.
    #[error("entities {} over {}..{} and {} over {}..{} overlap",
        first.label, first.span.start, first.span.end,
        second.label, second.span.start, second.span.end)]
    Overlap {
        /// The entity that starts first.
        first: Entity,
        /// The other.
        second: Entity,
    },
    /// An entity continues in the next sentence.
    #[error("entity {} over words {}..{} crosses the end of its sentence at {end}",
        entity.label, entity.span.start, entity.span.end)]
    CrossesSentence {
        /// The entity, in words of the document.
        entity: Entity,
        /// The first word of the next sentence.
        end: usize,
    },
}

impl SchemeError {
    /// What to do about it, where that is known.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::OutOfRange { .. } => {
                Some("the span of an entity counts words from 0 and is half-open")
            }
            Self::Overlap { .. } => Some("tags hold one entity for each word: keep one of the two"),
            Self::CrossesSentence { .. } => Some("end the entity with its sentence"),
        }
    }
}

impl Scheme {
    /// All schemes.
    pub const ALL: [Self; 7] =
        [Self::Io, Self::Iob1, Self::Iob2, Self::Ioe1, Self::Ioe2, Self::Iobes, Self::Biluo];

    /// The prefixes of the scheme, in the order of class ids.
    #[must_use]
    pub const fn prefixes(self) -> &'static [Prefix] {
        use Prefix::{Begin, End, Inside, Single};
        match self {
            Self::Io => &[Inside],
            Self::Iob1 | Self::Iob2 => &[Begin, Inside],
            Self::Ioe1 | Self::Ioe2 => &[Inside, End],
            Self::Iobes | Self::Biluo => &[Begin, Inside, End, Single],
        }
    }

    /// True if `next` may directly follow `previous`. `None` is the start or the end of the
    /// sentence.
    #[must_use]
    pub fn is_legal(self, previous: Option<&Tag>, next: Option<&Tag>) -> bool {
        transitions::is_legal(self, previous, next)
    }

    /// The tags of a sentence of `words` words, one for each word. `entities` have spans in words
    /// of the sentence and may come in any order.
    ///
    /// # Errors
    /// [`SchemeError`] if entities overlap or do not fit the sentence.
    pub fn encode(self, entities: &[Entity], words: usize) -> Result<Vec<Tag>, SchemeError> {
        encode::encode(self, entities, words)
    }

    /// The entities of a sentence, and where its tags violate the scheme.
    #[must_use]
    pub fn decode(self, tags: &[Tag], mode: DecodeMode) -> Decoded {
        match mode {
            DecodeMode::Lenient => decode::lenient(self, tags),
            DecodeMode::Strict => decode::strict(self, tags),
        }
    }

    /// The tags of a word's subtokens. Together they mean what the word's tag means.
    ///
    /// `B` over three is `B I I`; `E` over three is `I I E`; `S` over three is `B I E`.
    #[must_use]
    pub fn spread(self, tag: &Tag, subtokens: usize) -> Vec<Tag> {
        encode::spread(self, tag, subtokens)
    }

    /// Converts a sentence's tags to another scheme.
    ///
    /// Decodes the entities with `mode` and encodes them in `to`; missing tags stay missing. With
    /// [`DecodeMode::Strict`] the words of ill-formed entities become `O`.
    ///
    /// ```
    /// use ner_align_core::{DecodeMode, Scheme, Tag};
    /// let tags: Vec<Tag> =
    ///     ["I-PER", "I-PER", "-", "O"].iter().map(|tag| tag.parse()).collect::<Result<_, _>>()?;
    /// let biluo = Scheme::Iob1.convert(&tags, Scheme::Biluo, DecodeMode::Lenient)?;
    /// let biluo: Vec<String> =
    ///     biluo.iter().map(|tag| tag.display(Scheme::Biluo).to_string()).collect();
    /// assert_eq!(biluo, ["B-PER", "L-PER", "-", "O"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`SchemeError`] if `to` cannot encode the entities.
    pub fn convert(
        self,
        tags: &[Tag],
        to: Self,
        mode: DecodeMode,
    ) -> Result<Vec<Tag>, SchemeError> {
        let mut converted = to.encode(&self.decode(tags, mode).entities, tags.len())?;
        keep_missing(tags, &mut converted);
        Ok(converted)
    }

    /// The name in configurations and messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Io => "io",
            Self::Iob1 => "iob1",
            Self::Iob2 => "iob2",
            Self::Ioe1 => "ioe1",
            Self::Ioe2 => "ioe2",
            Self::Iobes => "iobes",
            Self::Biluo => "biluo",
        }
    }
}

/// Marks words as missing that are missing in `before`.
pub(crate) fn keep_missing(before: &[Tag], tags: &mut [Tag]) {
    for (tag, before) in tags.iter_mut().zip(before) {
        if *before == Tag::Missing {
            *tag = Tag::Missing;
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that is not a scheme's.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("unknown tag scheme {0:?}; one of io, iob1, iob2, ioe1, ioe2, iobes, biluo")]
pub struct UnknownScheme(pub String);

impl UnknownScheme {
    /// What to do about it, where that is known.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        Some("bio, bioes, bilou and bioul are other names of iob2, iobes and biluo")
    }
}

impl FromStr for Scheme {
    type Err = UnknownScheme;

    /// Reads a name in any case; `bio`, `bioes`, `bilou` and `bioul` are aliases.
    fn from_str(name: &str) -> Result<Self, UnknownScheme> {
        let lower = name.to_ascii_lowercase();
        match lower.as_str() {
            "bio" => Ok(Self::Iob2),
            "bioes" => Ok(Self::Iobes),
            "bilou" | "bioul" => Ok(Self::Biluo),
            _ => Self::ALL
                .into_iter()
                .find(|scheme| scheme.as_str() == lower)
                .ok_or_else(|| UnknownScheme(name.to_owned())),
        }
    }
}
