//! The formats and their names.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::{CorpusError, ErrorKind};

/// A format of annotated corpora.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Format {
    /// One token a line, its tag in a column.
    Conll,
    /// One sentence a line, `word|TAG` or `word|POS|TAG`.
    IobLines,
    /// CoNLL-U with entities in MISC.
    Conllu,
    /// spaCy's JSON training format.
    SpacyJson,
    /// spaCy's `.spacy`.
    DocBin,
    /// One document a line, text with character spans or tokens with tags.
    Jsonl,
    /// BRAT standoff, `.txt` and `.ann`.
    Brat,
    /// FactRuEval 2016, `.txt`, `.tokens`, `.spans`, `.objects`.
    FactRuEval,
    /// One token a row under a header, the Kaggle layout.
    Csv,
    /// Hugging Face rows.
    Parquet,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 10] = [
        Self::Conll,
        Self::IobLines,
        Self::Conllu,
        Self::SpacyJson,
        Self::DocBin,
        Self::Jsonl,
        Self::Brat,
        Self::FactRuEval,
        Self::Csv,
        Self::Parquet,
    ];

    /// The name used on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Conll => "conll",
            Self::IobLines => "iob-lines",
            Self::Conllu => "conllu",
            Self::SpacyJson => "spacy-json",
            Self::DocBin => "docbin",
            Self::Jsonl => "jsonl",
            Self::Brat => "brat",
            Self::FactRuEval => "factrueval",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        }
    }

    /// All names, parted by commas.
    #[must_use]
    pub fn names() -> String {
        Self::ALL.map(Self::as_str).join(", ")
    }

    /// The usual end of a file's name.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Conll => "conll",
            Self::IobLines => "iob",
            Self::Conllu => "conllu",
            Self::SpacyJson => "json",
            Self::DocBin => "spacy",
            Self::Jsonl => "jsonl",
            Self::Brat => "ann",
            Self::FactRuEval => "objects",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        }
    }

    /// The format that a name asks for in a file that is written, in which `.gz` says that it is
    /// compressed.
    ///
    /// ```
    /// use ner_align_corpus::Format;
    /// assert_eq!(Format::of_output("out.conll.gz".as_ref()), Some(Format::Conll));
    /// assert_eq!(Format::of_output("out".as_ref()), None);
    /// ```
    #[must_use]
    pub fn of_output(path: &Path) -> Option<Self> {
        let packed = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz"));
        Self::from_extension(&if packed { path.with_extension("") } else { path.to_owned() })
    }

    /// The format that a file's extension stands for; `.json` and `.txt` stand for several.
    #[must_use]
    pub fn from_extension(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        Some(match extension.as_str() {
            "conll" | "conll03" | "conll2003" | "conll2002" | "conllpp" | "bio" | "iob2"
            | "iob1" | "bioes" | "iobes" | "bilou" | "biluo" | "bmes" | "bmeo" | "bmeso"
            | "ner" | "tsv" => Self::Conll,
            // CoNLL-2012: gold_conll, auto_conll, v4_gold_conll.
            other if other.ends_with("_conll") => Self::Conll,
            "iob" => Self::IobLines,
            "conllu" | "conllubio" => Self::Conllu,
            "spacy" => Self::DocBin,
            "jsonl" | "ndjson" => Self::Jsonl,
            "ann" => Self::Brat,
            "objects" | "spans" | "tokens" => Self::FactRuEval,
            "csv" => Self::Csv,
            "parquet" => Self::Parquet,
            "json" => Self::SpacyJson,
            _ => return None,
        })
    }

    /// True for formats whose corpora may be folders.
    pub(crate) const fn is_kept_in_folders(self) -> bool {
        matches!(self, Self::Brat | Self::FactRuEval | Self::DocBin)
    }

    /// The format whose files a folder holds, for formats that are folders: standoff files, or
    /// the shards of a `.spacy`. Of several that of the first file by name.
    ///
    /// # Errors
    /// A folder that cannot be read, or of other files.
    pub fn of_folder(path: &Path) -> Result<Self, CorpusError> {
        let entries = crate::io::entries(path)?;
        let visible = |path: &&std::path::PathBuf| {
            !path.file_name().unwrap_or_default().to_string_lossy().starts_with('.')
        };
        let found = entries
            .iter()
            .filter(visible)
            .filter_map(|path| Self::from_extension(path))
            .find(|format| format.is_kept_in_folders());
        found.ok_or_else(|| {
            CorpusError::input(
                "folder",
                "a file, or a folder of .ann, .objects or .spacy files",
                "a folder of others",
            )
            .at_path(path.display())
            .with_hint("name the files, or the format with `format`")
        })
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Format {
    type Err = CorpusError;

    /// Reads a name, or one that `spacy convert` has for the format: `spacy`, `iob`, `ner`.
    fn from_str(name: &str) -> Result<Self, CorpusError> {
        match name {
            "spacy" => return Ok(Self::DocBin),
            "iob" => return Ok(Self::IobLines),
            "ner" => return Ok(Self::Conll),
            _ => {}
        }
        Self::ALL.into_iter().find(|format| format.as_str() == name).ok_or_else(|| {
            let expected = format!("one of the formats {}", Self::names());
            let found = format!("{name:?}");
            let error = CorpusError::new(ErrorKind::Usage, "unknown-format", expected, found);
            match name {
                "json" => {
                    error.with_hint("spacy-json is spaCy's training format, jsonl all other JSON")
                }
                "pdf" | "docx" | "html" | "md" | "txt" => {
                    error.with_hint("`ner-align predict` reads documents by their name")
                }
                _ => error,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for format in Format::ALL {
            assert_eq!(format.as_str().parse::<Format>().ok(), Some(format));
        }
        assert_eq!("spacy".parse::<Format>().ok(), Some(Format::DocBin));
        let error = "json".parse::<Format>().unwrap_err();
        assert!(error.hint().is_some_and(|hint| hint.contains("spacy-json")));
        let error = "conl".parse::<Format>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert!(error.to_string().contains("conll, iob-lines"), "{error}");
    }
}
