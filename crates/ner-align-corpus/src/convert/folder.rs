//! Folders of corpora to folders of corpora.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::conversion::{Conversion, ConvertOptions};
use super::summary::ConvertSummary;
use crate::io::{Listing, finding, unknown};
use crate::{CorpusError, ErrorKind, Format};

/// Converts every corpus of a folder, and of the folders in it, into a folder, under the same names
/// but for their ends. Findings name what is not a corpus: hidden files, notes and licences,
/// and files of no known format.
///
/// # Errors
/// As [`convert`](super::convert_all); a format that is not named; two files that would become one.
pub fn convert_folder(
    input: impl AsRef<Path>,
    output: impl AsRef<Path>,
    options: &ConvertOptions,
) -> Result<ConvertSummary, CorpusError> {
    let (input, output) = (input.as_ref(), output.as_ref());
    let Some(format) = options.to else {
        return Err(CorpusError::new(
            ErrorKind::Usage,
            "unnamed-format",
            "the format of the files to write",
            "a folder, whose name has no extension",
        )
        .at_path(output.display())
        .with_hint("name the format with `to`"));
    };
    let Listing { corpora, findings, errors } = Listing::of(input, options.read.format);
    if let Some(error) = errors.into_iter().next() {
        return Err(error);
    }
    let mut summary = ConvertSummary::default();
    findings.into_iter().for_each(|finding| summary.push_finding(finding));
    let mut targets: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
    for file in corpora {
        if is_within(&file, output) {
            summary.push_finding(finding(&file, "corpora", "a file of the output's folder"));
            continue;
        }
        if let Some(other) = targets.insert(target_of(&file, input, output, format), file.clone()) {
            return Err(CorpusError::input(
                "same-name",
                "files whose names differ in more than their ends",
                format!("{} and {}", other.display(), file.display()),
            )
            .with_hint("convert them one by one"));
        }
    }
    let mut folders = NewFolders::default();
    for (target, file) in targets {
        folders.make(target.parent().unwrap_or(output))?;
        match convert_file(&file, &target, options) {
            Ok(one) => summary.add(one),
            // A folder may hold other things beside its corpora.
            Err(error) if error.code() == "unknown-format" && error.kind() == ErrorKind::Input => {
                summary.push_finding(unknown(&error));
            }
            Err(error) => return Err(error),
        }
    }
    if summary.documents == 0 {
        return Err(CorpusError::input("empty-folder", "a folder of corpora", "none")
            .at_path(input.display()));
    }
    summary.note_unused_labels(&options.read.labels);
    Ok(summary)
}

/// Converts one file, without a look back at the labels.
fn convert_file(
    file: &Path,
    target: &Path,
    options: &ConvertOptions,
) -> Result<ConvertSummary, CorpusError> {
    let mut conversion = Conversion::new(target, options.clone())?;
    conversion.add(file)?;
    conversion.finish()
}

/// Where the corpus of a file goes.
fn target_of(file: &Path, input: &Path, output: &Path, format: Format) -> PathBuf {
    let name = file.strip_prefix(input).unwrap_or(file);
    // `a.conll.gz` is a `a.conll` to begin with; a full stop in a folder's name is part of it.
    let packed = file.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz"));
    let stem = if packed { name.with_extension("") } else { name.to_owned() };
    let whole = file.is_dir() && Format::from_extension(&stem).is_none();
    let mut target =
        output.join(if whole { stem } else { stem.with_extension("") }).into_os_string();
    // brat's pairs fill a folder of their own.
    if format != Format::Brat {
        target.push(".");
        target.push(format.extension());
    }
    target.into()
}

/// True if a file is in this folder.
fn is_within(file: &Path, folder: &Path) -> bool {
    let (file, folder) = (fs::canonicalize(file), fs::canonicalize(folder));
    file.is_ok_and(|file| folder.is_ok_and(|folder| file.starts_with(folder)))
}

/// Folders made for an output. Those that stay empty go again.
#[derive(Default)]
struct NewFolders(Vec<PathBuf>);

impl NewFolders {
    fn make(&mut self, folder: &Path) -> Result<(), CorpusError> {
        let is_new = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
        let missing: Vec<_> = folder.ancestors().take_while(is_new).map(Path::to_owned).collect();
        fs::create_dir_all(folder).map_err(|error| CorpusError::io(folder, "a folder", error))?;
        self.0.extend(missing.into_iter().rev());
        Ok(())
    }
}

impl Drop for NewFolders {
    fn drop(&mut self) {
        for folder in self.0.iter().rev() {
            // Refused where something is in it.
            let _ = fs::remove_dir(folder);
        }
    }
}
