//! The cache on disk: `models--ORG--NAME/{blobs,refs,snapshots}`, contents by their hash, and a
//! folder of links to them for each commit.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::progress;
use crate::Failure;

/// Length of a commit's name.
const COMMIT: usize = 40;
/// Tells backup programs to pass the cache over (the signature is that of the convention).
const TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n\
                   # Models that can be fetched again.\n";

/// One model in the cache.
#[derive(Debug)]
pub(super) struct RepoCache {
    root: PathBuf,
    name: String,
    folder: PathBuf,
}

impl RepoCache {
    pub(super) fn new(root: &Path, id: &str) -> Self {
        let name = format!("models--{}", id.replace('/', "--"));
        Self { root: root.to_owned(), folder: root.join(&name), name }
    }

    /// The model's own folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The commit that a revision meant when the Hub was last asked.
    pub(super) fn commit_of(&self, revision: &str) -> Option<String> {
        if is_commit(revision) {
            return Some(revision.to_owned());
        }
        let commit = fs::read_to_string(self.folder.join("refs").join(revision)).ok()?;
        let commit = commit.trim();
        crate::model_source::is_name(commit).then(|| commit.to_owned())
    }

    /// The folder of a commit, which a model is read from.
    pub(super) fn snapshot(&self, commit: &str) -> PathBuf {
        self.folder.join("snapshots").join(commit)
    }

    /// Where a content lies, by its hash.
    pub(super) fn blob(&self, etag: &str) -> PathBuf {
        self.folder.join("blobs").join(etag)
    }

    /// Whether a file of a commit is there.
    pub(super) fn holds(&self, commit: &str, file: &str) -> bool {
        self.snapshot(commit).join(file).is_file()
    }

    /// Whether the Hub said that a commit has no such file.
    pub(super) fn is_absent(&self, commit: &str, file: &str) -> bool {
        self.folder.join(".no_exist").join(commit).join(file).exists()
    }

    /// Notes that a commit has no such file, so that nobody need ask again.
    pub(super) fn note_absent(&self, commit: &str, file: &str) {
        let folder = self.folder.join(".no_exist").join(commit);
        // A cache that cannot be written serves all the same.
        let _ = fs::create_dir_all(&folder).and_then(|()| File::create(folder.join(file)));
    }

    /// Notes which commit a branch or tag means now.
    pub(super) fn note_commit(&self, revision: &str, commit: &str) {
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
        // As above.
        let _ = write();
    }

    /// Makes the folders that a download needs.
    pub(super) fn prepare(&self, commit: &str) -> Result<(), Failure> {
        for folder in [self.folder.join("blobs"), self.snapshot(commit)] {
            fs::create_dir_all(&folder).map_err(|error| disk_failure(&folder, &error))?;
        }
        let tag = self.root.join("CACHEDIR.TAG");
        if !tag.exists() {
            // Nothing but a courtesy.
            let _ = fs::write(tag, TAG);
        }
        Ok(())
    }

    /// Waits until nobody else, Python included, fetches the same content. The lock goes with the
    /// file that is returned; a file system without locks gives none.
    pub(super) fn lock(&self, etag: &str) -> Option<File> {
        let folder = self.root.join(".locks").join(&self.name);
        fs::create_dir_all(&folder).ok()?;
        let file = File::create(folder.join(format!("{etag}.lock"))).ok()?;
        if fs4::FileExt::try_lock(&file).is_err() {
            progress::say("waiting for another program that fetches the same file");
            fs4::FileExt::lock(&file).ok()?;
        }
        Some(file)
    }

    /// Lets a commit's file point to a content.
    pub(super) fn link(&self, commit: &str, file: &str, etag: &str) -> Result<(), Failure> {
        let pointer = self.snapshot(commit).join(file);
        // A link to a content that somebody removed.
        let _ = fs::remove_file(&pointer);
        let target = Path::new("../../blobs").join(etag);
        symlink(&target, &pointer)
            // Where there are no links, the file itself lies in the commit's folder.
            .or_else(|_| fs::copy(self.blob(etag), &pointer).map(|_| ()))
            .or_else(|error| if pointer.is_file() { Ok(()) } else { Err(error) })
            .map_err(|error| disk_failure(&pointer, &error))
    }
}

/// Whether a revision is a commit's full name, which never means another one.
pub(super) fn is_commit(revision: &str) -> bool {
    revision.len() == COMMIT && revision.bytes().all(|byte| byte.is_ascii_hexdigit())
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

/// Something in the cache that cannot be written.
pub(super) fn disk_failure(path: &Path, error: &io::Error) -> Failure {
    let hint = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "free some space, or set HF_HOME to a folder on another disk; what came so far is kept"
        }
        _ => "set HF_HOME to a folder that can be written",
    };
    Failure::environment(format!("{}: {error}", path.display())).hint(hint)
}
