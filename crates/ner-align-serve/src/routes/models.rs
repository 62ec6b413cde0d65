//! `GET /v1/models`.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::json;
use crate::answer::{ModelAnswer, ModelsAnswer};
use crate::problem::{Problem, ProblemBody};
use crate::state::Shared;

/// The models, the default one first.
#[utoipa::path(
    get,
    path = "/v1/models",
    responses(
        (status = 200, description = "The models", body = ModelsAnswer),
        (status = "default", description = "What is wrong", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn models(State(shared): State<Arc<Shared>>) -> Result<Response, Problem> {
    let models = shared.services().iter().enumerate().map(|(index, service)| ModelAnswer {
        name: service.name().to_owned(),
        labels: service.model().labels.clone(),
        default: index == 0,
    });
    json(&ModelsAnswer { models: models.collect() })
}
