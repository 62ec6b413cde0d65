//! Whole corpora in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ner_align_core::{Document, Finding};

use crate::registry::open_with_format;
use crate::{CorpusError, Format, LabelTally, ReadOptions};

/// Documents in memory, with what was found while reading them.
#[derive(Debug, Clone, Default)]
pub struct Corpus {
    /// The documents in the order of the files.
    pub documents: Vec<Document>,
    /// What was read in another way than it was written.
    pub findings: Vec<Finding>,
    /// How many findings there were of each code, those not kept included.
    pub finding_counts: BTreeMap<String, usize>,
    /// True if a file itself says where its documents end.
    pub documents_marked: bool,
    /// The formats of the files, each once.
    pub formats: BTreeSet<Format>,
    /// What renaming and dropping of labels came to.
    pub labels: LabelTally,
}

/// Reads a whole corpus into memory; `-` is standard input.
///
/// # Errors
/// As [`open`](crate::open), and input that is not what its format says.
pub fn read_path(path: &Path, options: &ReadOptions) -> Result<Corpus, CorpusError> {
    read_paths(&[path], options)
}

/// Reads several files, of one format or several, into one corpus.
///
/// # Errors
/// As [`read_path`], at the first file that cannot be read.
pub fn read_paths<P: AsRef<Path>>(
    paths: &[P],
    options: &ReadOptions,
) -> Result<Corpus, CorpusError> {
    let mut corpus = Corpus::default();
    for path in paths {
        let path = path.as_ref();
        let (format, mut reader) = open_with_format(path, options)?;
        corpus.formats.insert(format);
        while let Some(mut document) = reader.read_document()? {
            options.labels.apply_and_count(&mut document, &mut corpus.labels).map_err(|error| {
                CorpusError::input(
                    "document",
                    "a document that labels can be mapped in",
                    error.to_string(),
                )
                .at_path(path.display())
            })?;
            corpus.documents.push(document);
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
