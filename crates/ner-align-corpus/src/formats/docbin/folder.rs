//! A folder of `.spacy` files as one corpus.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ner_align_core::{CorpusReader, Document, Finding};

use super::options::DocBinOptions;
use super::reader::DocBinReader;
use crate::formats::progress::{Fused, Progress};
use crate::io::{entries, left_out};
use crate::{CorpusError, Encoding, Format, FormatReader, Source};

/// Reads the `.spacy` files of a folder one after another: `0001.spacy`, `0002.spacy` and so on by
/// their numbers, others by name. One file is in memory at a time.
#[derive(Debug)]
pub struct DocBinFolder {
    /// Those to come, the next one last.
    files: Vec<PathBuf>,
    options: DocBinOptions,
    current: Option<DocBinReader>,
    /// Its findings are those of the files before the current one.
    progress: Progress,
}

impl DocBinFolder {
    /// Looks up the files of a folder; those whose names start with a dot are left alone.
    ///
    /// # Errors
    /// A folder that cannot be read, or without such files.
    pub fn open(folder: &Path, options: DocBinOptions) -> Result<Self, CorpusError> {
        let (mut files, others) = shards(folder)?;
        if files.is_empty() {
            return Err(CorpusError::input("folder", "a folder of .spacy files", "none in it")
                .at_path(folder.display()));
        }
        files.reverse();
        let name = folder.display().to_string();
        let mut progress = Progress::new(name, options.max_findings).within(options.max_memory);
        for finding in left_out(folder, Format::DocBin, &others) {
            progress.log.push(finding);
        }
        Ok(Self { files, options, current: None, progress })
    }
}

/// The `.spacy` files of a folder, in order, and what else is in it.
pub(super) fn shards(folder: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>), CorpusError> {
    let is_shard = |path: &PathBuf| {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        !hidden && path.is_file() && Format::from_extension(path) == Some(Format::DocBin)
    };
    let (mut files, others): (Vec<_>, Vec<_>) = entries(folder)?.into_iter().partition(is_shard);
    files.sort_by_key(|path| (number(path), path.clone()));
    Ok((files, others))
}

/// The number that a file is named by; others come after all numbers.
fn number(path: &Path) -> u64 {
    path.file_stem().and_then(|stem| stem.to_str()?.parse().ok()).unwrap_or(u64::MAX)
}

impl Fused for DocBinFolder {
    fn progress(&mut self) -> &mut Progress {
        &mut self.progress
    }

    fn next_document(&mut self) -> Result<Option<Document>, CorpusError> {
        loop {
            if let Some(reader) = &mut self.current
                && let Some(document) = reader.read_document()?
            {
                return Ok(Some(document));
            }
            if let Some(done) = self.current.take() {
                self.progress.log = done.into_log();
            }
            let Some(path) = self.files.pop() else {
                if self.progress.documents == 0 {
                    return Err(self.progress.empty("at least one document", "none"));
                }
                return Ok(None);
            };
            let source = Source::open(&path, Encoding::Utf8)?;
            let name = source.name().to_owned();
            let log = std::mem::take(&mut self.progress.log);
            let stream = source.into_stream();
            self.current = Some(DocBinReader::with_log(stream, name, self.options, log)?);
        }
    }
}

impl CorpusReader for DocBinFolder {
    type Error = CorpusError;

    fn read_document(&mut self) -> Result<Option<Document>, CorpusError> {
        self.read_fused()
    }

    fn take_findings(&mut self) -> Vec<Finding> {
        match &mut self.current {
            Some(reader) => reader.take_findings(),
            None => self.progress.log.take(),
        }
    }
}

impl FormatReader for DocBinFolder {
    fn finding_counts(&self) -> &BTreeMap<String, usize> {
        self.current.as_ref().map_or(self.progress.log.counts(), |reader| reader.log().counts())
    }

    fn documents_marked(&self) -> bool {
        true
    }
}
