//! What values settings may have, alone and together.

use ner_align_subword::{Strategy, WindowUnit};

use super::{ClassWeights, Freeze, Head, ModelSettings, Settings, SettingsError, table};

impl Settings {
    /// Refuses values out of range, and such as do not go together.
    ///
    /// # Errors
    /// [`SettingsError`] for the first one.
    pub fn check(&self) -> Result<(), SettingsError> {
        if let Err(error) = self.train.check() {
            let message = format!("expected {}, found {}", error.expected, error.found);
            return Err(SettingsError::of_key(error.name, message));
        }
        let model = &self.model;
        if !is_device(&model.device) {
            let message = format!(
                "expected the device auto, cpu, cuda, cuda:N or mps, found {:?}",
                model.device
            );
            return Err(SettingsError::of_key("device", message));
        }
        let share = |value: f64| (0.0..1.0).contains(&value);
        let positive = |value: f64| value > 0.0 && value.is_finite();
        let (share_text, positive_text) = ("0 or more and less than 1", "more than 0");
        let frozen = match model.freeze {
            Freeze::Share(share) => share,
            _ => 0.0,
        };
        let checks = [
            ("freeze", (0.0..=1.0).contains(&frozen), "a share of the layers from 0 to 1", frozen),
            ("dropout", share(model.dropout), share_text, model.dropout),
            ("label_smoothing", share(model.label_smoothing), share_text, model.label_smoothing),
            ("beta1", share(model.beta1), share_text, model.beta1),
            ("beta2", share(model.beta2), share_text, model.beta2),
            ("epsilon", positive(model.epsilon), positive_text, model.epsilon),
            (
                "head_learning_rate",
                model.head_learning_rate.is_none_or(positive),
                positive_text,
                model.head_learning_rate.unwrap_or(0.0),
            ),
            ("crf_rate", positive(model.crf_rate), positive_text, model.crf_rate),
            (
                "layer_decay",
                model.layer_decay > 0.0 && model.layer_decay <= 1.0,
                "more than 0 and at most 1",
                model.layer_decay,
            ),
            (
                "weight_decay",
                model.weight_decay >= 0.0 && model.weight_decay.is_finite(),
                "0 or more",
                model.weight_decay,
            ),
            (
                "focal_gamma",
                model.focal_gamma >= 0.0 && model.focal_gamma.is_finite(),
                "0 or more",
                model.focal_gamma,
            ),
            (
                "max_gradient_norm",
                model.max_gradient_norm > 0.0,
                positive_text,
                model.max_gradient_norm,
            ),
            ("max_length", model.max_length >= 4, "4 or more", model.max_length as f64),
            (
                "stride",
                model.stride < model.max_length,
                "less than max_length",
                model.stride as f64,
            ),
        ];
        if model.unit == WindowUnit::Document && model.context > 0 {
            let message = format!("expected 0 beside unit = document, found {}", model.context);
            return Err(SettingsError::of_key("context", message)
                .with_hint("a document as a whole has nothing around it"));
        }
        for (key, fits, expected, found) in checks {
            if !fits {
                let message = format!("expected {expected}, found {found}");
                return Err(SettingsError::of_key(key, message));
            }
        }
        self.card.check()?;
        self.model.check_head()
    }

    /// Refuses to freeze more layers than the model has.
    ///
    /// # Errors
    /// [`SettingsError`] of the key `freeze`.
    pub fn check_layers(&self, layers: usize) -> Result<(), SettingsError> {
        match self.model.freeze {
            Freeze::Layers(found) if found > layers => Err(SettingsError::of_key(
                "freeze",
                format!("expected at most {layers} layers, which the model has, found {found}"),
            )),
            _ => Ok(()),
        }
    }
}

impl ModelSettings {
    /// Refuses what a CRF cannot be trained with: its chain has one place a word, and its loss is
    /// that of whole paths.
    fn check_head(&self) -> Result<(), SettingsError> {
        if self.head != Head::Crf {
            return Ok(());
        }
        let rows = [
            ("strategy", self.strategy == Strategy::First, "first"),
            ("label_smoothing", self.label_smoothing == 0.0, "0"),
            ("focal_gamma", self.focal_gamma == 0.0, "0"),
            ("class_weights", self.class_weights == ClassWeights::None, "none"),
        ];
        match rows.into_iter().find(|(_, fits, _)| !fits) {
            None => Ok(()),
            Some((key, _, expected)) => {
                let found = table::of(self)?.remove(key);
                let found = found.map_or_else(String::new, |value| value.to_string());
                let found = found.trim_matches('"');
                let message = format!("expected {expected} beside head = crf, found {found}");
                Err(SettingsError::of_key(key, message))
            }
        }
    }
}

/// True for the name of a device, whether or not this machine has it.
fn is_device(name: &str) -> bool {
    let number = name.strip_prefix("cuda:").is_some_and(|index| index.parse::<usize>().is_ok());
    number || ["auto", "cpu", "cuda", "mps"].contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Recipe;

    #[test]
    fn a_crf_has_one_place_a_word_and_one_loss() {
        for (pair, message) in [
            ("strategy=propagate", "strategy: expected first beside head = crf, found propagate"),
            ("label_smoothing=0.1", "label_smoothing: expected 0 beside head = crf, found 0.1"),
            ("focal_gamma=2.0", "focal_gamma: expected 0 beside head = crf, found 2.0"),
            ("class_weights=balanced", "class_weights: expected none beside head = crf, found bal"),
        ] {
            let with = |head: &str| {
                let pairs = [pair.to_owned(), format!("head={head}")];
                Settings::resolve(Recipe::Best, None, &pairs)
            };
            assert_eq!(with("linear").unwrap().model.head, Head::Linear);
            let text = with("crf").unwrap_err().to_string();
            assert!(text.contains(message), "{pair}: {text}");
        }
    }

    #[test]
    fn settings_go_together() {
        let resolve = |pairs: &[&str]| {
            let pairs: Vec<String> = pairs.iter().map(ToString::to_string).collect();
            Settings::resolve(Recipe::Best, None, &pairs)
        };
        let text = resolve(&["unit=document", "context=9"]).unwrap_err().to_string();
        assert!(text.contains("context: expected 0 beside unit = document, found 9"), "{text}");
        // A stride that nobody chose follows the window.
        assert_eq!(resolve(&["max_length=64"]).unwrap().model.stride, 31);
        let text = resolve(&["max_length=64", "stride=64"]).unwrap_err().to_string();
        assert!(text.contains("stride: expected less than max_length, found 64"), "{text}");
    }
}
