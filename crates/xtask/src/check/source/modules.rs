//! The modules of a target, read from its root file on.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::lexer::tokens;
use super::parser::{Contents, parse};
use super::tests_removed::without_tests;
use crate::failure::Failure;

/// A module: a file of its own, or a block within one.
#[derive(Debug, Default)]
pub(in crate::check) struct Module {
    /// Index of its file in [`ModuleTree::files`].
    pub(in crate::check) file: usize,
    pub(in crate::check) parent: Option<usize>,
    /// Indices in [`ModuleTree::modules`] by name.
    pub(in crate::check) children: HashMap<String, usize>,
    pub(in crate::check) contents: Contents,
}

/// A target's modules and files, without those of tests. The root is number 0 of both.
#[derive(Debug, Default)]
pub(in crate::check) struct ModuleTree {
    pub(in crate::check) modules: Vec<Module>,
    pub(in crate::check) files: Vec<PathBuf>,
}

impl ModuleTree {
    /// Reads `root` (`lib.rs`, `main.rs`) and each file that a `mod` line leads to. Ignores missing
    /// files, which the compiler reports.
    pub(in crate::check) fn read(root: &Path) -> Result<Self, Failure> {
        let mut tree = Self::default();
        let folder = root.parent().unwrap_or(Path::new(""));
        tree.read_file(root, folder, None)?;
        Ok(tree)
    }

    /// Reads one file as a module whose children lie in `folder`; returns the module's index.
    fn read_file(
        &mut self,
        path: &Path,
        folder: &Path,
        parent: Option<usize>,
    ) -> Result<usize, Failure> {
        let source = fs::read_to_string(path).map_err(|error| Failure::io("read", path, &error))?;
        let file = self.files.len();
        self.files.push(path.to_owned());
        let parsed = parse(&without_tests(&tokens(&source)));
        // The module itself, then the inline ones in it, each after its parent.
        let first = self.modules.len();
        let mut folders: Vec<PathBuf> = Vec::new();
        for block in parsed.blocks {
            let index = self.modules.len();
            let (parent, folder) = match block.parent {
                None => (parent, folder.to_owned()),
                Some(within) => {
                    self.modules[first + within].children.insert(block.name.clone(), index);
                    (Some(first + within), folders[within].join(&block.name))
                }
            };
            folders.push(folder);
            self.modules.push(Module {
                file,
                parent,
                children: HashMap::new(),
                contents: block.contents,
            });
        }
        for (within, name) in parsed.declared {
            let folder = folders[within].join(&name);
            let candidates = [folder.with_extension("rs"), folder.join("mod.rs")];
            if let Some(path) = candidates.iter().find(|path| path.is_file()) {
                let child = self.read_file(path, &folder, Some(first + within))?;
                self.modules[first + within].children.insert(name, child);
            }
        }
        Ok(first)
    }
}
