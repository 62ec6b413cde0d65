//! Documents of four files.

use std::collections::BTreeMap;
use std::path::Path;

use ner_align_core::{
    ByteSpan, CharSpan, CorpusReader, Document, DocumentError, Finding, Label, Location, Severity,
};
use rustc_hash::FxHashMap;

use super::rows::{Fault, Row};
use crate::formats::progress::{Fused, Progress};
use crate::formats::standoff::{Stems, file_of, read_text};
use crate::text::Lines;
use crate::text::shorten;
use crate::{
    CharMap, CorpusError, Encoding, Format, FormatReader, ReadOptions, Source, place_spans,
    span_finding,
};

/// The files of a document without which it cannot be read.
const FILES: [&str; 4] = ["txt", "tokens", "spans", "objects"];

/// Reads a folder of documents, or one; see [the module](super) for the format. One document is in
/// memory at a time, and a text of more than 64 MiB is refused.
///
/// ```
/// use ner_align_core::CorpusReader;
/// use ner_align_corpus::ReadOptions;
/// use ner_align_corpus::formats::factrueval::FactRuEvalReader;
/// let folder = tempfile::tempdir()?;
/// let write = |name, text| std::fs::write(folder.path().join(name), text);
/// write("a.txt", "Мэрия Москвы")?;
/// write("a.tokens", "1 0 5 Мэрия\n2 6 6 Москвы\n")?;
/// write("a.spans", "7 org_descr 0 5 1 1\n8 loc_name 6 6 2 1\n")?;
/// write("a.objects", "3 Org 7 8 # Мэрия Москвы\n4 LocOrg 8 # Москвы\n")?;
/// let mut reader = FactRuEvalReader::open(folder.path(), &ReadOptions::default())?;
/// let document = reader.read_document()?.unwrap();
/// let surfaces: Vec<&str> = document.entities().iter().map(|e| document.surface(e.span)).collect();
/// assert_eq!(surfaces, ["Мэрия Москвы", "Москвы"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FactRuEvalReader {
    stems: Stems,
    encoding: Encoding,
    progress: Progress,
    /// What the files hold besides, and how often.
    others: BTreeMap<&'static str, usize>,
}

/// Lines of one of a document's files, not the blank ones, with the number of each.
struct Rows {
    lines: Lines<Box<dyn std::io::Read + Send>>,
    document: usize,
    /// A blank line came before the row read last.
    parted: bool,
}

impl Rows {
    fn open(
        stem: &Path,
        end: &str,
        encoding: Encoding,
        document: usize,
    ) -> Result<Self, CorpusError> {
        let path = file_of(stem, end);
        let source = Source::open(&path, encoding)?;
        let lines = Lines::new(source.into_stream(), path.display().to_string());
        Ok(Self { lines, document, parted: false })
    }

    /// Goes to the next row; false at the end.
    fn advance(&mut self) -> Result<bool, CorpusError> {
        self.parted = false;
        loop {
            let line = self.lines.next_line().map_err(|e| e.in_document(self.document))?;
            match line.map(|line| line.trim().is_empty()) {
                None => return Ok(false),
                Some(true) => self.parted = true,
                Some(false) => return Ok(true),
            }
        }
    }

    /// The row that was gone to last.
    fn line(&self) -> &str {
        self.lines.current()
    }

    /// The error of the row read last.
    fn fault(&self, fault: Fault) -> CorpusError {
        let column = fault.column;
        self.placed(fault.into_error(), Some(column))
    }

    fn placed(&self, error: CorpusError, column: Option<u64>) -> CorpusError {
        error.at_path(self.lines.name()).at(self.lines.number(), column).in_document(self.document)
    }

    fn finding(&self, code: &str, message: String) -> Finding {
        self.place(Finding::new(Severity::Warning, code, message))
    }

    fn place(&self, finding: Finding) -> Finding {
        let location = Location::file(self.lines.name()).with_line(self.lines.number());
        finding.at(location.with_document(self.document))
    }
}

