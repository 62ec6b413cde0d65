//! `ner-align train`: from annotated corpora to a model folder.

mod curves;
mod folder;
mod interrupt;
mod notes;
mod provenance;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use ner_align_cli::corpus_args::{CorpusArgs, report_counts};
use ner_align_cli::failure::INTERRUPTED;
use ner_align_cli::model_source::{HubId, Located, Parts, fetch, locate};
use ner_align_cli::{Failure, output};
use ner_align_core::{Dataset, Document, Label, LabelSet, Scheme, SubwordTokenizer};
use ner_align_corpus::AtomicFile;
use ner_align_metrics::report;
use ner_align_subword::{Aggregate, Aligner, HfTokenizer, Preparer};
use ner_align_tch::{EncoderConfig, LoadOptions, TchClassifier};
use ner_align_train::{
    Decoding, Evaluated, Evaluation, MetricsLog, TensorBoard, TrainReport, Trainer,
    TrainerCallback, evaluate,
};
use serde_json::json;

use crate::config::{Recipe, RunConfig};
use crate::model::{
    check_is_folder, computing, max_length, model_failure, stride, train_failure, word_scorer,
};
use crate::progress::{Progress, shown_epoch};
use folder::RunFolder;
use interrupt::Interrupt;
use notes::{
    note_documents_of_one_sentence, note_small_batches, warn_of_no_entities, warn_of_unknown_types,
    warn_of_unused_transitions,
};
use provenance::Provenance;

/// Arguments of `train`.
#[derive(Debug, Args)]
pub(crate) struct TrainArgs {
    /// Training corpora
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    train: Vec<PathBuf>,
    /// Development corpora, scored after each epoch
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    dev: Vec<PathBuf>,
    /// Test corpora, scored once with the best model
    #[arg(long, num_args = 1.., value_name = "FILE")]
    test: Vec<PathBuf>,
    /// Folder of the pretrained model (config.json, model.safetensors, tokenizer.json), or its id
    /// on the Hugging Face Hub, ORG/NAME[@REVISION]
    ///
    /// What exists as a path is a folder. Everything else of the form of an id is taken from the Hub,
    /// cached where Python's huggingface_hub caches it; HF_HOME, HF_HUB_CACHE, HF_ENDPOINT, HF_TOKEN,
    /// HF_HUB_OFFLINE, HTTPS_PROXY and SSL_CERT_FILE mean what they mean there. The commit that was
    /// taken is noted in OUT/provenance.json, and a resumed run keeps to it.
    #[arg(long, value_name = "DIR|HUB_ID")]
    model: PathBuf,
    /// Take what the cache of the Hugging Face Hub holds, without asking the Hub
    #[arg(long)]
    offline: bool,
    /// Folder for model-best, model-last, checkpoints, config.toml, metrics.jsonl, TensorBoard
    /// events, and curves.svg at the end
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Named set of defaults
    #[arg(long, value_enum, default_value = "best")]
    recipe: Recipe,
    /// Settings from a TOML file, over the recipe's
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// One setting, over the file's; may be given several times
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Go on with the run in the output folder, from its newest checkpoint
    #[arg(long)]
    resume: bool,
    /// Print one JSON document at the end instead of tables
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    corpus: CorpusArgs,
}

