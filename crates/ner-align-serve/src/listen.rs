//! A listener whose clients may be slow, idle or gone.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};
use tower::ServiceExt;

use crate::connections::{Connection, Connections};

/// What a listener allows its clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Connections at a time. Beyond them, those that have been idle for longest are closed.
    pub connections: usize,
    /// Time for the head of a request, from the connection or from the answer before.
    pub header_timeout: Duration,
    /// Time without a request after which a connection is closed, also one whose client does not
    /// read its answer.
    pub idle_timeout: Duration,
    /// Time for the requests that were accepted, once the server is to stop.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            header_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(60),
            grace: Duration::from_secs(35),
        }
    }
}

ner_align_core::setters! { Limits {
    with_connections: connections: usize,
    with_header_timeout: header_timeout: Duration,
    with_idle_timeout: idle_timeout: Duration,
    with_grace: grace: Duration,
} }

/// Time for a request that is on its way, once the server is to stop.
const LAST_REQUEST: Duration = Duration::from_millis(500);
/// How often a connection is looked at.
const LOOK: Duration = Duration::from_secs(5);

/// Serves a router until `shutdown` is ready; then answers what was accepted.
///
/// # Errors
/// Those of the listener.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    serve_within(listener, router, Limits::default(), shutdown).await
}

/// As [`serve`], within limits of the caller's choice.
///
/// # Errors
/// As [`serve`].
pub async fn serve_within(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    listener.local_addr()?;
    let (stop, stopping) = watch::channel(false);
    let connections = Arc::new(Connections::default());
    let mut tasks = JoinSet::new();
    let start = |tasks: &mut JoinSet<()>, stream: TcpStream, remote: SocketAddr| {
        let connection = connections.open(limits.connections);
        let task = converse(stream, remote, router.clone(), connection, limits, stopping.clone());
        tasks.spawn(task);
    };
    let mut shutdown = pin!(shutdown);
    let mut pause = FIRST_PAUSE;
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            Some(_) = tasks.join_next(), if !tasks.is_empty() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, remote)) => {
                    pause = FIRST_PAUSE;
                    start(&mut tasks, stream, remote);
                }
                // The client is gone already.
                Err(error) if is_of_client(&error) => {}
                // No more files, most likely. The longest idle give theirs back.
                Err(_) => {
                    connections.close_idle();
                    sleep(pause).await;
                    pause = (pause * 2).min(LAST_PAUSE);
                }
            }
        }
    }
    // Whoever is in the backlog has connected, too.
    let listener = listener.into_std()?;
    while let Ok((stream, remote)) = listener.accept() {
        let stream = stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream));
        if let Ok(stream) = stream {
            start(&mut tasks, stream, remote);
        }
    }
    drop(listener);
    let _ = stop.send(true);
    let until = Instant::now() + limits.grace;
    while let Ok(Some(_)) = timeout_at(until, tasks.join_next()).await {}
    tasks.shutdown().await;
    Ok(())
}

const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LAST_PAUSE: Duration = Duration::from_secs(1);

fn is_of_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    )
}

/// Answers the requests of one connection.
async fn converse(
    stream: TcpStream,
    remote: SocketAddr,
    router: Router,
    connection: Arc<Connection>,
    limits: Limits,
    mut stopping: watch::Receiver<bool>,
) {
    // Answers are small and go at once.
    let _ = stream.set_nodelay(true);
    let stops = stopping.clone();
    let service = service_fn(|request: Request<Incoming>| {
        let (router, busy, stops) = (router.clone(), connection.begin(), stops.clone());
        async move {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(remote));
            let mut response = match router.oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            };
            if *stops.borrow() {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            drop(busy);
            Ok::<_, Infallible>(response)
        }
    });
    let mut http = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.header_timeout)
            .half_close(true)
            .serve_connection(TokioIo::new(stream), service)
    );
    loop {
        tokio::select! {
            _ = http.as_mut() => return,
            () = connection.closed() => return,
            _ = stopping.wait_for(|stop| *stop) => break,
            () = sleep(LOOK.min(limits.idle_timeout)) => {
                if connection.idle().is_some_and(|idle| idle >= limits.idle_timeout) {
                    return;
                }
            }
        }
    }
    // A request may be on its way. What hyper has not seen yet when it is told to end is lost.
    if tokio::time::timeout(LAST_REQUEST, http.as_mut()).await.is_err() {
        http.as_mut().graceful_shutdown();
        let _ = http.await;
    }
}
