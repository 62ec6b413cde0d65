//! The shape that a document was read in.

/// The shape that a document was read in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    Prodigy,
    Doccano,
    Spacy,
    LabelStudio,
    DataTurks,
    Tokens,
    Entities,
}

impl Seen {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Prodigy => "Prodigy's (\"spans\")",
            Self::Doccano => "doccano's (\"label\")",
            Self::Spacy => "spaCy's (text and \"entities\")",
            Self::LabelStudio => "Label Studio's (\"data\" and \"annotations\")",
            Self::DataTurks => "DataTurks' (\"content\" and \"annotation\")",
            Self::Tokens => "Hugging Face's (\"tokens\" and \"ner_tags\")",
            Self::Entities => "that of predictions (\"text\" and \"entities\")",
        }
    }
}
