//! Rows of ten columns to documents.

use std::collections::BTreeMap;
use std::io::Read;

use ner_align_core::{
    CorpusReader, Document, DocumentBuilder, Finding, Location, Scheme, SchemeDetector, Severity,
    Tag,
};

use super::misc;
use crate::formats::tagged::TagTable;
use crate::formats::tagged::{document_id, is_blank, is_newdoc};
use crate::text::Lines;
use crate::text::shorten;
use crate::{CorpusError, FindingLog, FormatReader, ReadOptions, Source};

/// Bytes at the start of a source that its scheme and document marks are told from.
const HEAD: usize = 1 << 20;

/// Reads CoNLL-U; see [the module](super) for what of it is kept.
#[derive(Debug)]
pub struct ConlluReader<R> {
    lines: Lines<R>,
    scheme: Scheme,
    /// Sentences a document where none is marked; `None`: documents end at their marks.
    group: Option<usize>,
    marked: bool,
    table: TagTable,
    log: FindingLog,
    /// What was passed over, said once each at the end.
    syntactic_words: usize,
    empty_nodes: usize,
    grammar: bool,
    next_id: Option<String>,
    comments: Vec<String>,
    document: usize,
    done: bool,
}

/// The part of a document that has been read.
#[derive(Default)]
struct Partial {
    builder: DocumentBuilder,
    text: String,
    tags: Vec<Tag>,
    spellings: Vec<(usize, Box<str>)>,
    sentences: usize,
    /// First word of the sentence being read.
    start: usize,
    /// Text after the last word, not yet in the document: nothing follows the last one unless the
    /// source says so.
    after: Option<Option<String>>,
    /// Where the sentence starts in `text`.
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
        let (head, _) = lines.peek(HEAD)?;
        let marked = head.lines().any(is_newdoc);
        let scheme = options.scheme.unwrap_or_else(|| scheme(head));
        let group = options.sentences_per_document;
        Ok(Self {
            lines,
            scheme,
            group: (!marked && group > 0).then_some(group),
            marked,
            table: TagTable::default(),
            log: FindingLog::new(options.max_findings),
            syntactic_words: 0,
            empty_nodes: 0,
            grammar: false,
            next_id: None,
            comments: Vec::new(),
            document: 0,
            done: false,
        })
    }

    fn next_document(&mut self) -> Result<Option<Document>, CorpusError> {
        let mut partial = Partial::default();
        partial.builder.set_id(self.next_id.take());
        while let Some(line) = self.lines.next_line()? {
            if is_blank(line) {
                self.end_sentence(&mut partial);
                if self.group.is_some_and(|group| partial.sentences == group) {
                    break;
                }
                continue;
            }
            if line.starts_with('#') && partial.tags.len() == partial.start {
                let comment = line.to_owned();
                if is_newdoc(&comment) {
                    self.marked = true;
                    self.group = None;
                    let id = document_id(&comment).map(str::to_owned);
                    self.comments.push(comment);
                    if !partial.tags.is_empty() {
                        self.next_id = id;
                        break;
                    }
                    partial.builder.set_id(id);
                    continue;
                }
                if let Some(text) = comment.strip_prefix("# text = ") {
                    partial.stated = Some(text.to_owned());
                }
                self.comments.push(comment);
                continue;
            }
            let line = line.to_owned();
            self.row(&line, &mut partial)?;
        }
        self.end_sentence(&mut partial);
        self.finish(partial)
    }

    fn row(&mut self, line: &str, partial: &mut Partial) -> Result<(), CorpusError> {
        let number = self.lines.number();
        let refuse = |column: Option<u64>, expected: &str, found: String| {
            CorpusError::input("bad-row", expected, found)
                .at_path(self.lines.name())
                .at(number, column)
                .in_document(self.document)
        };
        let fields: Vec<&str> = line.split('\t').collect();
        let [id, form, grammar @ .., misc] = fields.as_slice() else {
            return Err(refuse(None, "10 columns parted by tabs", format!("{}", fields.len())));
        };
        if fields.len() != 10 {
            let found = format!("{} in {:?}", fields.len(), shorten(line));
            return Err(refuse(None, "10 columns parted by tabs", found));
        }
        self.grammar |= grammar.iter().any(|field| *field != "_");
        let whole = |id: &str| id.parse::<u64>().ok().filter(|id| *id > 0);
        let (id, last) = match (whole(id), id.split_once('-'), id.split_once('.')) {
            (Some(id), ..) => (id, None),
            (None, Some((first, last)), _) => match (whole(first), whole(last)) {
                (Some(first), Some(last)) if first < last => (first, Some(last)),
                _ => return Err(refuse(Some(1), "a range such as 1-2", format!("{id:?}"))),
            },
            (None, None, Some((before, index)))
                if index.parse::<u64>().is_ok() && before.parse::<u64>().is_ok() =>
            {
                self.empty_nodes += 1;
                return Ok(());
            }
            _ => return Err(refuse(Some(1), "a word's number, 1-2 or 1.1", format!("{id:?}"))),
        };
        if form.is_empty() {
            return Err(refuse(Some(2), "a word", "an empty field".to_owned()));
        }
        let misc = misc::parse(misc);
        let covered = last.is_none() && partial.covered_to.is_some_and(|to| id <= to);
        if covered {
            self.syntactic_words += 1;
        } else {
            partial.covered_to = last;
        }
        let spelled = misc.tag.unwrap_or("O");
        let reading = self.table.read(spelled);
        let word = partial.tags.len() - usize::from(covered);
        if let Some(fault) = reading.fault {
            let finding = fault.finding(spelled).at(Location::file(self.lines.name().to_owned())
                .with_line(number)
                .with_column(10)
                .with_document(self.document)
                .with_sentence(partial.sentences)
                .with_token(word - partial.start));
            self.log.push(finding);
        }
        if covered {
            // The multi-word token has the tag of the first of its words that has one.
            if let Some(own) = partial.tags.last_mut()
                && *own == Tag::Outside
            {
                *own = reading.tag.clone();
                partial.spellings.pop_if(|(spelled, _)| *spelled == word);
                if reading.fault.is_some() {
                    partial.spellings.push((word, spelled.into()));
                }
            }
            return Ok(());
        }
        if reading.fault.is_some() {
            partial.spellings.push((word, spelled.into()));
        }
        let mut between = match partial.after.take() {
            Some(after) => after.unwrap_or_else(|| " ".to_owned()),
            None => String::new(),
        };
        between.push_str(misc.before.as_deref().unwrap_or_default());
        partial.text.push_str(&between);
        partial.builder.set_space_after(&between);
        if partial.tags.len() == partial.start {
            partial.sentence_text = partial.text.len();
            partial.builder.set_line(number);
            for comment in self.comments.drain(..) {
                partial.builder.push_comment(&comment);
            }
        }
        partial.builder.push_word(form);
        partial.text.push_str(form);
        partial.tags.push(reading.tag.clone());
        partial.after = Some(misc.after);
        Ok(())
    }

    fn end_sentence(&mut self, partial: &mut Partial) {
        if partial.tags.len() == partial.start {
            return;
        }
        let found = partial.text.get(partial.sentence_text..).unwrap_or_default();
        if let Some(stated) = partial.stated.take()
            && stated.trim_end() != found.trim_end()
        {
            let message = format!(
                "expected the text of the comment, {:?}, found {:?} in the rows",
                shorten(&stated),
                shorten(found)
            );
            let finding = Finding::new(Severity::Warning, "text-differs", message)
                .at(Location::file(self.lines.name().to_owned())
                    .with_line(self.lines.number())
                    .with_document(self.document)
                    .with_sentence(partial.sentences))
                .with_hint("see SpaceAfter=No in the MISC column");
            self.log.push(finding);
        }
        partial.builder.end_sentence();
        partial.sentences += 1;
        partial.start = partial.tags.len();
        partial.covered_to = None;
    }

    fn finish(&mut self, mut partial: Partial) -> Result<Option<Document>, CorpusError> {
        if partial.tags.is_empty() {
            self.done = true;
            self.say_what_is_not_kept();
            if self.document == 0 {
                let found = if self.lines.number() == 0 { "an empty file" } else { "none" };
                return Err(CorpusError::input("empty-file", "at least one word", found)
                    .at_path(self.lines.name()));
            }
            return Ok(None);
        }
        if let Some(Some(after)) = partial.after.take() {
            partial.builder.set_space_after(&after);
        }
        let mut document = partial.builder.tagged(partial.tags, self.scheme).map_err(|error| {
            CorpusError::input("document", "one tag a word", error.to_string())
                .at_path(self.lines.name())
        })?;
        document.set_spellings(partial.spellings);
        self.document += 1;
        Ok(Some(document))
    }

    fn say_what_is_not_kept(&mut self) {
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
            let finding = Finding::new(Severity::Info, "not-kept", message)
                .at(Location::file(self.lines.name().to_owned()));
            self.log.push(finding);
        }
    }
}

