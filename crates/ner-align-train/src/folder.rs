//! Folders that appear complete or not at all.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use crate::error::TrainError;

/// The ending of unfinished folders' names, which start with a dot.
const UNFINISHED: &str = ".partial";

/// Fills a new folder beside `target` by `fill`, then puts it in `target`'s place.
///
/// If `fill` fails, or the process is killed at any moment, `target` is either the old folder or
/// the new one, complete. (Some file systems cannot exchange two folders in one operation; there,
/// `target` is missing for a moment.)
///
/// # Errors
/// What `fill` returns, or [`TrainError::Io`] if the folder cannot be made or renamed.
pub fn replace_folder(
    target: impl AsRef<Path>,
    fill: impl FnOnce(&Path) -> Result<(), TrainError>,
) -> Result<(), TrainError> {
    let target = target.as_ref();
    let io = |source| TrainError::io(target, source);
    let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or_else(|| Path::new("."));
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let fresh = tempfile::Builder::new()
        .prefix(&format!(".{name}."))
        .suffix(UNFINISHED)
        .tempdir_in(parent)
        .map_err(io)?;
    fill(fresh.path())?;
    for entry in fs::read_dir(fresh.path()).map_err(io)? {
        // On the disk before the rename: a crash must not leave a name without its content.
        File::open(entry.map_err(io)?.path()).and_then(|file| file.sync_all()).map_err(io)?;
    }
    make_listable(fresh.path()).map_err(io)?;
    sync(fresh.path());
    if target.exists() {
        // The old folder takes the fresh one's name, and goes with it when `fresh` is dropped.
        exchange(fresh.path(), target).map_err(io)?;
    } else {
        fs::rename(fresh.keep(), target).map_err(io)?;
    }
    sync(parent);
    Ok(())
}

/// Checks that files can be made in `folder`.
pub(crate) fn check_is_writable(folder: &Path) -> Result<(), TrainError> {
    let probe = tempfile::Builder::new().prefix(".").suffix(UNFINISHED).tempdir_in(folder);
    probe.and_then(tempfile::TempDir::close).map_err(|source| TrainError::Output {
        path: folder.to_owned(),
        // The library's own errors name the file that was tried.
        source: source.kind().into(),
    })
}

/// Removes unfinished folders of a process that was killed.
pub(crate) fn remove_leftovers(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') && name.ends_with(UNFINISHED) {
            // A leftover costs nothing but room.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Puts a folder's list of names on the disk, where the system lets folders be opened.
fn sync(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn exchange(fresh: &Path, target: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, fresh, CWD, target, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        // Some file systems cannot.
        Err(_) => rename_in_two_steps(fresh, target),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn exchange(fresh: &Path, target: &Path) -> io::Result<()> {
    rename_in_two_steps(fresh, target)
}

/// Renames the old folder away first: a folder cannot be renamed over one with files.
fn rename_in_two_steps(fresh: &Path, target: &Path) -> io::Result<()> {
    let mut old = fresh.as_os_str().to_owned();
    old.push(format!(".old{UNFINISHED}"));
    fs::rename(target, &old)?;
    fs::rename(fresh, target)?;
    fs::remove_dir_all(&old)
}

/// Gives a folder the usual permissions; temporary folders are their owner's alone.
#[cfg(unix)]
fn make_listable(directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(directory, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_listable(_directory: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_filling_leaves_the_old_folder() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("model-best");
        let write = |text: &'static str| {
            move |directory: &Path| {
                fs::write(directory.join("a"), text).unwrap();
                if text == "bad" { Err(TrainError::NoTrainingData) } else { Ok(()) }
            }
        };
        let read = || fs::read_to_string(target.join("a")).unwrap();
        let names = || fs::read_dir(parent.path()).unwrap().count();
        replace_folder(&target, write("one")).unwrap();
        replace_folder(&target, write("two")).unwrap();
        assert!(replace_folder(&target, write("bad")).is_err());
        assert_eq!((read().as_str(), names()), ("two", 1));

        fs::create_dir(parent.path().join(".model-best.x.partial")).unwrap();
        fs::write(target.join("b"), "").unwrap();
        remove_leftovers(parent.path());
        assert_eq!((read().as_str(), names()), ("two", 1));

        let fresh = parent.path().join(".fresh");
        fs::create_dir(&fresh).unwrap();
        fs::write(fresh.join("a"), "three").unwrap();
        rename_in_two_steps(&fresh, &target).unwrap();
        assert_eq!((read().as_str(), names()), ("three", 1));
    }
}
