//! The cache on disk: `models--ORG--NAME/{blobs,refs,snapshots}`, contents by their hash, and a
//! folder of links to them for each commit.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::HubError;
use crate::names::{is_commit, is_file_name};

/// Tells backup programs to pass the cache over (the signature is that of the convention).
const TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n\
                   # Models that can be fetched again.\n";

/// One model in the cache.
#[derive(Debug)]
pub(crate) struct RepoCache {
    root: PathBuf,
    name: String,
    folder: PathBuf,
}

impl RepoCache {
    pub(crate) fn new(root: &Path, id: &str) -> Self {
        let name = format!("models--{}", id.replace('/', "--"));
        Self { root: root.to_owned(), folder: root.join(&name), name }
    }

    /// The model's own folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The commit that a revision stood for when the Hub was last asked.
    pub(crate) fn commit_of(&self, revision: &str) -> Option<String> {
        if is_commit(revision) {
            return Some(revision.to_owned());
        }
        let commit = fs::read_to_string(self.folder.join("refs").join(revision)).ok()?;
        let commit = commit.trim();
        is_file_name(commit).then(|| commit.to_owned())
    }

    /// The folder of a commit, which a model is read from.
    pub(crate) fn snapshot(&self, commit: &str) -> PathBuf {
        self.folder.join("snapshots").join(commit)
    }

    /// The path of a content, by its hash.
    pub(crate) fn blob(&self, etag: &str) -> PathBuf {
        self.folder.join("blobs").join(etag)
    }

    /// Whether the cache has a file of a commit.
    pub(crate) fn holds(&self, commit: &str, file: &str) -> bool {
        self.snapshot(commit).join(file).is_file()
    }

    /// Whether the Hub said that a commit has no such file.
    pub(crate) fn is_absent(&self, commit: &str, file: &str) -> bool {
        self.folder.join(".no_exist").join(commit).join(file).exists()
    }

    /// Records that a commit has no such file, so that nobody need ask again.
    pub(crate) fn note_absent(&self, commit: &str, file: &str) {
        let folder = self.folder.join(".no_exist").join(commit);
        // A cache that cannot be written can still be read.
        let _ = fs::create_dir_all(&folder).and_then(|()| File::create(folder.join(file)));
    }

    /// Records the current commit of a branch or tag.
    pub(crate) fn note_commit(&self, revision: &str, commit: &str) {
        if revision == commit || self.commit_of(revision).as_deref() == Some(commit) {
            return;
        }
        let path = self.folder.join("refs").join(revision);
        let mut partial = path.clone().into_os_string();
        partial.push(format!(".{}.tmp", std::process::id()));
        let write = || -> io::Result<()> {
            fs::create_dir_all(path.parent().unwrap_or(&self.folder))?;
            fs::write(&partial, commit)?;
            fs::rename(&partial, &path)
        };
        // A cache that cannot be written can still be read.
        let _ = write();
    }

    /// Creates the folders that a download needs.
    pub(crate) fn prepare(&self, commit: &str) -> Result<(), HubError> {
        for folder in [self.folder.join("blobs"), self.snapshot(commit)] {
            fs::create_dir_all(&folder).map_err(|error| HubError::io(&folder, error))?;
        }
        let tag = self.root.join("CACHEDIR.TAG");
        if !tag.exists() {
            // Only a courtesy to backup programs.
            let _ = fs::write(tag, TAG);
        }
        Ok(())
    }

    /// Waits until nobody else, Python included, fetches the same content. The lock is released
    /// with the file that is returned; `None` on a file system without locks. Calls `on_wait` before
    /// it waits.
    pub(crate) fn lock(&self, etag: &str, on_wait: impl FnOnce()) -> Option<File> {
        let folder = self.root.join(".locks").join(&self.name);
        fs::create_dir_all(&folder).ok()?;
        let file = File::create(folder.join(format!("{etag}.lock"))).ok()?;
        match fs4::FileExt::try_lock(&file) {
            Ok(()) => Some(file),
            Err(fs4::TryLockError::WouldBlock) => {
                on_wait();
                fs4::FileExt::lock(&file).ok().map(|()| file)
            }
            Err(fs4::TryLockError::Error(_)) => None,
        }
    }

    /// Makes a commit's file point to a content.
    pub(crate) fn link(&self, commit: &str, file: &str, etag: &str) -> Result<(), HubError> {
        let pointer = self.snapshot(commit).join(file);
        // It may be a link to a content that somebody removed.
        let _ = fs::remove_file(&pointer);
        let target = Path::new("../../blobs").join(etag);
        symlink(&target, &pointer)
            // Without links on the file system, the commit's folder has a copy.
            .or_else(|_| fs::copy(self.blob(etag), &pointer).map(|_| ()))
            .or_else(|error| if pointer.is_file() { Ok(()) } else { Err(error) })
            .map_err(|error| HubError::io(&pointer, error))
    }
}

#[cfg(unix)]
fn symlink(target: &Path, pointer: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, pointer)
}

#[cfg(windows)]
fn symlink(target: &Path, pointer: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_file(target, pointer)
}

#[cfg(not(any(unix, windows)))]
fn symlink(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
