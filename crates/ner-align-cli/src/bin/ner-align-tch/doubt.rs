//! `ner-align doubt`: labels that are probably wrong.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use ner_align_cli::corpus_args::CorpusArgs;
use ner_align_cli::say::say;
use ner_align_cli::signals::leave_no_drafts;
use ner_align_cli::{Failure, output};
use ner_align_core::{CorpusWriter, Document, Entity};
use ner_align_corpus::io::refuse_overwriting;
use ner_align_corpus::{AtomicFile, Format, WriteOptions, create};
use ner_align_pipeline::FineTuner;
use ner_align_pipeline::doubt::{
    Doubt, DoubtOptions, Doubts, Review, apply_reviews, contested, find_doubts,
};
use ner_align_render::{Comparison, EntityPage};
use serde::Serialize;
use serde_json::json;

use crate::fault::OrFail;
use crate::interrupt::Interrupt;
use crate::train::tell;
use crate::tuning::TuningArgs;

const EXAMPLES: &str = "\
Examples:
  ner-align doubt train.conll --model google-bert/bert-base-cased -o doubts.jsonl
  ner-align doubt train.conll --apply doubts.jsonl -o corrected.conll     # after \"decision\": \"accept\"
  ner-align doubt train.conll --model bert/ --html doubts.html --runs 2";

/// Arguments of `doubt`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct DoubtArgs {
    /// Annotated corpora, which are doubted as one
    #[arg(required = true, value_name = "IN")]
    inputs: Vec<PathBuf>,
    /// Pretrained model: a folder, or ORG/NAME[@REVISION] on the Hub
    #[arg(long, value_name = "DIR|HUB_ID", required_unless_present = "apply")]
    model: Option<PathBuf>,
    /// Write all doubts whose suggestion is likelier than the label, one JSON document a line; with
    /// --apply: write the corrected corpus
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Put the suggestions of this file with "decision": "accept" in the place of the labels
    #[arg(long, value_name = "REVIEWED", conflicts_with_all = ["model", "html", "probabilities", "json"])]
    apply: Option<PathBuf>,
    /// Write a page with the doubted sentences, as they are and as suggested
    #[arg(long, value_name = "OUT")]
    html: Option<PathBuf>,
    /// Write what the models say of each word, for other tools, one JSON document a line
    #[arg(long, value_name = "OUT")]
    probabilities: Option<PathBuf>,
    /// Parts of the corpus; each is judged by a model that was trained on the others
    #[arg(long, value_name = "N", default_value_t = 5)]
    folds: usize,
    /// Models for each part, with different seeds; they agree on fewer false alarms
    #[arg(long, value_name = "N", default_value_t = 1)]
    runs: usize,
    /// Doubts to print, and to show on the page
    #[arg(long, value_name = "N", default_value_t = 50)]
    top: usize,
    /// Print one JSON document instead of lines
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    tuning: TuningArgs,
    #[command(flatten)]
    corpus: CorpusArgs,
}

/// Runs the command.
pub(crate) fn run(arguments: &DoubtArgs) -> Result<(), Failure> {
    leave_no_drafts();
    let written = [&arguments.output, &arguments.html, &arguments.probabilities];
    for path in written.into_iter().flatten() {
        refuse_overwriting(path, &arguments.inputs)?;
        // Before models are trained in vain.
        AtomicFile::create(path)?;
    }
    match &arguments.apply {
        Some(reviewed) => apply(arguments, reviewed),
        None => find(arguments),
    }
}

/// The corpora, and where the documents of each end.
struct Doubted {
    documents: Vec<Document>,
    /// A path, the number of the document after its last, and whether each word has a line.
    files: Vec<(String, usize, bool)>,
    documents_marked: bool,
}

impl Doubted {
    fn read(arguments: &DoubtArgs) -> Result<Self, Failure> {
        let mut own = Self { documents: Vec::new(), files: Vec::new(), documents_marked: false };
        for path in &arguments.inputs {
            let corpus = arguments.corpus.read(&[path], None)?;
            own.documents_marked |= corpus.documents_marked;
            own.documents.extend(corpus.documents);
            let rows = corpus.formats.contains(&Format::Conll);
            own.files.push((path.display().to_string(), own.documents.len(), rows));
        }
        Ok(own)
    }

