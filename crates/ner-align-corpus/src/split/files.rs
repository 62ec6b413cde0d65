//! The files of a split corpus, which appear when all of them are complete.

use std::fs;
use std::path::{Path, PathBuf};

use ner_align_core::Document;
use tempfile::TempDir;

use super::Split;
use crate::{Conversion, ConvertOptions, ConvertSummary, CorpusError, ErrorKind, Format};

/// What one file of a split holds.
#[derive(Debug, Clone, PartialEq, Eq)]
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
}

/// Writes each part of a split corpus into a file of a folder, named after the part and the format
/// that [`ConvertOptions::to`] names; `marked` says whether the corpus marks its documents. No file
/// is put in place before all are complete.
///
/// # Errors
/// No format, entities that it cannot hold and no policy settles, or a folder that cannot be
/// written.
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
            .with_hint("name it with --to"));
    };
    let unwritable = |error| CorpusError::io(folder, "a folder that can be written", error);
    let is_new = !folder.exists();
    fs::create_dir_all(folder).map_err(unwritable)?;
    let written = (|| {
        let desk = tempfile::Builder::new()
            .prefix(".split.")
            .suffix(".tmp")
            .tempdir_in(folder)
            .map_err(unwritable)?;
        let mut parts = Vec::new();
        for (name, keep) in split.files() {
            let file = match format {
                // Its documents are files in a folder.
                Format::Brat => name.clone(),
                _ => format!("{name}.{}", format.extension()),
            };
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
        put_in_place(&desk, folder, &parts)?;
        Ok(parts)
    })();
    if written.is_err() && is_new {
        // Goes only if it is as empty as it was made.
        let _ = fs::remove_dir(folder);
    }
    written
}

fn put_in_place(desk: &TempDir, folder: &Path, parts: &[PartSummary]) -> Result<(), CorpusError> {
    let draft = |part: &PartSummary| {
        let file = part.path.strip_prefix(folder).unwrap_or(&part.path);
        desk.path().join(file)
    };
    for part in parts {
        // Only a file may be replaced, and by a file.
        if part.path.is_dir() || (draft(part).is_dir() && part.path.exists()) {
            let error = std::io::ErrorKind::AlreadyExists.into();
            return Err(CorpusError::io(&part.path, "a name that is free", error)
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
