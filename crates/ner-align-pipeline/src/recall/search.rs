//! The smallest sensitivity that keeps what was asked for.

use ner_align_metrics::guarantee::{betting_p_value, fewest_values, fixed_sequence};

use super::counting::Counting;
pub(crate) use super::counting::Evidence;
use super::path::{LARGEST, aims, path, sensitivity, sums};
use super::promise::{Group, RecallPromise, RecallTargets};
use crate::PipelineError;
use crate::sensitivity::Sensitivity;

/// Of several groups, the path is chosen in one of this many documents, and tested in the others.
const CHOOSES: usize = 4;

/// Promises for the targets, as far as annotated sentences show them: Learn then Test (Angelopoulos et al. 2021).
///
/// For each document d, `missed_d − (1 − target) · gold_d` says whether it is better or worse than the target. That its
/// mean is 0 or more is the hypothesis that is tested, for each group of types, on a path of bonuses from the largest
/// down, up to the first at which it stays.
pub(crate) fn promises(
    evidence: Evidence<'_>,
    targets: &RecallTargets,
) -> Result<Vec<RecallPromise>, PipelineError> {
    let groups = targets.groups(&evidence.dataset.labels.types())?;
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    let counting = Counting::new(evidence, &groups);
    let choosing = if groups.len() > 1 { counting.documents() / CHOOSES } else { 0 };
    let testing = choosing..counting.documents();
    let level = 1.0 - targets.confidence();
    let gold = counting.gold(testing.clone());
    for (group, gold) in groups.iter().zip(&gold) {
        check_enough(group, gold, targets.confidence(), evidence.dataset.sentences.len())?;
    }
    let aims = if groups.len() > 1 { aims(&counting, &groups, 0..choosing) } else { vec![0.0] };
    let path = path(&aims);
    let missed = |bonuses: &[f64]| counting.missed(testing.clone(), &sensitivity(&groups, bonuses));
    let p_values = |missed: &[Vec<usize>]| -> Vec<f64> {
        let each = groups.iter().zip(missed).zip(&gold);
        each.map(|((group, missed), gold)| group.p_value(missed, gold, level)).collect()
    };
    // A setting is rejected if it is for each group.
    let highest = |p_values: Vec<f64>| p_values.into_iter().fold(0.0, f64::max);
    let tested = path.iter().map(|bonuses| highest(p_values(&missed(bonuses))));
    let rejected = fixed_sequence(tested, level);
    let Some(bonuses) = rejected.checked_sub(1).and_then(|last| path.get(last)) else {
        let missed = missed(path.first().map_or(&[][..], Vec::as_slice));
        let worst = p_values(&missed).into_iter().zip(0..).max_by(|a, b| a.0.total_cmp(&b.0));
        let worst = worst.map_or(0, |(_, group)| group);
        return Err(unreached(&groups[worst], &missed[worst], &gold[worst], targets.confidence()));
    };
    let none = Sensitivity::default();
    let with =
        (sums(&missed(bonuses)), evidence.precision(&groups, &sensitivity(&groups, bonuses)));
    let without = (sums(&missed(&vec![0.0; groups.len()])), evidence.precision(&groups, &none));
    let promise = |(index, group): (usize, Group)| RecallPromise {
        target: group.target,
        confidence: targets.confidence(),
        bonus: bonuses[index],
        documents: gold[index].iter().filter(|gold| **gold > 0).count(),
        entities: gold[index].iter().sum(),
        found: gold[index].iter().sum::<usize>() - with.0[index],
        found_without: gold[index].iter().sum::<usize>() - without.0[index],
        precision: with.1[index],
        precision_without: without.1[index],
        decode: evidence.decode,
        types: group.types,
    };
    Ok(groups.iter().cloned().enumerate().map(promise).collect())
}

impl Group {
    /// The p-value of the hypothesis that the target is not reached. Documents without entities of the group are left
    /// out, as they say nothing.
    fn p_value(&self, missed: &[usize], gold: &[usize], level: f64) -> f64 {
        let (values, range) = self.values(missed, gold);
        betting_p_value(&values, range, 0.0, level)
    }

    /// How much worse than the target each document is, and within what.
    fn values(
        &self,
        missed: &[usize],
        gold: &[usize],
    ) -> (Vec<f64>, std::ops::RangeInclusive<f64>) {
        let allowed = 1.0 - self.target;
        let with_entities = missed.iter().zip(gold).filter(|(_, gold)| **gold > 0);
        let values = with_entities.map(|(&missed, &gold)| missed as f64 - allowed * gold as f64);
        let most = gold.iter().copied().max().unwrap_or(0) as f64;
        (values.collect(), -allowed * most..=self.target * most)
    }
}

/// Refuses what these documents could not show even if nothing was missed in them.
fn check_enough(
    group: &Group,
    gold: &[usize],
    confidence: f64,
    sentences: usize,
) -> Result<(), PipelineError> {
    let documents = gold.iter().filter(|gold| **gold > 0).count();
    let refuse = |expected: String, found: String, hint: &str| PipelineError::Data {
        place: group.place(),
        expected,
        found,
        hint: Some(hint.to_owned()),
    };
    if documents == 0 {
        let expected = "annotated entities of the type".to_owned();
        let found = format!("none in {sentences} sentences");
        return Err(refuse(expected, found, "the promise rests on entities that people marked"));
    }
    let (values, range) = group.values(&vec![0; gold.len()], gold);
    let needed = fewest_values(&values, range, 0.0, 1.0 - confidence);
    if needed.is_some_and(|needed| needed <= documents) {
        return Ok(());
    }
    let needed = needed.map_or_else(|| "millions of".to_owned(), |needed| needed.to_string());
    let expected = format!(
        "at least {needed} documents with such entities for {} at a confidence of {confidence}, even if \
         none is missed",
        group.target
    );
    let hint =
        "annotate more, or ask for less; where no documents are marked, each sentence is one";
    Err(refuse(expected, documents.to_string(), hint))
}

/// The error for what not even the largest bonus shows.
fn unreached(group: &Group, missed: &[usize], gold: &[usize], confidence: f64) -> PipelineError {
    let entities: usize = gold.iter().sum();
    let found = entities - missed.iter().sum::<usize>();
    let documents = gold.iter().filter(|gold| **gold > 0).count();
    let hint = if group.types.len() > 1 {
        "types that are taken for each other are missed with any bonus: ask for less, or for one type"
    } else {
        "ask for less, or annotate more"
    };
    PipelineError::Data {
        place: group.place(),
        expected: format!(
            "data that show a recall of {} at a confidence of {confidence}",
            group.target
        ),
        found: format!(
            "{found} of {entities} entities in {documents} documents with the largest bonus, {LARGEST}"
        ),
        hint: Some(hint.to_owned()),
    }
}
