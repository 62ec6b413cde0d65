//! Whether the CUDA half of libtorch is wanted, and its installation.

use std::path::{Path, PathBuf};

use super::cache::Cache;
use super::driver::{Driver, OLDEST};
use super::layout::{CUDA, CUDA_FOLDER};
use super::libtorch::{FETCHABLE, Libtorch};
use super::python::{self, Python};
use super::stamp::Stamp;
use crate::failure::Failure;

/// The library that registers CUDA with libtorch.
const LIBRARY: &str = "libtorch_cuda.so";

/// What the user said of CUDA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    /// Where there is a driver for it.
    Auto,
    /// In any case.
    Cuda,
    /// In no case.
    Cpu,
}

impl Choice {
    /// From the arguments `--cuda` and `--cpu`.
    pub(crate) const fn of(cuda: bool, cpu: bool) -> Self {
        match (cuda, cpu) {
            (true, _) => Self::Cuda,
            (false, true) => Self::Cpu,
            (false, false) => Self::Auto,
        }
    }
}

/// The CUDA half, before and after its installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Half {
    /// Nobody wants it.
    None,
    /// It is to be installed; `asked` if the user said so, and not a driver.
    Wanted {
        /// By `--cuda`.
        asked: bool,
    },
    /// The driver of this machine, of this version, is too old for it.
    OldDriver(u32),
    /// This libtorch is not of our making and for the CPU alone.
    CpuBuild(PathBuf),
    /// Its library.
    At(PathBuf),
}

impl Half {
    /// What to tell the user.
    pub(super) fn line(&self) -> Option<String> {
        match self {
            Self::None | Self::Wanted { .. } => None,
            Self::OldDriver(major) => Some(format!(
                "without CUDA: the NVIDIA driver is {major}, CUDA 13 needs {OLDEST} (--cuda \
                 installs it all the same)"
            )),
            Self::CpuBuild(root) => Some(format!(
                "without CUDA: there is an NVIDIA driver, but {} is a build for the CPU alone",
                root.display()
            )),
            Self::At(library) => Some(format!("its CUDA half is {}", library.display())),
        }
    }
}

/// Whether the half is to be installed.
pub(super) fn wanted(choice: Choice) -> Result<Half, Failure> {
    decide(choice, if FETCHABLE { Driver::find() } else { None })
}

fn decide(choice: Choice, driver: Option<Driver>) -> Result<Half, Failure> {
    match (choice, driver) {
        (Choice::Cuda, _) if !FETCHABLE => {
            Err(Failure::environment("this platform has no tested CUDA half to download")
                .hint("set LIBTORCH to a libtorch 2.11 with CUDA"))
        }
        (Choice::Cuda, _) => Ok(Half::Wanted { asked: true }),
        (Choice::Cpu, _) | (Choice::Auto, None) => Ok(Half::None),
        (Choice::Auto, Some(Driver { major: Some(major) })) if major < OLDEST => {
            Ok(Half::OldDriver(major))
        }
        (Choice::Auto, Some(_)) => Ok(Half::Wanted { asked: false }),
    }
}

/// The CUDA half of this libtorch; installs it if it is wanted and missing.
pub(super) fn ensure(
    wanted: Half,
    libtorch: &Libtorch,
    cache: &Cache,
    force: bool,
) -> Result<Half, Failure> {
    let Half::Wanted { asked } = wanted else { return Ok(wanted) };
    let root = libtorch.linked.as_ref().unwrap_or(&libtorch.path);
    let beside = root.join("lib").join(LIBRARY);
    if beside.exists() {
        return Ok(Half::At(beside));
    }
    // Halves of different builds do not fit.
    if Stamp::verified(root).is_none() {
        if !asked {
            return Ok(Half::CpuBuild(root.clone()));
        }
        let what = format!("{} is a build for the CPU alone", root.display());
        return Err(Failure::environment(what).hint(
            "unset LIBTORCH to install one with CUDA, or install torch==2.11.0 from PyPI, which has it",
        ));
    }
    let path = root.join(CUDA_FOLDER);
    if force || Stamp::verified(&path).is_none() {
        let _lock = cache.lock()?;
        // Another set-up may have done it while this one waited.
        if force || Stamp::verified(&path).is_none() {
            let python = Python::find().ok_or_else(python::missing)?;
            CUDA.fetch(&path, &python, cache, &[])?;
        }
    }
    Ok(Half::At(Path::new(&path).join(LIBRARY)))
}

#[cfg(test)]
mod tests;
