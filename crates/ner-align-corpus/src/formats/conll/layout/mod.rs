//! What the start of a file says of its rows: which column holds what.

mod header;
mod index;
mod language;
mod levels;
mod names;
mod sample;
mod tag_column;

use ner_align_core::{Finding, Severity};
use rustc_hash::FxHashSet;

pub(super) use header::says_no_space;
pub(super) use sample::Sample;

use self::index::Counting;
use self::tag_column::Content;
use super::columns::resolve;
use super::options::ConllOptions;
use crate::CorpusError;
use crate::text::{python, shorten};

/// Spellings that are remembered to tell rows from comments.
const MAX_KNOWN: usize = 256;

/// What the TSV of WebAnno and INCEpTION starts with.
const WEBANNO: &str = "#FORMAT=WebAnno";

/// What the column of tags holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Annotation {
    /// A tag each.
    Tags,
    /// Brackets around entities: `(PER*`, `*)`.
    Brackets,
    /// The rows of CoNLL-2012, with brackets behind a speaker that may have spaces.
    Ontonotes,
    /// Numbers of tags that have names.
    Numbers,
    /// Nothing, or something else than tags: no word is annotated.
    Nothing,
    /// Rows have no column of tags.
    WordsAlone,
}

/// Where a row has its word and its tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) token: i64,
    pub(super) tag: i64,
    pub(super) annotation: Annotation,
    /// Fields of a row; `None` where rows differ.
    pub(super) width: Option<usize>,
    /// The row of names, which is no word.
    pub(super) header: Option<String>,
    /// What stands in the column of tags without being one in the usual spelling.
    pub(super) known: FxHashSet<Box<str>>,
    /// What stands before each word, and is not part of it.
    pub(super) prefix: Option<Box<str>>,
    /// Comments name documents as those of HIPE do.
    pub(super) hipe: bool,
    /// The column that says where no space follows a word.
    pub(super) misc: Option<usize>,
    /// The column that counts the sentences, whose numbers alone bound them.
    pub(super) sentence: Option<usize>,
}

impl Layout {
    /// The word in the first column and the tag in the last one.
    pub(super) fn usual(width: Option<usize>) -> Self {
        Self {
            token: 0,
            tag: -1,
            annotation: Annotation::Tags,
            width,
            header: None,
            known: FxHashSet::default(),
            prefix: None,
            hipe: false,
            misc: None,
            sentence: None,
        }
    }
}

/// The layout of the rows of `head`, and what is to be said of it.
///
/// Without an index, a header and other signs a row has its word first and its tag last. The errors
/// lack the path.
pub(super) fn decide(
    head: &str,
    options: &ConllOptions,
) -> Result<(Layout, Vec<Finding>), CorpusError> {
    if head.starts_with(WEBANNO) {
        let found = "the TSV of WebAnno or INCEpTION";
        return Err(CorpusError::input("webanno", "a word and a tag a line", found)
            .at(1, None)
            .with_hint("export the document as CoNLL 2002 or CoNLL-U there"));
    }
    let mut sample = Sample::of(head, options.delimiter);
    let named = (options.token_column, options.tag_column);
    if let Some(error) = python::refused_rows(sample.lines()) {
        return Err(error);
    }
    if sample.is_ontonotes() && named == (None, None) && options.more_tag_columns.is_empty() {
        let mut layout = Layout::usual(None);
        (layout.token, layout.annotation) = (3, Annotation::Ontonotes);
        return Ok((layout, vec![ontonotes()]));
    }
    let width = sample.even_width();
    let several = !options.more_tag_columns.is_empty();
    if named == (None, None) && sample.is_plain() {
        let prefix = language::prefix(&sample);
        let findings = prefix.iter().map(|prefix| language::finding(prefix)).collect();
        return Ok((Layout { prefix, ..Layout::usual(width) }, findings));
    }
    let mut layout = Layout::usual(width);
    if named == (None, None) && !several && sample.is_words() {
        layout.annotation = Annotation::WordsAlone;
        return Ok((layout, vec![words_alone(&sample)]));
    }
    let Some(width) = width else {
        layout.token = options.token_column.unwrap_or(0);
        layout.tag = options.tag_column.unwrap_or(-1);
        if named == (None, None) && sample.is_text() {
            return Err(no_columns(&sample));
        }
        layout.remember(&sample);
        return Ok((layout, Vec::new()));
    };
    let mut findings = Vec::new();
    let header = header::of(&sample, width, options.tag_column, &options.columns);
    if let Some(header) = &header {
        layout.header = Some(sample.line(0).to_owned());
        findings.push(header.finding(&sample));
        (layout.hipe, layout.misc) = (header.hipe, header.misc);
        if let Some(error) = header.missing(&options.columns) {
            return Err(error.at(sample.number(0), None));
        }
        sample.remove_first();
    }
    let index = index::counting(&sample, width);
    let named_word = header.as_ref().and_then(|header| header.word);
    let named_tag = header.as_ref().and_then(|header| header.tag);
    let content = Content::of(&sample, width);
    let place = |column: Option<i64>| column.and_then(|column| resolve(column, width));
    let sure = matches!(index, Counting::Words | Counting::Sentences);
    let tag =
        place(options.tag_column).or(named_tag).unwrap_or_else(|| content.choose(&sample, sure));
    let counting = sure || (index == Counting::PerhapsWords && tag > 1 && tag + 1 < width);
    let outer = (options.tag_column.is_none() && named_tag.is_none() && !several)
        .then(|| levels::other(&sample, counting, tag))
        .flatten();
    let (tag, other) = match outer {
        Some(levels) => (levels.read, Some(levels)),
        None => (tag, None),
    };
    let token = place(options.token_column).or(named_word).unwrap_or_else(|| {
        let first = usize::from(counting);
        if first == tag && first + 1 < width { first + 1 } else { first }
    });
    let token = if token == tag && options.token_column.is_none() { 0 } else { token };
    layout.token = options.token_column.unwrap_or(token as i64);
    // The usual column counts from the end, so that ragged rows are read as they always were.
    let last = tag + 1 == width;
    layout.tag = options.tag_column.unwrap_or(if last { -1 } else { tag as i64 });
    layout.annotation = content.annotation(&sample, tag, options)?;
    if several && layout.annotation != Annotation::Tags {
        return Err(CorpusError::input(
            "levels",
            "columns of tags such as B-PER",
            "something else",
        )
        .at(sample.number(0), Some(tag as u64 + 1))
        .with_hint("name one column of tags with `tag_column`"));
    }
    layout.remember(&sample);
    let guessed =
        (layout.token, layout.tag) != (0, -1) || layout.annotation == Annotation::Brackets;
    if guessed && header.is_none() && named == (None, None) {
        findings.push(columns_guessed(counting, token, tag, layout.annotation));
    }
    if index == Counting::Sentences && layout.token == 1 {
        layout.sentence = index::bound_sentences(&sample, tag).then_some(0);
        findings.push(index::sentence_numbers(layout.sentence.is_some()));
    }
    findings.extend(other.map(|levels| levels.finding()));
    if layout.annotation == Annotation::Nothing && !content.is_said(tag) {
        findings.push(no_tags(&sample, tag));
    }
    Ok((layout, findings))
}

