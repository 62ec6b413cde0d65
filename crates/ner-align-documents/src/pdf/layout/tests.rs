//! Laws of layout, and tables of small pages.

use proptest::prelude::*;

use super::*;
use crate::ExtractedText;

const SIZE: f32 = 10.0;
const WIDTH: f32 = 5.0;

/// The characters of a line from `u` on at the base line `v`, each half as wide as high. Spaces are
/// drawn if `spaces` says so, else they are gaps. `~` is a gap as wide as a character.
fn marks(text: &str, u: f32, v: f32, spaces: bool) -> Vec<Mark> {
    let chars = text.chars().enumerate().filter(|(_, c)| *c != '~' && (*c != ' ' || spaces));
    chars
        .map(|(index, c)| {
            let u0 = u + index as f32 * WIDTH;
            Mark { c, u0, u1: u0 + WIDTH, v, size: SIZE }
        })
        .collect()
}

/// The text of pages that hold these lines.
fn text(pages: &[&[(&str, f32, f32)]]) -> ExtractedText {
    let pages: Vec<PageText> = pages
        .iter()
        .map(|lines| {
            let all = lines.iter().flat_map(|(text, u, v)| marks(text, *u, *v, false));
            page([(Direction::Right, all.collect())], 400.0, 600.0)
        })
        .collect();
    flow(&pages, 1 << 20).unwrap()
}

fn of_page(lines: &[(&str, f32, f32)]) -> String {
    text(&[lines]).text
}

#[test]
fn lines_and_paragraphs() {
    for (name, lines, expected) in [
        (
            "wrapped lines",
            // The margins are 50 on both sides: sixty characters fit.
            &[
                ("Ada Lovelace wrote the first program for a machine that was", 50.0, 100.0),
                ("never built. It computed", 50.0, 112.0),
                ("numbers.", 50.0, 124.0),
            ][..],
            "Ada Lovelace wrote the first program for a machine that was never built. It computed\n\
             numbers.",
        ),
        (
            "a distance",
            &[("one", 50.0, 100.0), ("two", 50.0, 112.0), ("three", 50.0, 140.0)],
            "one\ntwo\n\nthree",
        ),
        (
            "cells",
            &[("Languages~~~~~Igbo", 50.0, 100.0), ("Tools~~~~~~~~~Rust", 50.0, 112.0)],
            "Languages\tIgbo\nTools\tRust",
        ),
        ("items", &[("• one", 50.0, 100.0), ("• two", 50.0, 112.0)], "• one\n• two"),
    ] {
        assert_eq!(of_page(lines), expected, "{name}");
    }
}

#[test]
fn words_broken_at_line_ends() {
    let broken = |end: &str, start: &str, more: &str| {
        // Words of two letters fill a line of sixty characters.
        let words = (60 - end.chars().count()) / 3;
        let first = format!("{}{end}", "so ".repeat(words));
        let last = format!("{start} {more}");
        of_page(&[(&first, 50.0, 100.0), (&last, 50.0, 112.0)])
    };
    for (end, start, more, expected) in [
        ("the uni-", "versity of Tartu", "", "the university of Tartu"),
        ("the uni\u{AD}", "versity of Tartu", "", "the university of Tartu"),
        ("Okafor-", "Lindqvist", "", "Okafor-Lindqvist"),
        ("1815-", "1852", "", "1815- 1852"),
        // The word has its hyphen elsewhere.
        ("well-", "known", "is well-known", "well-known is well-known"),
        ("an end -", "and more", "", "an end - and more"),
    ] {
        let found = broken(end, start, more);
        assert_eq!(found.trim().trim_start_matches("so "), expected, "{end} {start}");
    }
}

