//! `ner-align eval`: a model's scores on an annotated corpus.

use std::path::PathBuf;

use clap::Args;
use ner_align_cli::corpus_args::{CorpusArgs, report_counts};
use ner_align_cli::paths::refuse_overwriting;
use ner_align_cli::{Failure, output};
use ner_align_core::{LabelAligner, TagDecoder};
use ner_align_corpus::{Format, WriteOptions, create};
use ner_align_metrics::report;
use ner_align_subword::{Aggregate, Argmax, Constrained};
use ner_align_train::{Decoding, evaluate};
use serde::{Deserialize, Serialize};

use crate::meta::Meta;
use crate::model::{FineTuned, ModelArgs, train_failure, word_scorer};
use crate::predict::output::annotate;

/// How scores of words become tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Decode {
    /// The likeliest sequence that the scheme allows, by a CRF's transitions where the model has one
    #[default]
    Constrained,
    /// The likeliest tag of each word by itself
    Argmax,
}

impl Decode {
    pub(crate) fn decoder(self, labels: &ner_align_core::LabelSet) -> Box<dyn TagDecoder> {
        match self {
            Self::Constrained => Box::new(Constrained::new(labels)),
            Self::Argmax => Box::new(Argmax::new(labels)),
        }
    }
}

/// Arguments of `eval`.
#[derive(Debug, Args)]
pub(crate) struct EvalArgs {
    #[command(flatten)]
    model: ModelArgs,
    /// Annotated corpora
    #[arg(required = true, value_name = "IN")]
    input: Vec<PathBuf>,
    /// Print one JSON document instead of tables
    #[arg(long)]
    json: bool,
    /// Write the corpus with predicted tags, in the format of the name, else in columns
    #[arg(short, long, value_name = "PREDICTED")]
    output: Option<PathBuf>,
    /// How scores of words become tags [default: constrained]
    #[arg(long, value_enum)]
    decode: Option<Decode>,
    #[command(flatten)]
    corpus: CorpusArgs,
}

/// Subtokens that go through the model at a time.
pub(crate) const BATCH_SUBTOKENS: usize = 4096;

/// Runs the command.
pub(crate) fn run(arguments: &EvalArgs) -> Result<(), Failure> {
    if arguments.output.as_deref().is_some_and(|path| path.as_os_str() == "-") {
        return Err(Failure::usage("-o: expected a file, found standard output")
            .hint("the scores go there; `ner-align predict` writes predictions to it"));
    }
    if let Some(path) = &arguments.output {
        refuse_overwriting(path, &arguments.input)?;
    }
    let model = FineTuned::find(&arguments.model)?;
    note_other_decoding(&model.meta, arguments.decode);
    let corpus = model.meta.reading(&arguments.corpus).read(&arguments.input, None)?;
    let labels = model.classifier.labels();
    let aligner = model.aligner()?;
    let dataset = model.preparer(&aligner).dataset(&corpus.documents)?;
    report_counts("input", &dataset.counts);
    let aggregator = word_scorer(Aggregate::First, &aligner, labels);
    let decoder = arguments.decode.unwrap_or_default().decoder(labels);
    let decoding = Decoding {
        aggregator: &aggregator,
        decoder: decoder.as_ref(),
        all_subtokens: aligner.labels_continuations(),
    };
    let (evaluation, predictions) =
        evaluate(&model.classifier, &dataset, decoding, BATCH_SUBTOKENS).map_err(train_failure)?;
    if let Some(path) = &arguments.output {
        let mut documents = corpus.documents;
        annotate(&mut documents, &dataset, predictions)?;
        let format = Format::of_output(path).unwrap_or(Format::Conll);
        let options =
            WriteOptions { mark_documents: corpus.documents_marked, ..WriteOptions::default() };
        let mut writer = create(path, format, &options)?;
        documents.iter().try_for_each(|document| writer.write_document(document))?;
        writer.finish()?;
    }
    if arguments.json {
        return output::print_json(&evaluation.scores);
    }
    output::print(&format!(
        "{}\nwords by tag, gold in rows, predicted in columns\n{}\n{}\n",
        report::table(&evaluation.scores),
        report::confusion(&evaluation.scores.confusion),
        report::summary_line(&evaluation.scores)
    ))
}

/// Says that the scores in the model folder are of another decoding than the usual one, unless
/// somebody chose.
#[expect(clippy::print_stderr, reason = "this is where the program speaks")]
fn note_other_decoding(meta: &Meta, asked: Option<Decode>) {
    if asked.is_none() && meta.decode == Some(Decode::Argmax) {
        eprintln!(
            "note: decoding is constrained; the scores in the model folder are of --decode argmax"
        );
    }
}
