//! nervaluate 1.2.1 with its list loader.
//!
//! Predictions are walked in order, and each takes a gold entity that is still free: an exact one,
//! or else the first that overlaps (for `ent_type`: of its own type the one with the closest
//! boundaries). The numbers of a type come from a run over that type alone, so that they do not add
//! up to the overall ones. An overlap of less than one percent of the gold entity is none.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::{CompatError, Tool, borrowed, check_lengths, skip_chars};

/// Counts and scores of one measure.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NervaluateRow {
    /// Right.
    pub correct: u64,
    /// Paired and wrong.
    pub incorrect: u64,
    /// Paired with other boundaries, where that is worth a half.
    pub partial: u64,
    /// Gold entities without partner.
    pub missed: u64,
    /// Predictions without partner.
    pub spurious: u64,
    /// All predictions.
    pub actual: u64,
    /// All gold entities.
    pub possible: u64,
    /// Precision; 0 where undefined.
    pub precision: f64,
    /// Recall; 0 where undefined.
    pub recall: f64,
    /// F1; 0 where undefined.
    pub f1: f64,
}

/// The four measures.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NervaluateMeasures {
    /// Span and type.
    pub strict: NervaluateRow,
    /// Span.
    pub exact: NervaluateRow,
    /// Span, half for overlap.
    pub partial: NervaluateRow,
    /// Type of overlapping spans.
    pub ent_type: NervaluateRow,
}

/// What nervaluate's `evaluate()` gives, without the indices.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NervaluateScores {
    /// All types together.
    pub overall: NervaluateMeasures,
    /// Each type by itself.
    pub per_type: BTreeMap<String, NervaluateMeasures>,
}

/// nervaluate's scores with all types that occur.
///
/// # Errors
/// [`CompatError`] if the sides differ in length, or a tag at the start of an entity has another
/// prefix than B or I.
pub fn nervaluate<S: AsRef<str>, G: AsRef<[S]>>(
    gold: &[G],
    predicted: &[G],
) -> Result<NervaluateScores, CompatError> {
    evaluate(gold, predicted, |_| true)
}

/// nervaluate's scores with these types; all others are dropped from both sides.
///
/// # Errors
/// As [`nervaluate`].
pub fn nervaluate_tags<S: AsRef<str>, G: AsRef<[S]>>(
    gold: &[G],
    predicted: &[G],
    tags: &[&str],
) -> Result<NervaluateScores, CompatError> {
    evaluate(gold, predicted, |label| tags.contains(&label))
}

/// First and last word, both inside.
#[derive(Debug, Clone, Copy)]
struct Entity<'a> {
    label: &'a str,
    start: usize,
    end: usize,
}

fn evaluate<S: AsRef<str>, G: AsRef<[S]>>(
    gold: &[G],
    predicted: &[G],
    keep: impl Fn(&str) -> bool,
) -> Result<NervaluateScores, CompatError> {
    check_lengths(Tool::Nervaluate, gold, predicted)?;
    let (gold, predicted) = (&borrowed(gold), &borrowed(predicted));
    let mut scores = NervaluateScores::default();
    let (gold, predicted) = (load_all(gold)?, load_all(predicted)?);
    for (mut gold, mut predicted) in gold.into_iter().zip(predicted) {
        gold.retain(|entity| keep(entity.label));
        predicted.retain(|entity| keep(entity.label));
        scores.overall.add(&gold, &predicted);
        let mut by_label: BTreeMap<&str, (Vec<Entity<'_>>, Vec<Entity<'_>>)> = BTreeMap::new();
        gold.iter().for_each(|e| by_label.entry(e.label).or_default().0.push(*e));
        predicted.iter().for_each(|e| by_label.entry(e.label).or_default().1.push(*e));
        for (label, (gold, predicted)) in by_label {
            scores.per_type.entry(label.to_owned()).or_default().add(&gold, &predicted);
        }
    }
    scores.overall.divide();
    scores.per_type.values_mut().for_each(NervaluateMeasures::divide);
    Ok(scores)
}

/// The entities of each sentence, as nervaluate's list loader reads them: by the text after the
/// second character, whatever the first two are unless an entity starts.
fn load_all<'a>(sentences: &[Vec<&'a str>]) -> Result<Vec<Vec<Entity<'a>>>, CompatError> {
    sentences.iter().enumerate().map(|(i, tags)| load(i, tags)).collect()
}

fn load<'a>(sentence: usize, tags: &[&'a str]) -> Result<Vec<Entity<'a>>, CompatError> {
    let mut entities = Vec::new();
    let mut open: Option<(&str, usize)> = None;
    for (word, &tag) in tags.iter().enumerate() {
        let label = skip_chars(tag, 2);
        if let Some((current, start)) = open {
            if tag != "O" && current == label && !tag.starts_with('B') {
                continue;
            }
            entities.push(Entity { label: current, start, end: word - 1 });
            open = None;
        }
        if tag != "O" {
            if !tag.starts_with("B-") && !tag.starts_with("I-") {
                return Err(CompatError::Tag {
                    tool: Tool::Nervaluate,
                    sentence,
                    word,
                    expected: "O, B- or I-",
                    found: tag.to_owned(),
                });
            }
            open = Some((label, word));
        }
    }
    if let Some((label, start)) = open {
        entities.push(Entity { label, start, end: tags.len() - 1 });
    }
    Ok(entities)
}

