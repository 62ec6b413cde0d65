//! Resolves paths to files.

use crate::check::source::{Contents, Import, Module, ModuleTree};

/// The result of resolving a path.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The file that defines the name, and those that re-export it on the way.
    pub(super) files: Vec<usize>,
    /// The module, where the path names one.
    pub(super) module: Option<usize>,
}

/// What it means that a module has no such name. A macro may have defined it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Unknown {
    /// The path names the module, so the name is in it.
    IsOfModule,
    /// The module is the target of a glob, so the name may come from elsewhere.
    IsElsewhere,
}

/// Follows paths through the modules of a target.
pub(super) struct Resolver<'a> {
    tree: &'a ModuleTree,
    /// Imports that are being followed, so that `use a::a` ends.
    open: Vec<&'a Import>,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(tree: &'a ModuleTree) -> Self {
        Self { tree, open: Vec::new() }
    }

    /// What `path` means in the module `from`; `None` if it leads to another crate.
    pub(super) fn resolve(&mut self, from: usize, path: &[String]) -> Option<Found> {
        let module = &self.tree.modules[from];
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => self.walk(0, rest, Unknown::IsOfModule),
            "self" => self.walk(from, rest, Unknown::IsOfModule),
            "super" => self.walk(module.parent?, rest, Unknown::IsOfModule),
            _ => self.find(from, first, rest),
        }
    }

    /// What `path` means below `module`.
    fn walk(&mut self, module: usize, path: &[String], unknown: Unknown) -> Option<Found> {
        let own = || vec![self.tree.modules[module].file];
        let Some((name, rest)) = path.split_first() else {
            return Some(Found { files: own(), module: Some(module) });
        };
        if name == "super" {
            return self.walk(self.tree.modules[module].parent?, rest, unknown);
        }
        let mut found = self.find(module, name, rest);
        if let Some(found) = &mut found {
            // A path through another module depends on the line there that re-exports the name.
            let Module { children, contents: Contents { imports, .. }, .. } =
                &self.tree.modules[module];
            let imported = imports.iter().any(|import| import.name.as_ref() == Some(name));
            if imported || !children.contains_key(name) {
                found.files.extend(own());
            }
        } else if unknown == Unknown::IsOfModule {
            return Some(Found { files: own(), module: None });
        }
        found
    }

    /// What a name in the scope of `module`, and the rest of the path below it, mean.
    fn find(&mut self, module: usize, name: &str, rest: &[String]) -> Option<Found> {
        let Module { file, children, contents, .. } = &self.tree.modules[module];
        let Contents { items, imports, .. } = contents;
        let mut all: Vec<Found> = Vec::new();
        if let Some(child) = children.get(name) {
            all.extend(self.walk(*child, rest, Unknown::IsOfModule));
        }
        // A function may have the name of a module.
        if items.contains(name) && (all.is_empty() || rest.is_empty()) {
            all.push(Found { files: vec![*file], module: None });
        }
        let named = imports.iter().filter(|import| import.name.as_deref() == Some(name));
        let mut imported = false;
        for import in named {
            imported = true;
            all.extend(self.through(module, import, rest));
        }
        if all.is_empty() && !imported {
            for glob in imports.iter().filter(|import| import.name.is_none()) {
                let target = self.through(module, glob, &[]).and_then(|found| found.module);
                let Some(target) = target else { continue };
                self.open.push(glob);
                let path: Vec<_> = std::iter::once(name.to_owned()).chain(rest.to_vec()).collect();
                all.extend(self.walk(target, &path, Unknown::IsElsewhere));
                self.open.pop();
            }
        }
        all.into_iter().reduce(|mut a, b| {
            a.files.extend(b.files);
            a.module = a.module.or(b.module);
            a
        })
    }

    /// What the path of an import, and the rest below it, mean.
    fn through(&mut self, module: usize, import: &'a Import, rest: &[String]) -> Option<Found> {
        if self.open.iter().any(|open| std::ptr::eq(*open, import)) {
            return None;
        }
        self.open.push(import);
        let path: Vec<_> = import.path.iter().chain(rest).cloned().collect();
        let found = self.resolve(module, &path);
        self.open.pop();
        found
    }
}
