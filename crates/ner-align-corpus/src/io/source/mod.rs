//! Where bytes come from: a file, standard input, a compressed file, an old encoding.

mod encoding;
mod guard;
mod transcoder;
mod unpack;

use std::fmt;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

pub(crate) use encoding::guess;
pub use encoding::{Encoding, Standard};
#[cfg(feature = "parquet")]
pub(crate) use guard::{ALWAYS_FINE, MAX_RATIO};

use super::special;
use crate::CorpusError;

/// Bytes at the start of a source that show its format.
const HEAD: u64 = 64 * 1024;

/// A stream of bytes with its name, unpacked and in UTF-8, whose start has been looked at.
pub struct Source {
    /// As in messages; a file in an archive is `ARCHIVE/FILE`.
    name: String,
    /// The name that decides the format: without `.gz`.
    inner: PathBuf,
    head: Vec<u8>,
    stream: Box<dyn Read + Send>,
    packed: bool,
    /// The bytes are not the source's own.
    decoded: bool,
    /// The file, if the bytes are its own, so that it can be read once more.
    plain: Option<PathBuf>,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("name", &self.name).field("plain", &self.plain).finish()
    }
}

impl Source {
    /// Opens a file, or standard input for `-`. gzip and zip are detected by their content and
    /// unpacked; a zip archive must hold one file.
    ///
    /// # Errors
    /// A file that cannot be opened or read, an archive of none or several files.
    pub fn open(path: impl AsRef<Path>, encoding: Encoding) -> Result<Self, CorpusError> {
        let path = path.as_ref();
        if path.as_os_str() == "-" {
            return Self::from_reader(io::stdin(), "-", encoding);
        }
        let file = open_file(path)?;
        let name = path.display().to_string();
        // A pipe can be read only once, and not from its end.
        if !path.is_file() {
            return Self::from_reader(file, &name, encoding);
        }
        if unpack::is_zip(&file).map_err(|error| CorpusError::unreadable(path, error))? {
            let (inner, stream) = unpack::zip(path, file)?;
            let name = format!("{name}/{}", inner.display());
            return Self::unpacked(stream, name, inner, encoding);
        }
        let mut source = Self::from_reader(file, &name, encoding)?;
        source.plain = (!source.packed && !source.decoded).then(|| path.to_owned());
        Ok(source)
    }

    /// Reads from any stream; `name` is its path in messages, and may decide its format.
    ///
    /// # Errors
    /// A stream that cannot be read.
    pub fn from_reader(
        mut stream: impl Read + Send + 'static,
        name: &str,
        encoding: Encoding,
    ) -> Result<Self, CorpusError> {
        let path = Path::new(name);
        let start = head_of(&mut stream, path)?;
        if unpack::is_gzip(&start) {
            let inner = if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz")) {
                path.with_extension("")
            } else {
                path.to_owned()
            };
            let stream = unpack::gzip(Cursor::new(start).chain(stream), name);
            return Self::unpacked(stream, name.to_owned(), inner, encoding);
        }
        if start.starts_with(b"PK\x03\x04") {
            return Err(CorpusError::input(
                "piped-zip",
                "a stream that can be read from its start",
                "a zip archive",
            )
            .at_path(name)
            .with_hint("zip archives are read from files only; unpack it first"));
        }
        let stream: Box<dyn Read + Send> = Box::new(Cursor::new(start).chain(stream));
        let source = Self::unpacked(stream, name.to_owned(), path.to_owned(), encoding)?;
        Ok(Self { packed: false, ..source })
    }

    fn unpacked(
        stream: Box<dyn Read + Send>,
        name: String,
        inner: PathBuf,
        encoding: Encoding,
    ) -> Result<Self, CorpusError> {
        let mut stream = stream;
        let mut head = head_of(&mut stream, Path::new(&name))?;
        let encoding = match encoding {
            Encoding::Utf8 => Encoding::of_mark(&head).unwrap_or(encoding),
            named => named,
        };
        let decoded = encoding != Encoding::Utf8;
        if decoded {
            stream = encoding.stream(Box::new(Cursor::new(head).chain(stream)));
            head = head_of(&mut stream, Path::new(&name))?;
        }
        Ok(Self { name, inner, head, stream, packed: true, decoded, plain: None })
    }

    /// The name in messages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name that decides the format.
    #[must_use]
    pub fn inner(&self) -> &Path {
        &self.inner
    }

    /// The first bytes, at most 64 KiB.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// The file, if the source is one that can be opened again and holds the same bytes.
    pub(crate) fn plain_file(&self) -> Option<&Path> {
        self.plain.as_deref()
    }

    /// All bytes, from the first one on.
    #[must_use]
    pub fn into_stream(self) -> Box<dyn Read + Send> {
        Box::new(Cursor::new(self.head).chain(self.stream))
    }
}

fn head_of(stream: &mut impl Read, path: &Path) -> Result<Vec<u8>, CorpusError> {
    let mut head = Vec::new();
    stream.take(HEAD).read_to_end(&mut head).map_err(|error| CorpusError::read(path, error))?;
    Ok(head)
}

/// Opens a file for reading; a directory, and a device without end, are refused here, with a message that
/// says so.
pub(crate) fn open_file(path: &Path) -> Result<File, CorpusError> {
    let refused = |error| CorpusError::unreadable(path, error);
    let file = File::open(path).map_err(refused)?;
    let metadata = file.metadata().map_err(refused)?;
    // Opening a directory succeeds on some systems, and reading it then fails with less to say.
    if metadata.is_dir() {
        return Err(refused(io::ErrorKind::IsADirectory.into()));
    }
    if special::is_endless(&file, &metadata) {
        return Err(
            CorpusError::input("device", "a regular file", special::DEVICE).at_path(path.display())
        );
    }
    Ok(file)
}
