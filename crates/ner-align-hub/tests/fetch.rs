//! Models from a Hub: what is asked, what is cached and where, what is said when it fails.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod fake_hub;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fake_hub::{COMMIT, FakeHub, NEWER, sha256};
use ner_align_hub::{Client, Event, HubError, HubId, Located, Parts, Settings};
use tempfile::TempDir;

fn tiny(file: &str) -> Vec<u8> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/tiny-bert");
    fs::read(fixtures.join(file)).unwrap()
}

/// A hub with the tiny model, and an empty cache.
fn world() -> (FakeHub, TempDir, Settings) {
    let files = ["config.json", "model.safetensors", "tokenizer.json"];
    world_of(&files.map(|file| (file, tiny(file))))
}

fn world_of(files: &[(&str, Vec<u8>)]) -> (FakeHub, TempDir, Settings) {
    let hub = FakeHub::start(files);
    let folder = tempfile::tempdir().unwrap();
    let timeout = Duration::from_secs(5);
    let settings = Settings::new(folder.path().join("hub"))
        .with_endpoint(&hub.endpoint)
        .with_timeouts(timeout, timeout);
    (hub, folder, settings)
}

fn get(id: &str, settings: &Settings) -> Result<Located, HubError> {
    Client::new(settings.clone()).fetch(&id.parse()?, Parts::Model)
}

fn repo(settings: &Settings) -> PathBuf {
    settings.cache.join("models--org--tiny")
}

/// Names below a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn files_are_where_python_looks_for_them() {
    let (hub, _folder, settings) = world();
    let located = get("org/tiny", &settings).unwrap();
    let repo = repo(&settings);
    assert_eq!(located.path, repo.join("snapshots").join(COMMIT));
    assert_eq!((located.name().as_str(), located.commit()), ("org/tiny", Some(COMMIT)));
    assert_eq!(fs::read_to_string(repo.join("refs/main")).unwrap(), COMMIT);
    assert_eq!(names(&located.path), ["config.json", "model.safetensors", "tokenizer.json"]);
    for file in names(&located.path) {
        assert_eq!(fs::read(located.path.join(&file)).unwrap(), tiny(&file), "{file}");
    }
    let blob = Path::new("../../blobs").join(sha256(&tiny("model.safetensors")));
    #[cfg(unix)]
    assert_eq!(fs::read_link(located.path.join("model.safetensors")).unwrap(), blob);
    assert!(located.path.join(blob).is_file());
    assert_eq!(names(&repo.join("blobs")).len(), 3, "nothing half-written is left");
    let absent = ["meta.json", "special_tokens_map.json", "tokenizer_config.json"];
    assert_eq!(names(&repo.join(".no_exist").join(COMMIT)), absent);
    assert!(settings.cache.join("CACHEDIR.TAG").is_file());

    // From now on one question is enough, and none for a commit or without network.
    hub.take_log();
    assert_eq!(get("org/tiny", &settings).unwrap(), located);
    assert_eq!(hub.take_log(), ["HEAD /org/tiny/resolve/main/config.json"]);
    assert_eq!(get(&format!("org/tiny@{COMMIT}"), &settings).unwrap().path, located.path);
    let offline = settings.with_offline(true);
    assert_eq!(get("org/tiny", &offline).unwrap(), located);
    assert_eq!(hub.take_log(), [""; 0]);
}

#[test]
fn a_new_commit_brings_only_what_changed() {
    let (hub, _folder, settings) = world();
    get("org/tiny", &settings).unwrap();
    hub.set(|state| {
        let mut files = state.commits[COMMIT].clone();
        files.insert("config.json".to_owned(), b"{\"new\": true}".to_vec());
        state.commits.insert(NEWER.to_owned(), files);
        state.head = NEWER.to_owned();
    });
    hub.take_log();
    let located = get("org/tiny", &settings).unwrap();
    assert_eq!(located.commit(), Some(NEWER));
    assert_eq!(fs::read(located.path.join("config.json")).unwrap(), b"{\"new\": true}");
    assert!(located.path.join("model.safetensors").is_file());
    let gets = hub.take_log().into_iter().filter(|line| line.starts_with("GET")).count();
    assert_eq!(gets, 1);
    // The old one is still there, and a pull request's revision has a name with a slash.
    assert!(get(&format!("org/tiny@{COMMIT}"), &settings).is_ok());
    assert_eq!(get("org/tiny@refs/pr/1", &settings).unwrap().commit(), Some(NEWER));
    assert_eq!(fs::read_to_string(repo(&settings).join("refs/refs/pr/1")).unwrap(), NEWER);
}

