//! What predictions are made of: lines of text, a document, or a corpus.

use std::fs::File;
use std::io::{self, BufRead, Read};
use std::path::Path;

use ner_align_cli::Failure;
use ner_align_cli::corpus_args::{CorpusArgs, report_findings};
use ner_align_cli::say::say;
use ner_align_core::{CorpusReader, Document, Tag};
use ner_align_corpus::{Format, FormatReader, open};
use ner_align_documents::ExtractedText;
use ner_align_pipeline::{PipelineError, Predictor, TextLines};

use crate::fault::OrFail;

/// How much of a file tells what it is.
const HEAD_BYTES: u64 = 1 << 14;

/// Where documents come from.
pub(crate) enum Source {
    /// Plain text, a document a line.
    Text(TextLines<Box<dyn Read + Send>>),
    /// The text of a file, once.
    File(Option<Box<Document>>),
    /// An annotated corpus, whose annotation is replaced.
    Corpus(Box<dyn FormatReader>),
}

impl Source {
    pub(crate) fn file(text: &ExtractedText, model: &Predictor) -> Result<Self, Failure> {
        Ok(Self::File(Some(Box::new(model.document(&text.text).or_fail()?))))
    }

    pub(crate) fn open(
        path: &Path,
        corpus: &CorpusArgs,
        model: &Predictor,
    ) -> Result<Self, Failure> {
        let n = model.sentences_per_document(corpus.n);
        let corpus = CorpusArgs { n, ..corpus.clone() };
        let name = path.display().to_string();
        let told = corpus.from.is_some();
        if !told && name == "-" && stdin_is_jsonl() {
            say("note: standard input is read as jsonl; --from names another format");
            let options = corpus.options(None)?.with_format(Some(Format::Jsonl));
            return Ok(Self::Corpus(open(path, &options)?));
        }
        let is_text = !told && (name == "-" || has_extension(path, "txt"));
        if !is_text {
            if !told {
                refuse_prose(path)?;
            }
            let options = corpus.options(None)?;
            return Ok(Self::Corpus(open(path, &options)?));
        }
        let mut is_file = false;
        let input: Box<dyn Read + Send> = if name == "-" {
            Box::new(io::stdin())
        } else {
            let fail = |e| Failure::input(format!("{name}: expected a text file, found: {e}"));
            let file = File::open(path).map_err(fail)?;
            let kind = file.metadata().map_err(fail)?;
            if kind.is_dir() {
                return Err(fail(io::ErrorKind::IsADirectory.into()));
            }
            is_file = kind.is_file();
            Box::new(file)
        };
        let input = corpus.options(None)?.encoding.reader(input);
        let lines = model.text_lines(input, name);
        Ok(Self::Text(if is_file { lines.of_file() } else { lines }))
    }

    pub(crate) fn documents_marked(&self) -> bool {
        match self {
            Self::Text(_) | Self::File(_) => true,
            Self::Corpus(reader) => reader.documents_marked(),
        }
    }

    /// Says what was read in another way than it was written.
    pub(crate) fn report(&mut self) {
        match self {
            Self::Corpus(reader) => {
                let findings = reader.take_findings();
                let mut counts = reader.finding_counts().clone();
                // Nothing else is expected of what is to be annotated.
                counts.remove("not-annotated");
                report_findings(&counts, &findings);
            }
            Self::Text(lines) if lines.long_lines() > 0 => {
                let (count, s) =
                    (lines.long_lines(), if lines.long_lines() == 1 { "" } else { "s" });
                say(format!(
                    "warning: {count} line{s} of more than 1 MiB became several documents"
                ));
            }
            Self::Text(_) | Self::File(_) => {}
        }
    }
}

impl CorpusReader for Source {
    type Error = PipelineError;

    fn read_document(&mut self) -> Result<Option<Document>, PipelineError> {
        match self {
            Self::Text(lines) => lines.read_document(),
            Self::File(document) => Ok(document.take().map(|document| *document)),
            Self::Corpus(reader) => Ok(reader.read_document()?),
        }
    }

    fn would_wait(&self) -> bool {
        match self {
            Self::Text(lines) => lines.would_wait(),
            Self::File(_) => false,
            Self::Corpus(reader) => reader.would_wait(),
        }
    }
}

/// True if standard input begins as an object of JSON does. Takes nothing from it, and waits for its first bytes
/// alone.
fn stdin_is_jsonl() -> bool {
    let mut stdin = io::stdin().lock();
    // What cannot be read is its reader's to say.
    let head = String::from_utf8_lossy(stdin.fill_buf().unwrap_or_default());
    let object = head.trim_start_matches('\u{feff}').trim_start().strip_prefix('{');
    object.is_some_and(|rest| rest.trim_start().starts_with('"'))
}

/// Refuses an input that is not there, before a model is loaded for it.
pub(crate) fn check(path: &Path) -> Result<(), Failure> {
    if path.as_os_str() == "-" {
        return Ok(());
    }
    let Err(error) = std::fs::metadata(path) else { return Ok(()) };
    let name = path.display().to_string();
    // A text in place of a file has several words; the name of a file may have them, but ends otherwise.
    if name.contains(char::is_whitespace)
        && Format::from_extension(path).is_none()
        && path.parent() == Some(Path::new(""))
    {
        return Err(Failure::input(format!("{name:?}: expected a file, found none of this name"))
            .hint("text comes from standard input: echo 'TEXT' | ner-align predict --model DIR"));
    }
    Err(Failure::input(format!("{name}: expected a readable file, found {error}")))
}

fn has_extension(path: &Path, wanted: &str) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(wanted))
}

/// Refuses a file without a telling name whose lines are no columns: what is meant as text would
/// lose all but the first word of a line.
fn refuse_prose(path: &Path) -> Result<(), Failure> {
    let prose = if has_extension(path, "gz") {
        path.file_stem().is_some_and(|stem| has_extension(Path::new(stem), "txt"))
    } else if Format::from_extension(path).is_some() || !path.is_file() {
        false
    } else {
        // Whatever is wrong with the file is its reader's to say.
        let mut head = Vec::new();
        let opened = File::open(path).and_then(|file| file.take(HEAD_BYTES).read_to_end(&mut head));
        let columns = Format::sniff(Some(path), &head) == Some(Format::Conll);
        let text = String::from_utf8_lossy(&head);
        let last = |line: &str| line.split_whitespace().next_back().map(Tag::parse);
        opened.is_ok() && columns && !text.lines().filter_map(last).any(|tag| tag.is_ok())
    };
    if !prose {
        return Ok(());
    }
    Err(Failure::input(format!("{}: expected a corpus, found lines of text", path.display())).hint(
        "plain text comes from standard input or a file named .txt; --from says the format of others",
    ))
}
