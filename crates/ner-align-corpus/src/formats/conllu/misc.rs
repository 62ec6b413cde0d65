//! The MISC column: `Key=Value` pairs separated by `|`.

use ner_align_core::Tag;

/// What MISC says about the text and the entity of a word.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Misc<'a> {
    /// The tag as it is spelled.
    pub(super) tag: Option<&'a str>,
    /// A mention of CorefUD starts or ends here, which says who is spoken of, not what it is.
    pub(super) coreference: bool,
    /// Text before the word.
    pub(super) before: Option<String>,
    /// Text after it; `None`: one space.
    pub(super) after: Option<String>,
}

/// Reads the column; keys that mean nothing here are passed over.
pub(super) fn parse(field: &str) -> Misc<'_> {
    let mut misc = Misc::default();
    for part in field.split('|') {
        // The first version of NorNE parts by spaces too.
        let spaced = part.contains(' ') && part.split(' ').any(is_tag_pair);
        if spaced {
            part.split(' ').for_each(|pair| misc.take(pair));
        } else {
            misc.take(part);
        }
    }
    misc
}

/// The keys under which tags stand, in any case.
const KEYS: [&str; 3] = ["name", "ne", "ner"];

fn is_key(key: &str) -> bool {
    KEYS.iter().any(|own| key.eq_ignore_ascii_case(own))
}

fn is_tag_pair(pair: &str) -> bool {
    pair.split_once('=').map_or_else(|| is_bare_tag(pair), |(key, _)| is_key(key))
}

/// A tag without a key, as the first version of NorNE has it.
fn is_bare_tag(text: &str) -> bool {
    matches!(Tag::parse(text), Ok(Tag::Outside | Tag::Entity { .. }))
}

impl<'a> Misc<'a> {
    fn take(&mut self, pair: &'a str) {
        let Some((key, value)) = pair.split_once('=') else {
            if is_bare_tag(pair) {
                self.tag = Some(pair);
            }
            return;
        };
        match key {
            "SpaceAfter" if value == "No" => self.after = Some(String::new()),
            "SpacesAfter" => self.after = Some(unescape(value)),
            "SpacesBefore" => self.before = Some(unescape(value)),
            "Entity" => self.coreference = true,
            _ if is_key(key) => self.tag = Some(value),
            _ => {}
        }
    }
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
            ("B-PER", Some("B-PER"), None),
            ("SpaceAfter=No|I-PER", Some("I-PER"), Some("")),
            ("SpaceAfter=No name=O", Some("O"), Some("")),
            ("SpaceAfter=No O", Some("O"), Some("")),
            ("Gloss=a b|SpacesAfter=\\s", None, Some(" ")),
            ("Entity=(e1-person-1|Lang=no", None, None),
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
