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

/// The circles in the libraries and programs of `packages`, which are as in the output of
/// `cargo metadata`.
pub(super) fn check(packages: &[Value]) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    for target in Target::all(packages) {
        let tree = ModuleTree::read(target.root)?;
        found.extend(circles(&target.to_string(), &tree));
    }
    Ok(found)
}

fn circles(target: &str, tree: &ModuleTree) -> Vec<String> {
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
    circles.iter().map(line).collect()
}

#[cfg(test)]
mod tests;
