//! gzip and zip, read as streams.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::Crc;
use flate2::read::{DeflateDecoder, MultiGzDecoder};
use zip::{CompressionMethod, ZipArchive};

use super::guard::{Counted, Guard};
use crate::CorpusError;

pub(super) fn is_gzip(start: &[u8]) -> bool {
    start.starts_with(&[0x1F, 0x8B, 0x08])
}

/// True if the file starts as a zip archive does; it is read from its start again afterwards.
pub(super) fn is_zip(mut file: &File) -> io::Result<bool> {
    let mut start = Vec::new();
    file.take(4).read_to_end(&mut start)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(start == b"PK\x03\x04" || start == b"PK\x05\x06")
}

/// The unpacked stream; damage is reported as an error of the stream `name`.
pub(super) fn gzip(packed: impl Read + Send + 'static, name: &str) -> Box<dyn Read + Send> {
    guarded(packed, name, MultiGzDecoder::new)
}

fn guarded<P: Read, U: Read + Send + 'static>(
    packed: P,
    name: &str,
    unpacker: impl FnOnce(Counted<P>) -> U,
) -> Box<dyn Read + Send> {
    let count = Arc::default();
    let unpacked = unpacker(Counted { source: packed, count: Arc::clone(&count) });
    Box::new(Told { stream: Guard::new(unpacked, count), name: name.to_owned() })
}

/// A stream whose errors say that the file is at fault, not the machine.
struct Told<R> {
    stream: R,
    name: String,
}

impl<R: Read> Read for Told<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => io::Error::new(
                io::ErrorKind::InvalidData,
                format!("the compressed data of {} ends early", self.name),
            ),
            io::ErrorKind::InvalidInput => io::Error::new(io::ErrorKind::InvalidData, error),
            _ => error,
        })
    }
}

/// A stream that ends well only with the right checksum, as an archive's entry.
struct Checked<R> {
    stream: R,
    crc: Crc,
    expected: u32,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buffer)?;
        self.crc.update(&buffer[..read]);
        if read == 0 && !buffer.is_empty() && self.crc.sum() != self.expected {
            let message = "an entry that does not have its checksum";
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        Ok(read)
    }
}

/// The only file of an archive, and its name there.
pub(super) fn zip(path: &Path, file: File) -> Result<(PathBuf, Box<dyn Read + Send>), CorpusError> {
    let damaged = |error: zip::result::ZipError| {
        CorpusError::input("damaged-zip", "a zip archive", error.to_string())
            .at_path(path.display())
    };
    let mut archive = ZipArchive::new(file).map_err(damaged)?;
    let mut found = Vec::new();
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(damaged)?;
        // Archives made on a Mac carry a shadow of every file.
        let name = entry.name().map_err(damaged)?.into_owned();
        if !entry.is_dir() && !name.starts_with("__MACOSX/") {
            found.push((index, name));
        }
    }
    if found.iter().any(|(_, name)| name == "word/document.xml") {
        return Err(CorpusError::input("document", "a corpus", "a Word document")
            .at_path(path.display())
            .with_hint("`ner-align predict` reads documents"));
    }
    let [(index, name)] = found.as_slice() else {
        let shown: Vec<&str> = found.iter().take(5).map(|(_, name)| name.as_str()).collect();
        let found = match found.len() {
            0 => "none".to_owned(),
            count => format!("{count}: {}", shown.join(", ")),
        };
        return Err(CorpusError::input("zip-files", "an archive of one file", found)
            .at_path(path.display())
            .with_hint("unpack it and name the file, or the folder"));
    };
    let entry = archive.by_index_raw(*index).map_err(damaged)?;
    let refuse = |expected: &str, found: String| {
        CorpusError::input("zip-entry", expected, found).at_path(path.display())
    };
    if entry.encrypted() {
        return Err(refuse("a file that is not encrypted", name.clone()));
    }
    let method = entry.compression();
    let (start, size, expected) = (entry.data_start(), entry.compressed_size(), entry.crc32());
    drop(entry);
    let start = start.ok_or_else(|| refuse("the place of the file's data", "none".to_owned()))?;
    let mut file = archive.into_inner();
    file.seek(SeekFrom::Start(start)).map_err(|error| CorpusError::unreadable(path, error))?;
    let packed = file.take(size);
    let label = format!("{}/{name}", path.display());
    let stream: Box<dyn Read + Send> = match method {
        CompressionMethod::Stored => Box::new(packed),
        CompressionMethod::DEFLATE => guarded(packed, &label, DeflateDecoder::new),
        other => return Err(refuse("a file packed by deflate", other.to_string())),
    };
    Ok((PathBuf::from(name), Box::new(Checked { stream, crc: Crc::new(), expected })))
}
