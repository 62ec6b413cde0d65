//! `GET /healthz`.

use axum::response::Response;

use super::json;
use crate::answer::HealthAnswer;
use crate::problem::Problem;

/// That the server is there.
#[utoipa::path(
    get,
    path = "/healthz",
    responses((status = 200, description = "It is", body = HealthAnswer)),
)]
pub(super) async fn health() -> Result<Response, Problem> {
    json(&HealthAnswer { status: "ok" })
}