    /// `PATH:LINE` of a word, or the document and the sentence where a file has no lines.
    fn place(&self, doubt: &Doubt) -> String {
        let file = self.files.iter().find(|(_, end, _)| doubt.document < *end);
        let sentence =
            self.documents.get(doubt.document).and_then(|d| d.sentences().get(doubt.sentence));
        let (Some((path, _, rows)), Some(sentence)) = (file, sentence) else {
            return format!("document {}", doubt.document);
        };
        let word = doubt.words().start.saturating_sub(sentence.words.start) as u64;
        match sentence.line {
            Some(line) => format!("{path}:{}", line + if *rows { word } else { 0 }),
            None => format!("{path}: document {}, sentence {}", doubt.document, doubt.sentence),
        }
    }

    /// `path:7: type: "Paris" is PER here; LOC is likelier (0.91 against 0.02)`.
    fn line(&self, doubt: &Doubt) -> String {
        let named = |entity: &Entity| {
            let words = self.documents.get(doubt.document).map(|d| d.surface(entity.span));
            (words.unwrap_or_default().to_owned(), entity.label.clone())
        };
        let what = match (doubt.gold.as_ref().map(named), doubt.suggestion.as_ref().map(named)) {
            (Some((text, label)), None) => format!("{text:?} is {label} here; no entity"),
            (None, Some((text, label))) => format!("{text:?} has no label; {label}"),
            (Some((text, label)), Some((other, new))) if text == other => {
                format!("{text:?} is {label} here; {new}")
            }
            (Some((text, label)), Some((other, new))) => {
                format!("{text:?} is {label} here; {other:?} as {new}")
            }
            (None, None) => String::new(),
        };
        format!(
            "{}: {}: {what} is likelier ({:.2} against {:.2})",
            self.place(doubt),
            doubt.reason.as_str(),
            doubt.suggestion_probability,
            doubt.gold_probability
        )
    }
}

fn find(arguments: &DoubtArgs) -> Result<(), Failure> {
    let Some(model) = &arguments.model else { return Ok(()) };
    let settings = arguments.tuning.settings(&[])?;
    let corpus = Doubted::read(arguments)?;
    let options = DoubtOptions::default().with_folds(arguments.folds).with_runs(arguments.runs);
    let trainings = options.folds.saturating_mul(options.runs);
    let tuner = || arguments.tuning.fine_tuner(model);
    // Made before the first is used, so that nothing is trained in vain.
    let mut tuners = (0..trainings).map(|_| tuner()).collect::<Result<Vec<_>, _>>()?;
    let interrupt = Interrupt::watch()?;
    let found = find_doubts(&corpus.documents, &options, |run, fold| {
        say(format!("training {} of {trainings}", fold * options.runs + run + 1));
        let mut settings = settings.clone();
        settings.train.seed = settings.train.seed.wrapping_add(run as u64);
        let tuner = tuners.pop().unwrap_or_else(|| FineTuner::new(model));
        tuner.settings(settings).callback(interrupt.clone()).on_notice(tell)
    })
    .or_fail()?;
    report(arguments, &corpus, &found)
}

/// The doubts whose suggestion is likelier than the label.
fn likely(found: &Doubts) -> &[Doubt] {
    let count = found.doubts.partition_point(|doubt| doubt.margin() > 0.0);
    found.doubts.get(..count).unwrap_or_default()
}

