//! `docs/tutorial.md` is what its reader gets: its commands run in their order, with the tiny model in
//! place of a real one, and its code is that of the examples.
//!
//! What follows the language of a block says what it is:
//!
//! | block | |
//! |---|---|
//! | `sh` | runs; ends with status 0, or with N where `status=N` follows |
//! | `sh server` | runs beside the blocks after it |
//! | `sh curl` | runs where curl is installed |
//! | `sh by-hand` | does not run: it sets up what the test has |
//! | `text exact` | what the block before prints, whatever the model |
//! | `rust` | lines of the example that was linked last |
#![cfg(all(feature = "tch", unix))]
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PAGE: &str = include_str!("../../../docs/tutorial.md");
/// The address of the page; the test takes a free one.
const ADDRESS: &str = "127.0.0.1:8080";
const PATIENCE: Duration = Duration::from_secs(60);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// A fenced block of the page.
struct Block {
    /// Where it starts, from 1.
    line: usize,
    language: String,
    note: String,
    text: String,
    /// The text since the block before.
    before: String,
}

fn blocks() -> Vec<Block> {
    let (mut blocks, mut open, mut before) = (Vec::new(), None::<Block>, String::new());
    for (index, line) in PAGE.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(info), None) => {
                let (language, note) = info.split_once(' ').unwrap_or((info, ""));
                let [language, note] = [language, note].map(str::to_owned);
                let (text, before) = (String::new(), std::mem::take(&mut before));
                open = Some(Block { line: index + 1, language, note, text, before });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => block.text += &format!("{line}\n"),
            (None, None) => before += &format!("{line}\n"),
        }
    }
    assert!(open.is_none(), "a block does not end");
    blocks
}

/// A folder in which the page's paths lead where they do in the root of the repository.
struct Shell {
    folder: tempfile::TempDir,
    address: String,
}

impl Shell {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["examples", "fixtures"] {
            std::os::unix::fs::symlink(root().join(name), folder.path().join(name)).unwrap();
        }
        // Free a moment ago; nothing else of the test takes one.
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap().to_string();
        Self { folder, address }
    }

    /// A script, in the folder and with the programs of this build.
    fn command(&self, script: &str) -> Command {
        let programs = Path::new(env!("CARGO_BIN_EXE_ner-align")).parent().unwrap().to_owned();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = [programs].into_iter().chain(std::env::split_paths(&path));
        let mut command = Command::new("sh");
        command.args(["-euc", &script.replace(ADDRESS, &self.address)]).current_dir(&self.folder);
        command.env("PATH", std::env::join_paths(path).unwrap()).env("HF_HUB_OFFLINE", "1");
        command.env("MODEL", root().join("fixtures/tiny-bert")).stdin(Stdio::null());
        command
    }

    /// Status and output of a block; both streams are one, as at a terminal.
    fn run(&self, block: &Block) -> (Option<i32>, String) {
        let output = self.command(&format!("exec 2>&1\n{}", block.text)).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    }

    /// Starts a server, and waits until it answers.
    fn serve(&self, block: &Block) -> Server {
        // The shell becomes the server, so that killing the one ends the other.
        let mut command = self.command(&format!("exec {}", block.text));
        let server = Server(command.stderr(Stdio::null()).spawn().unwrap());
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect(&self.address).is_err() {
            assert!(Instant::now() < until, "line {}: no server", block.line);
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }
}

/// A server that ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_commands_run_and_print_what_the_page_says() {
    let (shell, blocks) = (Shell::new(), blocks());
    let has_curl = Command::new("curl").arg("--version").output().is_ok();
    let (mut servers, mut exact) = (Vec::new(), 0);
    for (index, block) in blocks.iter().enumerate().filter(|(_, block)| block.language == "sh") {
        let status = match block.note.as_str() {
            "" => 0,
            "by-hand" => continue,
            "curl" if has_curl => 0,
            "curl" => {
                eprintln!("line {}: curl is not installed", block.line);
                continue;
            }
            "server" => {
                servers.push(shell.serve(block));
                continue;
            }
            note => note.strip_prefix("status=").and_then(|status| status.parse().ok()).unwrap(),
        };
        let (ended, printed) = shell.run(block);
        let place = format!("line {}:\n{}\n{printed}", block.line, block.text);
        assert_eq!(ended, Some(status), "{place}");
        let next = blocks.get(index + 1).filter(|next| next.note == "exact");
        if let Some(next) = next {
            assert_eq!(printed.trim(), next.text.trim(), "{place}");
            exact += 1;
        }
    }
    let named = blocks.iter().filter(|block| block.note == "exact").count();
    assert_eq!((exact, exact > 0), (named, true), "each exact block follows a command");
}

#[test]
fn the_code_is_that_of_the_examples() {
    let mut example = String::new();
    for block in blocks() {
        let linked =
            block.before.rsplit_once("](../examples/").and_then(|(_, rest)| rest.split_once(')'));
        if let Some((name, _)) = linked {
            example = fs::read_to_string(root().join("examples").join(name)).unwrap();
        }
        if ["rust", "toml", "dockerfile"].contains(&block.language.as_str()) {
            let found = example.contains(&block.text);
            assert!(found, "line {}: not in the example:\n{}", block.line, block.text);
        }
    }
}

#[test]
fn every_link_leads_somewhere() {
    let docs = root().join("docs");
    let links = PAGE.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    let mut count = 0;
    for (link, _) in links.filter(|(link, _)| !link.starts_with("http")) {
        let (path, _) = link.split_once('#').unwrap_or((link, ""));
        assert!(path.is_empty() || docs.join(path).exists(), "{link}");
        count += 1;
    }
    assert!(count > 10, "{count}");
}
