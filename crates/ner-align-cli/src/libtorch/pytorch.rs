//! Installed PyTorches, found by their folders: to run Python takes longer than to start the program.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use super::surroundings::Surroundings;

/// The folders of libraries of the PyTorches that this machine has: of the active environment, of the
/// `python3` on the path, of the user, of the system.
pub(super) fn places(surroundings: &Surroundings) -> Vec<PathBuf> {
    let mut prefixes: Vec<PathBuf> =
        ["VIRTUAL_ENV", "CONDA_PREFIX"].iter().filter_map(|n| surroundings.folder(n)).collect();
    prefixes.extend(of_python(surroundings));
    prefixes.extend(surroundings.home.as_ref().map(|home| home.join(".local")));
    prefixes.extend(surroundings.prefixes.iter().cloned());
    let mut found = Vec::new();
    for folder in prefixes.iter().flat_map(|prefix| packages(prefix)) {
        let lib = folder.join("torch").join("lib");
        if !found.contains(&lib) {
            found.push(lib);
        }
    }
    found
}

/// `PREFIX/bin/python3` belongs to the packages below `PREFIX`, and so does what it links to.
fn of_python(surroundings: &Surroundings) -> Vec<PathBuf> {
    let path = surroundings.variable("PATH").cloned().unwrap_or_default();
    let python = env::split_paths(&path).map(|folder| folder.join("python3")).find(|p| p.exists());
    let Some(python) = python else { return Vec::new() };
    let prefix = |python: &Path| Some(python.parent()?.parent()?.to_owned());
    let linked = fs::canonicalize(&python).ok();
    [prefix(&python), linked.as_deref().and_then(prefix)].into_iter().flatten().collect()
}

/// `lib/python3.11/site-packages` and its like, the newest Python first.
fn packages(prefix: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for lib in ["lib", "lib64"] {
        let Ok(entries) = fs::read_dir(prefix.join(lib)) else { continue };
        let pythons = entries.flatten().map(|entry| entry.path());
        let mut pythons: Vec<_> = pythons.filter(|path| minor(path).is_some()).collect();
        pythons.sort_by_key(|path| std::cmp::Reverse(minor(path)));
        for python in pythons {
            // Debian's name comes second.
            found.extend(["site-packages", "dist-packages"].map(|name| python.join(name)));
        }
    }
    found
}

/// 11 of `python3.11`; 0 of `python3`, where Debian keeps what serves all of them.
fn minor(path: &Path) -> Option<u32> {
    match path.file_name()?.to_str()?.strip_prefix("python3")? {
        "" => Some(0),
        rest => rest.strip_prefix('.')?.parse().ok(),
    }
}
