//! Files of names.

use std::fs;
use std::path::Path;

use crate::CorpusError;

/// The names in a file, such as those of classes, one a line. Blank lines and white space around
/// names do not count.
///
/// # Errors
/// A file that cannot be read as UTF-8.
pub fn read_names(path: impl AsRef<Path>) -> Result<Vec<String>, CorpusError> {
    let path = path.as_ref();
    let text = fs::read_to_string(path).map_err(|error| CorpusError::unreadable(path, error))?;
    let lines = text.trim_start_matches('\u{feff}').lines();
    Ok(lines.map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
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
