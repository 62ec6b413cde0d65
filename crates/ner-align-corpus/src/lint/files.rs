//! Files to check, of one format or several.

use std::path::{Path, PathBuf};

use ner_align_core::{Finding, Severity};

use super::checker::{Checker, Report};
use crate::corpus::open_told;
use crate::{CorpusError, ErrorKind, Format, ReadOptions};

/// Folders within folders that are looked into.
const MAX_DEPTH: usize = 8;

/// Reads the inputs, and what they are compared with, and checks them; `-` is standard input, a
/// folder stands for all files and folders in it, notes and licences apart, unless its format is
/// one of folders.
///
/// A file that is missing or damaged is a finding; the check goes on with the next.
///
/// ```
/// use ner_align_corpus::ReadOptions;
/// use ner_align_corpus::lint::{Checker, LintOptions, check};
/// let checker = Checker::new(&LintOptions::default());
/// # let folder = tempfile::tempdir()?;
/// let (train, dev) = (folder.path().join("train.conll"), folder.path().join("dev.conll"));
/// std::fs::write(&train, "Oslo\tI-LOC\n")?;
/// std::fs::write(&dev, "Oslo\tB-LOC\n")?;
/// let report = check(checker, &[train], &[dev], &ReadOptions::default())?;
/// report.findings.iter().for_each(|finding| println!("{finding}"));
/// assert!(!report.findings.is_empty()); // the same sentence on both sides, for one
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Only what is not the inputs' fault: options that make no sense, a machine that fails.
pub fn check<P: AsRef<Path>, Q: AsRef<Path>>(
    mut checker: Checker,
    inputs: &[P],
    against: &[Q],
    options: &ReadOptions,
) -> Result<Report, CorpusError> {
    // The log of the check limits what is kept; the reader's would keep the first code only.
    let options = ReadOptions { max_findings: usize::MAX, ..options.clone() };
    for path in inputs {
        read(&mut checker, path.as_ref(), false, &options, 0)?;
    }
    for path in against {
        read(&mut checker, path.as_ref(), true, &options, 0)?;
    }
    checker.note_unused_labels(&options.labels);
    Ok(checker.finish())
}

fn read(
    checker: &mut Checker,
    path: &Path,
    against: bool,
    options: &ReadOptions,
    depth: usize,
) -> Result<(), CorpusError> {
    if !is_folder_of_files(path, options) {
        return read_file(checker, path, against, options, depth > 0);
    }
    let files = match files_of(path) {
        Ok(files) => files,
        Err(error) => {
            checker.push_finding(Finding::from(&error));
            return Ok(());
        }
    };
    if files.is_empty() {
        let error = CorpusError::input("empty-folder", "a folder of corpora", "none");
        checker.push_finding(Finding::from(&error.at_path(path.display())));
    }
    // A link may lead back up.
    let deeper = files.iter().filter(|_| depth < MAX_DEPTH);
    deeper.into_iter().try_for_each(|file| read(checker, file, against, options, depth + 1))
}

fn read_file(
    checker: &mut Checker,
    path: &Path,
    against: bool,
    options: &ReadOptions,
    in_folder: bool,
) -> Result<(), CorpusError> {
    match open_told(path, options) {
        Ok((format, mut reader)) => {
            checker.begin_file(&path.display().to_string(), Some(format), against);
            checker.read_from(&mut *reader, &options.labels);
        }
        Err(error) if error.kind() != ErrorKind::Input => return Err(error),
        // A folder may hold a licence and notes beside its corpora.
        Err(error) if in_folder && error.code() == "unknown-format" => {
            let mut finding = Finding::from(&error);
            finding.severity = Severity::Info;
            checker.push_finding(finding);
        }
        Err(error) => checker.push_finding(Finding::from(&error)),
    }
    Ok(())
}

/// A folder that is not itself a corpus of a format of folders.
fn is_folder_of_files(path: &Path, options: &ReadOptions) -> bool {
    path.is_dir()
        && match options.format {
            Some(format) => !matches!(format, Format::Brat | Format::FactRuEval | Format::DocBin),
            None => Format::of_folder(path).is_err(),
        }
}

/// What is in a folder by name, without hidden files, notes and licences.
fn files_of(folder: &Path) -> Result<Vec<PathBuf>, CorpusError> {
    let refused = |error| CorpusError::unreadable(folder, error);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(refused)? {
        let path = entry.map_err(refused)?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase());
        let aside = |name: String| {
            let notes = ["readme", "license", "licence", "copying", "changelog"];
            name.starts_with('.')
                || name.ends_with(".md")
                || notes.iter().any(|n| name.starts_with(n))
        };
        if !name.is_some_and(aside) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
