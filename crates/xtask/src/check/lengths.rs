//! Source files are short enough to read in one go.

use std::fs;
use std::path::Path;

use crate::failure::Failure;

/// The house rule is about 300 lines. A file of more than this has more than one subject.
const MOST_LINES: usize = 500;

/// A line for each Rust file below `crates/` that is too long.
pub(super) fn check(root: &Path) -> Result<Vec<String>, Failure> {
    let mut long = Vec::new();
    visit(&root.join("crates"), root, &mut long)?;
    long.sort();
    Ok(long)
}

fn visit(folder: &Path, root: &Path, long: &mut Vec<String>) -> Result<(), Failure> {
    let entries = fs::read_dir(folder).map_err(|error| Failure::io("read", folder, &error))?;
    for entry in entries {
        let path = entry.map_err(|error| Failure::io("read", folder, &error))?.path();
        // A crate outside the workspace builds in its own `target`.
        if path.is_dir() && !path.ends_with("target") && !path.is_symlink() {
            visit(&path, root, long)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read(&path).map_err(|error| Failure::io("read", &path, &error))?;
            let lines = text.iter().filter(|&&byte| byte == b'\n').count();
            if lines > MOST_LINES {
                let shown = path.strip_prefix(root).unwrap_or(&path).display();
                long.push(format!("{shown} has {lines} lines, at most {MOST_LINES} are allowed"));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_rust_files_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("crates/a/src");
        fs::create_dir_all(&source).unwrap();
        fs::write(source.join("fits.rs"), "\n".repeat(MOST_LINES)).unwrap();
        fs::write(source.join("table.tsv"), "\n".repeat(MOST_LINES + 1)).unwrap();
        assert!(check(folder.path()).unwrap().is_empty());
        fs::write(source.join("long.rs"), "\n".repeat(MOST_LINES + 1)).unwrap();
        let long = check(folder.path()).unwrap();
        assert_eq!(long.len(), 1);
        assert!(long[0].contains("long.rs has 501 lines"), "{}", long[0]);
        assert!(check(&folder.path().join("nowhere")).is_err());
    }
}