/// Two columns of running text beneath a title that stands across.
#[test]
fn columns_are_read_one_after_the_other() {
    let mut lines = vec![("A title that stands across both columns", 100.0, 60.0)];
    for row in 0..8 {
        let v = 100.0 + 12.0 * row as f32;
        lines.push(("left words of the first column", 40.0, v));
        lines.push(("right words of the second one", 210.0, v + 3.5));
    }
    let found = of_page(&lines);
    let (left, right) = (found.rfind("left").unwrap(), found.find("right").unwrap());
    assert!(found.starts_with("A title") && left < right, "{found}");
}

/// The longest line of a narrow column is no reason to join it with the next one.
#[test]
fn narrow_columns_of_short_lines() {
    let left = ["Skills", "Languages", "English, Igbo", "Software", "Rust, Python, Git", "Methods"];
    let right = ["Experience", "Engineer, Fjord AS", "2019-2024", "Researcher, Tartu", "2015-2019"];
    let mut lines = vec![];
    lines.extend(
        left.iter().enumerate().map(|(row, text)| (*text, 40.0, 100.0 + 13.0 * row as f32)),
    );
    lines.extend(
        right.iter().enumerate().map(|(row, text)| (*text, 200.0, 103.0 + 17.0 * row as f32)),
    );
    assert_eq!(of_page(&lines), format!("{}\n\n{}", left.join("\n"), right.join("\n")));
}

/// A letterhead at the right is read before what stands below it, and a table row by row.
#[test]
fn what_is_no_column() {
    let mut lines =
        vec![("Letterhead", 250.0, 50.0), ("of a firm", 250.0, 62.0), ("in Oslo", 250.0, 74.0)];
    for (row, name) in ["First part", "Second part", "Third part", "Fourth part"].iter().enumerate()
    {
        let v = 150.0 + 14.0 * row as f32;
        lines.push((name, 40.0, v));
        lines.push((["1", "2", "3", "4"][row], 300.0, v));
    }
    let expected = "Letterhead\nof a firm\nin Oslo\n\nFirst part\t1\nSecond part\t2\nThird part\t3\nFourth part\t4";
    assert_eq!(of_page(&lines), expected);
    let dots = [
        "1. Names . . . . . . . . . . . . . . . . . . . 1",
        "2. Places . . . . . . . . . . . . . . . . . . 12",
    ];
    assert_eq!(of_page(&[(dots[0], 40.0, 100.0), (dots[1], 40.0, 112.0)]), dots.join("\n"));
}

#[test]
fn sentences_go_on_in_the_next_column_and_page() {
    let column = |u: f32, last: &'static str| {
        let mut lines: Vec<(&str, f32, f32)> = (0..7)
            .map(|row| ("these words fill a whole column", u, 100.0 + 12.0 * row as f32))
            .collect();
        lines.push((last, u, 100.0 + 12.0 * 7.0));
        lines
    };
    let first = [column(40.0, "and it ends with the Uni-"), vec![]].concat();
    let mut second = vec![("versity of Ibadan in a whole row", 40.0, 100.0)];
    second.extend(column(40.0, "the end.").into_iter().map(|(text, u, v)| (text, u, v + 12.0)));
    let document = text(&[&first, &second]);
    assert!(!document.text.contains("\n\n"), "{}", document.text);
    assert_eq!(document.pages[0].end, document.pages[1].start);
}

#[test]
fn spaced_letters_are_words() {
    let spaced: Vec<Mark> = "CURRICULUM VITAE"
        .chars()
        .enumerate()
        .filter(|(_, c)| *c != ' ')
        .map(|(index, c)| {
            let u0 = 50.0 + index as f32 * 8.0;
            Mark { c, u0, u1: u0 + 5.0, v: 50.0, size: SIZE }
        })
        .collect();
    let page = page([(Direction::Right, spaced)], 400.0, 600.0);
    assert_eq!(flow(&[page], 100).unwrap().text, "CURRICULUM VITAE");
}

