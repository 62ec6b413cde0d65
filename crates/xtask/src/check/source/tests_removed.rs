//! Removes the code that only test builds compile.

use super::lexer::{Kind, Token};

/// The tokens without the items, statements and fields that `#[cfg(test)]` or `#[cfg(doctest)]`
/// guards; none at all where `#![cfg(test)]` guards the file.
pub(in crate::check) fn without_tests<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    let mut kept = Vec::with_capacity(tokens.len());
    let mut rest = tokens;
    while let Some((first, after)) = rest.split_first() {
        match attribute(rest) {
            Some(Attribute { inner: true, for_tests: true, .. }) => return Vec::new(),
            Some(Attribute { for_tests: true, length, .. }) => {
                rest = &rest[length..];
                rest = &rest[guarded(rest)..];
            }
            _ => {
                kept.push(*first);
                rest = after;
            }
        }
    }
    kept
}

struct Attribute {
    /// `#![…]`, of what surrounds it.
    inner: bool,
    for_tests: bool,
    /// In tokens.
    length: usize,
}

fn attribute(tokens: &[Token<'_>]) -> Option<Attribute> {
    let is = |index: usize, text: &str| tokens.get(index).is_some_and(|token| token.is(text));
    let inner = is(1, "!");
    let open = if inner { 2 } else { 1 };
    if !is(0, "#") || !is(open, "[") {
        return None;
    }
    let length = open + group(&tokens[open..]);
    Some(Attribute { inner, for_tests: is_for_tests(&tokens[open + 1..length - 1]), length })
}

/// True for `cfg(test)`, `cfg(doctest)` and `cfg(all(…))` with one of them in the list. `any` and
/// `not` leave other builds that compile the item.
fn is_for_tests(content: &[Token<'_>]) -> bool {
    let texts: Vec<_> = content.iter().map(|token| token.text).collect();
    match texts.as_slice() {
        ["cfg", "(", only, ")"] => is_test(only),
        ["cfg", "(", "all", "(", conditions @ .., ")", ")"] => {
            let at_top = |index: &usize| {
                let count = |text| conditions[..*index].iter().filter(|t| **t == text).count();
                count("(") == count(")")
            };
            (0..conditions.len()).filter(at_top).any(|index| is_test(conditions[index]))
        }
        _ => false,
    }
}

fn is_test(word: &str) -> bool {
    ["test", "doctest"].contains(&word)
}

/// Number of tokens of what an attribute guards: further attributes, then an item, a statement,
/// a field or a match arm.
fn guarded(tokens: &[Token<'_>]) -> usize {
    let mut index = 0;
    while let Some(attribute) = attribute(&tokens[index..]) {
        index += attribute.length;
    }
    let (ends_with_block, ends_with_comma) = ending(&tokens[index..]);
    while let Some(token) = tokens.get(index) {
        if token.is(";") || (ends_with_comma && token.is(",")) {
            return index + 1;
        }
        // What is guarded is the last thing of a group.
        if [")", "]", "}"].iter().any(|close| token.is(close)) {
            return index;
        }
        let length = group(&tokens[index..]);
        if ends_with_block && token.is("{") {
            return index + length;
        }
        index += length;
    }
    index
}

/// Whether a block ends it, and whether a comma does.
fn ending(tokens: &[Token<'_>]) -> (bool, bool) {
    let mut tokens = tokens;
    if let [visibility, after @ ..] = tokens
        && visibility.is("pub")
    {
        let restricted = after.first().is_some_and(|token| token.is("("));
        tokens = if restricted { &after[group(after)..] } else { after };
    }
    let mut words = tokens.iter().filter(|token| token.kind == Kind::Ident).map(|t| t.text);
    let first = words.next();
    match first {
        Some("const" | "static") if words.next().is_none_or(|word| word != "fn") => (false, false),
        Some("use" | "type" | "let") => (false, false),
        Some(
            "fn" | "const" | "static" | "mod" | "impl" | "struct" | "enum" | "trait" | "unsafe"
            | "async" | "extern" | "union" | "macro_rules",
        ) => (true, false),
        _ => (true, true),
    }
}

/// Number of tokens of the bracketed group at the start, or 1 where none starts.
pub(super) fn group(tokens: &[Token<'_>]) -> usize {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        if ["(", "[", "{"].iter().any(|open| token.is(open)) {
            depth += 1;
        } else if [")", "]", "}"].iter().any(|close| token.is(close)) {
            depth = depth.saturating_sub(1);
        }
        if depth == 0 {
            return index + 1;
        }
    }
    tokens.len().max(1)
}

#[cfg(test)]
mod tests {
    use super::super::tokens;
    use super::*;

    #[test]
    fn guarded_code_is_left_out() {
        for (source, expected) in [
            ("a #[cfg(test)] mod tests; b", "a b"),
            ("#[cfg(test)] #[path = \"x\"] pub(super) mod tests { fn f() {} } b", "b"),
            ("#[cfg(test)] use a::{b, c}; d", "d"),
            ("#[cfg(test)] const A: B = B { c: 1 }; d", "d"),
            ("#[cfg(test)] pub(crate) const fn f<A, B>(a: A) -> B { a } d", "d"),
            ("#[cfg(test)] pub(in crate::a) struct A(u8); d", "d"),
            ("#[cfg(test)] impl A { fn b() {} } d", "d"),
            ("struct A { #[cfg(test)] b: C<D>, e: F }", "struct A { e : F }"),
            ("struct A { #[cfg(test)] b: C }", "struct A { }"),
            ("#[cfg(all(test, unix))] mod a; b", "b"),
            ("#[cfg(all(doctest, feature = \"x\"))] mod a; b", "b"),
            ("#[cfg(all(unix, not(test)))] b", "# [ cfg ( all ( unix , not ( test ) ) ) ] b"),
            ("#[cfg(any(test, unix))] b", "# [ cfg ( any ( test , unix ) ) ] b"),
            ("#[cfg(not(test))] b", "# [ cfg ( not ( test ) ) ] b"),
            ("#![cfg(test)] a", ""),
            ("#[derive(A)] b", "# [ derive ( A ) ] b"),
        ] {
            let all = tokens(source);
            let found: Vec<_> = without_tests(&all).iter().map(|token| token.text).collect();
            assert_eq!(found.join(" "), expected, "{source}");
        }
    }
}
