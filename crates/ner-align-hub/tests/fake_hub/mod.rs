//! A Hugging Face Hub on this machine, as far as downloads need it: revisions, redirects to
//! another host, hashes in headers, ranges, refusals, connections that break. `push.rs` has what
//! uploads need.
#![allow(dead_code, reason = "each test file uses its part")]

pub(crate) mod push;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use sha2::{Digest, Sha256};

pub(crate) const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
pub(crate) const NEWER: &str = "89abcdef0123456789abcdef0123456789abcdef";
/// Files of at least this size are behind a redirect, as large ones are.
pub(crate) const LARGE: usize = 20_000;

#[derive(Default)]
pub(crate) struct State {
    /// The commit that `main` stands for.
    pub(crate) head: String,
    /// Files of each commit.
    pub(crate) commits: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
    /// Every request: method, path and the range asked for.
    pub(crate) log: Vec<String>,
    /// Only who shows this token gets an answer.
    pub(crate) token: Option<String>,
    /// Whether a token came to the host of large files.
    pub(crate) token_leaked: bool,
    /// Breaks off each of so many downloads of large files after a third of what is left.
    pub(crate) cut: usize,
    /// Answers nothing but 503 after it broke off a download.
    pub(crate) dies: bool,
    /// Answers so many requests with 503.
    pub(crate) busy: usize,
    /// Answers every request so.
    pub(crate) refuse: Option<(u16, &'static str)>,
    /// Gives large files in another content than promised, of the same length.
    pub(crate) damaged: bool,
    /// Gives whole files where a range is asked for.
    pub(crate) no_ranges: bool,
    /// What was pushed.
    pub(crate) push: push::Pushes,
}

pub(crate) struct FakeHub {
    pub(crate) endpoint: String,
    pub(crate) state: Arc<Mutex<State>>,
}

impl FakeHub {
    /// Serves these files as the model `org/tiny`.
    pub(crate) fn start(files: &[(&str, Vec<u8>)]) -> Self {
        let files = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.clone())).collect();
        let state = State {
            head: COMMIT.to_owned(),
            commits: BTreeMap::from([(COMMIT.to_owned(), files)]),
            ..State::default()
        };
        let state = Arc::new(Mutex::new(state));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                // A client may go away at any moment.
                std::thread::spawn(move || serve(stream, &shared, port).ok());
            }
        });
        Self { endpoint: format!("http://localhost:{port}"), state }
    }

    pub(crate) fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap());
    }

    /// The requests since the last call.
    pub(crate) fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().log)
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A name for a small content; git's own hash is 40 digits long, and nobody checks it.
fn small_etag(bytes: &[u8]) -> String {
    sha256(bytes)[..40].to_owned()
}

fn serve(mut stream: TcpStream, state: &Mutex<State>, port: u16) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let mut words = line.split_whitespace().map(str::to_owned);
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let (mut token, mut range) = (None, None);
        let (mut length, mut chunked) = (0, false);
        loop {
            let mut header = String::new();
            reader.read_line(&mut header)?;
            let Some((name, value)) = header.trim().split_once(':') else { break };
            match name.to_ascii_lowercase().as_str() {
                "authorization" => token = Some(value.trim().replace("Bearer ", "")),
                "range" => {
                    let start = value.trim().replace("bytes=", "").replace('-', "");
                    range = start.parse::<usize>().ok();
                }
                "content-length" => length = value.trim().parse().unwrap_or(0),
                "transfer-encoding" => chunked = value.contains("chunked"),
                _ => {}
            }
        }
        let cuts = method == "PUT" && state.lock().unwrap().push.cut_now();
        let mut content = Vec::new();
        if cuts {
            // A piece arrives, then the connection breaks.
            reader.by_ref().take(length / 3).read_to_end(&mut content)?;
            return stream.shutdown(std::net::Shutdown::Both);
        }
        read_content(&mut reader, length, chunked, &mut content)?;
        let mut state = state.lock().unwrap();
        let asked = range.map(|start| format!(" {start}-")).unwrap_or_default();
        state.log.push(format!("{method} {path}{asked}"));
        let pushed = push::answer(&mut state, (&method, &path), token.as_deref(), &content, port);
        let (head, body, cut) = match pushed {
            Some((head, body)) => (head, body, false),
            None => answer(&mut state, &method, &path, token.as_deref(), range, port),
        };
        drop(state);
        stream.write_all(head.as_bytes())?;
        if method != "HEAD" {
            stream.write_all(if cut { &body[..body.len() / 3] } else { &body })?;
        }
        if cut {
            return stream.shutdown(std::net::Shutdown::Both);
        }
    }
}

