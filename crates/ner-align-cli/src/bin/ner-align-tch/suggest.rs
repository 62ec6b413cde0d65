//! `ner-align suggest`: which texts to annotate next.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use ner_align_cli::corpus_args::{CorpusArgs, report_counts};
use ner_align_cli::say::say;
use ner_align_cli::signals::leave_no_drafts;
use ner_align_cli::write_args::{refuse_output, write_config};
use ner_align_cli::{Failure, output};
use ner_align_core::{CorpusWriter, Label};
use ner_align_corpus::formats::jsonl::{JsonlShape, JsonlWriter, JsonlWriterOptions, Suggested};
use ner_align_corpus::{AtomicFile, CorpusError};
use ner_align_pipeline::Suggestions;
use ner_align_pipeline::suggest::Uncertainty;

use crate::choices;
use crate::fault::OrFail;
use crate::model::{ModelArgs, decoding, refuse_replacing};
use crate::predict::{Source, check, extract};

const EXAMPLES: &str = "\
Examples:
  ner-align suggest texts.txt --model out/model-best -n 100 --to label-studio -o tasks.json
  ner-align suggest pool.conll --model out/model-best -n 50 --by mnlp --to prodigy -o next.jsonl";

/// Arguments of `suggest`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
// `-n` is the number of documents to choose.
#[command(mut_arg("n", |n| n.short(None).long("sentences-per-document")))]
pub(crate) struct SuggestArgs {
    #[command(flatten)]
    model: ModelArgs,
    /// Texts without annotation: what `predict` reads. Annotation that is there is replaced
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// Number of documents to choose
    #[arg(short = 'n', long, value_name = "N", default_value_t = 100)]
    count: usize,
    /// How unsure the model is: total (for a budget of documents), mnlp (for one of words), margin, entropy
    #[arg(long, value_name = "HOW", value_parser = choices::uncertainty())]
    #[arg(default_value = "total", hide_possible_values = true)]
    by: Uncertainty,
    /// Shape of the output: jsonl, prodigy, doccano, label-studio
    #[arg(long, value_name = "SHAPE", default_value = "jsonl", value_parser = shape)]
    to: JsonlShape,
    /// File for the documents, the one worth most first [default: standard output]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Cut plain text into sentences before the model sees it
    #[arg(long)]
    sentences: bool,
    #[command(flatten)]
    corpus: CorpusArgs,
}

/// The shapes that have room for a rank and for spans of characters.
fn shape(name: &str) -> Result<JsonlShape, String> {
    match name.parse() {
        _ if name == "jsonl" => Ok(JsonlShape::Entities),
        Ok(
            shape @ (JsonlShape::Prodigy
            | JsonlShape::Doccano
            | JsonlShape::LabelStudio
            | JsonlShape::Entities),
        ) => Ok(shape),
        _ => Err(format!("expected jsonl, prodigy, doccano or label-studio, found {name:?}")),
    }
}

/// Runs the command.
pub(crate) fn run(arguments: &SuggestArgs) -> Result<(), Failure> {
    let SuggestArgs { input, corpus, .. } = arguments;
    if arguments.count == 0 {
        return Err(Failure::usage("-n: expected 1 or more documents to choose, found 0"));
    }
    leave_no_drafts();
    check(input)?;
    let output = arguments.output.as_deref().filter(|path| path.as_os_str() != "-");
    if let Some(path) = output {
        refuse_output(path, Some(arguments.to), &[input])?;
    }
    let file = extract(input, corpus)?;
    let (model, folder) = arguments.model.open()?;
    if let Some(path) = output {
        refuse_replacing(path, &folder)?;
    }
    let mut model = decoding(model, None).with_sentences(arguments.sentences);
    if let Some(words) = corpus.word_splitting()? {
        model = model.with_words(&words).or_fail()?;
    }
    let mut source = match file {
        Some(file) => Source::file(&file, &model)?,
        None => Source::open(input, corpus, &model)?,
    };
    let name = input.display().to_string();
    let found = model.suggest(&mut source, &name, arguments.count, arguments.by).or_fail()?;
    source.report();
    report_counts("input", &found.counts);
    match output {
        Some(path) => {
            let name = path.display().to_string();
            let file = AtomicFile::create(path)?;
            write(arguments, file, &name, &found)?.commit()?;
        }
        None => {
            let stdout = BufWriter::new(io::stdout().lock());
            output::unless_reader_gone(write(arguments, stdout, "standard output", &found))?;
        }
    }
    report(output, &found);
    match output {
        Some(path) if arguments.to == JsonlShape::LabelStudio && path.is_file() => {
            let types = model.labels().types();
            write_config(path, types.iter().map(Label::as_str))
        }
        _ => Ok(()),
    }
}

/// Writes the documents, and returns where they went.
fn write<W: Write>(
    arguments: &SuggestArgs,
    target: W,
    name: &str,
    found: &Suggestions,
) -> Result<W, CorpusError> {
    let options = JsonlWriterOptions::default().with_shape(arguments.to);
    let model = arguments.model.name();
    let mut writer = JsonlWriter::new(target, name, options).predicted_by(Some(model));
    for (rank, (chosen, document)) in (1..).zip(&found.documents) {
        writer.write_suggested(document, Suggested::new(rank, chosen.score))?;
    }
    writer.finish()?;
    Ok(writer.into_inner())
}

fn report(output: Option<&Path>, found: &Suggestions) {
    let place = output.map_or_else(String::new, |path| format!("{}: ", path.display()));
    let words: usize = found.documents.iter().map(|(_, document)| document.len()).sum();
    let count = found.documents.len();
    say(format!("{place}{count} of {} documents, {words} words", found.read));
}
