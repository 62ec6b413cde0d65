//! An output file that an interrupted prediction leaves in part, and that the next one continues.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::PipelineError;

/// What a prediction is made from, by name: model, input and options. A prediction is continued
/// only by one of the same.
pub type OutputIdentity = BTreeMap<String, String>;

/// How far a partial output is, and of what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Progress {
    documents: usize,
    bytes: u64,
    of: OutputIdentity,
}

/// A file that is written as `OUT.partial`, with a note of progress beside it in
/// `OUT.partial.json`, until it is complete and gets its name.
#[derive(Debug)]
pub struct ResumableOutput {
    file: BufWriter<File>,
    target: PathBuf,
    progress: Progress,
}

impl ResumableOutput {
    /// Opens `target`'s partial file: empty, or with `resume` as an earlier prediction of the same
    /// identity left it.
    ///
    /// # Errors
    /// [`PipelineError::Io`] if the file cannot be written, [`PipelineError::Resume`] if what is to
    /// be continued was made from something else.
    pub fn open(
        target: impl AsRef<Path>,
        identity: &OutputIdentity,
        resume: bool,
    ) -> Result<Self, PipelineError> {
        let target = target.as_ref();
        let partial = with_suffix(target, ".partial");
        let fail = |error| PipelineError::io(&partial, error);
        if target.is_dir() {
            return Err(fail(io::ErrorKind::IsADirectory.into()));
        }
        let fresh = || Progress { of: identity.clone(), ..Progress::default() };
        let progress = if resume { read_progress(target).unwrap_or_else(fresh) } else { fresh() };
        let differs = identity.iter().find(|(name, now)| progress.of.get(*name) != Some(now));
        if let Some((name, now)) = differs {
            let before = progress.of.get(name).map_or("nothing", String::as_str);
            return Err(PipelineError::Resume {
                path: partial,
                expected: format!("the prediction of before, {name} = {before}"),
                found: now.clone(),
            });
        }
        let mut file = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(false)
            .open(&partial)
            .map_err(fail)?;
        // What was written after the last note of progress is written again.
        file.set_len(progress.bytes).map_err(fail)?;
        file.seek(SeekFrom::Start(progress.bytes)).map_err(fail)?;
        Ok(Self { file: BufWriter::new(file), target: target.to_owned(), progress })
    }

    /// Documents that the file holds already.
    #[must_use]
    pub const fn documents(&self) -> usize {
        self.progress.documents
    }

    /// Appends what `documents` further documents became, and notes the progress.
    ///
    /// # Errors
    /// [`PipelineError::Io`] if a file cannot be written.
    pub fn append(&mut self, documents: usize, bytes: &[u8]) -> Result<(), PipelineError> {
        let fail = |error| PipelineError::io(&self.target, error);
        self.file.write_all(bytes).and_then(|()| self.file.flush()).map_err(fail)?;
        self.progress.documents += documents;
        self.progress.bytes += bytes.len() as u64;
        let note = serde_json::to_string(&self.progress)
            .map_err(|error| PipelineError::serialise("the note of progress", error))?;
        let path = with_suffix(&self.target, ".partial.json");
        let fresh = with_suffix(&self.target, ".partial.json.new");
        fs::write(&fresh, note).and_then(|()| fs::rename(&fresh, &path)).map_err(fail)
    }

    /// Gives the complete file its name.
    ///
    /// # Errors
    /// [`PipelineError::Io`] if the file cannot be written or renamed.
    pub fn finish(self) -> Result<(), PipelineError> {
        let Self { file, target, .. } = self;
        let fail = |error| PipelineError::io(&target, error);
        let file = file.into_inner().map_err(|error| fail(error.into_error()))?;
        file.sync_all().map_err(fail)?;
        fs::rename(with_suffix(&target, ".partial"), &target).map_err(fail)?;
        // Nothing is left to continue; a note left behind does no harm.
        let _ = fs::remove_file(with_suffix(&target, ".partial.json"));
        Ok(())
    }
}

fn read_progress(target: &Path) -> Option<Progress> {
    let note = fs::read(with_suffix(target, ".partial.json")).ok();
    let progress = note.and_then(|note| serde_json::from_slice::<Progress>(&note).ok());
    let written = fs::metadata(with_suffix(target, ".partial")).map_or(0, |file| file.len());
    progress.filter(|progress| progress.bytes <= written)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(model: &str) -> OutputIdentity {
        [("model".to_owned(), model.to_owned())].into()
    }

    #[test]
    fn an_interrupted_output_is_continued_by_the_same_prediction_alone() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out.jsonl");
        let mut output = ResumableOutput::open(&target, &identity("a"), false).unwrap();
        output.append(2, b"one\ntwo\n").unwrap();
        output.file.write_all(b"lost").unwrap();
        drop(output);
        assert!(!target.exists());
        let error = ResumableOutput::open(&target, &identity("b"), true).unwrap_err();
        assert!(error.to_string().contains("model = a, found b"), "{error}");
        let mut output = ResumableOutput::open(&target, &identity("a"), true).unwrap();
        assert_eq!(output.documents(), 2);
        output.append(1, b"three\n").unwrap();
        output.finish().unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "one\ntwo\nthree\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
