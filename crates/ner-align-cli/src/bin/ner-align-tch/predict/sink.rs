//! Where predictions go: standard output, or a file that can be continued.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use ner_align_cli::Failure;
use ner_align_core::Document;
use ner_align_corpus::FormatWriter;
use serde::{Deserialize, Serialize};

/// What a prediction is made from, by name: model, input and options.
pub(super) type Identity = BTreeMap<String, String>;

/// How far a partial output is, and of what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Done {
    documents: usize,
    bytes: u64,
    of: Identity,
}

/// Where results go.
pub(super) enum Sink {
    Stdout(BufWriter<io::Stdout>),
    File {
        file: BufWriter<File>,
        target: PathBuf,
        done: Done,
    },
    /// A format that is not appended to.
    Corpus(Box<dyn FormatWriter>),
}

impl Sink {
    pub(super) fn stdout() -> Self {
        Self::Stdout(BufWriter::new(io::stdout()))
    }

    /// Opens `OUT.partial`, where it was left if the run is to be resumed, which must be the same
    /// one.
    pub(super) fn file(target: &Path, of: &Identity, resume: bool) -> Result<Self, Failure> {
        let partial = with_suffix(target, ".partial");
        let fail = |e| write_failure(&Some(partial.clone()), &e);
        if target.is_dir() {
            return Err(fail(io::ErrorKind::IsADirectory.into()));
        }
        let fresh = || Done { of: of.clone(), ..Done::default() };
        let done = if resume { read_done(target).unwrap_or_else(fresh) } else { fresh() };
        if let Some((name, now)) = of.iter().find(|(name, now)| done.of.get(*name) != Some(now)) {
            let was = done.of.get(name).map_or("nothing", String::as_str);
            return Err(Failure::usage(format!(
                "{}: expected the prediction of before, {name} = {was}, found {now}",
                partial.display()
            ))
            .hint("without --resume it is made anew"));
        }
        let mut file = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(false)
            .open(&partial)
            .map_err(fail)?;
        // What was written after the last note of progress is written again.
        file.set_len(done.bytes).map_err(fail)?;
        file.seek(SeekFrom::Start(done.bytes)).map_err(fail)?;
        Ok(Self::File { file: BufWriter::new(file), target: target.to_owned(), done })
    }

    pub(super) fn documents(&self) -> usize {
        match self {
            Self::Stdout(_) | Self::Corpus(_) => 0,
            Self::File { done, .. } => done.documents,
        }
    }

    /// Writes a chunk, as `body` does where it can be appended; false if nobody reads any more.
    pub(super) fn write(
        &mut self,
        documents: &[Document],
        body: impl FnOnce(&mut dyn Write) -> Result<(), Failure>,
    ) -> Result<bool, Failure> {
        if let Self::Corpus(writer) = self {
            documents.iter().try_for_each(|document| writer.write_document(document))?;
            return Ok(true);
        }
        let mut buffer = Vec::new();
        body(&mut buffer)?;
        match self {
            Self::Corpus(_) => Ok(true),
            Self::Stdout(stdout) => match stdout.write_all(&buffer).and_then(|()| stdout.flush()) {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
                result => result.map(|()| true).map_err(|e| write_failure(&None, &e)),
            },
            Self::File { file, target, done } => {
                let fail = |e| write_failure(&Some(target.clone()), &e);
                file.write_all(&buffer).and_then(|()| file.flush()).map_err(fail)?;
                done.documents += documents.len();
                done.bytes += buffer.len() as u64;
                let note = serde_json::to_string(done).unwrap_or_default();
                let path = with_suffix(target, ".partial.json");
                let fresh = with_suffix(target, ".partial.json.new");
                fs::write(&fresh, note).and_then(|()| fs::rename(&fresh, &path)).map_err(fail)?;
                Ok(true)
            }
        }
    }

    /// Gives the file its name.
    pub(super) fn finish(self) -> Result<(), Failure> {
        let (file, target) = match self {
            Self::Stdout(_) => return Ok(()),
            Self::Corpus(mut writer) => return Ok(writer.finish()?),
            Self::File { file, target, .. } => (file, target),
        };
        let fail = |e| write_failure(&Some(target.clone()), &e);
        let file = file.into_inner().map_err(|e| fail(e.into_error()))?;
        file.sync_all().map_err(fail)?;
        fs::rename(with_suffix(&target, ".partial"), &target).map_err(fail)?;
        // Nothing to continue any more; a note left behind would do no harm.
        let _ = fs::remove_file(with_suffix(&target, ".partial.json"));
        Ok(())
    }
}

fn read_done(target: &Path) -> Option<Done> {
    let note = fs::read(with_suffix(target, ".partial.json")).ok();
    let done = note.and_then(|note| serde_json::from_slice::<Done>(&note).ok());
    let written = fs::metadata(with_suffix(target, ".partial")).map_or(0, |file| file.len());
    done.filter(|done| done.bytes <= written)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

pub(super) fn write_failure(path: &Option<PathBuf>, error: &io::Error) -> Failure {
    let name = path.as_ref().map_or_else(|| "standard output".into(), |p| p.display().to_string());
    Failure::environment(format!("{name}: {error}"))
}
