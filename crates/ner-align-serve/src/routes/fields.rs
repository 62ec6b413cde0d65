//! `POST /v1/fields`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use ner_align_pipeline::fields::Fields;
use serde::Serialize;
use utoipa::ToSchema;

use super::json;
use crate::answer::Entity;
use crate::asked::{self, Answered, Body, Upload, Wishes};
use crate::problem::{Problem, ProblemBody};
use crate::state::Shared;

/// The fields of what was asked.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum FieldsAnswer {
    Text(TextFields),
    Texts(TextsFields),
}

/// The fields of one text.
#[derive(Serialize, ToSchema)]
struct TextFields {
    /// The name of the model.
    model: String,
    #[serde(flatten)]
    fields: DocumentFields,
}

/// The fields of several texts.
#[derive(Serialize, ToSchema)]
struct TextsFields {
    /// The name of the model.
    model: String,
    /// The texts in their order.
    documents: Vec<DocumentFields>,
}

/// The fields of a text, and the entities that they are from.
#[derive(Serialize, ToSchema)]
struct DocumentFields {
    /// The fields by name. A field with one value is a string or null, any other a list.
    #[schema(value_type = Object)]
    fields: Fields,
    /// The entities, by position.
    entities: Vec<Entity>,
}

/// The entities of a text, of several texts or of an uploaded file, joined into fields.
#[utoipa::path(
    post,
    path = "/v1/fields",
    params(Wishes),
    request_body(content(
        (Body = "application/json"),
        (Upload = "multipart/form-data"),
        (String = "text/plain"),
    )),
    responses(
        (status = 200, description = "The fields", body = FieldsAnswer),
        (
            status = "default",
            description = "What is wrong",
            body = ProblemBody,
            content_type = "application/problem+json",
        ),
    ),
)]
pub(super) async fn fields(
    State(shared): State<Arc<Shared>>,
    request: Request,
) -> Result<Response, Problem> {
    let wishes: Wishes = asked::query(request.uri())?;
    let Answered { model, one, texts, document } = asked::answer(&shared, request, wishes).await?;
    let mapping = &shared.options.mapping;
    let mut documents = texts.into_iter().map(|(_, found)| {
        let fields = Fields::of(&found, mapping);
        let entities = found.into_iter().map(|own| Entity::of(own, document.as_ref())).collect();
        DocumentFields { fields, entities }
    });
    let answer = match one.then(|| documents.next()).flatten() {
        Some(fields) => FieldsAnswer::Text(TextFields { model, fields }),
        None => FieldsAnswer::Texts(TextsFields { model, documents: documents.collect() }),
    };
    json(&answer)
}
