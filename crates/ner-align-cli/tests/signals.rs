//! A program that is told to end while it writes.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::fs;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[test]
fn what_was_being_written_leaves_no_trace() {
    for (signal, number) in [("INT", 2), ("TERM", 15)] {
        for (output, format) in [("out.conll", "conll"), ("out.jsonl", "jsonl")] {
            let folder = tempfile::tempdir().unwrap();
            let arguments = ["convert", "-", "--from", "conll", "-o", output, "--to", format];
            let mut child = program::command(folder.path(), &arguments)
                .stdin(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            // More than what tells schemes and formats; then it waits, since its input stays open.
            let mut input = child.stdin.take().unwrap();
            input.write_all("Oslo\tB-LOC\n\n".repeat(100_000).as_bytes()).unwrap();
            let names = || fs::read_dir(folder.path()).unwrap().count();
            let until = Instant::now() + Duration::from_secs(60);
            while names() == 0 && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(5));
            }
            assert_eq!(names(), 1, "{format}: nothing is being written");
            let id = child.id().to_string();
            assert!(
                Command::new("kill").args([&format!("-{signal}"), &id]).status().unwrap().success()
            );
            assert_eq!(child.wait().unwrap().signal(), Some(number), "{format}");
            assert_eq!(names(), 0, "{format} after SIG{signal}");
        }
    }
}
