//! The formats: their names, and how a file's is told.

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

    /// The format that a file's extension stands for; `.json` and `.txt` stand for several.
    #[must_use]
    pub fn from_extension(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        Some(match extension.as_str() {
            "conll" | "conll03" | "bio" | "iob2" | "iob1" | "bioes" | "iobes" | "bilou"
            | "biluo" | "ner" | "tsv" => Self::Conll,
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

    /// The format whose files a folder holds, for formats that are folders: standoff files, or
    /// the shards of a `.spacy`.
    ///
    /// # Errors
    /// A folder that cannot be read, or of other files.
    pub fn of_folder(path: &Path) -> Result<Self, CorpusError> {
        let refused = |error| CorpusError::unreadable(path, error);
        let mut found = None;
        for entry in std::fs::read_dir(path).map_err(refused)? {
            let path = entry.map_err(refused)?.path();
            // FactRuEval's folders hold no `.ann`, BRAT's none of the others.
            if let Some(format @ (Self::Brat | Self::FactRuEval | Self::DocBin)) =
                Self::from_extension(&path)
            {
                found = Some(format);
            }
        }
        found.ok_or_else(|| {
            CorpusError::input(
                "folder",
                "a file, or a folder of .ann, .objects or .spacy files",
                "a folder of others",
            )
            .at_path(path.display())
            .with_hint("name the files, or the format with --from")
        })
    }

    /// Tells a file's format from its first bytes and its name; what the content says for sure
    /// comes first, then the name, then what the content looks like.
    #[must_use]
    pub fn sniff(path: Option<&Path>, head: &[u8]) -> Option<Self> {
        if head.starts_with(b"PAR1") {
            return Some(Self::Parquet);
        }
        if crate::docbin::is_docbin(head) {
            return Some(Self::DocBin);
        }
        let valid = std::str::from_utf8(head).map_or_else(|error| error.valid_up_to(), str::len);
        let text = head.get(..valid).and_then(|head| std::str::from_utf8(head).ok());
        let text = text.unwrap_or_default().trim_start_matches('\u{feff}');
        let by_name = path.and_then(Self::from_extension);
        let by_content = Self::from_text(text);
        let first_row = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        match (by_content, by_name) {
            // spaCy's tools give columns the name `.iob` too.
            (Some(Self::Conll), Some(Self::IobLines)) if !first_row.contains('|') => {
                Some(Self::Conll)
            }
            // Tables of tokens that look alike: the name decides.
            (Some(Self::Conll) | None, Some(name)) => Some(name),
            (content, _) => content,
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        match text.trim_start().as_bytes() {
            [b'{', ..] => return Some(Self::Jsonl),
            // spaCy's entries, on one line or many.
            [b'[', ..] if text.contains("\"paragraphs\"") => return Some(Self::SpacyJson),
            // Other documents as one array, or a text and its annotation.
            [b'[', ..] => {
                let tuple = text.trim_start()[1..].trim_start().starts_with(['"', '[']);
                let keys = [
                    "\"text\"",
                    "\"tokens\"",
                    "\"content\"",
                    "\"data\"",
                    "\"annotations\"",
                    "\"completions\"",
                ];
                let told = tuple || keys.iter().any(|key| text.contains(key));
                return Some(if told { Self::Jsonl } else { Self::SpacyJson });
            }
            _ => {}
        }
        if crate::csv::has_header(text) {
            return Some(Self::Csv);
        }
        let mut rows = text.lines().filter(|line| {
            !line.trim().is_empty() && !line.starts_with("# ") && !line.starts_with("-DOCSTART-")
        });
        let row = rows.next()?;
        let columns = row.split('\t').count();
        if columns == 10 && row.starts_with(|c: char| c.is_ascii_digit()) {
            return Some(Self::Conllu);
        }
        let piped = |item: &str| {
            item.rsplit_once('|').is_some_and(|(_, tag)| ner_align_core::Tag::parse(tag).is_ok())
        };
        if columns == 1 && row.split_whitespace().all(piped) {
            return Some(Self::IobLines);
        }
        (row.split_whitespace().count() > 1 || columns > 1).then_some(Self::Conll)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Format {
    type Err = CorpusError;

    fn from_str(name: &str) -> Result<Self, CorpusError> {
        Self::ALL.into_iter().find(|format| format.as_str() == name).ok_or_else(|| {
            let expected = format!("one of the formats {}", Self::names());
            CorpusError::new(ErrorKind::Usage, "unknown-format", expected, format!("{name:?}"))
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
        let error = "conl".parse::<Format>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert!(error.to_string().contains("conll, iob-lines"), "{error}");
    }

    #[test]
    fn formats_are_told() {
        for (name, head, expected) in [
            ("a.conll", "EU B-ORG\n", Some(Format::Conll)),
            ("a.txt", "-DOCSTART- -X- O O\n\nEU NNP B-ORG\n", Some(Format::Conll)),
            ("a", "# id = 1\n1\tEU\tB-ORG\t-\t-\n", Some(Format::Conll)),
            ("a.txt", "EU|B-ORG rejects|O\n", Some(Format::IobLines)),
            ("a.iob", "EU|NNP|B-ORG\n", Some(Format::IobLines)),
            ("columns.iob", "EU\tB-ORG\nrejects\tO\n", Some(Format::Conll)),
            ("a.txt", "1\tEU\tEU\tX\t_\t_\t0\troot\t_\tname=B-ORG\n", Some(Format::Conllu)),
            ("a.json", "[\n  {\"id\": 0", Some(Format::SpacyJson)),
            (
                "a.txt",
                "[{\"id\": 0, \"paragraphs\": [], \"entities\": []}]",
                Some(Format::SpacyJson),
            ),
            ("a.json", "{\"text\": \"\"}\n", Some(Format::Jsonl)),
            ("a.jsonl", "[\"EU\", {\"entities\": []}]\n", Some(Format::Jsonl)),
            ("a.json", "[\n [\"EU\", {\"entities\": []}],\n", Some(Format::Jsonl)),
            ("a.json", "[{\"id\": 1, \"annotations\": [], \"da", Some(Format::Jsonl)),
            ("a.json", "[{\"id\": 1, \"data\": {\"text\": \"EU\"}}]", Some(Format::Jsonl)),
            ("a", "PAR1\0\0", Some(Format::Parquet)),
            ("a.spacy", "x\u{1}", Some(Format::DocBin)),
            ("a.csv", "Sentence #,Word,POS,Tag\n", Some(Format::Csv)),
            ("-", "\nSentence #,Word,POS,Tag\nSentence: 1,a,DT,O\n", Some(Format::Csv)),
            ("a.txt", "id;sent_id;Token;NER\r\n", Some(Format::Csv)),
            ("a.tsv", "sentence_id\tword\ttag\n", Some(Format::Csv)),
            ("a.tsv", "word\ttag\n", Some(Format::Conll)),
            ("a.csv", "word,tag\n", Some(Format::Csv)),
            ("a.ann", "T1\tPER 0 3\tAda\n", Some(Format::Brat)),
            ("a.txt", "", None),
            ("a", "word\n", None),
        ] {
            assert_eq!(
                Format::sniff(Some(name.as_ref()), head.as_bytes()),
                expected,
                "{name} {head:?}"
            );
        }
    }
}
