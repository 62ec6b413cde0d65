//! Training runs that are killed, interrupted, taken up again, or asked for the impossible.
#![cfg(all(feature = "tch", unix))]
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use program::fixtures;

/// A run of three epochs with a checkpoint after every fifth step.
fn train(output: &Path, more: &[&str]) -> Command {
    let mut command = program::command(&fixtures(), &[]);
    command
        .args(["train", "--train", "postings/postings-train.tsv"])
        .args(["--dev", "postings/postings-dev.tsv", "--model", "tiny-bert", "-o"])
        .arg(output)
        .args(["--recipe", "trainer", "--set", "epochs=3", "--set", "learning_rate=0.01"])
        .args(["--set", "batch_size=8", "--set", "mask_words=0.1", "--set", "freeze=0.5"])
        .args(["--set", "checkpoint_every=5", "--set", "log_every=1"])
        .args(more)
        .stdin(Stdio::null());
    command
}

fn done(command: &mut Command) -> Output {
    command.output().unwrap()
}

/// Waits until the log has this many lines, or the run is over.
fn wait_for_lines(child: &mut Child, output: &Path, lines: usize) {
    let until = Instant::now() + Duration::from_secs(60);
    while Instant::now() < until && child.try_wait().unwrap().is_none() {
        let log = fs::read_to_string(output.join("metrics.jsonl")).unwrap_or_default();
        if log.lines().count() >= lines {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn weights(output: &Path) -> [Vec<u8>; 2] {
    ["model-best", "model-last"]
        .map(|name| fs::read(output.join(name).join("model.safetensors")).unwrap())
}

/// The log without times.
fn log(output: &Path) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(output.join("metrics.jsonl")).unwrap();
    let strip = |line: &str| {
        let mut value: serde_json::Value = serde_json::from_str(line).unwrap();
        value.as_object_mut().unwrap().remove("seconds");
        value
    };
    text.lines().map(strip).collect()
}

#[test]
fn a_run_that_was_killed_and_interrupted_ends_as_one_that_was_not() {
    let (whole, parts) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    assert!(done(&mut train(whole.path(), &[])).status.success());

    for (lines, signal) in [(3, "KILL"), (8, "KILL"), (20, "INT"), (33, "KILL"), (45, "TERM")] {
        let mut command = train(parts.path(), &["--resume"]);
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        wait_for_lines(&mut child, parts.path(), lines);
        let kill = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status();
        assert!(kill.unwrap().success());
        let output = child.wait_with_output().unwrap();
        if signal != "KILL" {
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(130), "{stderr}");
            assert!(
                stderr.contains("hint: the same command with --resume continues the run"),
                "{stderr}"
            );
            assert!(parts.path().join("curves.svg").exists());
        }
        // Whatever lies there can be read.
        for folder in ["model-best", "checkpoints"] {
            for entry in fs::read_dir(parts.path().join(folder)).into_iter().flatten() {
                let path = entry.unwrap().path();
                assert!(path.file_name().is_some());
            }
        }
    }
    let output = done(&mut train(parts.path(), &["--resume"]));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(weights(parts.path()) == weights(whole.path()), "the weights differ");
    assert_eq!(log(parts.path()).last(), log(whole.path()).last());
    // The curves are those of the whole run, and each part left its own events for TensorBoard.
    let curves = |folder: &Path| {
        let text = fs::read_to_string(folder.join("curves.svg")).unwrap();
        let paths = text.lines().filter(|line| line.contains("class=\"curves-line"));
        paths.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(curves(whole.path()).len(), 4);
    assert_eq!(curves(parts.path()), curves(whole.path()));
    let events = |folder: &Path| {
        let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().starts_with("events.out.tfevents.")).count()
    };
    assert_eq!(events(whole.path()), 1);
    assert!(events(parts.path()) >= 2);
    // Nothing unfinished is left behind.
    let hidden = fs::read_dir(parts.path())
        .unwrap()
        .chain(fs::read_dir(parts.path().join("checkpoints")).unwrap());
    for entry in hidden {
        let name = entry.unwrap().file_name();
        assert!(!name.to_string_lossy().starts_with('.'), "{name:?}");
    }
}

#[test]
fn what_cannot_be_is_said_in_one_line() {
    let output = tempfile::tempdir().unwrap();
    let fails = |more: &[&str], code: i32, part: &str| {
        let found = done(&mut train(output.path(), more));
        let stderr = String::from_utf8(found.stderr).unwrap();
        assert_eq!(found.status.code(), Some(code), "{more:?}: {stderr}");
        assert!(stderr.contains(part), "{more:?}: {stderr}");
        assert!(stderr.lines().filter(|line| line.starts_with("error: ")).count() == 1, "{stderr}");
    };
    fails(&["--set", "epocs=3"], 2, "did you mean \"epochs\"?");
    fails(&["--set", "patience=0"], 2, "patience: expected 1 or more, found 0");
    fails(&["--set", "device=cuda:77"], 3, "cuda:77: expected such a device, found none");
    fails(&["--set", "device=gpu"], 2, "cpu, cuda, cuda:N or mps");
    fails(&["--config", "postings/README.md"], 2, "postings/README.md");
    fails(&["--set", "freeze=100"], 2, "freeze: expected at most 2 layers, which the model has");

    // A run of one epoch, which cannot be gone on with as one of another kind.
    assert!(done(&mut train(output.path(), &["--set", "epochs=1"])).status.success());
    let config = fs::read(output.path().join("config.toml")).unwrap();
    fails(&["--resume", "--set", "epochs=1", "--set", "seed=9"], 2, "seed = 1, found 9");
    fails(
        &["--resume", "--set", "epochs=1", "--set", "dropout=0.2"],
        2,
        "dropout = 0.1, found 0.2",
    );
    assert_eq!(fs::read(output.path().join("config.toml")).unwrap(), config);
    fails(
        &["--resume", "--set", "epochs=1", "--drop", "SKILLS"],
        2,
        "expected the classes of before, O B-",
    );
    fails(
        &["--resume", "--set", "epochs=1", "--dev", "postings/postings-train.tsv"],
        2,
        "the development data of before",
    );
    // Its own config is one that can be used, though windows are short there.
    let config = output.path().join("config.toml");
    let used = done(&mut train(output.path(), &["--config", config.to_str().unwrap(), "--resume"]));
    let stderr = String::from_utf8_lossy(&used.stderr).into_owned();
    assert_eq!(used.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("epochs = 1, found 3"), "{stderr}");
    // The same one has nothing left to do.
    let again = done(&mut train(output.path(), &["--set", "epochs=1", "--resume"]));
    assert!(again.status.success());
}

#[test]
fn a_folder_has_one_run_at_a_time() {
    let output = tempfile::tempdir().unwrap();
    let mut first = train(output.path(), &["--set", "epochs=500"]);
    let mut first = first.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_for_lines(&mut first, output.path(), 3);
    let second = done(&mut train(output.path(), &[]));
    let stderr = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(3), "{stderr}");
    assert!(stderr.contains("expected a folder that no other run writes"), "{stderr}");
    // Asked twice to stop, it stops at once, and says nothing but that.
    let interrupt = || {
        let pid = first.id().to_string();
        assert!(Command::new("kill").args(["-s", "INT", &pid]).status().unwrap().success());
    };
    interrupt();
    interrupt();
    assert_eq!(first.wait().unwrap().code(), Some(130));
}