#[test]
fn broken_connections_resume() {
    let (hub, _folder, settings) = world();
    hub.set(|state| {
        state.cut = 2;
        state.busy = 1;
    });
    get("org/tiny", &settings).unwrap();
    let log = hub.take_log();
    let ranges: Vec<&String> = log.iter().filter(|line| line.ends_with('-')).collect();
    // Asked of the Hub anew each time, since signed addresses expire.
    assert!(ranges.iter().any(|line| line.contains("/resolve/")), "{log:?}");
    assert!(ranges.iter().any(|line| line.contains("/cdn/")), "{log:?}");
}

#[test]
fn a_later_run_resumes_what_an_earlier_one_left() {
    let weights = tiny("model.safetensors");
    let third = weights.len() / 3;
    for (left, no_ranges, from) in [
        (weights[..third].to_vec(), false, Some(third)),
        (weights[..third].to_vec(), true, Some(third)),
        // Complete, but for its name.
        (weights.clone(), false, None),
        // Longer than it may be, and of another content: both start anew.
        ([&weights[..], b"x"].concat(), false, None),
        (vec![7; third], false, Some(third)),
    ] {
        let (hub, _folder, settings) = world();
        hub.set(|state| state.no_ranges = no_ranges);
        let blobs = repo(&settings).join("blobs");
        fs::create_dir_all(&blobs).unwrap();
        fs::write(blobs.join(format!("{}.incomplete", sha256(&weights))), &left).unwrap();
        let located = get("org/tiny", &settings).unwrap();
        assert_eq!(fs::read(located.path.join("model.safetensors")).unwrap(), weights);
        let log = hub.take_log();
        let range = from.map(|from| format!("/cdn/{} {from}-", sha256(&weights)));
        if let Some(range) = range {
            assert!(log.iter().any(|line| line.ends_with(&range)), "{range}: {log:?}");
        }
        assert_eq!(names(&blobs).len(), 3);
    }
}

#[test]
fn damaged_downloads_are_refused() {
    let (hub, _folder, settings) = world();
    hub.set(|state| state.damaged = true);
    let error = get("org/tiny", &settings).unwrap_err();
    assert!(error.to_string().contains("model.safetensors: expected SHA-256"), "{error}");
    let blobs = names(&repo(&settings).join("blobs"));
    assert_eq!(blobs.len(), 2, "{blobs:?}");
    hub.set(|state| state.damaged = false);
    get("org/tiny", &settings).unwrap();
}

#[test]
fn a_download_that_keeps_breaking_ends_and_keeps_what_came() {
    let (hub, _folder, settings) = world();
    get("org/tiny", &settings).unwrap();
    let blob = repo(&settings).join("blobs").join(sha256(&tiny("model.safetensors")));
    fs::remove_file(&blob).unwrap();
    // A link to nothing is as good as no file.
    hub.set(|state| (state.cut, state.dies) = (1, true));
    let error = get("org/tiny", &settings).unwrap_err();
    assert!(error.to_string().contains("broke off after"), "{error}");
    assert!(error.hint().unwrap().contains("is kept"));
    let kept = fs::metadata(blob.with_extension("incomplete")).unwrap().len();
    assert!(kept > 50_000, "{kept}");
    hub.set(|state| state.busy = 0);
    get("org/tiny", &settings).unwrap();
}

