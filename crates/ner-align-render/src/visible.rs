//! Text in which nothing means anything to a page, and nothing is hidden.

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// Shown as it is.
    Plain(&'a str),
    /// A character that one cannot see, or that would reorder what is beside it.
    Hidden(char),
}

/// Cuts a text where characters are hidden. Joiners within a word stay, since Persian and the Indian
/// scripts spell with them; emoji keep theirs and their variation selectors.
pub(crate) fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = text;
    let mut before = None;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        if is_hidden(first, before, &rest[first.len_utf8()..]) {
            rest = &rest[first.len_utf8()..];
            before = Some(first);
            return Some(Part::Hidden(first));
        }
        let mut end = rest.len();
        for (at, c) in rest.char_indices() {
            if is_hidden(c, before, &rest[at + c.len_utf8()..]) {
                end = at;
                break;
            }
            before = Some(c);
        }
        let (plain, after) = rest.split_at(end);
        rest = after;
        Some(Part::Plain(plain))
    })
}

fn is_hidden(c: char, before: Option<char>, after: &str) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{200c}' | '\u{200d}' => {
            let joins = |c: char| !c.is_ascii() && !is_format(c) && !c.is_whitespace();
            !(before.is_some_and(joins) && after.chars().next().is_some_and(joins))
        }
        c => c.is_control() || is_format(c),
    }
}

/// Characters without width, and those that set the direction of text.
const fn is_format(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// A hidden character's name: `U+202E`.
pub(crate) fn name(c: char) -> String {
    format!("U+{:04X}", c as u32)
}

/// Text for HTML and XML, hidden characters by their names.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for part in parts(text) {
        match part {
            Part::Plain(plain) => push_escaped(&mut out, plain),
            Part::Hidden(c) => out.push_str(&name(c)),
        }
    }
    out
}

/// Text for HTML, hidden characters by their names in an element of its own.
pub(crate) fn push_html(out: &mut String, text: &str) {
    for part in parts(text) {
        match part {
            Part::Plain(plain) => push_escaped(out, plain),
            Part::Hidden(c) => {
                out.push_str("<i class=\"x\">");
                out.push_str(&name(c));
                out.push_str("</i>");
            }
        }
    }
}

fn push_escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_gets_a_name() {
        for (text, expected) in [
            ("", ""),
            ("a<b>&\"'", "a&lt;b&gt;&amp;&quot;&#39;"),
            ("abc\u{202e}gpj", "abcU+202Egpj"),
            ("\u{feff}a\u{200b}", "U+FEFFaU+200B"),
            ("a\u{0}\u{1b}[31m", "aU+0000U+001B[31m"),
            ("a\tb\nc", "a\tb\nc"),
            // Persian and Bengali spell with joiners, Latin does not.
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("র\u{200d}্য", "র\u{200d}্য"),
            ("a\u{200d}b", "aU+200Db"),
            ("👩\u{200d}🔬", "👩\u{200d}🔬"),
        ] {
            assert_eq!(escape(text), expected, "{text:?}");
        }
    }
}
