//! `ner-align align`: a corpus as labelled windows of subtokens, a line of JSON each.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use ner_align_cli::Failure;
use ner_align_cli::corpus_args::{CorpusArgs, report_counts, report_findings};
use ner_align_core::{
    AlignmentCounts, Document, IGNORE_INDEX, Label, LabelSet, Scheme, SubwordTokenizer, Window,
};
use ner_align_corpus::{Corpus, FormatReader, ReadOptions, open, read_path};
use ner_align_subword::{Aligner, HfTokenizer, Preparer, Strategy};
use serde::Serialize;

/// Arguments of `align`.
#[derive(Debug, Args)]
pub(crate) struct AlignArgs {
    /// The corpus; `-` is standard input
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// Folder with a tokenizer, or a tokenizer.json
    #[arg(long, value_name = "DIR|FILE")]
    tokenizer: PathBuf,
    /// What subtokens after a word's first carry: first (nothing), propagate, propagate-inside,
    /// mark-x
    #[arg(long, default_value = "first")]
    strategy: Strategy,
    /// Write the tags in another scheme than the input's own
    #[arg(long)]
    scheme: Option<Scheme>,
    /// Positions in a window, special tokens included
    #[arg(long, default_value_t = 512)]
    max_length: usize,
    /// Subtokens that neighbouring windows of a long sentence share, at most half a window
    #[arg(long, default_value_t = 128)]
    stride: usize,
    /// Class names in the order of their ids, one a line [default: O, then types by code point]
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    #[command(flatten)]
    corpus: CorpusArgs,
}

/// Documents that are aligned and written together; memory does not grow with the corpus.
const CHUNK: usize = 512;

/// One line of the output.
#[derive(Serialize)]
struct Line<'a> {
    document: usize,
    sentence: usize,
    window: usize,
    input_ids: &'a [u32],
    tokens: Vec<String>,
    word_ids: &'a [Option<u32>],
    labels: &'a [i64],
    tags: Vec<Option<&'a str>>,
}

/// Runs the command.
pub(crate) fn run(arguments: &AlignArgs) -> Result<(), Failure> {
    let options = arguments.corpus.options(None)?;
    let tokenizer = if arguments.tokenizer.is_dir() {
        HfTokenizer::from_dir(&arguments.tokenizer)?
    } else {
        HfTokenizer::from_file(&arguments.tokenizer)?
    };
    let mut source = Source::new(&arguments.input, &options)?;
    let labels = classes(arguments, &source, &options)?;
    let aligner = Aligner::new(arguments.strategy, &labels)?;
    let preparer = Preparer::new(&tokenizer, &aligner, &labels)
        .max_length(arguments.max_length)
        .stride(arguments.stride.min(arguments.max_length / 2));

    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut counts = AlignmentCounts::default();
    let mut before = 0;
    loop {
        let documents = source.chunk(&options)?;
        if documents.is_empty() {
            break;
        }
        let dataset = preparer.dataset(&documents)?;
        counts.add(&dataset.counts);
        for window in &dataset.windows {
            let place = &dataset.sentences[window.sentence];
            let line = Line {
                document: before + place.document,
                sentence: place.sentence,
                window: window.index,
                input_ids: &window.input_ids,
                tokens: tokens(&tokenizer, window),
                word_ids: &window.word_ids,
                labels: &window.labels,
                tags: names(&labels, window),
            };
            let written = serde_json::to_writer(&mut out, &line)
                .map_err(io::Error::from)
                .and_then(|()| out.write_all(b"\n"));
            match written {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
                result => result.map_err(|error| stdout_failure(&error))?,
            }
        }
        before += documents.len();
    }
    source.report();
    report_counts("input", &counts);
    match out.flush() {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(stdout_failure(&error)),
        _ => Ok(()),
    }
}

fn stdout_failure(error: &io::Error) -> Failure {
    Failure::environment(format!("standard output: {error}"))
}

