//! Files of names.

use std::io::Read;
use std::path::Path;

use super::open_file;
use crate::CorpusError;

/// Bytes of a file of names.
const MAX_BYTES: u64 = 64 << 20;

/// The names in a file, such as those of classes, one a line. Blank lines and white space around
/// names do not count.
///
/// # Errors
/// A file that cannot be read as UTF-8, or of more than 64 MiB.
pub fn read_names(path: impl AsRef<Path>) -> Result<Vec<String>, CorpusError> {
    let path = path.as_ref();
    let mut text = String::new();
    let read = open_file(path)?.take(MAX_BYTES + 1).read_to_string(&mut text);
    let read = read.map_err(|error| CorpusError::unreadable(path, error))? as u64;
    if read > MAX_BYTES {
        let expected = format!("a file of names of at most {} MiB", MAX_BYTES >> 20);
        return Err(CorpusError::input("file-too-long", expected, "more").at_path(path.display()));
    }
    let lines = text.trim_start_matches('\u{feff}').lines();
    Ok(lines.map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::ErrorKind;

    #[test]
    fn names_are_lines() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("labels.txt");
        fs::write(&path, "\u{feff}O\r\n B-PER \n\nI-PER")?;
        assert_eq!(read_names(&path).unwrap(), ["O", "B-PER", "I-PER"]);
        fs::write(&path, b"\xff")?;
        assert_eq!(read_names(&path).unwrap_err().kind(), ErrorKind::Input);
        assert_eq!(read_names(folder.path().join("none")).unwrap_err().kind(), ErrorKind::Input);
        Ok(())
    }
}
