//! Integers to scores.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use ner_align_core::{Label, Prefix, Scheme, Tag};
use rustc_hash::FxHashMap;

use super::codes::{OUTSIDE, code_of};
use super::counts::{Counts, NONE, PairTable};
use crate::confusion::{ConfusionMatrix, MAX_LABELS, NO_ENTITY, OTHER_LABELS};
use crate::matching::Rule;
use crate::prf::{Prf, Ratios, Tally};
use crate::{Averages, ErrorCounts, Measures, Scores};

pub(super) fn scores(counts: &Counts, names: &[Label], scheme: Scheme, ratios: Ratios) -> Scores {
    let labels = sorted(names);
    let measure = |rule: Rule| {
        averages(&labels, &semeval_tallies(counts, rule, names.len()), Tally::semeval(), ratios)
    };
    let scores = Measures {
        strict: measure(Rule::Strict),
        exact: measure(Rule::Exact),
        partial: measure(Rule::Partial),
        entity_type: measure(Rule::Type),
        relaxed: averages(&labels, &relaxed_tallies(counts, names.len()), Tally::default(), ratios),
    };
    let confusion = tag_confusion(counts, &labels, scheme);
    let token_accuracy =
        ratios.zero_division.divide(confusion.correct() as f64, counts.tagged_words as f64);
    let mut undefined = BTreeMap::new();
    if token_accuracy.is_none() {
        undefined.insert("token_accuracy".to_owned(), "no words with tags".to_owned());
    }
    Scores {
        documents: counts.documents + u64::from(counts.open_document),
        sentences: counts.sentences,
        tokens: counts.tagged_words + counts.span_words,
        unannotated_tokens: counts.unannotated_words,
        unscored_predictions: counts.unscored_predictions,
        gold_entities: scores.strict.micro.support,
        predicted_entities: scores.strict.micro.predicted,
        token_accuracy,
        errors: errors(counts, &scores.strict.micro),
        scores,
        confusion,
        entity_confusion: entity_confusion(counts, &labels),
        beta: (ratios.beta != 1.0).then_some(ratios.beta),
        undefined,
    }
}

/// Labels by code point, each with its id.
fn sorted(names: &[Label]) -> Vec<(&Label, usize)> {
    let mut labels: Vec<(&Label, usize)> = names.iter().enumerate().map(|(i, l)| (l, i)).collect();
    labels.sort_unstable();
    labels
}

/// Pairs of a table with what is identical, as gold row, predicted column, equal spans, count.
fn cells<'a>(
    counts: &'a Counts,
    table: &'a PairTable,
) -> impl Iterator<Item = (usize, usize, bool, u64)> + 'a {
    let identical = counts.identical.iter().enumerate().filter(|(_, count)| **count > 0);
    let identical = identical.map(|(label, &count)| (1 + label, 1 + label, true, count));
    let same = table.same_span.cells().map(|(g, p, count)| (g, p, true, count));
    let other = table.other.cells().map(|(g, p, count)| (g, p, false, count));
    identical.chain(same).chain(other)
}

/// One tally a label id: counts charged to the gold label, credit of predictions to theirs.
fn semeval_tallies(counts: &Counts, rule: Rule, labels: usize) -> Vec<Tally> {
    let mut tallies = vec![Tally::semeval(); labels];
    for (gold, predicted, same_span, count) in cells(counts, &counts.pairs[rule as usize]) {
        let half_credits = rule.half_credits(same_span, gold == predicted);
        let credit = (count * half_credits) as f64 / 2.0;
        if gold != NONE {
            let tally = &mut tallies[gold - 1];
            tally.support += count;
            let semeval = tally.semeval.get_or_insert_default();
            if predicted == NONE {
                semeval.missed += count;
                continue;
            }
            tally.credit_gold += credit;
            match half_credits {
                2 => tally.correct += count,
                1 => semeval.partial += count,
                _ => semeval.incorrect += count,
            }
        }
        let tally = &mut tallies[predicted - 1];
        tally.predicted += count;
        if gold == NONE {
            tally.semeval.get_or_insert_default().spurious += count;
        } else {
            tally.credit_predicted += credit;
        }
    }
    tallies
}

fn relaxed_tallies(counts: &Counts, labels: usize) -> Vec<Tally> {
    let tally = |label: usize| {
        let words = counts.words.get(label).copied().unwrap_or_default();
        Tally {
            support: words.gold,
            predicted: words.predicted,
            correct: words.correct,
            credit_gold: words.correct as f64,
            credit_predicted: words.correct as f64,
            semeval: None,
        }
    };
    (0..labels).map(tally).collect()
}

