//! Bodies of requests, within their limits.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout_at};

use crate::problem::Problem;
use crate::state::Shared;

/// Bytes of a body that is too long which are read and thrown away, so that the client gets to
/// read the answer; as a multiple of the limit.
const THROWN_AWAY: usize = 8;

/// The bytes of a body. They count as in memory until this is dropped, also those that were taken
/// out of it, as what was made of them lives as long as the request.
#[derive(Debug)]
pub(crate) struct Held {
    shared: Arc<Shared>,
    counted: usize,
    pub(crate) bytes: Bytes,
}

impl Held {
    /// Counts more bytes; 503 if all bodies together have too many.
    fn count(&mut self, more: usize) -> Result<(), Problem> {
        let most = self.shared.options.max_bodies;
        let held = &self.shared.bodies;
        let add = |now: usize| now.checked_add(more).filter(|sum| *sum <= most);
        match held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add) {
            Ok(_) => {
                self.counted += more;
                Ok(())
            }
            Err(_) => Err(Problem::busy("expected memory for the body, found it in use")),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let held: &AtomicUsize = &self.shared.bodies;
        held.fetch_sub(self.counted, Ordering::Relaxed);
    }
}

/// Reads a body until `deadline`.
pub(crate) async fn read(
    shared: &Arc<Shared>,
    headers: &HeaderMap,
    body: Body,
    deadline: Instant,
) -> Result<Held, Problem> {
    let read = timeout_at(deadline, read_within(shared, headers, body));
    read.await.unwrap_or_else(|_| {
        let seconds = shared.options.timeout.as_secs_f64();
        let detail = format!("expected the whole body within {seconds} s, found a part of it");
        Err(Problem::new(StatusCode::REQUEST_TIMEOUT, detail))
    })
}

async fn read_within(
    shared: &Arc<Shared>,
    headers: &HeaderMap,
    mut body: Body,
) -> Result<Held, Problem> {
    let most = shared.options.max_body;
    let mut held = Held { shared: Arc::clone(shared), counted: 0, bytes: Bytes::new() };
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > most) {
        throw_away(&mut body, most.saturating_mul(THROWN_AWAY)).await;
        return Err(too_long(most));
    }
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame =
            frame.map_err(|error| Problem::malformed(format!("the body is cut off: {error}")))?;
        // Trailers say nothing here.
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > most {
            throw_away(&mut body, most.saturating_mul(THROWN_AWAY)).await;
            return Err(too_long(most));
        }
        held.count(data.len())?;
        bytes.extend_from_slice(&data);
    }
    held.bytes = bytes.into();
    Ok(held)
}

fn too_long(most: usize) -> Problem {
    let detail = format!("expected a body of at most {most} bytes, found a longer one");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
}

async fn throw_away(body: &mut Body, most: usize) {
    let mut thrown = 0;
    while let Some(Ok(frame)) = body.frame().await {
        thrown += frame.data_ref().map_or(0, Bytes::len);
        if thrown > most {
            return;
        }
    }
}
