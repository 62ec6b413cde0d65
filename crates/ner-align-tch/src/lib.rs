//! BERT-family encoders on libtorch for the ner-align toolkit.
//!
//! [`TchClassifier`] opens a model folder in the Hugging Face layout (`config.json`,
//! `model.safetensors`), learns through [`ner_align_core::TrainStep`], predicts through
//! [`ner_align_core::TokenClassifier`], and writes the same layout, so that transformers and
//! ner-align open each other's models. [`SharedClassifier`] predicts on several threads at once.
//! It is the only crate of the toolkit that sees libtorch.
//!
//! [`LoadOptions`] has a setter for each option. Errors have a [`kind`](ModelError::kind) and a
//! [`hint`](ModelError::hint).

mod adamw;
mod checkpoint;
mod classifier;
mod config;
mod crf;
mod cuda;
mod device;
mod distances;
mod dropout;
mod encoder;
mod error;
mod faster;
mod gradients;
mod head;
mod integers;
mod kernels;
mod lazy_rows;
mod loss;
mod memory;
mod names;
mod native;
mod network;
mod options;
mod packing;
mod parameters;
mod placing;
mod queue;
mod rates;
mod rectangle;
mod route;
mod shared;
mod threads;
mod transform;
mod update;
mod upload;
mod windows;

pub use adamw::AdamWConfig;
pub use classifier::TchClassifier;
pub use config::{Activation, EncoderConfig};
pub use device::{DeviceChoice, LIBTORCH_VERSION, Precision};
pub use error::ModelError;
pub use head::Head;
pub use loss::LossConfig;
pub use options::LoadOptions;
pub use rates::{Freeze, LayerRates};
pub use shared::SharedClassifier;
pub use tch::Device;
