//! One pass over all inputs, which counts everything.

use std::thread;

use ner_align_core::{DecodeMode, Metric, Scheme, Tag};
use ner_align_corpus::{CorpusError, for_each_document};
use ner_align_metrics::Scorer;
use ner_align_metrics::analysis::{Analyzer, SeenEntities, SentencePlace};
use ner_align_metrics::calibration::{Reliability, ScoredPrediction};
use ner_align_metrics::compat::Tool;
use ner_align_metrics::resampling::Resampling;

use crate::compat::Spellings;
use crate::pair::{advance, check_words};
use crate::source::{Opening, Part, Source};
use crate::{Outcome, Scoring, ScoringError, SourceFindings};

/// Bins of the reliability diagram, as in most papers.
const BINS: usize = 10;

/// Sentences after which it is looked at how much memory the counts take.
const WEIGH_EACH: usize = 1 << 10;

/// What was counted.
pub(crate) struct Counter {
    /// Names of the gold and the predicted input.
    names: (String, String),
    scheme: Scheme,
    mode: DecodeMode,
    tools: Vec<Tool>,
    scorer: Scorer,
    /// Of the second system.
    versus: Option<Scorer>,
    analyzer: Option<Analyzer>,
    spellings: Option<Spellings>,
    /// The predicted entities that have scores.
    scored: Vec<ScoredPrediction>,
    findings: Vec<SourceFindings>,
}

impl Counter {
    /// Reads all inputs side by side and counts them.
    pub(crate) fn read(
        scoring: &mut Scoring,
        openings: Vec<Opening>,
    ) -> Result<Self, ScoringError> {
        let (seen, training) = training(scoring)?;
        let mut counter = thread::scope(|scope| {
            let mut sources: Vec<Source> =
                openings.into_iter().map(|opening| Source::open(opening, scope)).collect();
            let counter = Self::walk(scoring, seen, &mut sources).map(|mut counter| {
                counter.findings.extend(sources.iter_mut().filter_map(Source::take_findings));
                counter
            });
            // Readers end when they find that the receivers are gone.
            drop(sources);
            counter
        })?;
        counter.findings.splice(0..0, training);
        Ok(counter)
    }

    fn walk(
        scoring: &Scoring,
        seen: Option<SeenEntities>,
        sources: &mut [Source],
    ) -> Result<Self, ScoringError> {
        let (mode, mut sources) = (scoring.mode, sources.iter_mut());
        let (Some(gold), Some(predicted)) = (sources.next(), sources.next()) else {
            return Err(ScoringError::Thread { name: "input".to_owned() });
        };
        let mut versus = sources.next();
        let mut moved = gold.advance()?;
        let scheme = scoring.scheme.or(gold.scheme()).unwrap_or(Scheme::Iob2);
        let mut analyzer = None;
        if scoring.analyze || seen.is_some() {
            // Past the memory they need not be kept: they will be refused.
            let bytes = usize::try_from(scoring.memory_of_counts()).unwrap_or(usize::MAX);
            let new = Analyzer::new(scheme, mode)
                .with_min_overlap(scoring.min_overlap)?
                .keeping(scoring.max_errors, bytes.saturating_add(1));
            analyzer = Some(match seen {
                Some(seen) => new.with_seen(seen),
                None => new,
            });
        }
        let mut counter = Self {
            names: (gold.name().to_owned(), predicted.name().to_owned()),
            scheme,
            mode,
            tools: scoring.compat.clone(),
            scorer: scoring.scorer(scheme)?,
            versus: versus.as_ref().map(|_| scoring.scorer(scheme)).transpose()?,
            analyzer,
            spellings: (!scoring.compat.is_empty()).then(Spellings::default),
            scored: Vec::new(),
            findings: Vec::new(),
        };
        let (mut document, mut sentences) = (0, 0_usize);
        loop {
            // All sides move before any ends, so that a longer side is noticed.
            let more = advance(gold, moved, predicted)?;
            if let Some(versus) = &mut versus {
                advance(gold, moved, versus)?;
            }
            if !more {
                counter.weigh(gold, scoring.memory_of_counts())?;
                return Ok(counter);
            }
            let position = gold.position();
            sentences += 1;
            if sentences % WEIGH_EACH == 0 {
                counter.weigh(gold, scoring.memory_of_counts())?;
            }
            if std::mem::replace(&mut document, position.0) != position.0 {
                counter.end_document();
            }
            for side in [Some(&mut *predicted), versus.as_deref_mut()].into_iter().flatten() {
                check_words(gold, side)?;
                gold.prepare(scheme, mode)?;
                side.prepare(scheme, mode)?;
            }
            counter.add(gold, predicted)?;
            if let (Some(versus), Some(scorer)) = (&versus, &mut counter.versus) {
                scorer.update(gold.tags(), versus.tags())?;
            }
            moved = gold.advance()?;
        }
    }

