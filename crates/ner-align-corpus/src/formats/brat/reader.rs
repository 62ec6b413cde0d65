//! Pairs of text and annotation to documents.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use ner_align_core::{CharSpan, CorpusReader, Document, Finding, Label, Location, Severity};

use super::annotation::{Line, parse};
use super::{ANNOTATION, TEXT};
use crate::formats::progress::{Fused, Progress};
use crate::formats::standoff::{Stems, file_of, read_text, split_words};
use crate::text::Lines;
use crate::text::Surfaces;
use crate::text::words::WordSplitter;
use crate::{
    CharMap, CorpusError, Encoding, Format, FormatReader, OffsetUnit, OnSurfaceMismatch,
    ReadOptions, Source, place_spans, span_finding,
};

/// Reads a folder of pairs, or one pair; see [the module](super) for the format. One document is in
/// memory at a time, and a text of more than 64 MiB is refused.
///
/// ```
/// use ner_align_core::CorpusReader;
/// use ner_align_corpus::ReadOptions;
/// use ner_align_corpus::formats::brat::BratReader;
/// let folder = tempfile::tempdir()?;
/// std::fs::write(folder.path().join("a.txt"), "Ada\nLovelace wrote")?;
/// std::fs::write(folder.path().join("a.ann"), "T1\tPER 0 3;4 12\tAda Lovelace\n")?;
/// let mut reader = BratReader::open(folder.path(), &ReadOptions::default())?;
/// let document = reader.read_document()?.unwrap();
/// assert_eq!(document.id(), Some("a"));
/// assert_eq!(document.surface(document.entities()[0].span), "Ada\nLovelace");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct BratReader {
    stems: Stems,
    encoding: Encoding,
    offsets: OffsetUnit,
    on_surface_mismatch: OnSurfaceMismatch,
    splitter: WordSplitter,
    progress: Progress,
    /// What the files hold besides, and how often.
    others: BTreeMap<&'static str, usize>,
}

/// Spans as an annotation file has them.
type Spans = Vec<(Vec<CharSpan>, Label)>;

/// Spans with their lines.
type Lined = Vec<(u64, (Vec<CharSpan>, Label))>;

