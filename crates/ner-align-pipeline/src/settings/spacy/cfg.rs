//! The syntax of spaCy's `config.cfg`: INI sections, JSON values, `${section.key}` references.

use std::fmt;

use serde_json::{Map, Value};

/// A setting of the file, its references resolved.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Setting {
    pub(crate) section: String,
    pub(crate) key: String,
    pub(crate) value: Value,
    /// From 1.
    pub(crate) line: usize,
}

/// A line that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigFault {
    /// The line, from 1.
    pub line: usize,
    /// What should be there.
    pub expected: String,
    /// What is there.
    pub found: String,
}

impl std::error::Error for ConfigFault {}

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found {}", self.line, self.expected, self.found)
    }
}

fn fault(line: usize, expected: impl Into<String>, found: &str) -> ConfigFault {
    // A long value is recognised by its beginning.
    let mut shown: String = found.chars().take(60).collect();
    if shown.len() < found.len() {
        shown.push('…');
    }
    ConfigFault { line, expected: expected.into(), found: shown }
}

/// A value as it is written.
struct Raw<'t> {
    section: &'t str,
    key: &'t str,
    text: String,
    line: usize,
}

/// Reads a file; the settings come in its order.
///
/// A value that is no JSON is a string, as spaCy reads it; one that begins as a list or an object
/// must be one.
///
/// # Errors
/// [`ConfigFault`] for the first line that is no section, setting, continuation or comment, for a section
/// or key that is there twice, for a broken list or object, and for a reference to nothing or to
/// itself.
pub(crate) fn parse(text: &str) -> Result<Vec<Setting>, ConfigFault> {
    let file = File::read(text.strip_prefix('\u{feff}').unwrap_or(text))?;
    let resolve = |raw: &Raw<'_>| {
        let value = file.value(raw, &mut Vec::new())?;
        let (section, key) = (raw.section.to_owned(), raw.key.to_owned());
        Ok(Setting { section, key, value, line: raw.line })
    };
    file.raws.iter().map(resolve).collect()
}

struct File<'t> {
    sections: Vec<&'t str>,
    raws: Vec<Raw<'t>>,
}

