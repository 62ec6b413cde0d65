//! Files of a model or a checkpoint that were cut: exit status 3, one line, and the name of the file.
#![cfg(all(feature = "tch", unix))]
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::fs;
use std::path::{Path, PathBuf};

use program::{fixtures, run, run_on, text, train_on_postings};

/// Lengths of a cut file, of one with this many bytes.
fn lengths(bytes: usize) -> [usize; 4] {
    [0, 1, bytes / 2, bytes.saturating_sub(3)]
}

/// A folder's files, without its folders.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.is_file()).collect();
    files.sort();
    files
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// Cuts a file at each length, has `fails` run, and puts it right again.
fn cut(path: &Path, mut fails: impl FnMut(usize)) {
    let whole = fs::read(path).unwrap();
    for length in lengths(whole.len()) {
        fs::write(path, &whole[..length]).unwrap();
        fails(length);
    }
    fs::write(path, whole).unwrap();
}

fn assert_refused(output: &std::process::Output, file: &str, what: &str) {
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{what}: {stderr}");
    let errors: Vec<&str> = stderr.lines().filter(|line| line.starts_with("error: ")).collect();
    assert!(errors.len() == 1 && errors[0].contains(file), "{what}: {stderr}");
}

#[test]
fn a_cut_file_of_a_model_or_a_checkpoint_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let run_of_one = ["--set", "epochs=1", "--set", "batch_size=64"];
    assert!(train_on_postings(out, &run_of_one).status.success());

    let model = folder.path().join("model-best");
    let model_name = model.to_str().unwrap();
    // The card is for people.
    let of_model = |path: &PathBuf| name(path) != "README.md";
    let mut seen = Vec::new();
    for path in files(&model).iter().filter(|path| of_model(path)) {
        seen.push(name(path));
        cut(path, |length| {
            let output = run_on(folder.path(), &["predict", "--model", model_name], "in Oslo\n");
            assert_refused(&output, &name(path), &format!("predict {} {length}", name(path)));
            if length > 1 {
                let eval = ["eval", "--model", model_name, "postings/postings-dev.tsv"];
                let output = run(&fixtures(), &eval);
                assert_refused(&output, &name(path), &format!("eval {} {length}", name(path)));
            }
        });
    }
    for file in
        ["config.json", "model.safetensors", "tokenizer.json", "meta.json", "calibration.json"]
    {
        assert!(seen.iter().any(|seen| seen == file), "{file}: {seen:?}");
    }

    let checkpoints = fs::read_dir(folder.path().join("checkpoints")).unwrap();
    let newest = checkpoints.map(|entry| entry.unwrap().path()).max().unwrap();
    // It is a model, too.
    let eval = ["eval", "--model", newest.to_str().unwrap(), "postings/postings-dev.tsv"];
    let output = run(&fixtures(), &eval);
    assert!(output.status.success(), "{}", text(&output.stderr));
    // What a resumed run does not read, it cannot find wrong.
    let unread = ["README.md", "config.json", "meta.json", "tokenizer.json", "calibration.json"];
    let mut seen = Vec::new();
    for path in files(&newest).iter().filter(|path| !unread.contains(&name(path).as_str())) {
        if name(path).starts_with("tokenizer") || name(path).starts_with("special_tokens") {
            continue;
        }
        seen.push(name(path));
        cut(path, |length| {
            let output = train_on_postings(out, &[&run_of_one[..], &["--resume"]].concat());
            assert_refused(&output, &name(path), &format!("--resume {} {length}", name(path)));
        });
    }
    assert!(seen.len() >= 3, "{seen:?}");
}

#[test]
fn the_folder_of_a_run_names_its_best_model() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    assert!(train_on_postings(out, &["--set", "epochs=1"]).status.success());
    let checkpoints = format!("{out}/checkpoints");
    for place in [out, &checkpoints] {
        let output = run_on(folder.path(), &["predict", "--model", place], "x\n");
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{stderr}");
        assert!(stderr.contains("model-best"), "{place}: {stderr}");
    }
}
