//! `ner-align train`, `eval` and `predict` as a script sees them, with a tiny model.
#![cfg(feature = "tch")]
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use program::{fixtures, text};
use serde_json::Value;

fn run(arguments: &[&str]) -> Output {
    program::run(&fixtures(), arguments)
}

const TRAIN: &str = "postings/postings-train.tsv";
const DEV: &str = "postings/postings-dev.tsv";

/// The output of one training run, which the tests share.
fn trained() -> &'static Path {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    FOLDER
        .get_or_init(|| {
            let folder = tempfile::tempdir().unwrap();
            let out = folder.path().to_str().unwrap();
            let more = ["--test", DEV, "--set", "learning_rate=0.01", "--json"];
            let output = program::train_on_postings(out, &more);
            assert!(output.status.success(), "{}", text(&output.stderr));
            let json: Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(json["epochs"], 6);
            folder
        })
        .path()
}

fn model() -> String {
    trained().join("model-best").display().to_string()
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn a_run_leaves_two_models_a_log_and_its_config() {
    let out = trained();
    for folder in ["model-best", "model-last"] {
        for file in ["config.json", "model.safetensors", "tokenizer.json", "meta.json", "README.md"]
        {
            assert!(out.join(folder).join(file).is_file(), "{folder}/{file}");
        }
    }
    let config = json(&out.join("model-best/config.json"));
    assert_eq!(config["architectures"][0], "BertForTokenClassification");
    assert_eq!(config["id2label"]["0"], "O");
    assert_eq!(config["id2label"]["1"], "B-DIPLOMA");
    assert_eq!(config["label2id"]["I-SKILLS"], 8);
    let meta = json(&out.join("model-best/meta.json"));
    assert!(meta["performance"]["ents_f"].is_number() || meta["performance"]["ents_f"].is_null());
    assert!(meta["performance"]["ents_per_type"]["SKILLS"].is_object());
    assert!(fs::read_to_string(out.join("config.toml")).unwrap().contains("epochs = 6"));

    let log = fs::read_to_string(out.join("metrics.jsonl")).unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (evaluations, steps): (Vec<&Value>, Vec<&Value>) =
        lines.iter().partition(|line| line.get("scores").is_some());
    assert_eq!(evaluations.len(), 6);
    for key in ["step", "epoch", "eval_loss", "token_accuracy"] {
        assert!(evaluations[1][key].is_number(), "{key}");
    }
    // Each evaluation has the tags of all words of the development data.
    let dev = run(&["check", DEV, "--json"]);
    let dev: Value = serde_json::from_slice(&dev.stdout).unwrap();
    for line in &evaluations {
        let (labels, cells) =
            (&line["confusion"]["labels"], line["confusion"]["cells"].as_array().unwrap());
        assert_eq!((&labels[0], &labels[1]), (&"O".into(), &"B-DIPLOMA".into()), "{labels}");
        let sum = |cells: &mut dyn Iterator<Item = &Value>| {
            cells.map(|cell| cell[2].as_u64().unwrap()).sum::<u64>()
        };
        let right = sum(&mut cells.iter().filter(|cell| cell[0] == cell[1]));
        let words = sum(&mut cells.iter());
        assert_eq!(words, dev["statistics"]["tokens"].as_u64().unwrap(), "{line}");
        assert_eq!(line["token_accuracy"], right as f64 / words as f64);
    }
    for key in ["step", "epoch", "loss", "learning_rate", "subtokens", "seconds"] {
        assert!(steps.iter().all(|line| line[key].is_number()), "{key}");
    }
    let subtokens: u64 = steps.iter().map(|line| line["subtokens"].as_u64().unwrap()).sum();
    assert!(subtokens > 2 * 4696, "{subtokens}");
    assert_eq!(json(&out.join("test.json"))["gold_entities"], 181);
    let left = fs::read_dir(out)
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with('.'));
    assert_eq!(left.count(), 0, "something half-written was left");
}

#[test]
fn evaluation_agrees_with_scoring_the_predicted_file() {
    let folder = tempfile::tempdir().unwrap();
    let model = model();
    for name in ["predicted.tsv", "predicted.spacy", "predicted.conllu.gz", "predicted"] {
        let predicted = folder.path().join(name);
        let predicted = predicted.to_str().unwrap();
        let output = run(&["eval", "--model", &model, DEV, "--json", "-o", predicted]);
        assert!(output.status.success(), "{name}: {}", text(&output.stderr));
        let evaluated: Value = serde_json::from_slice(&output.stdout).unwrap();
        let output = run(&["score", DEV, predicted, "--json"]);
        assert!(output.status.success(), "{name}: {}", text(&output.stderr));
        let scored: Value = serde_json::from_slice(&output.stdout).unwrap();
        for key in ["documents", "sentences", "tokens", "scores", "token_accuracy", "errors"] {
            assert_eq!(evaluated[key], scored[key], "{name}: {key}");
        }
    }
}