fn scheme(head: &str) -> Scheme {
    let mut detector = SchemeDetector::default();
    let mut table = TagTable::default();
    let mut tags = Vec::new();
    for line in head.lines().chain([""]) {
        if is_blank(line) {
            detector.observe(&tags);
            tags.clear();
            continue;
        }
        let fields: Vec<&str> = line.split('\t').collect();
        let [id, .., last] = fields.as_slice() else { continue };
        if fields.len() != 10 || id.contains(['-', '.']) {
            continue;
        }
        let reading = table.read(misc::parse(last).tag.unwrap_or("O"));
        if reading.biluo {
            detector.saw_biluo_letter();
        }
        tags.push(reading.tag.clone());
    }
    detector.scheme()
}

impl<R: Read> CorpusReader for ConlluReader<R> {
    type Error = CorpusError;

    fn read_document(&mut self) -> Result<Option<Document>, CorpusError> {
        if self.done {
            return Ok(None);
        }
        let next = self.next_document();
        self.done |= next.is_err();
        next
    }

    fn take_findings(&mut self) -> Vec<Finding> {
        self.log.take()
    }
}

impl<R: Read + Send> FormatReader for ConlluReader<R> {
    fn finding_counts(&self) -> &BTreeMap<String, usize> {
        self.log.counts()
    }

    fn documents_marked(&self) -> bool {
        self.marked
    }
}
