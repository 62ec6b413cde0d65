//! Documents of a text file, a pipe or a corpus, chunk by chunk.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use ner_align_cli::Failure;
use ner_align_cli::corpus_args::{CorpusArgs, report_findings};
use ner_align_core::{Document, Tag};
use ner_align_corpus::{Format, FormatReader, open, sentences, words};

use super::PredictArgs;

/// Documents that are read, predicted and written together.
const CHUNK_DOCUMENTS: usize = 256;
/// Bytes of plain text after which a chunk is full.
const CHUNK_BYTES: usize = 1 << 18;

/// What may stand before the first line.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
/// How much of a file tells what it is.
const HEAD_BYTES: u64 = 1 << 14;

/// Where documents come from.
pub(super) enum Source {
    /// Plain text, a document a line.
    Text { reader: BufReader<Box<dyn Read>>, name: String, line: u64 },
    /// An annotated corpus, whose annotation is replaced.
    Corpus { reader: Box<dyn FormatReader> },
}

impl Source {
    pub(super) fn open(arguments: &PredictArgs, corpus: &CorpusArgs) -> Result<Self, Failure> {
        let path = &arguments.input;
        let name = path.display().to_string();
        let told = corpus.from.is_some();
        let is_text = !told && (name == "-" || has_extension(path, "txt"));
        if !is_text {
            if !told {
                refuse_prose(path)?;
            }
            let options = corpus.options(None)?;
            return Ok(Self::Corpus { reader: open(path, &options)? });
        }
        let input: Box<dyn Read> = if name == "-" {
            Box::new(io::stdin())
        } else {
            let fail = |e| Failure::input(format!("{name}: expected a text file, found: {e}"));
            let file = File::open(path).map_err(fail)?;
            if file.metadata().map_err(fail)?.is_dir() {
                return Err(fail(io::ErrorKind::IsADirectory.into()));
            }
            Box::new(file)
        };
        let input = corpus.options(None)?.encoding.reader(input);
        Ok(Self::Text { reader: BufReader::with_capacity(1 << 16, input), name, line: 0 })
    }

    /// True if documents come without sentences.
    pub(super) const fn whole(&self, in_sentences: bool) -> bool {
        matches!(self, Self::Text { .. }) && !in_sentences
    }

    pub(super) fn documents_marked(&self) -> bool {
        match self {
            Self::Text { .. } => true,
            Self::Corpus { reader } => reader.documents_marked(),
        }
    }

    /// The next documents; none at the end. Standard input is handed on as soon as what has
    /// arrived is read, so that a person at a pipe sees answers.
    pub(super) fn chunk(&mut self, in_sentences: bool) -> Result<Vec<Document>, Failure> {
        let mut documents = Vec::new();
        let mut bytes = 0;
        while documents.len() < CHUNK_DOCUMENTS && bytes < CHUNK_BYTES {
            match self {
                Self::Corpus { reader } => match reader.read_document()? {
                    Some(document) => documents.push(document),
                    None => break,
                },
                Self::Text { reader, name, line } => {
                    let would_wait = !reader.buffer().contains(&b'\n');
                    if would_wait && !documents.is_empty() {
                        break;
                    }
                    let Some(text) = read_line(reader, name, line)? else { break };
                    bytes += text.len();
                    let spans = words::split(&text);
                    let mut document = Document::from_text(text, spans)
                        .map_err(|e| Failure::input(format!("{name}:{line}: {e}")))?;
                    if in_sentences {
                        sentences::split(&mut document);
                    }
                    documents.push(document);
                }
            }
        }
        Ok(documents)
    }

    pub(super) fn skip(&mut self, documents: usize) -> Result<(), Failure> {
        for _ in 0..documents {
            let more = match self {
                Self::Corpus { reader } => reader.read_document()?.is_some(),
                Self::Text { reader, name, line } => read_line(reader, name, line)?.is_some(),
            };
            if !more {
                return Err(Failure::input("--resume: the input is shorter than what was done"));
            }
        }
        Ok(())
    }

    /// Says what was read in another way than it was written.
    pub(super) fn report(&mut self) {
        if let Self::Corpus { reader } = self {
            let findings = reader.take_findings();
            report_findings(reader.finding_counts(), &findings);
        }
    }
}

/// Refuses an input that is not there, before a model is loaded for it.
pub(super) fn check(path: &Path) -> Result<(), Failure> {
    let missing = |error| {
        Failure::input(format!("{}: expected a readable file, found {error}", path.display()))
    };
    if path.as_os_str() == "-" {
        return Ok(());
    }
    std::fs::metadata(path).map(drop).map_err(missing)
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

fn read_line(
    reader: &mut dyn BufRead,
    name: &str,
    line: &mut u64,
) -> Result<Option<String>, Failure> {
    let mut bytes = Vec::new();
    let read = reader.read_until(b'\n', &mut bytes);
    if read.map_err(|e| Failure::input(format!("{name}: {e}")))? == 0 {
        return Ok(None);
    }
    *line += 1;
    if *line == 1 && bytes.starts_with(BYTE_ORDER_MARK) {
        bytes.drain(..BYTE_ORDER_MARK.len());
    }
    while matches!(bytes.last(), Some(b'\n' | b'\r')) {
        bytes.pop();
    }
    String::from_utf8(bytes).map(Some).map_err(|e| {
        let column = e.utf8_error().valid_up_to() + 1;
        Failure::input(format!("{name}:{line}:{column}: expected UTF-8, found another byte"))
    })
}
