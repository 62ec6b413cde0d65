//! A model so small that every run takes a moment, and data for it.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::fs;
use std::path::Path;

use ndarray::{Array1, Array2};
use ner_align_core::{
    AlignmentCounts, Batch, Dataset, GoldSentence, IGNORE_INDEX, Label, LabelSet, PieceAggregator,
    Rows, Scheme, StepInput, StepOutput, Tag, TagDecoder, TokenClassifier, TrainStep, Window,
    WordSpan,
};
use ner_align_train::TrainConfig;

/// Hides words.
pub(crate) const MASK: u32 = 15;

/// Words are their own subtokens; ids below 4 are tagged `B-X`, the others `O`.
pub(crate) fn dataset(sentences: &[Vec<u32>]) -> Dataset {
    let labels = LabelSet::new(Label::new("X"), Scheme::Iob2);
    let entity = Tag::parse("B-X").unwrap();
    let tag = |id: &u32| if *id < 4 { entity.clone() } else { Tag::Outside };
    let windows = sentences.iter().enumerate().map(|(sentence, ids)| Window {
        sentence,
        index: 0,
        input_ids: ids.clone(),
        word_ids: (0..ids.len()).map(|word| u32::try_from(word).ok()).collect(),
        labels: ids.iter().map(|id| labels.id(&tag(id)).unwrap() as i64).collect(),
        owned: WordSpan::new(0, ids.len()),
    });
    let windows = windows.collect();
    let gold = sentences.iter().enumerate().map(|(sentence, ids)| GoldSentence {
        document: sentence,
        sentence: 0,
        tags: ids.iter().map(tag).collect(),
        breaks: Vec::new(),
    });
    Dataset { windows, sentences: gold.collect(), labels, counts: AlignmentCounts::default() }
}

/// A row of logits for each id, learned by gradient descent with momentum and noise that depends
/// on the step, as dropout does.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Table {
    pub(crate) weights: Array2<f32>,
    pub(crate) momentum: Array2<f32>,
    /// The step that diverges: its loss is NaN if `norm`, that of its gradients, is a number.
    pub(crate) fails_at: Option<usize>,
    pub(crate) norm: f64,
    /// The step after which its weights are no numbers, though its loss was one.
    pub(crate) spoils_at: Option<usize>,
}

impl Table {
    pub(crate) fn new() -> Self {
        let weights = Array2::zeros((16, 3));
        Self { momentum: weights.clone(), weights, fails_at: None, norm: 1.0, spoils_at: None }
    }

    fn row(&self, batch: &Batch, row: usize) -> Array1<f32> {
        self.weights.row(batch.input_ids[row] as usize).to_owned()
    }
}

pub(crate) fn write(path: &Path, values: &Array2<f32>) {
    fs::write(path, serde_json::to_vec(&values.iter().collect::<Vec<_>>()).unwrap()).unwrap();
}

pub(crate) fn read(path: &Path) -> Array2<f32> {
    let values: Vec<f32> = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    Array2::from_shape_vec((16, 3), values).unwrap()
}

impl TokenClassifier for Table {
    type Error = std::io::Error;

    fn num_labels(&self) -> usize {
        3
    }

    fn logits(&self, batch: &Batch) -> std::io::Result<Array2<f32>> {
        let mut logits = Array2::zeros((batch.rows.len(), 3));
        for (mut out, &row) in logits.rows_mut().into_iter().zip(&batch.rows) {
            out.assign(&self.row(batch, row));
        }
        Ok(logits)
    }
}

impl TrainStep for Table {
    fn train_step(&mut self, input: StepInput<'_>) -> std::io::Result<StepOutput> {
        let rows: usize = input.batches.iter().map(|batch| batch.rows.len()).sum();
        let mut gradient = Array2::<f32>::zeros((16, 3));
        let mut loss = 0.0;
        for batch in input.batches {
            for (&row, &target) in batch.rows.iter().zip(&batch.targets) {
                assert_ne!(target, IGNORE_INDEX);
                let logits = self.row(batch, row).mapv(f32::exp);
                let probabilities = &logits / logits.sum();
                loss -= f64::from(probabilities[target as usize].ln());
                let mut own = gradient.row_mut(batch.input_ids[row] as usize);
                own += &probabilities;
                own[target as usize] -= 1.0;
            }
        }
        gradient /= rows as f32;
        gradient += (input.step as f32).sin() * 1e-3;
        self.momentum = &self.momentum * 0.9 + &gradient;
        self.weights.scaled_add(-(input.learning_rate as f32), &self.momentum);
        if self.spoils_at == Some(input.step) {
            self.weights.fill(f32::NAN);
        }
        let fails = self.fails_at == Some(input.step);
        let loss = if fails && self.norm.is_finite() { f64::NAN } else { loss / rows as f64 };
        Ok(StepOutput::new(loss, if fails { self.norm } else { 1.0 }))
    }

    fn save(&self, directory: &Path) -> std::io::Result<()> {
        write(&directory.join("weights"), &self.weights);
        Ok(())
    }

    fn save_state(&self, directory: &Path) -> std::io::Result<()> {
        write(&directory.join("momentum"), &self.momentum);
        Ok(())
    }

    fn restore(&mut self, directory: &Path) -> std::io::Result<()> {
        self.weights = read(&directory.join("weights"));
        self.momentum = read(&directory.join("momentum"));
        Ok(())
    }
}

/// The first subtoken's logits are the word's scores; the highest one wins.
pub(crate) struct Plain;

impl PieceAggregator for Plain {
    fn rows(&self) -> Rows {
        Rows::FirstOfOwned
    }

    fn aggregate(
        &self,
        logits: ndarray::ArrayView2<'_, f32>,
        mut out: ndarray::ArrayViewMut1<'_, f32>,
    ) {
        out.assign(&logits.row(0));
    }
}

impl TagDecoder for Plain {
    fn decode(&self, scores: ndarray::ArrayView2<'_, f32>) -> Vec<usize> {
        let best = |row: ndarray::ArrayView1<'_, f32>| {
            (0..row.len()).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap()
        };
        scores.rows().into_iter().map(best).collect()
    }
}

/// Three epochs of small batches.
pub(crate) fn config() -> TrainConfig {
    TrainConfig::default()
        .with_epochs(3)
        .with_batch_size(4)
        .with_learning_rate(0.5)
        .with_log_every(1)
}
