//! Files that make up a document together: one name with several extensions.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::io::{entries, left_out};
use crate::{CorpusError, FindingLog, Format};

/// The names of the documents of a folder, or the one of a file that was named, without their
/// ends.
#[derive(Debug)]
pub(crate) struct Stems {
    /// In order, the next one last.
    stems: Vec<PathBuf>,
    /// The folder, or the file.
    pub(crate) path: PathBuf,
    /// What else the folder holds.
    others: Vec<PathBuf>,
    is_folder: bool,
    given: usize,
}

impl Stems {
    /// Looks up the documents at a path: one if it is a file, those of its folder that have a file
    /// with one of the `ends` otherwise, by number or by name. Those with one of the ends `beside`
    /// are theirs too. Names that start with a dot are left alone.
    pub(crate) fn find(path: &Path, ends: &[&str], beside: &[&str]) -> Result<Self, CorpusError> {
        if !path.is_dir() {
            let stems = vec![path.with_extension("")];
            let others = Vec::new();
            return Ok(Self { stems, path: path.to_owned(), others, is_folder: false, given: 0 });
        }
        let (mut found, mut others) = (BTreeSet::new(), Vec::new());
        for file in entries(path)? {
            let hidden = file.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
            let end = file.extension().and_then(|end| end.to_str()).unwrap_or_default();
            if !hidden && ends.contains(&end) && file.is_file() {
                found.insert(file.with_extension(""));
            } else {
                others.push(file);
            }
        }
        others.retain(|file| {
            let end = file.extension().and_then(|end| end.to_str()).unwrap_or_default();
            !(beside.contains(&end) && found.contains(&file.with_extension("")))
        });
        let mut stems: Vec<PathBuf> = found.into_iter().collect();
        stems.sort_by_key(|stem| std::cmp::Reverse((order(stem), stem.clone())));
        Ok(Self { stems, path: path.to_owned(), others, is_folder: true, given: 0 })
    }

    /// Names in the log what else the folder holds.
    pub(crate) fn note_others(&self, format: Format, log: &mut FindingLog) {
        for finding in left_out(&self.path, format, &self.others) {
            log.push(finding);
        }
    }

    /// The next name, and the document's own: `None` for one that is its number in the folder.
    pub(crate) fn next(&mut self) -> Option<(PathBuf, Option<String>)> {
        let stem = self.stems.pop()?;
        self.given += 1;
        let name = stem.file_name().map(|name| name.to_string_lossy().into_owned());
        let numbered = self.is_folder.then(|| id_of(self.given));
        let id = name.filter(|name| Some(name) != numbered.as_ref());
        Some((stem, id))
    }
}

/// The name of a document that has none but its number, from 1.
pub(crate) fn id_of(number: usize) -> String {
    format!("{number:04}")
}

/// Names that are numbers come in the order of these, all others after them.
fn order(stem: &Path) -> u64 {
    stem.file_name().and_then(|name| name.to_str()?.parse().ok()).unwrap_or(u64::MAX)
}

/// The file of a name with this end.
pub(crate) fn file_of(stem: &Path, end: &str) -> PathBuf {
    let mut path = stem.as_os_str().to_owned();
    path.push(".");
    path.push(end);
    path.into()
}
