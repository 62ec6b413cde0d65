//! Checks a libtorch folder: whether it is complete, and which version it is.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs;
use std::path::{Path, PathBuf};

use super::pins::LIBTORCH_VERSION;
use crate::failure::Failure;

/// Headers that state the version: the first since 2.9, the second before.
const VERSION_HEADERS: [&str; 2] =
    ["include/torch/headeronly/version.h", "include/torch/csrc/api/include/torch/version.h"];

/// The library that programs are linked to, below a libtorch folder.
pub(super) fn library() -> PathBuf {
    let extension = if cfg!(windows) { ".lib" } else { DLL_SUFFIX };
    Path::new("lib").join(format!("{DLL_PREFIX}torch_cpu{extension}"))
}

/// Checks that crates can be built against `root`; returns its version.
///
/// `origin` says in messages where the folder comes from: `LIBTORCH=/opt/libtorch`.
pub(super) fn check(root: &Path, origin: &str) -> Result<String, Failure> {
    for needed in [library(), PathBuf::from("include/torch")] {
        if !root.join(&needed).exists() {
            let what = format!("{origin} contains no {}", needed.display());
            return Err(Failure::environment(what).hint(
                "set it to a complete libtorch 2.11, or unset it and `cargo xtask setup` installs one",
            ));
        }
    }
    let version = version(root).unwrap_or_else(|| "of unknown version".to_owned());
    if version.starts_with(|first: char| first.is_ascii_digit()) && !is_supported(&version) {
        let what = format!("{origin} is libtorch {version}, 2.11 is needed");
        return Err(Failure::environment(what)
            .hint("set it to a libtorch 2.11, or unset it and `cargo xtask setup` installs one"));
    }
    Ok(version)
}

/// Whether tch 0.24 builds against this version. torch-sys insists on the patch level only where
/// it reads the version itself; the C++ interface is that of the minor version.
pub(super) fn is_supported(version: &str) -> bool {
    let minor = LIBTORCH_VERSION.rsplit_once('.').map_or(LIBTORCH_VERSION, |(minor, _)| minor);
    version.strip_prefix(minor).is_some_and(|rest| rest.starts_with('.'))
}

/// From `build-version` (official archives), `version.py` (a PyTorch install) or the headers.
pub(super) fn version(root: &Path) -> Option<String> {
    let read = |path: &str| fs::read_to_string(root.join(path)).ok();
    read("build-version")
        .map(|text| text.trim().to_owned())
        .or_else(|| parse_version_py(&read("version.py")?))
        .or_else(|| VERSION_HEADERS.iter().find_map(|header| parse_header(&read(header)?)))
}

fn parse_version_py(text: &str) -> Option<String> {
    let value = text.lines().find_map(|line| line.strip_prefix("__version__ = "))?;
    Some(value.trim().trim_matches(['\'', '"']).to_owned())
}

fn parse_header(text: &str) -> Option<String> {
    let part = |name: &str| {
        let prefix = format!("#define TORCH_VERSION_{name} ");
        let value = text.lines().find_map(|line| line.strip_prefix(&prefix))?;
        value.trim().parse::<u32>().ok()
    };
    Some(format!("{}.{}.{}", part("MAJOR")?, part("MINOR")?, part("PATCH")?))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Makes `root` look like a libtorch of this version.
    pub(in crate::setup) fn fake_libtorch(root: &Path, version: [u32; 3]) {
        let [major, minor, patch] = version;
        let header = root.join(VERSION_HEADERS[0]);
        fs::create_dir_all(header.parent().unwrap()).unwrap();
        fs::create_dir_all(root.join("lib")).unwrap();
        fs::write(root.join(library()), "library").unwrap();
        let text = format!(
            "#pragma once\n#define TORCH_VERSION_MAJOR {major}\n#define TORCH_VERSION_MINOR \
             {minor}\n#define TORCH_VERSION_PATCH {patch}\n"
        );
        fs::write(header, text).unwrap();
    }

    #[test]
    fn versions_from_each_source() {
        let py = "from typing import Optional\n\n__version__ = '2.11.0+cu130'\ndebug = False\n";
        assert_eq!(parse_version_py(py).as_deref(), Some("2.11.0+cu130"));
        assert_eq!(parse_header("#pragma once\n"), None);
        let folder = tempfile::tempdir().unwrap();
        fake_libtorch(folder.path(), [2, 11, 1]);
        assert_eq!(version(folder.path()).as_deref(), Some("2.11.1"));
        fs::write(folder.path().join("build-version"), "2.11.0+cpu\n").unwrap();
        assert_eq!(version(folder.path()).as_deref(), Some("2.11.0+cpu"));
    }

    #[test]
    fn only_2_11_is_supported() {
        for (version, supported) in
            [("2.11.0", true), ("2.11.0+cu130", true), ("2.1.0", false), ("2.110.0", false)]
        {
            assert_eq!(is_supported(version), supported, "{version}");
        }
    }

    #[test]
    fn a_folder_is_checked_for_content_and_version() {
        let folder = tempfile::tempdir().unwrap();
        let shown = check(folder.path(), "LIBTORCH=/x").unwrap_err().to_string();
        assert!(shown.contains("LIBTORCH=/x contains no lib"), "{shown}");
        fake_libtorch(folder.path(), [2, 11, 0]);
        assert_eq!(check(folder.path(), "LIBTORCH=/x").unwrap(), "2.11.0");
        fake_libtorch(folder.path(), [2, 5, 1]);
        let shown = check(folder.path(), "LIBTORCH=/x").unwrap_err().to_string();
        assert!(shown.contains("is libtorch 2.5.1, 2.11 is needed"), "{shown}");
    }
}
