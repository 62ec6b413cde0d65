//! Rows without a class: learned from a distribution or from several classes, and heads that keep what they know.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use std::path::{Path, PathBuf};

use ner_align_core::{
    Batch, IGNORE_INDEX, LabelSet, SoftRows, SoftTarget, StepInput, TokenClassifier, TrainStep,
};
use ner_align_tch::{Head, LoadOptions, ModelError, Precision, TchClassifier};

fn oracle() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles/bert")
}

/// On a processor, and on the way that batches take through a GPU.
fn both_ways() -> [TchClassifier; 2] {
    [false, true].map(|way| {
        let options = LoadOptions::default().with_precision(Precision::F32).with_way_of_a_gpu(way);
        TchClassifier::load(oracle(), &options).unwrap()
    })
}

/// Two windows whose positions all have this class; of those at an even place if `halves`.
fn batch(class: i64, halves: bool) -> Batch {
    let target = |row: usize| if halves && row % 2 == 1 { IGNORE_INDEX } else { class };
    Batch {
        input_ids: vec![5, 6, 7, 8, 9, 10, 11],
        boundaries: vec![0, 4, 7],
        rows: (0..7).collect(),
        targets: (0..7).map(target).collect(),
    }
}

/// The rows at an odd place with this target.
fn odd(target: &SoftTarget) -> SoftRows {
    (0..7).filter(|row| row % 2 == 1).map(|row| (row, target.clone())).collect()
}

fn one_hot(class: usize, classes: usize) -> SoftTarget {
    SoftTarget::Distribution((0..classes).map(|id| f32::from(u8::from(id == class))).collect())
}

fn values(tensor: &tch::Tensor) -> Vec<f32> {
    let mut values = vec![0.0; tensor.numel()];
    tensor.contiguous().copy_data(&mut values, tensor.numel());
    values
}

#[test]
fn a_soft_target_of_one_class_is_that_class() {
    for model in both_ways() {
        let (loss, gradients) = model.loss_and_gradients(&batch(1, false)).unwrap();
        for target in [one_hot(1, model.num_labels()), SoftTarget::AnyOf([1].into())] {
            let (soft_loss, soft) =
                model.loss_and_gradients_with(&batch(1, true), &odd(&target)).unwrap();
            assert!((loss - soft_loss).abs() < 1e-6, "{target:?}: {loss} {soft_loss}");
            for ((name, own), (_, soft)) in gradients.iter().zip(&soft) {
                let far = values(own).iter().zip(values(soft)).any(|(a, b)| (a - b).abs() > 1e-6);
                assert!(!far, "{target:?}: {name}");
            }
        }
    }
}

#[test]
fn losses_are_those_of_the_formulas() {
    for model in both_ways() {
        let (classes, batch) = (model.num_labels(), batch(0, true));
        let logits = model.logits(&batch).unwrap();
        let log_p = |row: usize, class: usize| {
            let row = logits.row(row);
            row[class] - row.iter().map(|logit| logit.exp()).sum::<f32>().ln()
        };
        let share = 1.0 / classes as f32;
        let even = SoftTarget::Distribution(vec![share; classes].into());
        let any = SoftTarget::AnyOf([0, 2].into());
        let of_even = |row| -(0..classes).map(|class| share * log_p(row, class)).sum::<f32>();
        let of_any = |row| -(log_p(row, 0).exp() + log_p(row, 2).exp()).ln();
        let of: [(&SoftTarget, &dyn Fn(usize) -> f32); 2] = [(&even, &of_even), (&any, &of_any)];
        for (target, soft_loss) in of {
            let all = (0..7).map(|row| if row % 2 == 1 { soft_loss(row) } else { -log_p(row, 0) });
            let expected = all.sum::<f32>() / 7.0;
            let (found, _) = model.loss_and_gradients_with(&batch, &odd(target)).unwrap();
            assert!((found - f64::from(expected)).abs() < 1e-5, "{target:?}: {found} {expected}");
        }
    }
}

#[test]
fn nothing_is_learned_from_a_row_that_may_be_of_any_class() {
    for model in both_ways() {
        let all = SoftTarget::AnyOf((0..model.num_labels()).collect());
        let soft = (0..7).map(|row| (row, all.clone())).collect::<SoftRows>();
        let nothing = Batch { targets: vec![IGNORE_INDEX; 7], ..batch(0, false) };
        let (loss, gradients) = model.loss_and_gradients_with(&nothing, &soft).unwrap();
        assert!(loss.abs() < 1e-6, "{loss}");
        for (name, gradient) in gradients {
            assert!(values(&gradient).iter().all(|value| value.abs() < 1e-6), "{name}");
        }
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    for mut model in both_ways() {
        let classes = model.num_labels();
        let batches = [batch(0, true)];
        for (row, target, expected) in [
            (9, one_hot(0, classes), "a soft target of one of 7 rows"),
            (1, one_hot(0, classes + 1), "probabilities, found"),
            (1, SoftTarget::Distribution(vec![0.9; classes].into()), "add up to 1"),
            (1, SoftTarget::AnyOf([classes].into()), "classes below"),
            (1, SoftTarget::AnyOf([].into()), "classes below"),
        ] {
            let soft = [vec![(row, target)]];
            let input = StepInput::new(&batches, 0, 0.01).with_soft(&soft);
            let error = model.train_step(input).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
    let labels = both_ways()[0].labels().clone();
    let options = LoadOptions::default().with_head(Head::Crf);
    let chain = TchClassifier::for_labels(oracle(), &labels, &options).unwrap();
    assert!(!chain.learns_soft_targets());
    let error = chain.loss_and_gradients_with(&batch(0, true), &odd(&one_hot(0, labels.len())));
    assert!(matches!(error, Err(ModelError::LossOfRows { .. })), "{error:?}");
}

#[test]
fn a_head_keeps_the_classes_that_it_knows() {
    let exact = LoadOptions::default().with_precision(Precision::F32);
    let before = TchClassifier::load(oracle(), &exact).unwrap();
    let known = before.labels();
    let new = "A-new-type".parse().unwrap();
    let all = LabelSet::new(known.types().into_iter().chain([new]), known.scheme());
    let batch = batch(0, false);
    let old_logits = before.logits(&batch).unwrap();
    for keeps in [true, false] {
        let options = exact.clone().with_kept_classes(keeps);
        let after = TchClassifier::for_labels(oracle(), &all, &options).unwrap();
        assert_eq!(after.has_new_head(), !keeps);
        let logits = after.logits(&batch).unwrap();
        let same = known.partial_ids_of(&all).into_iter().enumerate().all(|(own, old)| {
            let new = logits.column(own).to_owned();
            match old {
                Some(old) => (new - old_logits.column(old)).iter().all(|d| d.abs() < 1e-5),
                None => new.iter().all(|logit| *logit == 0.0),
            }
        });
        assert_eq!(same, keeps);
    }
    // A head that shares no type is replaced.
    let other = LabelSet::new(["X".parse().unwrap()], known.scheme());
    let options = exact.with_kept_classes(true);
    assert!(TchClassifier::for_labels(oracle(), &other, &options).unwrap().has_new_head());
}
