//! What the server answers, by address.

mod entities;
mod fields;
mod health;
mod hf;
mod metrics;
mod models;
mod openapi;
mod page;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};

use crate::error::ServeError;
use crate::middleware::{authorize, cors, observe};
use crate::models::Models;
use crate::options::ServeOptions;
use crate::problem::Problem;
use crate::state::Shared;

/// The routes of a server for one or several models: a [`Predictor`](ner_align_pipeline::Predictor)
/// or [`Models`].
///
/// It starts one thread for each model, which ends with the router. To mount it in a service that
/// has routes of its own, nest it: `Router::new().nest("/ner", router(…)?)`.
///
/// # Errors
/// [`ServeError::NoModel`], [`ServeError::NameTwice`] and [`ServeError::Thread`].
pub fn router(models: impl Into<Models>, options: ServeOptions) -> Result<Router, ServeError> {
    let shared = Arc::new(Shared::new(&models.into(), options)?);
    let with_token = Router::new()
        .route("/v1/entities", post(entities::entities))
        .route("/v1/fields", post(fields::fields))
        .route("/hf", post(hf::hf))
        .route("/v1/models", get(models::models))
        .route("/metrics", get(metrics::metrics))
        .route_layer(from_fn_with_state(Arc::clone(&shared), authorize));
    let mut router = Router::new()
        .route("/healthz", get(health::health))
        .route("/openapi.json", get(openapi::document))
        .merge(page::routes())
        .merge(with_token)
        .fallback(not_found)
        .method_not_allowed_fallback(wrong_method);
    if !shared.options.cors.is_empty() {
        router = router.layer(cors(&shared.options.cors));
    }
    let observe = from_fn_with_state(Arc::clone(&shared), observe);
    Ok(router.layer(from_fn(crate::middleware::safe_headers)).layer(observe).with_state(shared))
}

async fn not_found(request: Request) -> Problem {
    let path = request.uri().path();
    Problem::new(StatusCode::NOT_FOUND, format!("expected a path of this server, found {path}"))
}

async fn wrong_method(request: Request) -> Problem {
    let (method, path) = (request.method(), request.uri().path());
    let detail = format!("{path}: expected a method that the header Allow names, found {method}");
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail)
}

/// An answer as JSON.
fn json<T: serde::Serialize>(answer: &T) -> Result<Response, Problem> {
    use axum::http::HeaderValue;
    use axum::http::header::CONTENT_TYPE;
    use axum::response::IntoResponse;
    let body = serde_json::to_vec(answer).map_err(|error| Problem::internal(error.to_string()))?;
    let json = HeaderValue::from_static("application/json");
    Ok(([(CONTENT_TYPE, json)], body).into_response())
}