impl Layout {
    fn remember(&mut self, sample: &Sample<'_>) {
        for row in 0..sample.len() {
            let cells = sample.cells(row);
            let tag = resolve(self.tag, cells.len()).and_then(|at| cells.get(at));
            let Some(tag) = tag.map(|tag| tag.trim_matches(' ')) else { continue };
            if self.known.len() < MAX_KNOWN && tag != "O" && !self.known.contains(tag) {
                self.known.insert(tag.into());
            }
        }
    }
}

/// The error of rows that differ and have no tags.
fn no_columns(sample: &Sample<'_>) -> CorpusError {
    let found = format!("lines of text such as {:?}", shorten(sample.line(0)));
    CorpusError::input("no-columns", "rows of as many fields, with a tag each", found)
        .at(sample.number(0), None)
        .with_hint(
            "name the format with `format`, or the column of the tags with `tag_column` if these are \
             columns",
        )
}

fn ontonotes() -> Finding {
    let message = "expected words and tags, found rows of CoNLL-2012; words are read from column 4, \
                   entities from the brackets in column 11";
    Finding::new(Severity::Info, "columns-guessed", message)
        .with_hint("name other columns with `token_column` and `tag_column`")
}

fn columns_guessed(counting: bool, token: usize, tag: usize, annotation: Annotation) -> Finding {
    let index = if counting { "an index in column 1, " } else { "" };
    let what = if annotation == Annotation::Brackets { "brackets" } else { "tags" };
    let message = format!(
        "expected words in the first column and tags in the last, found {index}words in column {} \
         and {what} in column {}",
        token + 1,
        tag + 1
    );
    Finding::new(Severity::Info, "columns-guessed", message)
        .with_hint(format!("name the columns with `token_column: {token}` and `tag_column: {tag}`"))
}

fn words_alone(sample: &Sample<'_>) -> Finding {
    let message = format!(
        "expected a word and a tag a line, found a word a line, such as {:?}; the words are read as \
         not annotated",
        shorten(sample.line(0))
    );
    Finding::new(Severity::Warning, "no-annotation", message)
        .with_hint("name the delimiter of the columns with `delimiter` if these are several")
}

fn no_tags(sample: &Sample<'_>, tag: usize) -> Finding {
    let shown = sample.cells(0).get(tag).map_or_else(String::new, |cell| shorten(cell));
    let message = format!(
        "expected tags in column {}, found none, such as {shown:?}; the words are read as not annotated",
        tag + 1
    );
    Finding::new(Severity::Warning, "no-annotation", message)
        .with_hint("name the column of the tags with `tag_column`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found() {
        for (head, token, tag) in [
            ("a\tO\nb\tB-X\n", 0, -1),
            ("1\ta\tO\t-\t-\n2\tb\tB-X\t-\tann\n\n1\tc\tO\t-\t-\n", 1, 2),
            ("a\tO\t_\nb\tB-X\t_\n", 0, 1),
            // Nothing is known of any column, or of too many: the usual ones.
            ("a\t-\nb\t-\n", 0, -1),
            ("a\tTIM\nb\tTIM\n", 0, -1),
            ("", 0, -1),
            // An index from 0, through the file, and a first column of years.
            ("0 a DT O\n1 b NN O\n", 1, -1),
            ("1 a O\n2 b O\n\n3 c O\n4 d B-X\n", 1, -1),
            ("1990 CD O\n1991 CD O\n", 0, -1),
            ("1 CD O\n\n1 CD O\n", 0, -1),
            ("O\ta\nB-X\tb\n", 1, 0),
            ("B_X\ta\nO\tb\nI_X\tO\n", 1, 0),
        ] {
            let (layout, _) = decide(head, &ConllOptions::default()).unwrap();
            assert_eq!((layout.token, layout.tag), (token, tag), "{head:?}");
        }
        let numbers = decide("1 2 3\n", &ConllOptions::default()).unwrap_err();
        assert!(numbers.hint().unwrap().contains("`tag_names: O,B-PER,I-PER`"));
    }
}
