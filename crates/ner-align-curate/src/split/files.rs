//! The files of a split corpus, which appear when all of them are complete.

use std::fs;
use std::path::{Path, PathBuf};

use ner_align_core::Document;
use tempfile::TempDir;

use super::Split;
use ner_align_corpus::io::Draft;
use ner_align_corpus::io::entries;
use ner_align_corpus::{
    Conversion, ConvertOptions, ConvertSummary, CorpusError, ErrorKind, Format,
};

/// What one file of a split holds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartSummary {
    /// `train`, `dev`, `test`, `part-1`, `fold-1/train`.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// What was written.
    pub summary: ConvertSummary,
}

/// Whether a file holds this part.
type Holds = Box<dyn Fn(usize) -> bool>;

impl Split {
    /// The name of each file, and which parts it holds: two parts are `train` and `test`, three
    /// `train`, `dev` and `test`, more `part-1` and so on; each fold is a `train` and a `test`.
    fn files(&self) -> Vec<(String, Holds)> {
        let one = |name: String, part: usize| -> (String, Holds) {
            (name, Box::new(move |of| of == part))
        };
        if self.folds {
            return (0..self.parts)
                .flat_map(|fold| {
                    let train = move |of| of != fold;
                    let name = |file| format!("fold-{}/{file}", fold + 1);
                    [(name("train"), Box::new(train) as Holds), one(name("test"), fold)]
                })
                .collect();
        }
        let names: &[&str] = match self.parts {
            2 => &["train", "test"],
            3 => &["train", "dev", "test"],
            _ => &[],
        };
        let name = |part: usize| match names.get(part) {
            Some(name) => (*name).to_owned(),
            None => format!("part-{}", part + 1),
        };
        (0..self.parts).map(|part| one(name(part), part)).collect()
    }

    /// Where [`write_split`] puts its files.
    #[must_use]
    pub fn paths(&self, folder: &Path, format: Format) -> Vec<PathBuf> {
        self.files().iter().map(|(name, _)| folder.join(file_of(name, format))).collect()
    }
}

/// The file of a part.
fn file_of(name: &str, format: Format) -> String {
    match format {
        // Its documents are files in a folder.
        Format::Brat => name.to_owned(),
        _ => format!("{name}.{}", format.extension()),
    }
}

/// Writes each part of a split corpus into a file of a folder, named after the part and the format
/// that [`ConvertOptions::to`] names; `marked` says whether the corpus marks its documents. No file
/// is put in place before all are complete.
///
/// # Errors
/// No format, a part of an earlier split in the folder that none of these replaces, entities that
/// the format cannot hold and no policy settles, or a folder that cannot be written.
pub fn write_split(
    split: &Split,
    corpus: &[Document],
    folder: &Path,
    options: &ConvertOptions,
    marked: bool,
) -> Result<Vec<PartSummary>, CorpusError> {
    let Some(format) = options.to else {
        let expected = "the format of the files to write";
        return Err(CorpusError::new(ErrorKind::Usage, "unnamed-format", expected, "none")
            .at_path(folder.display())
            .with_hint("name the format with `to`"));
    };
    refuse_stale_parts(folder, &split.paths(folder, format))?;
    let unwritable = |error| CorpusError::io(folder, "a folder that can be written", error);
    let is_new = !folder.exists();
    fs::create_dir_all(folder).map_err(unwritable)?;
    let written = (|| {
        let desk = tempfile::Builder::new()
            .prefix(".split.")
            .suffix(".tmp")
            .tempdir_in(folder)
            .map_err(unwritable)?;
        let draft = Draft::of(desk.path());
        let mut parts = Vec::new();
        for (name, keep) in split.files() {
            let file = file_of(&name, format);
            let (draft, path) = (desk.path().join(&file), folder.join(&file));
            if let Some(fold) = draft.parent() {
                fs::create_dir_all(fold).map_err(unwritable)?;
            }
            let named = |error: CorpusError| error.at_path(path.display());
            let mut conversion = Conversion::new(&draft, options.clone())?;
            for document in split.documents(corpus, keep) {
                conversion.push(document.into_owned(), marked).map_err(named)?;
            }
            let summary = conversion.finish().map_err(named)?;
            parts.push(PartSummary { name, path, summary });
        }
        drop(draft);
        put_in_place(&desk, folder, &parts)?;
        Ok(parts)
    })();
    if written.is_err() && is_new {
        // Goes only if it is as empty as it was made.
        let _ = fs::remove_dir(folder);
    }
    written
}

/// Refuses a folder with a part of an earlier split that would stay beside the new ones, which hold
/// the same documents cut in another way.
fn refuse_stale_parts(folder: &Path, files: &[PathBuf]) -> Result<(), CorpusError> {
    if !folder.is_dir() {
        return Ok(());
    }
    let parts = |folder: &Path| -> Result<Vec<PathBuf>, CorpusError> {
        Ok(entries(folder)?.into_iter().filter(|path| is_part(path)).collect())
    };
    let mut stale = Vec::new();
    for path in parts(folder)? {
        if path.is_dir() && is_fold(&path) {
            stale.extend(parts(&path)?);
        } else {
            stale.push(path);
        }
    }
    stale.retain(|path| !files.contains(path));
    let Some(first) = stale.first() else { return Ok(()) };
    let shown = first.strip_prefix(folder).unwrap_or(first).display().to_string();
    let found = match stale.len() {
        1 => shown,
        count => format!("{shown} and {} more", count - 1),
    };
    let expected = "a folder without parts of another split that would stay";
    Err(CorpusError::new(ErrorKind::Usage, "stale-part", expected, found)
        .at_path(folder.display())
        .with_hint("name another folder, or remove them"))
}

/// A file or folder that is named as parts are, whatever its format.
fn is_part(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.split('.').next().unwrap_or_default();
    let numbered = stem.strip_prefix("part-").and_then(number).is_some();
    matches!(stem, "train" | "dev" | "test") || numbered || is_fold(path)
}

/// A folder of the parts of one fold.
fn is_fold(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.strip_prefix("fold-").and_then(number).is_some()
}

fn put_in_place(desk: &TempDir, folder: &Path, parts: &[PartSummary]) -> Result<(), CorpusError> {
    let draft = |part: &PartSummary| {
        let file = part.path.strip_prefix(folder).unwrap_or(&part.path);
        desk.path().join(file)
    };
    for part in parts {
        // Only a file may be replaced, and by a file.
        if part.path.is_dir() || (draft(part).is_dir() && part.path.exists()) {
            let expected = "a name that is free";
            let found = if part.path.is_dir() { "a folder" } else { "a file" };
            return Err(CorpusError::new(ErrorKind::Usage, "occupied-name", expected, found)
                .at_path(part.path.display())
                .with_hint("remove it, or name another folder"));
        }
    }
    for part in parts {
        let failed = |error| CorpusError::io(&part.path, "a writable file", error);
        if let Some(fold) = part.path.parent() {
            fs::create_dir_all(fold).map_err(failed)?;
        }
        fs::rename(draft(part), &part.path).map_err(failed)?;
        // The rename is on the disk once the folder is; where folders cannot be opened, the system
        // sees to it.
        if let Some(Ok(folder)) = part.path.parent().map(fs::File::open) {
            let _ = folder.sync_all();
        }
    }
    Ok(())
}

/// A number of ASCII digits alone.
fn number(text: &str) -> Option<usize> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}