#[test]
fn a_new_run_does_not_show_results_of_the_one_before() {
    let output = tempfile::tempdir().unwrap();
    let short = ["--set", "epochs=1", "--set", "keep_checkpoints=0"];
    let tested = [&short[..], &["--test", "postings/postings-dev.tsv"]].concat();
    assert!(done(&mut train(output.path(), &tested)).status.success());
    let results = || ["test.json", "curves.svg"].map(|name| output.path().join(name).exists());
    assert_eq!(results(), [true, true]);
    // This one is over before there is anything to show.
    let diverges = [&short[..], &["--set", "learning_rate=1e30", "--overwrite"]].concat();
    let found = done(&mut train(output.path(), &diverges));
    assert_eq!(found.status.code(), Some(4), "{}", String::from_utf8_lossy(&found.stderr));
    assert!(!results()[0]);
    // The steps before the last one are in the log, though there were fewer than a line has.
    let logged = log(output.path());
    assert!(!logged.is_empty(), "{}", String::from_utf8_lossy(&found.stderr));
}

#[test]
fn a_config_file_is_written_checked_and_used() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    let run = |arguments: &[&str]| program::run(folder.path(), arguments);
    let path = file.to_str().unwrap();
    assert!(run(&["init-config", path]).status.success());
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("# Passes over the training data. 1 or more; auto"), "{text}");
    assert!(text.contains("\nepochs = \"auto\"\n"), "{text}");
    for (recipe, epochs) in [("best", "\"auto\""), ("fast", "\"few\""), ("trainer", "3")] {
        let written = run(&["init-config", "--recipe", recipe, "-"]);
        let text = String::from_utf8(written.stdout).unwrap();
        assert!(text.contains(&format!("\nepochs = {epochs}\n")), "{recipe}: {text}");
    }
    let checked = run(&["debug-config", path, "--set", "epochs=11"]);
    assert!(String::from_utf8(checked.stdout).unwrap().contains("epochs = 11\n"));
    fs::write(&file, text + "\nlearningrate = 1\n").unwrap();
    let refused = run(&["debug-config", path]);
    let stderr = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("hint: did you mean \"learning_rate\"?"), "{stderr}");
    let piped = program::run_on(folder.path(), &["debug-config", "-", "--json"], "epochs = 12\n");
    let settings: serde_json::Value = serde_json::from_slice(&piped.stdout).unwrap();
    assert_eq!((&settings["epochs"], &settings["mask_words"]), (&12.into(), &0.0.into()));
}

