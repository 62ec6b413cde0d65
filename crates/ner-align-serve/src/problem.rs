//! What is wrong with a request, as RFC 9457 has it.

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::batching::JobError;

/// Media type of a problem.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// An answer that says what is wrong.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    detail: String,
    /// What the access log is told instead of the detail.
    logged: Option<String>,
    header: Option<(HeaderName, &'static str)>,
}

/// What was wrong, for the access log; an extension of the answer.
#[derive(Debug, Clone)]
pub(crate) struct Logged(pub(crate) String);

/// The body of an error.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody {
    /// `about:blank`: the status says what kind of problem it is.
    #[schema(value_type = String)]
    r#type: &'static str,
    /// The name of the status.
    #[schema(value_type = String)]
    title: &'static str,
    /// The status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What was expected and what was found.
    detail: String,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), logged: None, header: None }
    }

    /// 400: bytes that are not what their type says.
    pub(crate) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// 422: well formed, and not what is asked for.
    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    /// 415: a type that nothing here reads.
    pub(crate) fn unsupported(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
    }

    /// 503: too much to do; the client may try again.
    pub(crate) fn busy(detail: impl Into<String>) -> Self {
        let header = Some((RETRY_AFTER, "1"));
        Self { header, ..Self::new(StatusCode::SERVICE_UNAVAILABLE, detail) }
    }

    /// 401: no token, or another one.
    pub(crate) fn unauthorized() -> Self {
        let header = Some((WWW_AUTHENTICATE, "Bearer"));
        let detail =
            "expected the header Authorization: Bearer TOKEN with the token of this server";
        Self { header, ..Self::new(StatusCode::UNAUTHORIZED, detail) }
    }

    /// 500: the server is at fault. The client is not told what `logged` says.
    pub(crate) fn internal(logged: String) -> Self {
        let detail = "the server could not compute an answer";
        Self { logged: Some(logged), ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail) }
    }
}

impl From<JobError> for Problem {
    fn from(error: JobError) -> Self {
        if error.of_input { Self::invalid(error.message) } else { Self::internal(error.message) }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = ProblemBody {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: self.detail.clone(),
        };
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response.extensions_mut().insert(Logged(self.logged.unwrap_or(self.detail)));
        response
    }
}
