//! The shapes of a document in JSON.

use std::fmt;
use std::str::FromStr;

use super::OffsetUnit;
use crate::{Capabilities, CorpusError, ErrorKind, Format};

/// The shape that documents are written in; all are read too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum JsonlShape {
    /// `{"text", "tokens": [{"text", "start", "end", "id", "ws"}], "spans": [{"start", "end",
    /// "label", "token_start", "token_end"}]}`; `token_end` is the last token, all else half-open.
    #[default]
    Prodigy,
    /// `{"text", "label": [[start, end, "LABEL"]]}`.
    Doccano,
    /// Label Studio's tasks as one array, `[{"data": {"text"}, "annotations": [{"result": [{"value":
    /// {"start", "end", "text", "labels"}, "from_name": "label", "to_name": "text"}]}]}]`. Offsets
    /// count code points, as Label Studio stores them.
    LabelStudio,
    /// `["text", {"entities": [[start, end, "LABEL"]]}]`.
    Spacy,
    /// Hugging Face rows, `{"tokens": ["word"], "ner_tags": ["TAG"]}`, one a sentence.
    Tokens,
    /// Predictions, `{"text", "entities": [{"start", "end", "label", "score", "text"}]}`; without the
    /// score where nobody said how sure a model is.
    Entities,
}

impl JsonlShape {
    /// All shapes that are written.
    pub const ALL: [Self; 6] = [
        Self::Prodigy,
        Self::Doccano,
        Self::LabelStudio,
        Self::Spacy,
        Self::Tokens,
        Self::Entities,
    ];

    /// The name used on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Prodigy => "prodigy",
            Self::Doccano => "doccano",
            Self::LabelStudio => "label-studio",
            Self::Spacy => "spacy",
            Self::Tokens => "tokens",
            Self::Entities => "entities",
        }
    }

    /// A format of an output by its name, or `jsonl` by the name of one of its shapes. A name that is
    /// both, such as `spacy`, is a format.
    ///
    /// ```
    /// use ner_align_corpus::{Format, formats::jsonl::JsonlShape};
    /// assert_eq!(JsonlShape::named_output("conll")?, (Format::Conll, None));
    /// let tasks = (Format::Jsonl, Some(JsonlShape::LabelStudio));
    /// assert_eq!(JsonlShape::named_output("label-studio")?, tasks);
    /// # Ok::<(), ner_align_corpus::CorpusError>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for another name.
    pub fn named_output(name: &str) -> Result<(Format, Option<Self>), CorpusError> {
        match (name.parse::<Format>(), name.parse::<Self>()) {
            (Ok(format), _) => Ok((format, None)),
            (Err(_), Ok(shape)) => Ok((Format::Jsonl, Some(shape))),
            (Err(error), Err(_)) => Err(error),
        }
    }

    /// What the offsets of the shape count where nothing else is asked for.
    #[must_use]
    pub const fn offsets(self) -> OffsetUnit {
        // Label Studio stores code points too, although it runs in a browser (docs/json.md).
        OffsetUnit::CodePoints
    }

    /// What the shape can express. Words are kept by `prodigy` and `tokens`, sentences by
    /// `tokens`, whose rows are read as documents.
    /// In all but `tokens` a document that nobody annotated is kept as one, and words that are
    /// missing beside others that are not become words in no entity.
    #[must_use]
    pub const fn capabilities(self) -> Capabilities {
        let prodigy = Format::Jsonl.capabilities();
        match self {
            Self::Prodigy => prodigy,
            Self::Doccano | Self::LabelStudio => Capabilities { words: false, ..prodigy },
            Self::Entities => Capabilities { words: false, scores: true, ..prodigy },
            Self::Spacy => Capabilities { words: false, ids: false, ..prodigy },
            Self::Tokens => Capabilities {
                text: false,
                gaps: false,
                missing: true,
                tags: true,
                overlapping: false,
                unaligned: false,
                sentences: true,
                documents: false,
                ..prodigy
            },
        }
    }
}

impl fmt::Display for JsonlShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for JsonlShape {
    type Err = CorpusError;

    /// Reads a name; `hf` is another one of `tokens`, `labelstudio` of `label-studio`.
    fn from_str(name: &str) -> Result<Self, CorpusError> {
        match name {
            "hf" => return Ok(Self::Tokens),
            "labelstudio" | "label_studio" => return Ok(Self::LabelStudio),
            _ => {}
        }
        Self::ALL.into_iter().find(|shape| shape.as_str() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::as_str).join(", ");
            let expected = format!("one of the shapes {names}");
            CorpusError::new(ErrorKind::Usage, "unknown-shape", expected, format!("{name:?}"))
        })
    }
}
