use std::fs;

use super::*;

/// The circles of a crate with these files, as `a.rs -> b.rs -> a.rs`.
fn circles_of(files: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let tree = ModuleTree::read(&folder.path().join(files[0].0)).unwrap();
    let lines = circles("t", &tree);
    let names = |line: &String| line.trim_start_matches("t: ").split(" (").next().unwrap().into();
    lines.iter().map(names).collect()
}

#[test]
fn circles_are_found_however_they_are_written() {
    let root = ("lib.rs", "mod a; mod b; pub use a::A; pub use b::B;");
    let circle = ["a.rs -> b.rs -> a.rs"];
    let b = ("b.rs", "use crate::a::A; pub struct B(A);");
    for a in [
        "use crate::b::B; pub struct A(B);",
        "use super::b::B; pub struct A(B);",
        "use crate::{a, b::{B}}; pub struct A(B);",
        "use crate::B; pub struct A(B);",
        "use crate::B as C; pub struct A(C);",
        "use crate::b; pub struct A(b::B);",
        "use crate::*; pub struct A(B);",
        "use crate::b::*; pub struct A(B);",
        "pub struct A(crate::b::B);",
        "pub struct A; impl A { fn f() { use crate::b::B; } }",
        "pub struct A; fn f() { super::B::new() }",
        "pub struct A; pub mod inner { use super::super::b::B; }",
        "pub struct A; pub mod c { use crate::a::d::B as C; } mod d { pub use crate::b::B; }",
    ] {
        assert_eq!(circles_of(&[root, ("a.rs", a), b]), circle, "{a}");
    }
}

#[test]
fn what_makes_no_circle() {
    let root = ("lib.rs", "mod a; mod b; pub use a::A; pub use b::B;");
    let b = ("b.rs", "use crate::a::A; pub struct B(A);");
    for a in [
        "pub struct A;",
        "pub struct A; #[cfg(test)] mod tests { use crate::b::B; }",
        "pub struct A; // crate::b::B",
        "pub struct A; const B: &str = \"crate::b::B\";",
        "/// `crate::b::B`, [`crate::B`]\npub struct A;",
        "use other::b::B; pub struct A(B);",
        "use ::b::B; pub struct A(B);",
        "use crate::*; pub struct A;",
        "pub struct A; fn f(a: A) { a.b::<B>() }",
    ] {
        assert_eq!(circles_of(&[root, ("a.rs", a), b]), [""; 0], "{a}");
    }
}

#[test]
fn a_module_and_those_below_it_are_one_room() {
    let files = [
        ("lib.rs", "mod a; pub struct R; use a::A;"),
        ("a/mod.rs", "mod b; mod c; use b::B; pub struct A(B); pub(crate) use c::C;"),
        ("a/b.rs", "use super::A; use crate::R; pub struct B(A, R);"),
        ("a/c.rs", "pub struct C;"),
    ];
    assert_eq!(circles_of(&files), [""; 0]);
}

#[test]
fn siblings_below_a_module_are_not() {
    let a = ("a.rs", "mod b; mod c; pub use b::B; pub use c::C;");
    let files = [
        ("lib.rs", "mod a;"),
        a,
        ("a/b.rs", "use super::C; pub struct B(C);"),
        ("a/c.rs", "pub struct C; impl C { fn b() -> super::B {} }"),
    ];
    let separator = std::path::MAIN_SEPARATOR;
    let expected = format!("a{separator}b.rs -> a{separator}c.rs -> a{separator}b.rs");
    assert_eq!(circles_of(&files), [expected]);
}

#[test]
fn a_re_export_on_the_way_counts_too() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "mod inner; pub use inner::A; use crate::b::B;"),
        ("a/inner.rs", "pub struct A;"),
        ("b.rs", "use crate::a::A; pub struct B(A);"),
    ];
    assert_eq!(circles_of(&files), ["a.rs -> b.rs -> a.rs"]);
}

#[test]
fn each_file_stands_in_one_of_the_circles_listed() {
    let files = [
        ("lib.rs", "mod a; mod b; mod c; mod d;"),
        ("a.rs", "use crate::b::B; use crate::c::C; pub struct A;"),
        ("b.rs", "use crate::a::A; pub struct B;"),
        ("c.rs", "use crate::d::D; pub struct C;"),
        ("d.rs", "use crate::a::A; pub struct D;"),
    ];
    let expected = ["a.rs -> b.rs -> a.rs", "c.rs -> d.rs -> a.rs -> c.rs"];
    assert_eq!(circles_of(&files), expected);
}
