//! Splits Rust source into tokens. Comments are dropped, and a string is one token, so that nothing
//! in them looks like code.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::check) enum Kind {
    /// An identifier or a keyword, without `r#`.
    Ident,
    /// `::`, or any other single character.
    Punct,
    /// A string, a character, a number or a lifetime.
    Literal,
}

/// One token and its line, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::check) struct Token<'a> {
    pub(in crate::check) kind: Kind,
    pub(in crate::check) text: &'a str,
    pub(in crate::check) line: usize,
}

impl Token<'_> {
    /// True for the identifier, keyword or punctuation `text`.
    pub(in crate::check) fn is(&self, text: &str) -> bool {
        self.kind != Kind::Literal && self.text == text
    }
}

/// The tokens of a file. Source that does not compile gives some tokens and no error: the compiler
/// reports it.
pub(in crate::check) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut lexer = Lexer { source, position: 0, line: 1, tokens: Vec::new() };
    while lexer.step() {}
    lexer.tokens
}

struct Lexer<'a> {
    source: &'a str,
    position: usize,
    line: usize,
    tokens: Vec<Token<'a>>,
}

impl<'a> Lexer<'a> {
    /// Takes one token, comment or run of white space; false at the end.
    fn step(&mut self) -> bool {
        let rest = &self.source[self.position..];
        let Some(first) = rest.chars().next() else { return false };
        if first.is_whitespace() {
            self.skip(first.len_utf8());
        } else if rest.starts_with("//") {
            self.skip(rest.find('\n').unwrap_or(rest.len()));
        } else if rest.starts_with("/*") {
            self.skip(block_comment(rest));
        } else if let Some(length) = string(rest) {
            self.push(Kind::Literal, length);
        } else if first == '\'' {
            self.push(Kind::Literal, quote(rest));
        } else if first.is_ascii_digit() {
            self.push(Kind::Literal, number(rest));
        } else if is_ident(first) {
            if rest.starts_with("r#") {
                self.skip(2);
            }
            self.push(Kind::Ident, ident(&self.source[self.position..]));
        } else {
            let length = if rest.starts_with("::") { 2 } else { first.len_utf8() };
            self.push(Kind::Punct, length);
        }
        true
    }

    fn push(&mut self, kind: Kind, length: usize) {
        let text = &self.source[self.position..self.position + length];
        self.tokens.push(Token { kind, text, line: self.line });
        self.skip(length);
    }

    fn skip(&mut self, length: usize) {
        let skipped = &self.source[self.position..self.position + length];
        self.line += skipped.matches('\n').count();
        self.position += length;
    }
}

fn is_ident(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

/// Length of the identifier at the start; at least one byte, so that the lexer moves on.
fn ident(rest: &str) -> usize {
    rest.find(|character| !is_ident(character)).unwrap_or(rest.len()).max(1)
}

/// Length of a block comment, which may hold others.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut position = 0;
    while position < rest.len() {
        let here = &rest[position..];
        if here.starts_with("/*") {
            depth += 1;
            position += 2;
        } else if here.starts_with("*/") {
            depth -= 1;
            position += 2;
            if depth == 0 {
                return position;
            }
        } else {
            position += here.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// Length of a string of any sort: plain, raw, of bytes, of C.
fn string(rest: &str) -> Option<usize> {
    let prefix = rest.find(|character| !matches!(character, 'b' | 'c' | 'r'))?;
    if !["", "b", "c", "r", "br", "cr"].contains(&&rest[..prefix]) {
        return None;
    }
    let raw = rest[..prefix].ends_with('r');
    let after = &rest[prefix..];
    let hashes = if raw { after.len() - after.trim_start_matches('#').len() } else { 0 };
    let open = prefix + hashes + 1;
    if !after[hashes..].starts_with('"') {
        return None;
    }
    let body = &rest[open..];
    if raw {
        let close = format!("\"{}", "#".repeat(hashes));
        return Some(body.find(&close).map_or(rest.len(), |end| open + end + close.len()));
    }
    Some(escaped(body, '"').map_or(rest.len(), |end| open + end))
}

/// Length up to and with the closing quote, past escapes.
fn escaped(body: &str, quote: char) -> Option<usize> {
    let mut characters = body.char_indices();
    while let Some((position, character)) = characters.next() {
        if character == '\\' {
            characters.next();
        } else if character == quote {
            return Some(position + quote.len_utf8());
        }
    }
    None
}

/// Length of a character or a lifetime.
fn quote(rest: &str) -> usize {
    let mut characters = rest[1..].chars();
    match (characters.next(), characters.next()) {
        (Some('\\'), _) | (Some(_), Some('\'')) => {
            escaped(&rest[1..], '\'').map_or(rest.len(), |end| 1 + end)
        }
        (Some(first), _) if is_ident(first) => 1 + ident(&rest[1..]),
        _ => 1,
    }
}

/// Length of a number; the dots of `0..n` and `1.max(2)` are not part of it.
fn number(rest: &str) -> usize {
    let whole = ident(rest);
    let fraction = rest[whole..].strip_prefix('.');
    match fraction.filter(|fraction| fraction.starts_with(|digit: char| digit.is_ascii_digit())) {
        Some(fraction) => whole + 1 + ident(fraction),
        None => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_code_and_what_is_not() {
        for (source, expected) in [
            ("a::b", "a :: b"),
            ("a // crate::x\nb", "a b"),
            ("/* a /* b */ c */d", "d"),
            ("/// println!(\"x\")\nfn", "fn"),
            (r#"f("crate::x \" y", 'x')"#, r#"f ( "crate::x \" y" , 'x' )"#),
            (r###"r#"a"b"# c"###, r###"r#"a"b"# c"###),
            (r#"b"x" br"y\" c"z" b'q'"#, r#"b"x" br"y\" c"z" b 'q'"#),
            ("r#type r", "type r"),
            (r"'\'' 'a' '\u{1f}' 'static x", r"'\'' 'a' '\u{1f}' 'static x"),
            ("0..n 1.5e3 1.max(2) 0xff_u8", "0 . . n 1.5e3 1 . max ( 2 ) 0xff_u8"),
            ("é.ü('ß')", "é . ü ( 'ß' )"),
            ("\"open", "\"open"),
            ("/* open", ""),
        ] {
            let found: Vec<_> = tokens(source).iter().map(|token| token.text).collect();
            assert_eq!(found.join(" "), expected, "{source}");
        }
    }

    #[test]
    fn lines_are_counted_in_comments_and_strings_too() {
        let source = "/* \n */ a \"\n\" b // x\nc";
        let lines: Vec<_> = tokens(source).iter().map(|token| token.line).collect();
        assert_eq!(lines, [2, 2, 3, 4]);
    }
}
