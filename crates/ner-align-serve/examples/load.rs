//! Puts load on a running server: clients that ask one request after the other, some of them
//! malformed, and what became of them.
//!
//! ```sh
//! cargo run --release -p ner-align-serve --example load -- 127.0.0.1:8080 --seconds 60 --pid PID
//! ```
#![expect(clippy::print_stdout, reason = "an example shows its result")]

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

type AnyError = Box<dyn Error + Send + Sync>;

/// One request in so many is malformed, where the load has such.
const MALFORMED: usize = 10;
/// Longer than any server may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// What the command line asks for.
struct Plan {
    address: String,
    clients: usize,
    seconds: u64,
    /// The server's process, whose memory is shown.
    pid: Option<u32>,
    /// Requests that are well formed, as they go over the wire.
    requests: Vec<(Vec<u8>, usize)>,
    malformed: Vec<Malformed>,
}

/// A request that a server must refuse, and how.
struct Malformed {
    name: &'static str,
    bytes: Vec<u8>,
    /// Statuses that are due; 0 is a connection that the server closes without a word.
    due: &'static [u16],
}

/// What became of the requests of a client.
#[derive(Default)]
struct Outcome {
    micros: Vec<u64>,
    characters: usize,
    /// By status, 0 for none; of well-formed requests and of malformed ones.
    statuses: BTreeMap<u16, usize>,
    refused: BTreeMap<u16, usize>,
    wrong: Vec<String>,
}

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let plan = Arc::new(plan(std::env::args().skip(1))?);
    let start = Instant::now();
    let end = start + Duration::from_secs(plan.seconds);
    let mut clients = JoinSet::new();
    for number in 0..plan.clients {
        clients.spawn(client(Arc::clone(&plan), number, end));
    }
    let watched = tokio::spawn(watch(plan.pid, end));
    let mut all = Outcome::default();
    while let Some(outcome) = clients.join_next().await {
        let outcome = outcome?;
        all.micros.extend(outcome.micros);
        all.characters += outcome.characters;
        outcome.statuses.into_iter().for_each(|(s, n)| *all.statuses.entry(s).or_default() += n);
        outcome.refused.into_iter().for_each(|(s, n)| *all.refused.entry(s).or_default() += n);
        all.wrong.extend(outcome.wrong);
    }
    show(&mut all, start.elapsed().as_secs_f64());
    if let Some((first, last, most)) = watched.await? {
        println!("memory: {first} MiB at first, {last} at last, {most} at most");
    }
    all.wrong.sort();
    all.wrong.dedup();
    all.wrong.iter().take(20).for_each(|wrong| println!("wrong: {wrong}"));
    if all.wrong.is_empty() {
        Ok(())
    } else {
        Err("some answers were not those that are due".into())
    }
}

fn plan(mut arguments: impl Iterator<Item = String>) -> Result<Plan, AnyError> {
    let address = arguments.next().ok_or(
        "usage: load HOST:PORT [--seconds N] [--clients N] [--pid PID] [--texts FILE] \
         [--path PATH] [--well-formed]",
    )?;
    let (mut clients, mut seconds, mut pid, mut well_formed) = (64, 10, None, false);
    let (mut path, mut lines) = ("/v1/entities".to_owned(), own_lines());
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument}: expected a value"));
        match argument.as_str() {
            "--clients" => clients = value()?.parse()?,
            "--seconds" => seconds = value()?.parse()?,
            "--pid" => pid = Some(value()?.parse()?),
            "--path" => path = value()?,
            "--well-formed" => well_formed = true,
            "--texts" => {
                lines = std::fs::read_to_string(value()?)?.lines().map(str::to_owned).collect();
            }
            other => return Err(format!("{other}: unknown").into()),
        }
    }
    lines.retain(|line| !line.trim().is_empty());
    if lines.is_empty() {
        return Err("expected lines of text, found none".into());
    }
    let requests = requests(&address, &path, &lines);
    let malformed = if well_formed { Vec::new() } else { malformed(&address, &path) };
    Ok(Plan { address, clients, seconds, pid, requests, malformed })
}

