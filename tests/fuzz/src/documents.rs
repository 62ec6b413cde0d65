//! What extraction has to hold, whatever the bytes: it ends, no parser panics, and pages and boxes
//! are those of the text.

use std::time::Duration;

use ner_align_documents::{DocumentKind, ExtractOptions, extract};

/// Bytes as a PDF.
pub fn pdf(data: &[u8]) {
    let options = ExtractOptions::default()
        .with_deadline(Duration::from_secs(10))
        .with_max_unpacked(16 << 20)
        .with_max_text(1 << 20);
    // A panic of a parser ends the fuzzer by its hook before it becomes an error.
    let Ok(document) = extract(data, DocumentKind::Pdf, &options) else { return };
    let length = document.text.chars().count();
    let mut reached = 0;
    for page in &document.pages {
        assert!(reached <= page.start && page.start <= page.end && page.end <= length, "{page:?}");
        reached = page.end;
    }
    for (position, c) in document.text.chars().enumerate().step_by(7) {
        for one in document.boxes(position..position + 1) {
            let edges = [one.x0, one.y0, one.x1, one.y1];
            assert!(edges.iter().all(|edge| edge.is_finite()), "{one:?}");
            assert!(one.x0 <= one.x1 && one.y0 <= one.y1, "{one:?}");
            let page = document.page_at(position).map(|page| page.number);
            assert!(page == Some(one.page), "{c:?} at {position}: {page:?}, {one:?}");
        }
    }
}
