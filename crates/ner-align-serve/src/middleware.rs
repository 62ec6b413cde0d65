//! What surrounds every request: who may ask, from where, and what is counted.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::Instant;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::options::{Access, ServeOptions};
use crate::origin::Origin;
use crate::problem::{Logged, Problem};
use crate::state::Shared;

/// When the answer to a request is due; an extension of the request.
#[derive(Debug, Clone, Copy)]
struct Deadline(Instant);

/// When the answer to a request is due.
pub(crate) fn deadline(request: &Request, options: &ServeOptions) -> Instant {
    let set = request.extensions().get::<Deadline>();
    set.map_or_else(|| Instant::now() + options.timeout, |Deadline(deadline)| *deadline)
}

/// Counts a request and tells the observer of it.
pub(crate) async fn observe(
    State(shared): State<Arc<Shared>>,
    mut request: Request,
    next: Next,
) -> Response {
    let start = Instant::now();
    request.extensions_mut().insert(Deadline(start + shared.options.timeout));
    let method = request.method().clone();
    let uri = request.uri().clone();
    let extensions = request.extensions();
    let remote = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
    let route = extensions.get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let (status, elapsed) = (response.status().as_u16(), start.elapsed());
    let route = route.as_ref().map_or("other", MatchedPath::as_str);
    shared.metrics.request(route, method.as_str(), status, elapsed);
    if let Some(observer) = &shared.options.observer {
        let error = response.extensions().get::<Logged>().map(|logged| logged.0.as_str());
        let (method, path) = (method.as_str(), uri.path());
        observer(&Access { remote, method, path, status, elapsed, error });
    }
    response
}

/// Refuses requests that do not show the token, where there is one.
pub(crate) async fn authorize(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    match &shared.options.token {
        Some(token) if !token.is_shown(request.headers()) => {
            Problem::unauthorized().into_response()
        }
        _ => next.run(request).await,
    }
}

/// Keeps browsers from guessing types.
pub(crate) async fn safe_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Lets pages of these origins ask.
pub(crate) fn cors(origins: &[Origin]) -> CorsLayer {
    const MAX_AGE: Duration = Duration::from_secs(3600);
    let allowed = if origins.iter().any(Origin::is_any) {
        AllowOrigin::any()
    } else {
        AllowOrigin::list(origins.iter().map(|origin| origin.header().clone()))
    };
    CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([CONTENT_TYPE, AUTHORIZATION])
        .max_age(MAX_AGE)
}
