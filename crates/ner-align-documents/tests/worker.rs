//! Extraction in a process of its own: what the child does, and what becomes of its parent.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ner_align_documents::{DocumentKind, DocumentsError, ExtractOptions, Worker, extract};

/// The example `extract_worker`, which cargo builds before it runs all tests.
fn example() -> Worker {
    let own = env::current_exe().unwrap();
    let program = own.parent().unwrap().parent().unwrap().join("examples/extract_worker");
    assert!(program.is_file(), "`cargo build --examples` comes before this test alone");
    Worker::new(program).with_arguments(["extract-worker"])
}

/// A child that does what a line of shell says.
fn shell(line: &str) -> Worker {
    Worker::new("/bin/sh").with_arguments(["-c", line])
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/pdf").join(name)
}

#[test]
fn a_child_gives_what_this_process_would() {
    let options = ExtractOptions::default();
    for (kind, bytes) in [
        (DocumentKind::Text, "Zoë".as_bytes()),
        (DocumentKind::Html, b"<p>Ada <b>Lovelace</b>"),
        (DocumentKind::Markdown, b"# Ada\n\nwrote"),
        (DocumentKind::Docx, b"PK\x03\x04"),
        (DocumentKind::Pdf, b"none"),
        (DocumentKind::Pdf, &fs::read(fixture("cairo-resume.pdf")).unwrap()),
    ] {
        let found = example().extract(bytes, kind, &options);
        assert_eq!(found, extract(bytes, kind, &options), "{kind}");
    }
    let error = example().read(fixture("scan.pdf"), &options).unwrap_err();
    assert_eq!(error.problem(), &DocumentsError::NoText { pages: vec![1] });
    let error = example().read(fixture("encrypted.pdf"), &options).unwrap_err();
    assert_eq!(error.problem(), &DocumentsError::Encrypted);
}

#[test]
fn a_child_that_hangs_is_killed() {
    let deadline = Duration::from_millis(300);
    let options = ExtractOptions::default().with_deadline(deadline);
    let large = vec![b'x'; 1 << 20];
    for line in ["exec sleep 60", "exec 1>&- 2>&-; exec sleep 60", "while :; do :; done"] {
        let start = Instant::now();
        let found = shell(line).extract(&large, DocumentKind::Text, &options);
        assert_eq!(found, Err(DocumentsError::TooSlow { deadline }), "{line}");
        assert!(start.elapsed() < Duration::from_secs(30), "{line}");
    }
}

#[test]
fn a_child_that_dies_is_an_error() {
    let problem = |worker: Worker| {
        worker.extract(b"x", DocumentKind::Text, &ExtractOptions::default()).unwrap_err()
    };
    for (line, part) in [("kill -SEGV $$", "signal: 11"), ("echo oh >&2; kill -ABRT $$", "oh")] {
        let error = problem(shell(line));
        assert!(matches!(error, DocumentsError::Crashed { .. }), "{line}: {error}");
        assert!(error.to_string().contains(part), "{line}: {error}");
    }
    for (worker, part) in [
        (shell("echo no such command >&2; exit 2"), "no such command"),
        (shell("echo {}"), "expected an answer in JSON"),
        (shell("exit 0"), "expected an answer in JSON"),
        (Worker::new("/no/such/program"), "cannot extract with program"),
    ] {
        let error = problem(worker.clone());
        assert!(matches!(error, DocumentsError::Worker { .. }), "{worker:?}: {error}");
        let text = error.to_string();
        assert!(text.contains(part) && !text.contains('\n'), "{worker:?}: {text}");
    }
}

#[test]
fn a_child_that_talks_without_end_is_stopped() {
    let options = ExtractOptions::default().with_max_text(10).with_deadline(Duration::from_secs(1));
    let found = shell("exec yes").extract(b"x", DocumentKind::Text, &options);
    assert_eq!(found, Err(DocumentsError::TooSlow { deadline: Duration::from_secs(1) }));
}

/// A PDF whose page unpacks to far more than the child may take; the limit of unpacked bytes lets
/// it through.
#[test]
#[cfg(all(target_os = "linux", feature = "pdf"))]
fn a_child_that_fills_the_memory_ends() {
    use flate2::{Compression, write::ZlibEncoder};
    use std::io::Write;

    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    for _ in 0..512 {
        packed.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let packed = packed.finish().unwrap();
    let mut file = b"%PDF-1.7\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n\
        2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj\n\
        3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >> endobj\n\
        4 0 obj << /Filter /FlateDecode /Length "
        .to_vec();
    file.extend(format!("{} >> stream\n", packed.len()).bytes());
    file.extend(packed);
    file.extend(b"\nendstream endobj\ntrailer << /Root 1 0 R >>\n");
    let options = ExtractOptions::default()
        .with_max_unpacked(u64::MAX)
        .with_deadline(Duration::from_secs(120));
    let worker = example().with_memory(256 << 20);
    let error = worker.extract(&file, DocumentKind::Pdf, &options).unwrap_err();
    assert!(matches!(error, DocumentsError::Crashed { .. }), "{error}");
    assert!(error.to_string().contains("more than 268435456 bytes of memory"), "{error}");
    let text = worker.extract(b"Ada", DocumentKind::Text, &options).unwrap().text;
    assert_eq!(text, "Ada");
}
