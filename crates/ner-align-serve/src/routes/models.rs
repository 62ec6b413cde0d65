//! `GET /v1/models`.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::json;
use crate::answer::{ModelAnswer, ModelsAnswer};
use crate::problem::Problem;
use crate::state::Shared;

pub(super) async fn models(State(shared): State<Arc<Shared>>) -> Result<Response, Problem> {
    let models = shared.services().iter().enumerate().map(|(index, service)| ModelAnswer {
        name: service.name().to_owned(),
        labels: service.model().labels.clone(),
        default: index == 0,
    });
    json(&ModelsAnswer { models: models.collect() })
}
