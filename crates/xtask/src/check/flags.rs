//! Finds libraries whose messages name arguments of the command line. A message names the field of
//! the options; the program shows the argument that sets it.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::source::{Kind, ModuleTree, Token, tokens, without_tests};
use super::targets::Target;
use crate::failure::Failure;

/// Packages that have a command line.
const PROGRAMS: [&str; 2] = ["ner-align-cli", "xtask"];

/// Files that may name arguments, with the reason.
const KNOWN: [(&str, &str); 2] = [
    (
        "crates/ner-align-pipeline/src/settings/",
        "a commented config and the import of a spaCy config say how to use them with the program",
    ),
    ("crates/ner-align-pipeline/src/model_folder/card/text.rs", "a model card shows commands"),
];

/// A line for each string of a library that holds an argument such as `--from`.
pub(super) fn check(root: &Path, packages: &[Value]) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    for target in Target::all(packages) {
        if !target.is_library() || PROGRAMS.contains(&target.package) {
            continue;
        }
        for path in ModuleTree::read(target.root)?.files {
            let shown = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            if KNOWN.iter().any(|(known, _)| shown.starts_with(known)) {
                continue;
            }
            let text =
                fs::read_to_string(&path).map_err(|error| Failure::io("read", &path, &error))?;
            found.extend(flags(&without_tests(&tokens(&text))).into_iter().map(|(line, flag)| {
                format!(
                    "{shown}:{line}: a library must not name an argument ({flag}): name the field \
                     of its options in backticks"
                )
            }));
        }
    }
    Ok(found)
}

/// Line and text of each argument in a string.
fn flags(tokens: &[Token<'_>]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for token in tokens.iter().filter(|token| token.kind == Kind::Literal) {
        for (at, _) in token.text.match_indices("--") {
            let before = &token.text[..at];
            let starts = before.ends_with(|c: char| c.is_whitespace() || "`('".contains(c))
                || before.trim_start_matches(['b', 'c', 'r', '#']) == "\"";
            let name =
                token.text[at + 2..].split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
            let name = name.into_iter().next().unwrap_or_default();
            if starts && name.starts_with(|c: char| c.is_ascii_lowercase()) {
                let line = token.line + before.matches('\n').count();
                found.push((line, format!("--{name}")));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_an_argument() {
        for (source, expected) in [
            ("f(\"name it with --from csv\")", "1 --from"),
            ("f(\"--tag-col and\n `--to`\")", "1 --tag-col, 2 --to"),
            ("f(r#\"--x\"#)", "1 --x"),
            ("f(\"a--b -- c <i style=\\\"--part:1\\\"> ---- `tag_column`\")", ""),
            ("/// `--from`\nfn f() {} // --to", ""),
            ("#[cfg(test)] mod tests { const A: &str = \"--from\"; }", ""),
        ] {
            let found = flags(&without_tests(&tokens(source)));
            let shown: Vec<_> = found.iter().map(|(line, flag)| format!("{line} {flag}")).collect();
            assert_eq!(shown.join(", "), expected, "{source}");
        }
    }
}
