//! The library and the program do the same: equal folders, equal predictions.
#![cfg(feature = "tch")]
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use ner_align_core::{CorpusReader, Scheme};
use ner_align_corpus::{ReadOptions, open_reader};
use ner_align_pipeline::settings::{Recipe, Settings};
use ner_align_pipeline::{FineTuner, Predictor};
use program::{fixtures, text};

const TRAIN: &str = "postings/postings-train.tsv";
const DEV: &str = "postings/postings-dev.tsv";
const PAIRS: [&str; 3] = ["epochs=1", "max_steps=40", "learning_rate=0.01"];

/// Every file below a folder with its content; seconds and event files, which hold times, aside.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            if path.is_dir() {
                folders.push(path);
            } else if name.contains("tfevents") || name.ends_with("/metrics.json") {
                // Times, and the length of a log that holds times.
                continue;
            } else {
                found.insert(name, without_times(&fs::read(&path).unwrap()));
            }
        }
    }
    found
}

/// A file without the values of its keys `seconds`.
fn without_times(bytes: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(bytes) else { return bytes.to_vec() };
    let mut kept = String::new();
    for (at, part) in text.split("\"seconds\":").enumerate() {
        let digits = |c: char| c == ' ' || c == '.' || c == 'e' || c == '-' || c.is_ascii_digit();
        kept += if at == 0 { part } else { part.trim_start_matches(digits) };
    }
    kept.into_bytes()
}

/// Runs the test of this name in a process of its own that computes on one thread; false in that
/// process. On two threads of a busy machine 9 of some 300 runs within a test process ended with sums
/// that libtorch had rounded in another way; on one thread, none of 100 did.
fn ran_on_one_thread(test: &str) -> bool {
    let (key, one) = ("OMP_NUM_THREADS", "1");
    if std::env::var_os(key).is_some_and(|threads| threads == one) {
        return false;
    }
    let mut own = std::process::Command::new(std::env::current_exe().unwrap());
    let output = own.args(["--exact", test, "--nocapture"]).env(key, one).output().unwrap();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    true
}

#[test]
fn folders_and_predictions_of_library_and_program_are_equal() {
    if ran_on_one_thread("folders_and_predictions_of_library_and_program_are_equal") {
        return;
    }
    let [by_program, by_library] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let [program_out, library_out] =
        [&by_program, &by_library].map(|folder| folder.path().join("out"));
    let mut arguments = vec!["train", "--train", TRAIN, "--dev", DEV, "--test", DEV];
    arguments.extend(["--model", "tiny-bert", "-o", program_out.to_str().unwrap()]);
    arguments.extend(PAIRS.iter().flat_map(|pair| ["--set", pair]));
    let output = program::run(&fixtures(), &arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));

    let [train, dev, model] = [TRAIN, DEV, "tiny-bert"].map(|name| fixtures().join(name));
    let settings = Settings::resolve(Recipe::Best, None, &PAIRS.map(str::to_owned)).unwrap();
    let (mut steps, mut notices) = (0, 0);
    let run = FineTuner::new(model)
        .train([train])
        .dev([&dev])
        .test([&dev])
        .settings(settings)
        .output(&library_out)
        .on_step(|_| steps += 1)
        .on_notice(|_| notices += 1)
        .run()
        .unwrap();
    assert_eq!((steps, run.training().steps, run.notices().len()), (40, 40, notices));
    assert_eq!(
        run.report().to_string().lines().last(),
        Some(&*format!("model: {}", library_out.join("model-best").display()))
    );

    let (program, library) = (files(&program_out), files(&library_out));
    assert_eq!(program.keys().collect::<Vec<_>>(), library.keys().collect::<Vec<_>>());
    for (name, content) in &program {
        assert!(library[name] == *content, "{name} differs");
    }
    assert!(program.contains_key("model-best/meta.json") && program.contains_key("test.json"));
    let checkpoint = |name: &&String| name.starts_with("checkpoints/");
    assert!(program.keys().filter(checkpoint).any(|name| name.ends_with("/tokenizer.json")));

    // The same tags, from the run, from its folder, and by the program from either folder.
    let gold = fs::read(&dev).unwrap();
    let tags_of = |predictor: &Predictor| {
        let mut reader =
            open_reader(std::io::Cursor::new(gold.clone()), "dev", &ReadOptions::default())
                .unwrap();
        let mut documents: Vec<_> = reader.documents().collect::<Result<_, _>>().unwrap();
        predictor.annotate(&mut documents).unwrap();
        let tags = |document: &ner_align_core::Document| {
            document.tags().unwrap().0.iter().map(|t| t.display(Scheme::Iob2).to_string()).collect()
        };
        documents.iter().flat_map(|d| -> Vec<String> { tags(d) }).collect::<Vec<String>>()
    };
    let expected = tags_of(run.predictor());
    assert_eq!(tags_of(&Predictor::open(library_out.join("model-best")).unwrap()), expected);
    for out in [program_out, library_out] {
        let model = out.join("model-best").display().to_string();
        let output =
            program::run(&fixtures(), &["predict", "--model", &model, DEV, "--to", "conll"]);
        let written = text(&output.stdout);
        let rows = written.lines().filter(|line| !line.starts_with("-DOCSTART-"));
        let tags = rows.filter_map(|line| line.split('\t').next_back());
        let tags: Vec<&str> = tags.filter(|tag| !tag.is_empty()).collect();
        assert!(tags == expected, "{}", text(&output.stderr));
    }
}
