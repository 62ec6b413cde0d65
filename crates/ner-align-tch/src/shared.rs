//! A model for prediction that threads share.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ndarray::Array2;
use ner_align_core::{Batch, LabelSet, TokenClassifier, TransitionScores};

use crate::classifier::TchClassifier;
use crate::config::EncoderConfig;
use crate::device::Precision;
use crate::error::{ModelError, Result};
use crate::network::Network;
use crate::options::LoadOptions;
use crate::parameters::Weights;

/// A fine-tuned model that only predicts, from as many threads at once as call it.
///
/// [`TchClassifier`] can move to another thread, but not be used by two, since libtorch's tensors
/// are not [`Sync`]. This one is `Sync`: each call takes handles to the tensors from a pool, which
/// grows to the largest number of calls at once. All handles share one copy of the weights, so that
/// another thread costs only its activations. Calls do not wait for each other.
///
/// Each call also computes on several threads by itself. Where many callers share a CPU, throughput
/// may be higher with fewer threads per call: set `OMP_NUM_THREADS` before the program starts.
///
/// ```no_run
/// use ner_align_core::{Batch, TokenClassifier};
/// use ner_align_tch::{LoadOptions, SharedClassifier};
///
/// let model = SharedClassifier::load("out/model-best", &LoadOptions::default())?;
/// let batches: Vec<Batch> = Vec::new();
/// std::thread::scope(|scope| {
///     for batch in &batches {
///         scope.spawn(|| model.logits(batch));
///     }
/// });
/// # Ok::<(), ner_align_tch::ModelError>(())
/// ```
#[derive(Debug)]
pub struct SharedClassifier {
    network: Network,
    labels: LabelSet,
    transitions: Option<TransitionScores>,
    precision: Precision,
    pool: Mutex<Pool>,
}

/// Handles to the same weights.
#[derive(Debug)]
struct Pool {
    /// Others are copied from this one, which is never lent.
    first: Weights,
    idle: Vec<Weights>,
}

impl SharedClassifier {
    /// Opens a fine-tuned model with the classes that it was saved with.
    ///
    /// # Errors
    /// As [`TchClassifier::load`].
    pub fn load(directory: impl AsRef<Path>, options: &LoadOptions) -> Result<Self> {
        Self::new(TchClassifier::load(directory, options)?)
    }

    /// What it computes in; never [`Precision::Auto`].
    #[must_use]
    pub const fn precision(&self) -> Precision {
        self.precision
    }

    /// Keeps of a model what prediction needs: neither the optimizer's state nor, in `bf16` and `int8`, the
    /// parameters in f32 that it does not compute with.
    ///
    /// # Errors
    /// [`ModelError::Torch`] if libtorch fails.
    pub fn new(model: TchClassifier) -> Result<Self> {
        let precision = model.precision();
        let (network, labels, parameters) = model.into_parts();
        network.forget_training();
        let transitions = network.transition_scores(parameters.weights())?;
        let mut first = parameters.into_weights()?;
        if precision == Precision::Int8 {
            network.free_rounded(&mut first)?;
        }
        Ok(Self {
            network,
            labels,
            transitions,
            precision,
            pool: Mutex::new(Pool { first, idle: Vec::new() }),
        })
    }

    /// The classes, by id.
    #[must_use]
    pub const fn labels(&self) -> &LabelSet {
        &self.labels
    }

    /// The encoder's configuration.
    #[must_use]
    pub const fn config(&self) -> &EncoderConfig {
        &self.network.config
    }

    /// A thread that panicked held no weights: the pool is as good as before.
    fn pool(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Weights {
        let mut pool = self.pool();
        pool.idle.pop().unwrap_or_else(|| pool.first.handle())
    }
}

impl TokenClassifier for SharedClassifier {
    type Error = ModelError;

    fn num_labels(&self) -> usize {
        self.labels.len()
    }

    fn logits(&self, batch: &Batch) -> Result<Array2<f32>> {
        let weights = self.take();
        let logits = self.network.logits(&weights, batch);
        self.pool().idle.push(weights);
        logits
    }

    fn transition_scores(&self) -> Result<Option<TransitionScores>> {
        Ok(self.transitions.clone())
    }
}
