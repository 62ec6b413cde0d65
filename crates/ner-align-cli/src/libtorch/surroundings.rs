//! What of this machine decides where a libtorch may lie.

use std::collections::HashMap;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::LIBRARY_PATH;

/// Where an NVIDIA driver shows: its kernel module, and its library in a container or under WSL.
const DRIVER: [&str; 4] = [
    "/proc/driver/nvidia/version",
    "/usr/lib/x86_64-linux-gnu/libcuda.so.1",
    "/usr/lib64/libcuda.so.1",
    "/usr/lib/wsl/lib/libcuda.so.1",
];

/// Variables that name folders.
const VARIABLES: [&str; 7] = [
    LIBRARY_PATH,
    "LIBTORCH",
    "NER_ALIGN_CACHE",
    "XDG_CACHE_HOME",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "PATH",
];

/// What of this machine decides where to look.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The folder of the program.
    pub(super) program: PathBuf,
    pub(super) variables: HashMap<&'static str, OsString>,
    pub(super) home: Option<PathBuf>,
    /// Folders that hold a system's `lib`: `/usr/local` and `/usr`.
    pub(super) prefixes: Vec<PathBuf>,
    /// There is an NVIDIA driver.
    pub(super) driver: bool,
}

impl Surroundings {
    /// Those of this process, for a program in the folder `program`.
    #[must_use]
    pub fn of_process(program: &Path) -> Self {
        let set = |name: &&'static str| Some((*name, env::var_os(name)?));
        Self {
            program: program.to_owned(),
            variables: VARIABLES.iter().filter_map(set).collect(),
            home: env::home_dir().filter(|home| home.is_absolute()),
            prefixes: ["/usr/local", "/usr"].map(PathBuf::from).into(),
            driver: DRIVER.iter().any(|path| Path::new(path).exists()),
        }
    }

    /// The value of a variable that is set to something.
    pub(super) fn variable(&self, name: &str) -> Option<&OsString> {
        self.variables.get(name).filter(|value| !value.is_empty())
    }

    pub(super) fn folder(&self, name: &str) -> Option<PathBuf> {
        self.variable(name).map(PathBuf::from)
    }

    /// The folder of `cargo xtask setup`: `$NER_ALIGN_CACHE`, else `$XDG_CACHE_HOME/ner-align`, else
    /// `~/.cache/ner-align`.
    pub(super) fn cache(&self) -> Option<PathBuf> {
        if let Some(own) = self.folder("NER_ALIGN_CACHE") {
            return Some(own);
        }
        let base = self.folder("XDG_CACHE_HOME").filter(|path| path.is_absolute());
        base.or_else(|| Some(self.home.as_ref()?.join(".cache"))).map(|base| base.join("ner-align"))
    }
}
