// A backend of one's own for tests: a model that counts, without libtorch. Tests of other crates
// include this file too, and examples in their documentation, where nothing may be inner.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ner_align_core::ndarray::Array2;
use ner_align_core::{
    Batch, Dataset, IGNORE_INDEX, LabelSet, StepInput, StepOutput, TokenClassifier, TrainStep,
};
use ner_align_pipeline::backend::{Backend, BackendError, BoxedLearner, ModelShape, OpenedModel};
use ner_align_pipeline::settings::{Computing, Recipe, Settings};
use ner_align_pipeline::{FineTuner, Predictor};
use serde::{Deserialize, Serialize};

/// For each subtoken, how often it had each class.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Counting {
    names: Vec<String>,
    counts: BTreeMap<u32, Vec<f32>>,
}

const FILE: &str = "counts.json";

impl Counting {
    fn read(folder: &Path) -> Result<Self, BackendError> {
        let bytes = fs::read(folder.join(FILE)).map_err(BackendError::new)?;
        serde_json::from_slice(&bytes).map_err(BackendError::new)
    }

    fn row(&self, id: u32) -> Vec<f32> {
        self.counts.get(&id).cloned().unwrap_or_else(|| vec![0.0; self.names.len()])
    }
}

fn id_at(batch: &Batch, row: usize) -> u32 {
    batch.input_ids[batch.rows[row]]
}

impl TokenClassifier for Counting {
    type Error = BackendError;

    fn num_labels(&self) -> usize {
        self.names.len()
    }

    fn logits(&self, batch: &Batch) -> Result<Array2<f32>, BackendError> {
        let rows: Vec<f32> =
            (0..batch.rows.len()).flat_map(|row| self.row(id_at(batch, row))).collect();
        Array2::from_shape_vec((batch.rows.len(), self.names.len()), rows)
            .map_err(BackendError::new)
    }
}

impl TrainStep for Counting {
    fn train_step(&mut self, input: StepInput<'_>) -> Result<StepOutput, BackendError> {
        for batch in input.batches {
            for (row, &target) in batch.targets.iter().enumerate() {
                if target != IGNORE_INDEX {
                    let id = id_at(batch, row);
                    let mut counts = self.row(id);
                    counts[usize::try_from(target).unwrap()] += 1.0;
                    self.counts.insert(id, counts);
                }
            }
        }
        Ok(StepOutput::new(1.0, 0.0))
    }

    fn save(&self, directory: &Path) -> Result<(), BackendError> {
        let text = serde_json::to_string(self).map_err(BackendError::new)?;
        fs::write(directory.join(FILE), text).map_err(BackendError::new)
    }

    fn save_state(&self, _directory: &Path) -> Result<(), BackendError> {
        Ok(())
    }

    fn restore(&mut self, directory: &Path) -> Result<(), BackendError> {
        *self = Self::read(directory)?;
        Ok(())
    }
}

pub(crate) struct CountingBackend;

impl Backend for CountingBackend {
    fn engine(&self) -> (&'static str, &'static str) {
        ("counting", "1")
    }

    fn shape(&self, _folder: &Path) -> Result<ModelShape, BackendError> {
        Ok(ModelShape::new(1, 64, 1 << 20))
    }

    fn unused_gpu(&self, computing: &Computing) -> Option<String> {
        (computing.device == "cuda:9").then(|| "it counts on fingers".to_owned())
    }

    fn open(&self, folder: &Path, _: &Computing) -> Result<OpenedModel, BackendError> {
        let model = Counting::read(folder)?;
        let labels = LabelSet::from_names(&model.names).map_err(BackendError::new)?;
        Ok(OpenedModel::new(Box::new(model), labels))
    }

    fn learner(
        &self,
        _folder: &Path,
        labels: &LabelSet,
        _settings: &Settings,
        _train: &Dataset,
    ) -> Result<BoxedLearner, BackendError> {
        let names = labels.names().to_vec();
        Ok(Box::new(Counting { names, counts: BTreeMap::new() }))
    }
}

pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name)
}

/// A run on the postings of the fixtures.
pub(crate) fn tuner<'a>() -> FineTuner<'a> {
    let settings = Settings::of(Recipe::Trainer).with("epochs", "2").unwrap();
    FineTuner::with_backend(CountingBackend, fixture("tiny-bert"))
        .train([fixture("postings/postings-train.tsv")])
        .dev([fixture("postings/postings-dev.tsv")])
        .settings(settings)
}

pub(crate) fn predictor() -> Predictor {
    tuner().run().unwrap().into_predictor()
}
