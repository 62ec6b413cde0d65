//! What each format can express.

use crate::Format;

/// What a format can express besides words and entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// What stands between words.
    pub text: bool,
    /// White space between words that is more than one space, without words of its own.
    pub gaps: bool,
    /// Which words there are; otherwise readers split the text again.
    pub words: bool,
    /// Where sentences start.
    pub sentences: bool,
    /// Where documents start.
    pub documents: bool,
    /// Names of documents.
    pub ids: bool,
    /// Comments of sentences.
    pub comments: bool,
    /// Words without annotation, as distinct from words outside entities.
    pub missing: bool,
    /// Tags as they were spelled, faults included, in any scheme.
    pub tags: bool,
    /// Entities that share words.
    pub overlapping: bool,
    /// Where entities share words, all of their document are spans of a group, apart from its entities.
    pub groups: bool,
    /// Spans that match no words.
    pub unaligned: bool,
    /// Spans of several pieces.
    pub discontinuous: bool,
    /// Scores of entities.
    pub scores: bool,
}

impl Capabilities {
    /// What tags of words and spans beside them hold, as training does.
    pub(crate) const TAGS: Self = Self {
        overlapping: false,
        unaligned: true,
        discontinuous: true,
        missing: true,
        ..Format::FactRuEval.capabilities()
    };
}

impl Format {
    /// What the format can express.
    #[must_use]
    pub const fn capabilities(self) -> Capabilities {
        const NOTHING: Capabilities = Capabilities {
            text: false,
            gaps: false,
            words: true,
            sentences: true,
            documents: true,
            ids: false,
            comments: false,
            missing: false,
            tags: false,
            overlapping: false,
            groups: false,
            unaligned: false,
            discontinuous: false,
            scores: false,
        };
        match self {
            Self::Conll => {
                Capabilities { ids: true, comments: true, missing: true, tags: true, ..NOTHING }
            }
            Self::IobLines => {
                Capabilities { documents: false, missing: true, tags: true, ..NOTHING }
            }
            Self::Conllu => Capabilities {
                text: true,
                gaps: true,
                ids: true,
                comments: true,
                missing: true,
                tags: true,
                ..NOTHING
            },
            Self::SpacyJson => Capabilities { text: true, ids: true, missing: true, ..NOTHING },
            Self::DocBin => Capabilities {
                text: true,
                missing: true,
                overlapping: true,
                groups: true,
                ..NOTHING
            },
            Self::Jsonl => Capabilities {
                text: true,
                gaps: true,
                ids: true,
                overlapping: true,
                unaligned: true,
                sentences: false,
                ..NOTHING
            },
            Self::Brat => Capabilities {
                text: true,
                gaps: true,
                words: false,
                sentences: false,
                ids: true,
                overlapping: true,
                unaligned: true,
                discontinuous: true,
                ..NOTHING
            },
            Self::FactRuEval => Capabilities {
                text: true,
                gaps: true,
                ids: true,
                overlapping: true,
                unaligned: true,
                discontinuous: true,
                ..NOTHING
            },
            Self::Csv => Capabilities { ids: true, missing: true, tags: true, ..NOTHING },
            Self::Parquet => Capabilities { ids: true, missing: true, tags: true, ..NOTHING },
        }
    }
}
