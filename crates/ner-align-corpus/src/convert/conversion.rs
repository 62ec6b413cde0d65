//! From corpora to a corpus: every document goes through, everything lost or repaired is counted.

use std::fmt;
use std::path::{Path, PathBuf};

use ner_align_core::{Document, Finding, Scheme, Severity};

use super::fault_place::place;
use super::losses::losses;
use super::policy::{Policies, overlaps};
use super::summary::ConvertSummary;
use crate::registry::{Input, create};
use crate::text::sentences;
use crate::{
    Capabilities, CorpusError, ErrorKind, Format, FormatReader, FormatWriter, ReadOptions,
    WriteOptions,
};

/// How a corpus becomes another one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConvertOptions {
    /// How the inputs are read. Their labels are renamed and dropped here.
    pub read: ReadOptions,
    /// How the output is written. Whether documents are marked is found out from the input.
    pub write: WriteOptions,
    /// What to do with entities that the target cannot hold.
    pub policies: Policies,
    /// The format of the output; `None`: detected from its name.
    pub to: Option<Format>,
    /// Find sentences in documents that mark none.
    pub split_sentences: bool,
}

ner_align_core::setters! { ConvertOptions {
    with_read: read: ReadOptions,
    with_write: write: WriteOptions,
    with_policies: policies: Policies,
    with_to: to: Option<Format>,
    with_split_sentences: split_sentences: bool,
} }

/// Converts documents into one output, one by one.
///
/// ```
/// use ner_align_core::{CorpusReader, Document};
/// use ner_align_corpus::{Conversion, ConvertOptions, ReadOptions, open_reader};
/// let folder = tempfile::tempdir()?;
/// let output = folder.path().join("out.conll");
/// let mut conversion = Conversion::new(&output, ConvertOptions::default())?;
/// let mut reader = open_reader("Ada\tB-PER\n".as_bytes(), "in.tsv", &ReadOptions::default())?;
/// let mut each = |_: &mut Document| Ok(()); // may change a document, or refuse it
/// conversion.read_from(&mut *reader, "in.tsv", &mut each)?;
/// assert_eq!(conversion.finish()?.tokens, 1);
/// // A sentence that is a document by itself was not marked as one, and is not marked here.
/// assert_eq!(std::fs::read_to_string(output)?, "Ada\tB-PER\n\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Conversion {
    output: PathBuf,
    options: ConvertOptions,
    format: Format,
    capabilities: Capabilities,
    writer: Option<Box<dyn FormatWriter>>,
    /// The scheme of the first tags, which all are written in where none is named.
    scheme: Option<Scheme>,
    /// Schemes of later documents that were brought to it.
    joined: Vec<Scheme>,
    summary: ConvertSummary,
}

impl fmt::Debug for Conversion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conversion")
            .field("output", &self.output)
            .field("options", &self.options)
            .field("summary", &self.summary)
            .finish_non_exhaustive()
    }
}

impl Conversion {
    /// Starts a conversion into an output, which is opened with the first document.
    ///
    /// # Errors
    /// An output whose format is not named and cannot be detected from its name.
    pub fn new(output: impl AsRef<Path>, options: ConvertOptions) -> Result<Self, CorpusError> {
        let output = output.as_ref();
        let format = match options.to {
            Some(format) => format,
            None => format_of_name(output)?,
        };
        Ok(Self {
            output: output.to_owned(),
            capabilities: options.write.capabilities(format),
            options,
            format,
            writer: None,
            scheme: None,
            joined: Vec::new(),
            summary: ConvertSummary::default(),
        })
    }

    /// Adds all documents of a file or of another input.
    ///
    /// # Errors
    /// Input that cannot be read, and as [`Conversion::push`].
    pub fn add(&mut self, input: impl Into<Input>) -> Result<(), CorpusError> {
        let input = input.into();
        let name = input.name();
        let (_, mut reader) = input.open(&self.options.read)?;
        self.read_from(&mut *reader, &name, &mut |_| Ok(()))
    }

    /// Adds all documents of a reader. Messages call it `name`. `edit` may change each document,
    /// after its labels are renamed.
    ///
    /// # Errors
    /// What the reader and `edit` report, and as [`Conversion::push`].
    pub fn read_from(
        &mut self,
        reader: &mut dyn FormatReader,
        name: &str,
        edit: &mut dyn FnMut(&mut Document) -> Result<(), CorpusError>,
    ) -> Result<(), CorpusError> {
        let mut index = 0;
        let earlier = self.summary.findings.len();
        while let Some(mut document) = reader.read_document()? {
            let changed = self
                .rename(&mut document)
                .and_then(|()| edit(&mut document))
                .and_then(|()| self.prepare(&mut document));
            if let Err(error) = changed {
                self.summary.findings.extend(reader.take_findings());
                let findings = self.summary.findings.get(earlier..).unwrap_or_default();
                return Err(place(error, &document, index, reader, name, findings));
            }
            self.write(&document, reader.documents_marked())?;
            index += 1;
        }
        self.summary.findings.extend(reader.take_findings());
        for (code, count) in reader.finding_counts() {
            *self.summary.finding_counts.entry(code.clone()).or_default() += count;
        }
        Ok(())
    }

    /// Adds one document. `marked` of the first one says whether the output marks documents, where
    /// its format has the choice.
    ///
    /// # Errors
    /// Entities that the output cannot hold and no policy settles, or an output that cannot be
    /// written.
    pub fn push(&mut self, mut document: Document, marked: bool) -> Result<(), CorpusError> {
        let index = self.summary.documents;
        self.prepare(&mut document).map_err(|error| error.in_named_document(index, &document))?;
        self.write(&document, marked)
    }

