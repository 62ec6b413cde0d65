//! What the fake Hub needs for uploads: models, branches, large files in parts, commits. It answers as the Hub
//! does; `tests/peers/push_protocol.py` runs huggingface_hub against it.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use super::{LARGE, State, sha256};

/// Files of a branch.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

#[derive(Default)]
pub(crate) struct Model {
    pub(crate) private: bool,
    pub(crate) branches: BTreeMap<String, Files>,
    /// The messages of its commits, oldest first.
    pub(crate) messages: Vec<String>,
}

#[derive(Default)]
pub(crate) struct Pushes {
    /// The only token that may write; `None`: nothing is pushed here.
    pub(crate) token: Option<String>,
    /// Models by their id.
    pub(crate) models: BTreeMap<String, Model>,
    /// Contents of large files by their SHA-256.
    pub(crate) large: Files,
    /// Parts of large files by their address.
    parts: BTreeMap<String, Vec<u8>>,
    /// Bytes in a part of a large file; 0: they are sent whole.
    pub(crate) part: usize,
    /// Breaks off so many uploads of large files.
    pub(crate) cut: usize,
    /// Uploads of large files that are taken before those that break off.
    pub(crate) whole_first: usize,
    /// Answers requests whose path has this text with this status and body.
    pub(crate) refuse: Option<(&'static str, u16, String)>,
    /// Says of each large file that it cannot be stored.
    pub(crate) quota: bool,
}

impl Pushes {
    /// Whether the upload that begins breaks off.
    pub(crate) fn cut_now(&mut self) -> bool {
        if self.whole_first > 0 {
            self.whole_first -= 1;
            return false;
        }
        let cut = self.cut > 0;
        self.cut -= usize::from(cut);
        cut
    }
}

type Answer = (String, Vec<u8>);

/// The answer to a request that is one of uploads.
pub(crate) fn answer(
    state: &mut State,
    (method, path): (&str, &str),
    token: Option<&str>,
    content: &[u8],
    port: u16,
) -> Option<Answer> {
    let known = state.push.token.clone()?;
    if state.busy > 0 && method != "HEAD" {
        state.busy -= 1;
        return Some(of(503, &json!({})));
    }
    let path = path.split('?').next().unwrap_or(path);
    if let Some((_, status, body)) = state.push.refuse.as_ref().filter(|it| path.contains(it.0)) {
        return Some(of(*status, &serde_json::from_str(body).unwrap_or(Value::Null)));
    }
    if method == "PUT" && path.starts_with("/store/") {
        state.token_leaked |= token.is_some();
        let etag = format!("ETag: \"{}\"\r\n", &sha256(content)[..32]);
        state.push.parts.insert(path.to_owned(), content.to_vec());
        if !path["/store/".len()..].contains('/') {
            take(&mut state.push, path, std::slice::from_ref(&path.to_owned()));
        }
        let head = format!("HTTP/1.1 200 X\r\n{etag}Content-Length: 0\r\n\r\n");
        return Some((head, Vec::new()));
    }
    if let Some(oid) = path.strip_prefix("/api/complete/") {
        let told: Value = serde_json::from_slice(content).unwrap();
        let parts = told["parts"].as_array().unwrap();
        assert!(parts.iter().all(|part| part["etag"].as_str().unwrap().starts_with('"')));
        let names: Vec<String> =
            parts.iter().map(|part| format!("/store/{oid}/{}", part["partNumber"])).collect();
        take(&mut state.push, &format!("/store/{oid}"), &names);
        return Some(of(200, &json!({})));
    }
    let api = path.starts_with("/api/") || path.ends_with("/info/lfs/objects/batch");
    if !api {
        return None;
    }
    if token != Some(known.as_str()) {
        // The Hub repeats what it was given.
        let said = format!("Invalid credentials in Authorization header {}", token.unwrap_or(""));
        return Some(of(401, &json!({"error": said})));
    }
    Some(api_answer(&mut state.push, (method, path), content, port))
}

fn api_answer(
    push: &mut Pushes,
    (method, path): (&str, &str),
    content: &[u8],
    port: u16,
) -> Answer {
    let body = || serde_json::from_slice::<Value>(content).unwrap();
    if path == "/api/validate-yaml" {
        let text = body()["content"].as_str().unwrap().to_owned();
        return match text.contains("license: nonsense") {
            true => of(400, &json!({"errors": [{"message": "\"license\" must be one of [...]"}]})),
            false => of(200, &json!({"errors": [], "warnings": []})),
        };
    }
    if let Some(oid) = path.strip_prefix("/api/verify/") {
        let arrived = push.large.get(oid).is_some_and(|it| body()["size"] == json!(it.len()));
        return of(if arrived { 200 } else { 404 }, &json!({}));
    }
    if path == "/api/repos/create" {
        let told = body();
        let id = format!(
            "{}/{}",
            told["organization"].as_str().unwrap(),
            told["name"].as_str().unwrap()
        );
        let private = told["visibility"] == "private" || told["private"] == true;
        if push.models.contains_key(&id) {
            let url = format!("http://localhost:{port}/{id}");
            return of(409, &json!({"error": "You already created this model repo", "url": url}));
        }
        let attributes = b"*.safetensors filter=lfs\n".to_vec();
        let main = Files::from([(".gitattributes".to_owned(), attributes)]);
        let model = Model {
            private,
            branches: BTreeMap::from([("main".to_owned(), main)]),
            messages: vec!["initial commit".to_owned()],
        };
        push.models.insert(id.clone(), model);
        return of(200, &json!({"url": format!("http://localhost:{port}/{id}")}));
    }
    if let Some(id) = path.strip_suffix(".git/info/lfs/objects/batch") {
        return match push.models.contains_key(&id[1..]) {
            true => batch(push, &body(), port),
            false => of(404, &json!({"error": "Repository not found"})),
        };
    }
    let words: Vec<&str> = path.trim_start_matches("/api/models/").split('/').collect();
    let [owner, name, rest @ ..] = words.as_slice() else {
        return of(404, &json!({"error": "Not found"}));
    };
    let Some(model) = push.models.get_mut(&format!("{owner}/{name}")) else {
        return of(404, &json!({"error": "Repository not found"}));
    };
    let branch = |text: &str| text.replace("%2F", "/");
    let page = format!("http://localhost:{port}/{owner}/{name}");
    match (method, rest) {
        ("GET", [] | ["revision", _]) => {
            let id = format!("{owner}/{name}");
            of(
                200,
                &json!({"id": id, "private": model.private, "sha": "0".repeat(40), "siblings": []}),
            )
        }
        ("POST", ["branch", to]) if model.branches.contains_key(&branch(to)) => {
            of(409, &json!({"error": "Reference already exists"}))
        }
        ("POST", ["branch", to]) => {
            let main = model.branches["main"].clone();
            model.branches.insert(branch(to), main);
            of(200, &json!({}))
        }
        ("POST", ["preupload", to]) => match model.branches.get(&branch(to)) {
            Some(files) => preupload(files, &body()),
            None => of(404, &json!({"error": "Invalid rev id"})),
        },
        ("POST", ["commit", to]) => match model.branches.get_mut(&branch(to)) {
            Some(files) => commit(files, &mut model.messages, &push.large, content, &page),
            None => of(404, &json!({"error": "Invalid rev id"})),
        },
        _ => of(404, &json!({"error": "Not found"})),
    }
}

/// Puts a content together and stores it under its hash, which its address names.
fn take(push: &mut Pushes, address: &str, parts: &[String]) {
    let whole: Vec<u8> = parts.iter().flat_map(|part| push.parts.remove(part).unwrap()).collect();
    let oid = address.trim_start_matches("/store/");
    assert_eq!(sha256(&whole), oid, "what arrives is what was announced");
    push.large.insert(oid.to_owned(), whole);
}

fn batch(push: &Pushes, told: &Value, port: u16) -> Answer {
    assert_eq!((&told["operation"], &told["hash_algo"]), (&json!("upload"), &json!("sha256")));
    let objects = told["objects"].as_array().unwrap().iter().map(|object| {
        let (oid, size) = (object["oid"].as_str().unwrap(), object["size"].as_u64().unwrap());
        let mut answer = json!({"oid": oid, "size": size});
        if push.quota {
            answer["error"] = json!({"code": 402, "message": "Storage limit reached"});
            return answer;
        }
        if push.large.contains_key(oid) {
            return answer;
        }
        // Another name of this machine is another host to a client.
        let store = format!("http://127.0.0.1:{port}/store/{oid}");
        let verify = json!({"href": format!("http://localhost:{port}/api/verify/{oid}")});
        answer["actions"] = if push.part > 0 {
            let mut header = json!({"chunk_size": push.part.to_string()});
            for number in 1..=size.div_ceil(push.part as u64) {
                // Numbers as S3's addresses have them: "00002" comes before "00010", "2" does not.
                header[format!("{number:05}")] = json!(format!("{store}/{number}"));
            }
            let href = format!("http://localhost:{port}/api/complete/{oid}");
            json!({"upload": {"href": href, "header": header}})
        } else {
            json!({"upload": {"href": store}, "verify": verify})
        };
        answer
    });
    of(200, &json!({"transfer": "multipart", "objects": objects.collect::<Vec<_>>()}))
}

fn preupload(files: &Files, told: &Value) -> Answer {
    let each = told["files"].as_array().unwrap().iter().map(|file| {
        let (path, size) = (file["path"].as_str().unwrap(), file["size"].as_u64().unwrap());
        assert!(BASE64.decode(file["sample"].as_str().unwrap()).is_ok());
        let large = path.ends_with(".safetensors") || size >= LARGE as u64;
        let mut answer = json!({
            "path": path,
            "uploadMode": if large { "lfs" } else { "regular" },
            "shouldIgnore": false,
        });
        if let Some(bytes) = files.get(path) {
            answer["oid"] = json!(if large { sha256(bytes) } else { git_oid(bytes) });
        }
        answer
    });
    of(200, &json!({"files": each.collect::<Vec<_>>(), "commitOid": "0".repeat(40)}))
}

fn git_oid(bytes: &[u8]) -> String {
    let hash = Sha1::new().chain_update(format!("blob {}\0", bytes.len())).chain_update(bytes);
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn commit(
    files: &mut Files,
    messages: &mut Vec<String>,
    large: &Files,
    content: &[u8],
    page: &str,
) -> Answer {
    let lines = std::str::from_utf8(content).unwrap().lines();
    let lines: Vec<Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["key"], "header");
    for line in &lines[1..] {
        let value = &line["value"];
        let path = value["path"].as_str().unwrap().to_owned();
        match line["key"].as_str().unwrap() {
            "file" => {
                assert_eq!(value["encoding"], "base64");
                files.insert(path, BASE64.decode(value["content"].as_str().unwrap()).unwrap());
            }
            "lfsFile" => {
                assert_eq!(value["algo"], "sha256");
                let Some(bytes) = large.get(value["oid"].as_str().unwrap()) else {
                    return of(400, &json!({"error": format!("LFS pointer to no object: {path}")}));
                };
                files.insert(path, bytes.clone());
            }
            other => panic!("{other}"),
        }
    }
    messages.push(lines[0]["value"]["summary"].as_str().unwrap().to_owned());
    let oid = format!("{:040x}", messages.len());
    let url = format!("{page}/commit/{oid}");
    of(200, &json!({"success": true, "commitOid": oid, "commitUrl": url, "hookOutput": ""}))
}

fn of(status: u16, body: &Value) -> Answer {
    let body = body.to_string().into_bytes();
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    );
    (head, body)
}
