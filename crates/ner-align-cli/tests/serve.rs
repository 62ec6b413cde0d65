//! `ner-align serve` as a service runs it, with a tiny model.
#![cfg(all(feature = "tch", unix))]
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use program::{fixtures, postings_model as model, run, text};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(60);

/// A running server; it is killed with the test.
struct Server {
    child: Child,
    address: String,
    /// What it says on standard error.
    said: Receiver<String>,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let arguments = [&["serve", "--addr", "127.0.0.1:0"], arguments].concat();
        let mut child =
            program::command(&fixtures(), &arguments).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (say, said) = channel();
        std::thread::spawn(move || {
            lines.map_while(Result::ok).for_each(|line| drop(say.send(line)));
        });
        let mut server = Self { child, address: String::new(), said };
        let line = server.says("listening on ");
        server.address = line.rsplit_once('/').unwrap().1.to_owned();
        server
    }

    /// The next line that holds this.
    fn says(&self, part: &str) -> String {
        loop {
            let line = self.said.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no {part:?}"));
            if line.contains(part) {
                return line;
            }
        }
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    /// Sends a request, and reads head and body of the answer.
    fn ask(&self, head: &str, body: impl AsRef<[u8]>) -> (String, String) {
        let body = body.as_ref();
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let length = body.len();
        let request =
            format!("{head}\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
        stream.write_all(&[request.as_bytes(), body].concat()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), body.to_owned())
    }

    fn entities(&self, text: &str) -> Value {
        let head = "POST /v1/entities HTTP/1.1\r\ncontent-type: application/json";
        let (head, body) = self.ask(head, json!({ "text": text }).to_string());
        assert!(head.starts_with("HTTP/1.1 200"), "{head}\n{body}");
        serde_json::from_str(&body).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn it_answers_as_predict_does_until_it_is_told_to_stop() {
    let model = model();
    let line = "Žádáme: you hold a BSc in adult nursing and know Python .";
    let predicted =
        program::run_on(&fixtures(), &["predict", "--model", &model], format!("{line}\n"));
    let predicted: Value = serde_json::from_slice(&predicted.stdout).unwrap();
    for signal in ["TERM", "INT"] {
        let mut server = Server::start(&["--model", &model]);
        let answer = server.entities(line);
        assert_eq!(answer["entities"], predicted["entities"]);
        assert!(!answer["entities"].as_array().unwrap().is_empty());
        assert_eq!(answer["model"], "model-best");
        let logged = server.says("/v1/entities");
        assert!(logged.contains("POST /v1/entities 200"), "{logged}");
        server.signal(signal);
        assert!(server.child.wait().unwrap().success(), "{signal}");
        assert!(TcpStream::connect(&server.address).is_err());
    }
}

#[test]
fn a_pdf_is_read_by_a_process_of_its_own() {
    let server = Server::start(&["--model", &model(), "--timeout", "60"]);
    let head = "POST /v1/entities HTTP/1.1\r\ncontent-type: application/pdf";
    for (name, status, part) in [
        ("cairo-resume", "200", "Software Rust, Python, PostgreSQL"),
        ("encrypted", "422", "found an encrypted one"),
        ("scan", "422", "found none on page 1"),
    ] {
        let file = fs::read(fixtures().join("pdf").join(format!("{name}.pdf"))).unwrap();
        let (head, body) = server.ask(head, &file);
        assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{name}: {head}\n{body}");
        let answer: Value = serde_json::from_str(&body).unwrap();
        if status != "200" {
            assert!(answer["detail"].as_str().unwrap().contains(part), "{name}: {body}");
            continue;
        }
        let text = answer["text"].as_str().unwrap().split_whitespace().collect::<Vec<_>>();
        assert!(text.join(" ").contains(part), "{body}");
        assert_eq!(answer["pages"][0]["number"], 1);
        let entities = answer["entities"].as_array().unwrap();
        assert!(!entities.is_empty());
        for entity in entities {
            assert_eq!((&entity["page"], &entity["boxes"][0]["page"]), (&json!(1), &json!(1)));
        }
    }
}

#[test]
fn sighup_reads_models_again_and_a_broken_one_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("own");
    copy(Path::new(&model()), &own);
    let named = format!("mine={}", own.display());
    let server = Server::start(&["--model", &named, "--model", &model(), "--quiet"]);
    let (_, listed) = server.ask("GET /v1/models HTTP/1.1", "");
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(
        (&listed["models"][0]["name"], &listed["models"][0]["default"]),
        (&json!("mine"), &json!(true))
    );
    assert_eq!(listed["models"][1]["name"], "model-best");
    let before = server.entities("Python and Java");
    server.signal("HUP");
    server.says("reloaded mine");
    server.says("reloaded model-best");
    assert_eq!(server.entities("Python and Java"), before);
    fs::remove_file(own.join("model.safetensors")).unwrap();
    server.signal("HUP");
    let said = server.says("mine: the model of before goes on");
    assert!(said.contains("model.safetensors"), "{said}");
    assert_eq!(server.entities("Python and Java"), before);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn a_token_is_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, "s3cret-token\n").unwrap();
    let server = Server::start(&["--model", &model(), "--token-file", file.to_str().unwrap()]);
    let (head, body) = server.ask("GET /v1/models HTTP/1.1", "");
    assert!(head.starts_with("HTTP/1.1 401"), "{head}");
    assert!(!head.contains("s3cret") && !body.contains("s3cret"));
    let head = "GET /v1/models HTTP/1.1\r\nauthorization: Bearer s3cret-token";
    assert!(server.ask(head, "").0.starts_with("HTTP/1.1 200"));
    let logged = [server.says("/v1/models 401"), server.says("/v1/models 200")];
    assert!(logged.iter().all(|line| !line.contains("s3cret")), "{logged:?}");
}

#[test]
fn what_cannot_be_served() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty");
    fs::write(&empty, "\n").unwrap();
    let (model, empty) = (model(), empty.display().to_string());
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let twice = format!("a={model}");
    for (arguments, status, part) in [
        (&["--model", "no/such/model"][..], 3, "no/such/model"),
        (&[], 2, "--model"),
        (&["--model", &model, "--addr", &taken], 3, "in use"),
        (&["--model", &model, "--addr", "nowhere"], 3, "--addr nowhere"),
        (&["--model", &model, "--token-file", "none"], 3, "none: "),
        (&["--model", &model, "--token-file", &empty], 2, "token: expected visible ASCII"),
        (&["--model", &model, "--cors", "example.org"], 2, "example.org"),
        (&["--model", &model, "--timeout", "0"], 2, "--timeout"),
        (&["--model", &model, "--queue", "0"], 2, "--queue"),
        (&["--model", &twice, "--model", &twice], 2, "found \"a\" twice"),
    ] {
        let output = run(&fixtures(), &[&["serve"], arguments].concat());
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {error}");
        assert!(error.contains(part), "{arguments:?}: {error}");
    }
}
