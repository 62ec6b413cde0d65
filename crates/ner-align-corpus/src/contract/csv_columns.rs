//! The names of columns of tables and of keys of `jsonl`.

use std::str::FromStr;

use crate::text::shorten;
use crate::{CorpusError, ErrorKind};

/// Names of the columns of `csv`, of `parquet`, of CoNLL-U Plus and of `conll` with a header, and of the keys of `jsonl`; those
/// left out are known by their usual names, whatever the case of their letters.
///
/// ```
/// use ner_align_corpus::formats::csv::CsvColumns;
/// let columns: CsvColumns = "word=Wort,tag=NE-Typ".parse()?;
/// assert_eq!(columns.word.as_deref(), Some("Wort"));
/// assert_eq!(columns.sentence, None); // Sentence #, sentence_id, sent, ...
/// assert!("wort=Wort".parse::<CsvColumns>().is_err());
/// # Ok::<(), ner_align_corpus::CorpusError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct CsvColumns {
    /// The document's name, on its first row or on each.
    pub document: Option<String>,
    /// The sentence's name, on its first row or on each.
    pub sentence: Option<String>,
    /// The word.
    pub word: Option<String>,
    /// The tag.
    pub tag: Option<String>,
    /// The text to which the spans belong.
    pub text: Option<String>,
    /// The spans.
    pub spans: Option<String>,
    /// The column of `conll` that says `NoSpaceAfter` where no space follows a word.
    pub misc: Option<String>,
}

ner_align_core::setters! { CsvColumns {
    with_document: document: Option<String>,
    with_sentence: sentence: Option<String>,
    with_word: word: Option<String>,
    with_tag: tag: Option<String>,
    with_text: text: Option<String>,
    with_spans: spans: Option<String>,
    with_misc: misc: Option<String>,
} }

impl FromStr for CsvColumns {
    type Err = CorpusError;

    /// Reads `sentence=NAME,word=NAME,tag=NAME,document=NAME,text=NAME,spans=NAME,misc=NAME`, any of them;
    /// `words` and `tags` are other names of `word` and `tag`.
    fn from_str(text: &str) -> Result<Self, CorpusError> {
        let mut columns = Self::default();
        for part in text.split(',') {
            let refuse = || {
                let expected = "KEY=NAME with one of the keys document, sentence, words, tags, text, spans, misc";
                CorpusError::new(
                    ErrorKind::Usage,
                    "unknown-columns",
                    expected,
                    format!("{:?}", shorten(part)),
                )
                .with_hint("for example `columns: sentence=ID,word=Form,tag=NE`")
            };
            let (key, name) = part.split_once('=').ok_or_else(refuse)?;
            let place = match key.trim() {
                "document" => &mut columns.document,
                "sentence" => &mut columns.sentence,
                "word" | "words" => &mut columns.word,
                "tag" | "tags" => &mut columns.tag,
                "text" => &mut columns.text,
                "spans" | "span" => &mut columns.spans,
                "misc" => &mut columns.misc,
                _ => return Err(refuse()),
            };
            *place = Some(name.trim().to_owned());
        }
        Ok(columns)
    }
}
