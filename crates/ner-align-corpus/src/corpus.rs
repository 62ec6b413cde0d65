//! Whole corpora in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ner_align_core::{Document, Finding};

use crate::contract::memory;
use crate::convert::fault_place::place;
use crate::registry::Input;
use crate::{Capabilities, CorpusError, Format, LabelTally, Policies, ReadOptions, Resolved};

/// Documents in memory, with the findings of their readers.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Corpus {
    /// The documents in the order of the files.
    pub documents: Vec<Document>,
    /// Findings of the readers.
    pub findings: Vec<Finding>,
    /// Number of findings of each code, those not kept included.
    pub finding_counts: BTreeMap<String, usize>,
    /// True if a file itself says where its documents end.
    pub documents_marked: bool,
    /// The formats of the files, each once.
    pub formats: BTreeSet<Format>,
    /// Renamed and dropped labels.
    pub labels: LabelTally,
}

impl IntoIterator for Corpus {
    type Item = Document;
    type IntoIter = std::vec::IntoIter<Document>;

    fn into_iter(self) -> Self::IntoIter {
        self.documents.into_iter()
    }
}

impl<'a> IntoIterator for &'a Corpus {
    type Item = &'a Document;
    type IntoIter = std::slice::Iter<'a, Document>;

    fn into_iter(self) -> Self::IntoIter {
        self.documents.iter()
    }
}

/// Reads a whole corpus into memory; `-` is standard input. Format and scheme are detected.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("train.conll");
/// # std::fs::write(&path, "Čapek\tB-PER\nwrote\tO\n")?;
/// for document in ner_align_corpus::read(&path)? {
///     for entity in document.mentions() {
///         println!("{}..{} {} {}", entity.start, entity.end, entity.label, entity.text);
/// #       assert_eq!((entity.start, entity.end, entity.text), (0, 5, "Čapek"));
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`open`](crate::open), and input that is not what its format says.
pub fn read(input: impl Into<Input>) -> Result<Corpus, CorpusError> {
    read_all([input], &ReadOptions::default())
}

/// As [`read`], with options.
///
/// # Errors
/// As [`read`].
pub fn read_path(path: impl AsRef<Path>, options: &ReadOptions) -> Result<Corpus, CorpusError> {
    read_all([path.as_ref()], options)
}

/// Reads several files, of one format or several, into one corpus.
///
/// # Errors
/// As [`read`], at the first file that cannot be read.
pub fn read_paths<P: AsRef<Path>>(
    paths: &[P],
    options: &ReadOptions,
) -> Result<Corpus, CorpusError> {
    read_all(paths, options)
}

/// Reads several inputs, files or readers, into one corpus.
///
/// # Errors
/// As [`read`], at the first input that cannot be read.
pub fn read_all(
    inputs: impl IntoIterator<Item = impl Into<Input>>,
    options: &ReadOptions,
) -> Result<Corpus, CorpusError> {
    collect(inputs, options, &mut |_| Ok(()))
}

/// Reads several inputs into one corpus of entities that tags can hold: those that share words are refused, with
/// their place, unless the policies settle them. Spans that match no words stay in
/// [`Document::unaligned`] unless the policies settle them. The counts are of what the policies did.
///
/// # Errors
/// As [`read_all`], and entities that the policies refuse.
pub fn read_for_tags(
    inputs: impl IntoIterator<Item = impl Into<Input>>,
    options: &ReadOptions,
    policies: Policies,
) -> Result<(Corpus, Resolved), CorpusError> {
    let mut resolved = Resolved::default();
    let corpus = collect(inputs, options, &mut |document| {
        let settled = policies.apply(document, &Capabilities::TAGS).map_err(|error| match error
            .code()
        {
            "overlap" => error.with_hint("keep one of them with `on_overlap: longest` or first"),
            _ => error,
        })?;
        resolved.add(&settled);
        Ok(())
    })?;
    Ok((corpus, resolved))
}

/// Hands the documents of several inputs over, one after the other, so that memory holds one at a time. What is
/// returned is the corpus without its documents.
///
/// # Errors
/// As [`read`], at the first input that cannot be read, and what `take` returns, with the name of the input.
pub fn for_each_document(
    inputs: impl IntoIterator<Item = impl Into<Input>>,
    options: &ReadOptions,
    mut take: impl FnMut(Document) -> Result<(), CorpusError>,
) -> Result<Corpus, CorpusError> {
    hand_over(inputs, options, &mut |_| Ok(()), &mut take)
}

type Edit<'a> = dyn FnMut(&mut Document) -> Result<(), CorpusError> + 'a;
type Take<'a> = dyn FnMut(Document) -> Result<(), CorpusError> + 'a;

/// A corpus with its documents; `edit` may change each, or refuse it.
fn collect(
    inputs: impl IntoIterator<Item = impl Into<Input>>,
    options: &ReadOptions,
    edit: &mut Edit<'_>,
) -> Result<Corpus, CorpusError> {
    let (mut documents, mut kept) = (Vec::new(), 0);
    let corpus = hand_over(inputs, options, edit, &mut |document| {
        kept += memory::of_kept(&document);
        if kept > options.max_memory {
            return Err(too_large(options.max_memory));
        }
        documents.push(document);
        Ok(())
    })?;
    Ok(Corpus { documents, ..corpus })
}

/// As [`for_each_document`]; what `edit` refuses has its place in the input.
fn hand_over(
    inputs: impl IntoIterator<Item = impl Into<Input>>,
    options: &ReadOptions,
    edit: &mut Edit<'_>,
    take: &mut Take<'_>,
) -> Result<Corpus, CorpusError> {
    let mut corpus = Corpus::default();
    for input in inputs {
        let input = input.into();
        let name = input.name();
        let (format, mut reader) = input.open(options)?;
        corpus.formats.extend(format);
        let mut index = 0;
        while let Some(mut document) = reader.read_document()? {
            options.labels.apply_and_count(&mut document, &mut corpus.labels).map_err(|error| {
                CorpusError::input(
                    "document",
                    "a document that labels can be mapped in",
                    error.to_string(),
                )
                .at_path(&name)
            })?;
            if let Err(error) = edit(&mut document) {
                let findings = reader.take_findings();
                return Err(place(error, &document, index, &*reader, &name, &findings));
            }
            take(document).map_err(|error| error.at_path(&name))?;
            index += 1;
        }
        corpus.findings.extend(reader.take_findings());
        for (code, count) in reader.finding_counts() {
            *corpus.finding_counts.entry(code.clone()).or_default() += count;
        }
        corpus.documents_marked |= reader.documents_marked();
    }
    if let Some(finding) = corpus.labels.unused(&options.labels) {
        *corpus.finding_counts.entry(finding.code.clone()).or_default() += 1;
        corpus.findings.push(finding);
    }
    Ok(corpus)
}

/// The error of documents that are too many to be in memory together.
fn too_large(max_memory: u64) -> CorpusError {
    let expected =
        format!("documents that take at most {} MiB of memory together", max_memory >> 20);
    CorpusError::input("corpus-too-large", expected, "more")
        .with_hint("take a part of them, or allow more with `max_memory`")
}