fn tokens(tokenizer: &HfTokenizer, window: &Window) -> Vec<String> {
    window.input_ids.iter().map(|&id| tokenizer.token(id).unwrap_or_default()).collect()
}

fn names<'a>(labels: &'a LabelSet, window: &Window) -> Vec<Option<&'a str>> {
    let name = |&label: &i64| {
        let id = usize::try_from(label).ok().filter(|_| label != IGNORE_INDEX)?;
        labels.names().get(id).map(String::as_str)
    };
    window.labels.iter().map(name).collect()
}

/// The classes: as a file has them, or all tags of the corpus's types in its own scheme.
fn classes(
    arguments: &AlignArgs,
    source: &Source,
    options: &ReadOptions,
) -> Result<LabelSet, Failure> {
    let Some(path) = &arguments.labels else {
        let (types, own) = source.types(&arguments.input, options)?;
        let scheme = arguments.scheme.or(own).unwrap_or(Scheme::Iob2);
        return Ok(arguments.strategy.label_set(types, scheme));
    };
    let fail = |reason: String| Failure::usage(format!("{}: {reason}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
    let names: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let labels = LabelSet::from_names(&names).map_err(|error| fail(error.to_string()))?;
    match arguments.scheme {
        Some(scheme) if scheme != labels.scheme() => {
            Err(fail(format!("expected classes in the scheme {scheme}, found {}", labels.scheme())))
        }
        _ => Ok(labels),
    }
}

/// The corpus: a file is read twice, once for its entity types; a pipe is kept in memory.
enum Source {
    File(Box<dyn FormatReader>),
    Memory(Corpus, usize),
}

impl Source {
    fn new(path: &Path, options: &ReadOptions) -> Result<Self, Failure> {
        if path.is_file() {
            return Ok(Self::File(open(path, options)?));
        }
        Ok(Self::Memory(read_path(path, options)?, 0))
    }

    fn types(
        &self,
        path: &Path,
        options: &ReadOptions,
    ) -> Result<(BTreeSet<Label>, Option<Scheme>), Failure> {
        let (mut types, mut scheme) = (BTreeSet::new(), None);
        let mut look = |document: &Document| {
            scheme = scheme.or(document.tags().map(|(_, scheme)| scheme));
            for entity in document.entities() {
                if !types.contains(&entity.label) {
                    types.insert(entity.label.clone());
                }
            }
        };
        match self {
            Self::Memory(corpus, _) => corpus.documents.iter().for_each(look),
            Self::File(_) => {
                let mut reader = open(path, options)?;
                while let Some(mut document) = reader.read_document()? {
                    map_labels(&mut document, options)?;
                    look(&document);
                }
            }
        }
        Ok((types, scheme))
    }

    fn chunk(&mut self, options: &ReadOptions) -> Result<Vec<Document>, Failure> {
        match self {
            Self::Memory(corpus, done) => {
                let end = corpus.documents.len().min(*done + CHUNK);
                let chunk = corpus.documents[*done..end].to_vec();
                *done = end;
                Ok(chunk)
            }
            Self::File(reader) => {
                let mut documents = Vec::with_capacity(CHUNK);
                while documents.len() < CHUNK {
                    let Some(mut document) = reader.read_document()? else { break };
                    map_labels(&mut document, options)?;
                    documents.push(document);
                }
                Ok(documents)
            }
        }
    }

    /// Says what was read in another way than it was written.
    fn report(&mut self) {
        match self {
            Self::Memory(corpus, _) => report_findings(&corpus.finding_counts, &corpus.findings),
            Self::File(reader) => {
                let findings = reader.take_findings();
                report_findings(reader.finding_counts(), &findings);
            }
        }
    }
}

fn map_labels(document: &mut Document, options: &ReadOptions) -> Result<(), Failure> {
    options.labels.apply(document).map_err(|error| Failure::input(error.to_string()))
}
