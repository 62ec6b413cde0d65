//! `ner-align predict`: entities of texts and corpora, streaming.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use ner_align_cli::Failure;
use ner_align_cli::corpus_args::{CorpusArgs, report_findings};
use ner_align_core::{AlignmentCounts, Document};
use ner_align_corpus::conll::{ConllWriterOptions, Unwritable};
use ner_align_corpus::{Corpus, FormatReader, open, sentences, words};
use ner_align_subword::{Aggregate, Aligner, Preparer, Unit, WordScorer};
use ner_align_train::{Decoding, predict};
use serde::{Deserialize, Serialize};

use crate::eval::{BATCH_SUBTOKENS, Decode};
use crate::model::{FineTuned, model_failure, report_counts, word_scorer};
use crate::predict_output::{annotate, write_conll, write_json_line};

/// Arguments of `predict`.
#[derive(Debug, Args)]
pub(crate) struct PredictArgs {
    /// Folder of the fine-tuned model
    #[arg(long, value_name = "DIR")]
    model: PathBuf,
    /// A text file, a document a line, or a corpus; `-` is standard input
    #[arg(default_value = "-", value_name = "IN")]
    input: PathBuf,
    /// Format of the output: jsonl or conll [default: by the output's name, else jsonl]
    #[arg(long, value_name = "FORMAT")]
    to: Option<String>,
    /// File for the output instead of standard output; written as OUT.partial until it is whole
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Continue an OUT.partial that an interrupted run left
    #[arg(long, requires = "output")]
    resume: bool,
    /// How scores of words become tags
    #[arg(long, value_enum, default_value = "constrained")]
    decode: Decode,
    /// How scores of subtokens become scores of words: first, mean, max
    #[arg(long, default_value = "first")]
    aggregate: Aggregate,
    /// Cut plain text into sentences
    #[arg(long)]
    sentences: bool,
    #[command(flatten)]
    corpus: CorpusArgs,
}

/// Documents that are read, predicted and written together.
const CHUNK_DOCUMENTS: usize = 256;
/// Bytes of plain text after which a chunk is full.
const CHUNK_BYTES: usize = 1 << 18;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    Jsonl,
    Conll,
}

/// Runs the command.
pub(crate) fn run(arguments: &PredictArgs) -> Result<(), Failure> {
    let layout = layout(arguments)?;
    let mut source = Source::open(arguments)?;
    let model = FineTuned::open(&arguments.model)?;
    let aligner = model.aligner()?;
    let labels = model.classifier.labels();
    let predictor = Predictor {
        aggregator: word_scorer(arguments.aggregate, &aligner, labels),
        decoder: arguments.decode.decoder(labels),
        unit: source.unit(arguments.sentences),
        model: &model,
        aligner: &aligner,
    };
    let mut sink = match &arguments.output {
        None => Sink::stdout(),
        Some(path) => Sink::file(path, arguments.resume)?,
    };
    source.skip(sink.documents())?;
    let mut counts = AlignmentCounts::default();
    loop {
        let mut documents = source.chunk(arguments.sentences)?;
        if documents.is_empty() {
            break;
        }
        let (chunk, probabilities) = predictor.run(&mut documents)?;
        counts.add(&chunk);
        let keep = sink.write(documents.len(), |target| match layout {
            Layout::Jsonl => documents
                .iter()
                .zip(&probabilities)
                .try_for_each(|(document, words)| write_json_line(document, words, target))
                .map_err(|e| write_failure(&arguments.output, &e)),
            Layout::Conll => {
                let options = ConllWriterOptions {
                    mark_documents: source.documents_marked(),
                    // Plain text may hold characters that no column can.
                    unwritable: Unwritable::Replace,
                    ..ConllWriterOptions::default()
                };
                let name = arguments.output.as_deref().unwrap_or(Path::new("-"));
                write_conll(&documents, target, name, options)
            }
        })?;
        if !keep {
            return Ok(());
        }
    }
    source.report();
    report_counts("input", &counts);
    sink.finish()
}

fn layout(arguments: &PredictArgs) -> Result<Layout, Failure> {
    let by_name = || {
        let extension = arguments.output.as_ref()?.extension()?.to_str()?;
        matches!(extension, "conll" | "tsv" | "iob" | "iob2" | "bio").then_some(Layout::Conll)
    };
    match arguments.to.as_deref() {
        None => Ok(by_name().unwrap_or(Layout::Jsonl)),
        Some("jsonl") => Ok(Layout::Jsonl),
        Some("conll") => Ok(Layout::Conll),
        Some(other) => {
            Err(Failure::usage(format!("--to: expected jsonl or conll, found {other:?}")))
        }
    }
}

/// The model with everything between documents and tags.
struct Predictor<'a> {
    model: &'a FineTuned,
    aligner: &'a Aligner,
    aggregator: WordScorer,
    decoder: Box<dyn ner_align_core::TagDecoder>,
    unit: Unit,
}

impl Predictor<'_> {
    /// Annotates the documents; gives the counts and the probability of each word's class.
    fn run(&self, documents: &mut [Document]) -> Result<(AlignmentCounts, Vec<Vec<f32>>), Failure> {
        let FineTuned { classifier, tokenizer, meta } = self.model;
        let dataset = Preparer::new(tokenizer, self.aligner, classifier.labels())
            .max_length(meta.max_length)
            .stride(meta.stride)
            .unit(self.unit)
            .without_gold()
            .dataset(documents)?;
        let decoding = Decoding {
            aggregator: &self.aggregator,
            decoder: self.decoder.as_ref(),
            all_subtokens: false,
        };
        let predictions =
            predict(classifier, &dataset, decoding, BATCH_SUBTOKENS).map_err(model_failure)?;
        let probabilities = annotate(documents, &dataset, predictions.sentences)?;
        Ok((dataset.counts, probabilities))
    }
}

