//! Finds a libtorch 2.11, or installs one in the user's cache, and links it as `target/libtorch`.
//!
//! `target/libtorch` always has `lib` and `include`. The run path of the workspace's programs leads
//! there, so they need no LD_LIBRARY_PATH. What was downloaded survives `cargo clean`, and serves all
//! checkouts and installed programs.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::cache::Cache;
use super::files::{create_dir, partial, remove, replace, symlink};
use super::folder;
use super::layout::CPU;
use super::pins::{LIBTORCH_VERSION, TORCH};
use super::python::{self, Python, Torch};
use super::stamp::Stamp;
use crate::failure::Failure;
use crate::workspace::Workspace;

/// Whether the folder that is made from wheels has been tested on this platform.
pub(super) const FETCHABLE: bool =
    cfg!(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"));

/// What the user's environment asks for.
#[derive(Debug, PartialEq)]
enum Request {
    /// The PyTorch of the Python on the PATH.
    Pytorch,
    /// A folder of the user's own.
    Folder(PathBuf),
    /// Any that is found.
    Any,
}

/// A libtorch that can be built against and run with.
#[derive(Debug)]
pub(crate) struct Libtorch {
    /// `target/libtorch`.
    pub(crate) path: PathBuf,
    /// Such as `2.11.0+cu130`.
    pub(crate) version: String,
    /// The folder that `path` links to, if it is linked.
    pub(crate) linked: Option<PathBuf>,
}

/// Returns the installed libtorch, or installs one. `with_cuda` keeps the wheel that the CUDA half is
/// in too.
pub(super) fn ensure(
    workspace: &Workspace,
    cache: &Cache,
    force: bool,
    with_cuda: bool,
) -> Result<Libtorch, Failure> {
    let path = workspace.libtorch();
    let request = Request::new(
        std::env::var_os("LIBTORCH_USE_PYTORCH").is_some(),
        std::env::var_os("LIBTORCH"),
        &path,
    )?;
    let found = match &request {
        Request::Any => None,
        Request::Folder(folder) => {
            let origin = format!("LIBTORCH={}", folder.display());
            Some((folder.clone(), folder::check(folder, &origin)?))
        }
        Request::Pytorch => {
            let torch = pytorch(Python::find().ok_or_else(python::missing)?.torch())?;
            Some((torch.root, torch.version))
        }
    };
    let wanted = found.as_ref().map(|(root, _)| root.as_path());
    let libtorch = match in_place(&path, wanted).filter(|_| !force) {
        Some(libtorch) => libtorch,
        None => {
            let _lock = cache.lock()?;
            // Another set-up may have done it while this one waited.
            match in_place(&path, wanted).filter(|_| !force) {
                Some(libtorch) => libtorch,
                None => install(&path, found, cache, force, with_cuda)?,
            }
        }
    };
    reach_from(workspace.target(), &path)?;
    Ok(libtorch)
}

impl Request {
    fn new(use_pytorch: bool, libtorch: Option<OsString>, default: &Path) -> Result<Self, Failure> {
        // torch-sys ignores LIBTORCH where this is set, whatever its value.
        if use_pytorch {
            return Ok(Self::Pytorch);
        }
        let Some(folder) = libtorch.filter(|value| !value.is_empty()).map(PathBuf::from) else {
            return Ok(Self::Any);
        };
        // cargo sets it to the default where the user has set nothing.
        let same_file = || Some(folder.canonicalize().ok()? == default.canonicalize().ok()?);
        if folder == default || same_file().unwrap_or(false) {
            return Ok(Self::Any);
        }
        if folder.is_relative() {
            // Build scripts run in another folder than the user.
            let what = format!("LIBTORCH={} is a relative path", folder.display());
            return Err(Failure::environment(what).hint("give the whole path"));
        }
        Ok(Self::Folder(folder))
    }
}

/// The libtorch at `path`, if it is complete and the one that is asked for.
fn in_place(path: &Path, wanted: Option<&Path>) -> Option<Libtorch> {
    // The user may have put a link there. A folder that set-up made has a stamp.
    let own_link = fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
    let (version, linked) = if own_link {
        (folder::check(path, "target/libtorch").ok()?, fs::canonicalize(path).ok())
    } else {
        let stamp = Stamp::verified(path)?;
        (stamp.version, stamp.linked)
    };
    let fits = wanted.is_none_or(|wanted| linked.as_deref() == Some(wanted));
    fits.then(|| Libtorch { path: path.to_owned(), version, linked })
}

fn install(
    path: &Path,
    found: Option<(PathBuf, String)>,
    cache: &Cache,
    force: bool,
    with_cuda: bool,
) -> Result<Libtorch, Failure> {
    if let Some((root, version)) = found {
        return link(path, &root, &version);
    }
    let python = Python::find();
    let installed = python.as_ref().and_then(Python::torch);
    if let Some(torch) = installed.filter(|torch| folder::is_supported(&torch.version)) {
        // A PyTorch without headers or libraries is of no use here, but no error.
        if folder::check(&torch.root, "the installed PyTorch").is_ok() {
            eprintln!("libtorch: using the installed PyTorch {}", torch.version);
            return link(path, &torch.root, &torch.version);
        }
    }
    if !FETCHABLE {
        return Err(Failure::environment("this platform has no tested libtorch to download").hint(
            "install PyTorch 2.11 (pip install torch==2.11.0), or set LIBTORCH to libtorch 2.11",
        ));
    }
    let root = cache.libtorch();
    if force || Stamp::verified(&root).is_none() {
        let keep: &[&str] = if with_cuda { &[TORCH.file] } else { &[] };
        CPU.fetch(&root, &python.ok_or_else(python::missing)?, cache, keep)?;
    }
    link(path, &root, LIBTORCH_VERSION)
}

fn pytorch(torch: Option<&Torch>) -> Result<Torch, Failure> {
    const HINT: &str = "pip install torch==2.11.0, or unset LIBTORCH_USE_PYTORCH";
    let Some(torch) = torch else {
        let what = "LIBTORCH_USE_PYTORCH is set, but python3 has no torch";
        return Err(Failure::environment(what).hint(HINT));
    };
    let origin = "LIBTORCH_USE_PYTORCH is set: PyTorch";
    folder::check(&torch.root, &format!("{origin} in {}", torch.root.display()))?;
    if !folder::is_supported(&torch.version) {
        let what = format!("{origin} is {}, 2.11 is needed", torch.version);
        return Err(Failure::environment(what).hint(HINT));
    }
    Ok(torch.clone())
}

/// Makes `path` a folder of links to the libtorch in `root`, so that the run path finds all its
/// libraries, those for CUDA included.
fn link(path: &Path, root: &Path, version: &str) -> Result<Libtorch, Failure> {
    let partial = partial(path)?;
    for name in ["lib", "include"] {
        symlink(&root.join(name), &partial.join(name))?;
    }
    let header = PathBuf::from("include/torch");
    let mut files = vec![folder::library()];
    files.extend(
        partial
            .join(&header)
            .join("headeronly/version.h")
            .exists()
            .then(|| header.join("headeronly/version.h")),
    );
    Stamp::of(&partial, version, Some(root), &files)?.write(&partial)?;
    replace(&partial, path)?;
    Ok(Libtorch {
        path: path.to_owned(),
        version: version.to_owned(),
        linked: Some(root.to_owned()),
    })
}

/// If cargo builds in another folder (CARGO_TARGET_DIR), the run path leads there; this links it.
fn reach_from(target: &Path, libtorch: &Path) -> Result<(), Failure> {
    let link = target.join("libtorch");
    if link == libtorch || fs::read_link(&link).is_ok_and(|to| to == libtorch) || cfg!(windows) {
        return Ok(());
    }
    create_dir(target)?;
    remove(&link)?;
    symlink(libtorch, &link)
}

#[cfg(test)]
mod tests;
