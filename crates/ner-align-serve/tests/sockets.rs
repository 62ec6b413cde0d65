//! A server on a socket, and clients that are many, slow, rude or gone.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

#[allow(dead_code, reason = "not all of it is used")]
mod client;
#[path = "../../ner-align-pipeline/tests/counting/mod.rs"]
#[allow(dead_code, reason = "not all of it is used")]
mod counting;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use client::{Server, read_all, wire};
use counting::predictor;
use ner_align_serve::{Limits, Models, ServeOptions, router};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinSet;

const PATIENCE: Duration = Duration::from_secs(20);

fn texts() -> Vec<String> {
    let words = ["Python", "and", "Java", "nurse", "🦀", "SQL,", "degree", "", "Žádáme"];
    let text = |length: usize| (0..length).map(|i| words[(i * 7 + length) % 9]).collect::<Vec<_>>();
    (0..40).map(|length| text(length * length % 61).join(" ")).collect()
}

fn body(answer: &str) -> Value {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{answer:?}"));
    assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
    serde_json::from_str(body).unwrap()
}

async fn started(options: ServeOptions) -> Server {
    Server::start(router(predictor(), options).unwrap(), Limits::default()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_of_many_clients_are_the_answers_of_single_calls() {
    let (texts, alone) = (Arc::new(texts()), predictor());
    let expected = |text: &String| {
        let found = serde_json::to_string(&alone.entities(text).unwrap()).unwrap();
        serde_json::from_str(&found).unwrap()
    };
    let expected: Vec<Value> = texts.iter().map(expected).collect();
    let expected = Arc::new(expected);
    let server = Arc::new(started(ServeOptions::default()).await);
    let mut clients = JoinSet::new();
    for client in 0..32 {
        let (server, texts, expected) =
            (Arc::clone(&server), Arc::clone(&texts), Arc::clone(&expected));
        clients.spawn(async move {
            for turn in 0..10 {
                let at = (client * 11 + turn * 3) % texts.len();
                let answer = body(&server.send(&wire(&texts[at])).await);
                assert_eq!(answer["text"], texts[at].as_str());
                assert_eq!(answer["entities"], expected[at]);
            }
        });
    }
    while let Some(client) = clients.join_next().await {
        client.unwrap();
    }
    let metrics =
        server.send(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    let count = |name: &str| -> u64 {
        let line = metrics.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("{name}: {metrics}")).trim().parse().unwrap()
    };
    let batches = count("ner_align_batch_texts_count{model=\"default\"}");
    assert_eq!(count("ner_align_batch_texts_sum{model=\"default\"}"), 320);
    assert!(batches < 320, "no two requests shared a batch");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_answers_what_it_accepted() {
    let server = started(ServeOptions::default()).await;
    let long = "Python and Java ".repeat(2000);
    let mut streams = Vec::new();
    for _ in 0..24 {
        streams.push(server.connect().await);
    }
    let (stopping, address) = (AtomicBool::new(false), server.address);
    let mut readers = JoinSet::new();
    for mut stream in streams {
        let request = wire(&long);
        readers.spawn(async move {
            stream.write_all(&request).await.unwrap();
            read_all(stream).await
        });
    }
    tokio::task::yield_now().await;
    stopping.store(true, Ordering::Relaxed);
    server.stop().await;
    while let Some(answer) = readers.join_next().await {
        let answer = answer.unwrap();
        assert_eq!(body(&answer)["text"], long.as_str());
    }
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn models_are_replaced_without_a_lost_request() {
    let models = Models::new("default", predictor());
    let app = router(models.clone(), ServeOptions::default()).unwrap();
    let server = Arc::new(Server::start(app, Limits::default()).await);
    let (answered, over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let mut clients = JoinSet::new();
    for _ in 0..8 {
        let (server, answered, over) =
            (Arc::clone(&server), Arc::clone(&answered), Arc::clone(&over));
        clients.spawn(async move {
            while !over.load(Ordering::Relaxed) {
                body(&server.send(&wire("Python and Java")).await);
                answered.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    let mut replaced = 0;
    while replaced < 5 || answered.load(Ordering::Relaxed) < 200 {
        let (new, models) = (tokio::task::spawn_blocking(predictor).await.unwrap(), models.clone());
        models.replace("default", new).unwrap();
        replaced += 1;
    }
    over.store(true, Ordering::Relaxed);
    while let Some(client) = clients.join_next().await {
        client.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_clients_are_told_or_cut_off_and_harm_nobody() {
    let options = ServeOptions::default().with_timeout(Duration::from_millis(300));
    let app = router(predictor(), options).unwrap();
    let limits = Limits::default()
        .with_header_timeout(Duration::from_millis(300))
        .with_idle_timeout(Duration::from_secs(2));
    let server = Server::start(app, limits).await;
    let request = wire("Python");
    // Half a body, half a head, nothing at all.
    let mut body_cut = server.connect().await;
    body_cut.write_all(&request[..request.len() - 5]).await.unwrap();
    let mut head_cut = server.connect().await;
    head_cut.write_all(&request[..20]).await.unwrap();
    let silent = server.connect().await;
    assert_eq!(body(&server.send(&request).await)["text"], "Python");
    let told = tokio::time::timeout(PATIENCE, read_all(body_cut)).await.unwrap();
    assert!(told.starts_with("HTTP/1.1 408"), "{told}");
    assert!(told.contains("application/problem+json"), "{told}");
    for stream in [head_cut, silent] {
        let told = tokio::time::timeout(PATIENCE, read_all(stream)).await.unwrap();
        assert!(told.is_empty() || told.starts_with("HTTP/1.1 408"), "{told}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_reads_nothing_is_cut_off() {
    let limits = Limits::default().with_idle_timeout(Duration::from_millis(200));
    let app = router(predictor(), ServeOptions::default()).unwrap();
    let server = Server::start(app, limits).await;
    let mut deaf = server.connect().await;
    // The answers to these fill every buffer on the way.
    let request = String::from_utf8(wire(&"x".repeat(90_000))).unwrap();
    let request = request.replace("connection: close\r\n", "");
    let sent = async {
        for _ in 0..1000 {
            deaf.write_all(request.as_bytes()).await?;
        }
        Ok::<_, std::io::Error>(())
    };
    assert!(tokio::time::timeout(PATIENCE, sent).await.unwrap().is_err());
    assert_eq!(body(&server.send(&wire("Python")).await)["text"], "Python");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_closed_connection_gets_its_answer() {
    let server = started(ServeOptions::default()).await;
    let mut stream = server.connect().await;
    stream.write_all(&wire("Python")).await.unwrap();
    stream.shutdown().await.unwrap();
    assert_eq!(body(&read_all(stream).await)["text"], "Python");
    // Clients that leave before the answer.
    for _ in 0..20 {
        let mut stream = server.connect().await;
        stream.write_all(&wire("Python")).await.unwrap();
    }
    assert_eq!(body(&server.send(&wire("Java")).await)["text"], "Java");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_make_room() {
    let app = router(predictor(), ServeOptions::default()).unwrap();
    let server = Server::start(app, Limits::default().with_connections(50)).await;
    let mut idle = Vec::new();
    for _ in 0..400 {
        idle.push(server.connect().await);
    }
    assert_eq!(body(&server.send(&wire("Python")).await)["text"], "Python");
    let mut first = idle.swap_remove(0);
    let read = tokio::time::timeout(PATIENCE, first.read(&mut [0])).await.unwrap();
    assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_requests() {
    let server = started(ServeOptions::default().with_max_body(1000)).await;
    let head = "POST /v1/entities HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: text/plain\r\n";
    let long_header = format!("{head}x-long: {}\r\n\r\n", "x".repeat(1 << 20));
    let chunked =
        format!("{head}transfer-encoding: chunked\r\n\r\n7d0\r\n{}\r\n0\r\n\r\n", "x".repeat(2000));
    for (bytes, status) in [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(), "400"),
        (b"GET / HTTP/9.9\r\n\r\n".to_vec(), "400"),
        (b"\xff\xfe / HTTP/1.1\r\n\r\n".to_vec(), "400"),
        (long_header.into_bytes(), "431"),
        (format!("{head}content-length: 9\r\n\r\n{{}}").into_bytes(), ""),
        (format!("{head}content-length: 99999999999999999999999\r\n\r\n").into_bytes(), "400"),
        (format!("{head}content-length: 4000\r\n\r\n{}", "x".repeat(4000)).into_bytes(), "413"),
        (chunked.into_bytes(), "413"),
        (format!("{head}content-length: 2\r\n\r\n\u{e9}").into_bytes(), "200"),
        (format!("{head}transfer-encoding: chunked\r\n\r\nzz\r\n").into_bytes(), "400"),
    ] {
        let mut stream = server.connect().await;
        // The server may hang up while the client still sends.
        let _ = stream.write_all(&bytes).await;
        let _ = stream.shutdown().await;
        let answer = tokio::time::timeout(PATIENCE, read_all(stream)).await.unwrap();
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(120)]).into_owned();
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")) || status.is_empty(),
            "{shown:?}: {answer}"
        );
    }
    assert_eq!(body(&server.send(&wire("Python")).await)["text"], "Python");
    server.stop().await;
}
