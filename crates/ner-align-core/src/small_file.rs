//! Files that are read whole.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Bytes that a file of settings may have: `config.json`, `meta.json`, a mapping.
pub const MAX_SETTINGS_BYTES: u64 = 64 << 20;

/// The contents of a regular file of at most `limit` bytes.
///
/// Files of settings come from anywhere. A device without end and a file that nobody meant as
/// settings end in an error before they fill the memory. A pipe is not waited for.
///
/// # Errors
/// As [`File::open`]; [`io::ErrorKind::InvalidInput`] for what is no regular file, and
/// [`io::ErrorKind::FileTooLarge`] for one of more than `limit` bytes.
pub fn read_small_file(path: impl AsRef<Path>, limit: u64) -> io::Result<Vec<u8>> {
    let path = path.as_ref();
    // Opening a pipe would wait for somebody who writes, so its kind is asked first.
    let metadata = path.metadata()?;
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    // Files under /proc have no length, and one may grow meanwhile: what is read is what counts.
    read_at_most(File::open(path)?, limit)
}

/// All that a reader has, at most `limit` bytes: for files that may be pipes, such as those that a
/// user names.
///
/// # Errors
/// Those of the reader, and [`io::ErrorKind::FileTooLarge`] for more than `limit` bytes.
pub fn read_at_most(reader: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        let message = format!("larger than {}", Size(limit));
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

/// As [`read_small_file`], as text.
///
/// # Errors
/// As [`read_small_file`]; [`io::ErrorKind::InvalidData`] for bytes that are not UTF-8.
pub fn read_small_text(path: impl AsRef<Path>, limit: u64) -> io::Result<String> {
    text(read_small_file(path, limit)?)
}

/// As [`read_at_most`], as text.
///
/// # Errors
/// As [`read_at_most`]; [`io::ErrorKind::InvalidData`] for bytes that are not UTF-8.
pub fn read_text_at_most(reader: impl Read, limit: u64) -> io::Result<String> {
    text(read_at_most(reader, limit)?)
}

fn text(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()))
}

/// A number of bytes, in mebibytes from one on.
struct Size(u64);

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 >> 20 {
            0 => write!(f, "{} bytes", self.0),
            mebibytes => write!(f, "{mebibytes} MiB"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let path = std::env::temp_dir().join(format!("ner-align-small-{}", std::process::id()));
        fs::write(&path, "naïve").unwrap();
        assert_eq!(read_small_file(&path, 6).unwrap(), "naïve".as_bytes());
        assert_eq!(read_small_text(&path, 6).unwrap(), "naïve");
        let error = read_small_file(&path, 5).unwrap_err();
        assert_eq!(error.to_string(), "larger than 5 bytes");
        assert_eq!(read_text_at_most("naïve".as_bytes(), 6).unwrap(), "naïve");
        let error = read_text_at_most("naïve".as_bytes(), 5).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        fs::write(&path, b"\xff").unwrap();
        assert_eq!(read_small_text(&path, 6).unwrap_err().kind(), io::ErrorKind::InvalidData);
        fs::remove_file(&path).unwrap();
        assert_eq!(read_small_file(&path, 6).unwrap_err().kind(), io::ErrorKind::NotFound);
        let folder = std::env::temp_dir();
        assert_eq!(read_small_file(folder, 6).unwrap_err().kind(), io::ErrorKind::IsADirectory);
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_not_read() {
        let error = read_small_file("/dev/zero", 1 << 40).unwrap_err();
        assert_eq!(error.to_string(), "not a regular file");
    }
}
