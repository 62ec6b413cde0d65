//! What the system's loader would say.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// Libraries of `program` that the loader does not find with this library path, in its own words where
/// it says more; `None` if it finds all of them, and where the loader cannot be asked.
///
/// glibc's loader lists libraries without running the program (`ldd` asks in the same way), which takes
/// some milliseconds. Any other loader runs the program, which prints its version.
#[must_use]
pub fn missing_libraries(program: &Path, library_path: Option<&OsStr>) -> Option<String> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let mut command = Command::new(program);
    command.arg("--version").env("LD_TRACE_LOADED_OBJECTS", "1").stdin(Stdio::null());
    if let Some(path) = library_path {
        command.env(super::LIBRARY_PATH, path);
    }
    let output = command.output().ok()?;
    let listed = String::from_utf8_lossy(&output.stdout);
    let missing: Vec<&str> =
        listed.lines().filter_map(|line| line.trim().strip_suffix("=> not found")).collect();
    if !missing.is_empty() {
        let names: Vec<&str> = missing.iter().map(|name| name.trim()).collect();
        return Some(format!("{} not found", names.join(", ")));
    }
    if output.status.success() {
        return None;
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let reason = said.lines().next().unwrap_or_default();
    Some(reason.rsplit_once("shared libraries: ").map_or(reason, |(_, reason)| reason).to_owned())
}