#[test]
fn sharded_weights_and_vocabularies() {
    let shard = |byte: u8| vec![byte; 20_000];
    let index = br#"{"weight_map": {"a": "model-00001-of-00002.safetensors",
        "b": "model-00002-of-00002.safetensors"}}"#;
    let (hub, _folder, settings) = world_of(&[
        ("config.json", b"{}".to_vec()),
        ("vocab.txt", b"[UNK]\n".to_vec()),
        ("model.safetensors.index.json", index.to_vec()),
        ("model-00001-of-00002.safetensors", shard(1)),
        ("model-00002-of-00002.safetensors", shard(2)),
    ]);
    let located = get("org/tiny", &settings).unwrap();
    assert_eq!(names(&located.path).len(), 5);
    let offline = settings.clone().with_offline(true);
    assert!(get("org/tiny", &offline).is_ok());
    fs::remove_file(located.path.join("model-00002-of-00002.safetensors")).unwrap();
    let error = get("org/tiny", &offline).unwrap_err();
    assert!(error.to_string().contains("model-00002-of-00002"), "{error}");
    hub.take_log();
    get("org/tiny", &settings).unwrap();
    assert!(hub.take_log().iter().all(|line| line.starts_with("HEAD")), "the blob is there still");
    // An index must not lead out of the folder.
    let evil = br#"{"weight_map": {"a": "../../../evil"}}"#.to_vec();
    let (_hub, _folder, settings) = world_of(&[
        ("config.json", b"{}".to_vec()),
        ("vocab.txt", Vec::new()),
        ("model.safetensors.index.json", evil),
    ]);
    assert!(get("org/tiny", &settings).unwrap_err().to_string().contains("evil"));
}

#[test]
fn the_token_goes_to_the_hub_alone() {
    let (hub, _folder, mut settings) = world();
    hub.set(|state| state.token = Some("mine".to_owned()));
    let error = get("org/tiny", &settings).unwrap_err();
    assert!(error.hint().unwrap().contains("HF_TOKEN"));
    settings.token = Some("mine".to_owned());
    get("org/tiny", &settings).unwrap();
    assert!(!hub.state.lock().unwrap().token_leaked);
    // A model that was renamed is found, and the token goes along.
    get("org/old", &settings).unwrap();
}

#[test]
fn a_tokenizer_comes_without_its_model() {
    let (hub, _folder, settings) = world();
    let id = HubId::parse("org/tiny").unwrap();
    let client = Client::new(settings.clone());
    let located = client.fetch(&id, Parts::Tokenizer).unwrap();
    assert_eq!(names(&located.path), ["tokenizer.json"]);
    hub.take_log();
    client.fetch(&id.at(COMMIT).unwrap(), Parts::Tokenizer).unwrap();
    assert_eq!(hub.take_log(), [""; 0]);
    // What is cached is not all of the model.
    let offline = settings.with_offline(true);
    let error = get("org/tiny", &offline).unwrap_err();
    assert!(error.to_string().contains("config.json"), "{error}");
}

#[test]
fn without_the_hub_the_cache_serves() {
    let (hub, _folder, settings) = world();
    let located = get("org/tiny", &settings).unwrap();
    for refuse in [(503, ""), (401, "RepoNotFound"), (403, "GatedRepo"), (418, "")] {
        hub.set(|state| state.refuse = Some(refuse));
        assert_eq!(get("org/tiny", &settings).unwrap(), located, "{refuse:?}");
    }
    // A port that nobody listens on.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let settings = settings.with_endpoint(format!("http://{nobody}"));
    assert_eq!(get("org/tiny", &settings).unwrap(), located);
    let error = get("org/other", &settings).unwrap_err();
    assert!(error.to_string().contains("cannot reach http://127.0.0.1"), "{error}");
}

#[test]
fn a_model_of_other_files_is_fetched_whole() {
    let index = br#"{"weight_map": {"a": "part-1.bin", "b": "part-2.bin"}}"#;
    let text = |name: &'static str, content: &[u8]| (name, content.to_vec());
    let vocabulary = [text("vocab.json", b"{}"), text("merges.txt", b"#version: 0.2\n")];
    let [vocab, merges] = vocabulary.clone();
    let single = vec![text("config.json", b"{}"), vocab, merges, text("pytorch_model.bin", b"w")];
    let [vocab, merges] = vocabulary.clone();
    let integers =
        vec![text("config.json", b"{}"), vocab, merges, text("model.int8.safetensors", b"w")];
    let [vocab, merges] = vocabulary;
    let sharded = vec![
        text("config.json", b"{}"),
        vocab,
        merges,
        text("pytorch_model.bin.index.json", index),
        text("part-1.bin", b"1"),
        text("part-2.bin", b"2"),
    ];
    for files in [single, integers, sharded] {
        let (hub, _folder, settings) = world_of(&files);
        let path = get("org/tiny", &settings).unwrap().path;
        for (name, content) in &files {
            assert_eq!(fs::read(path.join(name)).unwrap(), *content, "{name}");
        }
        // What is in the cache is not asked for again.
        drop(hub);
        assert_eq!(get("org/tiny", &settings.with_offline(true)).unwrap().path, path);
    }
}

