//! Servers that are no Hub, and caches that somebody else damaged: an error with a hint, or the right
//! file, and never a file that is wrong.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod fake_hub;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use fake_hub::{COMMIT, FakeHub};
use ner_align_hub::{Client, HubError, HubId, Located, Parts, Settings};

/// A server that answers each request, given by its method and path, with these bytes, and closes
/// the connection.
fn server(answer: impl Fn(&str, &str) -> Vec<u8> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let request = lines.next().unwrap_or_default();
            lines.by_ref().take_while(|line| !line.is_empty()).for_each(drop);
            let mut words = request.split(' ');
            let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
            // A client may go away at any moment.
            let _ = (&stream).write_all(&answer(method, path));
        }
    });
    endpoint
}

fn settings(cache: &Path, endpoint: &str) -> Settings {
    let timeout = Duration::from_secs(2);
    Settings::new(cache).with_endpoint(endpoint).with_timeouts(timeout, timeout)
}

fn tokenizer(settings: &Settings) -> Result<Located, HubError> {
    let id = HubId::parse("org/tiny").unwrap();
    Client::new(settings.clone()).fetch(&id, Parts::Tokenizer)
}

/// An answer with these headers and this content.
fn http(status: u16, headers: &str, body: &str) -> Vec<u8> {
    let length = if headers.contains("Content-Length") {
        String::new()
    } else {
        format!("Content-Length: {}\r\n", body.len())
    };
    format!("HTTP/1.1 {status} X\r\nConnection: close\r\n{headers}{length}\r\n{body}").into_bytes()
}

/// The headers of a small file of 100 bytes.
fn promise(commit: &str, etag: &str) -> String {
    format!("X-Repo-Commit: {commit}\r\nETag: \"{etag}\"\r\nContent-Length: 100\r\n")
}

#[test]
fn servers_that_are_no_hub() {
    type Answer = fn(&str, &str) -> Vec<u8>;
    let cases: [(&str, Answer, &str); 9] = [
        ("no HTTP", |_, _| vec![0xff; 300], "cannot reach"),
        ("nothing", |_, _| Vec::new(), "cannot reach"),
        ("a page", |_, _| http(200, "", "<html>"), "x-repo-commit"),
        ("a login page", |_, _| http(302, "Location: https://elsewhere/\r\n", ""), "x-repo-commit"),
        ("itself", |_, path| http(307, &format!("Location: {path}\r\n"), ""), "redirects"),
        ("a way out", |_, _| http(200, &promise("..", "abc"), ""), "x-repo-commit"),
        ("a path", |_, _| http(200, &promise(COMMIT, "../../x"), ""), "etag"),
        ("a long name", |_, _| http(200, &promise(COMMIT, &"a".repeat(5000)), ""), "etag"),
        ("no file", |_, _| http(404, "", ""), "found neither"),
    ];
    for (case, answer, expected) in cases {
        let folder = tempfile::tempdir().unwrap();
        let error = tokenizer(&settings(folder.path(), &server(answer))).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(expected) && error.hint().is_some(), "{case}: {text}");
        assert!(text.lines().count() == 1 && text.len() < 500, "{case}: {text}");
        assert!(!folder.path().join("models--org--tiny").exists(), "{case}");
    }
}

#[test]
fn contents_that_are_not_as_promised() {
    // Each starts anew however often it is asked, so what arrives gets no longer.
    for (case, body, expected) in [
        ("short", "x".repeat(50), "broke off"),
        ("empty", String::new(), "broke off"),
        ("long", "x".repeat(150), "expected 100 bytes"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let endpoint = server(move |method, _| match method {
            "HEAD" => http(200, &promise(COMMIT, "abc"), ""),
            _ => http(200, "", &body),
        });
        let error = tokenizer(&settings(folder.path(), &endpoint)).unwrap_err();
        assert!(error.to_string().contains(expected), "{case}: {error}");
        let repo = folder.path().join("models--org--tiny");
        assert!(!repo.join("blobs/abc").exists(), "{case}");
        assert!(!repo.join("snapshots").join(COMMIT).join("tokenizer.json").exists(), "{case}");
    }
}

#[test]
fn an_error_page_is_not_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let endpoint = server(|method, _| match method {
        "HEAD" => http(200, &promise(COMMIT, "abc"), ""),
        _ => http(403, "", &"e".repeat(100)),
    });
    let error = tokenizer(&settings(folder.path(), &endpoint)).unwrap_err();
    assert!(matches!(error, HubError::Forbidden { .. }), "{error}");
    assert!(!folder.path().join("models--org--tiny/blobs/abc").exists());
}

#[cfg(unix)]
#[test]
fn damaged_caches_are_mended() {
    type Damage = fn(&Path);
    let link = |repo: &Path| repo.join("snapshots").join(COMMIT).join("tokenizer.json");
    let cases: [(&str, Damage); 6] = [
        ("a dangling link", |repo| fs::remove_dir_all(repo.join("blobs")).unwrap()),
        ("a branch that leads out", |repo| fs::write(repo.join("refs/main"), "../../x").unwrap()),
        ("a branch that is no text", |repo| fs::write(repo.join("refs/main"), [0xff]).unwrap()),
        ("a branch that is empty", |repo| fs::write(repo.join("refs/main"), "").unwrap()),
        ("a branch that is a folder", |repo| {
            fs::remove_file(repo.join("refs/main")).unwrap();
            fs::create_dir(repo.join("refs/main")).unwrap();
        }),
        ("no snapshots", |repo| fs::remove_dir_all(repo.join("snapshots")).unwrap()),
    ];
    for (case, damage) in cases {
        let hub = FakeHub::start(&[("tokenizer.json", b"{}".to_vec())]);
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path(), &hub.endpoint);
        let repo = folder.path().join("models--org--tiny");
        tokenizer(&settings).unwrap();
        damage(&repo);
        let located = tokenizer(&settings).unwrap();
        assert_eq!(located.commit(), Some(COMMIT), "{case}");
        assert_eq!(fs::read(link(&repo)).unwrap(), b"{}", "{case}");
    }
}

#[test]
fn files_in_the_way_of_the_cache_are_errors() {
    for in_the_way in
        ["models--org--tiny", "models--org--tiny/blobs", "models--org--tiny/snapshots"]
    {
        let hub = FakeHub::start(&[("tokenizer.json", b"{}".to_vec())]);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(in_the_way);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "").unwrap();
        let error = tokenizer(&settings(folder.path(), &hub.endpoint)).unwrap_err();
        assert!(matches!(error, HubError::Io { .. }), "{in_the_way}: {error}");
        assert!(error.to_string().contains(in_the_way) && error.hint().is_some(), "{error}");
    }
}