impl FactRuEvalReader {
    /// Looks up the documents of a folder, or takes the one that a file belongs to.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn open(path: &Path, options: &ReadOptions) -> Result<Self, CorpusError> {
        // Folders hold other texts too, such as a readme.
        let stems = Stems::find(path, &["tokens", "spans", "objects"], &["txt", "coref", "facts"])?;
        let name = stems.path.display().to_string();
        let mut progress = Progress::new(name, options.max_findings).within(options.max_memory);
        stems.note_others(Format::FactRuEval, &mut progress.log);
        Ok(Self { stems, encoding: options.encoding, progress, others: BTreeMap::new() })
    }

    /// The text with its words and sentences.
    fn words(&mut self, stem: &Path) -> Result<Document, CorpusError> {
        let path = file_of(stem, "txt");
        let text =
            read_text(&path, self.encoding).map_err(|e| e.in_document(self.progress.documents))?;
        let map = CharMap::new(&text);
        let mut rows = Rows::open(stem, "tokens", self.encoding, self.progress.documents)?;
        let (mut words, mut starts): (Vec<ByteSpan>, _) = (Vec::new(), Vec::new());
        let mut end = 0;
        while rows.advance()? {
            let read = || {
                let mut row = Row::whole(rows.line());
                row.name("the number of a token")?;
                let start = row.number("the start of the token, a whole number")?;
                let length = row.number("the length of the token, a whole number")?;
                Ok((CharSpan::new(start, start.saturating_add(length)), row.rest()))
            };
            let (span, given) = read().map_err(|fault| rows.fault(fault))?;
            let bytes = map.bytes_of(span).filter(|bytes| bytes.start >= end);
            let Some(bytes) = bytes else {
                let expected = format!(
                    "a token after the one before it and in the text of {} characters",
                    map.len()
                );
                let found = format!("{}..{}", span.start, span.end);
                return Err(rows.placed(CorpusError::input("factrueval", expected, found), None));
            };
            end = bytes.end;
            let here = text.get(bytes.range()).unwrap_or_default();
            if let Some(given) = given.filter(|given| *given != here) {
                let message = format!(
                    "expected the token {:?} as its offsets say, found {:?}, read by the offsets",
                    shorten(here),
                    shorten(given)
                );
                self.progress.log.push(rows.finding("token-differs", message));
            }
            if rows.parted || words.is_empty() {
                starts.push(words.len());
            }
            words.push(bytes);
        }
        let mut document = Document::from_text(text, words).map_err(|e| self.misfit(stem, &e))?;
        document.set_sentence_starts(&starts);
        Ok(document)
    }

    fn misfit(&self, stem: &Path, error: &DocumentError) -> CorpusError {
        CorpusError::input("document", "entities and words that fit", error.to_string())
            .at_path(file_of(stem, "txt").display())
            .in_document(self.progress.documents)
    }

    /// The characters of each span by its number.
    fn spans(&mut self, stem: &Path) -> Result<FxHashMap<Box<str>, CharSpan>, CorpusError> {
        let mut rows = Rows::open(stem, "spans", self.encoding, self.progress.documents)?;
        let mut spans = FxHashMap::default();
        while rows.advance()? {
            let read = || {
                let mut row = Row::new(rows.line());
                let id = row.name("the number of a span")?;
                row.name("the type of the span")?;
                let start = row.number("the start of the span, a whole number")?;
                let length = row.number("the length of the span, a whole number")?;
                Ok((Box::<str>::from(id), CharSpan::new(start, start.saturating_add(length))))
            };
            let (id, span) = read().map_err(|fault| rows.fault(fault))?;
            *self.others.entry("types of spans").or_default() += 1;
            // A span may be listed once for each of its types.
            match spans.get(&id) {
                Some(before) if *before != span => {
                    let message = format!(
                        "expected one place for span {id}, found another, the first is read"
                    );
                    self.progress.log.push(rows.finding("duplicate-id", message));
                }
                _ => {
                    spans.insert(id, span);
                }
            }
        }
        Ok(spans)
    }

    fn objects(&mut self, stem: &Path, document: &mut Document) -> Result<(), CorpusError> {
        let spans = self.spans(stem)?;
        let mut rows = Rows::open(stem, "objects", self.encoding, self.progress.documents)?;
        let map = CharMap::new(document.text());
        let (mut entities, mut unaligned) = (Vec::new(), Vec::new());
        while rows.advance()? {
            let read = || {
                let mut row = Row::new(rows.line());
                row.name("the number of an object")?;
                let name = row.name("the type of the object")?;
                let mut pieces = Vec::new();
                while let Some(id) = row.next() {
                    let expected = "the number of a span";
                    pieces.push(*spans.get(id).ok_or_else(|| row.fault(id, expected))?);
                }
                Ok((name.to_owned(), pieces))
            };
            let (name, pieces) = read().map_err(|fault| rows.fault(fault))?;
            let Some(label) = Label::new(&name).filter(|_| !pieces.is_empty()) else {
                let message =
                    format!("expected an object of spans, found {name} of none, left out");
                self.progress.log.push(rows.finding("empty-object", message));
                continue;
            };
            let placed = place_spans(document, &map, [(union(pieces), label)]);
            entities.extend(placed.entities);
            for span in placed.unaligned {
                self.progress.log.push(rows.place(span_finding(document, &map, &span)));
                unaligned.push(span);
            }
        }
        document.set_entities(entities).map_err(|error| self.misfit(stem, &error))?;
        document.set_unaligned(unaligned);
        Ok(())
    }
}