/// Runs the command.
pub(crate) fn run(arguments: &TrainArgs) -> Result<(), Failure> {
    let mut config =
        RunConfig::resolve(arguments.recipe, arguments.config.as_deref(), &arguments.set)?;
    warn_of_unused_transitions(&config);
    let train = arguments.corpus.read(&arguments.train, None)?.documents;
    let dev = arguments.corpus.read(&arguments.dev, None)?.documents;
    let test = match arguments.test.as_slice() {
        [] => Vec::new(),
        paths => arguments.corpus.read(paths, None)?.documents,
    };
    let labels = classes(&config, &train)?;
    config.settle_freeze(train.iter().map(|document| document.entities().len()).sum());
    note_documents_of_one_sentence(&config, &train);
    warn_of_no_entities(&dev);
    warn_of_unknown_types(&labels, "--dev", &dev);
    warn_of_unknown_types(&labels, "--test", &test);

    // Nothing is fetched for a corpus that cannot be read.
    let base = base_model(arguments)?;
    let tokenizer = HfTokenizer::from_dir(&base.path)?;
    let encoder = EncoderConfig::read(&base.path).map_err(model_failure)?;
    config.check_layers(encoder.num_hidden_layers)?;
    config.model.max_length = max_length(config.model.max_length, &encoder, &tokenizer);
    config.model.stride = stride(config.model.stride, config.model.max_length);
    config.model.scheme = Some(labels.scheme());
    let aligner = Aligner::new(config.model.strategy, &labels)?;
    let preparer = Preparer::new(&tokenizer, &aligner, &labels)
        .max_length(config.model.max_length)
        .stride(config.model.stride)
        .unit(config.model.unit)
        .context(config.model.context);
    let data = Data {
        train: prepare(&preparer, "--train", &train)?,
        dev: prepare(&preparer, "--dev", &dev)?,
        test: if test.is_empty() { None } else { Some(prepare(&preparer, "--test", &test)?) },
    };
    for dataset in [&data.train, &data.dev].into_iter().chain(&data.test) {
        check_ids(dataset, encoder.vocab_size, &base.path)?;
    }
    note_small_batches(&config, &data.train);
    let options = LoadOptions {
        seed: i64::try_from(config.train.seed).unwrap_or(i64::MAX),
        dropout: Some(config.model.dropout),
        optimizer: config.optimizer(),
        rates: config.rates(),
        loss: config.loss(&data.train),
        head: config.model.head,
        ..computing(&config.model.device, config.model.precision)?
    };
    let mut classifier =
        TchClassifier::for_labels(&base.path, &labels, &options).map_err(model_failure)?;
    let aggregator = word_scorer(Aggregate::First, &aligner, &labels);
    let decoder = config.model.decode.decoder(&labels);
    let decoding = Decoding {
        aggregator: &aggregator,
        decoder: decoder.as_ref(),
        all_subtokens: ner_align_core::LabelAligner::labels_continuations(&aligner),
    };

    let output = &arguments.output;
    fs::create_dir_all(output).map_err(|e| io_failure(output, &e))?;
    let _lock = folder::lock(output)?;
    let provenance = Provenance::of(
        &arguments.model,
        base.commit(),
        config.train.seed,
        [("train", &arguments.train), ("dev", &arguments.dev), ("test", &arguments.test)],
    )?;
    let folder = RunFolder {
        output,
        resume: arguments.resume,
        tokenizer: &tokenizer,
        config: &config,
        labels: &labels,
        base: base.name(),
        name: base_name(output),
        sentences: (sentences(&train), sentences(&dev)),
        sentences_per_document: arguments.corpus.n.unwrap_or(1),
        provenance,
    };
    let log_path = output.join("metrics.jsonl");
    let every = config.train.log_every;
    let log = MetricsLog::open(&log_path, every);
    let mut callbacks: Vec<Box<dyn TrainerCallback + '_>> = vec![
        Box::new(Progress::new()),
        Box::new(log.map_err(train_failure)?),
        Box::new(TensorBoard::new(output, every)),
        Box::new(folder),
        Box::new(Interrupt::watch()?),
    ];
    let report = Trainer::new(config.train.clone(), decoding)
        .map_err(train_failure)?
        .settings(config.fixed_settings())
        .mask_id(tokenizer.special_tokens().mask)
        .output(output)
        .resume(arguments.resume)
        .fit(&mut classifier, &data.train, &data.dev, &mut callbacks);
    curves::write(output, &log_path, &report)?;
    let report = report.map_err(train_failure)?;
    if report.interrupted {
        return Err(interrupted(&report, config.train.keep_checkpoints > 0));
    }

    let test = match &data.test {
        Some(test) => Some(score_best(output, test, decoding, &config)?),
        None => None,
    };
    if let Some(test) = &test {
        let text = serde_json::to_string_pretty(&test.scores).unwrap_or_default() + "\n";
        write_file(&output.join(folder::TEST), &text)?;
    }
    conclude(arguments, &report, test.as_ref())
}

/// Where the pretrained model lies. A resumed run keeps to the commit that it started from.
fn base_model(arguments: &TrainArgs) -> Result<Located, Failure> {
    let named = arguments.model.to_str().filter(|_| !arguments.model.exists());
    let commit = provenance::commit_of_run(&arguments.output, &arguments.model);
    let base = match (named.and_then(HubId::parse), commit) {
        (Some(hub), Some(revision)) if arguments.resume => {
            fetch(&HubId { revision, ..hub }, Parts::Model, arguments.offline)
        }
        _ => locate(&arguments.model, Parts::Model, arguments.offline),
    }?;
    check_is_folder(&base.path)?;
    Ok(base)
}

