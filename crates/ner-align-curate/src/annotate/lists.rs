//! Files of terms and of patterns.

use std::path::Path;

use ner_align_core::Label;

use ner_align_corpus::text::Lines;
use ner_align_corpus::{CorpusError, Encoding, Source};

/// A term or a pattern with its label and its line.
pub(super) struct Entry {
    pub(super) text: String,
    pub(super) label: Label,
    pub(super) line: u64,
}

/// What a column of labels is called in a first line that names the columns.
const HEADERS: [&str; 6] = ["label", "type", "tag", "class", "category", "entity_type"];

/// The terms of a word list: `TERM<TAB>LABEL` a line, or `TERM,LABEL`, with or without a line that
/// names the columns; or one term a line, the label being the file's name up to its last full stop.
pub(super) fn terms(path: &Path) -> Result<Vec<Entry>, CorpusError> {
    const HINT: &str = "give each term its label after a tab, or none of them: then the file's name is \
                        the label, as in CITY.txt";
    let separator = separator(path)?;
    let source = Source::open(path, Encoding::Utf8)?;
    let of_file =
        source.inner().file_stem().and_then(|stem| Label::new(stem.to_string_lossy().trim()));
    entries(source, "word list", |line, first| {
        let fields = fields(line, separator);
        match fields.as_slice() {
            [_, name] if separator.is_some() && first && is_header(name) => Ok(None),
            [term] if separator.is_none() => {
                let label = of_file.clone().ok_or(("a file name that is a label", HINT))?;
                Ok(Some(((*term).to_owned(), label)))
            }
            [term, label] if separator.is_some() && !term.is_empty() => {
                let label = Label::new(label).filter(is_label);
                Ok(Some(((*term).to_owned(), label.ok_or(("TERM<TAB>LABEL", HINT))?)))
            }
            _ if separator.is_some() => Err(("TERM<TAB>LABEL, as in the lines before", HINT)),
            _ => Err(("a term without a tab, as in the lines before", HINT)),
        }
    })
}

fn is_header(name: &str) -> bool {
    HEADERS.iter().any(|header| name.eq_ignore_ascii_case(header))
}

/// A line without a separator is one field; commas may be part of a term.
fn fields(line: &str, separator: Option<char>) -> Vec<&str> {
    match separator {
        Some(',') => line.rsplit_once(',').map_or_else(
            || vec![line.trim()],
            |(term, label)| [term, label].map(|field| field.trim().trim_matches('"')).to_vec(),
        ),
        _ => line.split('\t').map(str::trim).collect(),
    }
}

/// What parts terms from labels: a tab if the first line has one; a comma if all lines end in a
/// comma and a word in capitals, as `Oslo,CITY`.
fn separator(path: &Path) -> Result<Option<char>, CorpusError> {
    let capitals = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_uppercase() || b == b'_' || b == b'-')
    };
    let (mut tabs, mut commas) = (None, true);
    entries(Source::open(path, Encoding::Utf8)?, "word list", |line, first| {
        tabs.get_or_insert(line.contains('\t'));
        let named = |label: &&str| capitals(label) || (first && is_header(label));
        commas &= fields(line, Some(',')).get(1).is_some_and(named);
        Ok(None)
    })?;
    Ok(if tabs == Some(true) { Some('\t') } else { commas.then_some(',') })
}

/// The patterns of a file: `LABEL<TAB>PATTERN` a line.
pub(super) fn patterns(path: &Path) -> Result<Vec<Entry>, CorpusError> {
    const HINT: &str = "give each pattern its label before a tab, as in YEAR<TAB>(19|20)[0-9]{2}";
    entries(Source::open(path, Encoding::Utf8)?, "list of patterns", |line, _| {
        let (label, pattern) = line.split_once('\t').ok_or(("LABEL<TAB>PATTERN", HINT))?;
        match Label::new(label.trim()) {
            Some(label) if is_label(&label) && !pattern.is_empty() => {
                Ok(Some((pattern.to_owned(), label)))
            }
            _ => Err(("LABEL<TAB>PATTERN", HINT)),
        }
    })
}

/// Labels become tags, which hold no white space.
fn is_label(label: &Label) -> bool {
    !label.as_str().contains(char::is_whitespace)
}

/// What a line says, if it says anything, or what was expected and a hint.
type Read = Result<Option<(String, Label)>, (&'static str, &'static str)>;

/// Every line but those that are blank or a comment: `# ` and no tab. `read` is told which is the
/// first.
fn entries(
    source: Source,
    what: &str,
    mut read: impl FnMut(&str, bool) -> Read,
) -> Result<Vec<Entry>, CorpusError> {
    let name = source.name().to_owned();
    let mut lines = Lines::new(source.into_stream(), name.clone());
    let mut entries = Vec::new();
    let mut first = true;
    while lines.next_line()?.is_some() {
        let line = lines.current();
        let comment = (line == "#" || line.starts_with("# ")) && !line.contains('\t');
        if comment || line.trim().is_empty() {
            continue;
        }
        let read = read(line, std::mem::take(&mut first)).map_err(|(expected, hint)| {
            CorpusError::input(
                "list-line",
                expected,
                format!("{:?}", ner_align_corpus::text::shorten(line)),
            )
            .at_path(&name)
            .at(lines.number(), None)
            .with_hint(hint)
        })?;
        if let Some((text, label)) = read {
            entries.push(Entry { text, label, line: lines.number() });
        }
    }
    if first {
        return Err(
            CorpusError::input("empty-list", format!("a {what}"), "an empty file").at_path(&name)
        );
    }
    Ok(entries)
}
