//! Which column of a header holds what.

use crate::CorpusError;
use crate::contract::CsvColumns;
use crate::formats::tagged::looks_like_tag;
use crate::text::shorten;

/// The usual names, the likelier ones first.
const DOCUMENTS: &[&str] = &["document", "document #", "document_id", "doc_id", "docid", "doc"];
pub(super) const SENTENCES: &[&str] = &[
    "sentence #",
    "sentence_id",
    "sentence_idx",
    "sentence",
    "sentence id",
    "sentence_number",
    "sent_id",
    "sent",
];
const WORDS: &[&str] = &["word", "token", "text", "words", "tokens"];
pub(super) const TAGS: &[&str] =
    &["tag", "ner", "label", "ner_tag", "ner_tags", "tags", "labels", "entity"];

/// Indices of the columns of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) document: Option<usize>,
    pub(super) sentence: Option<usize>,
    pub(super) word: usize,
    pub(super) tag: usize,
}

impl Layout {
    /// The columns of this header; the error still lacks its place.
    pub(super) fn of(header: &[&str], wanted: &CsvColumns) -> Result<Self, CorpusError> {
        let word = required(header, "word", wanted.word.as_deref(), WORDS)?;
        let tag = required(header, "tag", wanted.tag.as_deref(), TAGS)?;
        let optional = |key, wanted: Option<&str>, usual| match wanted {
            Some(_) => required(header, key, wanted, usual).map(Some),
            None => Ok(find(header, wanted, usual)),
        };
        let layout = Self {
            document: optional("document", wanted.document.as_deref(), DOCUMENTS)?,
            sentence: optional("sentence", wanted.sentence.as_deref(), SENTENCES)?,
            word,
            tag,
        };
        let mut used: Vec<usize> =
            [layout.document, layout.sentence].into_iter().flatten().collect();
        used.extend([word, tag]);
        used.sort_unstable();
        if let Some(twice) = used.windows(2).find(|pair| pair[0] == pair[1]) {
            let name = header.get(twice[0]).copied().unwrap_or_default();
            let found = format!("{:?} twice", shorten(name));
            return Err(CorpusError::input("same-column", "a column for each thing", found)
                .with_hint("name the columns with `columns: sentence=NAME,word=NAME,tag=NAME`"));
        }
        Ok(layout)
    }

    /// Two columns alone.
    pub(super) const fn of_words(word: usize, tag: usize) -> Self {
        Self { document: None, sentence: None, word, tag }
    }

    /// True if the header can be none but that of a table of tokens.
    pub(super) fn is_told(header: &[&str]) -> bool {
        let has = |usual| find(header, None, usual).is_some();
        has(WORDS) && has(TAGS) && (has(SENTENCES) || has(DOCUMENTS))
    }

    pub(super) fn holds(self, column: usize) -> bool {
        [self.document, self.sentence, Some(self.word), Some(self.tag)].contains(&Some(column))
    }
}

/// The column of the name that was given, or of the likeliest usual one.
fn find(header: &[&str], wanted: Option<&str>, usual: &[&str]) -> Option<usize> {
    let loosely = |name: &str| header.iter().position(|own| own.trim().eq_ignore_ascii_case(name));
    match wanted {
        Some(name) => header.iter().position(|own| own.trim() == name).or_else(|| loosely(name)),
        None => usual.iter().find_map(|name| loosely(name)),
    }
}

fn required(
    header: &[&str],
    key: &str,
    wanted: Option<&str>,
    usual: &[&str],
) -> Result<usize, CorpusError> {
    find(header, wanted, usual).ok_or_else(|| {
        let expected = match wanted {
            Some(name) => format!("a header with the column {:?}", shorten(name)),
            None => format!("a header with a column of {key}s, such as {:?}", usual[0]),
        };
        let shown: Vec<String> = header.iter().take(12).map(|name| shorten(name)).collect();
        let error = CorpusError::input("no-column", expected, format!("{:?}", shown.join(", ")));
        if header.iter().any(|cell| looks_like_tag(cell.trim()) && cell.trim().len() > 2) {
            return error.with_format_hint(
                "the first row seems to be no header: write one, such as word,tag, or read the table \
                 with `format: conll` and its `delimiter`",
            );
        }
        error.with_hint(format!("name it with `columns: {key}=NAME`; csv needs a header"))
    })
}
