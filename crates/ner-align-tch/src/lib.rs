//! BERT-family encoders on libtorch for the ner-align toolkit.
//!
//! [`TchClassifier`] opens a model folder in the Hugging Face layout (`config.json`,
//! `model.safetensors`), learns through [`ner_align_core::TrainStep`], predicts through
//! [`ner_align_core::TokenClassifier`], and writes the same layout, so that transformers and
//! ner-align open each other's models. It is the only crate of the toolkit that sees libtorch.

mod adamw;
mod checkpoint;
mod classifier;
mod config;
mod crf;
mod device;
mod dropout;
mod encoder;
mod error;
mod gradients;
mod late_rows;
mod loss;
mod packing;
mod parameters;
mod rates;

pub use adamw::AdamWConfig;
pub use classifier::{LoadOptions, TchClassifier};
pub use config::{Activation, EncoderConfig, Head};
pub use device::{LIBTORCH_VERSION, Precision, check_device_name, device};
pub use error::ModelError;
pub use loss::LossConfig;
pub use rates::{Freeze, LayerRates};
pub use tch::Device;