/// Rows of the labels that occur, and their averages; `total` says which counts there are.
fn averages(
    labels: &[(&Label, usize)],
    tallies: &[Tally],
    mut total: Tally,
    ratios: Ratios,
) -> Averages {
    let mut per_type = BTreeMap::new();
    for &(label, id) in labels {
        let tally = &tallies[id];
        total.add(tally);
        // A label met only in predictions that are not scored has nothing to show.
        if tally.support + tally.predicted > 0 {
            per_type.insert(label.to_string(), tally.prf(ratios));
        }
    }
    Averages {
        micro: total.prf(ratios),
        macro_: total.average(ratios, &per_type, |_| 1.0, "no entity types"),
        weighted: total.average(ratios, &per_type, |row| row.support as f64, "no gold entities"),
        per_type,
    }
}

fn tag_confusion(counts: &Counts, labels: &[(&Label, usize)], scheme: Scheme) -> ConfusionMatrix {
    let outside =
        (counts.outside > 0).then_some((OUTSIDE as usize, OUTSIDE as usize, counts.outside));
    let cells: Vec<_> = counts.tags.cells().chain(outside).collect();
    let name = |tag: &Tag| tag.display(scheme).to_string();
    let mut codes = vec![(OUTSIDE as usize, name(&Tag::Outside))];
    for &(label, id) in labels {
        codes.extend(Prefix::ALL.map(|prefix| {
            let tag = Tag::entity(prefix, label.clone());
            (code_of(prefix, id as u32) as usize, name(&tag))
        }));
    }
    // O is a row even where no word is.
    confusion(codes, &cells, |code| code == OUTSIDE as usize)
}

fn entity_confusion(counts: &Counts, labels: &[(&Label, usize)]) -> ConfusionMatrix {
    let cells: Vec<_> = cells(counts, &counts.pairs[Rule::Strict as usize])
        .map(|(gold, predicted, _, count)| (gold, predicted, count))
        .collect();
    let mut rows: Vec<_> = labels.iter().map(|(label, id)| (1 + id, label.to_string())).collect();
    rows.push((NONE, NO_ENTITY.to_owned()));
    confusion(rows, &cells, |row| row == NONE)
}

/// The matrix of those `rows`, each an index into the cells and a name, that have counts or that
/// `always` asks for. Beyond [`MAX_LABELS`], the ones with the fewest counts become one.
fn confusion(
    mut rows: Vec<(usize, String)>,
    cells: &[(usize, usize, u64)],
    always: impl Fn(usize) -> bool,
) -> ConfusionMatrix {
    let mut weights: FxHashMap<usize, u64> = FxHashMap::default();
    for &(row, column, count) in cells {
        *weights.entry(row).or_default() += count;
        *weights.entry(column).or_default() += count;
    }
    rows.retain(|(row, _)| weights.contains_key(row) || always(*row));
    if rows.len() > MAX_LABELS {
        let weight = |row: &(usize, String)| {
            if always(row.0) { u64::MAX } else { weights.get(&row.0).copied().unwrap_or(0) }
        };
        let mut by_weight: Vec<(u64, usize)> =
            rows.iter().enumerate().map(|(i, row)| (weight(row), i)).collect();
        by_weight.sort_by_key(|&(weight, i)| (Reverse(weight), i));
        let mut kept: Vec<usize> = by_weight.iter().take(MAX_LABELS).map(|(_, i)| *i).collect();
        kept.sort_unstable();
        rows = kept.into_iter().map(|i| std::mem::take(&mut rows[i])).collect();
        // Before the last row, which has a meaning of its own in the confusion of entities.
        let place = rows.len() - 1;
        rows.insert(place, (usize::MAX, OTHER_LABELS.to_owned()));
    }
    let index: FxHashMap<usize, usize> =
        rows.iter().enumerate().map(|(place, (row, _))| (*row, place)).collect();
    let place = |row: usize| index.get(&row).or_else(|| index.get(&usize::MAX)).copied();
    let side = rows.len();
    let mut matrix = vec![0; side * side];
    for &(row, column, count) in cells {
        if let (Some(row), Some(column)) = (place(row), place(column)) {
            matrix[row * side + column] += count;
        }
    }
    let names = rows.into_iter().map(|(_, name)| name).collect();
    ConfusionMatrix::from_cells(names, |row, column| matrix[row * side + column])
}

fn errors(counts: &Counts, strict: &Prf) -> ErrorCounts {
    let table = &counts.pairs[Rule::Strict as usize];
    let mut errors =
        ErrorCounts { merged: counts.merged, split: counts.split, ..ErrorCounts::default() };
    for (gold, predicted, count) in table.other.cells() {
        match (gold, predicted) {
            (NONE, _) | (_, NONE) => {}
            _ if gold == predicted => errors.boundary += count,
            _ => errors.boundary_and_type += count,
        }
    }
    let retyped = table.same_span.cells().filter(|(gold, predicted, _)| gold != predicted);
    errors.entity_type = retyped.map(|(.., count)| count).sum();
    let semeval = strict.semeval.unwrap_or_default();
    errors.missed = semeval.missed - counts.merged;
    errors.spurious = semeval.spurious - counts.split;
    errors
}