/// The page of `eval` has the reliability of the scores and the curves of the run.
#[test]
fn the_page_of_an_evaluation() {
    let folder = tempfile::tempdir().unwrap();
    let model = model();
    let page = folder.path().join("scores.html");
    let page = page.to_str().unwrap();
    let output = run(&["eval", "--model", &model, DEV, "--json", "--html", page]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let page = fs::read_to_string(page).unwrap();
    let name = std::path::Path::new(DEV).file_name().unwrap().to_str().unwrap();
    let title = format!("<h1>model-best against {name}</h1>");
    for part in [title.as_str(), "Precision by score", "<h2>Training</h2>", "entities by type"] {
        assert!(page.contains(part), "{part}");
    }
    // An input is not replaced.
    let output = run(&["eval", "--model", &model, DEV, "--html", DEV]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
}

#[test]
fn plain_text_gives_a_line_a_document_with_offsets_in_code_points() {
    let model = model();
    let input = "Bäcker: Python, a PhD in physics — três anos.\n\n🦀 Rust and\u{200b} SQL\n";
    let output = program::run_on(&fixtures(), &["predict", "--model", &model], input);
    assert!(output.status.success());
    let lines: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    for (line, input) in lines.iter().zip(input.lines()) {
        assert_eq!(line["text"], input);
        let characters: Vec<char> = input.chars().collect();
        for entity in line["entities"].as_array().unwrap() {
            let at = |key: &str| usize::try_from(entity[key].as_u64().unwrap()).unwrap();
            let surface: String = characters[at("start")..at("end")].iter().collect();
            assert_eq!(entity["text"], surface.as_str());
            assert!((0.0..=1.0).contains(&entity["score"].as_f64().unwrap()));
        }
    }
}

#[test]
fn a_byte_order_mark_is_no_text() {
    let model = model();
    let predict =
        |input: &str| program::run_on(&fixtures(), &["predict", "--model", &model], input).stdout;
    assert_eq!(predict("\u{feff}Nurse with BSc\nPython\n"), predict("Nurse with BSc\nPython\n"));
}

#[test]
fn plain_text_has_the_encoding_that_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.txt");
    fs::write(&path, b"Caf\xE9 nurse\n").unwrap();
    let (model, path) = (model(), path.display().to_string());
    let predict = |more: &[&str]| run(&[&["predict", "--model", &model, &path], more].concat());
    assert!(text(&predict(&["--encoding", "latin-1"]).stdout).contains("Café nurse"));
    let error = text(&predict(&[]).stderr);
    assert!(error.contains("in.txt:1:4: expected UTF-8"), "{error}");
    let error = text(&predict(&["--drop", "SKILLS"]).stderr);
    assert!(error.contains("--map, --drop: expected no types"), "{error}");
}

#[test]
fn an_input_is_not_replaced_by_what_is_predicted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gold.conll");
    fs::write(&path, "Java\tB-SKILLS\n").unwrap();
    let (model, gold) = (model(), path.display().to_string());
    for command in ["eval", "predict"] {
        let output = run(&[command, "--model", &model, &gold, "-o", &gold]);
        assert_eq!(output.status.code(), Some(2), "{command}: {}", text(&output.stderr));
        assert_eq!(fs::read_to_string(&path).unwrap(), "Java\tB-SKILLS\n");
    }
}

#[test]
fn prose_is_no_columns() {
    let folder = tempfile::tempdir().unwrap();
    let model = model();
    for (name, content, status) in [
        ("notes.TXT", "We need a nurse.\nAnd Python.\n", 0),
        ("notes.log", "We need a nurse.\nAnd Python.\n", 1),
        ("notes.txt.gz", "never read", 1),
        ("words", "We\tO\nneed\tO\n", 0),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        let output = run(&["predict", "--model", &model, path.to_str().unwrap()]);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{name}: {error}");
        assert_eq!(
            error.contains("expected a corpus, found lines of text"),
            status == 1,
            "{error}"
        );
    }
}

#[test]
fn gold_spans_that_fit_no_words_are_no_predictions() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let line = r#"{"text":"adult nursing","spans":[{"start":2,"end":9,"label":"GOLD"}]}"#;
    fs::write(at("in.jsonl"), format!("{line}\n")).unwrap();
    let output = run(&["predict", "--model", &model(), &at("in.jsonl"), "-o", &at("out.spacy")]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let output = run(&["convert", &at("out.spacy"), "-o", "-", "--to", "jsonl"]);
    let found = text(&output.stdout);
    assert!(found.contains("adult nursing") && !found.contains("GOLD"), "{found}");
}

