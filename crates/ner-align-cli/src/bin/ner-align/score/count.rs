//! One walk through all files, which counts everything that was asked for.

use std::thread;

use ner_align_cli::Failure;
use ner_align_core::{DecodeMode, Metric, Scheme};
use ner_align_metrics::analysis::{Analyzer, SeenEntities, SentencePlace};
use ner_align_metrics::{MetricsError, Scorer};

use super::compat::Spellings;
use super::pair::{advance, both, tags, tags_in};
use super::source::{Input, Part, Source};
use super::{ScoreArgs, failure};

/// What was counted.
pub(super) struct Counted {
    /// Names of the gold and the predicted file.
    pub(super) names: (String, String),
    /// The scheme of the gold tags, or the one asked for.
    pub(super) scheme: Scheme,
    mode: DecodeMode,
    pub(super) scorer: Scorer,
    /// Of the second system.
    pub(super) versus: Option<Scorer>,
    pub(super) analyzer: Option<Analyzer>,
    pub(super) spellings: Option<Spellings>,
}

/// A scorer as the command line has it.
pub(super) fn scorer(arguments: &ScoreArgs, scheme: Scheme) -> Result<Scorer, Failure> {
    let failed = |option: &str, error: MetricsError| match error {
        MetricsError::Option { expected, found, .. } => {
            Failure::usage(format!("{option}: expected {expected}, found {found}"))
        }
        other => failure(&other),
    };
    let scorer = Scorer::new(scheme, arguments.mode())
        .with_min_overlap(arguments.min_overlap)
        .map_err(|error| failed("--min-overlap", error))?
        .with_beta(arguments.beta)
        .map_err(|error| failed("--beta", error))?;
    let units = arguments.bootstrap.is_some() || arguments.versus.is_some();
    Ok(if units { scorer.recording_units() } else { scorer })
}

/// Errors and buckets, if anything was asked for that shows them.
fn analyzer(arguments: &ScoreArgs, scheme: Scheme) -> Result<Option<Analyzer>, Failure> {
    if !arguments.errors && arguments.html.is_none() && arguments.train.is_empty() {
        return Ok(None);
    }
    let analyzer = Analyzer::new(scheme, arguments.mode())
        .with_min_overlap(arguments.min_overlap)
        .map_err(|error| failure(&error))?;
    if arguments.train.is_empty() {
        return Ok(Some(analyzer));
    }
    let mut seen = SeenEntities::default();
    let training = arguments.corpus.read(&arguments.train, arguments.scheme)?;
    training.documents.iter().for_each(|document| seen.add_document(document));
    Ok(Some(analyzer.with_seen(seen)))
}

/// Reads all inputs side by side and counts them.
pub(super) fn count(arguments: &ScoreArgs, inputs: Vec<Input>) -> Result<Counted, Failure> {
    thread::scope(|scope| {
        let mut sources: Vec<Source> =
            inputs.into_iter().map(|input| Source::open(input, scope)).collect();
        let counted = walk(arguments, &mut sources);
        if counted.is_ok() {
            sources.iter().for_each(Source::report);
        }
        // Readers that wait for somebody to listen see that nobody does, and end.
        drop(sources);
        counted
    })
}

fn walk(arguments: &ScoreArgs, sources: &mut [Source]) -> Result<Counted, Failure> {
    let [gold, predicted, versus @ ..] = sources else {
        return Err(Failure::usage("expected GOLD and PRED, or --columns FILE"));
    };
    let mut versus = versus.first_mut();
    let mut moved = gold.advance()?;
    let scheme = arguments.scheme.or(gold.scheme()).unwrap_or(Scheme::Iob2);
    let mut counted = Counted {
        names: (gold.name().to_owned(), predicted.name().to_owned()),
        scheme,
        mode: arguments.mode(),
        scorer: scorer(arguments, scheme)?,
        versus: versus.as_ref().map(|_| scorer(arguments, scheme)).transpose()?,
        analyzer: analyzer(arguments, scheme)?,
        spellings: (!arguments.compat.is_empty()).then(Spellings::default),
    };
    let mut document = 0;
    loop {
        // All sides move before any ends, so that a side that is longer is found out.
        let more = advance(gold, moved, predicted)?;
        if let Some(versus) = &mut versus {
            advance(gold, moved, versus)?;
        }
        if !more {
            break;
        }
        if std::mem::replace(&mut document, gold.place().0) != gold.place().0 {
            counted.end_document();
        }
        if let Some((gold_part, part)) = both(gold, predicted)? {
            counted.add(gold.place(), gold_part, part)?;
        }
        if let Some(versus) = &versus
            && let Some((gold_part, part)) = both(gold, versus)?
            && let Some(scorer) = &mut counted.versus
        {
            let tags = |part| tags_in(part, scheme, arguments.mode());
            let (gold, predicted) = (tags(gold_part)?, tags(part)?);
            scorer.update(&gold, &predicted).map_err(|error| failure(&error))?;
        }
        moved = gold.advance()?;
    }
    Ok(counted)
}

impl Counted {
    fn end_document(&mut self) {
        self.scorer.end_document();
        if let Some(versus) = &mut self.versus {
            versus.end_document();
        }
    }

    fn add(
        &mut self,
        (document, sentence): (usize, usize),
        gold: Part<'_>,
        predicted: Part<'_>,
    ) -> Result<(), Failure> {
        let scored = |part| tags_in(part, self.scheme, self.mode);
        let (gold_tags, predicted_tags) = (scored(gold)?, scored(predicted)?);
        let failed = |error| failure(&error);
        self.scorer.update(&gold_tags, &predicted_tags).map_err(failed)?;
        if let Some(analyzer) = &mut self.analyzer {
            let place = SentencePlace::new(document, sentence).with_line(gold.sentence.line);
            let words = gold.sentence.words.range().map(|word| gold.document.word(word));
            let words: Vec<&str> = words.collect();
            analyzer.add_sentence(place, &words, &gold_tags, &predicted_tags).map_err(failed)?;
        }
        if let Some(spellings) = &mut self.spellings {
            let read = |part| tags(part, self.scheme);
            spellings.add(gold, &read(gold)?, predicted, &read(predicted)?, self.scheme);
        }
        Ok(())
    }
}
