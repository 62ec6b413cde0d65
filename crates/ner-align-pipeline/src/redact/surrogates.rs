//! Other names in place of names.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::path::Path;

use ner_align_core::{Label, MAX_SETTINGS_BYTES, read_text_at_most};
use sha2::{Digest, Sha256};

use super::{same, spans_of};
use crate::PipelineError;

/// Texts of each type that take the place of others. The same text gets the same surrogate everywhere, and different
/// ones get different surrogates as long as there are enough; never does a text stand for itself.
///
/// What is chosen follows from the seed, and from the texts in their order.
///
/// ```
/// use ner_align_pipeline::redact::Surrogates;
/// let mut names = Surrogates::new([("PER".parse()?, "Ada".into()), ("PER".parse()?, "Eve".into())], 1);
/// assert_eq!(names.of(&"PER".parse()?, "Ada")?, "Eve");
/// assert_eq!(names.of(&"PER".parse()?, "Bob")?, "Ada");
/// assert!(names.of(&"LOC".parse()?, "Oslo").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Surrogates {
    texts: BTreeMap<Label, Vec<String>>,
    seed: u64,
    given: HashMap<(Label, String), String>,
    used: HashMap<Label, HashSet<usize>>,
}

impl Surrogates {
    /// Surrogates out of these texts; each is taken once.
    #[must_use]
    pub fn new(texts: impl IntoIterator<Item = (Label, String)>, seed: u64) -> Self {
        let mut unique: BTreeMap<Label, BTreeSet<String>> = BTreeMap::new();
        for (label, text) in texts {
            if !text.trim().is_empty() {
                unique.entry(label).or_default().insert(same(&text));
            }
        }
        let texts = unique.into_iter().map(|(label, texts)| (label, texts.into_iter().collect()));
        Self { texts: texts.collect(), seed, ..Self::default() }
    }

    /// Surrogates out of the entities of documents themselves.
    #[must_use]
    pub fn of_documents<'a>(
        documents: impl IntoIterator<Item = &'a ner_align_core::Document>,
        seed: u64,
    ) -> Self {
        let texts = documents.into_iter().flat_map(|document| {
            spans_of(document).into_iter().map(|(span, label)| {
                let text = document.text().chars().skip(span.start).take(span.len());
                (label, text.collect())
            })
        });
        Self::new(texts, seed)
    }

    /// Surrogates out of a file: a type and a text a line, with a tab between them. Empty lines and those that begin
    /// with `#` are passed over.
    ///
    /// # Errors
    /// [`PipelineError::Io`] for a file that cannot be read, and [`PipelineError::Data`] for a line without both.
    pub fn read(path: impl AsRef<Path>, seed: u64) -> Result<Self, PipelineError> {
        let path = path.as_ref();
        let file = File::open(path).and_then(|file| read_text_at_most(file, MAX_SETTINGS_BYTES));
        let text = file.map_err(|error| PipelineError::io(path, error))?;
        let lines = text.lines().zip(1..);
        let lines = lines.filter(|(line, _)| !line.trim().is_empty() && !line.starts_with('#'));
        let parsed = lines.map(|(line, number)| {
            let parts = line.split_once('\t').and_then(|(label, text)| {
                Some((
                    Label::new(label.trim())?,
                    Some(text).filter(|text| !text.trim().is_empty())?,
                ))
            });
            let (label, text) = parts.ok_or_else(|| PipelineError::Data {
                place: format!("{}:{number}", path.display()),
                expected: "a type, a tab and a text".to_owned(),
                found: format!("{line:?}"),
                hint: None,
            })?;
            Ok((label, text.to_owned()))
        });
        Ok(Self::new(parsed.collect::<Result<Vec<_>, PipelineError>>()?, seed))
    }

    /// What takes the place of a text of this type.
    ///
    /// # Errors
    /// [`PipelineError::Data`] if there is no other text of the type.
    pub fn of(&mut self, label: &Label, text: &str) -> Result<&str, PipelineError> {
        let key = (label.clone(), same(text));
        if !self.given.contains_key(&key) {
            let chosen = self.choose(label, &key.1)?;
            self.given.insert(key.clone(), chosen);
        }
        Ok(self.given.get(&key).map(String::as_str).unwrap_or_default())
    }

    fn choose(&mut self, label: &Label, text: &str) -> Result<String, PipelineError> {
        let texts = self.texts.get(label).map_or(&[][..], Vec::as_slice);
        let others = texts.iter().filter(|other| *other != text).count();
        if others == 0 {
            return Err(PipelineError::Data {
                place: "surrogates".to_owned(),
                expected: format!("a text of the type {label} that is not the one to replace"),
                found: "none".to_owned(),
                hint: Some("give a list of surrogates with more texts of the type".to_owned()),
            });
        }
        let used = self.used.entry(label.clone()).or_default();
        let is_free = |at: &usize| !used.contains(at) && texts[*at] != text;
        let start = hash(self.seed, label, text) % texts.len() as u64;
        let order = || (0..texts.len()).map(|step| (start as usize + step) % texts.len());
        if order().find(is_free).is_none() {
            used.clear();
        }
        let is_free = |at: &usize| !used.contains(at) && texts[*at] != text;
        let at = order().find(is_free).unwrap_or_default();
        used.insert(at);
        Ok(texts[at].clone())
    }
}

/// A number that follows from these, on any machine.
fn hash(seed: u64, label: &Label, text: &str) -> u64 {
    let mut hash = Sha256::new();
    hash.update(seed.to_le_bytes());
    hash.update(label.as_str());
    hash.update([0]);
    hash.update(text);
    hash.finalize().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}
