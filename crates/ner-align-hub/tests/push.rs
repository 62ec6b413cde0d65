//! A model folder to a Hub: what is sent, what is not, what is said when it fails.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod fake_hub;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fake_hub::{FakeHub, sha256};
use ner_align_hub::{Client, Event, PushError, PushOptions, Pushed, Settings};
use tempfile::TempDir;

const TOKEN: &str = "hf_secretOfThisTest";
const FILES: [&str; 3] = ["config.json", "model.safetensors", "tokenizer.json"];
/// A second large file, where a test needs one.
const VOCABULARY: &str = "vocab.txt";

struct World {
    hub: FakeHub,
    folder: TempDir,
    events: Arc<Mutex<Vec<String>>>,
    client: Client,
}

impl World {
    /// A Hub without models, and the tiny model with a card in a folder.
    fn new() -> Self {
        let hub = FakeHub::start(&[]);
        hub.set(|state| state.push.token = Some(TOKEN.to_owned()));
        let folder = tempfile::tempdir().unwrap();
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/tiny-bert");
        let model = folder.path().join("model");
        fs::create_dir(&model).unwrap();
        for file in FILES {
            fs::copy(fixtures.join(file), model.join(file)).unwrap();
        }
        fs::write(model.join("README.md"), "---\nlicense: mit\n---\n\n# tiny\n").unwrap();
        let timeout = Duration::from_secs(5);
        let settings = Settings::new(folder.path().join("hub"))
            .with_endpoint(&hub.endpoint)
            .with_token(TOKEN)
            .with_timeouts(timeout, timeout);
        let events = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&events);
        let client = Client::new(settings).on_event(move |event| {
            let line = match event {
                Event::Started { file, .. } => format!("started {file}"),
                Event::Retrying { file, .. } => format!("again {file}"),
                Event::Present { file } => format!("present {file}"),
                Event::Finished { file } => format!("finished {file}"),
                _ => return,
            };
            heard.lock().unwrap().push(line);
        });
        Self { hub, folder, events, client }
    }

    fn model(&self) -> PathBuf {
        self.folder.path().join("model")
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.model().join(name), text).unwrap();
    }

    fn push_to(&self, id: &str, options: &PushOptions) -> Result<Pushed, PushError> {
        self.client.push(&id.parse().unwrap(), self.model(), options)
    }

    fn push(&self) -> Result<Pushed, PushError> {
        self.push_to("org/new", &PushOptions::default())
    }

    fn take_events(&self) -> Vec<String> {
        std::mem::take(&mut self.events.lock().unwrap())
    }

    /// The files of a branch are those of the folder.
    fn assert_same(&self, branch: &str) {
        self.hub.set(|state| {
            let files = &state.push.models["org/new"].branches[branch];
            let names: Vec<&str> = files.keys().map(String::as_str).collect();
            let mut expected = vec![".gitattributes", "README.md"];
            expected.extend(FILES);
            expected.extend(self.model().join(VOCABULARY).exists().then_some(VOCABULARY));
            assert_eq!(names, expected);
            for name in &expected[1..] {
                let own = fs::read(self.model().join(name)).unwrap();
                assert_eq!(sha256(&files[*name]), sha256(&own), "{name}");
            }
            assert!(!state.token_leaked, "another host got the token");
        });
    }
}

#[test]
fn a_folder_arrives_whole_and_only_what_changed_is_sent_again() {
    let world = World::new();
    let options = PushOptions::default().with_private(true).with_message(Some("the first".into()));
    let first = world.push_to("org/new", &options).unwrap();
    assert_eq!(first.url, format!("{}/org/new", world.hub.endpoint));
    assert_eq!(first.changed.len(), 4);
    world.assert_same("main");
    world.hub.set(|state| {
        let model = &state.push.models["org/new"];
        assert!(model.private);
        assert_eq!(model.messages, ["initial commit", "the first"]);
    });
    // Nothing changed: no commit.
    let again = world.push_to("org/new", &options).unwrap();
    assert_eq!((again.commit, again.unchanged.len(), again.bytes), (None, 4, 0));
    // A small file changed: the large ones stay where they are.
    world.write("config.json", "{}");
    world.hub.take_log();
    let third = world.push().unwrap();
    assert_eq!((third.changed, third.bytes), (vec!["config.json".to_owned()], 2));
    assert!(!world.hub.take_log().iter().any(|line| line.starts_with("PUT")));
    world.assert_same("main");
    // A branch is made from what is there.
    world.write("config.json", "{\"new\": 1}");
    let fourth = world.push_to("org/new@refs/x", &PushOptions::default()).unwrap();
    assert_eq!(fourth.changed, ["config.json"]);
    world.assert_same("refs/x");
    assert!(world.push_to("org/new@refs/x", &PushOptions::default()).unwrap().commit.is_none());
}

#[test]
fn large_files_go_in_parts_and_a_broken_push_resumes() {
    let world = World::new();
    world.hub.set(|state| state.push.part = 1000);
    world.push().unwrap();
    world.assert_same("main");

    let world = World::new();
    // One connection breaks, and one request finds the Hub busy.
    world.hub.set(|state| (state.push.cut, state.busy) = (1, 1));
    world.push().unwrap();
    world.assert_same("main");
    assert!(world.take_events().iter().any(|event| event.starts_with("again ")));

    let world = World::new();
    world.write(VOCABULARY, &"word\n".repeat(5000));
    world.hub.set(|state| (state.push.whole_first, state.push.cut) = (1, usize::MAX));
    let error = world.push().unwrap_err();
    assert!(matches!(error, PushError::Unreachable { .. }), "{error:?}");
    world.hub.set(|state| {
        let model = &state.push.models["org/new"];
        assert_eq!(model.branches["main"].len(), 1, "no commit without all files");
        state.push.cut = 0;
    });
    world.take_events();
    world.push().unwrap();
    world.assert_same("main");
    let events = world.take_events();
    assert_eq!(
        events.iter().filter(|event| event.starts_with("present ")).count(),
        1,
        "{events:?}"
    );
    assert_eq!(
        events.iter().filter(|event| event.starts_with("started ")).count(),
        1,
        "{events:?}"
    );
}

