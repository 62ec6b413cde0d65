//! A request on its way from its bytes to the entities of its texts.

use std::sync::Arc;

use axum::extract::{Query, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode, Uri};
use ner_align_documents::{DocumentKind, ExtractedText};
use ner_align_pipeline::FoundEntity;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout_at};
use utoipa::{IntoParams, ToSchema};

use crate::body;
use crate::middleware::deadline;
use crate::options::ServeOptions;
use crate::problem::Problem;
use crate::request::{EntitiesRequest, Texts, Threshold, checked_alternatives, from_json};
use crate::state::{Service, Shared};
use crate::upload::{self, File};

/// What the query of an address may say of the model. The body wins where both say something.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wishes {
    /// The name of a model.
    #[param(nullable = false)]
    pub(crate) model: Option<String>,
    /// The lowest score of an entity.
    #[param(minimum = 0, maximum = 1, nullable = false)]
    pub(crate) threshold: Option<f32>,
    /// How many other readings each entity is given with.
    #[param(minimum = 0, maximum = 100, nullable = false)]
    pub(crate) alternatives: Option<u64>,
}

/// A form with one file.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it is only described")]
pub(crate) struct Upload {
    /// A text, or a PDF, docx, HTML or Markdown file.
    file: String,
}

/// A request as JSON. The document says what that is, as the limits and the labels belong to it.
#[derive(ToSchema)]
#[schema(as = EntitiesRequest)]
pub(crate) struct Body {}

/// The texts of a request and their entities.
pub(crate) struct Answered {
    /// The name of the model.
    pub(crate) model: String,
    /// One text was asked for as such.
    pub(crate) one: bool,
    pub(crate) texts: Vec<(String, Vec<FoundEntity>)>,
    /// The file that the one text is from.
    pub(crate) document: Option<ExtractedText>,
}

/// What the query of an address says.
pub(crate) fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, Problem> {
    let query = Query::try_from_uri(uri).map_err(|error| Problem::invalid(error.body_text()));
    query.map(|Query(query)| query)
}

/// Reads a request and computes the entities of its texts, until its deadline.
pub(crate) async fn answer(
    shared: &Arc<Shared>,
    request: Request,
    wishes: Wishes,
) -> Result<Answered, Problem> {
    if let Some(threshold) = wishes.threshold.filter(|least| !(0.0..=1.0).contains(least)) {
        return Err(Problem::invalid(format!("threshold: expected 0 to 1, found {threshold}")));
    }
    // Before the body, which may say something else.
    let wished_alternatives = wishes.alternatives.map(checked_alternatives).transpose()?;
    let deadline = deadline(&request, &shared.options);
    let (parts, body) = request.into_parts();
    let kind = Kind::of(&parts.headers)?;
    let mut held = body::read(shared, &parts.headers, body, deadline).await?;
    let bytes = std::mem::take(&mut held.bytes);
    let file = match kind {
        Kind::Json => None,
        Kind::File(kind) => Some(File::new(bytes.clone(), kind)?),
        Kind::Form { boundary } => Some(upload::form(&bytes, boundary).await?),
    };
    let mut document = None;
    let mut request = match file {
        None => from_json::<EntitiesRequest>(&bytes)?,
        Some(file) => {
            let extracted = upload::extract(shared, file, deadline).await?;
            let request = EntitiesRequest::of_text(extracted.text.clone());
            document = Some(extracted);
            request
        }
    };
    drop(bytes);
    let threshold = request.threshold.take().or(wishes.threshold.map(Threshold::All));
    let texts = request.texts(&shared.options)?;
    let alternatives = request.alternatives.map(checked_alternatives).transpose()?;
    let alternatives = alternatives.or(wished_alternatives);
    let service = shared.service(request.model.or(wishes.model).as_deref())?;
    if let Some(threshold) = &threshold {
        threshold.check(&service.model().labels)?;
    }
    let computed = compute(service, texts, alternatives, threshold.as_ref());
    let computed = until(deadline, &shared.options, computed).await?;
    Ok(Answered { document, ..computed })
}

/// Waits for an answer until the deadline.
pub(crate) async fn until<T>(
    deadline: Instant,
    options: &ServeOptions,
    computed: impl Future<Output = Result<T, Problem>>,
) -> Result<T, Problem> {
    timeout_at(deadline, computed).await.unwrap_or_else(|_| {
        let seconds = options.timeout.as_secs_f64();
        let detail = format!("expected an answer within {seconds} s, found none");
        Err(Problem::new(StatusCode::GATEWAY_TIMEOUT, detail))
    })
}

/// The entities of texts that reach the threshold.
async fn compute(
    service: &Service,
    texts: Texts,
    alternatives: Option<usize>,
    threshold: Option<&Threshold>,
) -> Result<Answered, Problem> {
    let one = matches!(texts, Texts::One(_));
    let texts = match texts {
        Texts::One(text) => vec![text],
        Texts::Several(texts) => texts,
    };
    let alternatives = alternatives.unwrap_or_else(|| service.model().predictor.alternatives());
    let mut found = service.entities(texts.clone(), alternatives).await?;
    if let Some(threshold) = threshold {
        let passes = |own: &FoundEntity| threshold.passes(own.label.as_str(), own.score);
        found.iter_mut().for_each(|found| found.retain(passes));
    }
    let model = service.name().to_owned();
    let texts = texts.into_iter().zip(found).collect();
    Ok(Answered { model, one, texts, document: None })
}

fn content_type(headers: &HeaderMap) -> &str {
    headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The media type of a body without its parameters, in lower case; empty if the client named none.
pub(crate) fn media_type(headers: &HeaderMap) -> String {
    let essence = content_type(headers).split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// What the body is.
enum Kind {
    Json,
    File(Option<DocumentKind>),
    Form { boundary: String },
}

impl Kind {
    fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        match media_type(headers).as_str() {
            "application/json" => Ok(Self::Json),
            "multipart/form-data" => multer::parse_boundary(content_type(headers))
                .map(|boundary| Self::Form { boundary })
                .map_err(|_| Problem::malformed("expected multipart/form-data with a boundary")),
            found => upload::kind(found).map(Self::File),
        }
    }
}
