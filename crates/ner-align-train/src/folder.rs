//! Folders that appear whole or not at all.

use std::path::Path;

use crate::error::TrainError;

/// Fills a new folder beside `target` by `fill`, then puts it in `target`'s place.
///
/// If `fill` fails, or the process dies meanwhile, `target` is what it was before.
///
/// # Errors
/// What `fill` returns, or the system's reason why the folder cannot be made or renamed.
pub fn replace_folder(
    target: &Path,
    fill: impl FnOnce(&Path) -> Result<(), TrainError>,
) -> Result<(), TrainError> {
    let io = |source| TrainError::Io { path: target.to_owned(), source };
    let parent = target.parent().unwrap_or_else(|| Path::new("."));
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let fresh = tempfile::Builder::new()
        .prefix(&format!(".{name}."))
        .suffix(".partial")
        .tempdir_in(parent)
        .map_err(io)?;
    fill(fresh.path())?;
    for entry in std::fs::read_dir(fresh.path()).map_err(io)? {
        // On the disk before the rename is: a crash must not leave a name without its content.
        let file = std::fs::File::open(entry.map_err(io)?.path()).map_err(io)?;
        file.sync_all().map_err(io)?;
    }
    make_listable(fresh.path()).map_err(io)?;
    // A folder cannot be renamed over a filled one; the old one steps aside first.
    let old = tempfile::Builder::new().prefix(&format!(".{name}.old.")).tempdir_in(parent);
    let old = old.map_err(io)?;
    if target.exists() {
        std::fs::rename(target, old.path().join("model")).map_err(io)?;
    }
    std::fs::rename(fresh.keep(), target).map_err(io)
}

/// Temporary folders are made for their owner alone; a model folder is like any other.
#[cfg(unix)]
fn make_listable(directory: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_listable(_directory: &Path) -> std::io::Result<()> {
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
                std::fs::write(directory.join("a"), text).unwrap();
                if text == "bad" { Err(TrainError::NoTrainingData) } else { Ok(()) }
            }
        };
        replace_folder(&target, write("one")).unwrap();
        replace_folder(&target, write("two")).unwrap();
        assert!(replace_folder(&target, write("bad")).is_err());
        assert_eq!(std::fs::read_to_string(target.join("a")).unwrap(), "two");
        let left: Vec<_> = std::fs::read_dir(parent.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }
}
