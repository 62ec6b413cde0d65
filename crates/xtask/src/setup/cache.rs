//! The user's cache folder: downloaded wheels, libtorch and the pretrained model.

use std::ffi::OsString;
use std::fs::File;
use std::path::PathBuf;

use super::files::create_dir;
use super::pins::LIBTORCH_VERSION;
use crate::failure::Failure;

/// `$NER_ALIGN_CACHE`, else `$XDG_CACHE_HOME/ner-align`, else `~/.cache/ner-align`.
#[derive(Debug, Clone)]
pub(crate) struct Cache {
    root: PathBuf,
}

impl Cache {
    /// Reads the environment; creates nothing.
    pub(crate) fn locate() -> Result<Self, Failure> {
        let home = std::env::home_dir();
        choose(std::env::var_os("NER_ALIGN_CACHE"), std::env::var_os("XDG_CACHE_HOME"), home)
            .map(|root| Self { root })
            .ok_or_else(|| {
                Failure::environment("cannot choose a cache folder: this user has no home folder")
                    .hint("set NER_ALIGN_CACHE to a folder with 2 GB free")
            })
    }

    #[cfg(test)]
    pub(super) const fn at(root: PathBuf) -> Self {
        Self { root }
    }

    /// Complete wheels that are not unpacked yet.
    pub(super) fn wheels(&self) -> PathBuf {
        self.root.join("wheels")
    }

    /// libtorch, with a folder of its own for each version. `ner-align` looks there too, from
    /// wherever it was installed (`ner_align_cli::libtorch`).
    pub(super) fn libtorch(&self) -> PathBuf {
        self.root.join(format!("libtorch-{LIBTORCH_VERSION}"))
    }

    /// Pretrained models, one folder each.
    pub(super) fn models(&self) -> PathBuf {
        self.root.join("models")
    }

    /// Waits until no other set-up uses this cache. The lock ends with the process, even with one
    /// that is killed.
    pub(super) fn lock(&self) -> Result<File, Failure> {
        const HINT: &str = "set NER_ALIGN_CACHE to a folder that you can write to";
        create_dir(&self.root).map_err(|failure| failure.hint(HINT))?;
        let path = self.root.join(".lock");
        let file =
            File::create(&path).map_err(|error| Failure::io("create", &path, &error).hint(HINT))?;
        if fs4::FileExt::try_lock(&file).is_err() {
            eprintln!("waiting for another `cargo xtask setup` to finish");
            // A file system without locks (some network mounts) must not stop a single user.
            let _ = fs4::FileExt::lock(&file);
        }
        Ok(file)
    }
}

fn choose(own: Option<OsString>, xdg: Option<OsString>, home: Option<PathBuf>) -> Option<PathBuf> {
    let named = |value: OsString| (!value.is_empty()).then(|| PathBuf::from(value));
    if let Some(own) = own.and_then(named) {
        // A relative path would name another folder in each working directory.
        return Some(std::path::absolute(&own).unwrap_or(own));
    }
    // The XDG specification asks for relative values to be ignored.
    let base = xdg.and_then(named).filter(|path| path.is_absolute());
    let home = home.filter(|path| path.is_absolute()).map(|home| home.join(".cache"));
    base.or(home).map(|base| base.join("ner-align"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_folder_follows_the_environment() {
        let os = |text: &str| Some(OsString::from(text));
        let home = || Some(PathBuf::from("/home/a"));
        let path = |text: &str| Some(PathBuf::from(text));
        assert_eq!(choose(os("/own"), os("/xdg"), home()), path("/own"));
        assert_eq!(choose(os(""), os("/xdg"), home()), path("/xdg/ner-align"));
        assert_eq!(choose(None, os("relative"), home()), path("/home/a/.cache/ner-align"));
        assert_eq!(choose(None, os(""), home()), path("/home/a/.cache/ner-align"));
        assert_eq!(choose(None, None, Some(PathBuf::new())), None);
        assert_eq!(choose(None, None, None), None);
    }
}
