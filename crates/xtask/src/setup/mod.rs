//! `cargo xtask setup`: libtorch in `target/libtorch`, a pretrained BERT in the user's cache.
//!
//! Nothing that was interrupted is ever taken for whole: wheels are downloaded aside and renamed
//! once their digest is right, folders are unpacked aside and renamed once they are complete. A
//! Ctrl-C or a `kill -9` at any point costs the step at hand and no more.

mod cache;
mod download;
mod files;
mod folder;
mod layout;
mod libtorch;
mod model;
mod pip_errors;
mod python;
mod stamp;
mod unpack;
mod wheels;

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::workspace::Workspace;
use cache::Cache;
use libtorch::Libtorch;

/// What is in place.
#[derive(Debug)]
pub(crate) struct Ready {
    libtorch: Libtorch,
    model: PathBuf,
}

/// Puts in place what is missing, or everything anew with `force`. Takes milliseconds where
/// nothing is missing.
pub(crate) fn run(workspace: &Workspace, force: bool) -> Result<Ready, Failure> {
    let cache = Cache::locate()?;
    let libtorch = libtorch::ensure(workspace, &cache, force)?;
    let model = model::ensure(&cache, force)?;
    Ok(Ready { libtorch, model })
}

/// The part of set-up that compiling needs.
pub(crate) fn libtorch_only(workspace: &Workspace) -> Result<(), Failure> {
    libtorch::ensure(workspace, &Cache::locate()?, false).map(|_| ())
}

impl Ready {
    /// The pretrained model's folder.
    pub(crate) fn model(&self) -> &Path {
        &self.model
    }

    /// The lines that a person wants at the end.
    pub(crate) fn report(&self) {
        let Libtorch { path, version, linked } = &self.libtorch;
        println!("libtorch {version} is in {}", path.display());
        if let Some(linked) = linked {
            println!("  (links to {})", linked.display());
        }
        println!("the pretrained BERT is in {}", self.model.display());
        println!("next: `cargo xtask demo` fine-tunes it on job postings and shows the result");
        println!("      `cargo xtask test` runs every test");
    }
}
