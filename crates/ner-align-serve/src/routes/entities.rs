//! `POST /v1/entities`.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Query, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use serde::Deserialize;
use tokio::time::timeout_at;
use utoipa::{IntoParams, ToSchema};

use super::json;
use crate::answer::{DisplacyAnswer, Document, EntitiesAnswer, Entity, TextAnswer, TextsAnswer};
use crate::body;
use crate::middleware::deadline;
use crate::problem::{Problem, ProblemBody};
use crate::request::{Asked, EntitiesRequest, Threshold, from_json};
use crate::state::{Service, Shared};
use crate::upload;

/// What the query of the address may say. The body wins where both say something.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Asking {
    /// The shape of the answer.
    #[param(inline, nullable = false)]
    format: Option<Format>,
    /// The name of a model.
    #[param(nullable = false)]
    model: Option<String>,
    /// The lowest score of an entity.
    #[param(minimum = 0, maximum = 1, nullable = false)]
    threshold: Option<f32>,
}

/// The shape of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Json,
    Displacy,
}

impl Asking {
    fn read(uri: &Uri) -> Result<Self, Problem> {
        let Query(asking): Query<Self> =
            Query::try_from_uri(uri).map_err(|error| Problem::invalid(error.body_text()))?;
        if let Some(threshold) = asking.threshold.filter(|least| !(0.0..=1.0).contains(least)) {
            let detail = format!("threshold: expected 0 to 1, found {threshold}");
            return Err(Problem::invalid(detail));
        }
        Ok(asking)
    }
}

/// The entities of a text, of several texts or of an uploaded file.
#[utoipa::path(
    post,
    path = "/v1/entities",
    params(Asking),
    request_body(content(
        (Body = "application/json"),
        (Upload = "multipart/form-data"),
        (String = "text/plain"),
    )),
    responses(
        (status = 200, description = "The entities", body = EntitiesAnswer),
        (status = "default", description = "What is wrong", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn entities(
    State(shared): State<Arc<Shared>>,
    request: Request,
) -> Result<Response, Problem> {
    let asking = Asking::read(request.uri())?;
    let deadline = deadline(&request, &shared.options);
    let (parts, body) = request.into_parts();
    let kind = Kind::of(&parts.headers)?;
    let mut held = body::read(&shared, &parts.headers, body, deadline).await?;
    let mut request = match kind {
        Kind::Json => from_json::<EntitiesRequest>(&held.bytes)?,
        Kind::Text => upload::plain(&held.bytes)?,
        Kind::Form { boundary } => upload::form(&held.bytes, boundary).await?,
    };
    held.bytes = Bytes::new();
    request.model = request.model.or(asking.model);
    request.threshold = request.threshold.or(asking.threshold.map(Threshold::All));
    let asked = request.texts(&shared.options)?;
    let service = shared.service(request.model.as_deref())?;
    if let Some(threshold) = &request.threshold {
        threshold.check(&service.model().labels)?;
    }
    let format = asking.format.unwrap_or_default();
    let answer = answer(service, asked, request.threshold.as_ref(), format);
    timeout_at(deadline, answer).await.unwrap_or_else(|_| {
        let seconds = shared.options.timeout.as_secs_f64();
        let detail = format!("expected an answer within {seconds} s, found none");
        Err(Problem::new(StatusCode::GATEWAY_TIMEOUT, detail))
    })
}

/// A request as JSON. The document says what that is, as the limits and the labels belong to it.
#[derive(ToSchema)]
#[schema(as = EntitiesRequest)]
struct Body {}

/// A form with one file.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it is only described")]
struct Upload {
    /// A plain text in UTF-8.
    file: String,
}

/// What the body is.
enum Kind {
    Json,
    Text,
    Form { boundary: String },
}

impl Kind {
    fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = value.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        match essence.to_ascii_lowercase().as_str() {
            "application/json" => Ok(Self::Json),
            "text/plain" => Ok(Self::Text),
            "multipart/form-data" => multer::parse_boundary(value.unwrap_or_default())
                .map(|boundary| Self::Form { boundary })
                .map_err(|_| Problem::malformed("expected multipart/form-data with a boundary")),
            found => Err(Problem::unsupported(format!(
                "expected a body of type application/json, multipart/form-data or text/plain, \
                 found {found:?}"
            ))),
        }
    }
}

/// The entities of what is asked.
async fn answer(
    service: &Service,
    asked: Asked,
    threshold: Option<&Threshold>,
    format: Format,
) -> Result<Response, Problem> {
    let one = matches!(asked, Asked::One(_));
    let texts = match asked {
        Asked::One(text) => vec![text],
        Asked::Several(texts) => texts,
    };
    let found = service.entities(texts.clone()).await?;
    let mut documents = texts.into_iter().zip(found).map(|(text, found)| {
        let entities = found.into_iter().map(Entity::from);
        let passes = |entity: &Entity| {
            threshold.is_none_or(|least| least.passes(&entity.label, entity.score))
        };
        Document { text, entities: entities.filter(passes).collect() }
    });
    let model = service.name().to_owned();
    let answer = match (format, one.then(|| documents.next()).flatten()) {
        (Format::Json, Some(Document { text, entities })) => {
            EntitiesAnswer::Text(TextAnswer { model, text, entities })
        }
        (Format::Json, None) => {
            EntitiesAnswer::Texts(TextsAnswer { model, documents: documents.collect() })
        }
        (Format::Displacy, Some(document)) => EntitiesAnswer::Displacy(document.into()),
        (Format::Displacy, None) => {
            EntitiesAnswer::DisplacyOfEach(documents.map(DisplacyAnswer::from).collect())
        }
    };
    json(&answer)
}
