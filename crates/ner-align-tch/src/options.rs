//! How a model is opened.

use crate::adamw::AdamWConfig;
use crate::device::{DeviceChoice, Precision};
use crate::head::Head;
use crate::loss::LossConfig;
use crate::rates::LayerRates;

/// How a model is opened.
///
/// ```
/// use ner_align_tch::{DeviceChoice, LoadOptions};
/// let options = LoadOptions::default().with_device(DeviceChoice::Auto).with_dropout(Some(0.2));
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LoadOptions {
    /// Where it computes; the CPU by default.
    pub device: DeviceChoice,
    /// The type that it computes in.
    pub precision: Precision,
    /// Seed of a new head and of all dropout.
    pub seed: i64,
    /// Dropout everywhere, 0 to 1; `None` keeps the values of `config.json`.
    pub dropout: Option<f64>,
    /// Constants of the optimizer.
    pub optimizer: AdamWConfig,
    /// Which parts learn, and how fast.
    pub rates: LayerRates,
    /// The loss. With [`Head::Crf`] it is the negative log-likelihood of the windows' paths,
    /// divided by their labelled rows, and none of these settings applies.
    pub loss: LossConfig,
    /// The head that [`crate::TchClassifier::for_labels`] puts on the encoder; a model that is
    /// loaded has its own.
    pub head: Head,
    /// Keeps what a head knows of some of the classes where it lacks others, which start from zeros.
    /// [`crate::TchClassifier::for_labels`] otherwise replaces such a head.
    pub keep_classes: bool,
    /// For tests: takes the way of a batch through a GPU, on whatever device.
    #[doc(hidden)]
    pub as_on_a_gpu: bool,
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self {
            device: DeviceChoice::Cpu,
            precision: Precision::Auto,
            seed: 0,
            dropout: None,
            optimizer: AdamWConfig::default(),
            rates: LayerRates::default(),
            loss: LossConfig::default(),
            head: Head::default(),
            keep_classes: false,
            as_on_a_gpu: false,
        }
    }
}

ner_align_core::setters! { LoadOptions {
    with_device: device: DeviceChoice,
    with_precision: precision: Precision,
    with_seed: seed: i64,
    with_dropout: dropout: Option<f64>,
    with_optimizer: optimizer: AdamWConfig,
    with_rates: rates: LayerRates,
    with_loss: loss: LossConfig,
    with_head: head: Head,
    with_kept_classes: keep_classes: bool,
    with_way_of_a_gpu: as_on_a_gpu: bool,
} }
