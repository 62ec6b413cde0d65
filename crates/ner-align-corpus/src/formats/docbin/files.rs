//! A `.spacy`, or a folder of them where one would grow too large.

use std::fs::{self, File};
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use ner_align_core::{CorpusWriter, Document};

use super::folder::shards;
use super::shard::Shard;
use super::writer::{DocBinWriterOptions, Packer};
use crate::io::{AtomicFolder, parent};
use crate::{AtomicFile, CorpusError, FormatWriter};

/// What was tried, for messages.
const EXPECTED: &str = "a writable file";

/// Writes to a path: one file if the corpus fits in it, else a folder of `0001.spacy`,
/// `0002.spacy` and so on, which spaCy reads as one corpus. Either appears whole on
/// [`CorpusWriter::finish`], or not at all.
///
/// A folder that is there already stays one; it is replaced if it holds nothing but such files.
#[derive(Debug)]
pub struct DocBinFiles {
    packer: Packer,
    target: Target,
}

#[derive(Debug)]
enum Target {
    /// Nothing was written yet; the file takes the corpus if it stays small enough.
    File {
        path: PathBuf,
        file: AtomicFile,
    },
    Folder {
        folder: AtomicFolder,
        written: usize,
    },
    Done,
}

impl DocBinFiles {
    /// Starts a corpus that will be at `path`.
    ///
    /// # Errors
    /// A path that cannot be written, or that is a folder of other things.
    pub fn create(path: &Path, options: DocBinWriterOptions) -> Result<Self, CorpusError> {
        let target = if path.is_dir() {
            let path = fs::canonicalize(path).map_err(|e| CorpusError::io(path, EXPECTED, e))?;
            check_replaceable(&path)?;
            Target::Folder { folder: AtomicFolder::create(&path)?, written: 0 }
        } else {
            Target::File { path: path.to_owned(), file: AtomicFile::create(path)? }
        };
        let packer = Packer::new(path.display().to_string(), parent(path), options);
        Ok(Self { packer, target })
    }

    /// Puts the shard so far into a file of its own.
    fn close_shard(&mut self) -> Result<(), CorpusError> {
        let shard = self.packer.take();
        if let Target::File { path, .. } = &self.target {
            // The file that was begun goes without a trace.
            self.target = Target::Folder { folder: AtomicFolder::create(path)?, written: 0 };
        }
        if let Target::Folder { folder, written } = &mut self.target {
            *written += 1;
            let name = format!("{written:04}.spacy");
            write_file(shard, &folder.path().join(name))
                .map_err(|error| CorpusError::io(folder.target(), EXPECTED, error))?;
        }
        Ok(())
    }
}

impl CorpusWriter for DocBinFiles {
    type Error = CorpusError;

    fn write_document(&mut self, document: &Document) -> Result<(), CorpusError> {
        if self.packer.is_full() {
            self.close_shard()?;
        }
        self.packer.push(document)
    }

    fn finish(&mut self) -> Result<(), CorpusError> {
        if matches!(self.target, Target::Folder { .. }) && self.packer.shard.documents() > 0 {
            self.close_shard()?;
        }
        match std::mem::replace(&mut self.target, Target::Done) {
            Target::File { mut file, .. } => {
                let shard = self.packer.take();
                shard.write(&mut file).map_err(|error| self.packer.destination.failed(error))?;
                file.commit()
            }
            Target::Folder { folder, .. } => folder.commit(check_replaceable),
            Target::Done => Ok(()),
        }
    }
}

impl FormatWriter for DocBinFiles {}

fn write_file(shard: Shard, path: &Path) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create_new(path)?);
    shard.write(&mut file)?;
    file.flush()?;
    file.get_ref().sync_all()
}

/// A folder is replaced only if it holds nothing but shards.
fn check_replaceable(path: &Path) -> Result<(), CorpusError> {
    if !path.is_dir() || shards(path)?.1.is_empty() {
        return Ok(());
    }
    let expected = "a file, or a folder of nothing but .spacy files";
    Err(CorpusError::io(path, expected, ErrorKind::IsADirectory.into())
        .with_hint("name a file in that folder"))
}
