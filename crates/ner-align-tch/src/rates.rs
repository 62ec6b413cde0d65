//! Which tensors learn, and how fast.

use crate::names;

/// Which of the parameters learn, and how fast compared with the learning rate of a step.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct LayerRates {
    /// Each layer's rate, as a share of the rate of the layer above it; the embeddings come last
    /// (Clark et al. 2020). The highest layer has this share of the step's rate. 1: all the same.
    pub layer_decay: f64,
    /// The head's rate, as a multiple of the step's.
    pub head: f64,
    /// The rate of a CRF's transitions, as a multiple of the step's.
    pub crf: f64,
    /// The parts that do not learn.
    pub freeze: Freeze,
}

/// Parts of a model that keep their weights.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub enum Freeze {
    /// Everything learns.
    #[default]
    Nothing,
    /// The embeddings.
    Embeddings,
    /// The embeddings and this many of the lowest layers.
    Layers(usize),
    /// The embeddings and this share of the layers, 0 to 1, the lowest ones; rounded down.
    Share(f64),
    /// All but the head.
    Encoder,
}

impl Default for LayerRates {
    fn default() -> Self {
        Self { layer_decay: 1.0, head: 1.0, crf: 1.0, freeze: Freeze::Nothing }
    }
}

ner_align_core::setters! { LayerRates {
    with_layer_decay: layer_decay: f64,
    with_head: head: f64,
    with_crf: crf: f64,
    with_freeze: freeze: Freeze,
} }

/// The part of a model that a tensor belongs to, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// What layers begin with, a table of relative positions included.
    Embeddings,
    Layer(usize),
    /// The norm after the last layer.
    Last,
    Head,
    Crf,
}

/// Tensors that all layers share, by the start of their names: those of DeBERTa, and of ModernBERT.
const SHARED: [(&str, Part); 3] = [
    ("encoder.rel_embeddings", Part::Embeddings),
    ("encoder.LayerNorm", Part::Embeddings),
    ("final_norm", Part::Last),
];

impl Part {
    pub(crate) fn of(name: &str) -> Self {
        if name.starts_with(names::CRF) {
            return Self::Crf;
        }
        if let Some((_, part)) = SHARED.iter().find(|(start, _)| name.starts_with(start)) {
            return *part;
        }
        let layers = ["layer.", "layers."];
        if let Some((_, rest)) = layers.iter().find_map(|layers| name.split_once(layers)) {
            let number = rest.split('.').next().and_then(|number| number.parse().ok());
            if let Some(number) = number {
                return Self::Layer(number);
            }
        }
        if name.starts_with("embeddings") { Self::Embeddings } else { Self::Head }
    }

    /// The multiple of the learning rate in a model of this many layers; `None` if frozen.
    pub(crate) fn rate(self, rates: &LayerRates, layers: usize) -> Option<f64> {
        let decayed = |above: usize| rates.layer_decay.powi(above.try_into().unwrap_or(i32::MAX));
        let freeze = match rates.freeze {
            Freeze::Share(share) => Freeze::Layers((share * layers as f64) as usize),
            freeze => freeze,
        };
        match (self, freeze) {
            (Self::Head, _) => Some(rates.head),
            (Self::Crf, _) => Some(rates.crf),
            (_, Freeze::Encoder) | (Self::Embeddings, Freeze::Embeddings | Freeze::Layers(_)) => {
                None
            }
            (Self::Layer(layer), Freeze::Layers(frozen)) if layer < frozen => None,
            (Self::Last, Freeze::Layers(frozen)) if layers <= frozen => None,
            (Self::Last, _) => Some(decayed(1)),
            (Self::Layer(layer), _) => Some(decayed(layers.saturating_sub(layer))),
            (Self::Embeddings, _) => Some(decayed(layers + 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_frozen_has_no_rate_and_layers_decay_downwards() {
        let names = [
            "embeddings.word_embeddings.weight",
            "encoder.layer.0.output.dense.weight",
            "encoder.layer.1.output.dense.weight",
            "encoder.layer.2.output.dense.weight",
            "classifier.weight",
        ];
        // The same of other families.
        for (name, other) in [
            (0, "embeddings.tok_embeddings.weight"),
            (0, "encoder.rel_embeddings.weight"),
            (0, "encoder.LayerNorm.bias"),
            (1, "layers.0.attn.Wqkv.weight"),
            (3, "layers.2.mlp_norm.weight"),
            (4, "head.dense.weight"),
        ] {
            assert_eq!(Part::of(names[name]), Part::of(other), "{other}");
        }
        let (none, one) = (None, Some(1.0));
        for (freeze, expected) in [
            (Freeze::Nothing, [one, one, one, one, Some(3.0)]),
            (Freeze::Embeddings, [none, one, one, one, Some(3.0)]),
            (Freeze::Layers(0), [none, one, one, one, Some(3.0)]),
            (Freeze::Layers(2), [none, none, none, one, Some(3.0)]),
            (Freeze::Share(0.33), [none, one, one, one, Some(3.0)]),
            (Freeze::Share(0.34), [none, none, one, one, Some(3.0)]),
            (Freeze::Share(1.0), [none, none, none, none, Some(3.0)]),
            (Freeze::Encoder, [none, none, none, none, Some(3.0)]),
        ] {
            let rates = LayerRates { freeze, head: 3.0, ..LayerRates::default() };
            assert_eq!(names.map(|name| Part::of(name).rate(&rates, 3)), expected, "{freeze:?}");
            // The last norm learns as long as the last layer does.
            assert_eq!(Part::of("final_norm.weight").rate(&rates, 3), expected[3], "{freeze:?}");
        }
        let rates = LayerRates { layer_decay: 0.5, ..LayerRates::default() };
        let expected = [0.0625, 0.125, 0.25, 0.5, 1.0].map(Some);
        assert_eq!(names.map(|name| Part::of(name).rate(&rates, 3)), expected);
        assert_eq!(Part::of("final_norm.weight").rate(&rates, 3), expected[3]);
    }
}