#[test]
fn what_is_no_part_of_a_model_stays_here() {
    let world = World::new();
    for name in [".lock", "optimizer.safetensors", "metrics.jsonl", "state.json"] {
        world.write(name, "x");
    }
    fs::create_dir(world.folder.path().join("model/checkpoints")).unwrap();
    let left = world.push().unwrap().left_out;
    assert_eq!(
        left,
        [".lock", "checkpoints", "metrics.jsonl", "optimizer.safetensors", "state.json"]
    );
    world.assert_same("main");
}

#[test]
fn a_folder_is_looked_at_before_anything_is_sent() {
    for (name, text, expected) in [
        (
            "README.md",
            "# a\n\nfrom `/home/ada/x.conll`\n",
            "README.md:3: expected no path of a machine",
        ),
        ("meta.json", "{\"data\": \"/mnt/x\"}", "meta.json:1: expected no path of a machine"),
        ("config.json", "{\"_name_or_path\": \"/data/bert\"}", "config.json:1: expected no path"),
    ] {
        let world = World::new();
        world.write(name, text);
        let error = world.push().unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert!(error.hint().is_some());
        assert_eq!(world.hub.take_log(), [""; 0]);
    }
    let world = World::new();
    fs::create_dir(world.folder.path().join("model-best")).unwrap();
    fs::write(world.folder.path().join("model-best/config.json"), "{}").unwrap();
    let push = |folder: &Path| {
        world.client.push(&"org/new".parse().unwrap(), folder, &PushOptions::default())
    };
    let error = push(world.folder.path()).unwrap_err();
    assert!(error.to_string().ends_with("expected a model folder with config.json, found none"));
    assert!(error.hint().unwrap().ends_with("model-best"), "{error:?}");
    let error = push(&world.folder.path().join("nowhere")).unwrap_err();
    assert!(error.to_string().ends_with("expected a model folder, found nothing"), "{error}");
    assert!(matches!(
        world.push_to("new", &PushOptions::default()).unwrap_err(),
        PushError::NoOwner { .. }
    ));
    assert_eq!(world.hub.take_log(), [""; 0]);
}

#[test]
fn refusals_have_one_line_a_hint_and_no_token() {
    let body = |text: &str| format!("{{\"error\": \"{text}\"}}");
    for (path, status, said, expected) in [
        ("/api/repos/create", 403, "You don't have the rights", "denies access: You don't have"),
        ("/preupload/", 404, "Repository not found", "not found at "),
        (
            "/commit/",
            409,
            "parent commit is not\\n the head",
            "changed meanwhile: parent commit is not the head",
        ),
        ("/commit/", 412, "", "changed meanwhile: status 412, without a reason"),
        ("/commit/", 413, "too large", "no room at "),
        ("/commit/", 400, "bad", "refuses it with status 400: bad"),
        ("/commit/", 500, "oops", "refuses it with status 500: oops"),
        ("/store/", 403, "", "denies access: "),
        ("/preupload/", 200, "nothing", "expected how each file is stored from localhost"),
    ] {
        let world = World::new();
        world.hub.set(|state| state.push.refuse = Some((path, status, body(said))));
        let error = world.push().unwrap_err();
        let text = error.to_string();
        assert!(text.contains(expected), "{expected}: {text}");
        assert!(!text.contains('\n') && !text.contains(TOKEN), "{text}");
        assert!(error.hint().is_some(), "{text}");
    }
    let world = World::new();
    world.hub.set(|state| state.push.quota = true);
    let error = world.push().unwrap_err();
    assert!(matches!(error, PushError::Quota { .. }), "{error:?}");
    let world = World::new();
    world.write("README.md", "---\nlicense: nonsense\n---\n");
    let error = world.push().unwrap_err();
    assert!(error.to_string().contains("status 400: \"license\" must be one of"), "{error}");
    // A token that the Hub does not know, and repeats.
    let world = World::new();
    world.hub.set(|state| state.push.token = Some("another".to_owned()));
    let error = world.push().unwrap_err();
    assert!(matches!(error, PushError::InvalidToken { .. }), "{error:?}");
    assert!(!format!("{error:?} {error}").contains(TOKEN));
    let settings = world.client.settings();
    for (settings, expected) in [
        (settings.clone().with_offline(true), "needs the network"),
        (Settings::new(&settings.cache).with_endpoint(&settings.endpoint), "needs a token"),
        (settings.clone().with_endpoint("http://localhost:9"), "cannot reach localhost: "),
    ] {
        let model = world.folder.path().join("model");
        let push = |client: &Client| {
            client.push(&"org/new".parse().unwrap(), &model, &PushOptions::default())
        };
        let error = push(&Client::new(settings)).unwrap_err();
        assert!(error.to_string().contains(expected), "{expected}: {error}");
    }
}

#[test]
fn a_public_model_is_not_taken_for_a_private_one() {
    let world = World::new();
    world.push().unwrap();
    let options = PushOptions::default().with_private(true);
    let error = world.push_to("org/new", &options).unwrap_err();
    assert!(matches!(error, PushError::Public { .. }), "{error:?}");
}