#[test]
fn an_interrupted_prediction_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.jsonl");
    let partial = |suffix: &str| folder.path().join(format!("out.jsonl.partial{suffix}"));
    let lines: String = (0..600).map(|i| format!("We need {i} welders with Python.\n")).collect();
    let model = model();
    let predict = ["predict", "--model", &model, "-", "-o", out.to_str().unwrap()];
    let done = |more: &[&str]| program::run_on(&fixtures(), &[&predict, more].concat(), &lines);
    assert!(done(&[]).status.success());
    let whole = fs::read_to_string(&out).unwrap();
    assert_eq!(whole.lines().count(), 600);
    fs::remove_file(&out).unwrap();

    let mut child = program::command(&fixtures(), &predict).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&lines.as_bytes()[..lines.len() / 2]).unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    while !partial(".json").exists() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    drop(stdin);
    // What a killed run leaves besides: bytes written after the last note of progress.
    let cut = fs::read(partial("")).unwrap();
    fs::write(partial(""), [&cut[..], b"{\"text"].concat()).unwrap();

    for (more, part) in [
        (
            ["--decode", "argmax"],
            "expected the prediction of before, decode = Constrained, found Argmax",
        ),
        (["--to", "conll"], "expected the prediction of before, format = jsonl, found conll"),
    ] {
        let other = done(&[&more[..], &["--resume"]].concat());
        assert_eq!(other.status.code(), Some(2));
        assert!(text(&other.stderr).contains(part), "{}", text(&other.stderr));
    }
    assert!(done(&["--resume"]).status.success());
    assert_eq!(fs::read_to_string(&out).unwrap(), whole);
    assert!(!partial("").exists() && !partial(".json").exists());
}

#[test]
fn predictions_take_any_format() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let model = model();
    let predict = |out: &str, more: &[&str]| {
        run(&[&["predict", "--model", &model, DEV, "-o", out], more].concat())
    };
    assert!(predict(&at("out.conll"), &[]).status.success());
    for name in ["out.spacy", "out.conllu", "out.csv", "out.parquet", "out.conll.gz"] {
        let output = predict(&at(name), &[]);
        assert!(output.status.success(), "{name}: {}", text(&output.stderr));
        let score = run(&["score", &at("out.conll"), &at(name), "--json"]);
        let score: Value = serde_json::from_slice(&score.stdout).unwrap();
        assert_eq!(score["token_accuracy"], 1.0, "{name}");
    }
    let printed = predict("-", &["--to", "conll"]);
    assert_eq!(printed.stdout, fs::read(at("out.conll")).unwrap());
    for (output, part) in [
        (predict(&at("x.spacy"), &["--resume"]), "--resume: expected jsonl or conll"),
        (predict(&at("x"), &["--to", "xml"]), "xml"),
        (predict(&at("x.jsonl.gz"), &[]), "expected a name without .gz for jsonl"),
        (predict(&at("x.tsv.gz"), &["--resume"]), "found conll, compressed"),
        (run(&["eval", "--model", &model, DEV, "-o", "-"]), "-o: expected a file"),
    ] {
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(part), "{}", text(&output.stderr));
    }
}

#[test]
fn long_and_strange_texts_are_stated_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in.conll");
    let long: String = (0..200).map(|_| "Python\tB-SKILLS\n").collect();
    let word = "x".repeat(300);
    fs::write(&input, format!("{long}\n\u{200b}\tO\nnurse\tO\n\n{word}\tO\n")).unwrap();
    let model = model();
    let output = run(&["eval", "--model", &model, input.to_str().unwrap(), "--json"]);
    let error = text(&output.stderr);
    assert!(output.status.success(), "{error}");
    assert!(error.contains("1 words became no subtoken"), "{error}");
    assert!(error.contains("1 sentences or documents were longer than max_length"), "{error}");
    let scores: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&scores["tokens"], &scores["gold_entities"]), (&203.into(), &200.into()));
}

