//! The MISC column: `Key=Value` pairs separated by `|`.

/// What MISC says about the text and the entity of a word.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Misc<'a> {
    /// The tag as it is spelled.
    pub(super) tag: Option<&'a str>,
    /// Text before the word.
    pub(super) before: Option<String>,
    /// Text after it; `None`: one space.
    pub(super) after: Option<String>,
}

/// Reads the column; keys that mean nothing here are passed over.
pub(super) fn parse(field: &str) -> Misc<'_> {
    let mut misc = Misc::default();
    for pair in field.split('|') {
        let Some((key, value)) = pair.split_once('=') else { continue };
        match key {
            "SpaceAfter" if value == "No" => misc.after = Some(String::new()),
            "SpacesAfter" => misc.after = Some(unescape(value)),
            "SpacesBefore" => misc.before = Some(unescape(value)),
            _ if ["name", "ne", "ner"].iter().any(|own| key.eq_ignore_ascii_case(own)) => {
                misc.tag = Some(value);
            }
            _ => {}
        }
    }
    misc
}

fn unescape(value: &str) -> String {
    let mut text = String::new();
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        text.push(match character {
            '\\' => match characters.next() {
                Some('s') => ' ',
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('p') => '|',
                Some(other) => other,
                None => '\\',
            },
            other => other,
        });
    }
    text
}

/// Appends text as a value.
pub(super) fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            ' ' => out.push_str("\\s"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '|' => out.push_str("\\p"),
            '\\' => out.push_str("\\\\"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_and_text_comes_back() {
        for (field, tag, after) in [
            ("_", None, None),
            ("name=B-PER", Some("B-PER"), None),
            ("SpaceAfter=No|NE=O", Some("O"), Some("")),
            ("Lang=en|ner=I-X|SpacesAfter=\\s\\n", Some("I-X"), Some(" \n")),
            ("SpaceAfter=Yes|Name=-", Some("-"), None),
        ] {
            let misc = parse(field);
            assert_eq!((misc.tag, misc.after.as_deref()), (tag, after), "{field}");
        }
        for text in ["", "  ", "\t|\\ \r\n", "é"] {
            let mut escaped = String::new();
            escape(text, &mut escaped);
            assert_eq!(unescape(&escaped), text);
        }
    }
}
