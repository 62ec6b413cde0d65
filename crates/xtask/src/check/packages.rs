//! What `cargo publish` would upload: sources, the usual papers and small test data, no more.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::failure::Failure;
use crate::workspace::Workspace;

/// Files that belong in a package wherever its list says so.
const NAMES: [&str; 7] = [
    "Cargo.lock",
    "Cargo.toml",
    "Cargo.toml.orig",
    ".cargo_vcs_info.json",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
];

/// Sources, and data of tests and examples: the corpus formats of `ner-align`, tables, oracles'
/// outputs and the scripts that made them.
const EXTENSIONS: [&str; 24] = [
    "rs",
    "cpp",
    "h",
    "toml",
    "json",
    "jsonl",
    "conll",
    "conllu",
    "tsv",
    "csv",
    "txt",
    "iob",
    "ann",
    "spacy",
    "parquet",
    "tokens",
    "spans",
    "objects",
    "cfg",
    "html",
    "css",
    "js",
    "safetensors",
    "py",
];

/// The largest file that a package may hold. Test models and corpora are tiny by design.
const MOST_BYTES: u64 = 1_000_000;

/// A line for each file that does not belong into a package that can be published.
pub(super) fn check(workspace: &Workspace) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    for package in workspace.packages().iter().filter(|package| is_publishable(package)) {
        let name = package["name"].as_str().unwrap_or_default();
        let mut cargo = workspace.cargo(["package", "--list", "--allow-dirty", "--package", name]);
        let output = cargo
            .output()
            .map_err(|error| Failure::environment(format!("cannot run cargo: {error}")))?;
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr).trim().replace('\n', " ");
            found.push(format!("{name}: cargo package failed: {stderr}"));
            continue;
        }
        let manifest = Path::new(package["manifest_path"].as_str().unwrap_or_default());
        let folder = manifest.parent().unwrap_or(workspace.root());
        let list = String::from_utf8_lossy(&output.stdout);
        found.extend(list.lines().filter_map(|file| complaint(name, file, folder)));
    }
    Ok(found)
}

/// `publish = false` is an empty list of registries, no `publish` is null.
fn is_publishable(package: &Value) -> bool {
    package["publish"].as_array().is_none_or(|registries| !registries.is_empty())
}

fn complaint(package: &str, file: &str, folder: &Path) -> Option<String> {
    let path = Path::new(file);
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    // Long prose of the documentation may lie in files of its own.
    let prose = extension == "md" && path.components().any(|part| part.as_os_str() == "docs");
    if !NAMES.contains(&name) && !EXTENSIONS.contains(&extension) && !prose {
        return Some(format!("{package}: {file} does not belong into a package"));
    }
    let size = fs::metadata(folder.join(path)).map_or(0, |found| found.len());
    (size > MOST_BYTES && name != "Cargo.lock")
        .then(|| format!("{package}: {file} has {size} bytes, too many for a package"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_belongs_into_a_package() {
        let folder = tempfile::tempdir().unwrap();
        for (file, fine) in [
            ("src/lib.rs", true),
            ("README.md", true),
            ("Cargo.toml.orig", true),
            ("tests/data/case.conll", true),
            ("src/docs/guide.md", true),
            ("NOTES.md", false),
            ("target/debug/build.d", false),
            (".env", false),
            ("model.bin", false),
        ] {
            assert_eq!(complaint("a", file, folder.path()).is_none(), fine, "{file}");
        }
        let large = fs::File::create(folder.path().join("big.json")).unwrap();
        large.set_len(MOST_BYTES + 1).unwrap();
        assert!(complaint("a", "big.json", folder.path()).unwrap().contains("too many"));
    }

    #[test]
    fn unpublished_packages_are_left_out() {
        assert!(is_publishable(&json!({"publish": null})));
        assert!(is_publishable(&json!({"publish": ["registry"]})));
        assert!(!is_publishable(&json!({"publish": []})));
    }
}