/// The content of a request, of known length or in chunks.
fn read_content(
    reader: &mut impl BufRead,
    length: u64,
    chunked: bool,
    content: &mut Vec<u8>,
) -> std::io::Result<()> {
    if !chunked {
        reader.take(length).read_to_end(content)?;
        return Ok(());
    }
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let length = u64::from_str_radix(line.trim(), 16).unwrap_or(0);
        reader.take(length).read_to_end(content)?;
        reader.read_line(&mut line)?;
        if length == 0 {
            return Ok(());
        }
    }
}

/// Head, body and whether the connection breaks.
fn answer(
    state: &mut State,
    method: &str,
    path: &str,
    token: Option<&str>,
    range: Option<usize>,
    port: u16,
) -> (String, Vec<u8>, bool) {
    let plain = |status: u16, headers: &str| {
        (format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: 0\r\n\r\n"), Vec::new(), false)
    };
    if state.busy > 0 {
        state.busy -= 1;
        return plain(503, "");
    }
    if let Some((status, code)) = state.refuse {
        return plain(status, &format!("X-Error-Code: {code}\r\n"));
    }
    if let Some(hash) = path.strip_prefix("/cdn/") {
        state.token_leaked |= token.is_some();
        let mut files = state.commits.values().flat_map(BTreeMap::values);
        let mut body = files.find(|bytes| sha256(bytes) == hash).unwrap().clone();
        if state.damaged {
            body[0] ^= 1;
        }
        let cut = method == "GET" && state.cut > 0;
        state.cut -= usize::from(cut);
        if cut && state.dies {
            state.busy = usize::MAX;
        }
        let (status, start) = match range.filter(|_| !state.no_ranges) {
            Some(start) => (206, start),
            None => (200, 0),
        };
        let (total, rest) = (body.len(), body.split_off(start));
        let head = format!(
            "HTTP/1.1 {status} X\r\nETag: \"of-the-cdn\"\r\nContent-Length: {}\r\n\
             Content-Range: bytes {start}-{}/{total}\r\n\r\n",
            rest.len(),
            total - 1
        );
        return (head, rest, cut);
    }
    if state.token.is_some() && token != state.token.as_deref() {
        return plain(401, "X-Error-Code: RepoNotFound\r\n");
    }
    if let Some(rest) = path.strip_prefix("/org/old/") {
        return plain(307, &format!("Location: /org/tiny/{rest}\r\n"));
    }
    let Some((revision, file)) =
        path.strip_prefix("/org/tiny/resolve/").and_then(|rest| rest.split_once('/'))
    else {
        return plain(401, "X-Error-Code: RepoNotFound\r\n");
    };
    let commit = match revision {
        "main" | "refs%2Fpr%2F1" => state.head.clone(),
        other => other.to_owned(),
    };
    let Some(files) = state.commits.get(&commit) else {
        return plain(404, "X-Error-Code: RevisionNotFound\r\n");
    };
    let commit = format!("X-Repo-Commit: {commit}\r\n");
    let Some(bytes) = files.get(file) else {
        return plain(404, &format!("{commit}X-Error-Code: EntryNotFound\r\n"));
    };
    if bytes.len() >= LARGE {
        let (hash, size) = (sha256(bytes), bytes.len());
        let linked = format!("X-Linked-ETag: \"{hash}\"\r\nX-Linked-Size: {size}\r\n");
        // Another name of this machine is another host to a client.
        let location = format!("Location: http://127.0.0.1:{port}/cdn/{hash}\r\n");
        return plain(302, &format!("{commit}{linked}{location}"));
    }
    let (etag, size) = (small_etag(bytes), bytes.len());
    let head =
        format!("HTTP/1.1 200 X\r\n{commit}ETag: W/\"{etag}\"\r\nContent-Length: {size}\r\n\r\n");
    (head, bytes.clone(), false)
}
