//! `ner-align predict` on documents: PDF, docx, HTML, Markdown.
#![cfg(feature = "tch")]
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::fs;
use std::process::Output;

use program::{fixtures, postings_model, run, text};
use serde_json::Value;

fn predict(arguments: &[&str]) -> Output {
    run(&fixtures(), &[&["predict", "--model", &postings_model()], arguments].concat())
}

/// The one document that is printed.
fn predicted(arguments: &[&str]) -> Value {
    let output = predict(arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn entities_of_a_pdf_have_their_place() {
    for more in [&[][..], &["--alternatives", "1"]] {
        let answer = predicted(&[&["pdf/cairo-resume.pdf"], more].concat());
        let own: Vec<char> = answer["text"].as_str().unwrap().chars().collect();
        let entities = answer["entities"].as_array().unwrap();
        assert!(!entities.is_empty(), "{answer}");
        for entity in entities {
            let at = |key: &str| usize::try_from(entity[key].as_u64().unwrap()).unwrap();
            let found: String = own[at("start")..at("end")].iter().collect();
            assert_eq!(entity["text"], found.as_str());
            assert_eq!(entity["page"], 1, "{entity}");
            let one = &entity["boxes"][0];
            assert_eq!(one["page"], 1, "{entity}");
            let edge = |key: &str| one[key].as_f64().unwrap();
            assert!(0.0 < edge("x0") && edge("x0") < edge("x1") && edge("x1") < 595.0, "{entity}");
            assert!(0.0 < edge("y0") && edge("y0") < edge("y1") && edge("y1") < 400.0, "{entity}");
        }
    }
}

#[test]
fn documents_are_one_text() {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [
        ("a.md", "# Posting\n\nYou know *Python*\nand Java."),
        ("a.html", "<h1>Posting</h1><p>You know <b>Python</b>\nand Java."),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        let answer = predicted(&[path.to_str().unwrap()]);
        let text = answer["text"].as_str().unwrap();
        assert_eq!(
            text.split_whitespace().collect::<Vec<_>>().join(" "),
            "Posting You know Python and Java.",
            "{name}"
        );
        let plain = folder.path().join("a.txt");
        fs::write(&plain, text.replace('\n', " ")).unwrap();
        let plain = predicted(&[plain.to_str().unwrap()]);
        assert_eq!(answer["entities"], plain["entities"], "{name}");
    }
    // Fields and corpora of documents are as those of other texts.
    let fields = predicted(&["pdf/cairo-resume.pdf", "--group"]);
    assert!(fields.is_object(), "{fields}");
    let output = predict(&["pdf/cairo-resume.pdf", "--to", "conll"]);
    assert!(text(&output.stdout).contains("Python"), "{}", text(&output.stderr));
}

#[test]
fn pages_without_text_are_told() {
    let output = predict(&["pdf/scan-and-text.pdf"]);
    let told = "expected text on each page, found none on 1, 3";
    assert!(output.status.success() && text(&output.stderr).contains(told));
}

#[test]
fn documents_without_text_are_faults_before_a_model_is_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.pdf");
    fs::write(&broken, "no PDF").unwrap();
    for (input, part) in [
        ("pdf/scan.pdf", "pdf/scan.pdf: expected text, found none on page 1\nhint: "),
        ("pdf/encrypted.pdf", "without a password, found an encrypted one\nhint: "),
        (broken.to_str().unwrap(), "broken.pdf: expected a PDF, found"),
        ("pdf/none.pdf", "none.pdf: expected a readable file"),
    ] {
        let output = run(&fixtures(), &["predict", "--model", "no/such/model", input]);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{input}: {error}");
        assert!(error.contains(part), "{input}: {error}");
        assert!(output.stdout.is_empty());
    }
}
