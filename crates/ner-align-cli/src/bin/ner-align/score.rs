//! `ner-align score`: predicted against gold.

use std::path::PathBuf;

use clap::Args;
use ner_align_cli::corpus_args::{CorpusArgs, name};
use ner_align_cli::{Failure, output};
use ner_align_core::{DecodeMode, Document, Metric, Scheme, Sentence, WordSpan};
use ner_align_corpus::Corpus;
use ner_align_metrics::{Scorer, Scores, report};

/// Arguments of `score`.
#[derive(Debug, Args)]
pub(crate) struct ScoreArgs {
    /// The gold corpus
    #[arg(required_unless_present = "columns")]
    gold: Option<PathBuf>,
    /// The same words with predicted entities
    #[arg(required_unless_present = "columns")]
    predicted: Option<PathBuf>,
    /// One column file whose last two columns are the gold and the predicted tag
    #[arg(long, value_name = "FILE", conflicts_with_all = ["gold", "predicted", "tag_col"])]
    columns: Option<PathBuf>,
    /// Scheme of the tags; told from the gold tags unless given
    #[arg(long)]
    scheme: Option<Scheme>,
    /// How tags become spans: conlleval's rule, or only what the scheme allows
    #[arg(long, value_enum, default_value = "lenient")]
    span_decode: SpanDecode,
    /// Exit with status 1 if a measure is below a value, as in `strict=0.8` or `strict.PER=0.7`
    #[arg(long, value_name = "MEASURE=X")]
    fail_under: Vec<String>,
    /// Print one JSON document instead of tables
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    corpus: CorpusArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum SpanDecode {
    Lenient,
    Strict,
}

/// Runs the command.
pub(crate) fn run(arguments: &ScoreArgs) -> Result<(), Failure> {
    let gates = arguments.fail_under.iter().map(|gate| Gate::parse(gate));
    let gates = gates.collect::<Result<Vec<_>, _>>()?;
    let pair = Pair::read(arguments)?;
    let mode = match arguments.span_decode {
        SpanDecode::Lenient => DecodeMode::Lenient,
        SpanDecode::Strict => DecodeMode::Strict,
    };
    let scores = pair.score(arguments.scheme, mode)?;
    if arguments.json {
        output::print_json(&scores)?;
    } else {
        let tags = report::confusion(&scores.confusion);
        let text =
            format!("{}\n{tags}\n{}\n", report::table(&scores), report::summary_line(&scores));
        output::print(&text)?;
    }
    gates.iter().try_for_each(|gate| gate.check(&scores))
}

/// A gold corpus and a predicted one.
struct Pair {
    gold: Corpus,
    predicted: Corpus,
    gold_name: String,
    predicted_name: String,
}

impl Pair {
    fn read(arguments: &ScoreArgs) -> Result<Self, Failure> {
        let scheme = arguments.scheme;
        let (gold, predicted, paths) =
            match (&arguments.columns, &arguments.gold, &arguments.predicted) {
                (Some(file), ..) => {
                    let column =
                        |tag_col| CorpusArgs { tag_col: Some(tag_col), ..arguments.corpus.clone() };
                    let gold = column(-2).read(&[file], scheme)?;
                    (gold, column(-1).read(&[file], scheme)?, (file, file))
                }
                (None, Some(gold), Some(predicted)) => {
                    let read = |path| arguments.corpus.read(&[path], scheme);
                    (read(gold)?, read(predicted)?, (gold, predicted))
                }
                _ => return Err(Failure::usage("expected GOLD and PRED, or --columns FILE")),
            };
        Ok(Self { gold, predicted, gold_name: name(paths.0), predicted_name: name(paths.1) })
    }