impl Entity<'_> {
    fn same_span(&self, other: &Self) -> bool {
        (self.start, self.end) == (other.start, other.end)
    }

    /// Whether at least one percent of this entity is covered.
    fn overlapped_by(&self, predicted: &Self) -> bool {
        if predicted.start > self.end || predicted.end < self.start {
            return false;
        }
        let shared = self.end.min(predicted.end) - self.start.max(predicted.start) + 1;
        let length = self.end - self.start + 1;
        (shared as f64 / length as f64) * 100.0 >= 1.0
    }

    const fn distance(&self, other: &Self) -> usize {
        self.start.abs_diff(other.start) + self.end.abs_diff(other.end)
    }
}

impl NervaluateMeasures {
    fn add(&mut self, gold: &[Entity<'_>], predicted: &[Entity<'_>]) {
        let strict = |g: &Entity<'_>, p: &Entity<'_>| g.label == p.label && g.same_span(p);
        let same = |g: &Entity<'_>, p: &Entity<'_>| g.same_span(p);
        self.strict.add(gold, predicted, |free, p| first(free, p, strict), false);
        self.exact.add(gold, predicted, |free, p| first(free, p, same), false);
        self.partial.add(gold, predicted, |free, p| first(free, p, same), true);
        self.ent_type.add(gold, predicted, closest, false);
    }

    fn divide(&mut self) {
        self.strict.divide();
        self.exact.divide();
        self.partial.divide();
        self.ent_type.divide();
    }
}

/// The gold entity that a prediction takes, and whether it is right for it.
type Choice = Option<(usize, bool)>;

/// Gold entities by position, of which none shares a word with another, and which of them are taken.
struct Free<'a, 'b> {
    gold: &'b [Entity<'a>],
    is_taken: Vec<bool>,
}

impl<'a> Free<'a, '_> {
    /// Those that share a word with a prediction: none else is right or overlaps.
    fn near(&self, predicted: Entity<'a>) -> impl Iterator<Item = (usize, &Entity<'a>)> {
        let first = self.gold.partition_point(|gold| gold.end < predicted.start);
        let near = self.gold.iter().enumerate().skip(first);
        near.take_while(move |(_, gold)| gold.start <= predicted.end)
            .filter(|(index, _)| !self.is_taken[*index])
    }
}

/// The first right one, or else the first that overlaps.
fn first(
    free: &Free<'_, '_>,
    predicted: &Entity<'_>,
    is_right: impl Fn(&Entity<'_>, &Entity<'_>) -> bool,
) -> Choice {
    let right = free.near(*predicted).find(|(_, gold)| is_right(gold, predicted));
    let overlapping = || free.near(*predicted).find(|(_, gold)| gold.overlapped_by(predicted));
    right.map(|(index, _)| (index, true)).or_else(|| overlapping().map(|(index, _)| (index, false)))
}

/// The overlapping one of its type with the closest boundaries, or else the first that overlaps.
fn closest(free: &Free<'_, '_>, predicted: &Entity<'_>) -> Choice {
    let overlapping = || free.near(*predicted).filter(|(_, gold)| gold.overlapped_by(predicted));
    let right = overlapping()
        .filter(|(_, gold)| gold.label == predicted.label)
        .min_by_key(|(_, gold)| gold.distance(predicted));
    right
        .map(|(index, _)| (index, true))
        .or_else(|| overlapping().next().map(|(index, _)| (index, false)))
}

impl NervaluateRow {
    fn add(
        &mut self,
        gold: &[Entity<'_>],
        predicted: &[Entity<'_>],
        choose: impl Fn(&Free<'_, '_>, &Entity<'_>) -> Choice,
        wrong_is_partial: bool,
    ) {
        let mut free = Free { gold, is_taken: vec![false; gold.len()] };
        for entity in predicted {
            match choose(&free, entity) {
                Some((index, right)) => {
                    free.is_taken[index] = true;
                    match (right, wrong_is_partial) {
                        (true, _) => self.correct += 1,
                        (false, true) => self.partial += 1,
                        (false, false) => self.incorrect += 1,
                    }
                }
                None => self.spurious += 1,
            }
        }
        self.missed += free.is_taken.iter().filter(|is_taken| !**is_taken).count() as u64;
    }

    /// Computes the scores. Only `partial` has partial counts, so one formula serves all.
    fn divide(&mut self) {
        let paired = self.correct + self.incorrect + self.partial;
        self.actual = paired + self.spurious;
        self.possible = paired + self.missed;
        let credit = self.correct as f64 + 0.5 * self.partial as f64;
        let divide = |by: u64| if by > 0 { credit / by as f64 } else { 0.0 };
        self.precision = divide(self.actual);
        self.recall = divide(self.possible);
        let sum = self.precision + self.recall;
        self.f1 = if sum > 0.0 { 2.0 * (self.precision * self.recall) / sum } else { 0.0 };
    }
}

impl NervaluateScores {
    /// nervaluate's `summary_report`, overall, `digits` after the point.
    #[must_use]
    pub fn summary(&self, digits: usize) -> String {
        let NervaluateMeasures { strict, exact, partial, ent_type } = &self.overall;
        let rows =
            [("ent_type", ent_type), ("exact", exact), ("partial", partial), ("strict", strict)];
        let width = "ent_type".len().max(digits);
        let mut out = format!("Scenario: all\n\n{:>width$} ", "");
        for heading in [
            "correct",
            "incorrect",
            "partial",
            "missed",
            "spurious",
            "precision",
            "recall",
            "f1-score",
        ] {
            let _ = write!(out, " {heading:>11}");
        }
        out.push_str("\n\n");
        for (name, row) in rows {
            let _ = write!(out, "{name:>width$} ");
            for count in [row.correct, row.incorrect, row.partial, row.missed, row.spurious] {
                let _ = write!(out, " {count:>11}");
            }
            for score in [row.precision, row.recall, row.f1] {
                let _ = write!(out, " {score:>11.digits$}");
            }
            out.push('\n');
        }
        out
    }
}
