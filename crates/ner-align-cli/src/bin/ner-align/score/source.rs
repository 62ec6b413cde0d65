//! The files that are scored, each read by a thread of its own and walked sentence by sentence, so
//! that memory holds a few documents of each whatever their size.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, Scope};

use ner_align_cli::Failure;
use ner_align_cli::corpus_args::{CorpusArgs, report_findings};
use ner_align_core::{Document, Scheme, Sentence};
use ner_align_corpus::{Corpus, FormatReader, ReadOptions, open, open_reader};

use super::ScoreArgs;

/// Words that are handed over at once, and how often before the reader waits.
const BATCH: usize = 1 << 14;
const AHEAD: usize = 4;

/// What is to be read, and how.
pub(super) struct Input {
    path: PathBuf,
    /// What the path held where it is standard input and must be read twice.
    bytes: Option<Vec<u8>>,
    options: ReadOptions,
    /// What it says of its rows another input says too.
    silent: bool,
}

/// Gold, predicted and, with `--versus`, the second system's.
pub(super) fn inputs(arguments: &ScoreArgs) -> Result<Vec<Input>, Failure> {
    let ScoreArgs { corpus, scheme, .. } = arguments;
    let input = |path: &Path, arguments: &CorpusArgs| {
        let options = arguments.options(*scheme)?;
        Ok::<_, Failure>(Input { path: path.to_owned(), bytes: None, options, silent: false })
    };
    let mut inputs = match (&arguments.columns, &arguments.gold, &arguments.predicted) {
        (Some(file), ..) => {
            let column = |column| CorpusArgs { tag_col: Some(column), ..corpus.clone() };
            vec![input(file, &column(-2))?, input(file, &column(-1))?]
        }
        (None, Some(gold), Some(predicted)) => {
            vec![input(gold, corpus)?, input(predicted, corpus)?]
        }
        _ => return Err(Failure::usage("expected GOLD and PRED, or --columns FILE")),
    };
    if arguments.columns.is_some() {
        inputs[1].silent = true;
        if is_standard_input(&inputs[0].path) {
            let bytes = standard_input()?;
            inputs.iter_mut().for_each(|input| input.bytes = Some(bytes.clone()));
        }
    }
    if let Some(versus) = &arguments.versus {
        inputs.push(input(versus, corpus)?);
    }
    let unread = |input: &&Input| is_standard_input(&input.path) && input.bytes.is_none();
    let bytes = usize::from(inputs.iter().any(|input| input.bytes.is_some()));
    if inputs.iter().filter(unread).count() + bytes > 1 {
        let message = "expected one corpus on standard input, found two";
        return Err(Failure::usage(message).hint("--columns - reads gold and predicted from one"));
    }
    Ok(inputs)
}

fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}

fn standard_input() -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    match std::io::stdin().lock().read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => Err(Failure::environment(format!("standard input: {error}"))),
    }
}

/// What a reading thread has to say.
enum Message {
    Documents(Vec<Document>),
    /// The file ends; what was found in it is kept in a corpus without documents.
    End(Corpus),
    Failed(Failure),
}

/// Reads until the end, an error, or nobody listens any more.
fn read(input: Input, sender: &SyncSender<Message>) {
    let end = match read_all(input, sender) {
        Ok(end) => Message::End(end),
        Err(failure) => Message::Failed(failure),
    };
    // Nobody listens where the other side was at fault before.
    let _ = sender.send(end);
}

fn read_all(input: Input, sender: &SyncSender<Message>) -> Result<Corpus, Failure> {
    let Input { path, bytes, options, .. } = input;
    let mut reader: Box<dyn FormatReader> = match bytes {
        Some(bytes) => open_reader(std::io::Cursor::new(bytes), "-", &options)?,
        None => open(&path, &options)?,
    };
    let (mut documents, mut words) = (Vec::new(), 0);
    while let Some(mut document) = reader.read_document()? {
        options.labels.apply(&mut document).map_err(|error| {
            Failure::input(format!("{}: labels cannot be mapped: {error}", path.display()))
        })?;
        words += document.len();
        documents.push(document);
        if words >= BATCH {
            words = 0;
            if sender.send(Message::Documents(std::mem::take(&mut documents))).is_err() {
                return Ok(Corpus::default());
            }
        }
    }
    // As above: if nobody listens, what follows is heard by nobody either.
    let _ = sender.send(Message::Documents(documents));
    let (findings, counts) = (reader.take_findings(), reader.finding_counts().clone());
    Ok(Corpus { findings, finding_counts: counts, ..Corpus::default() })
}

/// A file, walked sentence by sentence.
pub(super) struct Source {
    name: String,
    silent: bool,
    messages: Receiver<Message>,
    batch: std::vec::IntoIter<Document>,
    document: Option<Document>,
    /// Index of the document.
    index: usize,
    /// Index of the sentence within the document.
    sentence: usize,
    end: Option<Corpus>,
}

/// A sentence of a document.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) document: &'a Document,
    pub(super) sentence: &'a Sentence,
}

impl Source {
    /// Starts to read.
    pub(super) fn open<'scope>(input: Input, scope: &'scope Scope<'scope, '_>) -> Self {
        let (sender, messages) = sync_channel(AHEAD);
        let (name, silent) = (input.path.display().to_string(), input.silent);
        thread::Builder::new()
            .spawn_scoped(scope, move || read(input, &sender))
            // Without a thread there is no sender, and the first message says so.
            .ok();
        Self {
            name,
            silent,
            messages,
            batch: Vec::new().into_iter(),
            document: None,
            index: 0,
            sentence: 0,
            end: None,
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Index of the current sentence's document, and its own within that.
    pub(super) const fn place(&self) -> (usize, usize) {
        (self.index, self.sentence)
    }

    /// The scheme in which the tags near the current sentence are written, if there are any.
    pub(super) fn scheme(&self) -> Option<Scheme> {
        let ahead = self.batch.as_slice().iter();
        let tags = self.document.iter().chain(ahead).find_map(Document::tags);
        tags.map(|(_, scheme)| scheme)
    }

    /// The current sentence.
    pub(super) fn part(&self) -> Option<Part<'_>> {
        let document = self.document.as_ref()?;
        Some(Part { document, sentence: document.sentences().get(self.sentence)? })
    }

    /// Goes on to the next sentence; false at the end.
    pub(super) fn advance(&mut self) -> Result<bool, Failure> {
        if let Some(document) = &self.document {
            if self.sentence + 1 < document.sentences().len() {
                self.sentence += 1;
                return Ok(true);
            }
            self.index += 1;
        }
        self.sentence = 0;
        loop {
            // A document without sentences is passed over, as it holds nothing to be scored.
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
                Ok(Message::Failed(failure)) => return Err(failure),
                Err(_) => {
                    let message = format!("{}: the reading thread is gone", self.name);
                    return Err(Failure::environment(message));
                }
            }
        }
    }

    /// Says what was read in another way than it was written.
    pub(super) fn report(&self) {
        if let Some(end) = self.end.as_ref().filter(|_| !self.silent) {
            report_findings(&end.finding_counts, &end.findings);
        }
    }
}
