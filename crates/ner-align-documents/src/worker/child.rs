//! The side of the child.

use std::io::{BufRead, BufReader, Read, Write};

use super::Request;
use crate::error::DocumentsError;
use crate::guard::extract;

/// Longest line of a request, in bytes.
const MOST_HEAD: u64 = 1 << 16;

/// Serves one request of a [`Worker`](crate::Worker): reads a document from `input` and writes its
/// text, or why there is none, to `output`. The program that a worker starts calls it and ends.
///
/// On Linux it first limits the memory and the processor time of its process, for good.
///
/// # Errors
///
/// If `input` holds no request, or if a pipe breaks. A fault of the document is an answer, not an
/// error.
///
/// [`Worker`](crate::Worker) has an example of both sides.
pub fn worker_main(input: impl Read, output: impl Write) -> Result<(), DocumentsError> {
    let broken = |error: std::io::Error| DocumentsError::Io { reason: error.to_string() };
    let mut input = BufReader::new(input);
    let mut head = String::new();
    input.by_ref().take(MOST_HEAD).read_line(&mut head).map_err(broken)?;
    let request: Request = serde_json::from_str(&head).map_err(|error| {
        DocumentsError::malformed("a request to extract a document", error.to_string())
    })?;
    confine(&request);
    let mut bytes = Vec::new();
    let most = request.options.max_bytes.saturating_add(1);
    input.take(most).read_to_end(&mut bytes).map_err(broken)?;
    let result = extract(&bytes, request.kind, &request.options);
    let mut output = std::io::BufWriter::new(output);
    serde_json::to_writer(&mut output, &result).map_err(|error| broken(error.into()))?;
    output.flush().map_err(broken)
}

/// Limits memory and processor time. A limit that the system refuses is one that holds already.
#[cfg(target_os = "linux")]
fn confine(request: &Request) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let lower = |resource, limit: u64| {
        let Rlimit { current, maximum } = getrlimit(resource);
        let limit = limit.min(current.unwrap_or(u64::MAX)).min(maximum.unwrap_or(u64::MAX));
        let _ = setrlimit(resource, Rlimit { current: Some(limit), maximum: Some(limit) });
    };
    lower(Resource::As, taken().saturating_add(request.memory));
    // Ends a child whose parent is gone. Several threads may run, so this is not the time limit.
    lower(Resource::Cpu, request.options.deadline.as_secs().saturating_mul(2).saturating_add(10));
}

/// Bytes of address space that this process has: a program may map gigabytes that it never fills.
#[cfg(target_os = "linux")]
fn taken() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let size = status.lines().find_map(|line| line.strip_prefix("VmSize:"));
    let kilobytes = size.and_then(|size| size.trim().strip_suffix(" kB")?.trim().parse().ok());
    kilobytes.unwrap_or(0_u64).saturating_mul(1024)
}

#[cfg(not(target_os = "linux"))]
fn confine(_: &Request) {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ExtractedText;

    #[test]
    fn what_is_no_request() {
        for input in ["", "\n", "{}\n", "{\"kind\":\"odt\"}\n", &"x".repeat(1 << 17)] {
            let mut output = Vec::new();
            let error = worker_main(input.as_bytes(), &mut output).unwrap_err().to_string();
            assert!(error.starts_with("expected a request"), "{error}");
            assert!(output.is_empty());
        }
    }

    #[test]
    fn answers_are_results() {
        type Answer = Result<ExtractedText, DocumentsError>;
        // The test's own process keeps its memory and its time.
        let options = "{\"max_bytes\":5,\"deadline\":{\"secs\":1000000000,\"nanos\":0}}";
        for (body, is_text) in [("Ada", true), ("Ada Lovelace", false)] {
            let request =
                format!("{{\"kind\":\"text\",\"options\":{options},\"memory\":{}}}\n", u64::MAX);
            let mut output = Vec::new();
            worker_main((request + body).as_bytes(), &mut output).unwrap();
            let answer: Answer = serde_json::from_slice(&output).unwrap();
            assert_eq!(answer.is_ok_and(|document| document.text == body), is_text, "{body}");
        }
    }
}
