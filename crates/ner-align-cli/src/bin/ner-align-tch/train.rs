//! `ner-align train`: from annotated corpora to a model folder.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use ner_align_cli::corpus_args::{CorpusArgs, report_counts};
use ner_align_cli::{Failure, output};
use ner_align_core::{Dataset, Document, Label, LabelSet, Scheme};
use ner_align_corpus::AtomicFile;
use ner_align_metrics::report;
use ner_align_subword::{Aggregate, Aligner, Argmax, HfTokenizer, Preparer};
use ner_align_tch::{LoadOptions, TchClassifier};
use ner_align_train::{
    Decoding, Evaluation, MetricsLog, TrainError, TrainReport, Trainer, TrainerCallback, evaluate,
};
use serde_json::json;

use crate::config::{Recipe, RunConfig};
use crate::model::{Meta, check_is_folder, max_length, model_failure, train_failure, word_scorer};
use crate::model_card::ModelCard;
use crate::progress::Progress;

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
    /// Folder of the pretrained model: config.json, model.safetensors, tokenizer.json
    #[arg(long, value_name = "DIR")]
    model: PathBuf,
    /// Folder for the models, the log and the config
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
    /// Print one JSON document at the end instead of tables
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    corpus: CorpusArgs,
}

/// Runs the command.
pub(crate) fn run(arguments: &TrainArgs) -> Result<(), Failure> {
    let config = RunConfig::resolve(arguments.recipe, arguments.config.as_deref(), &arguments.set)?;
    check_is_folder(&arguments.model)?;
    let train = arguments.corpus.read(&arguments.train, None)?.documents;
    let dev = arguments.corpus.read(&arguments.dev, None)?.documents;
    let test = match arguments.test.as_slice() {
        [] => Vec::new(),
        paths => arguments.corpus.read(paths, None)?.documents,
    };
    let labels = classes(&config, &train)?;
    warn_of_unknown_types(&labels, "--dev", &dev);
    warn_of_unknown_types(&labels, "--test", &test);

    let tokenizer = HfTokenizer::from_dir(&arguments.model)?;
    let options = LoadOptions {
        seed: i64::try_from(config.seed).unwrap_or(i64::MAX),
        dropout: Some(config.dropout),
        optimizer: config.optimizer(),
        ..LoadOptions::default()
    };
    let mut classifier =
        TchClassifier::for_labels(&arguments.model, &labels, &options).map_err(model_failure)?;
    let config = RunConfig {
        max_length: max_length(config.max_length, &classifier, &tokenizer),
        scheme: Some(labels.scheme()),
        ..config
    };
    let aligner = Aligner::new(config.strategy, &labels)?;
    let preparer = Preparer::new(&tokenizer, &aligner, &labels)
        .max_length(config.max_length)
        .stride(config.stride.min(config.max_length / 2));
    let data = Data {
        train: prepare(&preparer, "--train", &train)?,
        dev: prepare(&preparer, "--dev", &dev)?,
        test: if test.is_empty() { None } else { Some(prepare(&preparer, "--test", &test)?) },
    };
    let aggregator = word_scorer(Aggregate::First, &aligner, &labels);
    let decoder = Argmax::new(&labels);
    let decoding = Decoding {
        aggregator: &aggregator,
        decoder: &decoder,
        all_subtokens: ner_align_core::LabelAligner::labels_continuations(&aligner),
    };

    let output = &arguments.output;
    fs::create_dir_all(output).map_err(|e| io_failure(output, &e))?;
    write_file(&output.join("config.toml"), &config.to_toml())?;
    let folder = ModelFolder {
        tokenizer: &tokenizer,
        config: &config,
        labels: &labels,
        base: base_name(&arguments.model),
        name: base_name(output),
        sentences: (data.train.sentences.len(), data.dev.sentences.len()),
    };
    let log = MetricsLog::create(&output.join("metrics.jsonl"), config.log_every);
    let mut callbacks: Vec<Box<dyn TrainerCallback + '_>> =
        vec![Box::new(Progress::new()), Box::new(log.map_err(train_failure)?), Box::new(folder)];
    let report = Trainer::new(config.train(), decoding)
        .map_err(train_failure)?
        .output(output)
        .fit(&mut classifier, &data.train, &data.dev, &mut callbacks)
        .map_err(train_failure)?;

    let test = match &data.test {
        Some(test) => Some(score_best(output, test, decoding, &config)?),
        None => None,
    };
    if let Some(test) = &test {
        let text = serde_json::to_string_pretty(&test.scores).unwrap_or_default() + "\n";
        write_file(&output.join("test.json"), &text)?;
    }
    conclude(arguments, &report, test.as_ref())
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
    let scheme = config.scheme.or(own).unwrap_or(Scheme::Iob2);
    Ok(config.strategy.label_set(types, scheme))
}

