//! Losses and gradients against the f64 recursion of core, which brute force holds.

use ndarray::ArrayView2;
use ner_align_core::{Rows, Window, WordSpan};
use proptest::prelude::*;

use super::*;

const CLASSES: usize = 3;

/// Windows of words that are one subtoken each, some without a label.
fn batch(labels: &[Vec<Option<i64>>], rows: Rows) -> Batch {
    let windows: Vec<Window> = labels
        .iter()
        .map(|labels| Window {
            input_ids: vec![1; labels.len()],
            word_ids: (0..labels.len() as u32).map(Some).collect(),
            owned: WordSpan::new(0, labels.len()),
            labels: labels.iter().map(|label| label.unwrap_or(IGNORE_INDEX)).collect(),
            ..Window::default()
        })
        .collect();
    Batch::pack(&windows, rows)
}

fn leaf(values: &[f32], shape: &[i64]) -> Tensor {
    Tensor::from_slice(values).reshape(shape).set_requires_grad(true)
}

/// The values of the four leaves: logits, transitions, starts, ends.
type Values = [Vec<f32>; 4];

/// The loss as core computes it, window by window.
fn expected(batch: &Batch, values: &Values) -> f64 {
    let [logits, between, start, end] = values;
    let between = Array2::from_shape_vec((CLASSES, CLASSES), between.clone()).unwrap();
    let chain = TransitionScores::new(between, start.clone(), end.clone()).unwrap();
    let logits = ArrayView2::from_shape((batch.rows.len(), CLASSES), logits).unwrap();
    let of_window = |bounds: &[usize]| {
        let inside = |row: &usize| (bounds[0]..bounds[1]).contains(&batch.rows[*row]);
        let rows = (0..batch.rows.len()).filter(inside);
        let rows: Vec<usize> = rows.filter(|&row| batch.targets[row] != IGNORE_INDEX).collect();
        let path: Vec<usize> = rows.iter().map(|&row| batch.targets[row] as usize).collect();
        let own = logits.select(ndarray::Axis(0), &rows);
        chain.negative_log_likelihood(own.view(), &path)
    };
    batch.boundaries.windows(2).map(of_window).sum()
}

fn found(batch: &Batch, values: &Values) -> (f64, Vec<Vec<f32>>) {
    let (rows, classes) = (batch.rows.len() as i64, CLASSES as i64);
    let shapes: [&[i64]; 4] = [&[rows, classes], &[classes, classes], &[classes], &[classes]];
    let leaves: Vec<Tensor> =
        values.iter().zip(shapes).map(|(values, shape)| leaf(values, shape)).collect();
    let paths = Paths::of(batch);
    let loss =
        negative_log_likelihood(&leaves[0], &paths, &leaves[1], &leaves[2], &leaves[3]).unwrap();
    let gradients = Tensor::f_run_backward(&[&loss], &leaves, false, false).unwrap();
    let gradients = gradients.iter().map(|gradient| {
        let mut values = vec![0.0; gradient.numel()];
        gradient.contiguous().copy_data(&mut values, gradient.numel());
        values
    });
    (loss.double_value(&[]), gradients.collect())
}

fn windows() -> impl Strategy<Value = Vec<Vec<Option<i64>>>> {
    let label = prop::option::weighted(0.8, 0..CLASSES as i64);
    prop::collection::vec(prop::collection::vec(label, 0..6), 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn loss_and_gradients(
        labels in windows(),
        all: bool,
        numbers in prop::collection::vec(-3.0_f32..3.0, 30 * CLASSES + 15),
    ) {
        let batch = batch(&labels, if all { Rows::AllOfOwned } else { Rows::Labelled });
        let (parameters, logits) = numbers.split_at(15);
        let mut values: Values = [
            logits[..batch.rows.len() * CLASSES].to_vec(),
            parameters[..9].to_vec(),
            parameters[9..12].to_vec(),
            parameters[12..].to_vec(),
        ];
        let (loss, gradients) = found(&batch, &values);
        let reference = expected(&batch, &values);
        prop_assert!((loss - reference).abs() <= 1e-5 * (1.0 + reference), "{loss} {reference}");
        // Central differences of the f64 recursion; a step that f32 holds exactly.
        let step = 1.0 / 64.0;
        for part in 0..values.len() {
            for index in 0..values[part].len() {
                let mut at = |change: f32| {
                    let was = values[part][index];
                    values[part][index] = was + change;
                    let change = f64::from(values[part][index]) - f64::from(was);
                    let loss = expected(&batch, &values);
                    values[part][index] = was;
                    (change, loss)
                };
                let ((up, above), (down, below)) = (at(step), at(-step));
                let slope = (above - below) / (up - down);
                let gradient = f64::from(gradients[part][index]);
                prop_assert!((slope - gradient).abs() < 1e-3, "{part} {index}: {slope} {gradient}");
            }
        }
    }
}

#[test]
fn huge_scores_stay_numbers() {
    let batch = batch(&[vec![Some(0), Some(1), Some(2)], vec![Some(1)]], Rows::Labelled);
    let values: Values = [
        vec![1e4, -1e4, 0.0, 5e3, 5e3, -5e3, 0.0, 1e4, -1e4, -1e4, 0.0, 1e4],
        vec![-1e4, 1e4, 0.0, 0.0, -1e4, 1e4, 0.0, 0.0, 0.0],
        vec![-1e4, 0.0, 1e4],
        vec![1e4; 3],
    ];
    let (loss, gradients) = found(&batch, &values);
    let reference = expected(&batch, &values);
    assert!((loss - reference).abs() <= 1e-5 * reference, "{loss} {reference}");
    assert!(gradients.iter().flatten().all(|gradient| gradient.is_finite()));
}

#[test]
fn rows_are_packed_by_time() {
    let labels = [vec![Some(1), None, Some(2)], vec![None], vec![Some(0), Some(1), Some(1)]];
    let paths = Paths::of(&batch(&labels, Rows::AllOfOwned));
    assert_eq!(paths.rows, [4, 0, 5, 2, 6]);
    assert_eq!(paths.classes, [0, 1, 1, 2, 1]);
    assert_eq!(paths.active, [2, 2, 1]);
    assert_eq!(paths.pairs, (vec![0, 1, 1], vec![1, 1, 2]));
    assert_eq!(paths.edges, (vec![0, 1], vec![1, 2]));
}
