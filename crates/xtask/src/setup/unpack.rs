//! Unpacks chosen files of a wheel and checks each against the wheel's RECORD.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Component, Path, PathBuf};

use indicatif::ProgressBar;
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use super::files::create_dir;
use super::wheels::base64url;
use crate::failure::Failure;

/// A path in the wheel and its path below the destination. Paths that end in `/` take all that is
/// below.
pub(super) type Pick = (&'static str, &'static str);

/// Files of this size or larger are flushed to disk before the folder gets its final name, so that
/// a power cut leaves no complete folder with an empty file of the right size.
const FLUSH_FROM: u64 = 100_000;

/// An open wheel and its RECORD.
#[derive(Debug)]
pub(super) struct WheelFile {
    path: PathBuf,
    archive: ZipArchive<File>,
    record: HashMap<String, (String, u64)>,
}

impl WheelFile {
    /// Opens the wheel at `path`.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let file = File::open(path).map_err(|error| Failure::io("open", path, &error))?;
        let mut archive = ZipArchive::new(file).map_err(|error| broken(path, &error))?;
        let names = archive.file_names().filter_map(Result::ok);
        let record_name = names
            .map(|name| name.into_owned())
            .find(|name| name.ends_with(".dist-info/RECORD"))
            .ok_or_else(|| broken(path, &"it has no RECORD"))?;
        let mut text = String::new();
        archive
            .by_name(&record_name)
            .map_err(|error| broken(path, &error))?
            .read_to_string(&mut text)
            .map_err(|error| broken(path, &error))?;
        Ok(Self { path: path.to_owned(), archive, record: parse_record(&text) })
    }

    /// Bytes of all picked files, from RECORD.
    pub(super) fn unpacked_size(&self, picks: &[Pick]) -> u64 {
        let picked = self.record.iter().filter(|(name, _)| destination(name, picks).is_some());
        picked.map(|(_, (_, size))| size).sum()
    }

    /// Writes the picked files below `into` and moves `bar` on by their bytes.
    ///
    /// Fails if a pick matches nothing, a file is not in RECORD, or its content differs from
    /// RECORD. Files that were written until then stay: callers unpack into a folder that gets its
    /// name when it is complete.
    pub(super) fn unpack(
        &mut self,
        picks: &[Pick],
        into: &Path,
        bar: &ProgressBar,
    ) -> Result<(), Failure> {
        let wheel = self.path.clone();
        let mut seen = vec![false; picks.len()];
        for index in 0..self.archive.len() {
            let mut entry = self.archive.by_index(index).map_err(|error| broken(&wheel, &error))?;
            let name = entry.name().map_err(|error| broken(&wheel, &error))?.into_owned();
            if entry.is_dir() {
                continue;
            }
            let Some((pick, relative)) = destination(&name, picks) else { continue };
            seen[pick] = true;
            let expected = self
                .record
                .get(&name)
                .ok_or_else(|| broken(&wheel, &format!("{name} is not in RECORD")))?;
            let target = into.join(safe(&relative).ok_or_else(|| broken(&wheel, &name))?);
            if let Some(parent) = target.parent() {
                create_dir(parent)?;
            }
            let executable = entry.unix_mode().is_some_and(|mode| mode & 0o111 != 0);
            let (digest, size) = write(&mut entry, &target, &wheel, bar)?;
            if (&digest, size) != (&expected.0, expected.1) {
                return Err(broken(&wheel, &format!("{name} differs from RECORD")));
            }
            if executable {
                set_executable(&target)?;
            }
        }
        match seen.iter().position(|seen| !seen) {
            None => Ok(()),
            Some(missing) => Err(broken(&wheel, &format!("it contains no {}", picks[missing].0))),
        }
    }
}

/// Digest and size of each file by its name. RECORD itself has no digest and is left out.
fn parse_record(text: &str) -> HashMap<String, (String, u64)> {
    let line = |line: &str| {
        let mut fields = line.trim_end().rsplitn(3, ',');
        let size = fields.next()?.parse().ok()?;
        let digest = fields.next()?.strip_prefix("sha256=")?;
        // RECORD is CSV: a name with a comma is quoted.
        let name = fields.next()?;
        let name = name.strip_prefix('"').and_then(|n| n.strip_suffix('"')).unwrap_or(name);
        Some((name.replace("\"\"", "\""), (digest.to_owned(), size)))
    };
    text.lines().filter_map(line).collect()
}

/// The index of the pick that matches a file, and the file's path below the destination.
fn destination(name: &str, picks: &[Pick]) -> Option<(usize, String)> {
    picks.iter().enumerate().find_map(|(index, (from, to))| {
        let rest = name.strip_prefix(from)?;
        let wanted = if from.ends_with('/') { !rest.is_empty() } else { rest.is_empty() };
        wanted.then(|| (index, format!("{to}{rest}")))
    })
}

/// The path, if it cannot lead out of the folder that it is joined to.
fn safe(relative: &str) -> Option<&Path> {
    let path = Path::new(relative);
    path.components().all(|part| matches!(part, Component::Normal(_))).then_some(path)
}

fn write(
    from: &mut impl Read,
    to: &Path,
    wheel: &Path,
    bar: &ProgressBar,
) -> Result<(String, u64), Failure> {
    let failed = |error: std::io::Error| Failure::io("write", to, &error);
    let mut file = File::create(to).map_err(failed)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    let mut size = 0;
    loop {
        let read = from.read(&mut buffer).map_err(|error| broken(wheel, &error))?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        file.write_all(&buffer[..read]).map_err(failed)?;
        size += read as u64;
        bar.inc(read as u64);
    }
    if size >= FLUSH_FROM {
        file.sync_all().map_err(failed)?;
    }
    Ok((base64url(&hasher.finalize()), size))
}

#[cfg(unix)]
fn set_executable(path: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
        .map_err(|error| Failure::io("change", path, &error))
}

#[cfg(not(unix))]
fn set_executable(_path: &Path) -> Result<(), Failure> {
    Ok(())
}

fn broken(wheel: &Path, why: &dyn std::fmt::Display) -> Failure {
    let name = wheel.file_name().unwrap_or_default().display();
    Failure::environment(format!("cannot unpack {name}: {why}"))
        .hint("run it again; `cargo xtask setup --force` downloads everything again")
}

#[cfg(test)]
mod tests;