/// What spans cover together, in order: those that share or touch characters become one.
fn union(mut pieces: Vec<CharSpan>) -> Vec<CharSpan> {
    pieces.sort_unstable();
    let mut whole: Vec<CharSpan> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match whole.last_mut() {
            Some(last) if piece.start <= last.end => last.end = last.end.max(piece.end),
            _ => whole.push(piece),
        }
    }
    whole
}

impl Fused for FactRuEvalReader {
    fn progress(&mut self) -> &mut Progress {
        &mut self.progress
    }

    fn next_document(&mut self) -> Result<Option<Document>, CorpusError> {
        let Some((stem, id)) = self.stems.next() else {
            self.progress.not_kept("objects", std::mem::take(&mut self.others));
            if self.progress.documents == 0 {
                let expected = "at least one document of .txt, .tokens, .spans and .objects";
                return Err(self.progress.empty_folder(expected));
            }
            return Ok(None);
        };
        for end in FILES {
            let file = file_of(&stem, end);
            if !file.is_file() {
                let expected = "a .txt, .tokens, .spans and .objects of the same name";
                let error = CorpusError::input("missing-file", expected, "no such file");
                return Err(error.at_path(file.display()).in_document(self.progress.documents));
            }
        }
        for (end, what) in [("coref", "files of coreference"), ("facts", "files of facts")] {
            if file_of(&stem, end).is_file() {
                *self.others.entry(what).or_default() += 1;
            }
        }
        let mut document = self.words(&stem)?;
        self.objects(&stem, &mut document)?;
        document.set_id(id);
        Ok(Some(document))
    }
}

impl CorpusReader for FactRuEvalReader {
    type Error = CorpusError;

    fn read_document(&mut self) -> Result<Option<Document>, CorpusError> {
        self.read_fused()
    }

    fn take_findings(&mut self) -> Vec<Finding> {
        self.progress.log.take()
    }
}

impl FormatReader for FactRuEvalReader {
    fn finding_counts(&self) -> &BTreeMap<String, usize> {
        self.progress.log.counts()
    }

    fn documents_marked(&self) -> bool {
        true
    }
}
