//! Commands that live in the second program.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Args;
use ner_align_cli::{Failure, finish};

/// Everything after the command's name, as it was given.
#[derive(Debug, Default, Args)]
pub(crate) struct Forwarded {
    /// Arguments of the command; `--help` lists them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, num_args = 0..)]
    arguments: Vec<OsString>,
}

impl Forwarded {
    /// These arguments.
    pub(crate) fn of<const N: usize>(arguments: [&str; N]) -> Self {
        Self { arguments: arguments.map(OsString::from).into() }
    }
}

/// Name of the second program.
const PROGRAM: &str = "ner-align-tch";
/// What the dynamic loader exits with when a library is missing.
const LOADER_FAILED: i32 = 127;

/// How libtorch's threads behave, unless the environment says so already. Threads that wait for
/// the next piece of work by spinning halve the time that other programs leave to it: with both
/// cores of a machine busy, training ran 27 times slower than with threads that sleep. Some
/// microseconds of spinning before they do cost nothing there, and save a twentieth where nothing
/// else runs. A fixed number of threads keeps sums in the same order, whatever else the machine
/// does. Large pages, where the system has them, save a fiftieth.
const ENVIRONMENT: [(&str, &str); 4] = [
    ("OMP_WAIT_POLICY", "PASSIVE"),
    ("GOMP_SPINCOUNT", "2000"),
    ("MKL_DYNAMIC", "FALSE"),
    ("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1"),
];

/// The same for a server, whose batches differ in length from one to the next. oneDNN keeps what it
/// prepared for the last 1,024 shapes, some 100 KB each: memory grew by half a megabyte a batch. A
/// batch needs few, and the next one of that length comes late.
const OF_A_SERVER: [(&str, &str); 1] = [("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")];

/// Runs the second program and hands its exit status on.
pub(crate) fn run(command: &str, forwarded: &Forwarded) -> ExitCode {
    match start(command, &forwarded.arguments) {
        Ok(code) => code,
        Err(failure) => finish(Err(failure)),
    }
}

fn start(command: &str, arguments: &[OsString]) -> Result<ExitCode, Failure> {
    let program = beside_this_program().ok_or_else(|| {
        Failure::environment(format!(
            "`ner-align {command}` needs the program {PROGRAM} beside ner-align, found none"
        ))
        .hint("build it with `cargo build -p ner-align-cli --features tch`; it needs libtorch 2.11")
    })?;
    let mut child = Command::new(&program);
    child.arg(command).args(arguments);
    if let Some(folder) = library_folder(&program) {
        child.env(LIBRARY_PATH, join_paths(&folder));
    }
    let of_command: &[_] = if command == "serve" { &OF_A_SERVER } else { &[] };
    for (name, value) in ENVIRONMENT.iter().chain(of_command) {
        if env::var_os(name).is_none() {
            child.env(name, value);
        }
    }
    #[cfg(unix)]
    if libtorch_is_found(&program) {
        // One process: signals, which a training run saves its state on, reach it directly.
        let error = std::os::unix::process::CommandExt::exec(&mut child);
        return Err(Failure::environment(format!("{}: {error}", program.display())));
    }
    let status = child
        .status()
        .map_err(|error| Failure::environment(format!("{}: {error}", program.display())))?;
    match status.code() {
        Some(LOADER_FAILED) => Err(Failure::environment(format!(
            "{PROGRAM} cannot load libtorch 2.11, or the system's loader said why above"
        ))
        .hint("set LIBTORCH to a libtorch 2.11 folder, or install PyTorch 2.11")),
        Some(code) => Ok(ExitCode::from(u8::try_from(code).unwrap_or(1))),
        None => Ok(ExitCode::from(interrupted(status))),
    }
}

#[cfg(unix)]
fn interrupted(status: std::process::ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt;
    status.signal().and_then(|signal| u8::try_from(128 + signal).ok()).unwrap_or(1)
}

#[cfg(not(unix))]
fn interrupted(_status: std::process::ExitStatus) -> u8 {
    1
}

fn beside_this_program() -> Option<PathBuf> {
    let own = env::current_exe().ok()?;
    let name = format!("{PROGRAM}{}", env::consts::EXE_SUFFIX);
    let path = own.parent()?.join(name);
    path.is_file().then_some(path)
}

#[cfg(target_os = "macos")]
const LIBRARY_PATH: &str = "DYLD_LIBRARY_PATH";
#[cfg(not(target_os = "macos"))]
const LIBRARY_PATH: &str = "LD_LIBRARY_PATH";

/// A folder to look for libtorch in that the program's own run path may not name: `LIBTORCH`, or
/// beside the program. `None` where neither has one, and the loader's own places must do.
fn library_folder(program: &Path) -> Option<PathBuf> {
    let own = env::var_os("LIBTORCH").map(|folder| PathBuf::from(folder).join("lib"));
    let beside = program.parent().map(|folder| folder.join("libtorch").join("lib"));
    [own, beside].into_iter().flatten().find(|folder| {
        folder.join("libtorch_cpu.so").exists() || folder.join("libtorch_cpu.dylib").exists()
    })
}

/// True if the loader will find libtorch: where [`library_folder`] looks, where the library path
/// says, or under the folders that the workspace's programs look in from where cargo puts them.
#[cfg(unix)]
fn libtorch_is_found(program: &Path) -> bool {
    let known = env::var_os(LIBRARY_PATH).unwrap_or_default();
    let built = ["..", "../..", "../../.."]
        .iter()
        .filter_map(|up| Some(program.parent()?.join(up).join("libtorch").join("lib")));
    library_folder(program).is_some()
        || env::split_paths(&known).chain(built).any(|folder| {
            folder.join("libtorch_cpu.so").exists() || folder.join("libtorch_cpu.dylib").exists()
        })
}

fn join_paths(first: &Path) -> OsString {
    let mut folders = vec![first.to_owned()];
    if let Some(known) = env::var_os(LIBRARY_PATH) {
        folders.extend(env::split_paths(&known));
    }
    env::join_paths(folders).unwrap_or_else(|_| first.as_os_str().to_owned())
}
