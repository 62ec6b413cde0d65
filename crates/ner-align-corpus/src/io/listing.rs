//! What a folder holds: corpora and other files. Each file that is left out is reported.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ner_align_core::{Finding, Location, Severity};

use super::{entries, special_kind};
use crate::{CorpusError, Format};

/// The code of a finding about a file that was not read.
pub const FILE_NOT_READ: &str = "file-not-read";

/// Folders within folders that are looked into.
const MAX_DEPTH: usize = 8;

/// Notes that a finding names; more are only counted.
const SHOWN: usize = 10;

/// True for a folder that means the files in it, and not one corpus as a folder of
/// standoff files or of `.spacy` does; `format` is the one that was named.
#[must_use]
pub fn is_folder_of_files(path: &Path, format: Option<Format>) -> bool {
    path.is_dir()
        && match format {
            Some(format) => !format.is_kept_in_folders(),
            None => Format::of_folder(path).is_err(),
        }
}

/// The corpora of a folder and of the folders in it.
#[derive(Debug, Default)]
pub struct Listing {
    /// Files, and folders that are one corpus.
    pub corpora: Vec<PathBuf>,
    /// What is no corpus.
    pub findings: Vec<Finding>,
    /// Folders that cannot be read.
    pub errors: Vec<CorpusError>,
}

impl Listing {
    /// Looks through a folder of files, see [`is_folder_of_files`]. Pipes, sockets and devices are left out.
    /// A folder that several links lead to, or a link back up, is looked into once.
    #[must_use]
    pub fn of(folder: &Path, format: Option<Format>) -> Self {
        let mut walk =
            Walk { listing: Self::default(), format, seen: BTreeSet::new(), links: Vec::new() };
        walk.folder(folder, 0);
        // A folder goes by its own name, also where a link to it comes first by name.
        while let Some((link, depth)) = walk.links.pop() {
            walk.folder(&link, depth);
        }
        let mut listing = walk.listing;
        listing.corpora.sort();
        if listing.corpora.is_empty() && listing.errors.is_empty() {
            let error = CorpusError::input("empty-folder", "a folder of corpora", "none");
            listing.errors.push(error.at_path(folder.display()));
        }
        listing
    }
}

/// A way through folders.
struct Walk {
    listing: Listing,
    format: Option<Format>,
    /// Folders that were looked into, by their canonical paths.
    seen: BTreeSet<PathBuf>,
    /// Links to folders, which wait, with their depth.
    links: Vec<(PathBuf, usize)>,
}

impl Walk {
    /// Takes in a folder, whichever it is.
    fn folder(&mut self, folder: &Path, depth: usize) {
        if depth > MAX_DEPTH {
            let expected = format!("at most {MAX_DEPTH} folders one in another");
            return self.leave_out(folder, &expected, "one more");
        }
        // What cannot be resolved cannot be listed either, which is said there.
        let canonical = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        if self.seen.contains(&canonical) {
            let found = format!("a link to {}", canonical.display());
            return self.leave_out(folder, "each folder once", &found);
        }
        self.seen.insert(canonical);
        if depth > 0 && !is_folder_of_files(folder, self.format) {
            return self.listing.corpora.push(folder.to_owned());
        }
        let entries = match entries(folder) {
            Ok(entries) => entries,
            Err(error) => return self.listing.errors.push(error),
        };
        let (notes, others): (Vec<_>, Vec<_>) = entries.into_iter().partition(|path| is_note(path));
        self.listing.findings.extend(notes_finding(folder, &notes));
        for path in others {
            if path.is_symlink() && path.is_dir() {
                self.links.push((path, depth + 1));
            } else if path.is_dir() {
                self.folder(&path, depth + 1);
            } else if let Some(kind) = special_kind(&path) {
                self.leave_out(&path, "a regular file", kind);
            } else {
                self.listing.corpora.push(path);
            }
        }
    }

    fn leave_out(&mut self, path: &Path, expected: &str, found: &str) {
        self.listing.findings.push(finding(path, expected, found));
    }
}

/// What a reader of a folder of this format leaves out, each file by name.
pub(crate) fn left_out(folder: &Path, format: Format, others: &[PathBuf]) -> Vec<Finding> {
    let (notes, files): (Vec<_>, Vec<_>) = others.iter().cloned().partition(|path| is_note(path));
    let expected = format!("{format} as in the rest of the folder");
    let mut findings: Vec<Finding> = files
        .iter()
        .map(|file| {
            let found = match Format::from_extension(file) {
                _ if file.is_dir() => "a folder".to_owned(),
                _ if special_kind(file).is_some() => {
                    special_kind(file).unwrap_or_default().to_owned()
                }
                Some(other) if other != format => format!("{other} by its name"),
                _ => "another file".to_owned(),
            };
            finding(file, &expected, &found).with_hint("name it, or give it a folder of its own")
        })
        .collect();
    findings.extend(notes_finding(folder, &notes));
    findings
}

/// Says that a file is not read.
#[must_use]
pub fn finding(path: &Path, expected: &str, found: &str) -> Finding {
    let message = format!("expected {expected}, found {found}, not read");
    Finding::new(Severity::Warning, FILE_NOT_READ, message)
        .at(Location::file(path.display().to_string()))
}

/// Reports a file whose format is unknown, and which may not be a corpus.
#[must_use]
pub fn unknown(error: &CorpusError) -> Finding {
    let mut finding = Finding::from(error);
    finding.severity = Severity::Info;
    FILE_NOT_READ.clone_into(&mut finding.code);
    finding.message.push_str(", not read");
    finding
}

/// A hidden file, a licence, a readme and such, which do not hold a corpus.
fn is_note(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let notes = ["readme", "license", "licence", "copying", "changelog"];
    // `annotation.conf` and its like are brat's settings.
    let ends = [".md", ".conf"];
    let noted = notes.iter().any(|note| name.starts_with(note));
    name.starts_with('.')
        || ends.iter().any(|end| name.ends_with(end))
        || (noted && Format::from_extension(path).is_none())
}

/// All notes of a folder in one finding.
fn notes_finding(folder: &Path, notes: &[PathBuf]) -> Option<Finding> {
    if notes.is_empty() {
        return None;
    }
    let names: Vec<String> = notes
        .iter()
        .take(SHOWN)
        .map(|note| note.file_name().unwrap_or_default().display().to_string())
        .collect();
    let more = match notes.len() {
        0..=SHOWN => String::new(),
        count => format!(" and {} more", count - SHOWN),
    };
    let message = format!(
        "expected corpora, found notes or hidden files, not read: {}{more}",
        names.join(", ")
    );
    let finding = Finding::new(Severity::Info, "notes-not-read", message)
        .at(Location::file(folder.display().to_string()));
    Some(finding)
}
