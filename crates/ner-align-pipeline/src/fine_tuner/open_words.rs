//! Words that the training data leave open: they have no label, and yet may belong to an entity of a
//! type that their corpus does not mark.

use std::collections::BTreeSet;
use std::sync::Arc;

use ndarray::ArrayView1;
use ner_align_core::{Batch, Dataset, Label, LabelSet, Rows, SoftRows, SoftTarget, Tag, Window};

use super::data::{Part, entity_types};
use crate::PipelineError;
use crate::backend::{Backend, OpenedModel};
use crate::model_source::ModelSource;
use crate::settings::{BaseTypes, Head, Marks, ModelSettings, Settings};

/// Windows that go through the base model at once.
const WINDOWS: usize = 32;

/// The classes of a run whose base model finds types that the training data lack, and these types:
/// none where the settings drop them.
///
/// The types of a base model stay with its classes, so that its scheme is that of the run.
pub(super) fn joined_classes(
    settings: &ModelSettings,
    labels: &LabelSet,
    base: Option<&LabelSet>,
) -> Result<(LabelSet, BTreeSet<Label>), PipelineError> {
    let own: BTreeSet<Label> = labels.types().into_iter().collect();
    let keeps = settings.base_types == BaseTypes::Keep && settings.head == Head::Linear;
    let Some(base) = base.filter(|_| keeps) else { return Ok((labels.clone(), BTreeSet::new())) };
    let kept: BTreeSet<Label> = base.types().into_iter().filter(|t| !own.contains(t)).collect();
    if kept.is_empty() {
        return Ok((labels.clone(), kept));
    }
    if settings.scheme.is_some_and(|scheme| scheme != base.scheme()) {
        return Err(PipelineError::Data {
            place: "scheme".to_owned(),
            expected: format!("{}, that of the base model's classes", base.scheme()),
            found: labels.scheme().to_string(),
            hint: Some("base_types = \"drop\" trains a head without them".to_owned()),
        });
    }
    let all = settings.strategy.label_set(own.into_iter().chain(kept.clone()), base.scheme());
    // A class of the base that the run lacks could not be learned from it.
    match all.partial_ids_of(base).iter().position(Option::is_none) {
        None => Ok((all, kept)),
        Some(id) => Err(PipelineError::Data {
            place: "the base model".to_owned(),
            expected: format!("classes of the scheme {} alone", base.scheme()),
            found: base.names()[id].clone(),
            hint: Some("base_types = \"drop\" trains a head without them".to_owned()),
        }),
    }
}

/// True if the head of the base model stays for types that the run shares with it.
pub(super) fn keeps_some(settings: &Settings, base: Option<&LabelSet>, labels: &LabelSet) -> bool {
    let types = base.map(LabelSet::types).unwrap_or_default();
    settings.model.base_types == BaseTypes::Keep
        && labels.types().iter().any(|label| types.contains(label))
}

/// The soft targets of words that the training data leave open; see [`OpenWords`].
pub(super) fn soft_targets(
    backend: &dyn Backend,
    base: &ModelSource,
    settings: &Settings,
    train: &Part,
    (windows, kept): (&Dataset, &BTreeSet<Label>),
) -> Result<Vec<SoftRows>, PipelineError> {
    if kept.is_empty() && settings.model.marks == Marks::All {
        return Ok(Vec::new());
    }
    let base = match kept.is_empty() {
        true => None,
        false => Some(backend.open(&base.path, &settings.computing())?),
    };
    let marked = train.marked();
    let marked = |document| &marked[train.corpus_of(document)];
    OpenWords { marked: &marked, base: base.as_ref() }.targets(windows)
}

/// The types that predictions are scored by: those that nobody marked would all be wrong.
pub(super) struct ScoredTypes {
    /// Those of the training data; `None` if each corpus marks types of its own.
    train: Option<BTreeSet<Label>>,
    all: bool,
}

impl ScoredTypes {
    pub(super) fn new(train: &Part, kept: &BTreeSet<Label>, apart: bool) -> Self {
        let all = kept.is_empty() && !apart;
        Self { train: (!apart).then(|| entity_types(&train.documents)), all }
    }

    /// Those of a part of the data; `None`: all.
    pub(super) fn of(&self, part: &Part) -> Option<BTreeSet<Label>> {
        let own = entity_types(&part.documents);
        (!self.all).then(|| own.into_iter().chain(self.train.clone().unwrap_or_default()).collect())
    }
}

/// What words without a label should become, one list for each window; no list at all where every
/// word has its class.
///
/// A word without a label is of no type that its document marks. Of the types that the base model
/// knows it is what the model says. Of the rest nobody knows anything.
struct OpenWords<'a> {
    /// The types that each document marks.
    marked: &'a dyn Fn(usize) -> &'a BTreeSet<Label>,
    /// The base model, if some of its types are kept.
    base: Option<&'a OpenedModel>,
}

