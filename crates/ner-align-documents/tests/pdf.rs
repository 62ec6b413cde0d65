//! The PDFs of `fixtures/pdf`, each made by another program, give the text that went in.

#![cfg(feature = "pdf")]
#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use std::fs;
use std::path::{Path, PathBuf};

use ner_align_documents::{DocumentsError, ExtractOptions, ExtractedText, read};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/pdf")
}

fn text_of(name: &str) -> Result<ExtractedText, DocumentsError> {
    read(folder().join(format!("{name}.pdf")), &ExtractOptions::default())
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Names of the fixtures with text.
fn names() -> Vec<String> {
    let entries = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let texts = entries.filter(|path| path.extension().is_some_and(|end| end == "txt"));
    let full = texts.filter(|path| !fs::read_to_string(path).unwrap().trim().is_empty());
    let mut names: Vec<String> =
        full.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[test]
fn every_producer_gives_its_text() {
    let names = names();
    assert!(names.len() >= 15, "{names:?}");
    let mut wrong = Vec::new();
    for name in names {
        let expected = fs::read_to_string(folder().join(format!("{name}.txt"))).unwrap();
        match text_of(&name) {
            Ok(found) if words(&found.text) == words(&expected) => {}
            Ok(found) => wrong.push(format!("== {name}\n{}", found.text)),
            Err(error) => wrong.push(format!("== {name}: {error}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn boxes_stand_where_the_words_are() {
    // One line of 12 points, 40 points from the edges of the page as it is shown.
    let document = text_of("reportlab-landscape").unwrap();
    let page = document.pages[0];
    assert_eq!((page.number, page.width, page.height), (1, 400.0, 300.0));
    let boxes = document.boxes(0..4);
    assert_eq!(boxes.len(), 1);
    let [x0, y0, x1, y1] = [boxes[0].x0, boxes[0].y0, boxes[0].x1, boxes[0].y1];
    assert!((x0 - 40.0).abs() < 0.1 && (25.0..35.0).contains(&(x1 - x0)), "{boxes:?}");
    // The base line is 50 points below the upper edge.
    assert!((40.0..42.0).contains(&y0) && (52.0..54.0).contains(&y1), "{boxes:?}");

    // On a page that is turned, text runs downwards.
    let document = text_of("rotated").unwrap();
    let title = document.boxes(0..8)[0];
    assert!(title.y1 - title.y0 > 2.0 * (title.x1 - title.x0), "{title:?}");
}

#[test]
fn an_entity_over_two_lines_has_two_boxes() {
    let document = text_of("groff-columns").unwrap();
    let phrase = "order of columns";
    let start = document.text.find(phrase).unwrap();
    let start = document.text[..start].chars().count();
    let boxes = document.boxes(start..start + phrase.chars().count());
    // It is broken as `col-` and `umns`.
    assert_eq!(boxes.len(), 2);
    assert!(boxes[0].y0 < boxes[1].y0 && boxes[0].x0 > boxes[1].x0, "{boxes:?}");
}

#[test]
fn every_character_has_its_box_on_its_page() {
    for name in names() {
        let document = text_of(&name).unwrap();
        for (position, c) in document.text.chars().enumerate() {
            let boxes = document.boxes(position..position + 1);
            if c == '\n' || c == ' ' && boxes.is_empty() {
                continue;
            }
            let page = document.page_at(position).unwrap();
            let [one] = boxes.as_slice() else { panic!("{name}: {c:?} at {position}, {boxes:?}") };
            assert_eq!(one.page, page.number, "{name}: {position}");
            assert!(one.x0 >= -1.0 && one.x1 <= page.width + 1.0, "{name}: {one:?}");
            assert!(one.y0 >= -1.0 && one.y1 <= page.height + 1.0, "{name}: {one:?}");
        }
    }
}

#[test]
fn pages_without_text_are_told() {
    assert_eq!(text_of("scan").unwrap_err().problem(), &DocumentsError::NoText { pages: vec![1] });
    let document = text_of("scan-and-text").unwrap();
    assert_eq!(document.pages.len(), 3);
    assert_eq!(document.pages_without_text(), [1, 3]);
    assert_eq!(document.page_at(0).map(|page| page.number), Some(2));
    assert!(text_of("groff-columns").unwrap().pages_without_text().is_empty());
}

#[test]
fn passwords() {
    assert_eq!(text_of("encrypted").unwrap_err().problem(), &DocumentsError::Encrypted);
    // The password of the owner forbids printing, not reading.
    assert!(text_of("owner-password").is_ok());
}
