//! Folders that appear whole or not at all.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{Builder, TempDir};

use crate::CorpusError;
use crate::io::Draft;

/// What was tried, for messages.
const EXPECTED: &str = "a writable folder";

/// A folder that is filled beside its target and takes its place on [`AtomicFolder::commit`];
/// dropped before that, it leaves no trace.
#[derive(Debug)]
pub struct AtomicFolder {
    target: PathBuf,
    folder: TempDir,
    draft: Draft,
}

impl AtomicFolder {
    /// Starts a folder that will be at `target`. What is there stays until the new one is complete.
    ///
    /// # Errors
    /// A folder around it that cannot be written.
    pub fn create(target: impl AsRef<Path>) -> Result<Self, CorpusError> {
        let target = target.as_ref();
        let folder = beside(target)?;
        let draft = Draft::of(folder.path());
        Ok(Self { target: target.to_owned(), folder, draft })
    }

    /// Where its files are put.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where it will be.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Writes the files of the folder to the disk, all at once, and puts it in the place of whatever is there;
    /// `check` refuses what must stay.
    ///
    /// # Errors
    /// As `check`, and files that cannot be moved.
    pub fn commit<E: From<CorpusError>>(
        self,
        check: impl FnOnce(&Path) -> Result<(), E>,
    ) -> Result<(), E> {
        let Self { target, folder, draft } = self;
        let failed = |error| CorpusError::io(&target, EXPECTED, error);
        sync(folder.path()).map_err(failed)?;
        let is_there = fs::symlink_metadata(&target).is_ok();
        let old = if is_there { Some(beside(&target)?) } else { None };
        let aside = old.as_ref().map(|old| old.path().join("old"));
        if is_there {
            check(&target)?;
        }
        // From here on nothing may be removed until all is in its place.
        drop(draft);
        if let Some(aside) = &aside {
            fs::rename(&target, aside).map_err(failed)?;
        }
        if let Err(error) = fs::rename(folder.path(), &target) {
            if let Some(aside) = &aside {
                fs::rename(aside, &target).map_err(failed)?;
            }
            return Err(failed(error).into());
        }
        // It is no longer where it would be removed from.
        let _ = folder.keep();
        if let Ok(folder) = File::open(parent(&target)) {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

/// Waits until the files of a folder are on the disk.
///
/// A file that is synchronised by itself waits for the journal of the file system, about a millisecond. Where the
/// system can, all are written together.
fn sync(folder: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    if rustix::fs::syncfs(File::open(folder)?).is_ok() {
        return Ok(());
    }
    // It fails for a file of somebody else too; these fail for their own alone.
    for entry in fs::read_dir(folder)? {
        File::open(entry?.path())?.sync_all()?;
    }
    Ok(())
}

/// The folder that holds a path.
pub(crate) fn parent(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A folder beside the target, with an ordinary folder's permissions.
fn beside(path: &Path) -> Result<TempDir, CorpusError> {
    let mut prefix = OsString::from(".");
    prefix.push(path.file_name().unwrap_or_default());
    prefix.push(".");
    let mut builder = Builder::new();
    builder.prefix(&prefix).suffix(".tmp");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
    builder.tempdir_in(parent(path)).map_err(|error| CorpusError::io(path, EXPECTED, error))
}
