//! Texts of others inside of Markdown.

/// A text as code, on one line, whatever is in it. `in_table`: bars would end a cell.
pub(super) fn code(text: &str, in_table: bool) -> String {
    let line = one_line(text);
    let line = if in_table { line.replace('|', "\\|") } else { line };
    let longest = line.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // A space keeps a backtick at an end apart from the fence, and is not shown.
    let space = if line.starts_with('`') || line.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{line}{space}{fence}")
}

/// A text in a cell of a table.
pub(super) fn cell(text: &str) -> String {
    one_line(text).replace('|', "\\|")
}

/// A text of the Markdown of others as a heading: nothing in it has a meaning.
pub(super) fn heading(text: &str) -> String {
    let mut line = String::new();
    for c in one_line(text).chars() {
        if "\\`*_{}[]<>()#+!|~&".contains(c) {
            line.push('\\');
        }
        line.push(c);
    }
    line
}

fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control() || c == '\u{2028}' || c == '\u{2029}')
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_names_stay_inside() {
        for (text, table, expected) in [
            ("PER", true, "`PER`"),
            ("a|b", true, "`a\\|b`"),
            ("a|b", false, "`a|b`"),
            ("`", true, "`` ` ``"),
            ("a``b", true, "```a``b```"),
            ("a\r\n\nb", true, "`a b`"),
        ] {
            assert_eq!(code(text, table), expected);
        }
        assert_eq!(cell("people\nand | \u{2028}more"), "people and \\|  more");
        assert_eq!(heading("<img src=x>_a_"), "\\<img src=x\\>\\_a\\_");
    }
}
