//! Rows of ten columns, or of those that are named, to documents.

mod rows;

use std::collections::BTreeMap;
use std::io::Read;

use ner_align_core::{CorpusReader, Document, Finding, Location, Scheme, Severity};

use super::annotation::{annotated, blank_is_outside, no_annotation, push_tags};
use super::columns::{Columns, is_global};
use crate::formats::progress::{Fused, Progress};
use crate::formats::tagged::{
    TagTable, TaggedBuilder, document_id, is_blank, is_newdoc, scheme_and_style,
};
use crate::text::{Lines, shorten};
use crate::{CorpusError, FormatReader, ReadOptions, Source};

/// Bytes at the start of a source that show its scheme and document marks.
const HEAD: usize = 1 << 20;

/// Reads CoNLL-U; see [the module](super) for what of it is kept.
#[derive(Debug)]
pub struct ConlluReader<R> {
    lines: Lines<R>,
    columns: Columns,
    scheme: Scheme,
    /// Some word has a tag, so that those without one are in no entity. Elsewhere nobody annotated
    /// them.
    annotated: bool,
    /// Sentences a document where none is marked; `None`: documents end at their marks.
    group: Option<usize>,
    marked: bool,
    table: TagTable,
    progress: Progress,
    /// What was passed over, said once each at the end.
    syntactic_words: usize,
    empty_nodes: usize,
    grammar: bool,
    next_id: Option<String>,
    comments: Vec<String>,
}

/// A document of which more rows may come.
#[derive(Default)]
struct Open {
    tagged: TaggedBuilder,
    /// Text after the last word, not yet in the document: nothing follows the last one unless the
    /// source says so.
    after: Option<Option<String>>,
    /// Where the sentence starts in the document's text.
    sentence_text: usize,
    /// The last syntactic word of the multi-word token being read.
    covered_to: Option<u64>,
    /// The sentence's `# text`.
    stated: Option<String>,
}

impl ConlluReader<Box<dyn Read + Send>> {
    /// Reads a source.
    ///
    /// # Errors
    /// A source that cannot be read.
    pub fn new(source: Source, options: &ReadOptions) -> Result<Self, CorpusError> {
        let name = source.name().to_owned();
        Self::from_reader(source.into_stream(), name, options)
    }
}

impl<R: Read> ConlluReader<R> {
    /// Reads from any source; `name` is its path in messages.
    ///
    /// # Errors
    /// A source that cannot be read.
    pub fn from_reader(
        source: R,
        name: impl Into<String>,
        options: &ReadOptions,
    ) -> Result<Self, CorpusError> {
        let mut lines = Lines::new(source, name.into());
        let name = lines.name().to_owned();
        let (head, _) = lines.peek(HEAD)?;
        let columns = Columns::of(head, &options.columns).map_err(|error| error.at_path(&name))?;
        let marked = head.lines().any(is_newdoc);
        let (scheme, style) =
            scheme_and_style(usize::MAX, |guess| push_tags(head, &columns, guess));
        let scheme = options.scheme.unwrap_or(scheme);
        let group = options.sentences_per_document;
        let (annotated, coreference) = annotated(head, &columns);
        let mut progress = Progress::new(name, options.max_findings).within(options.max_memory);
        progress.note_style(style);
        if !annotated && !head.trim().is_empty() {
            progress.note(no_annotation(coreference, &columns));
        }
        if columns.reads_blank_as_outside() {
            progress.note(blank_is_outside(&columns));
        }
        Ok(Self {
            lines,
            columns,
            scheme,
            annotated,
            group: (!marked && group > 0).then_some(group),
            marked,
            table: TagTable::of_style(style),
            progress,
            syntactic_words: 0,
            empty_nodes: 0,
            grammar: false,
            next_id: None,
            comments: Vec::new(),
        })
    }

