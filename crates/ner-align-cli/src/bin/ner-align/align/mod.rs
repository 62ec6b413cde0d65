//! `ner-align align`: a corpus as labelled windows of subtokens, a line of JSON each.

mod source;

use std::collections::BTreeSet;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use clap::Args;
use ner_align_cli::Failure;
use ner_align_cli::corpus_args::{CorpusArgs, report_counts};
use ner_align_cli::say::say;
use ner_align_core::{AlignmentCounts, Dataset, LabelSet, Scheme, Tag};
use ner_align_subword::{Aligner, Preparer, Strategy, SubwordError, WindowWriter};

const EXAMPLES: &str = "\
Examples:
  ner-align align train.conll --tokenizer google-bert/bert-base-cased
  ner-align align train.conll --tokenizer model/ --strategy propagate --max-length 128";

/// Arguments of `align`.
#[derive(Debug, Args)]
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
    let tokenizer = crate::tokenizer::open(&arguments.tokenizer, arguments.offline)?;
    let (labels, mut source) = source::open_with_classes(arguments, &options)?;
    let aligner = Aligner::new(arguments.strategy, &labels)?;
    let mut preparer =
        Preparer::new(&tokenizer, &aligner, &labels).max_length(arguments.max_length);
    if let Some(stride) = arguments.stride {
        preparer = preparer.stride(stride);
    }

    let out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut writer = WindowWriter::new(out, &tokenizer);
    let mut summary = Summary::default();
    let aligned = preparer.stream(&mut || Ok(source.next(&options)?), |dataset| {
        summary.add(&dataset, &labels);
        writer.write(&dataset).map_err(|error| Stop::of_stdout(&error))
    });
    match aligned {
        Err(Stop::ReaderGone) => return Ok(()),
        // What was aligned before the fault is as good as it would be without.
        Err(Stop::Failure(failure)) => {
            writer.finish().ok();
            return Err(failure);
        }
        Ok(()) => {}
    }
    if let Err(stop) = writer.finish().map_err(|error| Stop::of_stdout(&error)) {
        return stop.into();
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

impl From<Stop> for Result<(), Failure> {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::ReaderGone => Ok(()),
            Stop::Failure(failure) => Err(failure),
        }
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
    fn add(&mut self, dataset: &Dataset, labels: &LabelSet) {
        self.counts.add(&dataset.counts);
        self.sentences += dataset.sentences.len();
        self.windows += dataset.windows.len();
        if dataset.counts.words_with_unknown_tag > 0 {
            let tags = dataset.sentences.iter().flat_map(|sentence| &sentence.tags);
            let unknown = tags.filter(|tag| **tag != Tag::Missing && labels.id(tag).is_none());
            self.unknown.extend(unknown.map(|tag| tag.display(labels.scheme()).to_string()));
        }
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