    /// Refuses counts that take more than `most` bytes.
    fn weigh(&self, gold: &Source, most: u64) -> Result<(), ScoringError> {
        let scorers = [Some(&self.scorer), self.versus.as_ref()].into_iter().flatten();
        let bytes = scorers.map(Scorer::memory_usage).sum::<u64>()
            + self.analyzer.as_ref().map_or(0, Analyzer::memory_usage)
            + self.spellings.as_ref().map_or(0, Spellings::memory)
            + (self.scored.capacity() * size_of::<ScoredPrediction>()) as u64;
        if bytes <= most {
            return Ok(());
        }
        let expected = format!("scores that take at most {} MiB of memory", most >> 20);
        let found = format!("more, with {} different labels", self.scorer.labels());
        Err(CorpusError::input("scores-too-large", expected, found)
            .at_path(gold.place())
            .with_hint(
                "see whether the right column was read as the tags, or allow more with `max_memory`",
            )
            .into())
    }

    fn end_document(&mut self) {
        self.scorer.end_document();
        if let Some(versus) = &mut self.versus {
            versus.end_document();
        }
    }

    fn add(&mut self, gold: &Source, predicted: &Source) -> Result<(), ScoringError> {
        self.scorer.update(gold.tags(), predicted.tags())?;
        self.add_scored(gold, predicted);
        if let (Some(analyzer), Some(part)) = (&mut self.analyzer, gold.part()) {
            let (document, sentence) = gold.position();
            let place = SentencePlace::new(document, sentence).with_line(part.sentence.line);
            let words = part.sentence.words.range().map(|word| part.document.word(word));
            let words: Vec<&str> = words.collect();
            analyzer.add_sentence(place, &words, gold.tags(), predicted.tags())?;
        }
        if let Some(spellings) = &mut self.spellings {
            spellings.add(gold, predicted, self.scheme);
        }
        Ok(())
    }

    /// Takes the entities of the predicted sentence that have scores. Those at words without gold
    /// annotation are neither right nor wrong.
    fn add_scored(&mut self, gold: &Source, predicted: &Source) {
        let Some(Part { document, sentence }) = predicted.part() else { return };
        let words = sentence.words;
        let first = document.entities().partition_point(|entity| entity.span.start < words.start);
        let here = document.entities()[first..]
            .iter()
            .take_while(|entity| entity.span.start < words.end)
            .filter_map(|entity| Some((entity, f64::from(entity.score?.get()))));
        let mut expected = None;
        for (entity, score) in here {
            let gold = gold.tags();
            let span = entity.span.start - words.start..entity.span.end - words.start;
            let Some(tags) = gold.get(span.clone()) else { continue };
            if tags.contains(&Tag::Missing) {
                continue;
            }
            let expected =
                expected.get_or_insert_with(|| self.scheme.decode(gold, self.mode).entities);
            // They come by position, and none shares a word with another.
            let at = expected.partition_point(|own| own.span.start < span.start);
            let is_correct = expected
                .get(at)
                .is_some_and(|own| own.span.range() == span && own.label == entity.label);
            self.scored.push(ScoredPrediction::new(score, is_correct));
        }
    }

    /// The result.
    pub(crate) fn outcome(
        self,
        bootstrap: Option<Resampling>,
        comparison: Option<Resampling>,
    ) -> Result<Outcome, ScoringError> {
        let units = self.scorer.units();
        let bootstrap = bootstrap.map(|resampling| resampling.bootstrap(units)).transpose()?;
        let versus = self.versus.zip(comparison);
        let versus = versus.map(|(other, resampling)| resampling.compare(units, other.units()));
        let versus = versus.transpose()?;
        let scores = self.scorer.compute();
        let score = |spellings: Spellings| spellings.score(self.tools, self.scheme, &scores);
        let compat = self.spellings.map_or_else(Vec::new, score);
        let analysis = self.analyzer.map(Analyzer::finish);
        let reliability = (!self.scored.is_empty()).then(|| Reliability::of(&self.scored, BINS));
        let (gold_name, predicted_name) = self.names;
        let findings = self.findings;
        Ok(Outcome {
            gold_name,
            predicted_name,
            scores,
            compat,
            bootstrap,
            versus,
            analysis,
            reliability,
            findings,
        })
    }
}

/// The entities of the training data, if there is any, and what was found in it.
fn training(
    scoring: &mut Scoring,
) -> Result<(Option<SeenEntities>, Option<SourceFindings>), ScoringError> {
    let inputs = std::mem::take(&mut scoring.training);
    if inputs.is_empty() {
        return Ok((None, None));
    }
    let name = inputs.iter().map(|input| input.name()).collect::<Vec<_>>().join(", ");
    let mut seen = SeenEntities::default();
    let most = scoring.memory_of_counts();
    let corpus = for_each_document(inputs, &scoring.read_options, |document| {
        seen.add_document(&document);
        if seen.memory_usage() <= most {
            return Ok(());
        }
        let expected = format!("training entities that take at most {} MiB of memory", most >> 20);
        let found = format!("more, with {} different texts", seen.len());
        Err(CorpusError::input("scores-too-large", expected, found)
            .with_hint("take a part of them, or allow more with `max_memory`"))
    })?;
    let (findings, counts) = (corpus.findings, corpus.finding_counts);
    Ok((Some(seen), Some(SourceFindings { name, findings, counts })))
}
