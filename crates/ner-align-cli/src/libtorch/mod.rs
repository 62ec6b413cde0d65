//! Where this machine has the libtorch that the second program is linked with.
//!
//! The system's loader knows the run path of the program and `LD_LIBRARY_PATH`. A program that was
//! copied elsewhere finds libtorch here, and what is wrong is said in one line.

mod loader;
mod places;
mod pytorch;
mod surroundings;

use std::fmt;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

pub use loader::missing_libraries;
pub use surroundings::Surroundings;

/// The version that the program is built for, up to its patch level.
pub const VERSION: &str = "2.11";

/// The folder that `cargo xtask setup` installs in, below the user's cache.
const CACHED: &str = "libtorch-2.11.0";

/// The variable that the system's loader looks in before the run path of the program.
pub const LIBRARY_PATH: &str =
    if cfg!(target_os = "macos") { "DYLD_LIBRARY_PATH" } else { "LD_LIBRARY_PATH" };

/// What a folder must have: the library that the program is linked with, and what this needs in turn.
const LIBRARIES: [[&str; 2]; 2] =
    [["libtorch_cpu.so", "libc10.so"], ["libtorch_cpu.dylib", "libc10.dylib"]];

/// A folder with libraries that may be libtorch's.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    /// The folder that holds `libtorch_cpu.so`.
    lib: PathBuf,
    /// The user named it, so that no other comes before it.
    asked: bool,
}

/// No libtorch that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotFound {
    /// Folders with one that does not fit, and why.
    unfit: Vec<(PathBuf, String)>,
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.unfit {
            [] => write!(
                f,
                "found none in LIBTORCH, beside the program, in the cache folder of `cargo xtask \
                 setup` or in an installed PyTorch"
            ),
            [(folder, why), ..] => write!(f, "found {}, which {why}", folder.display()),
        }
    }
}

/// The folder of the libtorch to run with: the one that the user names in the library path or in
/// `LIBTORCH`; else the first of those beside the program, in the cache folder and in an installed PyTorch.
/// On a machine with an NVIDIA driver one with a CUDA half goes first.
///
/// # Errors
/// [`NotFound`] if none of them is a libtorch 2.11.
pub fn find(surroundings: &Surroundings) -> Result<PathBuf, NotFound> {
    let mut unfit = Vec::new();
    let mut fit: Vec<Place> = Vec::new();
    for place in places::places(surroundings) {
        match check(&place.lib) {
            Fitness::Fits if place.asked => return Ok(place.lib),
            Fitness::Fits => fit.push(place),
            Fitness::Unfit(why) => unfit.push((place.lib, why)),
            Fitness::Absent => {}
        }
    }
    let with_cuda = || fit.iter().position(|place| has_cuda(&place.lib));
    let chosen = if surroundings.driver { with_cuda() } else { None };
    match fit.into_iter().nth(chosen.unwrap_or(0)) {
        Some(place) => Ok(place.lib),
        None => Err(NotFound { unfit }),
    }
}

enum Fitness {
    Absent,
    Fits,
    Unfit(String),
}

fn check(lib: &Path) -> Fitness {
    let Some([library, needed]) =
        LIBRARIES.into_iter().find(|[library, _]| lib.join(library).exists())
    else {
        return Fitness::Absent;
    };
    if !is_library(&lib.join(library)) {
        return Fitness::Unfit(format!("has a {library} that is no library"));
    }
    if !lib.join(needed).exists() {
        return Fitness::Unfit(format!("has no {needed}"));
    }
    match version(lib) {
        Some(version) if !is_supported(&version) => {
            Fitness::Unfit(format!("is of libtorch {version}"))
        }
        // Libraries alone do not say their version.
        _ => Fitness::Fits,
    }
}

/// Whether a file begins as a library of this system does: ELF here, and Mach-O is left to the loader.
fn is_library(path: &Path) -> bool {
    let mut start = [0; 4];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && (cfg!(target_os = "macos") || start == *b"\x7fELF")
}

fn has_cuda(lib: &Path) -> bool {
    ["libtorch_cuda.so", "../cuda/libtorch_cuda.so"].iter().any(|path| lib.join(path).exists())
}

/// The version that stands beside the libraries: in `build-version` (official archives), `version.py`
/// (PyTorch), or the headers.
fn version(lib: &Path) -> Option<String> {
    let read = |name: &str| fs::read_to_string(lib.parent()?.join(name)).ok();
    if let Some(text) = read("build-version") {
        return Some(text.trim().to_owned());
    }
    if let Some(text) = read("version.py") {
        let value = text.lines().find_map(|line| line.strip_prefix("__version__ = "))?;
        return Some(value.trim().trim_matches(['\'', '"']).to_owned());
    }
    let text = read("include/torch/headeronly/version.h")?;
    let part = |name: &str| {
        let prefix = format!("#define TORCH_VERSION_{name} ");
        text.lines().find_map(|line| line.strip_prefix(&prefix)).map(str::trim)
    };
    Some(format!("{}.{}.{}", part("MAJOR")?, part("MINOR")?, part("PATCH")?))
}

/// Programs run with any patch level: the C++ interface is that of the minor version.
fn is_supported(version: &str) -> bool {
    version.strip_prefix(VERSION).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests;
