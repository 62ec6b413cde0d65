//! `GET /healthz`.

use axum::response::Response;

use super::json;
use crate::answer::HealthAnswer;
use crate::problem::Problem;

pub(super) async fn health() -> Result<Response, Problem> {
    json(&HealthAnswer { status: "ok" })
}