impl<'t> File<'t> {
    fn read(text: &'t str) -> Result<Self, ConfigFault> {
        let mut file = Self { sections: Vec::new(), raws: Vec::new() };
        // A line that is further in than the key before it continues its value. A file that is
        // indented as a whole reads as one that is not, as in Python's configparser.
        let (mut open, mut level) = (false, 0);
        for (line, content) in (1..).zip(text.lines()) {
            let trimmed = content.trim();
            if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
                continue;
            }
            let indent = content.len() - content.trim_start().len();
            if open && indent > level {
                if let Some(raw) = file.raws.last_mut() {
                    raw.text.push('\n');
                    raw.text.push_str(trimmed);
                }
                continue;
            }
            level = indent;
            if let Some(rest) = trimmed.strip_prefix('[') {
                let name = rest.strip_suffix(']').map(str::trim).filter(|name| !name.is_empty());
                let name = name.ok_or_else(|| fault(line, "[section]", trimmed))?;
                if file.sections.contains(&name) {
                    return Err(fault(line, "each section once", &format!("[{name}] again")));
                }
                file.sections.push(name);
                open = false;
                continue;
            }
            let Some(&section) = file.sections.last() else {
                return Err(fault(line, "a [section] before the first setting", trimmed));
            };
            let (key, value) = trimmed
                .split_once(['=', ':'])
                .map(|(key, value)| (key.trim(), value.trim()))
                .filter(|(key, _)| !key.is_empty())
                .ok_or_else(|| fault(line, "key = value or [section]", trimmed))?;
            if file.find(section, key).is_some() {
                return Err(fault(line, format!("{key} once in [{section}]"), trimmed));
            }
            file.raws.push(Raw { section, key, text: value.to_owned(), line });
            open = true;
        }
        Ok(file)
    }

    fn find(&self, section: &str, key: &str) -> Option<&Raw<'t>> {
        self.raws.iter().find(|raw| raw.section == section && raw.key == key)
    }

    /// The value of a setting; `under_way` are the references that led here.
    fn value(&self, raw: &Raw<'_>, under_way: &mut Vec<String>) -> Result<Value, ConfigFault> {
        let text = raw.text.as_str();
        let alone = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        if let Some(name) = alone.filter(|name| !name.contains("${")) {
            return self.reference(name, raw, under_way);
        }
        let structure = text.starts_with(['[', '{']);
        let mut out = String::with_capacity(text.len());
        let (mut rest, mut in_string) = (text, false);
        while let Some(c) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix("${") {
                let (name, after) = after
                    .split_once('}')
                    .ok_or_else(|| fault(raw.line, "} after ${", &raw.text))?;
                let value = self.reference(name, raw, under_way)?;
                let json = value.to_string();
                let content = match &value {
                    // Without its quotation marks, its escapes kept where they are needed.
                    Value::String(_) if in_string => {
                        json.get(1..json.len() - 1).unwrap_or_default()
                    }
                    Value::String(text) if !structure => text,
                    _ => &json,
                };
                out.push_str(content);
                rest = after;
                continue;
            }
            let taken = match c {
                '\\' if in_string => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
                '$' if rest.starts_with("$$") => {
                    rest = &rest[1..];
                    1
                }
                c => c.len_utf8(),
            };
            in_string ^= c == '"';
            out.push_str(&rest[..taken]);
            rest = &rest[taken..];
        }
        match (serde_json::from_str(&out), out.as_str()) {
            (Ok(value), _) => Ok(value),
            (Err(_), "None") => Ok(Value::Null),
            (Err(_), "True") => Ok(Value::Bool(true)),
            (Err(_), "False") => Ok(Value::Bool(false)),
            (Err(error), _) if structure || out.starts_with('"') => {
                let line = raw.line + error.line().saturating_sub(1);
                Err(fault(line, format!("a JSON value for {}", raw.key), &out))
            }
            (Err(_), _) => Ok(Value::String(out)),
        }
    }

    /// The value of `${name}`: a setting, or a section as an object.
    fn reference(
        &self,
        name: &str,
        raw: &Raw<'_>,
        under_way: &mut Vec<String>,
    ) -> Result<Value, ConfigFault> {
        let path = name.trim().replace(':', ".");
        if under_way.contains(&path) {
            return Err(fault(
                raw.line,
                "a reference to another setting",
                &format!("${{{name}}}, which leads back to itself"),
            ));
        }
        under_way.push(path.clone());
        let setting = path.rsplit_once('.').and_then(|(section, key)| self.find(section, key));
        let value = if let Some(setting) = setting {
            self.value(setting, under_way)?
        } else if self.sections.contains(&path.as_str()) {
            let mut object = Map::new();
            for setting in self.raws.iter().filter(|setting| setting.section == path) {
                object.insert(setting.key.to_owned(), self.value(setting, under_way)?);
            }
            Value::Object(object)
        } else {
            return Err(fault(raw.line, "the name of a setting in ${}", &format!("${{{name}}}")));
        };
        under_way.pop();
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_those_that_spacy_reads() {
        // (lines of section a, the last one's value), as confection 0.1 reads them.
        for (lines, expected) in [
            ("x = hello", json!("hello")),
            ("x = \"a b\"", json!("a b")),
            ("x = [1,\n  # between\n  2]", json!([1, 2])),
            ("x = None", json!(null)),
            ("x = true", json!(true)),
            ("x = 1 # no comment", json!("1 # no comment")),
            ("x: 3", json!(3)),
            ("x = 1e-5", json!(1e-5)),
            ("x =", json!("")),
            ("x = \"$$5\"", json!("$5")),
            ("x = 2\ny = ${a.x}", json!(2)),
            ("x = 2\ny = ${a:x}", json!(2)),
            ("x = 2\ny = \"q/${a.x}\"", json!("q/2")),
            ("x = \"s\"\ny = ${a.x}/t", json!("s/t")),
            ("x = \"s\\\"\"\ny = \"${a.x}/\\\"t\"", json!("s\"/\"t")),
            ("x = \"s\"\ny = [\"${a.x}\", ${a.x}]", json!(["s", "s"])),
            ("x = ${b}", json!({"u": 7, "v": "w"})),
            ("; note\n# note\nx = {\"b\": [1]}", json!({"b": [1]})),
        ] {
            let text = format!("[b]\nu = 7\nv = \"w\"\n\n[a]\n{lines}\n");
            let settings = parse(&text).unwrap();
            assert_eq!(settings.last().unwrap().value, expected, "{lines}");
        }
    }

    #[test]
    fn faults_have_their_line() {
        for (text, line, part) in [
            ("x = 1\n", 1, "a [section] before"),
            ("[a]\nx\n", 2, "key = value"),
            ("[a\n", 1, "[section]"),
            ("[]\n", 1, "[section]"),
            ("[a]\n= 3\n", 2, "key = value"),
            ("[a]\nx = 1\n[b]\n[a]\n", 4, "each section once"),
            ("[a]\nx = 1\nx = 2\n", 3, "x once in [a]"),
            ("[a]\nx = [1,\n  2\n", 3, "a JSON value for x"),
            ("[a]\n\nx = \"open\n", 3, "a JSON value for x"),
            ("[a]\nx = ${b.y}\n", 2, "${b.y}"),
            ("[a]\nx = 1/${b\n", 2, "} after ${"),
            ("[a]\nx = ${a.y}\ny = ${a.x}\n", 2, "leads back to itself"),
            ("[a]\nx = ${a}\n", 2, "leads back to itself"),
        ] {
            let fault = parse(text).unwrap_err();
            assert_eq!(fault.line, line, "{text}: {fault}");
            assert!(fault.to_string().contains(part), "{text}: {fault}");
        }
    }

    #[test]
    fn no_text_panics() {
        let pieces =
            ["[a]", "\n", "x", " = ", "${", "a.x", "}", "\"", "\\", "$", "é", "[", " ", ":"];
        let mut state = 7_u32;
        for _ in 0..20_000 {
            let mut text = String::from("[a]\n");
            for _ in 0..12 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                text.push_str(pieces[(state >> 16) as usize % pieces.len()]);
            }
            let _ = parse(&text);
        }
    }
}
