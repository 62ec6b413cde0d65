//! Texts that are Python and not JSON.

use std::sync::LazyLock;

use regex::Regex;

use super::shorten;
use crate::CorpusError;

/// How to write one literal as JSON.
pub(crate) const ONE: &str = "this is Python: write it as JSON, for example with python3 -c 'import \
                              ast, json, sys; json.dump(ast.literal_eval(sys.stdin.read()), \
                              sys.stdout)' < IN > OUT.json";

/// How to write literals as JSON, one a line.
const LINES: &str = "this is Python: write it as JSON, for example with python3 -c 'import ast, \
                     json, sys; [print(json.dumps(ast.literal_eval(line))) for line in sys.stdin]' \
                     < IN > OUT.jsonl";

/// A name and a literal.
static ASSIGNMENT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^([A-Za-z_]\w*)\s*(?::[^=\n]*)?=\s*[\[({]").ok());

/// A literal that no JSON starts with: a tuple, or a string in single quotes.
static LITERAL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"^(?:[\[{]\s*)*(?:\(\s*["']|[\[{(]\s*'[^'\t\n]*'\s*[:,])"#).ok());

/// The error for a text that is Python; it lacks its path. `None` for any other text.
pub(crate) fn refused(text: &str) -> Option<CorpusError> {
    let mut start = text;
    let mut line = 1;
    // What may come before the literal in a program.
    loop {
        let (first, rest) = start.split_once('\n').unwrap_or((start, ""));
        let first = first.trim();
        let passed = first.is_empty()
            || first.starts_with('#')
            || first.starts_with("import ")
            || first.starts_with("from ") && first.contains(" import ");
        if !passed || rest.is_empty() {
            break;
        }
        start = rest;
        line += 1;
    }
    let start = start.trim_start();
    let error = |found: &str, hint: String| {
        let error = CorpusError::input("python", "JSON, or columns", found);
        Some(error.at(line, Some(1)).with_hint(hint))
    };
    let assigned = ASSIGNMENT.as_ref().and_then(|pattern| pattern.captures(start));
    if let Some(name) = assigned.as_ref().and_then(|found| found.get(1)) {
        let name = name.as_str();
        let hint = format!(
            "this is Python: write the literal as JSON, for example with python3 -c 'import json; from IN import {name}; \
             json.dump({name}, open(\"OUT.json\", \"w\"))', where IN is the file's name without .py"
        );
        return error(&format!("a Python program that sets {name}"), hint);
    }
    if !LITERAL.as_ref().is_some_and(|pattern| pattern.is_match(start)) {
        return None;
    }
    let sign = start.get(..1);
    let mut rows = start.lines().filter(|row| !row.trim().is_empty());
    let whole = |row: &str| row.get(..1) == sign && row.trim_end().ends_with([']', ')', '}']);
    let lines = rows.by_ref().take(2).filter(|row| whole(row)).count() == 2;
    error("a Python literal", if lines { LINES } else { ONE }.to_owned())
}

/// The error for rows that are all tuples or lists of Python, not words that are brackets; it lacks its
/// path. Each row comes with its line.
pub(crate) fn refused_rows<'t>(rows: impl Iterator<Item = (u64, &'t str)>) -> Option<CorpusError> {
    let opens = |row: &str| {
        let inner = row.strip_prefix(['(', '['])?.trim_start_matches(['(', '[']);
        Some(inner.trim_start().starts_with(['\'', '"']))
    };
    let closes = |row: &str| row.trim_end().trim_end_matches(',').ends_with([')', ']']);
    let mut first = None;
    for (line, row) in rows {
        if opens(row.trim_start()) != Some(true) || !closes(row) {
            return None;
        }
        first.get_or_insert((line, row));
    }
    let (line, row) = first?;
    let found = format!("a Python literal, {:?}", shorten(row));
    let error = CorpusError::input("python", "a word and a tag a line", found);
    Some(error.at(line, None).with_hint(LINES))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_is_told_from_json_and_columns() {
        for (text, expected) in [
            ("[(\"Acme\", {\"entities\": [(0, 4, \"ORG\")]})]\n", Some("literal_eval(sys")),
            ("[\n    ('Acme', {'entities': [(0, 4, 'ORG')]}),\n", Some("literal_eval(sys")),
            (
                "(\"Acme\", {\"entities\": []})\n(\"Bo\", {\"entities\": []})\n",
                Some("literal_eval(line"),
            ),
            (
                "{'text': 'Acme', 'label': None}\n{'text': 'Bo', 'label': None}\n",
                Some("literal_eval(line"),
            ),
            ("['Acme', {'entities': []}]", Some("literal_eval(sys")),
            ("import spacy\n\n# data\nTRAIN_DATA = [\n", Some("import TRAIN_DATA")),
            ("train: list[tuple] = [('a', {})]", Some("import train")),
            ("[\"Acme\", {\"entities\": []}]", None),
            ("{\"text\": \"(\"}", None),
            ("(\tO\nAcme\tB-ORG\n", None),
            ("( O\n", None),
            ("'\tO\n", None),
            ("{ O\n' O\n", None),
            ("[\tO\n'\tO\n", None),
            ("x = 3\n", None),
            ("# a\n\nb O\n", None),
            ("", None),
        ] {
            let hint = refused(text).and_then(|error| error.hint().map(str::to_owned));
            assert_eq!(hint.is_some(), expected.is_some(), "{text:?}");
            if let (Some(hint), Some(part)) = (hint, expected) {
                assert!(hint.contains(part), "{text:?}: {hint}");
            }
        }
    }

    #[test]
    fn rows_of_python_are_told_from_words_that_are_brackets() {
        for (rows, expected) in [
            (&["('EU', 'B-ORG'),", " ('left', 'O')"][..], Some(7)),
            (&["[('EU', 'B-ORG'), ('left', 'O')]"], Some(7)),
            (&["[\"EU\", \"B-ORG\"]"], Some(7)),
            (&["('EU', 'B-ORG')", "left O"], None),
            (&["( O", "' O"], None),
            (&["(\tO", ")\tO"], None),
            (&[], None),
        ] {
            let error = refused_rows((7..).zip(rows.iter().copied()));
            assert_eq!(error.and_then(|error| error.line()), expected, "{rows:?}");
        }
    }
}
