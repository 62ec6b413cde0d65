//! `ner-align redact`: texts and corpora without their entities.

mod output;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use ner_align_cli::Failure;
use ner_align_cli::corpus_args::{CorpusArgs, report_counts, report_findings};
use ner_align_cli::say::say;
use ner_align_cli::signals::leave_no_drafts;
use ner_align_core::{Document, Label};
use ner_align_corpus::io::refuse_overwriting;
use ner_align_corpus::open;
use ner_align_pipeline::redact::{Redactor, Replacing, Surrogates};
use ner_align_pipeline::{PipelineError, Predictor};

use crate::calibrate::names;
use crate::fault::OrFail;
use crate::model::{ComputingArgs, decoding, refuse_replacing};
use crate::predict::file;
use crate::predict::source::{self, Source};
use crate::thresholds::check_type;
use output::{Kind, Output};

const EXAMPLES: &str = "\
Examples:
  ner-align redact --model out/model-best letters.txt -o redacted.txt
  ner-align redact --model out/model-best --types PER --with bar report.pdf -o report.txt
  ner-align redact --gold train.jsonl --with surrogate --span-map map.jsonl -o redacted.jsonl";

/// What takes the place of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum How {
    Type,
    Bar,
    Surrogate,
}

/// Arguments of `redact`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct RedactArgs {
    /// Fine-tuned model that finds the entities: a folder, or ORG/NAME[@REVISION] on the Hub
    #[arg(long, value_name = "DIR|HUB_ID", required_unless_present = "gold")]
    model: Option<PathBuf>,
    #[command(flatten)]
    computing: ComputingArgs,
    /// Replace the entities that a corpus is annotated with; needs no model
    #[arg(long, conflicts_with = "model")]
    gold: bool,
    /// Text with a document a line (.txt), a document (.pdf, .docx, .html, .md), or a corpus; `-`:
    /// standard input, text or JSON lines
    #[arg(default_value = "-", value_name = "IN")]
    input: PathBuf,
    /// Replace entities of these types alone [default: all]
    #[arg(long, value_name = "TYPE,...", value_delimiter = ',')]
    types: Vec<Label>,
    /// What takes their place: type ([PER_1], equal texts of a document with equal numbers), bar, surrogate
    #[arg(long, value_name = "HOW", default_value = "type", hide_possible_values = true)]
    with: How,
    /// Surrogates, lines of TYPE, tab, text [default: entities of the input change places]
    #[arg(long, value_name = "TSV")]
    surrogates: Option<PathBuf>,
    /// Seed of the choice of surrogates
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    seed: u64,
    /// Write what was replaced where, a line an entity, without its text
    #[arg(long, value_name = "JSONL")]
    span_map: Option<PathBuf>,
    /// Write the replaced texts into the map, too: it must then be kept as the input is
    #[arg(long, requires = "span_map")]
    keep_text: bool,
    /// File for the output: text for text; JSON lines for a corpus, and where the name ends in .jsonl
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    #[command(flatten)]
    corpus: CorpusArgs,
}

/// Runs the command.
pub(crate) fn run(arguments: &RedactArgs) -> Result<(), Failure> {
    if arguments.surrogates.is_some() && arguments.with != How::Surrogate {
        return Err(Failure::usage("--surrogates: expected --with surrogate, found another"));
    }
    if arguments.span_map.is_some() && arguments.span_map == arguments.output {
        return Err(Failure::usage(
            "--span-map: expected another file than that of -o, found the same",
        ));
    }
    leave_no_drafts();
    source::check(&arguments.input)?;
    let read: Vec<&PathBuf> = arguments.surrogates.iter().chain([&arguments.input]).collect();
    arguments.written().try_for_each(|path| refuse_overwriting(path, &read))?;
    match &arguments.model {
        Some(model) => predicted(arguments, model),
        None => gold(arguments),
    }
}

impl RedactArgs {
    fn written(&self) -> impl Iterator<Item = &PathBuf> {
        [&self.output, &self.span_map].into_iter().flatten()
    }

    fn output(&self, kind: Kind) -> Result<Output, Failure> {
        let path = self.output.as_deref().filter(|path| path.as_os_str() != "-");
        Output::create(path, kind, self.span_map.as_deref(), self.keep_text)
    }

    fn redactor(&self, replacing: Replacing) -> Redactor {
        let redactor = Redactor::new(replacing);
        if self.types.is_empty() { redactor } else { redactor.with_types(self.types.clone()) }
    }

    /// What redacts document by document; `None` if all must be known before.
    fn streaming(&self) -> Result<Option<Redactor>, Failure> {
        let replacing = match (self.with, &self.surrogates) {
            (How::Type, _) => Replacing::Type,
            (How::Bar, _) => Replacing::Bar,
            (How::Surrogate, Some(path)) => {
                Replacing::Surrogate(Surrogates::read(path, self.seed).or_fail()?)
            }
            (How::Surrogate, None) => return Ok(None),
        };
        Ok(Some(self.redactor(replacing)))
    }
}