impl OpenWords<'_> {
    fn targets(&self, train: &Dataset) -> Result<Vec<SoftRows>, PipelineError> {
        let Some(outside) = train.labels.id(&Tag::Outside) else { return Ok(Vec::new()) };
        let classes = train.labels.len();
        let of_base = self.base.map(|base| train.labels.partial_ids_of(&base.labels));
        let of_base = of_base.unwrap_or_default();
        let mut soft = Vec::with_capacity(train.windows.len());
        for windows in train.windows.chunks(WINDOWS) {
            let batch = Batch::pack(windows, Rows::Labelled);
            let answers = match self.base {
                Some(base) => Some(base.classifier.logits(&batch)?),
                None => None,
            };
            let mut row = 0;
            for window in windows {
                let open = self.classes(train, window);
                let mut rows = SoftRows::new();
                for position in window.labelled() {
                    if window.labels[position] == outside as i64 {
                        let target = match &answers {
                            Some(logits) => {
                                Some(open.answer(logits.row(row), &of_base, outside, classes))
                            }
                            None => open.any(outside),
                        };
                        rows.extend(target.map(|target| (position, target)));
                    }
                    row += 1;
                }
                soft.push(rows);
            }
        }
        let has_none = soft.iter().all(Vec::is_empty);
        Ok(if has_none { Vec::new() } else { soft })
    }

    /// The classes of the types that the document of a window does not mark.
    fn classes(&self, train: &Dataset, window: &Window) -> OpenClasses {
        let document = train.sentences.get(window.sentence).map_or(0, |gold| gold.document);
        let marked = (self.marked)(document);
        let is_open = |id: &usize| {
            let label = train.labels.tag(*id).and_then(Tag::label);
            label.is_some_and(|label| !marked.contains(label))
        };
        OpenClasses((0..train.labels.len()).filter(is_open).collect())
    }
}

/// Ids of classes that a word without a label may have beside `O`.
struct OpenClasses(Arc<[usize]>);

impl OpenClasses {
    /// `O` or one of them; `None` if there is only `O`.
    fn any(&self, outside: usize) -> Option<SoftTarget> {
        if self.0.is_empty() {
            return None;
        }
        let mut ids: Vec<usize> = self.0.iter().copied().chain([outside]).collect();
        ids.sort_unstable();
        Some(SoftTarget::AnyOf(ids.into()))
    }

    /// What the base model says of them; the rest is `O`. `of_base` are the ids of its classes among
    /// the `classes` of the run.
    fn answer(
        &self,
        logits: ArrayView1<'_, f32>,
        of_base: &[Option<usize>],
        outside: usize,
        classes: usize,
    ) -> SoftTarget {
        let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let weights: Vec<f32> = logits.iter().map(|logit| (logit - highest).exp()).collect();
        let total: f32 = weights.iter().sum();
        let mut row = vec![0.0; classes];
        for (id, weight) in of_base.iter().zip(weights) {
            let own = id.filter(|id| self.0.contains(id)).unwrap_or(outside);
            row[own] += weight / total;
        }
        SoftTarget::Distribution(row.into())
    }
}

#[cfg(test)]
mod tests {
    use ner_align_core::Scheme;

    use super::*;

    fn types(names: &[&str]) -> Vec<Label> {
        names.iter().map(|name| name.parse().unwrap()).collect()
    }

    fn labels(names: &[&str]) -> LabelSet {
        LabelSet::new(types(names), Scheme::Iob2)
    }

    #[test]
    fn classes_are_joined_as_the_settings_say() {
        let (base, own) = (labels(&["LOC", "PER"]), labels(&["PER", "WORK"]));
        for (base_types, head, names, kept) in [
            (BaseTypes::Keep, Head::Linear, &["LOC", "PER", "WORK"][..], &["LOC"][..]),
            (BaseTypes::Drop, Head::Linear, &["PER", "WORK"], &[]),
            (BaseTypes::Keep, Head::Crf, &["PER", "WORK"], &[]),
        ] {
            let settings = ModelSettings { base_types, head, ..ModelSettings::default() };
            let (all, found) = joined_classes(&settings, &own, Some(&base)).unwrap();
            assert_eq!(all.types(), types(names));
            assert_eq!(found.into_iter().collect::<Vec<_>>(), types(kept));
            assert_eq!(joined_classes(&settings, &own, None).unwrap().0, own);
        }
    }

    #[test]
    fn a_word_without_a_label_is_what_its_corpus_does_not_mark() {
        // O, B-LOC, I-LOC, B-PER, I-PER; PER is marked.
        let open = OpenClasses([1, 2].into());
        assert_eq!(open.any(0), Some(SoftTarget::AnyOf([0, 1, 2].into())));
        assert_eq!(OpenClasses([].into()).any(0), None);
        // A base model with O, B-PER, B-LOC: what it takes for PER is O here.
        let logits = ndarray::arr1(&[0.0, 1.0_f32.ln(), 2.0_f32.ln()]);
        let target = open.answer(logits.view(), &[Some(0), Some(3), Some(1)], 0, 5);
        let SoftTarget::Distribution(row) = target else { panic!("{target:?}") };
        let expected = [0.5, 0.5, 0.0, 0.0, 0.0];
        assert!(row.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{row:?}");
    }
}
