//! Reads the modules, names and paths of one file.

use std::collections::HashSet;

use super::lexer::{Kind, Token};
use super::tests_removed::group;

/// A `use` of one name, or of all names where `name` is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::check) struct Import {
    /// As written: `["crate", "tag", "Tag"]`; without the `*` of a glob.
    pub(in crate::check) path: Vec<String>,
    /// The name that it brings, `_` included.
    pub(in crate::check) name: Option<String>,
    pub(in crate::check) line: usize,
}

/// A path in code: `["crate", "tag", "parse"]`, or a single word, which matters where a glob
/// brings it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::check) struct Mention {
    pub(in crate::check) path: Vec<String>,
    pub(in crate::check) line: usize,
}

/// The contents of a module without other modules.
#[derive(Debug, Default)]
pub(in crate::check) struct Contents {
    /// Names that the module itself defines.
    pub(in crate::check) items: HashSet<String>,
    pub(in crate::check) imports: Vec<Import>,
    pub(in crate::check) mentions: Vec<Mention>,
}

/// A file's contents.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    /// The file itself first, then its inline modules, each after the one around it.
    pub(super) blocks: Vec<Block>,
    /// The names of `mod name;`, each with the index of its block.
    pub(super) declared: Vec<(usize, String)>,
}

/// The file's own module or an inline one.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub(super) name: String,
    /// Index of the block around it.
    pub(super) parent: Option<usize>,
    pub(super) contents: Contents,
}

/// Keywords that a name of an item follows.
const ITEMS: [&str; 9] =
    ["fn", "struct", "enum", "trait", "type", "const", "static", "union", "mod"];

/// What stands between `const` and the name of a function.
const QUALIFIERS: [&str; 4] = ["fn", "unsafe", "async", "extern"];

