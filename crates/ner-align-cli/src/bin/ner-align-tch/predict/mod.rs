//! `ner-align predict`: entities of texts and corpora, streaming.

pub(crate) mod file;
mod lines;
mod sink;
pub(crate) mod source;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::Args;
use ner_align_cli::Failure;
use ner_align_cli::corpus_args::{CorpusArgs, report_counts};
use ner_align_cli::signals::leave_no_drafts;
use ner_align_cli::write_args::{named_output, refuse_output, write_config};
use ner_align_core::{CorpusReader, Label};
use ner_align_corpus::formats::jsonl::JsonlShape;
use ner_align_corpus::{Format, WriteOptions};
use ner_align_pipeline::settings::Decode;
use ner_align_pipeline::{CALIBRATION, OutputIdentity, PipelineError, Predictor};
use ner_align_subword::Aggregate;

use crate::choices;
use crate::fault::OrFail;
use crate::model::{ModelArgs, decoding, refuse_replacing};
use crate::thresholds::ThresholdArgs;
pub(crate) use file::extract;
use lines::{Lines, write_options};
use sink::Sink;
pub(crate) use source::{Source, check};

const EXAMPLES: &str = "\
Examples:
  echo 'Ada Lovelace lived in London.' | ner-align predict --model out/model-best
  ner-align predict --model out/model-best notes.txt -o entities.jsonl   # a document a line
  ner-align predict --model out/model-best report.pdf --threshold 0.8
  ner-align predict --model out/model-best test.conll --to conll -o tagged.conll";

/// Arguments of `predict`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct PredictArgs {
    #[command(flatten)]
    model: ModelArgs,
    /// Text with a document a line (.txt), a document (.pdf, .docx, .html, .md), or a corpus; `-`:
    /// standard input, text or JSON lines
    #[arg(default_value = "-", value_name = "IN")]
    input: PathBuf,
    /// Format of the output: any of a corpus, or a shape of jsonl such as label-studio
    /// [default: by its name, else jsonl with scores]
    #[arg(long, value_name = "FORMAT")]
    to: Option<String>,
    /// File for the output; jsonl and conll are OUT.partial until they are whole
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Continue an OUT.partial that an interrupted run left
    #[arg(long, requires = "output")]
    resume: bool,
    /// Tags of a sentence within the scheme (constrained), or each word's likeliest (argmax)
    #[arg(long, value_name = "HOW", value_parser = choices::decode(), hide_possible_values = true)]
    decode: Option<Decode>,
    /// How scores of subtokens become scores of words: first, mean, max
    #[arg(long, value_name = "HOW", default_value = "first", conflicts_with = "recall")]
    aggregate: Aggregate,
    /// Cut plain text into sentences
    #[arg(long)]
    sentences: bool,
    #[command(flatten)]
    thresholds: ThresholdArgs,
    /// Give this many other readings of each entity's words, with their scores
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    alternatives: usize,
    /// Print fields of each document: entities joined by type, or as a mapping in TOML says
    #[arg(long, value_name = "FILE", num_args = 0..=1, conflicts_with = "alternatives")]
    group: Option<Option<PathBuf>>,
    #[command(flatten)]
    corpus: CorpusArgs,
}

/// Runs the command.
pub(crate) fn run(arguments: &PredictArgs) -> Result<(), Failure> {
    let (format, shape) = format(arguments)?;
    if !(arguments.corpus.map.is_empty() && arguments.corpus.drop.is_empty()) {
        return Err(Failure::usage("--map, --drop: expected no types to change, found some").hint(
            "the input's types are replaced; `ner-align convert` changes those of the output",
        ));
    }
    let lines = Lines::of(arguments, format)?;
    leave_no_drafts();
    check(&arguments.input)?;
    if let Some(path) = &arguments.output {
        let mapping = arguments.group.iter().flatten();
        let read: Vec<&PathBuf> = mapping.chain([&arguments.input]).collect();
        refuse_output(path, shape, &read)?;
    }
    let file = extract(&arguments.input, &arguments.corpus)?;
    let lines = lines.with_pages(file.as_ref());
    let (model, folder) = arguments.model.open()?;
    if let Some(path) = &arguments.output {
        refuse_replacing(path, &folder)?;
    }
    let mut model = decoding(model, arguments.decode)
        .with_aggregate(arguments.aggregate)
        .with_sentences(arguments.sentences)
        .with_alternatives(arguments.alternatives);
    model = arguments.thresholds.apply(model)?;
    if let Some(words) = arguments.corpus.word_splitting()? {
        model = model.with_words(&words).or_fail()?;
    }
    let mut source = match file {
        Some(file) => Source::file(&file, &model)?,
        None => Source::open(&arguments.input, &arguments.corpus, &model)?,
    };
    let options = write_options(source.documents_marked())
        .with_shape(shape)
        .with_predicted_by(Some(arguments.model.name()));
    let mut sink = sink(arguments, lines, (&folder, &model), &options)?;
    for _ in 0..sink.documents() {
        if source.read_document().or_fail()?.is_none() {
            return Err(Failure::input("--resume: the input is shorter than what was done"));
        }
    }
    let predicted =
        model.predict_each(source, Source::documents_marked, |chunk, marked| {
            match sink.write(&chunk, marked) {
                Ok(true) => Ok(ControlFlow::Continue(())),
                Ok(false) => Ok(ControlFlow::Break(())),
                Err(failure) => Err(PipelineError::Callback(failure.into())),
            }
        });
    let Some(mut predicted) = predicted.or_fail()? else { return Ok(()) };
    predicted.reader.report();
    report_counts("input", &predicted.counts);
    sink.finish()?;
    match &arguments.output {
        Some(path) if shape == Some(JsonlShape::LabelStudio) && path.is_file() => {
            let types = model.labels().types();
            write_config(path, types.iter().map(Label::as_str))
        }
        _ => Ok(()),
    }
}