    /// Puts the output in place.
    ///
    /// # Errors
    /// No documents, or an output that cannot be written.
    pub fn finish(self) -> Result<ConvertSummary, CorpusError> {
        match self.writer {
            Some(mut writer) => writer.finish()?,
            None => {
                return Err(CorpusError::input("no-documents", "at least one document", "none")
                    .at_path(self.output.display()));
            }
        }
        Ok(self.summary)
    }

    fn write(&mut self, document: &Document, marked: bool) -> Result<(), CorpusError> {
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => none.insert(create(
                &self.output,
                self.format,
                &WriteOptions {
                    mark_documents: marked || self.options.read.sentences_per_document != 1,
                    ..self.options.write.clone()
                },
            )?),
        };
        writer.write_document(document)?;
        count(document, &mut self.summary);
        if self.capabilities.groups && overlaps(document.entities()) {
            self.summary.grouped.spans += document.entities().len();
            self.summary.grouped.documents += 1;
        }
        Ok(())
    }

    /// Gives labels their new names.
    fn rename(&mut self, document: &mut Document) -> Result<(), CorpusError> {
        let (map, tally) = (&self.options.read.labels, &mut self.summary.labels);
        map.apply_and_count(document, tally)
            .map_err(|error| CorpusError::input("document", "entities that fit", error.to_string()))
    }

    /// Makes a document fit its target.
    fn prepare(&mut self, document: &mut Document) -> Result<(), CorpusError> {
        let Self { options, capabilities, summary, .. } = self;
        if options.split_sentences && !document.sentences_marked() {
            let starts = sentences::starts(document);
            let whole: Vec<usize> = starts
                .into_iter()
                .filter(|&start| {
                    let cut =
                        |e: &ner_align_core::Entity| e.span.start < start && start < e.span.end;
                    !document.entities().iter().any(cut)
                })
                .collect();
            document.set_sentence_starts(&whole);
        }
        summary.resolved.add(&options.policies.apply(document, capabilities)?);
        if let Some((tags, scheme)) = document.tags() {
            let rewritten =
                options.write.repair || options.write.scheme.is_some_and(|wanted| wanted != scheme);
            if rewritten && let Ok(anew) = document.encode_tags(scheme) {
                summary.repaired_tags +=
                    anew.iter().zip(tags).filter(|(new, old)| new != old).count();
            }
        }
        for (what, count) in losses(document, capabilities) {
            *summary.lost.entry(what).or_default() += count;
        }
        if options.write.scheme.is_none() && capabilities.tags {
            self.join_schemes(document)?;
        }
        Ok(())
    }

    /// Brings the tags of a document to the scheme of those before it, since a file of two schemes
    /// would be read in one.
    fn join_schemes(&mut self, document: &mut Document) -> Result<(), CorpusError> {
        let Some((_, own)) = document.tags() else { return Ok(()) };
        let first = *self.scheme.get_or_insert(own);
        if own == first {
            return Ok(());
        }
        let refuse = || {
            CorpusError::input("schemes", format!("tags in {first}, as before"), format!("{own}"))
                .with_hint("name the scheme of the output with `scheme: iob2`")
        };
        // IO cannot hold what the others say.
        let tags = document.encode_tags(first).ok().filter(|_| first != Scheme::Io);
        let tags = tags.ok_or_else(refuse)?;
        document.set_tags(tags, first).map_err(|_| refuse())?;
        if !self.joined.contains(&own) {
            self.joined.push(own);
            let message =
                format!("expected tags in {first}, as before, found {own}, brought to {first}");
            let finding = Finding::new(Severity::Info, "schemes-joined", message)
                .with_hint("name the scheme of the output with `scheme`");
            self.summary.findings.push(finding);
        }
        *self.summary.finding_counts.entry("schemes-joined".to_owned()).or_default() += 1;
        Ok(())
    }
}

/// Writes the documents of all inputs, in order, into one output, which appears whole or not at
/// all. An input or an output named `-` is a standard stream.
///
/// # Errors
/// Input that is not what its format says, entities that the target cannot hold and no policy
/// settles, or a target that cannot be written.
pub fn convert_all(
    inputs: impl IntoIterator<Item = impl Into<Input>>,
    output: impl AsRef<Path>,
    options: &ConvertOptions,
) -> Result<ConvertSummary, CorpusError> {
    let mut conversion = Conversion::new(output, options.clone())?;
    for input in inputs {
        conversion.add(input)?;
    }
    let mut summary = conversion.finish()?;
    summary.note_unused_labels(&options.read.labels);
    Ok(summary)
}

fn format_of_name(output: &Path) -> Result<Format, CorpusError> {
    Format::of_output(output).ok_or_else(|| {
        let expected = "a name with an extension of a format";
        CorpusError::new(ErrorKind::Usage, "unnamed-format", expected, "none that does")
            .at_path(output.display())
            .with_hint(format!("name the format with `to`: {}", Format::names()))
    })
}

fn count(document: &Document, summary: &mut ConvertSummary) {
    summary.documents += 1;
    summary.sentences += document.sentences().len();
    summary.tokens += document.len();
    for span in document.unaligned() {
        summary.unaligned += 1;
        if !summary.unaligned_labels.contains(&span.label) {
            summary.unaligned_labels.insert(span.label.clone());
        }
    }
    for entity in document.entities() {
        match summary.entities.get_mut(&entity.label) {
            Some(count) => *count += 1,
            None => {
                summary.entities.insert(entity.label.clone(), 1);
            }
        }
    }
}