/// Reads the tokens of a file.
pub(super) fn parse(tokens: &[Token<'_>]) -> Parsed {
    let mut parsed = Parsed { blocks: vec![Block::default()], ..Parsed::default() };
    read_block(tokens, 0, &mut parsed);
    parsed
}

/// Reads the contents of the block with index `block`.
fn read_block(tokens: &[Token<'_>], block: usize, parsed: &mut Parsed) {
    let mut depth = 0_usize;
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        let next = tokens.get(index + 1).filter(|next| next.kind == Kind::Ident);
        if token.is("{") {
            depth += 1;
        } else if token.is("}") {
            depth = depth.saturating_sub(1);
        }
        if let (true, Some(name)) = (token.is("mod"), next) {
            index += 2 + read_module(&tokens[index + 2..], name.text, block, parsed);
            continue;
        }
        if token.is("use") && !follows(tokens, index, "<") {
            index += 1;
            index += read_use(&tokens[index..], &mut parsed.blocks[block].contents.imports);
            continue;
        }
        let name = next.filter(|next| !QUALIFIERS.iter().any(|word| next.is(word)));
        if let (true, Some(name)) = (ITEMS.iter().any(|item| token.is(item)), name) {
            if depth == 0 {
                parsed.blocks[block].contents.items.insert(name.text.to_owned());
            }
            // The name is defined here, not used.
            index += 2;
            continue;
        }
        if token.is("macro_rules") && follows(tokens, index, "!") {
            let name = tokens.get(index + 2).map(|name| name.text.to_owned());
            parsed.blocks[block].contents.items.extend(name);
            index += 3;
            continue;
        }
        index += read_path(&tokens[index..], tokens[..index].last(), parsed, block);
    }
}

fn follows(tokens: &[Token<'_>], index: usize, text: &str) -> bool {
    tokens.get(index + 1).is_some_and(|token| token.is(text))
}

/// Reads what follows `mod name`; returns the number of tokens.
fn read_module(tokens: &[Token<'_>], name: &str, block: usize, parsed: &mut Parsed) -> usize {
    if !tokens.first().is_some_and(|token| token.is("{")) {
        parsed.declared.push((block, name.to_owned()));
        return 1;
    }
    let length = group(tokens);
    let inner = parsed.blocks.len();
    let name = name.to_owned();
    parsed.blocks.push(Block { name, parent: Some(block), ..Block::default() });
    read_block(&tokens[1..length.max(2) - 1], inner, parsed);
    length
}

/// Reads a path, or one token that starts none; returns the number of tokens.
fn read_path(
    tokens: &[Token<'_>],
    before: Option<&Token<'_>>,
    parsed: &mut Parsed,
    block: usize,
) -> usize {
    let Some(first) = tokens.first().filter(|token| token.kind == Kind::Ident) else { return 1 };
    let mut path = vec![first.text.to_owned()];
    let mut length = 1;
    while let [colons, name, ..] = &tokens[length..]
        && colons.is("::")
        && name.kind == Kind::Ident
    {
        path.push(name.text.to_owned());
        length += 2;
    }
    // `.name` is a field or a method, `::name` outside a path belongs to another crate or a type.
    if !before.is_some_and(|token| token.is(".") || token.is("::")) {
        parsed.blocks[block].contents.mentions.push(Mention { path, line: first.line });
    }
    length
}

/// Reads a tree of `use` up to its semicolon; returns the number of tokens.
fn read_use(tokens: &[Token<'_>], imports: &mut Vec<Import>) -> usize {
    let end = tokens.iter().position(|token| token.is(";")).unwrap_or(tokens.len());
    // `use ::a::b` names another crate.
    if !tokens[..end].first().is_some_and(|token| token.is("::")) {
        read_tree(&tokens[..end], &[], imports);
    }
    (end + 1).min(tokens.len())
}

/// Reads one tree, below `prefix`.
fn read_tree(tokens: &[Token<'_>], prefix: &[String], imports: &mut Vec<Import>) {
    let mut path = prefix.to_vec();
    let mut rest = tokens;
    while let Some((token, after)) = rest.split_first() {
        if token.is("{") {
            let inner = &after[..group(rest).saturating_sub(2).min(after.len())];
            for tree in split_at_commas(inner) {
                read_tree(tree, &path, imports);
            }
            return;
        }
        if token.is("*") {
            imports.push(Import { path, name: None, line: token.line });
            return;
        }
        if token.is("as") {
            let name = after.first().map(|name| name.text.to_owned());
            imports.push(named(path, name, token.line));
            return;
        }
        if token.kind == Kind::Ident {
            path.push(token.text.to_owned());
        }
        rest = after;
    }
    if let Some(last) = tokens.last() {
        imports.push(named(path, None, last.line));
    }
}

/// An import under its own name unless `name` gives another; `a::{self}` is `a`.
fn named(mut path: Vec<String>, name: Option<String>, line: usize) -> Import {
    if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    let name = name.or_else(|| path.last().cloned());
    Import { path, name, line }
}

fn split_at_commas<'t, 'a>(tokens: &'t [Token<'a>]) -> Vec<&'t [Token<'a>]> {
    let mut parts = Vec::new();
    let (mut start, mut index) = (0, 0);
    while index < tokens.len() {
        if tokens[index].is(",") {
            parts.push(&tokens[start..index]);
            start = index + 1;
        }
        index += group(&tokens[index..]);
    }
    parts.push(&tokens[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::super::tokens;
    use super::*;

    fn imports(source: &str) -> Vec<String> {
        let parsed = parse(&tokens(source));
        let shown = |import: &Import| {
            format!("{}={}", import.path.join("::"), import.name.as_deref().unwrap_or("*"))
        };
        parsed.blocks[0].contents.imports.iter().map(shown).collect()
    }

    #[test]
    fn trees_of_use() {
        for (source, expected) in [
            ("use crate::a::B;", "crate::a::B=B"),
            ("pub(crate) use a::{b, c::{D, self}, e::*};", "a::b=b a::c::D=D a::c=c a::e=*"),
            ("use a::b as c; use d as _;", "a::b=c d=_"),
            ("use {a, b::c,};", "a=a b::c=c"),
            ("use super::*;", "super=*"),
            ("use ::std::io;", ""),
            ("fn f() -> impl Fn() + use<'a> { use a::b; }", "a::b=b"),
        ] {
            assert_eq!(imports(source).join(" "), expected, "{source}");
        }
    }

    #[test]
    fn modules_items_and_paths() {
        let source = "mod a; pub mod b { mod c; struct D; impl D { fn e(self) { f::g(h.i::<J>()) } } }
            pub const fn s() {} macro_rules! k { () => { $crate::l!() } } const M: N = <O as P::Q>::r;";
        let parsed = parse(&tokens(source));
        assert_eq!(parsed.declared, [(0, "a".to_owned()), (1, "c".to_owned())]);
        assert_eq!((parsed.blocks[1].name.as_str(), parsed.blocks[1].parent), ("b", Some(0)));
        let items = |block: usize| &parsed.blocks[block].contents.items;
        let outer = ["k", "M", "s"].iter().all(|item| items(0).contains(*item));
        assert!(outer && items(1).contains("D") && !items(1).contains("e"));
        let paths = |block: usize| {
            let mentions = parsed.blocks[block].contents.mentions.iter();
            mentions.map(|mention| mention.path.join("::")).collect::<Vec<_>>()
        };
        assert!(["crate::l", "P::Q", "O"].iter().all(|path| paths(0).iter().any(|p| p == path)));
        assert!(!paths(0).contains(&"r".to_owned()));
        assert!(paths(1).contains(&"f::g".to_owned()) && !paths(1).contains(&"i".to_owned()));
    }
}
