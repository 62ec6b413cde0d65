//! The Python on the PATH: its installed PyTorch, and its pip to download wheels with.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use super::files::remove;
use crate::failure::Failure;

/// Finds torch by its metadata. Importing it would take seconds and might fail here.
const FIND_TORCH: &str = r"
import importlib.metadata, importlib.util, json
version = root = None
try:
    version = importlib.metadata.version('torch')
    root = list(importlib.util.find_spec('torch').submodule_search_locations)[0]
except Exception:
    pass
print(json.dumps({'version': version, 'root': root}))
";

/// The platforms that the pinned wheels are named by. pip takes an older one for a newer one only
/// from `manylinux2014` on.
const PLATFORMS: [&str; 6] = [
    "manylinux_2_28",
    "manylinux_2_27",
    "manylinux_2_25",
    "manylinux_2_18",
    "manylinux_2_17",
    "manylinux2014",
];

/// A Python that runs.
#[derive(Debug)]
pub(super) struct Python {
    program: OsString,
    torch: Option<Torch>,
}

/// A PyTorch in that Python's site-packages.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Torch {
    /// Such as `2.11.0+cu130`.
    pub(super) version: String,
    /// The package's folder, with `lib` and `include` in it.
    pub(super) root: PathBuf,
}

/// A Python with pip.
#[derive(Debug)]
pub(super) struct Pip {
    program: OsString,
    /// Whether it can resume interrupted downloads, as pip can since 25.1.
    resumes: bool,
}

impl Python {
    /// The Python that torch-sys would use; `None` if none runs.
    pub(super) fn find() -> Option<Self> {
        let program: OsString = if cfg!(windows) { "python".into() } else { "python3".into() };
        let output = Command::new(&program).args(["-c", FIND_TORCH]).output().ok()?;
        output.status.success().then(|| Self { program, torch: parse_torch(&output.stdout) })
    }

    /// The installed PyTorch, of any version.
    pub(super) fn torch(&self) -> Option<&Torch> {
        self.torch.as_ref()
    }

    /// Its pip, or one in a new virtual environment below `folder`: a Python without pip often has
    /// the module `venv`.
    pub(super) fn pip(&self, folder: &Path) -> Result<Pip, Failure> {
        if let Some(pip) = Pip::at(&self.program) {
            return Ok(pip);
        }
        let environment = folder.join("pip");
        let python = environment.join(if cfg!(windows) { "Scripts/python" } else { "bin/python3" });
        if let Some(pip) = Pip::at(python.as_os_str()) {
            return Ok(pip);
        }
        remove(&environment)?;
        let mut venv = Command::new(&self.program);
        venv.args(["-m", "venv"]).arg(&environment);
        let made = run(&mut venv).is_ok_and(|output| output.status.success());
        match made.then(|| Pip::at(python.as_os_str())).flatten() {
            Some(pip) => Ok(pip),
            None => {
                remove(&environment)?;
                Err(Failure::environment("python3 has neither pip nor a working venv").hint(
                    "install it (`apt install python3-pip`), or set LIBTORCH to a libtorch 2.11",
                ))
            }
        }
    }
}

impl Pip {
    fn at(program: impl Into<OsString>) -> Option<Self> {
        let program = program.into();
        let output = run(Command::new(&program).args(["-m", "pip", "--version"])).ok()?;
        let version = parse_pip_version(&String::from_utf8_lossy(&output.stdout))?;
        output.status.success().then_some(Self { program, resumes: version >= (25, 1) })
    }

    #[cfg(test)]
    pub(super) fn fake(program: impl Into<OsString>) -> Self {
        Self { program: program.into(), resumes: true }
    }

    /// `pip download` without its own progress bar.
    ///
    /// It names the wheel's tags rather than use those of the Python that runs pip, so that every
    /// Python downloads the same file.
    pub(super) fn download(&self, requirement: &str, into: &Path) -> Command {
        let mut pip = Command::new(&self.program);
        pip.args(["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"]);
        pip.args(["--python-version", "3.11", "--implementation", "cp", "--abi", "cp311"]);
        for glibc in PLATFORMS {
            pip.arg(format!("--platform={glibc}_x86_64"));
        }
        // pip's cache would keep another 530 MB that are needed once.
        pip.args(["--no-cache-dir", "--progress-bar=off", "--disable-pip-version-check"]);
        if self.resumes {
            pip.arg("--resume-retries=20");
        }
        pip.arg("--dest").arg(into).arg(requirement);
        pip
    }
}

/// The error for a machine without Python, where nothing can be downloaded.
pub(super) fn missing() -> Failure {
    Failure::environment("python3 was not found; its pip is needed to download libtorch")
        .hint("install it (`apt install python3 python3-pip`), or set LIBTORCH to a libtorch 2.11")
}

fn run(command: &mut Command) -> io::Result<Output> {
    command.stdin(std::process::Stdio::null()).output()
}

fn parse_torch(json: &[u8]) -> Option<Torch> {
    let found: Value = serde_json::from_slice(json).ok()?;
    Some(Torch {
        version: found["version"].as_str()?.to_owned(),
        root: found["root"].as_str()?.into(),
    })
}

/// Major and minor from `pip 23.2.1 from ...`.
fn parse_pip_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim_start().strip_prefix("pip ")?.split_whitespace().next()?.split('.');
    let major = parts.next()?.parse().ok()?;
    // A pre-release such as `26b1` has no dot to split at.
    Some((major, parts.next().and_then(|minor| minor.parse().ok()).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_python_prints() {
        let json = br#"{"version": "2.11.0+cu130", "root": "/s/torch"}"#;
        let torch = Torch { version: "2.11.0+cu130".into(), root: "/s/torch".into() };
        assert_eq!(parse_torch(json), Some(torch));
        assert_eq!(parse_torch(br#"{"version": null, "root": null}"#), None);
        assert_eq!(parse_torch(b"Traceback"), None);
    }

    #[test]
    fn reads_pip_versions() {
        assert_eq!(parse_pip_version("pip 23.2.1 from /x (python 3.11)\n"), Some((23, 2)));
        assert_eq!(parse_pip_version("pip 26 from /x"), Some((26, 0)));
        assert_eq!(parse_pip_version("No module named pip"), None);
    }

    #[test]
    fn old_pips_are_not_asked_to_resume() {
        let shown = |resumes| {
            let pip = Pip { program: "python3".into(), resumes };
            format!("{:?}", pip.download("a===1", Path::new("out")))
        };
        assert!(shown(true).contains("--resume-retries"));
        assert!(!shown(false).contains("--resume-retries"));
        assert!(shown(false).contains("a===1"));
    }
}
