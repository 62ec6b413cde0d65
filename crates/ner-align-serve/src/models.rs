//! The models of a server, by name, each of which can be replaced while requests are answered.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use ner_align_pipeline::Predictor;

use crate::error::ServeError;

/// The models of a server. The first one answers requests that name none.
///
/// Clones are the same models: whoever keeps one can [replace](Self::replace) a model of a running
/// server.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../ner-align-pipeline/tests/counting/mod.rs"));
/// # fn main() -> Result<(), ner_align_serve::ServeError> {
/// # let predictor = |_: &str| predictor();
/// use ner_align_serve::{Models, ServeOptions, router};
///
/// let models = Models::new("news", predictor("models/news")).with("jobs", predictor("models/jobs"));
/// let app = router(models.clone(), ServeOptions::default())?;
/// // Later, while `app` serves. Requests that are being computed keep the model that they have.
/// models.replace("jobs", predictor("models/jobs"))?;
/// # let _: axum::Router = app;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Models(Vec<Arc<Slot>>);

/// A name, and the model that has it now.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) name: String,
    current: RwLock<Arc<Loaded>>,
}

/// A model, and since when it is there.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) predictor: Predictor,
    pub(crate) since: SystemTime,
    /// The entity types that it knows, sorted.
    pub(crate) labels: Vec<String>,
}

impl Loaded {
    fn new(predictor: Predictor) -> Arc<Self> {
        let types = predictor.labels().types();
        let mut labels: Vec<String> = types.iter().map(ToString::to_string).collect();
        labels.sort();
        labels.dedup();
        Arc::new(Self { predictor, since: SystemTime::now(), labels })
    }
}

impl Slot {
    pub(crate) fn current(&self) -> Arc<Loaded> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Models {
    /// One model with this name.
    #[must_use]
    pub fn new(name: impl Into<String>, predictor: Predictor) -> Self {
        Self(Vec::new()).with(name, predictor)
    }

    /// Adds a model.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, predictor: Predictor) -> Self {
        let current = RwLock::new(Loaded::new(predictor));
        self.0.push(Arc::new(Slot { name: name.into(), current }));
        self
    }

    /// Puts another model in the place of the one with this name. Requests that are being computed
    /// end with the one that they have.
    ///
    /// # Errors
    /// [`ServeError::UnknownModel`].
    pub fn replace(&self, name: &str, predictor: Predictor) -> Result<(), ServeError> {
        let slot = self.0.iter().find(|slot| slot.name == name);
        let slot = slot.ok_or_else(|| ServeError::UnknownModel {
            name: name.to_owned(),
            known: self.names().map(str::to_owned).collect(),
        })?;
        let new = Loaded::new(predictor);
        // The old model is freed after the lock, which requests wait for.
        let old = {
            let mut current = slot.current.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *current, new)
        };
        drop(old);
        Ok(())
    }

    /// The names, the first of which is the default.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|slot| slot.name.as_str())
    }

    pub(crate) fn slots(&self) -> &[Arc<Slot>] {
        &self.0
    }

    /// Names tell the models apart.
    pub(crate) fn check(&self) -> Result<(), ServeError> {
        for (index, slot) in self.0.iter().enumerate() {
            if self.0[..index].iter().any(|other| other.name == slot.name) {
                return Err(ServeError::NameTwice { name: slot.name.clone() });
            }
        }
        if self.0.is_empty() { Err(ServeError::NoModel) } else { Ok(()) }
    }
}

impl From<Predictor> for Models {
    /// One model, called `default`.
    fn from(predictor: Predictor) -> Self {
        Self::new("default", predictor)
    }
}
