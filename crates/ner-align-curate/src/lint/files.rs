//! Files to check, of one format or several.

use ner_align_core::Finding;

use super::checker::{Checker, Report};
use ner_align_corpus::io::{Listing, is_folder_of_files, unknown};
use ner_align_corpus::{CorpusError, ErrorKind, Input, ReadOptions};

/// Reads the inputs, files or readers, and what they are compared with, and checks them; `-` is standard input, a
/// folder stands for all files and folders in it, notes and licences apart, which are named, unless
/// its format is one of folders.
///
/// A missing or damaged file is a finding; the check continues with the next file.
///
/// ```
/// use ner_align_corpus::ReadOptions;
/// use ner_align_curate::lint::{Checker, LintOptions, check};
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
/// Inputs that take more memory together than [`ReadOptions::max_memory`]; else only what is not their fault: options
/// that make no sense, a machine that fails.
pub fn check(
    mut checker: Checker,
    inputs: impl IntoIterator<Item = impl Into<Input>>,
    against: impl IntoIterator<Item = impl Into<Input>>,
    options: &ReadOptions,
) -> Result<Report, CorpusError> {
    // The log of the check limits what is kept; the reader's would keep the first code only.
    let options = options.clone().with_max_findings(usize::MAX);
    checker = checker.within(options.max_memory);
    for input in inputs {
        read(&mut checker, input.into(), false, &options)?;
    }
    for input in against {
        read(&mut checker, input.into(), true, &options)?;
    }
    checker.note_unused_labels(&options.labels);
    Ok(checker.finish())
}

fn read(
    checker: &mut Checker,
    input: Input,
    against: bool,
    options: &ReadOptions,
) -> Result<(), CorpusError> {
    let folder = input.as_path().filter(|path| is_folder_of_files(path, options.format));
    let Some(folder) = folder else {
        return read_input(checker, input, against, options, false);
    };
    let Listing { corpora, findings, errors } = Listing::of(folder, options.format);
    findings.into_iter().for_each(|finding| checker.push_finding(finding));
    errors.iter().for_each(|error| checker.push_finding(Finding::from(error)));
    corpora.iter().try_for_each(|file| read_input(checker, file.into(), against, options, true))
}

fn read_input(
    checker: &mut Checker,
    input: Input,
    against: bool,
    options: &ReadOptions,
    in_folder: bool,
) -> Result<(), CorpusError> {
    let name = input.name();
    match input.open(options) {
        Ok((format, mut reader)) => {
            checker.begin_file(&name, format, against);
            checker.read_from(&mut *reader, &options.labels);
            if let Some(error) = checker.take_too_large() {
                return Err(error);
            }
        }
        Err(error) if error.kind() != ErrorKind::Input => return Err(error),
        // A folder may hold a licence and notes beside its corpora.
        Err(error) if in_folder && error.code() == "unknown-format" => {
            checker.push_finding(unknown(&error));
        }
        Err(error) => checker.push_finding(Finding::from(&error)),
    }
    Ok(())
}
