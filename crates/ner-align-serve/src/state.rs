//! What all requests share.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use ner_align_pipeline::{FoundEntity, PipelineEntity, PipelineOptions};
use tokio::sync::Semaphore;

use crate::batching::{Batcher, Found, TextFound, Work};
use crate::error::ServeError;
use crate::metrics::Metrics;
use crate::models::{Loaded, Models, Slot};
use crate::options::ServeOptions;
use crate::problem::Problem;

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) options: ServeOptions,
    pub(crate) metrics: Arc<Metrics>,
    /// Bytes of bodies in memory.
    pub(crate) bodies: AtomicUsize,
    /// Places for the files whose text is being extracted.
    pub(crate) reading: Arc<Semaphore>,
    services: Vec<Service>,
}

/// A model, and the way to its thread.
#[derive(Debug)]
pub(crate) struct Service {
    slot: Arc<Slot>,
    batcher: Batcher,
}

impl Shared {
    pub(crate) fn new(models: &Models, options: ServeOptions) -> Result<Self, ServeError> {
        models.check()?;
        let metrics = Arc::new(Metrics::default());
        let start = |slot: &Arc<Slot>| {
            let (metrics, slot) = (Arc::clone(&metrics), Arc::clone(slot));
            let batcher =
                Batcher::start(Arc::clone(&slot), options.batching, options.queue, metrics)?;
            Ok(Service { slot, batcher })
        };
        let services = models.slots().iter().map(start).collect::<Result<_, ServeError>>()?;
        let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
        let reading = Arc::new(Semaphore::new(processors));
        Ok(Self { options, metrics, bodies: AtomicUsize::new(0), reading, services })
    }

    /// The models, the default one first.
    pub(crate) fn services(&self) -> &[Service] {
        &self.services
    }

    /// The model with this name, or the default one.
    pub(crate) fn service(&self, name: Option<&str>) -> Result<&Service, Problem> {
        let Some(name) = name else {
            return self.services.first().ok_or_else(|| Problem::busy("no model is loaded"));
        };
        self.services.iter().find(|service| service.name() == name).ok_or_else(|| {
            let known: Vec<&str> = self.services.iter().map(Service::name).collect();
            let detail = format!("model: expected one of {}, found {name:?}", known.join(", "));
            Problem::new(axum::http::StatusCode::NOT_FOUND, detail)
        })
    }
}

impl Service {
    pub(crate) fn name(&self) -> &str {
        &self.slot.name
    }

    pub(crate) fn model(&self) -> Arc<Loaded> {
        self.slot.current()
    }

    pub(crate) fn pending(&self) -> usize {
        self.batcher.pending()
    }

    /// The entities of texts with their alternatives, computed together with those of other requests.
    pub(crate) async fn entities(
        &self,
        texts: Vec<String>,
        alternatives: usize,
    ) -> Result<Vec<Vec<FoundEntity>>, Problem> {
        let found = self.found(texts, Work::Entities { alternatives }).await?;
        let mut found: Vec<_> = found.into_iter().map(TextFound::entities).collect();
        // Another request of the batch may have asked for more.
        found.iter_mut().flatten().for_each(|entity| entity.alternatives.truncate(alternatives));
        Ok(found)
    }

    /// The entities of texts as transformers' pipeline answers them.
    pub(crate) async fn pipeline(
        &self,
        texts: Vec<String>,
        options: PipelineOptions,
    ) -> Result<Vec<Vec<PipelineEntity>>, Problem> {
        let found = self.found(texts, Work::Pipeline(options)).await?;
        Ok(found.into_iter().map(TextFound::pipeline).collect())
    }

    async fn found(&self, texts: Vec<String>, work: Work) -> Result<Found, Problem> {
        match self.batcher.found(texts, work).await {
            Ok(found) => found.map_err(Problem::from),
            Err(_) => Err(Problem::busy("expected a free place in the queue, found it full")),
        }
    }
}
