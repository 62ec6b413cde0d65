//! `GET /metrics`.

use std::sync::Arc;
use std::time::UNIX_EPOCH;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;

use crate::metrics::Gauge;
use crate::problem::ProblemBody;
use crate::state::Shared;

/// What the server counted, in the text format of Prometheus.
#[utoipa::path(
    get,
    path = "/metrics",
    responses(
        (status = 200, description = "Counters, gauges and histograms", body = String, content_type = "text/plain"),
        (status = "default", description = "What is wrong", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn metrics(State(shared): State<Arc<Shared>>) -> impl IntoResponse {
    let gauges: Vec<Gauge<'_>> = shared
        .services()
        .iter()
        .map(|service| Gauge {
            model: service.name(),
            pending: service.pending(),
            loaded: service
                .model()
                .since
                .duration_since(UNIX_EPOCH)
                .map_or(0.0, |since| since.as_secs_f64()),
        })
        .collect();
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], shared.metrics.text(&gauges))
}
