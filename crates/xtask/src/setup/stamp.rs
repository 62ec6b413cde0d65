//! The stamp that set-up writes into a finished libtorch folder, which later runs check.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::failure::Failure;

/// Raised when the contents of the folder change, so that older folders are made again.
const LAYOUT: u64 = 1;

const FILE: &str = ".setup.json";

/// Where a libtorch folder comes from and the sizes of its files.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stamp {
    /// Such as `2.11.0+cu130`.
    pub(super) version: String,
    /// The folder that is linked to; `None` if the files are in this one.
    pub(super) linked: Option<PathBuf>,
    files: Vec<(PathBuf, u64)>,
}

impl Stamp {
    /// Records the current sizes of `files` in the folder `root`.
    pub(super) fn of(
        root: &Path,
        version: &str,
        linked: Option<&Path>,
        files: &[PathBuf],
    ) -> Result<Self, Failure> {
        let size = |file: &PathBuf| {
            let path = root.join(file);
            let found = fs::metadata(&path).map_err(|error| Failure::io("read", &path, &error))?;
            Ok((file.clone(), found.len()))
        };
        Ok(Self {
            version: version.to_owned(),
            linked: linked.map(Path::to_owned),
            files: files.iter().map(size).collect::<Result<_, Failure>>()?,
        })
    }

    /// Writes the stamp: the last step before a folder gets its final name.
    pub(super) fn write(&self, root: &Path) -> Result<(), Failure> {
        let files: Map<String, Value> = self
            .files
            .iter()
            .map(|(file, size)| (file.to_string_lossy().into_owned(), json!(size)))
            .collect();
        let value = json!({
            "layout": LAYOUT,
            "version": self.version,
            "linked": self.linked.as_ref().map(|path| path.to_string_lossy()),
            "files": files,
        });
        let path = root.join(FILE);
        let write = || {
            let mut file = File::create(&path)?;
            file.write_all(format!("{value:#}\n").as_bytes())?;
            file.sync_all()
        };
        write().map_err(|error| Failure::io("write", &path, &error))
    }

    /// The stamp of a folder, if it has the current layout and every file has its size. It checks
    /// sizes, not digests, because it runs at the start of every task.
    pub(super) fn verified(root: &Path) -> Option<Self> {
        let text = fs::read(root.join(FILE)).ok()?;
        let value: Value = serde_json::from_slice(&text).ok()?;
        if value["layout"].as_u64() != Some(LAYOUT) {
            return None;
        }
        let file = |(file, size): (&String, &Value)| Some((PathBuf::from(file), size.as_u64()?));
        let files: Vec<_> = value["files"].as_object()?.iter().map(file).collect::<Option<_>>()?;
        let whole = |(file, size): &(PathBuf, u64)| {
            fs::metadata(root.join(file)).is_ok_and(|found| found.len() == *size)
        };
        let stamp = Self {
            version: value["version"].as_str()?.to_owned(),
            linked: value["linked"].as_str().map(PathBuf::from),
            files,
        };
        (!stamp.files.is_empty() && stamp.files.iter().all(whole)).then_some(stamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_trusted_only_whole() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let file = PathBuf::from("lib.so");
        assert!(
            Stamp::of(root, "2.11.0", None, std::slice::from_ref(&file)).is_err(),
            "a file is missing"
        );
        fs::write(root.join(&file), "abc").unwrap();
        assert_eq!(Stamp::verified(root), None, "no stamp");
        let stamp =
            Stamp::of(root, "2.11.0", Some(Path::new("/o")), std::slice::from_ref(&file)).unwrap();
        stamp.write(root).unwrap();
        assert_eq!(Stamp::verified(root), Some(stamp));
        fs::write(root.join(&file), "ab").unwrap();
        assert_eq!(Stamp::verified(root), None, "another size");
        fs::write(root.join(&file), "abc").unwrap();
        let text = fs::read_to_string(root.join(FILE)).unwrap();
        fs::write(root.join(FILE), text.replace("\"layout\": 1", "\"layout\": 0")).unwrap();
        assert_eq!(Stamp::verified(root), None, "another layout");
        fs::write(root.join(FILE), &text[..20]).unwrap();
        assert_eq!(Stamp::verified(root), None, "cut off");
    }
}
