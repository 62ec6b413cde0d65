//! The inputs that are scored. A thread of its own reads each; they are walked sentence by sentence,
//! so that memory holds a few documents of each, whatever their size.

use std::io::Read;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, Scope};

use ner_align_core::{DecodeMode, Document, Scheme, Sentence, Tag};
use ner_align_corpus::{CorpusError, FormatReader, Input, ReadOptions, open_reader};
use ner_align_metrics::scored_tags;

use crate::{ScoringError, SourceFindings};

/// Words that are sent at once, about, and how many such batches may wait.
const BATCH: usize = 1 << 14;
const AHEAD: usize = 4;

/// An input that is not open yet.
pub(crate) struct Opening {
    name: String,
    content: Content,
    options: ReadOptions,
    /// Another input has the same findings.
    repeated: bool,
}

enum Content {
    Input(Input),
    /// What standard input held, where it is read twice.
    Bytes(Vec<u8>),
}

impl Opening {
    pub(crate) fn input(input: Input, options: ReadOptions, repeated: bool) -> Self {
        Self { name: input.name(), content: Content::Input(input), options, repeated }
    }

    pub(crate) fn bytes(bytes: Vec<u8>, options: ReadOptions, repeated: bool) -> Self {
        Self { name: "-".to_owned(), content: Content::Bytes(bytes), options, repeated }
    }
}

/// All of standard input.
pub(crate) fn standard_input() -> Result<Vec<u8>, ScoringError> {
    let mut bytes = Vec::new();
    match std::io::stdin().lock().read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => Err(CorpusError::read(Path::new("-"), error).into()),
    }
}

/// What a reading thread sends.
enum Message {
    Documents(Vec<Document>),
    /// The input ends.
    End(SourceFindings),
    Failed(CorpusError),
}

/// Reads until the end, an error, or until the receiver is gone.
fn read(opening: Opening, sender: &SyncSender<Message>) {
    let end = match read_all(opening, sender) {
        Ok(end) => Message::End(end),
        Err(error) => Message::Failed(error),
    };
    // The receiver is gone if another input failed before.
    let _ = sender.send(end);
}

fn read_all(opening: Opening, sender: &SyncSender<Message>) -> Result<SourceFindings, CorpusError> {
    let Opening { name, content, options, .. } = opening;
    let mut reader: Box<dyn FormatReader> = match content {
        Content::Bytes(bytes) => open_reader(std::io::Cursor::new(bytes), "-", &options)?,
        Content::Input(input) => input.open(&options)?.1,
    };
    let (mut documents, mut words) = (Vec::new(), 0);
    while let Some(mut document) = reader.read_document()? {
        options.labels.apply(&mut document).map_err(|error| {
            let expected = "a document that labels can be mapped in";
            CorpusError::input("document", expected, error.to_string()).at_path(&name)
        })?;
        // Long words weigh as several.
        words += document.len().max(document.text().len() / 8);
        documents.push(document);
        if words >= BATCH {
            words = 0;
            if sender.send(Message::Documents(std::mem::take(&mut documents))).is_err() {
                return Ok(SourceFindings::default());
            }
        }
    }
    // As in `read`.
    let _ = sender.send(Message::Documents(documents));
    let (findings, counts) = (reader.take_findings(), reader.finding_counts().clone());
    Ok(SourceFindings { name, findings, counts })
}

/// An input, walked sentence by sentence.
pub(crate) struct Source {
    name: String,
    repeated: bool,
    messages: Receiver<Message>,
    batch: std::vec::IntoIter<Document>,
    document: Option<Document>,
    /// The scored tags of the document, where they are not its own.
    scored: Option<Vec<Tag>>,
    /// `scored` belongs to the document.
    prepared: bool,
    /// Index of the document.
    index: usize,
    /// Index of the sentence within the document.
    sentence: usize,
    end: Option<SourceFindings>,
}

