//! Operations on files, folders and links. Their errors say what to do.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Creates a folder and those above it.
pub(super) fn create_dir(path: &Path) -> Result<(), Failure> {
    fs::create_dir_all(path).map_err(|error| Failure::io("create", path, &error))
}

/// Removes a folder tree, a file or a link. A path that does not exist is no error.
pub(super) fn remove(path: &Path) -> Result<(), Failure> {
    let removed = match fs::symlink_metadata(path) {
        Err(_) => return Ok(()),
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
    };
    removed.map_err(|error| Failure::io("remove", path, &error))
}

/// Fails if the disk of `folder` has fewer than `bytes` free, and says how many it has.
pub(super) fn require_space(folder: &Path, bytes: u64) -> Result<(), Failure> {
    // If the free space is unknown, writing will show whether it suffices.
    let free = fs4::available_space(folder).unwrap_or(u64::MAX);
    if free >= bytes {
        return Ok(());
    }
    let (need, free) = (megabytes(bytes), megabytes(free));
    let folder = folder.display();
    Err(Failure::environment(format!("the disk is full: {folder} needs {need} free, has {free}"))
        .hint("free some space, or set NER_ALIGN_CACHE to a folder on another disk"))
}

/// A size in decimal megabytes, rounded up, as download pages and disks count.
pub(super) fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}

/// A link at `link` that leads to `to`.
#[cfg(unix)]
pub(super) fn symlink(to: &Path, link: &Path) -> Result<(), Failure> {
    std::os::unix::fs::symlink(to, link).map_err(|error| Failure::io("create", link, &error))
}

/// Always fails: on other platforms links need rights that a user may not have.
#[cfg(not(unix))]
pub(super) fn symlink(_to: &Path, link: &Path) -> Result<(), Failure> {
    Err(Failure::environment(format!("cannot link {} on this platform", link.display()))
        .hint("copy libtorch's folders there, or set LIBTORCH and add its lib folder to PATH"))
}

/// Creates an empty folder beside `path` to build in, so that a folder with the final name is
/// always complete. Removes what a killed run left there.
pub(super) fn partial(path: &Path) -> Result<PathBuf, Failure> {
    let partial = path.with_extension("partial");
    remove(&partial)?;
    create_dir(&partial)?;
    Ok(partial)
}

/// Renames the finished folder `partial` to `path` and removes what had that name.
pub(super) fn replace(partial: &Path, path: &Path) -> Result<(), Failure> {
    // Removing thousands of files takes a while; a rename does not. A run that is killed between
    // the two renames leaves no folder of that name, never half of one.
    let old = path.with_extension("old");
    remove(&old)?;
    if fs::symlink_metadata(path).is_ok() {
        fs::rename(path, &old).map_err(|error| Failure::io("replace", path, &error))?;
    }
    fs::rename(partial, path).map_err(|error| Failure::io("create", path, &error))?;
    remove(&old)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removes_links_without_following_them() {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("kept");
        fs::write(&kept, "x").unwrap();
        let tree = folder.path().join("tree");
        fs::create_dir(&tree).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(folder.path(), tree.join("link")).unwrap();
        remove(&tree).unwrap();
        remove(&tree).unwrap();
        assert!(kept.exists() && !tree.exists());
    }

    #[test]
    fn space_is_checked_with_numbers() {
        let folder = tempfile::tempdir().unwrap();
        require_space(folder.path(), 1).unwrap();
        let shown = require_space(folder.path(), u64::MAX).unwrap_err().to_string();
        assert!(shown.contains("MB free, has"), "{shown}");
    }

    #[test]
    fn a_finished_folder_replaces_whatever_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("libtorch");
        for content in ["first", "second"] {
            let partial = partial(&path).unwrap();
            assert_eq!(fs::read_dir(&partial).unwrap().count(), 0, "nothing is left from before");
            fs::write(partial.join("f"), content).unwrap();
            replace(&partial, &path).unwrap();
            assert_eq!(fs::read_to_string(path.join("f")).unwrap(), content);
        }
        fs::write(partial(&path).unwrap().join("half"), "").unwrap();
        assert!(!partial(&path).unwrap().join("half").exists());
        assert!(!folder.path().join("libtorch.old").exists());
    }
}