/// What to say of a run that was interrupted.
fn interrupted(report: &TrainReport, saved: bool) -> Failure {
    let step = report.steps;
    match report.checkpoint.as_ref().filter(|_| saved) {
        Some(path) => Failure::new(
            INTERRUPTED,
            format!("interrupted after step {step}; saved in {}", path.display()),
        )
        .hint("the same command with --resume goes on"),
        None => Failure::new(INTERRUPTED, format!("interrupted after step {step}; nothing saved"))
            .hint("keep_checkpoints is 0"),
    }
}

/// The data sets of a run.
struct Data {
    train: Dataset,
    dev: Dataset,
    test: Option<Dataset>,
}

fn prepare(
    preparer: &Preparer<'_>,
    name: &str,
    documents: &[Document],
) -> Result<Dataset, Failure> {
    let dataset = preparer.dataset(documents)?;
    report_counts(name, &dataset.counts);
    Ok(dataset)
}

/// The classes: the entity types of the training data, in its own scheme unless the config names
/// another.
fn classes(config: &RunConfig, train: &[Document]) -> Result<LabelSet, Failure> {
    let own = train.iter().find_map(Document::tags).map(|(_, scheme)| scheme);
    let types = entity_types(train);
    if types.is_empty() {
        return Err(Failure::input("--train: expected at least one entity, found none")
            .hint("see --tag-col if the tags are not in the last column"));
    }
    let scheme = config.model.scheme.or(own).unwrap_or(Scheme::Iob2);
    Ok(config.model.strategy.label_set(types, scheme))
}

/// Sentences that have words.
fn sentences(documents: &[Document]) -> usize {
    let sentences = documents.iter().flat_map(Document::sentences);
    sentences.filter(|sentence| !sentence.words.is_empty()).count()
}

fn entity_types(documents: &[Document]) -> BTreeSet<Label> {
    documents.iter().flat_map(Document::entities).map(|entity| entity.label.clone()).collect()
}

/// Refuses subtokens that the model has no embedding for, before anything is trained.
fn check_ids(dataset: &Dataset, vocabulary: i64, model: &Path) -> Result<(), Failure> {
    let ids = dataset.windows.iter().flat_map(|window| &window.input_ids);
    match ids.max().filter(|&&id| i64::from(id) >= vocabulary) {
        None => Ok(()),
        Some(id) => Err(Failure::environment(format!(
            "{}: expected subtoken ids below {vocabulary}, which the model has, found {id}",
            model.display()
        ))
        .hint("tokenizer.json and model.safetensors do not belong together")),
    }
}

/// Scores the best model, which need not be the one in memory.
fn score_best(
    output: &Path,
    test: &Dataset,
    decoding: Decoding<'_>,
    config: &RunConfig,
) -> Result<Evaluation, Failure> {
    let best = output.join("model-best");
    let options = computing(&config.model.device, config.model.precision)?;
    let best = TchClassifier::load(&best, &options).map_err(model_failure)?;
    let (evaluation, _) = evaluate(&best, test, decoding, config.train.eval_batch_subtokens)
        .map_err(train_failure)?;
    Ok(evaluation)
}

/// Prints the scores of the best model and where it lies.
fn conclude(
    arguments: &TrainArgs,
    report: &TrainReport,
    test: Option<&Evaluation>,
) -> Result<(), Failure> {
    let Some(Evaluated { epoch, step, evaluation: best }) = &report.best else { return Ok(()) };
    let folder = arguments.output.join("model-best");
    if arguments.json {
        return output::print_json(&json!({
            "model": folder,
            "best_epoch": epoch,
            "best_step": step,
            "epochs": report.epochs,
            "steps": report.steps,
            "subtokens": report.subtokens,
            "seconds": report.seconds,
            "dev": best.scores,
            "test": test.map(|test| &test.scores),
        }));
    }
    let mut text = format!(
        "best on dev: epoch {}\n{}\nwords by tag, gold in rows, predicted in columns\n{}",
        shown_epoch(*epoch),
        report::table(&best.scores),
        report::confusion(&best.scores.confusion),
    );
    if let Some(test) = test {
        text += &format!("\ntest\n{}", report::table(&test.scores));
    }
    text += &format!(
        "\n{} subtokens in {:.1} s of training, {:.0} subtokens/s\nmodel: {}\n",
        report.subtokens,
        report.seconds,
        report.subtokens as f64 / report.seconds.max(1e-9),
        folder.display()
    );
    output::print(&text)
}

fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(text.as_bytes()).map_err(|e| io_failure(path, &e))?;
    Ok(file.commit()?)
}

fn io_failure(path: &Path, error: &std::io::Error) -> Failure {
    Failure::environment(format!("{}: {error}", path.display()))
}

fn base_name(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| path.display().to_string())
}