#[test]
fn a_label_that_training_lacks_is_counted_as_missed() {
    let folder = tempfile::tempdir().unwrap();
    let dev = folder.path().join("dev.tsv");
    fs::write(&dev, "Oslo\tB-CITY\n\nPython\tB-SKILLS\n").unwrap();
    let out = folder.path().join("out");
    let output = run(&[
        "train",
        "--train",
        TRAIN,
        "--dev",
        dev.to_str().unwrap(),
        "--model",
        "tiny-bert",
        "-o",
        out.to_str().unwrap(),
        "--set",
        "epochs=1",
        "--json",
    ]);
    let error = text(&output.stderr);
    assert!(output.status.success(), "{error}");
    assert!(error.contains("1 entities of type CITY, which --train lacks"), "{error}");
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["dev"]["gold_entities"], 2);
    assert_eq!(json["dev"]["scores"]["strict"]["per_type"]["CITY"]["support"], 1);
}

/// The tiny model, of whose words only the first nine have embeddings.
fn small_vocabulary(folder: &Path) {
    fs::create_dir(folder).unwrap();
    let tiny = fixtures().join("tiny-bert");
    fs::copy(tiny.join("tokenizer.json"), folder.join("tokenizer.json")).unwrap();
    let mut config = json(&tiny.join("config.json"));
    config["vocab_size"] = 9.into();
    fs::write(folder.join("config.json"), config.to_string()).unwrap();
    let bytes = fs::read(tiny.join("model.safetensors")).unwrap();
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let cut = tensors.iter().map(|(name, tensor)| {
        let (mut shape, mut data) = (tensor.shape().to_vec(), tensor.data());
        if name.ends_with("word_embeddings.weight") {
            data = &data[..data.len() / shape[0] * 9];
            shape[0] = 9;
        }
        let view = safetensors::tensor::TensorView::new(tensor.dtype(), shape, data).unwrap();
        (name.to_owned(), view)
    });
    let cut: Vec<_> = cut.collect();
    safetensors::serialize_to_file(cut, None, &folder.join("model.safetensors")).unwrap();
}

#[test]
fn faults_are_one_line_with_a_status_and_leave_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let write = |name: &str, bytes: &[u8]| fs::write(at(name), bytes).unwrap();
    write("empty.tsv", b"");
    write("one.tsv", b"Ada;B-PER\nOslo;B-LOC\n");
    write("binary.tsv", &[0, 159, 146, 150]);
    write("no-entity.tsv", b"Ada\tO\n");
    fs::create_dir(at("no-weights")).unwrap();
    for file in ["config.json", "tokenizer.json"] {
        fs::copy(
            fixtures().join("tiny-bert").join(file),
            folder.path().join("no-weights").join(file),
        )
        .unwrap();
    }
    small_vocabulary(&folder.path().join("small"));
    let out = at("out");
    let train = |train: &str, model: &str, more: &[&str]| -> Vec<String> {
        let arguments = ["train", "--train", train, "--dev", DEV, "--model", model, "-o", &out];
        arguments.iter().chain(more).map(ToString::to_string).collect()
    };
    let cases = [
        (train(&at("none.tsv"), "tiny-bert", &[]), 1, "none.tsv"),
        (train(&at("empty.tsv"), "tiny-bert", &[]), 1, "empty.tsv"),
        (train(&at("one.tsv"), "tiny-bert", &[]), 1, "one.tsv:1"),
        (train(&at("binary.tsv"), "tiny-bert", &[]), 1, "binary.tsv"),
        (train(&at("no-entity.tsv"), "tiny-bert", &[]), 1, "entity"),
        (train(TRAIN, "no-such-model", &[]), 3, "no-such-model"),
        (train(TRAIN, &at("no-weights"), &[]), 3, "model.safetensors"),
        (train(TRAIN, "postings", &[]), 3, "postings"),
        (train(TRAIN, &at("small"), &[]), 3, "expected subtoken ids below 9, which the model has"),
        (train(TRAIN, "tiny-bert", &["--set", "epochs=0"]), 2, "epochs"),
        (train(TRAIN, "tiny-bert", &["--set", "colour=red"]), 2, "colour"),
        (train(TRAIN, "tiny-bert", &["--config", "none.toml"]), 2, "none.toml"),
        (train(TRAIN, "tiny-bert", &["--set", "learning_rate=1e30"]), 4, "diverged"),
    ];
    for (arguments, status, part) in cases {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = run(&arguments);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {error}");
        let lines: Vec<&str> = error.lines().filter(|line| line.starts_with("error: ")).collect();
        assert!(lines.len() == 1 && lines[0].contains(part), "{arguments:?}: {error}");
        assert!(!error.contains("panicked"), "{error}");
        // A run that diverges may have saved models before; all others never start.
        assert!(status == 4 || !Path::new(&out).exists(), "{arguments:?} left {out}");
    }
    let output = run(&["eval", "--model", "tiny-bert", DEV]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("not fine-tuned"), "{}", text(&output.stderr));
}
