//! `ner-align align`: a corpus as labelled windows of subtokens, a line of JSON each.

mod source;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;

use clap::Args;
use ner_align_cli::Failure;
use ner_align_cli::corpus_args::{CorpusArgs, report_counts};
use ner_align_cli::say::say;
use ner_align_core::{AlignmentCounts, Dataset, Scheme, Tag};
use ner_align_subword::{Aligner, Preparer, Strategy, SubwordError, WindowLines};

const EXAMPLES: &str = "\
Examples:
  ner-align align train.conll --tokenizer google-bert/bert-base-cased
  ner-align align train.conll --tokenizer model/ --strategy propagate --max-length 128";

/// Arguments of `align`.
#[derive(Debug, Clone, Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct AlignArgs {
    /// The corpus; `-` is standard input
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// Folder with a tokenizer, a tokenizer.json, or ORG/NAME[@REVISION] on the Hugging Face Hub
    #[arg(long, value_name = "DIR|FILE|HUB_ID")]
    tokenizer: PathBuf,
    /// Use only the cache of the Hugging Face Hub
    #[arg(long)]
    offline: bool,
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
    /// Subtokens that neighbouring windows of a long sentence share [default: 128, or half a window
    /// where that is less]
    #[arg(long)]
    stride: Option<usize>,
    /// Class names in the order of their ids, one a line [default: O, then types by code point]
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    #[command(flatten)]
    corpus: CorpusArgs,
}

/// Tags outside the classes that the warning names; more are only counted.
const NAMED_TAGS: usize = 10;

/// Runs the command.
pub(crate) fn run(arguments: &AlignArgs) -> Result<(), Failure> {
    let options = arguments.corpus.options(None)?;
    // The classes need no tokenizer. No scope: a tokenizer at fault does not wait for a pipe.
    let (own, reading) = (arguments.clone(), options.clone());
    let classes = thread::spawn(move || source::open_with_classes(&own, &reading));
    let tokenizer = crate::tokenizer::open(&arguments.tokenizer, arguments.offline)?;
    let (labels, mut source) = classes.join().unwrap_or_else(|panic| resume_unwind(panic))?;
    let aligner = Aligner::new(arguments.strategy, &labels)?;
    let mut preparer =
        Preparer::new(&tokenizer, &aligner, &labels).max_length(arguments.max_length);
    if let Some(stride) = arguments.stride {
        preparer = preparer.stride(stride);
    }

    let lines = WindowLines::new(&tokenizer);
    let mut out = io::stdout().lock();
    let mut summary = Summary::default();
    let aligned = preparer.stream_map(
        &mut || Ok(source.next(&options)?),
        |dataset| {
            let mut bytes = Vec::new();
            lines.append(&dataset, &mut bytes).map(|()| (Summary::of(&dataset), bytes))
        },
        |made| {
            let (part, bytes) = made.map_err(|error| Stop::of_stdout(&error))?;
            summary.add(part);
            out.write_all(&bytes).map_err(|error| Stop::of_stdout(&error))
        },
    );
    match aligned.and_then(|()| out.flush().map_err(|error| Stop::of_stdout(&error))) {
        Err(Stop::ReaderGone) => return Ok(()),
        // What was aligned before the fault is as good as it would be without.
        Err(Stop::Failure(failure)) => {
            out.flush().ok();
            return Err(failure);
        }
        Ok(()) => {}
    }
    source.report(&options);
    summary.report(&arguments.input);
    Ok(())
}

/// Why no more lines are written.
enum Stop {
    /// Whoever read standard output went away, as `head` does.
    ReaderGone,
    Failure(Failure),
}

impl Stop {
    fn of_stdout(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::ReaderGone;
        }
        Self::Failure(Failure::environment(format!("standard output: {error}")))
    }
}

impl From<SubwordError> for Stop {
    fn from(error: SubwordError) -> Self {
        Self::Failure(error.into())
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// What was aligned, and what was lost on the way.
#[derive(Default)]
struct Summary {
    counts: AlignmentCounts,
    sentences: usize,
    windows: usize,
    unknown: BTreeSet<String>,
}

impl Summary {
    fn of(dataset: &Dataset) -> Self {
        let (counts, labels) = (dataset.counts, &dataset.labels);
        let (sentences, windows) = (dataset.sentences.len(), dataset.windows.len());
        let mut unknown = BTreeSet::new();
        if counts.words_with_unknown_tag > 0 {
            let tags = dataset.sentences.iter().flat_map(|sentence| &sentence.tags);
            let no_class = tags.filter(|tag| **tag != Tag::Missing && labels.id(tag).is_none());
            unknown.extend(no_class.map(|tag| tag.display(labels.scheme()).to_string()));
        }
        Self { counts, sentences, windows, unknown }
    }

    fn add(&mut self, part: Self) {
        self.counts.add(&part.counts);
        self.sentences += part.sentences;
        self.windows += part.windows;
        self.unknown.extend(part.unknown);
    }

    fn report(&self, input: &Path) {
        let name = input.display().to_string();
        report_counts(&name, &self.counts);
        if !self.unknown.is_empty() {
            let named: Vec<&str> =
                self.unknown.iter().take(NAMED_TAGS).map(String::as_str).collect();
            let more = self.unknown.len() - named.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            say(format!("warning: {name}: no class for {}{more}", named.join(", ")));
        }
        say(format!(
            "{name}: {} sentences, {} words, {} subtokens, {} windows; {} words became no subtoken",
            self.sentences,
            self.counts.words,
            self.counts.subtokens,
            self.windows,
            self.counts.words_without_subtokens,
        ));
    }
}
