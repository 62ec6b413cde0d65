//! What the settings mean to libtorch.

use ner_align_core::Dataset;
use ner_align_tch::{AdamWConfig, LayerRates, LossConfig};

use super::{ClassWeights, Freeze, FreezePart, Head, ModelSettings, Settings};

impl Settings {
    /// The constants of the optimizer.
    pub(crate) fn optimizer(&self) -> AdamWConfig {
        let ModelSettings { beta1, beta2, epsilon, weight_decay, max_gradient_norm, .. } =
            self.model;
        AdamWConfig::default()
            .with_beta1(beta1)
            .with_beta2(beta2)
            .with_epsilon(epsilon)
            .with_weight_decay(weight_decay)
            .with_max_gradient_norm(max_gradient_norm)
    }

    /// Which parts learn, and how fast.
    pub(crate) fn rates(&self) -> LayerRates {
        let head = self.model.head_learning_rate;
        LayerRates::default()
            .with_layer_decay(self.model.layer_decay)
            .with_head(head.map_or(1.0, |head| head / self.train.learning_rate))
            .with_crf(self.model.crf_rate)
            .with_freeze(match self.model.freeze {
                // Settled before there is a model.
                Freeze::Part(FreezePart::Auto | FreezePart::Nothing) => {
                    ner_align_tch::Freeze::Nothing
                }
                Freeze::Part(FreezePart::Embeddings) => ner_align_tch::Freeze::Embeddings,
                Freeze::Part(FreezePart::Encoder) => ner_align_tch::Freeze::Encoder,
                Freeze::Layers(layers) => ner_align_tch::Freeze::Layers(layers),
                Freeze::Share(share) => ner_align_tch::Freeze::Share(share),
            })
    }

    /// The loss.
    pub(crate) fn loss(&self, train: &Dataset) -> LossConfig {
        let class_weights = match self.model.class_weights {
            ClassWeights::None => Vec::new(),
            ClassWeights::Balanced => balanced_weights(train),
        };
        LossConfig::default()
            .with_label_smoothing(self.model.label_smoothing)
            .with_focal_gamma(self.model.focal_gamma)
            .with_class_weights(class_weights)
    }

    /// The layer on the encoder that scores classes.
    pub(crate) const fn head(&self) -> ner_align_tch::Head {
        match self.model.head {
            Head::Linear => ner_align_tch::Head::Linear,
            Head::Crf => ner_align_tch::Head::Crf,
        }
    }
}

/// A weight for each class: the root of how much rarer it is than the mean class among the
/// subtokens that are trained on, so that rare ones count more without drowning the others. Classes
/// that never occur weigh as the rarest one.
fn balanced_weights(train: &Dataset) -> Vec<f64> {
    let mut counts = vec![0_usize; train.labels.len()];
    for &class in train.windows.iter().flat_map(|window| &window.labels) {
        // What is not trained on has a negative class.
        if let Some(count) = usize::try_from(class).ok().and_then(|class| counts.get_mut(class)) {
            *count += 1;
        }
    }
    let rarest = counts.iter().copied().filter(|&count| count > 0).min().unwrap_or(1);
    let total: usize = counts.iter().sum();
    let mean = total as f64 / counts.len().max(1) as f64;
    counts
        .into_iter()
        .map(|count| (mean / if count == 0 { rarest } else { count } as f64).sqrt())
        .collect()
}
