//! Documents to pairs of text and annotation.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use ner_align_core::{CharSpan, CorpusWriter, Document};

use super::{ANNOTATION, TEXT};
use crate::formats::outgoing::{Destination, Outgoing, in_order, word_chars};
use crate::formats::standoff::{file_of, id_of};
use crate::io::AtomicFolder;
use crate::{CharMap, CorpusError, FormatWriter};

/// What was tried, for messages.
const EXPECTED: &str = "a writable folder";

/// Bytes of the annotation of a document, which has the text of each span.
const MAX_ANNOTATION: usize = 256 << 20;

/// Bytes of a file's name, less than any file system allows.
const MAX_NAME: usize = 200;

/// Writes a folder of pairs; see [the module](super) for the format.
#[derive(Debug)]
pub struct BratWriter {
    /// `None` once it is in its place.
    folder: Option<AtomicFolder>,
    /// How many pairs were written under each name, so that the next one is not looked for from the start.
    taken: HashMap<String, usize>,
    destination: Destination,
}

impl BratWriter {
    /// Starts a folder that will be at `path` on [`CorpusWriter::finish`].
    ///
    /// # Errors
    /// A path that cannot be written, or at which there is a file.
    pub fn create(path: &Path) -> Result<Self, CorpusError> {
        let name = path.display().to_string();
        let failed = |error| CorpusError::io(path, EXPECTED, error);
        let path = match fs::metadata(path) {
            Ok(there) if there.is_dir() => fs::canonicalize(path).map_err(failed)?,
            Ok(_) => {
                let error = CorpusError::io(path, EXPECTED, ErrorKind::NotADirectory.into());
                return Err(error.with_hint("brat is written into a folder; name one"));
            }
            Err(_) => path.to_owned(),
        };
        let destination = Destination::new(name);
        let folder = Some(AtomicFolder::create(&path)?);
        Ok(Self { folder, taken: HashMap::new(), destination })
    }

    /// The annotation file of a document.
    fn annotation(&self, document: &Document) -> Result<String, CorpusError> {
        let text = document.text();
        let map = CharMap::new(text);
        let mut out = String::new();
        for (index, span) in in_order(document, &word_chars(document)).into_iter().enumerate() {
            let (label, pieces) = match span {
                Outgoing::Entity(entity, span) => (&entity.label, lines_of(&map, text, span)),
                Outgoing::Other(span) => (&span.label, span.pieces.clone()),
            };
            let label = label.as_str();
            if label.contains(|c: char| c.is_whitespace() || c.is_control()) {
                let expected = "a label without white space";
                let error =
                    self.destination.refuse("unwritable-label", expected, format!("{label:?}"));
                return Err(error.with_hint("rename it with `map: FROM=TO`"));
            }
            if pieces.is_empty() {
                let expected = "entities with something else than line ends";
                let found = format!("{label} over none");
                return Err(self.destination.refuse("unwritable-entity", expected, found));
            }
            let offsets: Vec<String> =
                pieces.iter().map(|piece| format!("{} {}", piece.start, piece.end)).collect();
            let surface = |piece: &CharSpan| text.get(map.bytes_of(*piece)?.range());
            let surfaces: Option<Vec<&str>> = pieces.iter().map(surface).collect();
            let surface = surfaces.unwrap_or_default().join(" ").replace(['\n', '\r'], " ");
            if out.len() + surface.len() > MAX_ANNOTATION {
                let expected =
                    format!("entities whose texts are at most {} MiB", MAX_ANNOTATION >> 20);
                let error = self.destination.refuse("annotation-too-large", &expected, "more");
                return Err(error.with_hint("spans within spans repeat the text of the document"));
            }
            // Writing to a string cannot fail.
            let _ = writeln!(out, "T{}\t{label} {}\t{surface}", index + 1, offsets.join(";"));
        }
        Ok(out)
    }

    /// Writes a pair under the first name that is free.
    fn pair(
        taken: &mut HashMap<String, usize>,
        folder: &Path,
        id: &str,
        text: &str,
        annotation: &str,
    ) -> io::Result<()> {
        let before = taken.get(id).copied().unwrap_or(0);
        for attempt in before + 1.. {
            let name = if attempt == 1 { id.to_owned() } else { format!("{id}-{attempt}") };
            let stem = folder.join(name);
            match File::create_new(file_of(&stem, TEXT)) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                file => {
                    taken.insert(id.to_owned(), attempt);
                    file?.write_all(text.as_bytes())?;
                    let mut file = File::create_new(file_of(&stem, ANNOTATION))?;
                    return file.write_all(annotation.as_bytes());
                }
            }
        }
        Ok(())
    }
}

/// The parts of a span between line ends.
fn lines_of(map: &CharMap<'_>, text: &str, span: CharSpan) -> Vec<CharSpan> {
    let surface = map.bytes_of(span).and_then(|bytes| text.get(bytes.range())).unwrap_or_default();
    let mut pieces = Vec::new();
    let mut start = span.start;
    for line in surface.split(['\n', '\r']) {
        let end = start + line.chars().count();
        if start < end {
            pieces.push(CharSpan::new(start, end));
        }
        start = end + 1;
    }
    pieces
}

/// A document's name as a file may have it.
fn file_name(id: &str) -> String {
    let forbidden = |c: char| {
        c.is_control() || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
    };
    let mut name = id.replace(forbidden, "_");
    // Files that start with a dot are hidden, and not read again.
    if name.starts_with('.') {
        name.replace_range(..1, "_");
    }
    if name.len() > MAX_NAME {
        let end = (0..=MAX_NAME).rev().find(|&end| name.is_char_boundary(end));
        name.truncate(end.unwrap_or(0));
    }
    name
}

/// A folder is replaced only if every file in it is written anew: other pairs may belong to
/// another corpus.
fn check_replaceable(old: &Path, new: &Path) -> Result<(), CorpusError> {
    let refused = |error| CorpusError::unreadable(old, error);
    if !old.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(old).map_err(refused)? {
        let file = entry.map_err(refused)?.file_name();
        if !new.join(&file).is_file() {
            let expected = "a folder without other files than are written";
            let found = file.display().to_string();
            return Err(CorpusError::new(
                crate::ErrorKind::Usage,
                "occupied-folder",
                expected,
                found,
            )
            .at_path(old.display())
            .with_hint("remove the folder first, or name another"));
        }
    }
    Ok(())
}

impl CorpusWriter for BratWriter {
    type Error = CorpusError;

    fn write_document(&mut self, document: &Document) -> Result<(), CorpusError> {
        if document.text().contains('\0') {
            return Err(self.destination.refuse("unwritable-text", "a text without NUL", "one"));
        }
        let annotation = self.annotation(document)?;
        let id = document.id().map(file_name).filter(|id| !id.is_empty());
        let id = id.unwrap_or_else(|| id_of(self.destination.documents + 1));
        if let Some(folder) = &self.folder {
            Self::pair(&mut self.taken, folder.path(), &id, document.text(), &annotation)
                .map_err(|error| CorpusError::io(folder.target(), EXPECTED, error))?;
        }
        self.destination.documents += 1;
        Ok(())
    }

    fn finish(&mut self) -> Result<(), CorpusError> {
        match self.folder.take() {
            Some(folder) => {
                let new = folder.path().to_owned();
                folder.commit(|old| check_replaceable(old, &new))
            }
            None => Ok(()),
        }
    }
}

impl FormatWriter for BratWriter {}
