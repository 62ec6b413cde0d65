//! What a check remembers of its corpora: numbers for words, no text twice.

use std::path::Path;
use std::sync::Arc;

use ner_align_core::{Document, Finding, Label, Location, Severity, Tag};
use rustc_hash::FxHashMap;

use super::long_surfaces::{LONG, LONGEST, LongSurfaces};
use ner_align_corpus::text::{extent, touched_words};
use ner_align_corpus::{CharMap, Format};

/// A file that was read.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct IndexedFile {
    /// Its path.
    pub path: String,
    /// Its format, if it was read from a file.
    pub format: Option<Format>,
    /// True for what the inputs are compared with.
    pub against: bool,
    /// The file of each document, where the corpus is a folder of them.
    documents: Option<Vec<String>>,
}

impl IndexedFile {
    pub(super) fn new(path: &str, format: Option<Format>, against: bool) -> Self {
        let pairs = matches!(format, Some(Format::Brat | Format::FactRuEval));
        let documents = (pairs && Path::new(path).is_dir()).then(Vec::new);
        Self { path: path.to_owned(), format, against, documents }
    }

    /// The path of the file that a document is in, which is not that of the corpus where this is a
    /// folder.
    #[must_use]
    pub fn path_of(&self, document: usize) -> &str {
        let own = self.documents.as_ref().and_then(|documents| documents.get(document));
        own.map_or(&self.path, |path| path.as_str())
    }
}

/// A sentence: its words are the [`CorpusIndex::tokens`] from `start` up to the next sentence.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct IndexedSentence {
    /// Its first word.
    pub start: usize,
    /// Index of the file.
    pub file: u32,
    /// Index of the document within the file.
    pub document: u32,
    /// Index of the sentence within the document.
    pub sentence: u32,
    /// Line of the first word; 0: none.
    line: u32,
}

/// An entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct IndexedEntity {
    /// Its first word.
    pub start: usize,
    /// Number of words.
    pub words: u32,
    /// Number of its surface in [`CorpusIndex::surface`].
    pub surface: u32,
    /// Number of its label in [`CorpusIndex::labels`].
    pub label: u32,
}

/// Words, sentences and entities of all corpora of a check, inputs first, as numbers.
///
/// Kept are: four bytes and one bit a word, each different word and surface once, 24 bytes a
/// sentence and as many an entity.
#[derive(Debug, Default)]
pub struct CorpusIndex {
    files: Vec<IndexedFile>,
    words: Table<str>,
    tokens: Vec<u32>,
    /// Words that are in an entity or a span, or that nobody annotated.
    covered: Vec<u64>,
    sentences: Vec<IndexedSentence>,
    labels: Table<str>,
    surfaces: Table<[u32]>,
    entities: Vec<IndexedEntity>,
    /// First sentence, word and entity of what the inputs are compared with.
    bounds: Option<(usize, usize, usize)>,
}

/// Values and their numbers.
#[derive(Debug)]
struct Table<T: ?Sized> {
    numbers: FxHashMap<Arc<T>, u32>,
    values: Vec<Arc<T>>,
    /// Bytes of the values.
    bytes: usize,
}

impl<T: ?Sized> Default for Table<T> {
    fn default() -> Self {
        Self { numbers: FxHashMap::default(), values: Vec::new(), bytes: 0 }
    }
}

impl<T: ?Sized> Table<T> {
    /// Bytes that it takes, about: each value in an allocation with two counts.
    fn memory(&self) -> usize {
        self.bytes
            + self.values.capacity() * 16
            + self.numbers.capacity() * 28
            + self.values.len() * 32
    }
}