#[test]
fn errors_say_what_to_do() {
    let (hub, _folder, settings) = world();
    let (_, _elsewhere, offline) = world();
    let offline = offline.with_offline(true);
    let weights = tiny("model.safetensors");
    let config = || ("config.json", b"{}".to_vec());
    let tokenizer = || ("tokenizer.json", b"{}".to_vec());
    let (_other, _other_folder, torch) =
        world_of(&[config(), tokenizer(), ("tf_model.h5", weights)]);
    let (_bare, _bare_folder, bare) = world_of(&[config(), tokenizer()]);
    let (_no_tok, _no_tok_folder, no_tokenizer) = world_of(&[config()]);
    let (_empty, _empty_folder, empty) = world_of(&[("data.csv", Vec::new())]);
    for (id, settings, message, hint) in [
        ("org/none", &settings, "expected a folder or a model of http", "HF_TOKEN"),
        ("none", &settings, "none: expected a folder", "spelling"),
        ("org/tiny@v9", &settings, "no revision \"v9\"", "branch"),
        ("org/tiny", &offline, "offline", "HF_HUB_OFFLINE"),
        ("org/tiny", &torch, "no model.safetensors, but tf_model.h5", "save_pretrained"),
        ("org/tiny", &bare, "no model.safetensors", "weights"),
        ("org/tiny", &no_tokenizer, "no tokenizer.json or vocab.txt", "AutoTokenizer"),
        ("org/tiny", &empty, "no config.json", "transformers"),
    ] {
        let error = get(id, settings).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
        assert!(error.hint().unwrap().contains(hint), "{error}");
    }
    for (refuse, message) in [
        ((403, "GatedRepo"), "consent of its owners"),
        ((503, ""), "status 503"),
        ((200, ""), "x-repo-commit"),
    ] {
        hub.set(|state| state.refuse = Some(refuse));
        let error = get("org/tiny", &settings).unwrap_err();
        assert!(error.to_string().contains(message) && error.hint().is_some(), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn a_cache_that_cannot_be_written_is_an_error() {
    let (_hub, folder, settings) = world();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let mut settings = settings;
    settings.cache = file;
    let error = get("org/tiny", &settings).unwrap_err();
    assert!(error.hint().unwrap().contains("HF_HOME"));
}

#[test]
fn events_tell_what_happens() {
    let (hub, _folder, settings) = world();
    hub.set(|state| state.cut = 1);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&seen);
    let client = Client::new(settings).on_event(move |event| {
        let line = match *event {
            Event::Started { file, size, present } => format!("{file} {size:?} {present}"),
            Event::Retrying { file, .. } => format!("again {file}"),
            Event::Finished { file } => format!("end {file}"),
            Event::Fetched { name, commit, files, bytes } => {
                format!("{name} {commit} {files} {bytes}")
            }
            Event::Fallback { commit, .. } => format!("cached {commit}"),
            _ => return,
        };
        into.lock().unwrap().push(line);
    });
    let id = HubId::parse("org/tiny").unwrap();
    client.fetch(&id, Parts::Model).unwrap();
    let files = ["config.json", "tokenizer.json", "model.safetensors"];
    let sizes = files.map(|file| tiny(file).len());
    let mut expected: Vec<String> = Vec::new();
    for (file, size) in files.iter().zip(sizes) {
        expected.push(format!("{file} Some({size}) 0"));
        if size >= fake_hub::LARGE && !expected.iter().any(|line| line.starts_with("again")) {
            expected.push(format!("again {file}"));
        }
        expected.push(format!("end {file}"));
    }
    expected.push(format!("org/tiny {COMMIT} 3 {}", sizes.iter().sum::<usize>()));
    assert_eq!(*seen.lock().unwrap(), expected);
    // What is cached is no event, but for a Hub that does not answer.
    client.fetch(&id, Parts::Model).unwrap();
    hub.set(|state| state.refuse = Some((503, "")));
    client.fetch(&id, Parts::Model).unwrap();
    expected.push(format!("cached {COMMIT}"));
    assert_eq!(*seen.lock().unwrap(), expected);
}
