//! The folders in which a libtorch may lie, in order.

use std::env;
use std::path::PathBuf;

use super::surroundings::Surroundings;
use super::{CACHED, LIBRARY_PATH, Place, pytorch};

/// All folders to look in, the best one first.
pub(super) fn places(surroundings: &Surroundings) -> Vec<Place> {
    let known = surroundings.variable(LIBRARY_PATH).cloned().unwrap_or_default();
    let asked =
        env::split_paths(&known).chain(surroundings.folder("LIBTORCH").map(|f| f.join("lib")));
    let asked: Vec<PathBuf> = asked.filter(|folder| !folder.as_os_str().is_empty()).collect();
    // Where a copy has it, and where cargo builds.
    let beside = ["", "..", "../..", "../../.."]
        .map(|up| surroundings.program.join(up).join("libtorch").join("lib"));
    let cached = surroundings.cache().map(|cache| cache.join(CACHED).join("lib"));
    let found = beside.into_iter().chain(cached).chain(pytorch::places(surroundings));
    let place = |asked| move |lib| Place { lib, asked };
    asked.into_iter().map(place(true)).chain(found.map(place(false))).collect()
}
