//! Commands that live in the second program.

use std::env;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Args;
use ner_align_cli::libtorch::{self, Surroundings};
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
    let library_path = library_path(command, &program)?;
    let mut child = Command::new(&program);
    child.arg(command).args(arguments);
    if let Some(path) = library_path {
        child.env(libtorch::LIBRARY_PATH, path);
    }
    let of_command: &[_] = if command == "serve" { &OF_A_SERVER } else { &[] };
    for (name, value) in ENVIRONMENT.iter().chain(of_command) {
        if env::var_os(name).is_none() {
            child.env(name, value);
        }
    }
    replace_by(&mut child)
        .map_err(|error| Failure::environment(format!("{}: {error}", program.display())))
}

/// One process: signals, which a training run saves its state on, reach it directly.
#[cfg(unix)]
fn replace_by(child: &mut Command) -> io::Result<ExitCode> {
    Err(std::os::unix::process::CommandExt::exec(child))
}

#[cfg(not(unix))]
fn replace_by(child: &mut Command) -> io::Result<ExitCode> {
    let code = child.status()?.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(1)))
}

fn beside_this_program() -> Option<PathBuf> {
    let own = env::current_exe().ok()?;
    let name = format!("{PROGRAM}{}", env::consts::EXE_SUFFIX);
    let path = own.parent()?.join(name);
    path.is_file().then_some(path)
}

/// The library path with which the second program finds libtorch; `None` where the system's loader
/// finds it without one.
fn library_path(command: &str, program: &Path) -> Result<Option<OsString>, Failure> {
    let folder = program.parent().unwrap_or(program);
    let found = libtorch::find(&Surroundings::of_process(folder));
    let path = found.as_ref().ok().map(|folder| with_first(folder));
    let Some(missing) = libtorch::missing_libraries(program, path.as_deref()) else {
        return Ok(path);
    };
    let version = libtorch::VERSION;
    let needs = format!("`ner-align {command}` needs libtorch {version}");
    Err(match found {
        Err(not_found) => Failure::environment(format!("{needs}: {not_found}")).hint(format!(
            "`cargo xtask setup` of the repository or `pip install torch==2.11.0` installs one; or set \
             LIBTORCH to the folder of a libtorch {version}"
        )),
        Ok(folder) => {
            Failure::environment(format!("{needs}: {} cannot be loaded: {missing}", folder.display()))
                .hint(format!(
                    "install it anew, or set LIBTORCH to the folder of a complete libtorch {version}"
                ))
        }
    })
}

/// The library path of this process with a folder before its own.
fn with_first(folder: &Path) -> OsString {
    let mut folders = vec![folder.to_owned()];
    if let Some(known) = env::var_os(libtorch::LIBRARY_PATH) {
        folders.extend(env::split_paths(&known));
    }
    env::join_paths(folders).unwrap_or_else(|_| folder.as_os_str().to_owned())
}
