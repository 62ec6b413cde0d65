//! Downloads one content, into a partial file that the next attempt, or the next run, resumes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::HubError;
use crate::event::{Event, Observer};
use crate::http::{Answer, Http, Remote, pause};

/// Attempts in a row without a byte.
const ATTEMPTS: u32 = 5;
const BUFFER: usize = 1 << 18;

/// The bytes of a content that have arrived.
struct Partial {
    path: PathBuf,
    file: File,
    size: u64,
    hash: Sha256,
}

impl Partial {
    /// Opens what an earlier run left. Only a content with a known SHA-256 is resumed.
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

/// Downloads a file's content to `blob`, which appears complete, checked and on disk, or not at all.
/// Returns the bytes that came over the network.
pub(crate) fn download(
    http: &Http<'_>,
    observer: &Observer,
    id: &str,
    commit: &str,
    file: &str,
    remote: &Remote,
    blob: &Path,
) -> Result<u64, HubError> {
    let mut path = blob.as_os_str().to_owned();
    path.push(".incomplete");
    let path = PathBuf::from(path);
    let disk = |error: io::Error| HubError::io(&path, error);
    let mut partial = Partial::open(path.clone(), remote).map_err(disk)?;
    let from_before = partial.size;
    require_space(&path, remote, from_before)?;
    let download = Download { http, observer, id, commit, file, remote };
    let mut bytes = download.complete(&mut partial)?;
    let mut checked = download.check(&partial);
    if checked.is_err() && from_before > 0 {
        // What an earlier run left may be the reason.
        partial.restart().map_err(disk)?;
        bytes += download.complete(&mut partial)?;
        checked = download.check(&partial);
    }
    if checked.is_err() {
        // Nobody should resume it.
        let _ = fs::remove_file(&path);
    }
    checked?;
    partial.file.sync_all().map_err(disk)?;
    fs::rename(&partial.path, blob).map_err(disk)?;
    Ok(bytes)
}

struct Download<'a> {
    http: &'a Http<'a>,
    observer: &'a Observer,
    id: &'a str,
    commit: &'a str,
    file: &'a str,
    remote: &'a Remote,
}

impl Download<'_> {
    /// Reads until the end, and notifies the observer; returns the bytes that came over the network.
    fn complete(&self, partial: &mut Partial) -> Result<u64, HubError> {
        let (file, size) = (self.file, self.remote.size);
        self.observer.notify(Event::Started { file, size, present: partial.size });
        let outcome = self.read_to_end(partial);
        self.observer.notify(Event::Finished { file });
        outcome
    }

    /// Reads until the end, over as many connections as needed.
    fn read_to_end(&self, partial: &mut Partial) -> Result<u64, HubError> {
        let (mut received, mut failures) = (0, 0);
        // A server that starts anew each time and never ends makes no progress, however much it
        // sends.
        let mut farthest = partial.size;
        while self.remote.size != Some(partial.size) {
            let answer = self.http.read(self.id, self.commit, self.file, partial.size)?;
            let (outcome, wait) = match answer {
                Answer::Later(reason, wait) => (Err(reason), wait),
                Answer::Rest(reader) => (self.copy(reader, partial, &mut received)?, None),
                Answer::FromStart(reader) => {
                    partial.restart().map_err(|error| HubError::io(&partial.path, error))?;
                    (self.copy(reader, partial, &mut received)?, None)
                }
            };
            let reason = match outcome {
                Ok(()) if self.remote.size.is_none_or(|size| partial.size >= size) => break,
                Ok(()) => "the connection ended too early".to_owned(),
                Err(reason) => reason,
            };
            failures = if partial.size > farthest { 1 } else { failures + 1 };
            farthest = farthest.max(partial.size);
            if failures >= ATTEMPTS {
                return Err(HubError::Interrupted {
                    id: self.id.to_owned(),
                    file: self.file.to_owned(),
                    bytes: partial.size,
                    size: self.remote.size,
                    reason,
                });
            }
            self.observer.notify(Event::Retrying { file: self.file, reason: &reason });
            pause(failures, wait);
        }
        Ok(received)
    }

    /// Appends what a connection gives. The inner error is that of the connection, after which
    /// another one may do.
    fn copy(
        &self,
        mut reader: Box<dyn Read>,
        partial: &mut Partial,
        received: &mut u64,
    ) -> Result<Result<(), String>, HubError> {
        let mut buffer = vec![0; BUFFER];
        loop {
            let read = match reader.read(&mut buffer) {
                Ok(0) => return Ok(Ok(())),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Ok(Err(error.to_string())),
            };
            partial.append(&buffer[..read]).map_err(|error| HubError::io(&partial.path, error))?;
            *received += read as u64;
            self.observer.notify(Event::Progress { file: self.file, bytes: partial.size });
            if self.remote.size.is_some_and(|size| partial.size > size) {
                return Ok(Ok(()));
            }
        }
    }

    /// Compares a complete content with what the Hub promised.
    fn check(&self, partial: &Partial) -> Result<(), HubError> {
        let damaged = |expected: String, found: String| {
            let (id, file) = (self.id.to_owned(), self.file.to_owned());
            Err(HubError::Damaged { id, file, expected, found })
        };
        if let Some(size) = self.remote.size.filter(|&size| size != partial.size) {
            return damaged(format!("{size} bytes"), partial.size.to_string());
        }
        let Some(expected) = self.remote.sha256() else { return Ok(()) };
        let found = partial.digest();
        if found.eq_ignore_ascii_case(expected) {
            Ok(())
        } else {
            damaged(format!("SHA-256 {expected}"), found)
        }
    }
}

/// Fails early, and with numbers, if the disk has too little room.
fn require_space(path: &Path, remote: &Remote, present: u64) -> Result<(), HubError> {
    let needed = remote.size.unwrap_or(0).saturating_sub(present);
    let folder = path.parent().unwrap_or(path);
    // If the free space is unknown, writing will show.
    let free = fs4::available_space(folder).unwrap_or(u64::MAX);
    if free >= needed {
        return Ok(());
    }
    Err(HubError::DiskFull { folder: folder.to_owned(), needed, free })
}