impl BratReader {
    /// Looks up the pairs of a folder, or takes the one that a file belongs to.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn open(path: &Path, options: &ReadOptions) -> Result<Self, CorpusError> {
        let stems = Stems::find(path, &[TEXT, ANNOTATION], &[])?;
        let name = stems.path.display().to_string();
        let mut progress = Progress::new(name, options.max_findings).within(options.max_memory);
        stems.note_others(Format::Brat, &mut progress.log);
        Ok(Self {
            stems,
            encoding: options.encoding,
            offsets: options.offsets,
            on_surface_mismatch: options.on_surface_mismatch,
            splitter: WordSplitter::new(&options.words)?,
            progress,
            others: BTreeMap::new(),
        })
    }

    fn pair(&mut self, text: &Path, annotation: &Path) -> Result<Document, CorpusError> {
        let index = self.progress.documents;
        let read = read_text(text, self.encoding).map_err(|error| error.in_document(index))?;
        let words = split_words(&read, &self.splitter);
        self.progress.weigh(words.len(), read.len())?;
        let misfit = |error: ner_align_core::DocumentError| {
            CorpusError::input("document", "entities and words that fit", error.to_string())
                .at_path(text.display())
                .in_document(index)
        };
        let mut document = Document::from_text(read, words).map_err(misfit)?;
        let spans = self.spans(&document, annotation)?;
        let map = CharMap::new(document.text());
        let (lines, spans): (Vec<u64>, Spans) = spans.into_iter().unzip();
        let placed = place_spans(&document, &map, spans.iter().cloned());
        let mut others = placed.unaligned.iter().peekable();
        for (line, (pieces, label)) in lines.iter().zip(&spans) {
            // Both lists are in the order of the file.
            let next = others.next_if(|span| span.pieces == *pieces && span.label == *label);
            if let Some(span) = next {
                self.push(annotation, *line, span_finding(&document, &map, span));
            }
        }
        document.set_entities(placed.entities).map_err(misfit)?;
        document.set_unaligned(placed.unaligned);
        Ok(document)
    }

    /// The entities of an annotation file with their lines.
    fn spans(&mut self, document: &Document, path: &Path) -> Result<Lined, CorpusError> {
        let source = Source::open(path, self.encoding)?;
        let mut lines = Lines::new(source.into_stream(), path.display().to_string());
        let map = CharMap::new(document.text());
        let mut surfaces = Surfaces::new(document.text(), &map, self.offsets);
        let mut spans = Vec::new();
        let mut ids = HashSet::new();
        // The first span whose text differs.
        let mut fault = None;
        loop {
            if lines
                .next_line()
                .map_err(|error| error.in_document(self.progress.documents))?
                .is_none()
            {
                return match fault {
                    Some((line, error)) => Err(CorpusError::with_hint(error, surfaces.hint())
                        .at_path(path.display())
                        .at(line, None)
                        .in_document(self.progress.documents)),
                    None => Ok(spans),
                };
            }
            let line = lines.current();
            if line.trim().is_empty() {
                continue;
            }
            let entity = match parse(line) {
                Ok(Line::Entity(entity)) => entity,
                Ok(Line::Other(kind)) => {
                    *self.others.entry(kind).or_default() += 1;
                    continue;
                }
                Err(fault) => {
                    let column = fault.column;
                    return Err(fault
                        .into_error()
                        .at_path(path.display())
                        .at(lines.number(), Some(column))
                        .in_document(self.progress.documents));
                }
            };
            if !ids.insert(entity.id.to_owned()) {
                let message = format!("expected each id once, found {:?} again", entity.id);
                let finding = Finding::new(Severity::Warning, "duplicate-id", message);
                self.push(path, lines.number(), finding);
            }
            let line = lines.number();
            if !entity.text.is_empty()
                && let Some(difference) = surfaces.differs(&entity.pieces, entity.text)
            {
                match self.on_surface_mismatch {
                    OnSurfaceMismatch::Error => {
                        fault.get_or_insert_with(|| (line, difference.error()));
                    }
                    _ => self.push(path, line, difference.finding().with_hint(surfaces.hint())),
                }
                if self.on_surface_mismatch != OnSurfaceMismatch::Offsets {
                    continue;
                }
            }
            let pieces: Option<Vec<CharSpan>> =
                entity.pieces.iter().map(|piece| surfaces.chars(*piece)).collect();
            let Some(pieces) = pieces else {
                let expected = format!("offsets that count {}", self.offsets.what());
                let error = CorpusError::input("offset", expected, "one within a character");
                let error = error.at_path(path.display()).at(line, None);
                return Err(error.in_document(self.progress.documents));
            };
            spans.push((line, (pieces, entity.label)));
        }
    }

    fn push(&mut self, path: &Path, line: u64, finding: Finding) {
        let location = Location::file(path.display().to_string()).with_line(line);
        self.progress.log.push(finding.at(location.with_document(self.progress.documents)));
    }
}

impl Fused for BratReader {
    fn progress(&mut self) -> &mut Progress {
        &mut self.progress
    }

    fn next_document(&mut self) -> Result<Option<Document>, CorpusError> {
        while let Some((stem, id)) = self.stems.next() {
            let (text, annotation) = (file_of(&stem, TEXT), file_of(&stem, ANNOTATION));
            if !annotation.is_file() && text.is_file() && self.stems.path.is_dir() {
                let message = format!("expected a .{ANNOTATION} beside it, found none, left out");
                let finding = Finding::new(Severity::Warning, "missing-ann", message)
                    .at(Location::file(text.display().to_string()))
                    .with_hint("an empty one says that there is no entity");
                self.progress.log.push(finding);
                continue;
            }
            for file in [&text, &annotation] {
                if !file.is_file() {
                    let expected = "a .txt and a .ann of the same name";
                    let error = CorpusError::input("missing-file", expected, "no such file");
                    return Err(error.at_path(file.display()).in_document(self.progress.documents));
                }
            }
            let mut document = self.pair(&text, &annotation)?;
            document.set_id(id);
            return Ok(Some(document));
        }
        self.progress.not_kept("entities", std::mem::take(&mut self.others));
        if self.progress.documents == 0 {
            return Err(self.progress.empty_folder("at least one pair of .txt and .ann"));
        }
        Ok(None)
    }
}

impl CorpusReader for BratReader {
    type Error = CorpusError;

    fn read_document(&mut self) -> Result<Option<Document>, CorpusError> {
        self.read_fused()
    }

    fn take_findings(&mut self) -> Vec<Finding> {
        self.progress.log.take()
    }
}

impl FormatReader for BratReader {
    fn finding_counts(&self) -> &BTreeMap<String, usize> {
        self.progress.log.counts()
    }

    fn documents_marked(&self) -> bool {
        true
    }
}