fn report(arguments: &DoubtArgs, corpus: &Doubted, found: &Doubts) -> Result<(), Failure> {
    for (label, count) in &found.unjudged {
        say(format!(
            "warning: {count} entities of type {label} are not judged: the other parts of the corpus \
             have none; give --folds a smaller number, or more data"
        ));
    }
    let likely = likely(found);
    let top = likely.get(..arguments.top.min(likely.len())).unwrap_or_default();
    let documents = &corpus.documents;
    if let Some(path) = &arguments.output {
        let reviews = likely.iter().filter_map(|doubt| Review::of(doubt, documents));
        write_lines(path, reviews)?;
    }
    if let Some(path) = &arguments.probabilities {
        let names = found.labels.names();
        write_lines(
            path,
            found.sentences.iter().map(|own| {
                let rows: Vec<Vec<f32>> =
                    own.probabilities.rows().into_iter().map(|row| row.to_vec()).collect();
                let document = documents.get(own.document);
                let words = document.map(|document| {
                    own.words.range().map(|word| document.word(word)).collect::<Vec<_>>()
                });
                json!({
                    "document": own.document, "sentence": own.sentence, "words": words,
                    "first": own.words.start, "classes": names, "probabilities": rows,
                })
            }),
        )?;
    }
    if let Some(path) = &arguments.html {
        let (gold, suggested) = contested(documents, top).or_fail()?;
        let pages =
            Comparison::new(gold, &suggested).map_err(|error| Failure::input(error.to_string()))?;
        write_text(path, &EntityPage::compare(&pages).title("Doubtful labels").render())?;
    }
    if arguments.json {
        return output::print_json(&json!({
            "doubts": likely.len(),
            "trainings": found.trainings,
            "seconds": found.seconds,
            "unjudged": found.unjudged.iter().map(|(l, n)| (l.to_string(), n)).collect::<BTreeMap<_, _>>(),
            "top": top.iter().filter_map(|doubt| {
                let mut review = serde_json::to_value(Review::of(doubt, documents)?).ok()?;
                review["place"] = corpus.place(doubt).into();
                Some(review)
            }).collect::<Vec<_>>(),
        }));
    }
    let mut text: String = top.iter().map(|doubt| corpus.line(doubt) + "\n").collect();
    text += &format!(
        "{} of {} labels and mentions are doubtful; {} models were trained for {:.0} s\n",
        likely.len(),
        found.doubts.len(),
        found.trainings,
        found.seconds
    );
    output::print(&text)
}

fn apply(arguments: &DoubtArgs, reviewed: &Path) -> Result<(), Failure> {
    let Some(path) = &arguments.output else {
        return Err(Failure::usage("--apply: expected -o with a file for the corrected corpus"));
    };
    refuse_overwriting(path, &[reviewed.to_owned()])?;
    let mut corpus = Doubted::read(arguments)?;
    let mut reviews = Vec::new();
    let open = File::open(reviewed)
        .map_err(|error| Failure::environment(format!("{}: {error}", reviewed.display())))?;
    for (number, line) in BufReader::new(open).lines().enumerate() {
        let place = || format!("{}:{}", reviewed.display(), number + 1);
        let line = line.map_err(|error| Failure::input(format!("{}: {error}", place())))?;
        reviews.push(serde_json::from_str::<Review>(&line).map_err(|error| {
            Failure::input(format!(
                "{}: expected a doubt of `ner-align doubt`, found: {error}",
                place()
            ))
        })?);
    }
    let changes = apply_reviews(&mut corpus.documents, &reviews).or_fail()?;
    let format = Format::of_output(path).unwrap_or(Format::Conll);
    let options = WriteOptions::default().with_mark_documents(corpus.documents_marked);
    let mut writer = create(path, format, &options)?;
    corpus.documents.iter().try_for_each(|document| writer.write_document(document))?;
    writer.finish()?;
    let undecided = reviews.iter().filter(|review| review.decision.is_none()).count();
    output::print(&format!(
        "{changes} of {} doubts changed the corpus, {undecided} are not decided\n",
        reviews.len()
    ))
}

fn write_lines<T: Serialize>(path: &Path, lines: impl Iterator<Item = T>) -> Result<(), Failure> {
    let mut text = String::new();
    for line in lines {
        text += &serde_json::to_string(&line).map_err(|error| Failure::input(error.to_string()))?;
        text.push('\n');
    }
    write_text(path, &text)
}

fn write_text(path: &Path, text: &str) -> Result<(), Failure> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(text.as_bytes())
        .map_err(|error| Failure::environment(format!("{}: {error}", path.display())))?;
    Ok(file.commit()?)
}
