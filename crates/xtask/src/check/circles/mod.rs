//! Finds circles between the files of a crate.
//!
//! A file depends on each file that its `use` lines and paths lead to, and on each file that
//! re-exports a name on the way. A module and the modules below it may use each other. Code of
//! tests does not count.

mod graph;
mod resolve;

use std::path::Path;

use serde_json::Value;

use super::source::ModuleTree;
use super::targets::Target;
use crate::failure::Failure;
use graph::{Graph, Why};

/// Targets with circles that are older than this check, and the number of their files in circles.
/// The numbers must shrink; a target without circles must be removed.
const KNOWN: &[(&str, usize)] = &[];

/// The circles found, and what is wrong with [`KNOWN`].
#[derive(Debug, Default)]
pub(super) struct Report {
    /// Circles that [`KNOWN`] allows.
    pub(super) known: Vec<String>,
    pub(super) errors: Vec<String>,
}

/// Checks the libraries and programs of `packages`, which are as in the output of `cargo metadata`.
pub(super) fn check(packages: &[Value]) -> Result<Report, Failure> {
    let mut report = Report::default();
    let mut met = Vec::new();
    for target in Target::all(packages) {
        let tree = ModuleTree::read(target.root)?;
        let target = target.to_string();
        let found = circles(&target, &tree);
        let known = KNOWN.iter().find(|(name, _)| *name == target).map_or(0, |(_, files)| *files);
        report.add(&target, known, found);
        met.push(target);
    }
    let gone = KNOWN.iter().filter(|(name, _)| !met.iter().any(|target| target == name));
    report.errors.extend(gone.map(|(name, _)| format!("no target {name}: remove it from KNOWN")));
    Ok(report)
}

/// The circles of one target.
struct Found {
    /// Number of files in circles.
    files: usize,
    lines: Vec<String>,
}

impl Report {
    fn add(&mut self, target: &str, known: usize, found: Found) {
        if found.files > known {
            self.errors.extend(found.lines);
            if known > 0 {
                self.errors.push(format!(
                    "{target} has {} files in circles, KNOWN allows {known}",
                    found.files
                ));
            }
            return;
        }
        self.known.extend(found.lines);
        if found.files < known {
            self.errors.push(match found.files {
                0 => format!("{target} has no circles any more: remove it from KNOWN"),
                files => format!("{target} has {files} files in circles: lower {known} in KNOWN"),
            });
        }
    }
}

fn circles(target: &str, tree: &ModuleTree) -> Found {
    let folder = tree.files.first().and_then(|root| root.parent()).unwrap_or(Path::new(""));
    let shown = |file: usize| {
        let path = &tree.files[file];
        path.strip_prefix(folder).unwrap_or(path).display().to_string()
    };
    let graph = Graph::of(tree);
    let circles = graph.circles();
    let line = |circle: &Vec<usize>| {
        let names: Vec<_> = circle.iter().chain(circle.first()).map(|&file| shown(file)).collect();
        let steps = circle.iter().zip(circle.iter().cycle().skip(1));
        let whys: Vec<_> = steps
            .filter_map(|(&from, &to)| {
                let Why { line, path } = graph.why(from, to)?;
                Some(format!("{}:{line} {path}", shown(from)))
            })
            .collect();
        format!("{target}: {} ({})", names.join(" -> "), whys.join(", "))
    };
    Found { files: graph.in_circles(), lines: circles.iter().map(line).collect() }
}

#[cfg(test)]
mod tests;
