//! Files that appear whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::CorpusError;
use crate::io::Draft;

/// What was tried, for messages.
const EXPECTED: &str = "a writable file";

/// A file that is written beside its target and takes its place on [`AtomicFile::commit`]; dropped
/// before that, it leaves no trace. What the target held stays readable until then.
///
/// A target that is a symbolic link stays one. Pipes and devices such as `/dev/null` are written
/// directly, since nothing can take their place.
///
/// ```
/// use std::io::Write;
/// use ner_align_corpus::AtomicFile;
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("train.conll");
/// let mut file = AtomicFile::create(&path)?;
/// writeln!(file, "Madrid\tB-LOC")?;
/// assert!(!path.exists());
/// file.commit()?;
/// assert_eq!(std::fs::read_to_string(&path)?, "Madrid\tB-LOC\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct AtomicFile {
    /// As the caller named it, for messages.
    name: PathBuf,
    target: PathBuf,
    inner: Inner,
}

#[derive(Debug)]
enum Inner {
    Beside(BufWriter<NamedTempFile>, Draft),
    Direct(BufWriter<File>),
}

impl AtomicFile {
    /// Starts a file that will be at `path`.
    ///
    /// # Errors
    /// A target that is a directory, or a folder that cannot be written.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, CorpusError> {
        let path = path.as_ref();
        let failed = |error| CorpusError::io(path, EXPECTED, error);
        let existing = match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {
                return Err(failed(io::ErrorKind::IsADirectory.into()));
            }
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(error)),
        };
        let target = match &existing {
            Some(_) => fs::canonicalize(path).map_err(failed)?,
            None => path.to_owned(),
        };
        let inner = match existing {
            Some(metadata) if !metadata.is_file() => {
                let file = File::options().write(true).open(path).map_err(failed)?;
                Inner::Direct(BufWriter::new(file))
            }
            existing => {
                let file = beside(&target, existing.as_ref()).map_err(failed)?;
                let draft = Draft::of(file.path());
                Inner::Beside(BufWriter::with_capacity(1 << 16, file), draft)
            }
        };
        Ok(Self { name: path.to_owned(), target, inner })
    }

    /// Writes what is pending to the disk and puts the file in its place.
    ///
    /// # Errors
    /// A full disk, or a target that cannot be replaced; the target then stays as it was.
    pub fn commit(self) -> Result<(), CorpusError> {
        let Self { name, target, inner } = self;
        let failed = |error| CorpusError::io(&name, EXPECTED, error);
        match inner {
            Inner::Direct(mut file) => file.flush().map_err(failed),
            // The draft is one until the file is in its place.
            Inner::Beside(file, _draft) => {
                let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
                file.as_file().sync_all().map_err(failed)?;
                file.persist(&target).map_err(|error| failed(error.error))?;
                // The rename itself is on the disk once the folder is; where folders cannot be
                // opened, the system sees to it.
                if let Ok(folder) = File::open(folder_of(&target)) {
                    let _ = folder.sync_all();
                }
                Ok(())
            }
        }
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.inner {
            Inner::Beside(file, _) => file.write(bytes),
            Inner::Direct(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.inner {
            Inner::Beside(file, _) => file.flush(),
            Inner::Direct(file) => file.flush(),
        }
    }
}

fn folder_of(target: &Path) -> &Path {
    match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// The temporary file, with the permissions that the finished one shall have.
fn beside(target: &Path, existing: Option<&fs::Metadata>) -> io::Result<NamedTempFile> {
    let mut prefix = std::ffi::OsString::from(".");
    prefix.push(target.file_name().unwrap_or_default());
    prefix.push(".");
    let mut builder = Builder::new();
    builder.prefix(&prefix).suffix(".tmp");
    // A temporary file is private by default; this one becomes an ordinary file.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let file = builder.tempfile_in(folder_of(target))?;
    if let Some(existing) = existing {
        file.as_file().set_permissions(existing.permissions())?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn a_file_appears_whole_or_not_at_all() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("out.conll");
        let names = || -> io::Result<usize> { Ok(fs::read_dir(folder.path())?.count()) };

        let mut dropped = AtomicFile::create(&path)?;
        dropped.write_all(b"half")?;
        dropped.flush()?;
        drop(dropped);
        assert_eq!(names()?, 0);

        fs::write(&path, "old")?;
        let mut file = AtomicFile::create(&path)?;
        file.write_all(b"new")?;
        assert_eq!(fs::read_to_string(&path)?, "old");
        file.commit()?;
        assert_eq!((fs::read_to_string(&path)?.as_str(), names()?), ("new", 1));
        Ok(())
    }

    #[test]
    fn what_cannot_be_replaced_is_named() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().to_owned(), folder.path().join("no/such/folder/file")] {
            let error = AtomicFile::create(&path).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Environment);
            assert_eq!(error.path(), path.to_str());
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_modes_and_devices_are_respected() -> Result<(), Box<dyn std::error::Error>> {
        use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
        let folder = tempfile::tempdir()?;
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, "old")?;
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640))?;
        symlink(&real, &link)?;
        let mut file = AtomicFile::create(&link)?;
        file.write_all(b"new")?;
        file.commit()?;
        assert!(fs::symlink_metadata(&link)?.is_symlink());
        assert_eq!(fs::read_to_string(&real)?, "new");
        assert_eq!(fs::metadata(&real)?.permissions().mode() & 0o777, 0o640);

        let plain = folder.path().join("plain");
        File::create(folder.path().join("usual"))?;
        AtomicFile::create(&plain)?.commit()?;
        let mode = |path: &Path| fs::metadata(path).map(|m| m.permissions().mode());
        assert_eq!(mode(&plain)?, mode(&folder.path().join("usual"))?);

        let null = Path::new("/dev/null");
        let mut file = AtomicFile::create(null)?;
        file.write_all(b"x")?;
        file.commit()?;
        assert!(fs::metadata(null)?.file_type().is_char_device());
        Ok(())
    }
}
