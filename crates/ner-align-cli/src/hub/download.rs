//! Fetching one content: into a partial file that the next attempt, or the next run, goes on with.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Trouble;
use super::cache::disk_failure;
use super::client::{Client, Piece, Remote, pause};
use super::progress::{self, Bytes};
use crate::Failure;

/// Attempts in a row that bring nothing.
const ATTEMPTS: u32 = 5;
const BUFFER: usize = 1 << 18;

/// What is there of a content.
struct Partial {
    path: PathBuf,
    file: File,
    size: u64,
    hash: Sha256,
}

impl Partial {
    /// Opens what an earlier run left. Only what can be checked as a whole is gone on with.
    fn open(path: PathBuf, remote: &Remote) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).append(true).create(true).open(&path)?;
        let mut partial = Self { path, file, size: 0, hash: Sha256::new() };
        let left = partial.file.metadata()?.len();
        if remote.sha256().is_none() || remote.size.is_some_and(|size| left > size) {
            partial.restart()?;
        } else {
            let mut buffer = vec![0; BUFFER];
            loop {
                let read = partial.file.read(&mut buffer)?;
                if read == 0 {
                    break;
                }
                partial.hash.update(&buffer[..read]);
                partial.size += read as u64;
            }
        }
        Ok(partial)
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
        Ok(())
    }

    fn restart(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.size = 0;
        self.hash = Sha256::new();
        Ok(())
    }

    fn digest(&self) -> String {
        self.hash.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Fetches a file's content to `blob`, where it appears whole, checked and on disk, or not at all.
/// Gives the bytes that came over the network.
pub(super) fn fetch(
    client: &Client<'_>,
    id: &str,
    commit: &str,
    file: &str,
    remote: &Remote,
    blob: &Path,
) -> Result<u64, Trouble> {
    let mut path = blob.as_os_str().to_owned();
    path.push(".incomplete");
    let path = PathBuf::from(path);
    let disk = |error: io::Error| disk_failure(&path, &error);
    let mut partial = Partial::open(path.clone(), remote).map_err(disk)?;
    let from_before = partial.size;
    require_space(&path, remote, from_before)?;
    let download = Download { client, id, commit, file, remote };
    let mut bytes = download.complete(&mut partial)?;
    let mut wrong = download.fault(&partial);
    if wrong.is_some() && from_before > 0 {
        // What an earlier run left may be what is wrong.
        partial.restart().map_err(disk)?;
        bytes += download.complete(&mut partial)?;
        wrong = download.fault(&partial);
    }
    if let Some(wrong) = wrong {
        // Nobody should go on with it.
        let _ = fs::remove_file(&path);
        let what = format!("{id}: {file}: {wrong}");
        return Err(Failure::environment(what).hint("the download is damaged: try again").into());
    }
    partial.file.sync_all().map_err(disk)?;
    fs::rename(&partial.path, blob).map_err(disk)?;
    Ok(bytes)
}

struct Download<'a> {
    client: &'a Client<'a>,
    id: &'a str,
    commit: &'a str,
    file: &'a str,
    remote: &'a Remote,
}

impl Download<'_> {
    /// Reads until the end, over connections that break; gives the bytes that came.
    fn complete(&self, partial: &mut Partial) -> Result<u64, Trouble> {
        let bar = progress::bar(self.file, self.remote.size);
        let (mut came, mut failures) = (0, 0);
        while self.remote.size != Some(partial.size) {
            let before = came;
            let (outcome, wait) =
                match self.client.read(self.id, self.commit, self.file, partial.size)? {
                    Piece::Later(reason, wait) => (Err(reason), wait),
                    Piece::Rest(reader) => (self.copy(reader, partial, &bar, &mut came)?, None),
                    Piece::Whole(reader) => {
                        partial.restart().map_err(|error| disk_failure(&partial.path, &error))?;
                        (self.copy(reader, partial, &bar, &mut came)?, None)
                    }
                };
            let reason = match outcome {
                Ok(()) if self.remote.size.is_none_or(|size| partial.size >= size) => break,
                Ok(()) => "the connection ended too early".to_owned(),
                Err(reason) => reason,
            };
            failures = if came > before { 1 } else { failures + 1 };
            if failures >= ATTEMPTS {
                return Err(self.gave_up(partial, &reason));
            }
            bar.set_prefix(format!("{} (again)", self.file));
            pause(failures, wait);
        }
        bar.finish_and_clear();
        Ok(came)
    }

    /// Takes in what comes. The inner error is that of a connection, which another may not have.
    fn copy(
        &self,
        mut reader: Box<dyn Read>,
        partial: &mut Partial,
        bar: &indicatif::ProgressBar,
        came: &mut u64,
    ) -> Result<Result<(), String>, Failure> {
        let mut buffer = vec![0; BUFFER];
        loop {
            let read = match reader.read(&mut buffer) {
                Ok(0) => return Ok(Ok(())),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Ok(Err(error.to_string())),
            };
            partial.append(&buffer[..read]).map_err(|e| disk_failure(&partial.path, &e))?;
            *came += read as u64;
            bar.set_position(partial.size);
            if self.remote.size.is_some_and(|size| partial.size > size) {
                return Ok(Ok(()));
            }
        }
    }

    /// What is wrong with a content that came to its end.
    fn fault(&self, partial: &Partial) -> Option<String> {
        if let Some(size) = self.remote.size.filter(|&size| size != partial.size) {
            return Some(format!("expected {size} bytes, found {}", partial.size));
        }
        let expected = self.remote.sha256()?;
        let found = partial.digest();
        (!found.eq_ignore_ascii_case(expected))
            .then(|| format!("expected SHA-256 {expected}, found {found}"))
    }

    fn gave_up(&self, partial: &Partial, reason: &str) -> Trouble {
        let so_far = match self.remote.size {
            Some(size) => format!("{} of {}", Bytes(partial.size), Bytes(size)),
            None => Bytes(partial.size).to_string(),
        };
        let what = format!("{}: {}: broke off after {so_far}: {reason}", self.id, self.file);
        Trouble::Unreachable(
            Failure::environment(what).hint("run it again: what came so far is kept"),
        )
    }
}

/// Fails early, and with numbers, where the disk has too little room.
fn require_space(path: &Path, remote: &Remote, there: u64) -> Result<(), Failure> {
    let needed = remote.size.unwrap_or(0).saturating_sub(there);
    let folder = path.parent().unwrap_or(path);
    // Where the free space cannot be told, writing will tell.
    let free = fs4::available_space(folder).unwrap_or(u64::MAX);
    if free >= needed {
        return Ok(());
    }
    let (folder, needed, free) = (folder.display(), Bytes(needed), Bytes(free));
    let what = format!("{folder}: the disk is full: {needed} are needed, {free} free");
    Err(Failure::environment(what)
        .hint("free some space, or set HF_HOME to a folder on another disk"))
}
