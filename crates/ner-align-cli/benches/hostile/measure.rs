//! The program, its time and the peak of its memory.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::cases::Case;

/// What a run took.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) time: Duration,
    /// Bytes of resident memory at the peak.
    pub(crate) memory: u64,
    /// Exit status; 101 is a panic, -1 a signal.
    pub(crate) status: i32,
    /// Bytes on standard output and standard error.
    pub(crate) printed: u64,
    /// The last line on standard error.
    pub(crate) last_line: String,
}

/// Runs a case at a size in a folder of its own.
pub(crate) fn measure(case: &Case, size: usize) -> Result<Measured, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    for (name, write) in case.files {
        let mut file = BufWriter::new(File::create(folder.path().join(name))?);
        write(size, &mut file)?;
        file.flush()?;
    }
    let output = |name: &str| File::create(folder.path().join(name));
    let started = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_ner-align"))
        .args(case.arguments.split(' '))
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(output("stdout")?)
        .stderr(output("stderr")?)
        .spawn()?;
    let path = format!("/proc/{}/status", child.id());
    let mut memory = 0;
    let status = loop {
        // The peak only grows, so that the last one seen is that of the run but for its last moment.
        memory = memory.max(peak(&fs::read_to_string(&path).unwrap_or_default()));
        if let Some(status) = child.try_wait()? {
            break status;
        }
        sleep(Duration::from_millis(2));
    };
    let time = started.elapsed();
    let length = |name: &str| fs::metadata(folder.path().join(name)).map(|file| file.len());
    let errors = fs::read(folder.path().join("stderr"))?;
    let errors = String::from_utf8_lossy(&errors);
    Ok(Measured {
        time,
        memory,
        status: status.code().unwrap_or(-1),
        printed: length("stdout")? + length("stderr")?,
        last_line: errors.lines().last().unwrap_or_default().to_owned(),
    })
}

fn peak(status: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kib.unwrap_or(0) << 10
}