fn entity_types(documents: &[Document]) -> BTreeSet<Label> {
    documents.iter().flat_map(Document::entities).map(|entity| entity.label.clone()).collect()
}

#[expect(clippy::print_stderr, reason = "this is where the program speaks")]
fn warn_of_unknown_types(labels: &LabelSet, name: &str, documents: &[Document]) {
    let known: BTreeSet<Label> = labels.types().into_iter().collect();
    for label in entity_types(documents).difference(&known) {
        let entities = documents.iter().flat_map(Document::entities);
        let count = entities.filter(|entity| entity.label == *label).count();
        eprintln!(
            "warning: {name}: {count} entities of type {label}, which --train lacks: counted as missed"
        );
    }
}

/// What belongs into a model folder beside weights and config.
struct ModelFolder<'a> {
    tokenizer: &'a HfTokenizer,
    config: &'a RunConfig,
    labels: &'a LabelSet,
    base: String,
    name: String,
    sentences: (usize, usize),
}

impl TrainerCallback for ModelFolder<'_> {
    fn on_save(&mut self, directory: &Path, evaluation: &Evaluation) -> Result<(), TrainError> {
        self.tokenizer.save(directory).map_err(TrainError::model)?;
        let strict = evaluation.scores.strict();
        let row = |row: &ner_align_metrics::Prf| json!({"p": row.precision, "r": row.recall, "f": row.f1});
        let per_type: serde_json::Map<_, _> =
            strict.per_type.iter().map(|(label, scores)| (label.clone(), row(scores))).collect();
        let performance = json!({
            "ents_p": strict.micro.precision,
            "ents_r": strict.micro.recall,
            "ents_f": strict.micro.f1,
            "ents_per_type": per_type,
        });
        let meta = Meta {
            name: self.name.clone(),
            labels: self.labels.types().iter().map(ToString::to_string).collect(),
            strategy: self.config.strategy,
            max_length: self.config.max_length,
            stride: self.config.stride,
            performance: performance.as_object().cloned().unwrap_or_default(),
            ..Meta::default()
        };
        let card = ModelCard {
            name: &self.name,
            base: &self.base,
            config: self.config,
            labels: self.labels,
            train_sentences: self.sentences.0,
            dev_sentences: self.sentences.1,
            scores: &evaluation.scores,
        };
        let meta = serde_json::to_string_pretty(&meta).unwrap_or_default() + "\n";
        for (file, text) in [("meta.json", meta), ("README.md", card.to_string())] {
            let path = directory.join(file);
            fs::write(&path, text).map_err(|source| TrainError::Io { path, source })?;
        }
        Ok(())
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
    let best = TchClassifier::load(&best, &LoadOptions::default()).map_err(model_failure)?;
    let (evaluation, _) =
        evaluate(&best, test, decoding, config.eval_batch_subtokens).map_err(train_failure)?;
    Ok(evaluation)
}

/// Prints the scores of the best model and where it lies.
fn conclude(
    arguments: &TrainArgs,
    report: &TrainReport,
    test: Option<&Evaluation>,
) -> Result<(), Failure> {
    let (epoch, best) = &report.best;
    let folder = arguments.output.join("model-best");
    if arguments.json {
        return output::print_json(&json!({
            "model": folder,
            "best_epoch": epoch,
            "epochs": report.epochs,
            "steps": report.steps,
            "subtokens": report.subtokens,
            "seconds": report.seconds,
            "dev": best.scores,
            "test": test.map(|test| &test.scores),
        }));
    }
    let mut text = format!(
        "best on dev: epoch {epoch}\n{}\nwords by tag, gold in rows, predicted in columns\n{}",
        report::table(&best.scores),
        report::confusion(&best.scores.confusion),
    );
    if let Some(test) = test {
        text += &format!("\ntest\n{}", report::table(&test.scores));
    }
    text += &format!(
        "\n{} subtokens in {:.0} s of training, {:.0} subtokens/s\nmodel: {}\n",
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
