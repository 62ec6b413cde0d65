//! The side of the parent.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::Request;
use crate::error::DocumentsError;
use crate::guard::{check_size, load};
use crate::{DocumentKind, ExtractOptions, ExtractedText};

/// Memory of a child.
const MEMORY: u64 = 1 << 30;
/// How much of what a child says on standard error is kept.
const MOST_COMPLAINT: u64 = 1 << 14;
/// Bytes of an answer for each byte of text: a box is some forty characters.
const ANSWER_PER_BYTE: u64 = 64;
/// How often a child is asked whether it ended.
const POLL: Duration = Duration::from_millis(2);

/// Extracts each document in a process of its own, which a crafted file may end or fill without harm
/// to this one.
///
/// The process is killed at [`deadline`](ExtractOptions::deadline). On Linux it gets at most
/// [`memory`](Self::with_memory). Its program calls [`worker_main`](crate::worker_main) on its
/// standard input and output.
///
/// A program can be its own worker:
///
/// ```standalone_crate
/// use ner_align_documents::{DocumentKind, ExtractOptions, Worker, worker_main};
///
/// fn main() -> Result<(), Box<dyn std::error::Error>> {
///     if std::env::args().nth(1).as_deref() == Some("extract-worker") {
///         return Ok(worker_main(std::io::stdin(), std::io::stdout())?);
///     }
///     let worker = Worker::new(std::env::current_exe()?).with_arguments(["extract-worker"]);
///     let document = worker.extract(b"<p>Ada", DocumentKind::Html, &ExtractOptions::default())?;
///     assert_eq!(document.text, "Ada");
///     Ok(())
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worker {
    program: PathBuf,
    arguments: Vec<OsString>,
    memory: u64,
}

impl Worker {
    /// A worker that starts `program` for each document.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), arguments: Vec::new(), memory: MEMORY }
    }

    /// Starts it with these arguments.
    #[must_use]
    pub fn with_arguments(mut self, arguments: impl IntoIterator<Item: Into<OsString>>) -> Self {
        self.arguments = arguments.into_iter().map(Into::into).collect();
        self
    }

    /// Lets it take so many bytes of memory beyond what it has at its start; 1 GiB by default. A
    /// parser needs a stack of 64 MiB. Without effect on other systems than Linux.
    #[must_use]
    pub fn with_memory(mut self, bytes: u64) -> Self {
        self.memory = bytes;
        self
    }

    /// The text of a document.
    ///
    /// # Errors
    ///
    /// As [`extract`](crate::extract). A parser that ends its process is
    /// [`DocumentsError::Crashed`], a program that is no worker [`DocumentsError::Worker`].
    pub fn extract(
        &self,
        bytes: &[u8],
        kind: DocumentKind,
        options: &ExtractOptions,
    ) -> Result<ExtractedText, DocumentsError> {
        check_size(bytes.len() as u64, options)?;
        let request = Request { kind, options: options.clone(), memory: self.memory };
        let mut head = serde_json::to_vec(&request).map_err(|error| self.fault(&error))?;
        head.push(b'\n');
        let until = options.until();
        let mut child = self.start()?;
        let most =
            (options.max_text as u64).saturating_mul(ANSWER_PER_BYTE).saturating_add(1 << 16);
        let Heard { answer, complaint, status } = converse(&mut child, [&head, bytes], most, until);
        let late = DocumentsError::TooSlow { deadline: options.deadline };
        match serde_json::from_slice::<Result<ExtractedText, DocumentsError>>(&answer) {
            Ok(result) => result,
            Err(error) => {
                Err(status.map_or(late, |status| self.failed(status, &complaint, &error)))
            }
        }
    }

    /// The text of a file. Its name says what kind it is, else its content.
    ///
    /// # Errors
    ///
    /// As [`extract`](Self::extract), and if the file cannot be read or is of no known kind. The
    /// error names the file.
    pub fn read(
        &self,
        path: impl AsRef<Path>,
        options: &ExtractOptions,
    ) -> Result<ExtractedText, DocumentsError> {
        let path = path.as_ref();
        let (bytes, kind) = load(path, options)?;
        self.extract(&bytes, kind, options).map_err(|error| error.in_file(path))
    }

    fn start(&self) -> Result<Child, DocumentsError> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        command.stderr(Stdio::piped()).spawn().map_err(|error| self.fault(&error))
    }

    fn fault(&self, reason: &dyn std::fmt::Display) -> DocumentsError {
        let program = self.program.file_name().unwrap_or(self.program.as_os_str());
        let command = program.to_string_lossy().into_owned();
        DocumentsError::Worker { command, reason: reason.to_string() }
    }

    /// Why there is no answer.
    fn failed(
        &self,
        status: ExitStatus,
        complaint: &[u8],
        error: &serde_json::Error,
    ) -> DocumentsError {
        let complaint = String::from_utf8_lossy(complaint);
        if complaint.contains("memory allocation of") {
            let reason = format!("it needs more than {} bytes of memory", self.memory);
            return DocumentsError::crashed(&reason);
        }
        let last = complaint.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("no message");
        match status.code() {
            None => DocumentsError::crashed(&format!("{status}, {last}")),
            Some(0) => self.fault(&format!("expected an answer in JSON, found {error}")),
            Some(_) => self.fault(&format!("{status}, {last}")),
        }
    }
}

/// What came of a child.
struct Heard {
    /// What it wrote to standard output; empty at the deadline.
    answer: Vec<u8>,
    /// What it wrote to standard error.
    complaint: Vec<u8>,
    /// How it ended; `None` if it was killed at the deadline.
    status: Option<ExitStatus>,
}

/// Writes to a child and reads what it answers, until it ends. It is killed at the deadline.
fn converse(child: &mut Child, parts: [&[u8]; 2], most: u64, until: Instant) -> Heard {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    thread::scope(|scope| {
        scope.spawn(move || {
            // A child that ends early says why in its answer or by its status.
            let Some(mut stdin) = stdin else { return };
            let _ = parts.iter().try_for_each(|part| stdin.write_all(part));
        });
        let complaint = scope.spawn(move || stderr.map(|pipe| read(pipe, MOST_COMPLAINT)));
        let (sender, receiver) = mpsc::channel();
        scope.spawn(move || {
            let answer = stdout.map(|pipe| read(pipe, most));
            let _ = sender.send(answer.unwrap_or_default());
        });
        let answer = receiver.recv_timeout(until.saturating_duration_since(Instant::now()));
        // Once the child is gone its pipes end, and with them the threads.
        let status = end(child, until);
        let complaint = complaint.join().ok().flatten().unwrap_or_default();
        Heard { answer: answer.unwrap_or_default(), complaint, status }
    })
}

/// Reads to the end and keeps the first `most` bytes.
fn read(mut pipe: impl Read, most: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = pipe.by_ref().take(most).read_to_end(&mut bytes);
    let _ = std::io::copy(&mut pipe, &mut std::io::sink());
    bytes
}

/// How a child ends by itself. At the deadline it is killed.
fn end(child: &mut Child, until: Instant) -> Option<ExitStatus> {
    while Instant::now() < until {
        match child.try_wait() {
            Ok(None) => thread::sleep(POLL),
            Ok(status) => return status,
            Err(_) => break,
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    None
}