impl<T: ?Sized + std::hash::Hash + Eq> Table<T>
where
    for<'a> Arc<T>: From<&'a T>,
{
    fn number(&mut self, value: &T) -> u32 {
        if let Some(number) = self.numbers.get(value) {
            return *number;
        }
        // Four thousand million different values do not fit a machine's memory.
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.bytes += size_of_val(value);
        let value: Arc<T> = Arc::from(value);
        self.values.push(Arc::clone(&value));
        self.numbers.insert(value, number);
        number
    }

    fn get(&self, number: u32) -> Option<&T> {
        self.values.get(number as usize).map(AsRef::as_ref)
    }
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl CorpusIndex {
    pub(super) fn begin_file(&mut self, file: IndexedFile) {
        if file.against && self.bounds.is_none() {
            self.bounds = Some((self.sentences.len(), self.tokens.len(), self.entities.len()));
        }
        self.files.push(file);
    }

    /// Takes in a document of the file that was begun last.
    pub(super) fn push(&mut self, document: &Document, number: usize, line: Option<u64>) {
        let file = narrow(self.files.len().saturating_sub(1));
        let base = self.tokens.len();
        if let Some(IndexedFile { path, documents: Some(documents), .. }) = self.files.last_mut() {
            // A document without a name keeps the place of the folder.
            let own = document.id().map(|id| Path::new(path.as_str()).join(format!("{id}.txt")));
            documents.push(own.map_or_else(|| path.clone(), |own| own.display().to_string()));
        }
        for (index, sentence) in document.sentences().iter().enumerate() {
            let line = sentence.line.or(line).and_then(|line| u32::try_from(line).ok());
            self.sentences.push(IndexedSentence {
                start: base + sentence.words.start,
                file,
                document: narrow(number),
                sentence: narrow(index),
                line: line.unwrap_or(0),
            });
        }
        for word in document.words() {
            let number = self.words.number(word);
            self.tokens.push(number);
        }
        self.covered.resize(self.tokens.len().div_ceil(64), 0);
        let mut long = LongSurfaces::default();
        // Entities come in order: the words up to here are covered from the start of the one before on.
        let mut covered = base;
        for entity in document.entities() {
            let span = entity.span;
            let Some(words) = self.tokens.get(base + span.start..base + span.end) else { continue };
            let surface = if words.len() > LONGEST {
                let own = self.tokens.get(base..).unwrap_or_default();
                self.surfaces.number(&long.key(own, span.range()))
            } else {
                self.surfaces.number(words)
            };
            let label = self.labels.number(entity.label.as_str());
            let start = base + span.start;
            let words = narrow(span.len());
            self.entities.push(IndexedEntity { start, words, surface, label });
            self.cover(start.max(covered)..base + span.end);
            covered = covered.max(base + span.end);
        }
        if let Some((tags, _)) = document.tags() {
            for (word, _) in tags.iter().enumerate().filter(|(_, tag)| **tag == Tag::Missing) {
                self.cover(base + word..base + word + 1);
            }
        }
        if !document.unaligned().is_empty() {
            let map = CharMap::new(document.text());
            for span in document.unaligned() {
                if let Some(bytes) = extent(&map, &span.pieces) {
                    let words = touched_words(document.word_bytes(), bytes);
                    self.cover(base + words.start..base + words.end);
                }
            }
        }
    }

    /// Bytes that it takes, about.
    pub(super) fn memory(&self) -> u64 {
        let tables = self.words.memory() + self.labels.memory() + self.surfaces.memory();
        let words = self.tokens.capacity() * 4 + self.covered.capacity() * 8;
        let sentences = self.sentences.capacity() * size_of::<IndexedSentence>();
        let entities = self.entities.capacity() * size_of::<IndexedEntity>();
        (tables + words + sentences + entities) as u64
    }

    fn cover(&mut self, words: std::ops::Range<usize>) {
        for word in words {
            if let Some(bits) = self.covered.get_mut(word / 64) {
                *bits |= 1 << (word % 64);
            }
        }
    }

    /// The files in the order in which they were read.
    #[must_use]
    pub fn files(&self) -> &[IndexedFile] {
        &self.files
    }

    /// All words of all corpora as numbers; see [`CorpusIndex::word`].
    #[must_use]
    pub fn tokens(&self) -> &[u32] {
        &self.tokens
    }

    /// The text of a word's number.
    #[must_use]
    pub fn word(&self, number: u32) -> &str {
        self.words.get(number).unwrap_or_default()
    }

    /// The different words; the index is the number.
    pub fn vocabulary(&self) -> impl ExactSizeIterator<Item = &str> {
        self.words.values.iter().map(AsRef::as_ref)
    }

    /// The number of a word, if it occurs.
    #[must_use]
    pub fn number_of(&self, word: &str) -> Option<u32> {
        self.words.numbers.get(word).copied()
    }

    /// True if a word is in an entity or a span, or is one that nobody annotated.
    #[must_use]
    pub fn is_covered(&self, token: usize) -> bool {
        self.covered.get(token / 64).is_some_and(|bits| bits >> (token % 64) & 1 == 1)
    }

    /// All sentences, those of the inputs first.
    #[must_use]
    pub fn sentences(&self) -> &[IndexedSentence] {
        &self.sentences
    }

    /// The words of a sentence, within [`CorpusIndex::tokens`].
    #[must_use]
    pub fn range(&self, sentence: usize) -> std::ops::Range<usize> {
        let start = self.sentences.get(sentence).map_or(self.tokens.len(), |s| s.start);
        let end = self.sentences.get(sentence + 1).map_or(self.tokens.len(), |s| s.start);
        start..end
    }

    /// The words of a sentence as numbers.
    #[must_use]
    pub fn sentence(&self, sentence: usize) -> &[u32] {
        self.tokens.get(self.range(sentence)).unwrap_or_default()
    }

    /// All entities, by document and position, those of the inputs first.
    #[must_use]
    pub fn entities(&self) -> &[IndexedEntity] {
        &self.entities
    }

    /// Number of sentences, words and entities of the inputs; what follows is what they are
    /// compared with.
    #[must_use]
    pub fn inputs(&self) -> (usize, usize, usize) {
        let all = (self.sentences.len(), self.tokens.len(), self.entities.len());
        self.bounds.unwrap_or(all)
    }

    /// True if there is something to compare the inputs with.
    #[must_use]
    pub const fn has_others(&self) -> bool {
        self.bounds.is_some()
    }

    /// The labels; the index is the number.
    pub fn labels(&self) -> impl ExactSizeIterator<Item = &str> {
        self.labels.values.iter().map(AsRef::as_ref)
    }

    /// The number of a label, if an entity has it.
    pub(super) fn number_of_label(&self, name: &str) -> Option<u32> {
        self.labels.numbers.get(name).copied()
    }

    /// The label of a number.
    #[must_use]
    pub fn label(&self, number: u32) -> Option<Label> {
        self.labels.get(number).and_then(Label::new)
    }

    pub(super) fn label_name(&self, number: u32) -> &str {
        self.labels.get(number).unwrap_or_default()
    }

    /// Number of different surfaces.
    #[must_use]
    pub fn surfaces(&self) -> usize {
        self.surfaces.values.len()
    }

    /// The words of a surface as numbers; of one of more than 1,000 words, which is no name, four numbers
    /// that stand for them, of which the first one is of no word.
    #[must_use]
    pub fn surface(&self, number: u32) -> &[u32] {
        self.surfaces.get(number).unwrap_or_default()
    }

    /// The number of a surface, if it is one of an entity.
    #[must_use]
    pub fn surface_of(&self, words: &[u32]) -> Option<u32> {
        self.surfaces.numbers.get(words).copied()
    }

    /// Words joined by single spaces.
    #[must_use]
    pub fn text(&self, words: &[u32]) -> String {
        if let [LONG, .., length] = words {
            return format!("({length} words)");
        }
        words.iter().map(|&word| self.word(word)).collect::<Vec<_>>().join(" ")
    }

    /// The sentence that a word is in.
    #[must_use]
    pub fn sentence_at(&self, token: usize) -> usize {
        self.sentences.partition_point(|sentence| sentence.start <= token).saturating_sub(1)
    }

    /// A finding about a word, with its place.
    #[must_use]
    pub fn finding(
        &self,
        severity: Severity,
        code: &str,
        message: impl Into<String>,
        token: usize,
    ) -> Finding {
        let finding = Finding::new(severity, code, message);
        let Some(sentence) = self.sentences.get(self.sentence_at(token)) else { return finding };
        let file = self.files.get(sentence.file as usize);
        let document = sentence.document as usize;
        finding.at(Location::default()
            .with_path(file.map(|file| file.path_of(document).to_owned()))
            .with_line(self.line(token))
            .with_document(document)
            .with_sentence(sentence.sentence as usize)
            .with_token(token - sentence.start))
    }

    fn line(&self, token: usize) -> Option<u64> {
        let sentence = self.sentences.get(self.sentence_at(token))?;
        let rows = self.files.get(sentence.file as usize)?.format == Some(Format::Conll);
        let offset = if rows { token - sentence.start } else { 0 };
        (sentence.line > 0).then(|| u64::from(sentence.line) + offset as u64)
    }

    /// A word's place in words, as said at another word: `line 12` or `document 3, sentence 0` of
    /// the same file, with the path before it of another.
    #[must_use]
    pub fn place_from(&self, here: usize, token: usize) -> String {
        let at = |token| self.sentences.get(self.sentence_at(token));
        let Some(sentence) = at(token) else { return String::new() };
        let same = at(here).is_some_and(|here| {
            let parted = self.files.get(here.file as usize).is_some_and(|f| f.documents.is_some());
            here.file == sentence.file && (!parted || here.document == sentence.document)
        });
        let (document, index) = (sentence.document, sentence.sentence);
        let file = self.files.get(sentence.file as usize);
        let path = file.map_or("", |file| file.path_of(document as usize));
        match (self.line(token), same) {
            (Some(line), true) => format!("line {line}"),
            (Some(line), false) => format!("{path}:{line}"),
            (None, true) => format!("document {document}, sentence {index}"),
            (None, false) => format!("{path}, document {document}, sentence {index}"),
        }
    }
}
