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

/// The terms of a word list: `TERM<TAB>LABEL` a line; or one term a line without tabs, the label
/// being the file's name up to its last full stop.
pub(super) fn terms(path: &Path) -> Result<Vec<Entry>, CorpusError> {
    const HINT: &str = "give each term its label after a tab, or none of them: then the file's name is \
                        the label, as in CITY.txt";
    let source = Source::open(path, Encoding::Utf8)?;
    let of_file =
        source.inner().file_stem().and_then(|stem| Label::new(stem.to_string_lossy().trim()));
    let mut with_labels = None;
    entries(source, "word list", |line| {
        let fields: Vec<&str> = line.split('\t').map(str::trim).collect();
        let with_labels = *with_labels.get_or_insert(fields.len() > 1);
        match fields.as_slice() {
            [term] if !with_labels => {
                let label = of_file.clone().ok_or(("a file name that is a label", HINT))?;
                Ok(((*term).to_owned(), label))
            }
            [term, label] if with_labels && !term.is_empty() => {
                let label = Label::new(label).filter(is_label);
                Ok(((*term).to_owned(), label.ok_or(("TERM<TAB>LABEL", HINT))?))
            }
            _ if with_labels => Err(("TERM<TAB>LABEL, as in the lines before", HINT)),
            _ => Err(("a term without a tab, as in the lines before", HINT)),
        }
    })
}

/// The patterns of a file: `LABEL<TAB>PATTERN` a line.
pub(super) fn patterns(path: &Path) -> Result<Vec<Entry>, CorpusError> {
    const HINT: &str = "give each pattern its label before a tab, as in YEAR<TAB>(19|20)[0-9]{2}";
    entries(Source::open(path, Encoding::Utf8)?, "list of patterns", |line| {
        let (label, pattern) = line.split_once('\t').ok_or(("LABEL<TAB>PATTERN", HINT))?;
        match Label::new(label.trim()) {
            Some(label) if is_label(&label) && !pattern.is_empty() => {
                Ok((pattern.to_owned(), label))
            }
            _ => Err(("LABEL<TAB>PATTERN", HINT)),
        }
    })
}

/// Labels become tags, which hold no white space.
fn is_label(label: &Label) -> bool {
    !label.as_str().contains(char::is_whitespace)
}

/// Every line but those that are blank or a comment: `# ` and no tab.
fn entries(
    source: Source,
    what: &str,
    mut read: impl FnMut(&str) -> Result<(String, Label), (&'static str, &'static str)>,
) -> Result<Vec<Entry>, CorpusError> {
    let name = source.name().to_owned();
    let mut lines = Lines::new(source.into_stream(), name.clone());
    let mut entries = Vec::new();
    while lines.next_line()?.is_some() {
        let line = lines.current();
        let comment = (line == "#" || line.starts_with("# ")) && !line.contains('\t');
        if comment || line.trim().is_empty() {
            continue;
        }
        let (text, label) = read(line).map_err(|(expected, hint)| {
            CorpusError::input(
                "list-line",
                expected,
                format!("{:?}", ner_align_corpus::text::shorten(line)),
            )
            .at_path(&name)
            .at(lines.number(), None)
            .with_hint(hint)
        })?;
        entries.push(Entry { text, label, line: lines.number() });
    }
    if entries.is_empty() {
        return Err(
            CorpusError::input("empty-list", format!("a {what}"), "an empty file").at_path(&name)
        );
    }
    Ok(entries)
}