/// Documents on their way out.
struct Redaction<'a> {
    arguments: &'a RedactArgs,
    redactor: Option<Redactor>,
    /// Documents that wait for all others.
    waiting: Vec<Document>,
    output: Output,
}

impl<'a> Redaction<'a> {
    fn new(arguments: &'a RedactArgs, kind: Kind) -> Result<Self, Failure> {
        let redactor = arguments.streaming()?;
        Ok(Self { arguments, redactor, waiting: Vec::new(), output: arguments.output(kind)? })
    }

    /// Takes a document; false if nobody reads any more.
    fn take(&mut self, document: Document) -> Result<bool, Failure> {
        match &mut self.redactor {
            Some(redactor) => {
                let redacted = redactor.redact_document(&document).or_fail()?;
                self.output.write(&document, &redacted)
            }
            None => {
                self.waiting.push(document);
                Ok(true)
            }
        }
    }

    fn finish(mut self) -> Result<(), Failure> {
        if self.redactor.is_none() {
            let surrogates = Surrogates::of_documents(&self.waiting, self.arguments.seed);
            self.redactor = Some(self.arguments.redactor(Replacing::Surrogate(surrogates)));
            for document in std::mem::take(&mut self.waiting) {
                if !self.take(document)? {
                    return Ok(());
                }
            }
        }
        self.output.finish()
    }
}

/// Redacts what a corpus is annotated with.
fn gold(arguments: &RedactArgs) -> Result<(), Failure> {
    let mut reader = open(&arguments.input, &arguments.corpus.options(None)?)?;
    let mut redaction = Redaction::new(arguments, Kind::corpus(arguments.output.as_deref())?)?;
    while let Some(document) = reader.read_document()? {
        if !redaction.take(document)? {
            return Ok(());
        }
    }
    let findings = reader.take_findings();
    report_findings(reader.finding_counts(), &findings);
    redaction.finish()
}

/// Redacts what a model finds.
fn predicted(arguments: &RedactArgs, model: &Path) -> Result<(), Failure> {
    if !(arguments.corpus.map.is_empty() && arguments.corpus.drop.is_empty()) {
        return Err(Failure::usage("--map, --drop: expected no types to change, found some")
            .hint("a model gives the types; --types chooses among them"));
    }
    let file = file::extract(&arguments.input, &arguments.corpus)?;
    let (model, folder) = arguments.computing.open(model)?;
    arguments.written().try_for_each(|path| refuse_replacing(path, &folder))?;
    arguments.types.iter().try_for_each(|label| check_type("--types", label, &model))?;
    let mut model = promised(decoding(model, None), &arguments.types)?;
    if let Some(words) = arguments.corpus.word_splitting()? {
        model = model.with_words(&words).or_fail()?;
    }
    let source = match &file {
        Some(file) => Source::file(file, &model)?,
        None => Source::open(&arguments.input, &arguments.corpus, &model)?,
    };
    let output = arguments.output.as_deref();
    let kind = match &source {
        Source::Corpus(_) => Kind::corpus(output)?,
        Source::Text(_) | Source::File(_) => Kind::text(output),
    };
    let mut redaction = Redaction::new(arguments, kind)?;
    let predicted = model.predict_each(
        source,
        |_| (),
        |chunk, ()| {
            for (document, _) in chunk {
                match redaction.take(document) {
                    Ok(true) => {}
                    Ok(false) => return Ok(ControlFlow::Break(())),
                    Err(failure) => return Err(PipelineError::Callback(failure.into())),
                }
            }
            Ok(ControlFlow::Continue(()))
        },
    );
    let Some(mut predicted) = predicted.or_fail()? else { return Ok(()) };
    predicted.reader.report();
    report_counts("input", &predicted.counts);
    redaction.finish()
}

/// The model with the recall that it promises. Says what that is.
fn promised(model: Predictor, types: &[Label]) -> Result<Predictor, Failure> {
    let promises = model.calibration().map_or(&[][..], |own| &own.recall);
    let Some(first) = promises.first() else {
        say(
            "warning: the model promises no recall: what it misses stays in the text; `ner-align calibrate \
             --recall` makes a promise",
        );
        return Ok(model);
    };
    let each: Vec<String> =
        promises.iter().map(|own| format!("{} {}", names(own), own.target)).collect();
    let all = model.labels().types();
    let asked = if types.is_empty() { &all[..] } else { types };
    let is_promised = |label: &&Label| promises.iter().any(|own| own.types.contains(label));
    let others: Vec<&str> =
        asked.iter().filter(|label| !is_promised(label)).map(Label::as_str).collect();
    let none =
        if others.is_empty() { String::new() } else { format!("; none for {}", others.join(", ")) };
    say(format!(
        "note: promised recall on texts like those of the calibration: {} (confidence {}){none}",
        each.join(", "),
        first.confidence
    ));
    model.with_recall().or_fail()
}
