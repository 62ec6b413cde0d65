//! Models inside your own service: step 7 of `docs/tutorial.md`.
//!
//! ```sh
//! cargo run --features serve,tch --example own_service -- MODEL_FOLDER
//! curl http://127.0.0.1:8080/ner/v1/entities --json '{"text": "Two years of Python."}'
//! ```

use axum::{Router, routing::get};
use ner_align::Predictor;
use ner_align::serve::{ServeError, ServeOptions, router, serve};
use tokio::net::TcpListener;

/// A service with an address of its own, and the model below `/ner`.
pub(crate) fn service(model: Predictor) -> Result<Router, ServeError> {
    let ner = router(model, ServeOptions::default())?;
    Ok(Router::new().route("/", get(|| async { "my own service" })).nest("/ner", ner))
}

#[allow(dead_code, reason = "the test calls the function above")]
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let folder = std::env::args().nth(1).ok_or_else(|| anyhow::anyhow!("expected MODEL_FOLDER"))?;
    let app = service(Predictor::open(folder)?)?;
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    // Answers what it accepted before it ends.
    serve(listener, app, async { tokio::signal::ctrl_c().await.unwrap_or_default() }).await?;
    Ok(())
}
