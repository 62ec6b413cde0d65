//! What `cargo publish` would upload: all that the crate needs, README and licence, small test
//! data, and no more.

use std::fs;
use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use super::source::{ModuleTree, Token, tokens, without_tests};
use super::targets::Target;
use crate::failure::Failure;
use crate::workspace::Workspace;

/// Files that every package has. The licence asks to go with each copy.
const REQUIRED: [&str; 2] = ["README.md", "LICENSE"];

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

/// A line for each file that a package lacks or should not have, in packages that can be published.
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
        found.extend(missing(package, &list, folder)?);
    }
    Ok(found)
}

/// A line for each file that the package lacks, although each has it or the crate is compiled from
/// it.
fn missing(package: &Value, list: &str, folder: &Path) -> Result<Vec<String>, Failure> {
    let name = package["name"].as_str().unwrap_or_default();
    let packed = |file: &Path| list.lines().any(|line| Path::new(line) == file);
    let absent = REQUIRED.iter().filter(|file| !packed(Path::new(file)));
    let mut found: Vec<_> = absent.map(|file| format!("{name}: {file} is missing")).collect();
    for target in Target::all(std::slice::from_ref(package)) {
        for source in ModuleTree::read(target.root)?.files {
            let text = fs::read_to_string(&source)
                .map_err(|error| Failure::io("read", &source, &error))?;
            let beside = source.parent().unwrap_or(folder);
            let included = included(&without_tests(&tokens(&text)));
            let included = included.iter().map(|file| plain(&beside.join(file)));
            for file in included.chain([source.clone()]) {
                let inside = file.strip_prefix(folder).ok();
                if !inside.is_some_and(packed) {
                    let shown = inside.unwrap_or(&file).display();
                    found.push(format!("{name}: {shown} is missing, but compiled into {target}"));
                }
            }
        }
    }
    Ok(found)
}

/// The files that `include_str!` and `include_bytes!` name.
fn included(tokens: &[Token<'_>]) -> Vec<String> {
    let mut files = Vec::new();
    for window in tokens.windows(4) {
        let [name, mark, open, file] = window else { continue };
        let includes = name.is("include_str") || name.is("include_bytes");
        if includes && mark.is("!") && open.is("(") {
            files.push(file.text.trim_matches('"').to_owned());
        }
    }
    files
}

/// The path without `..`, where no links are on the way.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            _ => plain.push(part),
        }
    }
    plain
}

/// `publish = false` is an empty list of registries, no `publish` is null.
fn is_publishable(package: &Value) -> bool {
    package["publish"].as_array().is_none_or(|registries| !registries.is_empty())
}

fn complaint(package: &str, file: &str, folder: &Path) -> Option<String> {
    let path = Path::new(file);
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    // Long documentation may have files of its own.
    let prose = extension == "md" && path.components().any(|part| part.as_os_str() == "docs");
    if !NAMES.contains(&name) && !EXTENSIONS.contains(&extension) && !prose {
        return Some(format!("{package}: {file} does not belong in a package"));
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
    fn what_belongs_in_a_package() {
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
    fn what_a_package_lacks() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("src/lib.rs");
        fs::create_dir_all(folder.path().join("src/a")).unwrap();
        fs::write(&root, "mod a; #[cfg(test)] mod tests;").unwrap();
        let inner = "const B: &str = include_str!(\"../../b.css\");";
        fs::write(folder.path().join("src/a/mod.rs"), inner).unwrap();
        let target = json!({"name": "p", "kind": ["lib"], "src_path": root});
        let package = json!({"name": "p", "targets": [target]});
        let whole = ["README.md", "LICENSE", "src/lib.rs", "src/a/mod.rs", "b.css"];
        let says = |list: &[&str]| missing(&package, &list.join("\n"), folder.path()).unwrap();
        assert_eq!(says(&whole), [""; 0]);
        for left_out in whole {
            let list: Vec<_> = whole.into_iter().filter(|file| *file != left_out).collect();
            let found = says(&list);
            assert_eq!(found.len(), 1, "{left_out}: {found:?}");
            assert!(found[0].starts_with(&format!("p: {left_out} is missing")), "{found:?}");
        }
    }

    #[test]
    fn unpublished_packages_are_left_out() {
        assert!(is_publishable(&json!({"publish": null})));
        assert!(is_publishable(&json!({"publish": ["registry"]})));
        assert!(!is_publishable(&json!({"publish": []})));
    }
}
