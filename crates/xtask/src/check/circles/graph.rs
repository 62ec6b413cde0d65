//! The graph of a target's files, and its circles.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::resolve::Resolver;
use crate::check::source::ModuleTree;

/// The first place where one file names another.
#[derive(Debug, Clone)]
pub(super) struct Why {
    /// From 1.
    pub(super) line: usize,
    /// As written.
    pub(super) path: String,
}

/// Which file depends on which. Dependencies between a module and those below it are left out.
#[derive(Debug)]
pub(super) struct Graph {
    /// By file: the files that it depends on, and why.
    edges: Vec<BTreeMap<usize, Why>>,
    /// By file: the files that can be reached from it; the file itself if it is in a circle.
    reached: Vec<BTreeSet<usize>>,
}

impl Graph {
    pub(super) fn of(tree: &ModuleTree) -> Self {
        let mut edges = vec![BTreeMap::<usize, Why>::new(); tree.files.len()];
        let related = related(tree);
        let mut resolver = Resolver::new(tree);
        for (index, module) in tree.modules.iter().enumerate() {
            let has_globs = module.contents.imports.iter().any(|import| import.name.is_none());
            let imports = module.contents.imports.iter().map(|import| (&import.path, import.line));
            let mentions =
                module.contents.mentions.iter().map(|mention| (&mention.path, mention.line));
            // The import of a single word has been followed already, unless it is a glob.
            let mentions = mentions.filter(|(path, _)| path.len() > 1 || has_globs);
            for (path, line) in imports.chain(mentions) {
                let Some(found) = resolver.resolve(index, path) else { continue };
                // A variable may have the name of a module, and a module alone is not a value.
                if path.len() == 1 && found.module.is_some() {
                    continue;
                }
                for file in found.files {
                    if file != module.file && !related.contains(&(module.file, file)) {
                        let why = || Why { line, path: path.join("::") };
                        edges[module.file].entry(file).or_insert_with(why);
                    }
                }
            }
        }
        let reached = (0..edges.len()).map(|from| reached(&edges, from)).collect();
        Self { edges, reached }
    }

    /// Circles such that each file in any circle is in one of them: for each file that no earlier
    /// one has, the shortest circle through it.
    pub(super) fn circles(&self) -> Vec<Vec<usize>> {
        let mut circles: Vec<Vec<usize>> = Vec::new();
        for file in 0..self.edges.len() {
            if self.reached[file].contains(&file) && !circles.iter().any(|c| c.contains(&file)) {
                circles.extend(self.shortest(file));
            }
        }
        circles
    }

    /// Why `from` depends on `to`.
    pub(super) fn why(&self, from: usize, to: usize) -> Option<&Why> {
        self.edges[from].get(&to)
    }

    /// The shortest circle through `start`, from `start` on.
    fn shortest(&self, start: usize) -> Option<Vec<usize>> {
        let mut before = BTreeMap::new();
        let mut queue = VecDeque::from([start]);
        while let Some(file) = queue.pop_front() {
            for &next in self.edges[file].keys() {
                if next == start {
                    let mut circle = vec![file];
                    while let Some(&previous) = before.get(&circle[circle.len() - 1]) {
                        circle.push(previous);
                    }
                    circle.reverse();
                    return Some(circle);
                }
                if let std::collections::btree_map::Entry::Vacant(entry) = before.entry(next) {
                    entry.insert(file);
                    queue.push_back(next);
                }
            }
        }
        None
    }
}

fn reached(edges: &[BTreeMap<usize, Why>], from: usize) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(file) = open.pop() {
        open.extend(edges[file].keys().filter(|next| reached.insert(**next)));
    }
    reached
}

/// Pairs of files of which one is above the other in the module tree, in both orders.
fn related(tree: &ModuleTree) -> BTreeSet<(usize, usize)> {
    let mut related = BTreeSet::new();
    for module in &tree.modules {
        let mut above = module.parent;
        while let Some(index) = above {
            let file = tree.modules[index].file;
            related.extend([(module.file, file), (file, module.file)]);
            above = tree.modules[index].parent;
        }
    }
    related
}