/// Where documents come from.
enum Source {
    /// Plain text, a document a line.
    Text { reader: BufReader<Box<dyn Read>>, name: String, line: u64 },
    /// An annotated corpus, whose annotation is replaced.
    Corpus { reader: Box<dyn FormatReader> },
}

impl Source {
    fn open(arguments: &PredictArgs) -> Result<Self, Failure> {
        let path = &arguments.input;
        let name = path.display().to_string();
        let is_text = arguments.corpus.from.is_none()
            && (name == "-" || path.extension().is_some_and(|extension| extension == "txt"));
        if !is_text {
            let options = arguments.corpus.options(None)?;
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
        Ok(Self::Text { reader: BufReader::with_capacity(1 << 16, input), name, line: 0 })
    }

    const fn unit(&self, in_sentences: bool) -> Unit {
        match self {
            Self::Text { .. } if !in_sentences => Unit::Document,
            _ => Unit::Sentence,
        }
    }

    fn documents_marked(&self) -> bool {
        match self {
            Self::Text { .. } => true,
            Self::Corpus { reader } => reader.documents_marked(),
        }
    }

    /// The next documents; none at the end. Standard input is handed on as soon as what has
    /// arrived is read, so that a person at a pipe sees answers.
    fn chunk(&mut self, in_sentences: bool) -> Result<Vec<Document>, Failure> {
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

    fn skip(&mut self, documents: usize) -> Result<(), Failure> {
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
    fn report(&mut self) {
        if let Self::Corpus { reader } = self {
            let mut corpus = Corpus::default();
            corpus.finding_counts.clone_from(reader.finding_counts());
            corpus.findings = reader.take_findings();
            report_findings(&corpus);
        }
    }
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
    while matches!(bytes.last(), Some(b'\n' | b'\r')) {
        bytes.pop();
    }
    String::from_utf8(bytes).map(Some).map_err(|e| {
        let column = e.utf8_error().valid_up_to() + 1;
        Failure::input(format!("{name}:{line}:{column}: expected UTF-8, found another byte"))
    })
}

/// How far a partial output is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Done {
    documents: usize,
    bytes: u64,
}

/// Where results go.
enum Sink {
    Stdout(BufWriter<io::Stdout>),
    File { file: BufWriter<File>, target: PathBuf, done: Done },
}

impl Sink {
    fn stdout() -> Self {
        Self::Stdout(BufWriter::new(io::stdout()))
    }

    /// Opens `OUT.partial`, where it was left if the run is to be resumed.
    fn file(target: &Path, resume: bool) -> Result<Self, Failure> {
        let partial = with_suffix(target, ".partial");
        let fail = |e| write_failure(&Some(partial.clone()), &e);
        if target.is_dir() {
            return Err(fail(io::ErrorKind::IsADirectory.into()));
        }
        let done = if resume { read_done(target) } else { Done::default() };
        let mut file = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(false)
            .open(&partial)
            .map_err(fail)?;
        // What was written after the last note of progress is written again.
        file.set_len(done.bytes).map_err(fail)?;
        file.seek(SeekFrom::Start(done.bytes)).map_err(fail)?;
        Ok(Self::File { file: BufWriter::new(file), target: target.to_owned(), done })
    }

    fn documents(&self) -> usize {
        match self {
            Self::Stdout(_) => 0,
            Self::File { done, .. } => done.documents,
        }
    }

    /// Writes a chunk; false if nobody reads any more.
    fn write(
        &mut self,
        documents: usize,
        body: impl FnOnce(&mut dyn Write) -> Result<(), Failure>,
    ) -> Result<bool, Failure> {
        let mut buffer = Vec::new();
        body(&mut buffer)?;
        match self {
            Self::Stdout(stdout) => match stdout.write_all(&buffer).and_then(|()| stdout.flush()) {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
                result => result.map(|()| true).map_err(|e| write_failure(&None, &e)),
            },
            Self::File { file, target, done } => {
                let fail = |e| write_failure(&Some(target.clone()), &e);
                file.write_all(&buffer).and_then(|()| file.flush()).map_err(fail)?;
                done.documents += documents;
                done.bytes += buffer.len() as u64;
                let note = serde_json::to_string(done).unwrap_or_default();
                let path = with_suffix(target, ".partial.json");
                let fresh = with_suffix(target, ".partial.json.new");
                fs::write(&fresh, note).and_then(|()| fs::rename(&fresh, &path)).map_err(fail)?;
                Ok(true)
            }
        }
    }

    /// Gives the file its name.
    fn finish(self) -> Result<(), Failure> {
        let Self::File { file, target, .. } = self else { return Ok(()) };
        let fail = |e| write_failure(&Some(target.clone()), &e);
        let file = file.into_inner().map_err(|e| fail(e.into_error()))?;
        file.sync_all().map_err(fail)?;
        fs::rename(with_suffix(&target, ".partial"), &target).map_err(fail)?;
        // Nothing to continue any more; a note left behind would do no harm.
        let _ = fs::remove_file(with_suffix(&target, ".partial.json"));
        Ok(())
    }
}

fn read_done(target: &Path) -> Done {
    let note = fs::read(with_suffix(target, ".partial.json")).ok();
    let done = note.and_then(|note| serde_json::from_slice::<Done>(&note).ok());
    let written = fs::metadata(with_suffix(target, ".partial")).map_or(0, |file| file.len());
    done.filter(|done| done.bytes <= written).unwrap_or_default()
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn write_failure(path: &Option<PathBuf>, error: &io::Error) -> Failure {
    let name = path.as_ref().map_or_else(|| "standard output".into(), |p| p.display().to_string());
    Failure::environment(format!("{name}: {error}"))
}
