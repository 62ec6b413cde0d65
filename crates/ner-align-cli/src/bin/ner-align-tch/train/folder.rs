//! What belongs into a model folder beside the model.

use std::fs;
use std::path::Path;

use ner_align_core::LabelSet;
use ner_align_subword::HfTokenizer;
use ner_align_train::{Evaluation, TrainError, TrainerCallback};
use serde_json::json;

use super::provenance::Provenance;
use crate::config::RunConfig;
use crate::model::Meta;
use crate::model_card::ModelCard;

/// What belongs into a model folder beside weights and config.
pub(super) struct ModelFolder<'a> {
    pub(super) tokenizer: &'a HfTokenizer,
    pub(super) config: &'a RunConfig,
    pub(super) labels: &'a LabelSet,
    pub(super) base: String,
    pub(super) name: String,
    pub(super) sentences: (usize, usize),
    /// The corpora of the run, as [`Provenance`] has them.
    pub(super) provenance: Provenance,
}

impl TrainerCallback for ModelFolder<'_> {
    fn on_save(&mut self, directory: &Path, evaluation: &Evaluation) -> Result<(), TrainError> {
        self.tokenizer.save(directory).map_err(TrainError::model)?;
        let strict = evaluation.scores.strict();
        let row = |row: &ner_align_metrics::Prf| json!({"p": row.precision, "r": row.recall, "f": row.f1});
        let per_type: serde_json::Map<_, _> =
            strict.per_type.iter().map(|(label, scores)| (label.clone(), row(scores))).collect();
        let performance = json!({
            "ents_p": strict.micro.precision,
            "ents_r": strict.micro.recall,
            "ents_f": strict.micro.f1,
            "ents_per_type": per_type,
        });
        let meta = Meta {
            name: self.name.clone(),
            labels: self.labels.types().iter().map(ToString::to_string).collect(),
            strategy: self.config.model.strategy,
            max_length: self.config.model.max_length,
            stride: self.config.model.stride,
            context: self.config.model.context,
            training: Some(serde_json::to_value(&self.provenance).unwrap_or_default()),
            performance: performance.as_object().cloned().unwrap_or_default(),
            ..Meta::default()
        };
        let card = ModelCard {
            name: &self.name,
            base: &self.base,
            config: self.config,
            labels: self.labels,
            train_sentences: self.sentences.0,
            dev_sentences: self.sentences.1,
            scores: &evaluation.scores,
        };
        let meta = serde_json::to_string_pretty(&meta).unwrap_or_default() + "\n";
        for (file, text) in [("meta.json", meta), ("README.md", card.to_string())] {
            let path = directory.join(file);
            fs::write(&path, text).map_err(|source| TrainError::Io { path, source })?;
        }
        Ok(())
    }
}
