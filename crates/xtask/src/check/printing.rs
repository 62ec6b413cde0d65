//! Finds libraries that print. Only the program, xtask and examples may.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::source::{Kind, ModuleTree, Token, tokens, without_tests};
use super::targets::Target;
use crate::failure::Failure;

/// Packages that may print.
const PRINT: [&str; 2] = ["ner-align-cli", "xtask"];

/// Libraries that printed before this check, and the number of places. The numbers must shrink.
const KNOWN: [(&str, usize); 1] = [("ner-align-corpus", 1)];

/// Macros that write to the terminal.
const MACROS: [&str; 5] = ["print", "println", "eprint", "eprintln", "dbg"];

/// A line for each place where a library prints or opens stdout or stderr. Tests and documentation
/// may print.
pub(super) fn check(root: &Path, packages: &[Value]) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    for target in Target::all(packages) {
        if !target.is_library() || PRINT.contains(&target.package) {
            continue;
        }
        let places = places(root, &target)?;
        let known =
            KNOWN.iter().find(|(name, _)| *name == target.package).map_or(0, |known| known.1);
        if places.len() < known {
            found.push(format!(
                "{target} prints in {} places: lower {known} in KNOWN",
                places.len()
            ));
        } else if places.len() > known {
            found.extend(places);
        }
    }
    Ok(found)
}

fn places(root: &Path, library: &Target<'_>) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    for path in ModuleTree::read(library.root)?.files {
        let text = fs::read_to_string(&path).map_err(|error| Failure::io("read", &path, &error))?;
        let shown = path.strip_prefix(root).unwrap_or(&path).display();
        let places = prints(&without_tests(&tokens(&text)));
        found.extend(places.iter().map(|(line, what)| {
            format!("{shown}:{line}: a library must not print ({what}): return it")
        }));
    }
    Ok(found)
}

/// Line and name of each macro or stream that prints.
fn prints(tokens: &[Token<'_>]) -> Vec<(usize, String)> {
    let is = |index: usize, text: &str| tokens.get(index).is_some_and(|token| token.is(text));
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate().filter(|(_, token)| token.kind == Kind::Ident) {
        if MACROS.contains(&token.text) && is(index + 1, "!") {
            found.push((token.line, format!("{}!", token.text)));
        }
        // `io::stdout`, or a call of the imported function; `.stdout()` belongs to a Command.
        let stream = ["stdout", "stderr"].contains(&token.text);
        let of_io = index >= 2 && is(index - 1, "::") && is(index - 2, "io");
        let before = |text: &str| index > 0 && is(index - 1, text);
        let called = is(index + 1, "(") && !before(".") && !before("fn");
        if stream && (of_io || called) {
            found.push((token.line, token.text.to_owned()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_prints() {
        for (source, expected) in [
            ("fn f() { println!(\"x\") }", "1 println!"),
            ("\nfn f() { std::eprint!(\"x\"); dbg!(1) }", "2 eprint!, 2 dbg!"),
            ("use std::io; io::stdout().lock()", "1 stdout"),
            ("let a = io::stderr;", "1 stderr"),
            ("use std::io::{stdout, Write}; stdout().flush()", "1 stdout"),
            ("command.stdout(Stdio::null()); child.stderr; let stdout = 1;", ""),
            ("#[cfg(test)] mod tests { fn f() { println!(\"x\") } }", ""),
            ("/// ```\n/// println!(\"x\");\n/// ```\nfn f() { \"println!()\" }", ""),
            ("write!(f, \"x\"); format!(\"x\"); fn print(a: A) { print(a) }", ""),
        ] {
            let found = prints(&without_tests(&tokens(source)));
            let shown: Vec<_> = found.iter().map(|(line, what)| format!("{line} {what}")).collect();
            assert_eq!(shown.join(", "), expected, "{source}");
        }
    }

    #[test]
    fn programs_and_tests_may_print() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "fn f() { println!() }").unwrap();
            path
        };
        let package = |name: &str, kind: &str, root: &Path| {
            let target = serde_json::json!({"kind": [kind], "src_path": root});
            serde_json::json!({"name": name, "targets": [target]})
        };
        let (library, example) = (write("a/src/lib.rs"), write("a/examples/e.rs"));
        let says = |name, kind, root| check(folder.path(), &[package(name, kind, root)]).unwrap();
        assert_eq!(says("a", "example", &example), [""; 0]);
        assert_eq!(says("xtask", "lib", &library), [""; 0]);
        let found = says("a", "lib", &library);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("lib.rs:1: a library must not print (println!)"), "{found:?}");
    }
}