/// The format of the output, and the shape if it is not that of predictions; JSON lines unless something
/// else is asked for.
fn format(arguments: &PredictArgs) -> Result<(Format, Option<JsonlShape>), Failure> {
    let output = arguments.output.as_deref();
    let (named, shape) = named_output(arguments.to.as_deref())?;
    let format = named.or_else(|| output.and_then(Format::of_output)).unwrap_or(Format::Jsonl);
    let shape = shape.filter(|shape| *shape != JsonlShape::Entities);
    if let Some(shape) = shape {
        if arguments.group.is_some() || arguments.alternatives > 0 {
            return Err(Failure::usage(format!(
                "--group, --alternatives: expected jsonl as the output, found {shape}"
            )));
        }
        return Ok((format, Some(shape)));
    }
    if format == Format::Jsonl && output.is_some_and(is_packed) {
        return Err(Failure::usage("-o: expected a name without .gz for jsonl, found one with it")
            .hint("without -o the lines go to standard output, for gzip to take"));
    }
    Ok((format, None))
}

fn is_packed(path: &Path) -> bool {
    path.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz"))
}

/// Where the predictions go.
fn sink(
    arguments: &PredictArgs,
    lines: Lines,
    model: (&Path, &Predictor),
    options: &WriteOptions,
) -> Result<Sink, Failure> {
    let path = arguments.output.as_deref().filter(|path| path.as_os_str() != "-");
    let is_packed = path.is_some_and(is_packed);
    let format = lines.format();
    let can_grow = matches!(format, Format::Jsonl | Format::Conll) && options.shape.is_none();
    if can_grow && !is_packed {
        return match path {
            None => Ok(Sink::stdout(lines)),
            Some(path) => {
                Sink::file(path, lines, &identity(arguments, format, model), arguments.resume)
            }
        };
    }
    if arguments.resume {
        let packed = if is_packed { ", compressed" } else { "" };
        let found = options.shape.map_or(format.as_str(), JsonlShape::as_str);
        return Err(Failure::usage(format!(
            "--resume: expected jsonl or conll, found {found}{packed}"
        )));
    }
    Sink::corpus(path.unwrap_or(Path::new("-")), format, options)
}

/// Size and time of a file, which tell it from another of the same name.
fn stamp(path: &Path) -> String {
    let Ok(file) = std::fs::metadata(path) else { return String::new() };
    let time = file.modified().map_or_else(|_| String::new(), |time| format!("{time:?}"));
    format!("{} {time}", file.len())
}

/// What a resumed prediction must have in common with the one before.
fn identity(
    arguments: &PredictArgs,
    format: Format,
    (model, predictor): (&Path, &Predictor),
) -> OutputIdentity {
    let whole = |path: &Path| {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        path.display().to_string()
    };
    let PredictArgs { input, aggregate, sentences, corpus, .. } = arguments;
    let PredictArgs { thresholds, alternatives, group, .. } = arguments;
    [
        ("model", whole(model)),
        ("time of the model", stamp(&model.join("config.json"))),
        ("time of its calibration", stamp(&model.join(CALIBRATION))),
        ("input", whole(input)),
        ("size and time of the input", stamp(input)),
        ("what it computes in", format!("{:?}", arguments.model.computing.precision)),
        ("format", format.to_string()),
        ("decode", format!("{:?}", predictor.decode())),
        ("scheme of the model", predictor.labels().scheme().to_string()),
        ("aggregate", format!("{aggregate:?}")),
        ("sentences", sentences.to_string()),
        ("thresholds", format!("{thresholds:?}")),
        ("alternatives", alternatives.to_string()),
        ("fields", format!("{group:?}")),
        ("how the input is read", format!("{corpus:?}")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}
