//! Named-entity models over HTTP.
//!
//! [`router`] makes an [`axum::Router`] of a [`Predictor`](ner_align_pipeline::Predictor), to serve
//! as it is or to mount in a service of one's own:
//!
//! ```
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../ner-align-pipeline/tests/counting/mod.rs"));
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use axum::{Router, routing::get};
//! use ner_align_serve::{ServeOptions, router, serve};
//!
//! # let model = predictor();
//! # #[cfg(any())]
//! let model = Predictor::open("out/model-best")?;                 // feature `tch`
//! let app = Router::new()
//!     .route("/", get(|| async { "my own service" }))
//!     .nest("/ner", router(model, ServeOptions::default())?);     // POST /ner/v1/entities, …
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! let until = async { tokio::signal::ctrl_c().await.unwrap_or_default() };
//! # let until = async { drop(until) };
//! serve(listener, app, until).await?;                             // or `axum::serve`
//! # Ok(())
//! # }
//! ```
//!
//! | address | answers |
//! |---|---|
//! | `POST /v1/entities` | the entities of `{"text"}` or `{"texts"}`, or of an uploaded file |
//! | `POST /v1/fields` | the same entities joined by type into fields |
//! | `POST /hf` | what transformers' pipeline answers to the same request |
//! | `GET /v1/models` | the models and their labels |
//! | `GET /healthz` | that the server is there |
//! | `GET /metrics` | what it counted, for Prometheus |
//! | `GET /openapi.json` | a description, with the limits and the labels |
//! | `GET /` | a page to try it |
//!
//! Requests of many clients are joined into batches ([`Batching`]), within the limits of
//! [`ServeOptions`]. What is wrong with a request is answered as RFC 9457 has it, as
//! `application/problem+json`. [`Models`] holds several models by name, and replaces them while the
//! server answers. [`serve`] stands slow, idle and half-closed clients, and answers what it accepted
//! before it ends.
//!
//! Nothing here prints: [`ServeOptions::on_request`] calls a closure after each request.

mod answer;
mod asked;
mod batching;
mod body;
mod connections;
mod error;
mod listen;
mod metrics;
mod middleware;
mod models;
mod options;
mod origin;
mod problem;
mod request;
mod routes;
mod state;
mod token;
mod upload;

pub use error::ServeError;
pub use listen::{Limits, serve, serve_within};
pub use models::Models;
pub use options::{Access, Batching, ServeOptions};
pub use origin::Origin;
pub use routes::router;
pub use token::Token;

/// The README's example, which the documentation tests compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
