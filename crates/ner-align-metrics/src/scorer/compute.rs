//! Integers to scores.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use ner_align_core::{Label, Prefix, Scheme, Tag};
use rustc_hash::FxHashMap;

use super::codes::{OUTSIDE, code_of};
use super::counts::{Counts, NONE, PairTable};
use crate::confusion::{ConfusionMatrix, MAX_LABELS, MAX_TYPES, NO_ENTITY, OTHER_LABELS};
use crate::matching::Rule;
use crate::prf::{Mean, Prf, Ratios, Tally};
use crate::{Averages, ErrorCounts, Measures, Scores};

pub(super) fn scores(counts: &Counts, names: &[Label], scheme: Scheme, ratios: Ratios) -> Scores {
    let labels = sorted(names);
    let strict = semeval_tallies(counts, Rule::Strict, names.len());
    let own_rows = own_rows(&labels, &strict);
    let row =
        |tallies: &[Tally], total: Tally| averages(&labels, &own_rows, tallies, total, ratios);
    let measure = |rule: Rule| row(&semeval_tallies(counts, rule, names.len()), Tally::semeval());
    let scores = Measures {
        strict: row(&strict, Tally::semeval()),
        exact: measure(Rule::Exact),
        partial: measure(Rule::Partial),
        entity_type: measure(Rule::Type),
        relaxed: row(&relaxed_tallies(counts, names.len()), Tally::default()),
    };
    drop(strict);
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

/// Which label ids have a row of their own: all, or of more than [`MAX_TYPES`] those with the most entities.
fn own_rows(labels: &[(&Label, usize)], strict: &[Tally]) -> Vec<bool> {
    let occurs = |id: usize| strict[id].support + strict[id].predicted > 0;
    if labels.iter().filter(|(_, id)| occurs(*id)).count() <= MAX_TYPES {
        return vec![true; strict.len()];
    }
    // By code point among those with as many. A label that is called as the row of the others is one of them.
    let mut order: Vec<usize> = labels
        .iter()
        .filter(|(label, _)| label.as_str() != OTHER_LABELS)
        .map(|(_, id)| *id)
        .collect();
    order.sort_by_key(|&id| Reverse(strict[id].support + strict[id].predicted));
    let mut own = vec![false; strict.len()];
    order.into_iter().take(MAX_TYPES).for_each(|id| own[id] = true);
    own
}

/// Rows of the labels that occur, and their averages; `total` says which counts there are.
fn averages(
    labels: &[(&Label, usize)],
    own_rows: &[bool],
    tallies: &[Tally],
    mut total: Tally,
    ratios: Ratios,
) -> Averages {
    let mut per_type = BTreeMap::new();
    let (mut macro_, mut weighted) = (Mean::default(), Mean::default());
    let mut others: Option<Tally> = None;
    let none = total;
    for &(label, id) in labels {
        let tally = &tallies[id];
        total.add(tally);
        // A label met only in predictions that are not scored has nothing to show.
        if tally.support + tally.predicted == 0 {
            continue;
        }
        let scores = tally.scores(ratios);
        macro_.add(&scores, 1.0);
        weighted.add(&scores, tally.support as f64);
        if own_rows[id] {
            per_type.insert(label.to_string(), tally.prf(ratios));
        } else {
            others.get_or_insert(none).add(tally);
        }
    }
    if let Some(others) = others {
        per_type.insert(OTHER_LABELS.to_owned(), others.prf(ratios));
    }
    Averages {
        micro: total.prf(ratios),
        macro_: total.average(ratios, &macro_, "no entity types"),
        weighted: total.average(ratios, &weighted, "no gold entities"),
        per_type,
    }
}

fn tag_confusion(counts: &Counts, labels: &[(&Label, usize)], scheme: Scheme) -> ConfusionMatrix {
    let outside =
        (counts.outside > 0).then_some((OUTSIDE as usize, OUTSIDE as usize, counts.outside));
    let cells: Vec<_> = counts.tags.cells().chain(outside).collect();
    let mut tags = vec![(OUTSIDE as usize, None)];
    tags.extend(labels.iter().flat_map(|&(label, id)| {
        Prefix::ALL.map(|prefix| (code_of(prefix, id as u32) as usize, Some((prefix, label))))
    }));
    let name = |tag: &Option<(Prefix, &Label)>| {
        let tag = tag.map_or(Tag::Outside, |(prefix, label)| Tag::entity(prefix, label.clone()));
        tag.display(scheme).to_string()
    };
    // O is a row even where no word is.
    confusion(tags, &cells, |code| code == OUTSIDE as usize, name)
}

fn entity_confusion(counts: &Counts, labels: &[(&Label, usize)]) -> ConfusionMatrix {
    let cells: Vec<_> = cells(counts, &counts.pairs[Rule::Strict as usize])
        .map(|(gold, predicted, _, count)| (gold, predicted, count))
        .collect();
    let mut rows: Vec<_> = labels.iter().map(|(label, id)| (1 + id, label.as_str())).collect();
    rows.push((NONE, NO_ENTITY));
    confusion(rows, &cells, |row| row == NONE, |name| (*name).to_owned())
}

/// The matrix of those `rows`, each an index into the cells and what `name` makes a name of, that have counts or
/// that `always` asks for. Beyond [`MAX_LABELS`], the ones with the fewest counts become one.
fn confusion<T>(
    mut rows: Vec<(usize, T)>,
    cells: &[(usize, usize, u64)],
    always: impl Fn(usize) -> bool,
    name: impl Fn(&T) -> String,
) -> ConfusionMatrix {
    let mut weights: FxHashMap<usize, u64> = FxHashMap::default();
    for &(row, column, count) in cells {
        *weights.entry(row).or_default() += count;
        *weights.entry(column).or_default() += count;
    }
    rows.retain(|(row, _)| weights.contains_key(row) || always(*row));
    let mut kept: Vec<usize> = (0..rows.len()).collect();
    let are_folded = rows.len() > MAX_LABELS;
    if are_folded {
        let weight = |row: usize| {
            if always(row) { u64::MAX } else { weights.get(&row).copied().unwrap_or(0) }
        };
        kept.sort_by_key(|&i| (Reverse(weight(rows[i].0)), i));
        kept.truncate(MAX_LABELS);
        kept.sort_unstable();
    }
    let mut rows: Vec<(usize, String)> =
        kept.into_iter().map(|i| (rows[i].0, name(&rows[i].1))).collect();
    if are_folded {
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
