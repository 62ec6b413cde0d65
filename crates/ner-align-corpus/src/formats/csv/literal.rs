//! Lists and objects in a cell, as JSON, Python and NumPy write them.

use serde_json::{Map, Number, Value};

/// Lists within lists, at most.
const MAX_DEPTH: usize = 16;

/// Reads a value that fills the text: JSON, a literal of Python (`['a', "b"]`, `(0, 4, 'ORG')`), or
/// what NumPy prints of an array, whose elements are parted by white space.
pub(super) fn parse(text: &str) -> Option<Value> {
    let mut parser = Parser { rest: text.trim() };
    let value = parser.value(MAX_DEPTH)?;
    parser.rest.trim_start().is_empty().then_some(value)
}

struct Parser<'a> {
    rest: &'a str,
}

impl<'a> Parser<'a> {
    fn value(&mut self, depth: usize) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        self.rest = self.rest.trim_start();
        match self.rest.chars().next()? {
            '[' => self.list(']', depth),
            '(' => self.list(')', depth),
            '{' => self.object(depth),
            quote @ ('"' | '\'') => self.string(quote).map(Value::String),
            c if c == '-' || c.is_ascii_digit() => self.number(),
            _ => self.word(depth),
        }
    }

    fn take(&mut self, sign: char) -> bool {
        self.rest = self.rest.trim_start();
        let after = self.rest.strip_prefix(sign);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn skip_first(&mut self) {
        let mut characters = self.rest.chars();
        characters.next();
        self.rest = characters.as_str();
    }

    /// Elements with or without commas between them.
    fn list(&mut self, end: char, depth: usize) -> Option<Value> {
        self.skip_first();
        let mut items = Vec::new();
        while !self.take(end) {
            items.push(self.value(depth)?);
            self.take(',');
        }
        Some(Value::Array(items))
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        self.skip_first();
        let mut object = Map::new();
        while !self.take('}') {
            let Value::String(key) = self.value(depth)? else { return None };
            if !self.take(':') {
                return None;
            }
            object.insert(key, self.value(depth)?);
            self.take(',');
        }
        Some(Value::Object(object))
    }

    fn string(&mut self, quote: char) -> Option<String> {
        self.skip_first();
        let mut text = String::new();
        loop {
            let character = self.rest.chars().next()?;
            self.skip_first();
            match character {
                '\\' => self.escape(&mut text)?,
                end if end == quote => return Some(text),
                other => text.push(other),
            }
        }
    }

    fn escape(&mut self, text: &mut String) -> Option<()> {
        let sign = self.rest.chars().next()?;
        self.skip_first();
        let digits = match sign {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => {
                match sign {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    'r' => text.push('\r'),
                    '\\' | '\'' | '"' | '/' => text.push(sign),
                    // Python keeps the backslash of an escape that it does not know.
                    other => text.extend(['\\', other]),
                }
                return Some(());
            }
        };
        let code = u32::from_str_radix(self.rest.get(..digits)?, 16).ok()?;
        self.rest = self.rest.get(digits..)?;
        let low = self.rest.strip_prefix("\\u").and_then(|rest| rest.get(..4));
        let low = low.and_then(|low| u32::from_str_radix(low, 16).ok());
        match (char::from_u32(code), low) {
            (Some(character), _) => text.push(character),
            // JSON writes two halves.
            (None, Some(low @ 0xDC00..=0xDFFF)) if (0xD800..0xDC00).contains(&code) => {
                self.rest = self.rest.get(6..)?;
                text.push(char::from_u32(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00))?);
            }
            (None, _) => return None,
        }
        Some(())
    }

    fn number(&mut self) -> Option<Value> {
        let sign = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
        let end = self.rest.find(|c| !sign(c)).unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(end);
        self.rest = rest;
        if let Ok(number) = number.parse::<i64>() {
            return Some(Value::from(number));
        }
        number.parse::<f64>().ok().and_then(Number::from_f64).map(Value::Number)
    }

    /// `None`, `True`, `u'text'`, `array([…], dtype=object)`.
    fn word(&mut self, depth: usize) -> Option<Value> {
        let letter = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
        let end = self.rest.find(|c| !letter(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        match (word, rest.chars().next()) {
            ("None" | "null" | "nan" | "NaN", _) => Some(Value::Null),
            ("True" | "true", _) => Some(Value::Bool(true)),
            ("False" | "false", _) => Some(Value::Bool(false)),
            ("u" | "r", Some(quote @ ('"' | '\''))) => self.string(quote).map(Value::String),
            (name, Some('(')) if name == "array" || name.starts_with("np.") => {
                self.skip_first();
                let value = self.value(depth)?;
                let end = self.rest.find(')')?;
                self.rest = self.rest.get(end + 1..)?;
                Some(value)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_their_writers_mean_them() {
        for (text, expected) in [
            ("['Mara', \"Jo's\", 'a\\'b']", Some(r#"["Mara","Jo's","a'b"]"#)),
            ("['EU' 'rejects'\n 'German']", Some(r#"["EU","rejects","German"]"#)),
            ("[3 0 7]", Some("[3,0,7]")),
            ("[(0, 4, 'ORG'), (5, 9, 'PER'),]", Some(r#"[[0,4,"ORG"],[5,9,"PER"]]"#)),
            ("{'entities': [(0, 4, u'ORG')]}", Some(r#"{"entities":[[0,4,"ORG"]]}"#)),
            (
                r#"[{"ok": true, "score": 0.5, "start": 0}]"#,
                Some(r#"[{"ok":true,"score":0.5,"start":0}]"#),
            ),
            ("array(['a', 'b'], dtype=object)", Some(r#"["a","b"]"#)),
            (r#"["\u00e9\ud83d\ude00"]"#, Some(r#"["é😀"]"#)),
            ("[]", Some("[]")),
            ("['a'", None),
            ("['a'] b", None),
            ("Oslo", None),
            ("[1,]]", None),
            ("", None),
        ] {
            let read = parse(text).map(|value| value.to_string());
            assert_eq!(read.as_deref(), expected, "{text}");
        }
        assert!(parse(&"[".repeat(100_000)).is_none());
    }
}
