//! `POST /v1/entities`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::json;
use crate::answer::{
    DisplacyAnswer, Document, EntitiesAnswer, Entity, Page, TextAnswer, TextsAnswer,
};
use crate::asked::{self, Answered, Body, Upload, Wishes};
use crate::problem::{Problem, ProblemBody};
use crate::state::Shared;

/// What the query of the address may say. The body wins where both say something.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Asking {
    /// The shape of the answer.
    #[serde(default)]
    #[param(inline)]
    format: Format,
    /// The name of a model.
    #[param(nullable = false)]
    model: Option<String>,
    /// The lowest score of an entity.
    #[param(minimum = 0, maximum = 1, nullable = false)]
    threshold: Option<f32>,
    /// How many other readings each entity is given with.
    #[param(minimum = 0, maximum = 100, nullable = false)]
    alternatives: Option<u64>,
}

/// The shape of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Json,
    Displacy,
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
        (
            status = "default",
            description = "What is wrong",
            body = ProblemBody,
            content_type = "application/problem+json",
        ),
    ),
)]
pub(super) async fn entities(
    State(shared): State<Arc<Shared>>,
    request: Request,
) -> Result<Response, Problem> {
    let Asking { format, model, threshold, alternatives } = asked::query(request.uri())?;
    let Answered { model, one, texts, document } =
        asked::answer(&shared, request, Wishes { model, threshold, alternatives }).await?;
    let mut documents = texts.into_iter().map(|(text, found)| {
        let entities = found.into_iter().map(|own| Entity::of(own, document.as_ref())).collect();
        Document { text, entities }
    });
    let answer = match (format, one.then(|| documents.next()).flatten()) {
        (Format::Json, Some(Document { text, entities })) => {
            let pages = document.as_ref();
            let pages = pages.map(|document| document.pages.iter().map(Page::from).collect());
            EntitiesAnswer::Text(TextAnswer { model, text, entities, pages })
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