    fn end_sentence(&mut self, open: &mut Open) {
        if !open.tagged.in_sentence() {
            return;
        }
        let found = open.tagged.builder.text().get(open.sentence_text..).unwrap_or_default();
        if let Some(stated) = open.stated.take()
            && stated.trim_end() != found.trim_end()
        {
            let message = format!(
                "expected the text of the comment, {:?}, found {:?} in the rows",
                shorten(&stated),
                shorten(found)
            );
            let finding = Finding::new(Severity::Warning, "text-differs", message)
                .at(Location::default()
                    .with_line(self.lines.number())
                    .with_sentence(open.tagged.sentences()))
                .with_hint("see SpaceAfter=No in the MISC column");
            self.progress.note_in_document(finding);
        }
        open.tagged.end_sentence();
        open.covered_to = None;
    }

    fn finish(&mut self, mut open: Open) -> Result<Option<Document>, CorpusError> {
        if open.tagged.is_empty() {
            self.note_not_kept();
            if self.progress.documents == 0 {
                let found = if self.lines.number() == 0 { "an empty file" } else { "none" };
                return Err(self.progress.empty("at least one word", found));
            }
            return Ok(None);
        }
        if let Some(Some(after)) = open.after.take() {
            open.tagged.builder.set_space_after(&after);
        }
        let document = open.tagged.build(self.scheme);
        document.map(Some).map_err(|error| error.at_path(&self.progress.name))
    }

    fn note_not_kept(&mut self) {
        let mut what = Vec::new();
        if self.grammar {
            what.push("the columns of grammar".to_owned());
        }
        if self.syntactic_words > 0 {
            what.push(format!("{} words within multi-word tokens", self.syntactic_words));
        }
        if self.empty_nodes > 0 {
            what.push(format!("{} empty nodes", self.empty_nodes));
        }
        if !what.is_empty() {
            let message =
                format!("expected words and tags, found {} too, not kept", what.join(", "));
            self.progress.note(Finding::new(Severity::Info, "not-kept", message));
        }
    }
}

impl<R: Read> Fused for ConlluReader<R> {
    fn progress(&mut self) -> &mut Progress {
        &mut self.progress
    }

    fn next_document(&mut self) -> Result<Option<Document>, CorpusError> {
        let mut open = Open::default();
        open.tagged.builder.set_id(self.next_id.take());
        while let Some(line) = self.lines.next_line()? {
            if is_blank(line) {
                self.end_sentence(&mut open);
                if self.group == Some(open.tagged.sentences()) {
                    break;
                }
                continue;
            }
            if line.starts_with('#') {
                let number = self.lines.number();
                let length = self.lines.current().len();
                self.progress.hold(length).map_err(|error| error.at(number, None))?;
            }
            let line = self.lines.current();
            if line.starts_with('#') && open.tagged.in_sentence() {
                open.tagged.builder.push_comment(line);
                continue;
            }
            if line.starts_with('#') {
                let comment = line.to_owned();
                if is_global(&comment) {
                    continue;
                }
                if is_newdoc(&comment) {
                    self.marked = true;
                    self.group = None;
                    let id = document_id(&comment).map(str::to_owned);
                    self.comments.push(comment);
                    if !open.tagged.is_empty() {
                        self.next_id = id;
                        break;
                    }
                    open.tagged.builder.set_id(id);
                    continue;
                }
                if let Some(text) = comment.strip_prefix("# text = ") {
                    open.stated = Some(text.to_owned());
                }
                self.comments.push(comment);
                continue;
            }
            let line = line.to_owned();
            self.row(&line, &mut open)?;
        }
        self.end_sentence(&mut open);
        self.finish(open)
    }
}

impl<R: Read> CorpusReader for ConlluReader<R> {
    type Error = CorpusError;

    fn read_document(&mut self) -> Result<Option<Document>, CorpusError> {
        self.read_fused()
    }

    fn take_findings(&mut self) -> Vec<Finding> {
        self.progress.log.take()
    }
}

impl<R: Read + Send> FormatReader for ConlluReader<R> {
    fn finding_counts(&self) -> &BTreeMap<String, usize> {
        self.progress.log.counts()
    }

    fn documents_marked(&self) -> bool {
        self.marked
    }
}
