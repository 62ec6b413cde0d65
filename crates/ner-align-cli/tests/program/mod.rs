//! The program as a script runs it.
#![allow(dead_code, reason = "each test file uses its part")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

/// The folder of corpora and models that all tests share.
pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

/// `ner-align` with these arguments, in a folder, without any Hub.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ner-align"));
    command.args(arguments).current_dir(folder).env("HF_HUB_OFFLINE", "1");
    command
}

/// What it prints, with nothing on standard input.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Output {
    run_on(folder, arguments, "")
}

/// What it prints, with `input` on standard input.
pub(crate) fn run_on(folder: &Path, arguments: &[&str], input: impl AsRef<[u8]>) -> Output {
    let mut child = command(folder, arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that stops at once does not read.
    let _ = child.stdin.take().unwrap().write_all(input.as_ref());
    child.wait_with_output().unwrap()
}

/// What was printed, as text.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Trains a tiny model on the postings until it finds something.
pub(crate) fn train_on_postings(out: &str, more: &[&str]) -> Output {
    let [train, dev] = ["postings/postings-train.tsv", "postings/postings-dev.tsv"];
    let mut arguments = vec!["train", "--train", train, "--dev", dev, "--model", "tiny-bert"];
    arguments.extend(["-o", out, "--recipe", "trainer", "--set", "epochs=6"]);
    arguments.extend(more);
    run(&fixtures(), &arguments)
}

/// A tiny model of the postings, which the tests of a file share.
pub(crate) fn postings_model() -> String {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().to_str().unwrap();
        let more = ["--set", "learning_rate=0.005", "--set", "batch_size=16"];
        let output = train_on_postings(out, &more);
        assert!(output.status.success(), "{}", text(&output.stderr));
        folder
    });
    folder.path().join("model-best").display().to_string()
}
