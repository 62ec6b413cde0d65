//! What identifies a run, so that a checkpoint of another run is not resumed.

use std::collections::BTreeSet;

use ner_align_core::{Dataset, Window};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::config::TrainConfig;
use crate::error::TrainError;

/// Settings and data of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Identity {
    /// Those of the loop, and those given to [`crate::Trainer::settings`].
    settings: Map<String, Value>,
    classes: Vec<String>,
    train: Fingerprint,
    dev: Fingerprint,
}

/// Settings that change none of the remaining steps.
const FREE: [&str; 5] =
    ["keep_checkpoints", "checkpoint_every", "log_every", "eval_batch_subtokens", "patience"];

impl Identity {
    pub(crate) fn new(
        config: &TrainConfig,
        others: &Map<String, Value>,
        train: &Dataset,
        dev: &Dataset,
    ) -> Result<Self, TrainError> {
        let failed =
            |source| TrainError::Serialize { what: "training settings".to_owned(), source };
        let value = serde_json::to_value(config).map_err(failed)?;
        let mut settings: Map<String, Value> = serde_json::from_value(value).map_err(failed)?;
        settings.extend(others.clone());
        Ok(Self {
            settings,
            classes: train.labels.names().to_vec(),
            train: Fingerprint::of(train),
            dev: Fingerprint::of(dev),
        })
    }

    /// What was expected and what was found, if `now` is another run than this one.
    pub(crate) fn difference(&self, now: &Self) -> Option<(String, String)> {
        let shown = |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
        let keys: BTreeSet<&String> = self.settings.keys().chain(now.settings.keys()).collect();
        let other = keys.into_iter().filter(|key| !FREE.contains(&key.as_str())).find_map(|key| {
            let (was, is) = (self.settings.get(key), now.settings.get(key));
            let expected = || format!("the settings of before, {key} = {}", shown(was));
            (was != is).then(|| (expected(), shown(is)))
        });
        let classes = || {
            let expected = format!("the classes of before, {}", self.classes.join(" "));
            (self.classes != now.classes).then(|| (expected, now.classes.join(" ")))
        };
        let data = |name: &str, was: &Fingerprint, is: &Fingerprint| {
            let found = if (was.windows, was.subtokens) == (is.windows, is.subtokens) {
                "as many with other words or labels".to_owned()
            } else {
                format!("{} windows of {}", is.windows, is.subtokens)
            };
            let Fingerprint { windows, subtokens, .. } = was;
            let size = format!("{windows} windows of {subtokens} subtokens in all");
            (was != is).then(|| (format!("the {name} data of before, {size}"), found))
        };
        other
            .or_else(classes)
            .or_else(|| data("training", &self.train, &now.train))
            .or_else(|| data("development", &self.dev, &now.dev))
    }
}

/// How much data there is, and a hash of its subtokens and labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Fingerprint {
    windows: usize,
    subtokens: usize,
    hash: u64,
}

impl Fingerprint {
    fn of(dataset: &Dataset) -> Self {
        // FNV-1a over words instead of bytes: accidents are to be noticed, not attacks.
        let mix = |hash: u64, value: u64| (hash ^ value).wrapping_mul(0x0000_0100_0000_01B3);
        let window = |hash, window: &Window| {
            let ids = window.input_ids.iter().map(|&id| u64::from(id));
            let labels = window.labels.iter().map(|&label| label.cast_unsigned());
            ids.chain(labels).chain([window.sentence as u64]).fold(hash, mix)
        };
        Self {
            windows: dataset.windows.len(),
            subtokens: dataset.windows.iter().map(Window::len).sum(),
            hash: dataset.windows.iter().fold(0xCBF2_9CE4_8422_2325, window),
        }
    }
}
