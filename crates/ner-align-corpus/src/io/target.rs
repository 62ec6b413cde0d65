//! Where the bytes of a corpus go: a file that appears whole, or standard output.

use std::io::{self, BufWriter, Stdout, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::AtomicFile;
use crate::CorpusError;

enum Target {
    Stdout(BufWriter<Stdout>),
    File(AtomicFile),
    Packed(Box<GzEncoder<AtomicFile>>),
}

/// The target of a stream. Its writer holds a copy, and so does the one who puts it in place.
#[derive(Clone)]
pub(crate) struct SharedTarget(Arc<Mutex<Option<Target>>>);

impl SharedTarget {
    /// Starts a file, compressed where its name ends in `.gz`; `-` is standard output.
    pub(crate) fn create(path: &Path) -> Result<Self, CorpusError> {
        let target = if path.as_os_str() == "-" {
            Target::Stdout(BufWriter::new(io::stdout()))
        } else {
            let file = AtomicFile::create(path)?;
            if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz")) {
                Target::Packed(Box::new(GzEncoder::new(file, Compression::default())))
            } else {
                Target::File(file)
            }
        };
        Ok(Self(Arc::new(Mutex::new(Some(target)))))
    }

    /// Puts a file in its place, once; `name` is its own in messages.
    pub(crate) fn commit(&self, name: &str) -> Result<(), CorpusError> {
        let failed = |error| CorpusError::io(name.as_ref(), "a writable file", error);
        let target = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        match target {
            Some(Target::Stdout(mut target)) => target.flush().map_err(failed),
            Some(Target::File(file)) => file.commit(),
            Some(Target::Packed(packed)) => packed.finish().map_err(failed)?.commit(),
            None => Ok(()),
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> io::Result<T> {
        // A writer that panicked leaves a target that is never put in place.
        let mut target = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match target.as_mut() {
            Some(Target::Stdout(target)) => act(target),
            Some(Target::File(target)) => act(target),
            Some(Target::Packed(target)) => act(target),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
}

impl Write for SharedTarget {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.with(|target| target.write(bytes))
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.with(|target| target.write_all(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.with(|target| target.flush())
    }
}