/// A sentence of a document.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    pub(crate) document: &'a Document,
    pub(crate) sentence: &'a Sentence,
}

impl Source {
    /// Starts to read.
    pub(crate) fn open<'scope>(opening: Opening, scope: &'scope Scope<'scope, '_>) -> Self {
        let (sender, messages) = sync_channel(AHEAD);
        let (name, repeated) = (opening.name.clone(), opening.repeated);
        thread::Builder::new()
            .spawn_scoped(scope, move || read(opening, &sender))
            // Without a thread there is no sender, which the first receive reports.
            .ok();
        Self {
            name,
            repeated,
            messages,
            batch: Vec::new().into_iter(),
            document: None,
            scored: None,
            prepared: false,
            index: 0,
            sentence: 0,
            end: None,
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Index of the current sentence's document, and its own within that.
    pub(crate) const fn position(&self) -> (usize, usize) {
        (self.index, self.sentence)
    }

    /// The name, and the line of the current sentence where it is known.
    pub(crate) fn place(&self) -> String {
        match self.part().and_then(|part| part.sentence.line) {
            Some(line) => format!("{}:{line}", self.name),
            None => self.name.clone(),
        }
    }

    /// The scheme of the tags near the current sentence, if there are any.
    pub(crate) fn scheme(&self) -> Option<Scheme> {
        let ahead = self.batch.as_slice().iter();
        let tags = self.document.iter().chain(ahead).find_map(Document::tags);
        tags.map(|(_, scheme)| scheme)
    }

    /// The current sentence.
    pub(crate) fn part(&self) -> Option<Part<'_>> {
        let document = self.document.as_ref()?;
        Some(Part { document, sentence: document.sentences().get(self.sentence)? })
    }

    /// Reads the current document's tags as they are scored, once for each document.
    pub(crate) fn prepare(&mut self, scheme: Scheme, mode: DecodeMode) -> Result<(), ScoringError> {
        if self.prepared {
            return Ok(());
        }
        let Some(document) = &self.document else { return Ok(()) };
        let tags = scored_tags(document, scheme, mode)
            .map_err(|source| ScoringError::Annotation { place: self.place(), source })?;
        self.scored = match tags {
            std::borrow::Cow::Owned(tags) => Some(tags),
            std::borrow::Cow::Borrowed(_) => None,
        };
        self.prepared = true;
        Ok(())
    }

    /// The tags of the current sentence as they are scored; [`Source::prepare`] comes before.
    pub(crate) fn tags(&self) -> &[Tag] {
        let Some(part) = self.part() else { return &[] };
        let own = || part.document.tags().map(|(tags, _)| tags);
        let tags = self.scored.as_deref().or_else(own).unwrap_or_default();
        tags.get(part.sentence.words.range()).unwrap_or_default()
    }

    /// Moves to the next sentence; false at the end.
    pub(crate) fn advance(&mut self) -> Result<bool, ScoringError> {
        if let Some(document) = &self.document {
            if self.sentence + 1 < document.sentences().len() {
                self.sentence += 1;
                return Ok(true);
            }
            self.index += 1;
        }
        self.sentence = 0;
        self.prepared = false;
        loop {
            // A document without sentences holds nothing to score.
            self.document = self.batch.find(|document| !document.sentences().is_empty());
            if self.document.is_some() {
                return Ok(true);
            }
            if self.end.is_some() {
                return Ok(false);
            }
            match self.messages.recv() {
                Ok(Message::Documents(documents)) => self.batch = documents.into_iter(),
                Ok(Message::End(end)) => self.end = Some(end),
                Ok(Message::Failed(error)) => return Err(error.into()),
                Err(_) => return Err(ScoringError::Thread { name: self.name.clone() }),
            }
        }
    }

    /// What was read in another way than it was written, unless another input says the same.
    pub(crate) fn take_findings(&mut self) -> Option<SourceFindings> {
        self.end.take().filter(|_| !self.repeated)
    }
}
