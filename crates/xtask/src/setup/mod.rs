//! `cargo xtask setup`: libtorch and a pretrained BERT in the user's cache, and `target/libtorch`, which
//! leads there.
//!
//! An interrupted step leaves nothing that looks complete. Wheels are downloaded under another name
//! and renamed when their digest is right; folders are unpacked under another name and renamed when
//! they are complete. A Ctrl-C or a `kill -9` costs the current step only.

mod cache;
mod cuda;
mod download;
mod driver;
mod files;
mod folder;
mod layout;
mod libtorch;
mod model;
mod pins;
mod pip_errors;
mod python;
mod stamp;
mod unpack;
mod wheels;

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::workspace::Workspace;
use cache::Cache;
pub(crate) use cuda::Choice;
use cuda::Half;
use libtorch::Libtorch;

/// What is installed.
#[derive(Debug)]
pub(crate) struct Ready {
    libtorch: Libtorch,
    cuda: Half,
    model: PathBuf,
}

/// Installs what is missing, or everything again with `force`. Takes milliseconds if nothing is
/// missing.
pub(crate) fn run(workspace: &Workspace, force: bool, cuda: Choice) -> Result<Ready, Failure> {
    let cache = Cache::locate()?;
    let wanted = cuda::wanted(cuda)?;
    let libtorch =
        libtorch::ensure(workspace, &cache, force, matches!(wanted, Half::Wanted { .. }))?;
    let cuda = cuda::ensure(wanted, &libtorch, &cache, force)?;
    let model = model::ensure(&cache, force)?;
    Ok(Ready { libtorch, cuda, model })
}

/// Only libtorch for the CPU, which compiling needs.
pub(crate) fn libtorch_only(workspace: &Workspace) -> Result<(), Failure> {
    libtorch::ensure(workspace, &Cache::locate()?, false, false).map(|_| ())
}

impl Ready {
    /// The pretrained model's folder.
    pub(crate) fn model(&self) -> &Path {
        &self.model
    }

    /// Prints where things are and what to run next.
    pub(crate) fn report(&self) {
        let Libtorch { path, version, linked } = &self.libtorch;
        println!("libtorch {version} is in {}", path.display());
        if let Some(linked) = linked {
            println!("  (links to {})", linked.display());
        }
        if let Some(line) = self.cuda.line() {
            println!("{line}");
        }
        println!("the pretrained BERT is in {}", self.model.display());
        println!(
            "next: `cargo xtask demo` fine-tunes it on job postings and shows the entities found"
        );
        println!("      `cargo xtask test` runs all tests");
    }
}
