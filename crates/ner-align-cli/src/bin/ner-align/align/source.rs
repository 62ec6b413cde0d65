//! Where `align` has its documents and its classes from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ner_align_cli::Failure;
use ner_align_cli::corpus_args::report_findings;
use ner_align_core::{Document, Finding, LabelSet, Scheme};
use ner_align_corpus::{
    Corpus, FormatReader, LabelTally, ReadOptions, open, read_names, read_path,
};

use super::AlignArgs;

/// Bytes of text of a file that are kept in memory, so that it is read once.
const KEPT_BYTES: usize = 2 << 20;

/// The classes, and the corpus from its start.
pub(super) fn open_with_classes(
    arguments: &AlignArgs,
    options: &ReadOptions,
) -> Result<(LabelSet, Source), Failure> {
    match &arguments.labels {
        // The classes are known: a pipe, too, can be read as it comes.
        Some(path) => {
            let labels = classes_of_file(path, arguments)?;
            Ok((labels, Source::stream(&arguments.input, options)?))
        }
        None => classes_of_corpus(arguments, options),
    }
}

/// The classes as a file names them, one a line.
fn classes_of_file(path: &Path, arguments: &AlignArgs) -> Result<LabelSet, Failure> {
    let fail = |reason: String| Failure::usage(format!("{}: {reason}", path.display()));
    let names = read_names(path).map_err(|error| fail(error.found().to_owned()))?;
    let labels = LabelSet::from_names(&names).map_err(|error| fail(error.to_string()))?;
    match arguments.scheme {
        Some(scheme) if scheme != labels.scheme() => {
            Err(fail(format!("expected classes in the scheme {scheme}, found {}", labels.scheme())))
        }
        _ => Ok(labels),
    }
}

/// All tags of the corpus's entity types, in its own scheme, and the corpus once more from its
/// start.
fn classes_of_corpus(
    arguments: &AlignArgs,
    options: &ReadOptions,
) -> Result<(LabelSet, Source), Failure> {
    let (mut types, mut own) = (BTreeSet::new(), None);
    let mut look = |document: &Document| {
        own = own.or(document.tags().map(|(_, scheme)| scheme));
        for entity in document.entities() {
            if !types.contains(&entity.label) {
                types.insert(entity.label.clone());
            }
        }
    };
    let path = &arguments.input;
    let source = if path.is_file() || path.is_dir() {
        let mut first = Source::stream(path, options)?;
        let (mut kept, mut bytes) = (Vec::new(), 0);
        while let Some(document) = first.next(options)? {
            look(&document);
            bytes += document.text().len();
            if bytes <= KEPT_BYTES {
                kept.push(document);
            } else {
                kept = Vec::new();
            }
        }
        if bytes <= KEPT_BYTES {
            let (findings, finding_counts) = first.take_findings(options);
            Source::Memory { documents: kept.into_iter(), findings, finding_counts }
        } else {
            Source::stream(path, options)?
        }
    } else {
        let corpus = read_path(path, options)?;
        corpus.documents.iter().for_each(look);
        let Corpus { documents, findings, finding_counts, .. } = corpus;
        Source::Memory { documents: documents.into_iter(), findings, finding_counts }
    };
    let scheme = arguments.scheme.or(own).unwrap_or(Scheme::Iob2);
    Ok((arguments.strategy.label_set(types, scheme), source))
}

/// The corpus: a file of more text than is kept is read twice, once for its entity types; a pipe
/// whose classes are not known is kept in memory.
pub(super) enum Source {
    Stream {
        reader: Box<dyn FormatReader>,
        labels: LabelTally,
    },
    Memory {
        documents: std::vec::IntoIter<Document>,
        findings: Vec<Finding>,
        finding_counts: BTreeMap<String, usize>,
    },
}

impl Source {
    fn stream(path: &Path, options: &ReadOptions) -> Result<Self, Failure> {
        Ok(Self::Stream { reader: open(path, options)?, labels: LabelTally::default() })
    }

    pub(super) fn next(&mut self, options: &ReadOptions) -> Result<Option<Document>, Failure> {
        let (reader, labels) = match self {
            Self::Memory { documents, .. } => return Ok(documents.next()),
            Self::Stream { reader, labels } => (reader, labels),
        };
        let Some(mut document) = reader.read_document()? else {
            return Ok(None);
        };
        let mapped = options.labels.apply_and_count(&mut document, labels);
        mapped.map_err(|error| Failure::input(error.to_string()))?;
        Ok(Some(document))
    }

    /// Says what was read in another way than it was written.
    pub(super) fn report(&mut self, options: &ReadOptions) {
        let (findings, counts) = self.take_findings(options);
        report_findings(&counts, &findings);
    }

    fn take_findings(&mut self, options: &ReadOptions) -> (Vec<Finding>, BTreeMap<String, usize>) {
        match self {
            Self::Memory { findings, finding_counts, .. } => {
                (std::mem::take(findings), std::mem::take(finding_counts))
            }
            Self::Stream { reader, labels } => {
                let mut findings = reader.take_findings();
                let mut counts = reader.finding_counts().clone();
                if let Some(finding) = labels.unused(&options.labels) {
                    counts.insert(finding.code.clone(), 1);
                    findings.push(finding);
                }
                (findings, counts)
            }
        }
    }
}