fn own_lines() -> Vec<String> {
    [
        "Ada Lovelace met Charles Babbage in London.",
        "The European Commission said on Thursday it disagreed with German advice to consumers.",
        "Senior Rust developer, degree in physics, five years of Python and SQL.",
        "Nurse wanted in Oslo; call Anna-Marie O'Neill.",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// Texts of one line to forty, most of them short.
fn requests(address: &str, path: &str, lines: &[String]) -> Vec<(Vec<u8>, usize)> {
    (0..256)
        .map(|number| {
            let length = [1, 1, 1, 2, 1, 3, 1, 8, 2, 1, 1, 40][number % 12];
            let text: Vec<&str> =
                (0..length).map(|at| lines[(number * 7 + at) % lines.len()].as_str()).collect();
            let text = text.join(" ");
            let body = serde_json::json!({ "text": text }).to_string();
            (request(address, path, "application/json", body.as_bytes()), text.chars().count())
        })
        .collect()
}

fn request(address: &str, path: &str, kind: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: {kind}\r\n\
         content-length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

fn malformed(address: &str, path: &str) -> Vec<Malformed> {
    let json = |body: &[u8]| request(address, path, "application/json", body);
    let huge = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         content-length: 99999999999\r\n\r\n"
    );
    let case = |name, bytes, due| Malformed { name, bytes, due };
    vec![
        case("broken JSON", json(b"{\"text\": \"a"), &[400]),
        case("no UTF-8", json(b"{\"text\": \"\xff\xfe\"}"), &[400]),
        case("lone surrogate", json(b"{\"text\": \"\\ud800 \"}"), &[400]),
        case("unknown key", json(b"{\"text\": \"a\", \"colour\": 1}"), &[422]),
        case("another type", json(b"{\"text\": [1]}"), &[422]),
        case("no text", json(b"{}"), &[422]),
        case("another media type", request(address, path, "application/xml", b"<a/>"), &[415]),
        case("no such path", request(address, "/nowhere", "application/json", b"{}"), &[404]),
        case("another method", format!("PUT {path} HTTP/1.1\r\nhost: x\r\n\r\n").into(), &[405]),
        case("a huge body", huge.into_bytes(), &[413]),
        case("no HTTP", b"\x16\x03\x01 hello\r\n\r\n".to_vec(), &[400, 0]),
        case("deep JSON", json("[".repeat(5000).as_bytes()), &[400]),
    ]
}

async fn client(plan: Arc<Plan>, number: usize, end: Instant) -> Outcome {
    let mut outcome = Outcome::default();
    let mut connection = None;
    for turn in 0.. {
        if Instant::now() >= end {
            break;
        }
        let at = number * 31 + turn;
        if turn % MALFORMED == MALFORMED - 1 && !plan.malformed.is_empty() {
            let malformed = &plan.malformed[at % plan.malformed.len()];
            let status = refused(&plan.address, &malformed.bytes).await;
            *outcome.refused.entry(status).or_default() += 1;
            if !malformed.due.contains(&status) {
                outcome.wrong.push(format!("{}: found {status}", malformed.name));
            }
            continue;
        }
        let (bytes, characters) = &plan.requests[at % plan.requests.len()];
        let start = Instant::now();
        let status = ask(&plan.address, &mut connection, bytes).await;
        let micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        *outcome.statuses.entry(status.as_ref().map_or(0, |status| *status)).or_default() += 1;
        match status {
            Ok(200) => {
                outcome.micros.push(micros);
                outcome.characters += characters;
            }
            Ok(status) => outcome.wrong.push(format!("a request: found {status}")),
            Err(error) => {
                connection = None;
                outcome.wrong.push(format!("a request: {error}"));
            }
        }
    }
    outcome
}

/// The status of the answer to a request on a connection that stays.
async fn ask(
    address: &str,
    connection: &mut Option<BufReader<TcpStream>>,
    bytes: &[u8],
) -> Result<u16, AnyError> {
    let stream = match connection {
        Some(stream) => stream,
        None => {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            connection.insert(BufReader::new(stream))
        }
    };
    stream.get_mut().write_all(bytes).await?;
    timeout(PATIENCE, read(stream)).await?
}

/// The status of the answer to a request on a connection of its own; 0 if there is none.
async fn refused(address: &str, bytes: &[u8]) -> u16 {
    let answer = async {
        let mut stream = BufReader::new(TcpStream::connect(address).await?);
        stream.get_mut().write_all(bytes).await?;
        // Half of the connection is closed before the answer.
        stream.get_mut().shutdown().await?;
        read(&mut stream).await
    };
    timeout(PATIENCE, answer).await.map_or(0, |status| status.unwrap_or(0))
}

async fn read(stream: &mut BufReader<TcpStream>) -> Result<u16, AnyError> {
    let (mut line, mut status, mut length) = (String::new(), None, 0);
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Err("the server closed the connection".into());
        }
        let text = line.trim_end();
        if status.is_none() {
            let found = text.split(' ').nth(1).ok_or("expected a status")?;
            status = Some(found.parse()?);
        } else if text.is_empty() {
            break;
        } else if let Some((name, value)) = text.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse()?;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    status.ok_or_else(|| "expected a status".into())
}

/// Memory of a process at first, at last and at most, in MiB.
async fn watch(pid: Option<u32>, end: Instant) -> Option<(u64, u64, u64)> {
    let (pid, mut seen) = (pid?, Vec::new());
    while Instant::now() < end {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        seen.push(line.trim().split(' ').next()?.parse::<u64>().ok()? / 1024);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Some((*seen.first()?, *seen.last()?, *seen.iter().max()?))
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn show(all: &mut Outcome, seconds: f64) {
    all.micros.sort_unstable();
    let at = |share: f64| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
        let index = ((all.micros.len() as f64 - 1.0) * share).max(0.0) as usize;
        all.micros.get(index).map_or(0.0, |micros| *micros as f64 / 1000.0)
    };
    let answers = all.micros.len();
    println!(
        "{answers} answers in {seconds:.1} s: {:.1} a second, {:.0} characters a second",
        answers as f64 / seconds,
        all.characters as f64 / seconds,
    );
    println!(
        "time of an answer: p50 {:.1} ms, p90 {:.1} ms, p99 {:.1} ms, most {:.1} ms",
        at(0.5),
        at(0.9),
        at(0.99),
        at(1.0)
    );
    println!("statuses of well-formed requests: {:?}", all.statuses);
    println!("statuses of malformed requests: {:?}", all.refused);
}