#[test]
fn a_spacy_config_is_imported_and_used() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    let path = file.to_str().unwrap();
    let run = |arguments: &[&str]| {
        let output = program::run(&fixtures(), arguments);
        let [stdout, stderr] =
            [output.stdout, output.stderr].map(|b| String::from_utf8(b).unwrap());
        (output.status.code(), stdout, stderr)
    };
    let cfg = "spacy-config/transformer.cfg";
    let (code, stdout, stderr) = run(&["import-config", cfg, "-o", path]);
    assert_eq!((code, stdout.as_str()), (Some(0), ""), "{stderr}");
    for part in [
        "carried over\n  [training] seed = 7 -> seed = 7\n",
        "  [components.transformer.model] name = \"distilroberta-base\" -> --model \"distilroberta-base\"\n",
        "not carried over\n  [corpora.train] max_length = 500: texts are not left out",
        "no counterpart\n",
        "  [components.ner.model] @architectures, state_type, hidden_width\n",
    ] {
        assert!(stderr.contains(part), "{part}: {stderr}");
    }
    let text = fs::read_to_string(&file).unwrap();
    let usage = "# ner-align train --config FILE --train corpus/train.spacy --dev corpus/dev.spacy \
                 --model distilroberta-base -o OUT\n\n# == The run ==";
    assert!(text.contains(usage), "{text}");
    let (code, stdout, stderr) = run(&["debug-config", path]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains("patience = 8\n") && stdout.contains("warmup_steps = 250\n"));

    let (code, stdout, stderr) = run(&["import-config", cfg, "--json"]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(report["config"]["stride"], 32);
    assert_eq!(report["arguments"]["--model"], "distilroberta-base");
    assert_eq!(report["not_carried"][0]["line"], 59);

    fs::write(&file, "[training]\nseed = 1\nnonsense\n").unwrap();
    let (code, _, stderr) = run(&["import-config", path]);
    assert_eq!(code, Some(2), "{stderr}");
    let expected = format!("error: {path}:3: expected key = value or [section], found nonsense\n");
    assert_eq!(stderr, expected);
}