/// A space of 0.14 sizes, as in a tight line, is one; letters closer than that are a word.
#[test]
fn narrow_spaces() {
    let gaps = [0.0, 0.0, 0.04, 1.4, 0.0, 0.5, 0.0];
    let mut u0 = 50.0;
    let marks = "Adamets".chars().zip(gaps).map(|(c, gap)| {
        let mark = Mark { c, u0: u0 + gap, u1: u0 + gap + 5.0, v: 50.0, size: SIZE };
        u0 = mark.u1;
        mark
    });
    let page = page([(Direction::Right, marks.collect())], 400.0, 600.0);
    assert_eq!(flow(&[page], 100).unwrap().text, "Ada mets");
}

#[test]
fn raised_characters_stay_in_their_line() {
    let mut all = marks("area of 9 m", 50.0, 100.0, true);
    all.extend(marks("2", 105.0, 96.0, false).into_iter().map(|mark| Mark { size: 6.0, ..mark }));
    all.extend(marks("in all", 120.0, 100.0, false));
    let page = page([(Direction::Right, all)], 400.0, 600.0);
    assert_eq!(flow(&[page], 100).unwrap().text, "area of 9 m2 in all");
}

#[test]
fn text_has_a_limit() {
    let page = page([(Direction::Right, marks("Ada", 50.0, 50.0, false))], 400.0, 600.0);
    assert_eq!(flow(std::slice::from_ref(&page), 3).unwrap().text, "Ada");
    assert!(flow(&[page], 2).is_err());
}

fn words() -> impl Strategy<Value = Vec<Vec<String>>> {
    let line = prop::collection::vec("[a-zA-Z]{1,8}", 1..8);
    prop::collection::vec(line, 1..12)
}

proptest! {
    /// Whatever the order in which it is drawn and however spaces are, words come line by line.
    #[test]
    fn words_come_in_order(lines in words(), spaces: bool, backwards: bool, turn in 0..4_usize) {
        let mut all = Vec::new();
        for (row, words) in lines.iter().enumerate() {
            all.extend(marks(&words.join(" "), 50.0, 50.0 + 12.0 * row as f32, spaces));
        }
        if backwards {
            all.reverse();
        }
        let page = page([(Direction::ALL[turn], all)], 600.0, 800.0);
        let found = flow(&[page], 1 << 20).unwrap().text;
        let found: Vec<&str> = found.split_whitespace().collect();
        let expected: Vec<&str> = lines.iter().flatten().map(String::as_str).collect();
        prop_assert_eq!(found, expected);
    }

    /// Nothing is lost or made up, wherever characters stand, and boxes are those of the characters.
    #[test]
    fn characters_are_kept(
        places in prop::collection::vec(
            (prop::char::range('a', 'z'), 0.0..600.0_f32, 0.0..800.0_f32, 1.0..40.0_f32), 0..80),
    ) {
        let marks: Vec<Mark> = places
            .iter()
            .map(|&(c, u0, v, size)| Mark { c, u0, u1: u0 + size / 2.0, v, size })
            .collect();
        let page = page([(Direction::Right, marks)], 600.0, 800.0);
        let document = flow(&[page], 1 << 20).unwrap();
        let sorted = |chars: &mut dyn Iterator<Item = char>| {
            let mut chars: Vec<char> = chars.filter(|c| !c.is_whitespace()).collect();
            chars.sort_unstable();
            chars
        };
        prop_assert_eq!(
            sorted(&mut document.text.chars()),
            sorted(&mut places.iter().map(|place| place.0))
        );
        for (index, c) in document.text.chars().enumerate() {
            let boxes = document.boxes(index..index + 1);
            if c.is_whitespace() {
                continue;
            }
            prop_assert_eq!(boxes.len(), 1);
            let middle = (boxes[0].x0 + boxes[0].x1) / 2.0;
            let drawn = |&&(letter, u0, _, size): &&(char, f32, f32, f32)| {
                letter == c && (u0 + size / 4.0 - middle).abs() < 0.02
            };
            prop_assert!(places.iter().find(drawn).is_some(), "{} at {}", c, middle);
        }
    }
}
