//! `GET /`: the page, with its styles and its scripts.

use std::sync::Arc;

use axum::Router;
use axum::extract::OriginalUri;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::state::Shared;

const PAGE: &str = include_str!("../../assets/index.html");

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Path, type and text of what the page loads.
const ASSETS: [(&str, &str, &str); 15] = [
    ("/assets/page.css", STYLE, include_str!("../../assets/page.css")),
    ("/assets/text.css", STYLE, include_str!("../../assets/text.css")),
    ("/assets/api.js", SCRIPT, include_str!("../../assets/api.js")),
    ("/assets/collection.js", SCRIPT, include_str!("../../assets/collection.js")),
    ("/assets/colours.js", SCRIPT, include_str!("../../assets/colours.js")),
    ("/assets/document.js", SCRIPT, include_str!("../../assets/document.js")),
    ("/assets/editor.js", SCRIPT, include_str!("../../assets/editor.js")),
    ("/assets/gestures.js", SCRIPT, include_str!("../../assets/gestures.js")),
    ("/assets/input.js", SCRIPT, include_str!("../../assets/input.js")),
    ("/assets/layout.js", SCRIPT, include_str!("../../assets/layout.js")),
    ("/assets/legend.js", SCRIPT, include_str!("../../assets/legend.js")),
    ("/assets/offsets.js", SCRIPT, include_str!("../../assets/offsets.js")),
    ("/assets/page.js", SCRIPT, include_str!("../../assets/page.js")),
    ("/assets/settings.js", SCRIPT, include_str!("../../assets/settings.js")),
    ("/assets/view.js", SCRIPT, include_str!("../../assets/view.js")),
];

/// The page loads nothing but its own styles and scripts, and talks to nobody but its server.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

pub(super) fn routes() -> Router<Arc<Shared>> {
    ASSETS.into_iter().fold(Router::new().route("/", get(page)), |router, (path, kind, text)| {
        router.route(path, get(move || async move { file(kind, text) }))
    })
}

async fn page(OriginalUri(uri): OriginalUri) -> Response {
    // A router that is nested at `/ner` gets the page at `/ner`, where `assets/` would name a
    // folder beside it.
    match uri.path().rsplit('/').next().unwrap_or_default() {
        "" => file(HTML, PAGE),
        last => {
            let safe = last.replace('&', "&amp;").replace('"', "&quot;");
            file(HTML, PAGE.replace("\"assets/", &format!("\"./{safe}/assets/")))
        }
    }
}

fn file(kind: &'static str, text: impl IntoResponse) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        // A server of another version has another page.
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, text).into_response()
}
