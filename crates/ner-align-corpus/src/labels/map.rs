//! Renaming and dropping of entity types, so that corpora can be joined.

use std::collections::{BTreeMap, BTreeSet};

use ner_align_core::Label;

use crate::{CorpusError, ErrorKind};

/// What becomes of each entity type: first renamed, then dropped by its new name.
///
/// ```
/// use ner_align_corpus::LabelMap;
/// let labels = LabelMap::parse(&["PERSON=PER", "GPE=LOC"], &["MISC"])?;
/// assert_eq!(labels.get("GPE").unwrap().as_str(), "LOC");
/// assert_eq!(labels.get("MISC"), None);
/// assert!(LabelMap::parse(&["PER"], &[]).is_err());
/// # Ok::<(), ner_align_corpus::CorpusError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LabelMap {
    names: BTreeMap<String, Label>,
    dropped: BTreeSet<String>,
}

impl LabelMap {
    /// Reads `FROM=TO` pairs and names to drop. A name that stands for several is named several
    /// times on the right, and once on the left.
    ///
    /// # Errors
    /// A pair without `=`, with an empty side, or a left side that was given another name before.
    pub fn parse<S: AsRef<str>>(map: &[S], drop: &[S]) -> Result<Self, CorpusError> {
        let mut names: BTreeMap<String, Label> = BTreeMap::new();
        for pair in map {
            let pair = pair.as_ref();
            let parts = pair.split_once('=').filter(|(from, _)| !from.is_empty());
            let Some((from, to)) = parts.and_then(|(from, to)| Some((from, Label::new(to)?)))
            else {
                return Err(usage("FROM=TO", format!("{pair:?}"))
                    .with_hint("to leave a label out, name it in `drop`"));
            };
            match names.get(from) {
                Some(before) if *before != to => {
                    let found = format!("{before} and {to} for {from}");
                    return Err(usage("one new name for each label", found));
                }
                _ => names.insert(from.to_owned(), to),
            };
        }
        Ok(Self { names, dropped: drop.iter().map(|name| name.as_ref().to_owned()).collect() })
    }

    /// True if nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.dropped.is_empty()
    }

    /// The new name of a label; `None` if it is dropped.
    #[must_use]
    pub fn get(&self, label: &str) -> Option<Label> {
        let new = self.names.get(label).cloned().or_else(|| Label::new(label))?;
        (!self.dropped.contains(new.as_str())).then_some(new)
    }

    /// The new name of a label, dropped or not.
    pub(crate) fn renamed(&self, label: &Label) -> Label {
        self.names.get(label.as_str()).unwrap_or(label).clone()
    }

    /// The labels that get another name.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(String::as_str)
    }

    /// The labels that are dropped.
    pub(crate) fn dropped(&self) -> impl Iterator<Item = &str> {
        self.dropped.iter().map(String::as_str)
    }
}

fn usage(expected: &str, found: String) -> CorpusError {
    CorpusError::new(ErrorKind::Usage, "label-map", expected, found)
}
