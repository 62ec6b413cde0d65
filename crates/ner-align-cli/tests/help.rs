//! Every page of help fits a screen.
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

mod program;

use std::path::Path;

use program::{command, text};

/// Lines and columns of a screen.
const SCREEN: (usize, usize) = (50, 100);
/// Commands of the second program, which this build may lack.
const SECOND: [&str; 13] = [
    "train",
    "curve",
    "init-config",
    "debug-config",
    "import-config",
    "eval",
    "doubt",
    "calibrate",
    "predict",
    "redact",
    "suggest",
    "quantize",
    "serve",
];

/// What a command line prints on a wide screen.
fn page(arguments: &[&str]) -> String {
    let output = command(Path::new("."), arguments).env("COLUMNS", "100").output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// The commands that the program lists.
fn commands() -> Vec<String> {
    let page = page(&["--help"]);
    let (_, list) = page.split_once("Commands:\n").unwrap();
    let lines = list.lines().take_while(|line| !line.is_empty());
    // A line that goes on is further in.
    let names = lines.filter(|line| !line.starts_with("   "));
    let mut names: Vec<String> =
        names.filter_map(|line| Some(line.split_whitespace().next()?.to_owned())).collect();
    assert!(names.len() > 12, "{names:?}");
    names.retain(|name| cfg!(feature = "tch") || !SECOND.contains(&name.as_str()));
    names
}

fn assert_fits(name: &str, page: &str) {
    let (lines, columns) = SCREEN;
    let widest = page.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(page.lines().count() <= lines, "{name}: {} lines\n{page}", page.lines().count());
    assert!(widest <= columns, "{name}: {widest} columns\n{page}");
}

#[test]
fn every_page_fits_a_screen() {
    assert_fits("ner-align", &page(&["--help"]));
    for name in commands() {
        let long = page(&[&name, "--help"]);
        assert_fits(&name, &long);
        assert_eq!(long, page(&[&name, "-h"]), "{name}: one page of help");
        if name != "help" {
            assert_eq!(long, page(&["help", &name]), "{name}");
            let (_, examples) = long.split_once("Examples:\n").unwrap_or_else(|| panic!("{long}"));
            let (_, usage) = examples.split_once("Usage: ").unwrap();
            assert!(usage.contains("Options:"), "{name}: examples come first\n{long}");
        }
    }
}

/// What a page only names, its topic explains.
#[test]
fn named_options_are_explained() {
    for (heading, topic) in [("Reading", "reading"), ("Writing", "writing")] {
        let explained = page(&["help", topic]);
        assert_fits(topic, &explained);
        let mut named = 0;
        for name in commands() {
            let page = page(&[&name, "--help"]);
            let start = format!("{heading}, by `ner-align help {topic}`: ");
            let Some((_, list)) = page.split_once(&start) else { continue };
            let list = list.split("\n\n").next().unwrap().split("Writing, by").next().unwrap();
            for option in list.split([',', '\n']).map(str::trim).filter(|option| !option.is_empty())
            {
                // `--columns` is another one in `score`.
                let own = option.replace("--csv-columns", "--columns");
                assert!(
                    explained.contains(&format!("{own} "))
                        || explained.contains(&format!("{own}\n")),
                    "{name}: {option}\n{explained}"
                );
                named += 1;
            }
        }
        assert!(named > 10, "{topic}: {named}");
    }
}

#[test]
fn an_unknown_topic_names_those_that_there_are() {
    let output = command(Path::new("."), &["help", "convrt"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = text(&output.stderr);
    assert!(
        stderr.starts_with("error: help: expected a command or a topic, found \"convrt\"\n"),
        "{stderr}"
    );
    assert!(stderr.contains("convert, ") && stderr.contains("reading, writing"), "{stderr}");
}
