//! What the router answers, asked without a socket.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

#[allow(dead_code, reason = "not all of it is used")]
mod client;
#[path = "../../ner-align-pipeline/tests/counting/mod.rs"]
#[allow(dead_code, reason = "not all of it is used")]
mod counting;

use std::collections::BTreeSet;

use axum::http::{Method, Request};
use axum::{Router, body::Body};
use client::{ask, for_text, get, post};
use counting::predictor;
use ner_align_serve::{Models, Origin, ServeError, ServeOptions, Token, router};
use serde_json::{Value, json};

const TEXT: &str = "Žádáme Python and Java skills 🦀 SQL.";

fn server(options: ServeOptions) -> Router {
    router(predictor(), options).unwrap()
}

fn entities(text: &str) -> Value {
    let found = predictor().entities(text).unwrap();
    assert_eq!(found.is_empty(), text.is_empty());
    as_json(&found)
}

/// By way of text, as f32 is written shorter than the f64 that it becomes.
fn as_json(found: &impl serde::Serialize) -> Value {
    serde_json::from_str(&serde_json::to_string(found).unwrap()).unwrap()
}

#[tokio::test]
async fn a_text_and_several() {
    let server = server(ServeOptions::default());
    let answer = ask(&server, for_text(TEXT)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(
        answer.json(),
        json!({"model": "default", "text": TEXT, "entities": entities(TEXT)})
    );
    let body = json!({"texts": [TEXT, "", TEXT]}).to_string();
    let answer = ask(&server, post("/v1/entities", "application/json; charset=utf-8", body)).await;
    let document = json!({"text": TEXT, "entities": entities(TEXT)});
    let empty = json!({"text": "", "entities": []});
    assert_eq!(
        answer.json(),
        json!({"model": "default", "documents": [&document, &empty, &document]})
    );
    let answer = ask(&server, post("/v1/entities", "application/json", r#"{"texts":[]}"#)).await;
    assert_eq!(answer.json(), json!({"model": "default", "documents": []}));
}

#[tokio::test]
async fn fields_of_a_text_and_of_several() {
    let entities = entities(TEXT);
    let label = entities[0]["label"].as_str().unwrap();
    let mapping = format!("other_types = false\n[fields.First]\ntypes = [{label:?}]\nfirst = true");
    let server = server(ServeOptions::default().with_mapping(mapping.parse().unwrap()));
    let fields = json!({"fields": {"First": entities[0]["text"]}, "entities": entities});
    let answer = ask(&server, post("/v1/fields", "text/plain", TEXT)).await;
    let mut one = fields.clone();
    one["model"] = json!("default");
    assert_eq!(answer.json(), one);
    let body = json!({"texts": [TEXT, ""]}).to_string();
    let answer = ask(&server, post("/v1/fields", "application/json", body)).await;
    let empty = json!({"fields": {"First": null}, "entities": []});
    assert_eq!(answer.json(), json!({"model": "default", "documents": [fields, empty]}));
}

#[tokio::test]
async fn uploads_and_other_shapes() {
    let server = server(ServeOptions::default());
    // A text has no pages.
    let expected =
        json!({"model": "default", "text": TEXT, "entities": entities(TEXT), "pages": []});
    let answer = ask(&server, post("/v1/entities", "text/plain", format!("\u{feff}{TEXT}"))).await;
    assert_eq!(answer.json(), expected);
    let form = |fields: &[(&str, &str)]| {
        let mut body = String::new();
        for (name, text) in fields {
            body += &format!(
                "--B\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"a.txt\"\r\n\
                 content-type: text/plain\r\n\r\n{text}\r\n"
            );
        }
        post("/v1/entities", "multipart/form-data; boundary=B", body + "--B--\r\n")
    };
    assert_eq!(ask(&server, form(&[("file", TEXT)])).await.json(), expected);
    for (fields, part) in [
        (&[][..], "found none"),
        (&[("other", "x")], "found \\\"other\\\""),
        (&[("file", "x"), ("file", "y")], "found several"),
    ] {
        let answer = ask(&server, form(fields)).await;
        assert_eq!(answer.status, 422, "{answer:?}");
        assert!(answer.body.contains(part), "{answer:?}");
    }
    let displacy =
        |body: &str| post("/v1/entities?format=displacy", "application/json", body.to_owned());
    let ents: Vec<Value> = entities(TEXT).as_array().unwrap().iter().map(|entity| {
        json!({"start": entity["start"], "end": entity["end"], "label": entity["label"]})
    }).collect();
    let expected = json!({"text": TEXT, "ents": ents, "title": null});
    let answer = ask(&server, displacy(&json!({"text": TEXT}).to_string())).await;
    assert_eq!(answer.json(), expected);
    let answer = ask(&server, displacy(&json!({"texts": [TEXT]}).to_string())).await;
    assert_eq!(answer.json(), json!([expected]));
}

#[tokio::test]
async fn thresholds_keep_the_surer_entities() {
    let server = server(ServeOptions::default());
    let all = entities(TEXT);
    let all = all.as_array().unwrap();
    let label = all[0]["label"].as_str().unwrap();
    let kept = |threshold: Value| {
        let body = json!({"text": TEXT, "threshold": threshold}).to_string();
        let request = post("/v1/entities", "application/json", body);
        let server = server.clone();
        async move { ask(&server, request).await.json()["entities"].as_array().unwrap().clone() }
    };
    let mut scores: Vec<f64> = all.iter().map(|entity| entity["score"].as_f64().unwrap()).collect();
    scores.sort_by(f64::total_cmp);
    let least = scores[scores.len() / 2];
    let above = |entity: &&Value| entity["score"].as_f64().unwrap() >= least;
    assert_eq!(kept(json!(0)).await, *all);
    assert_eq!(kept(json!(least)).await, all.iter().filter(above).cloned().collect::<Vec<_>>());
    let of_type = |entity: &&Value| entity["label"] != label || above(entity);
    let expected: Vec<_> = all.iter().filter(of_type).cloned().collect();
    assert_eq!(kept(json!({ label: least })).await, expected);
    let query = format!("/v1/entities?threshold={least}");
    let answer = ask(&server, post(&query, "text/plain", TEXT)).await;
    let kept = answer.json()["entities"].as_array().unwrap().len();
    assert_eq!(kept, all.iter().filter(above).count());
}

#[tokio::test]
async fn faults_are_problems() {
    let options = ServeOptions::default().with_max_body(200).with_max_chars(20).with_max_texts(3);
    let server = server(options);
    let json = |body: &str| post("/v1/entities", "application/json", body.to_owned());
    let with = |method: Method, path: &str| {
        Request::builder().method(method).uri(path).body(Body::empty()).unwrap()
    };
    // What the address says is checked, though the body has it otherwise.
    let none = r#"{"text":"","alternatives":0}"#;
    let cases = [
        (get("/nowhere"), 404, "/nowhere"),
        (get("/v1/entities"), 405, "found GET"),
        (with(Method::DELETE, "/healthz"), 405, "found DELETE"),
        (with(Method::POST, "/v1/entities"), 415, "application/json"),
        (post("/v1/entities", "application/xml", "<a/>"), 415, "application/xml"),
        (post("/v1/entities", "multipart/form-data", "x"), 400, "boundary"),
        (post("/v1/entities", "multipart/form-data; boundary=B", "x"), 400, "multipart"),
        (post("/v1/entities", "text/plain", b"ab\xff".to_vec()), 422, "UTF-8"),
        (post("/v1/entities?colour=red", "text/plain", "x"), 422, "colour"),
        (post("/v1/entities?format=xml", "text/plain", "x"), 422, "xml"),
        (post("/v1/entities?threshold=2", "text/plain", "x"), 422, "0 to 1"),
        (post("/v1/entities?model=none", "text/plain", "x"), 404, "one of default, found"),
        (post("/v1/entities?alternatives=101", "text/plain", "x"), 422, "0 to 100, found 101"),
        (post("/v1/entities?alternatives=101", "application/json", none), 422, "found 101"),
        (json(r#"{"text":"a","alternatives":-1}"#), 422, "-1"),
        (json(""), 400, "EOF"),
        (json("{\"text\":\"\\udc00\"}"), 400, "surrogate"),
        (json(r#"{"text":"a","model":"none"}"#), 404, "one of default, found"),
        (json(r#"{"text":"a","colour":"red"}"#), 422, "colour"),
        (json(r#"{"text":"a","threshold":{"NONE":1}}"#), 422, "NONE"),
        (json(r#"{"text":"123456789012345678901"}"#), 422, "at most 20 code points, found 21"),
        (json(r#"{"texts":["","","",""]}"#), 422, "at most 3 texts, found 4"),
        (json(&format!("{{\"text\":\"{}\"}}", "x".repeat(200))), 413, "at most 200 bytes"),
    ];
    for (request, status, part) in cases {
        let shown = format!("{request:?}");
        let answer = ask(&server, request).await;
        assert_eq!(answer.status, status, "{shown}: {answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{shown}");
        let body = answer.json();
        assert_eq!((&body["type"], &body["status"]), (&"about:blank".into(), &status.into()));
        assert!(body["title"].is_string(), "{body}");
        assert!(body["detail"].as_str().unwrap().contains(part), "{shown}: {body}");
        assert_eq!(answer.header("allow").is_some(), status == 405, "{shown}: {answer:?}");
    }
    let answer = ask(&server, json("{\"text\":\"a\\u0000b\"}")).await;
    assert_eq!(answer.json()["text"], "a\u{0}b");
}

#[tokio::test]
async fn models_by_name() {
    let models = Models::new("first", predictor()).with("second", predictor());
    let server = router(models, ServeOptions::default()).unwrap();
    let listed = ask(&server, get("/v1/models")).await.json();
    let labels = &listed["models"][0]["labels"];
    assert!(labels.as_array().unwrap().iter().any(|label| label == "SKILLS"), "{labels}");
    assert_eq!(
        listed,
        json!({"models": [
            {"name": "first", "labels": labels, "default": true},
            {"name": "second", "labels": labels, "default": false},
        ]})
    );
    let body = json!({"text": "a", "model": "second"}).to_string();
    let answer = ask(&server, post("/v1/entities", "application/json", body)).await;
    assert_eq!(answer.json()["model"], "second");
    assert_eq!(ask(&server, for_text("a")).await.json()["model"], "first");
    let twice = Models::new("a", predictor()).with("a", predictor());
    let error = router(twice.clone(), ServeOptions::default()).unwrap_err();
    assert!(matches!(error, ServeError::NameTwice { .. }));
    assert!(twice.replace("b", predictor()).unwrap_err().to_string().contains("found \"b\""));
}

#[tokio::test]
async fn a_token_opens_what_is_closed() {
    let token = Token::new("s3cret").unwrap();
    let server = server(ServeOptions::default().with_token(Some(token)));
    let with = |mut request: Request<Body>, value: &str| {
        request.headers_mut().insert("authorization", value.parse().unwrap());
        request
    };
    for path in ["/healthz", "/", "/assets/page.css", "/assets/page.js"] {
        assert_eq!(ask(&server, get(path)).await.status, 200, "{path}");
    }
    for path in ["/metrics", "/v1/models"] {
        assert_eq!(ask(&server, get(path)).await.status, 401, "{path}");
        assert_eq!(ask(&server, with(get(path), "Bearer s3cret")).await.status, 200, "{path}");
    }
    for wrong in ["Bearer other", "Basic s3cret", "Bearer"] {
        let answer = ask(&server, with(for_text("a"), wrong)).await;
        assert_eq!(answer.status, 401);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        assert_eq!(answer.json()["title"], "Unauthorized");
        assert!(!answer.body.contains("s3cret"));
    }
    assert_eq!(ask(&server, with(for_text("a"), "Bearer s3cret")).await.status, 200);
}

#[tokio::test]
async fn pages_of_other_origins() {
    let allowed = "https://app.example.org";
    let from = |mut request: Request<Body>, origin: &str| {
        request.headers_mut().insert("origin", origin.parse().unwrap());
        request
    };
    let preflight = || {
        Request::options("/v1/entities")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type, authorization")
            .body(Body::empty())
            .unwrap()
    };
    let header = "access-control-allow-origin";
    let closed = server(ServeOptions::default());
    assert_eq!(ask(&closed, from(for_text("a"), allowed)).await.header(header), None);
    assert_eq!(ask(&closed, from(preflight(), allowed)).await.status, 405);
    let token = Some(Token::new("s3cret").unwrap());
    let origins: Vec<Origin> = vec![allowed.parse().unwrap()];
    let open = server(ServeOptions::default().with_cors(origins).with_token(token));
    let answer = ask(&open, from(preflight(), allowed)).await;
    assert_eq!((answer.status, answer.header(header)), (200, Some(allowed)));
    let methods = answer.header("access-control-allow-methods").unwrap();
    assert!(methods.contains("POST"), "{methods}");
    // A page gets to read what was wrong.
    let answer = ask(&open, from(for_text("a"), allowed)).await;
    assert_eq!((answer.status, answer.header(header)), (401, Some(allowed)));
    assert_eq!(
        ask(&open, from(preflight(), "https://other.example.org")).await.header(header),
        None
    );
    let any = server(ServeOptions::default().with_cors(vec!["*".parse().unwrap()]));
    assert_eq!(ask(&any, from(for_text("a"), "https://x.org")).await.header(header), Some("*"));
}

#[tokio::test]
async fn what_is_counted_and_observed() {
    use std::sync::{Arc, Mutex};
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let server = server(ServeOptions::default().on_request(move |access| {
        let line = format!("{} {} {}", access.method, access.path, access.status);
        log.lock().unwrap().push((line, access.error.map(str::to_owned)));
    }));
    ask(&server, for_text(TEXT)).await;
    ask(&server, get("/nowhere?secret")).await;
    let text = ask(&server, get("/metrics")).await;
    assert_eq!(text.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    for line in [
        "ner_align_requests_total{route=\"/v1/entities\",method=\"POST\",status=\"200\"} 1",
        "ner_align_requests_total{route=\"other\",method=\"GET\",status=\"404\"} 1",
        "ner_align_batch_texts_count{model=\"default\"} 1",
        "ner_align_pending_requests{model=\"default\"} 0",
    ] {
        assert!(text.body.lines().any(|found| found == line), "{line}: {}", text.body);
    }
    let counted: u64 = text
        .body
        .lines()
        .filter_map(|line| {
            line.strip_prefix("ner_align_entities_total{")?.rsplit_once(' ')?.1.parse::<u64>().ok()
        })
        .sum();
    assert_eq!(counted, entities(TEXT).as_array().unwrap().len() as u64);
    let seen = seen.lock().unwrap();
    assert_eq!(seen[0], ("POST /v1/entities 200".to_owned(), None));
    assert_eq!(seen[1].0, "GET /nowhere 404");
    assert!(seen[1].1.as_ref().unwrap().contains("/nowhere"));
}

/// What stands in quotes after each `mark`.
fn quoted<'a>(text: &'a str, mark: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(mark).skip(1).filter_map(|rest| rest.split('"').next())
}

#[tokio::test]
async fn the_page_loads_nothing_from_elsewhere() {
    let server = server(ServeOptions::default());
    let mut waiting = vec!["/".to_owned()];
    let mut seen = BTreeSet::new();
    while let Some(path) = waiting.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let answer = ask(&server, get(&path)).await;
        assert_eq!(answer.status, 200, "{path}");
        let kind = match path.rsplit('.').next().unwrap() {
            "css" => "text/css",
            "js" => "text/javascript",
            _ => "text/html",
        };
        assert!(answer.header("content-type").unwrap().starts_with(kind), "{path}");
        assert!(
            answer.header("content-security-policy").unwrap().starts_with("default-src 'none'")
        );
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        // The page names its files, and scripts those that they import.
        let beside = if path == "/" { "/" } else { "/assets/" };
        let links = quoted(&answer.body, "rel=\"stylesheet\" href=\"");
        let links = links.chain(quoted(&answer.body, "src=\""));
        let links = links.chain(quoted(&answer.body, "from \"./"));
        waiting.extend(links.map(|link| format!("{beside}{link}")));
    }
    assert!(seen.len() > 10, "{seen:?}");
    assert_eq!(ask(&server, get("/healthz")).await.json(), json!({"status": "ok"}));
}

#[tokio::test]
async fn it_is_mounted_in_a_service_of_ones_own() {
    let own = Router::new()
        .route("/", axum::routing::get(|| async { "own" }))
        .nest("/ner", server(ServeOptions::default()));
    assert_eq!(ask(&own, get("/")).await.body, "own");
    let mut request = for_text(TEXT);
    *request.uri_mut() = "/ner/v1/entities".parse().unwrap();
    assert_eq!(ask(&own, request).await.json()["entities"], entities(TEXT));
    assert_eq!(ask(&own, get("/ner/nowhere")).await.status, 404);
    // The page below a path finds its files there.
    let page = ask(&own, get("/ner")).await.body;
    assert_eq!(quoted(&page, "src=\"").next(), Some("./ner/assets/page.js"));
    assert_eq!(ask(&own, get("/ner/assets/page.js")).await.status, 200);
}

/// Every `$ref` of a document.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            found.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
            object.values().for_each(|value| references(value, found));
        }
        Value::Array(array) => array.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[tokio::test]
async fn the_description_has_the_limits_and_the_labels() {
    let options = ServeOptions::default().with_max_chars(77).with_max_texts(5);
    let document = ask(&server(options.clone()), get("/openapi.json")).await.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{document}");
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        assert!(document.pointer(&reference[1..]).is_some(), "{reference}");
    }
    let request = &document["components"]["schemas"]["EntitiesRequest"]["oneOf"];
    assert_eq!(request[0]["properties"]["text"]["maxLength"], 77);
    assert_eq!(request[1]["properties"]["texts"]["maxItems"], 5);
    let by_type = &request[0]["properties"]["threshold"]["oneOf"][1];
    assert_eq!(by_type["properties"]["SKILLS"]["maximum"], 1);
    assert_eq!(by_type["additionalProperties"], false);
    // An empty list is an answer to one text and to no texts.
    let answer = &document["components"]["schemas"]["HfAnswer"];
    assert_eq!(answer["anyOf"].as_array().map(Vec::len), Some(2), "{answer}");
    assert_eq!(document["components"]["securitySchemes"], Value::Null);
    let options = options.with_token(Some(Token::new("s3cret").unwrap()));
    let document = ask(&server(options), get("/openapi.json")).await.json();
    assert_eq!(document["components"]["securitySchemes"]["token"]["scheme"], "bearer");
    let paths = &document["paths"];
    assert_eq!(paths["/v1/entities"]["post"]["security"], json!([{"token": []}]));
    assert_eq!(paths["/healthz"]["get"]["security"], json!([]));
}

#[tokio::test]
async fn files_become_text() {
    let server = server(ServeOptions::default());
    let docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    for (kind, body, status, part) in [
        ("text/html", &b"<p>Python <b>and</b> Java</p>"[..], 200, "Python and Java"),
        ("text/markdown", b"# Python\n\nand *Java*", 200, "Python\n\nand Java"),
        ("application/octet-stream", b"<!doctype html><p>Java", 200, "Java"),
        ("application/octet-stream", b"Java", 200, "Java"),
        ("application/octet-stream", b"\x89PNG\r\n\x1a\n\0", 415, "found another file"),
        ("application/pdf", b"no PDF", 422, "PDF"),
        (docx, b"PK\x03\x04", 422, "found"),
    ] {
        let answer = ask(&server, post("/v1/entities", kind, body)).await;
        assert_eq!(answer.status, status, "{kind}: {answer:?}");
        if status == 200 {
            assert_eq!(answer.json()["text"], part, "{kind}");
            let alone = ask(&server, for_text(part)).await.json();
            assert_eq!(answer.json()["entities"], alone["entities"], "{kind}");
        } else {
            assert!(answer.json()["detail"].as_str().unwrap().contains(part), "{kind}: {answer:?}");
        }
    }
    let form = |head: &str, file: &str| {
        let body = format!(
            "--B\r\ncontent-disposition: form-data; name=\"file\"{head}\r\n\r\n{file}\r\n--B--\r\n"
        );
        post("/v1/entities", "multipart/form-data; boundary=B", body)
    };
    for (head, file, text) in [
        ("", "*Java*", "*Java*"),
        ("", "a\0b", "a\0b"),
        ("; filename=\"a.md\"", "*Java*", "Java"),
        ("; filename=\"a.md\"\r\ncontent-type: text/plain", "*Java*", "Java"),
        ("; filename=\"a.txt\"\r\ncontent-type: text/html", "<b>Java", "Java"),
        ("; filename=\"a\"\r\ncontent-type: application/octet-stream", "<html><b>Java", "Java"),
    ] {
        let answer = ask(&server, form(head, file)).await;
        assert_eq!(answer.status, 200, "{head}: {answer:?}");
        assert_eq!(answer.json()["text"], text, "{head}");
    }
}

#[tokio::test]
async fn entities_of_a_file_have_their_page() {
    use ner_align_documents::{ExtractedText, Page};
    let options = ServeOptions::default().with_extractor(|_, _, limits| {
        assert_eq!(limits.max_text, 4 * 100_000);
        let mut text = ExtractedText::new(TEXT);
        text.pages.push(Page::new(1, 0..7, 595.0, 842.0));
        text.pages.push(Page::new(2, 7..TEXT.chars().count(), 595.0, 842.0));
        Ok(text)
    });
    let answer = ask(&server(options), post("/v1/entities", "application/pdf", "…")).await.json();
    let page = |number, start, end| json!({"number": number, "start": start, "end": end, "width": 595.0, "height": 842.0});
    let end = TEXT.chars().count();
    assert_eq!(answer["pages"], json!([page(1, 0, 7), page(2, 7, end)]));
    let found = answer["entities"].as_array().unwrap();
    assert!(!found.is_empty());
    for entity in found {
        let expected = if entity["start"].as_u64().unwrap() < 7 { 1 } else { 2 };
        assert_eq!(entity["page"], expected, "{entity}");
    }
}
