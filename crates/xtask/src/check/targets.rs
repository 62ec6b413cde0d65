//! The libraries and programs of the workspace.

use std::fmt;
use std::path::Path;

use serde_json::Value;

/// A library or a program of a package. Tests, benchmarks, examples and build scripts are neither.
#[derive(Debug)]
pub(super) struct Target<'a> {
    pub(super) package: &'a str,
    /// The name of a program; `None` for a library.
    program: Option<&'a str>,
    /// `lib.rs`, `main.rs`.
    pub(super) root: &'a Path,
}

impl<'a> Target<'a> {
    /// Those of `packages`, which are as in the output of `cargo metadata`.
    pub(super) fn all(packages: &'a [Value]) -> Vec<Self> {
        let of_package = |package: &'a Value| {
            let targets = package["targets"].as_array().into_iter().flatten();
            targets.filter_map(|target| Self::new(package["name"].as_str()?, target))
        };
        packages.iter().flat_map(of_package).collect()
    }

    fn new(package: &'a str, target: &'a Value) -> Option<Self> {
        let kinds = target["kind"].as_array()?;
        let is = |kind: &str| kinds.iter().any(|found| found == kind);
        let program = if is("bin") { Some(target["name"].as_str()?) } else { None };
        let root = Path::new(target["src_path"].as_str()?);
        (program.is_some() || is("lib") || is("proc-macro")).then_some(Self {
            package,
            program,
            root,
        })
    }

    pub(super) fn is_library(&self) -> bool {
        self.program.is_none()
    }
}

impl fmt::Display for Target<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.program {
            Some(program) if program != self.package => write!(f, "{} ({program})", self.package),
            _ => f.write_str(self.package),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn libraries_and_programs() {
        let target =
            |name: &str, kind: &str| json!({"name": name, "kind": [kind], "src_path": "r"});
        let packages = [json!({"name": "a", "targets": [
            target("a", "lib"), target("b", "bin"), target("c", "test"), target("d", "custom-build")
        ]})];
        let found = Target::all(&packages);
        let shown: Vec<_> = found.iter().map(|t| (t.to_string(), t.is_library())).collect();
        assert_eq!(shown, [("a".to_owned(), true), ("a (b)".to_owned(), false)]);
    }
}