    /// Scores sentence by sentence; both sides must hold the same words.
    fn score(&self, scheme: Option<Scheme>, mode: DecodeMode) -> Result<Scores, Failure> {
        let own = self.gold.documents.iter().find_map(|document| document.tags());
        let scheme = scheme.or(own.map(|(_, scheme)| scheme)).unwrap_or(Scheme::Iob2);
        let mut scorer = Scorer::new(scheme, mode);
        let mut predicted = sentences(&self.predicted);
        let mut document = None;
        for (index, gold_document, gold) in sentences(&self.gold) {
            let Some((_, predicted_document, other)) = predicted.next() else {
                return Err(self.ends_early(&self.predicted_name, gold, &self.gold_name));
            };
            if document.replace(index).is_some_and(|before| before != index) {
                scorer.end_document();
            }
            self.compare(gold_document, gold, predicted_document, other)?;
            let tags = |document: &Document, words: WordSpan| {
                let own = document.tags().map(|(tags, _)| tags[words.range()].to_vec());
                // Without tags of its own, the document's entities are written in the scheme.
                own.map_or_else(|| document.tags_in(scheme).map(|t| t[words.range()].to_vec()), Ok)
            };
            let fail = |e: ner_align_core::SchemeError| Failure::input(e.to_string());
            let gold = tags(gold_document, gold.words).map_err(fail)?;
            let other = tags(predicted_document, other.words).map_err(fail)?;
            scorer.try_update(&gold, &other).map_err(|e| Failure::input(e.to_string()))?;
        }
        if let Some((.., extra)) = predicted.next() {
            return Err(self.ends_early(&self.gold_name, extra, &self.predicted_name));
        }
        Ok(scorer.compute())
    }

    fn ends_early(&self, short: &str, next: &Sentence, long: &str) -> Failure {
        let line = next.line.map_or_else(String::new, |line| format!(":{line}"));
        Failure::input(format!(
            "{long}{line}: expected as many sentences as in {short}, found one more here"
        ))
        .hint("gold and predicted files must hold the same sentences in the same order")
    }

    fn compare(
        &self,
        gold_document: &Document,
        gold: &Sentence,
        predicted_document: &Document,
        predicted: &Sentence,
    ) -> Result<(), Failure> {
        let (gold_words, predicted_words) = (gold.words.len(), predicted.words.len());
        for word in 0..gold_words.max(predicted_words) {
            let of = |document: &Document, words: WordSpan| {
                (word < words.len()).then(|| document.word(words.start + word).to_owned())
            };
            let expected = of(gold_document, gold.words);
            let found = of(predicted_document, predicted.words);
            if expected != found {
                let show = |word: Option<String>| {
                    word.map_or_else(|| "the end of the sentence".to_owned(), |w| format!("{w:?}"))
                };
                let place = |name: &str, sentence: &Sentence| match sentence.line {
                    Some(line) => format!("{name}:{}", line + word as u64),
                    None => name.to_owned(),
                };
                return Err(Failure::input(format!(
                    "{}: expected {} as at {}, found {}",
                    place(&self.predicted_name, predicted),
                    show(expected),
                    place(&self.gold_name, gold),
                    show(found)
                ))
                .hint("gold and predicted files must hold the same words in the same order"));
            }
        }
        Ok(())
    }
}

/// All sentences with their documents.
fn sentences(corpus: &Corpus) -> impl Iterator<Item = (usize, &Document, &Sentence)> {
    corpus.documents.iter().enumerate().flat_map(|(index, document)| {
        document.sentences().iter().map(move |sentence| (index, document, sentence))
    })
}

/// A floor under a score.
struct Gate {
    path: String,
    floor: f64,
}

impl Gate {
    fn parse(text: &str) -> Result<Self, Failure> {
        let bad = || {
            Failure::usage(format!("--fail-under: expected MEASURE=X, found {text:?}"))
                .hint("for example strict=0.8, strict.macro.f1=0.7 or token_accuracy=0.95")
        };
        let (path, floor) = text.rsplit_once('=').ok_or_else(bad)?;
        let floor = floor.parse().ok().filter(|floor: &f64| floor.is_finite()).ok_or_else(bad)?;
        Ok(Self { path: path.to_owned(), floor })
    }

    /// An undefined score does not reach any floor.
    fn check(&self, scores: &Scores) -> Result<(), Failure> {
        // `strict` alone is its micro F1, `strict.PER` the F1 of a type.
        let paths = ["", ".f1", ".micro.f1"].map(|end| format!("{}{end}", self.path));
        let Some(value) = paths.iter().find_map(|path| scores.value(path)) else {
            return Err(Failure::usage(format!("--fail-under: no measure {:?}", self.path))
                .hint("for example strict=0.8, strict.macro.f1=0.7 or token_accuracy=0.95"));
        };
        match value {
            Some(value) if value >= self.floor => Ok(()),
            Some(value) => Err(Failure::input(format!(
                "{}: expected {} or more, found {value:.4}",
                self.path, self.floor
            ))),
            None => Err(Failure::input(format!(
                "{}: expected {} or more, found no defined value",
                self.path, self.floor
            ))),
        }
    }
}
