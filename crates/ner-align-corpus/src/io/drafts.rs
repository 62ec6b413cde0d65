//! The files that are being written beside their targets, so that a program that has to end can
//! remove them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How often a folder is tried to be removed.
const MOST_TRIES: usize = 1000;

static DRAFTS: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn drafts() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    // A set of paths is whole whatever a thread that panicked did with it.
    DRAFTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file or folder that [`remove_drafts`] removes, for as long as this lives.
#[derive(Debug)]
pub struct Draft(PathBuf);

impl Draft {
    /// Takes note of a path until the draft is dropped.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        drafts().insert(path.to_owned());
        Self(path.to_owned())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        drafts().remove(&self.0);
    }
}

/// Removes the temporary files and folders of everything that this process is writing. For the
/// last moment of a program that a signal ends: what writes them fails from then on.
pub fn remove_drafts() {
    for path in drafts().iter() {
        if !path.is_dir() {
            // What cannot be removed stays, as it would have without.
            let _ = fs::remove_file(path);
            continue;
        }
        // A folder is not empty at once while somebody still writes into it.
        for _ in 0..MOST_TRIES {
            if fs::remove_dir_all(path).is_ok() {
                break;
            }
        }
    }
}
