//! PDF.
//!
//! hayro reads the file and says which glyph is drawn where; [`collect`] makes characters of glyphs,
//! and [`layout`] finds out in which order they are read.

mod collect;
mod layout;
mod letters;
mod unpacked;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use hayro_interpret::hayro_syntax::page::Page;
use hayro_interpret::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use hayro_interpret::kurbo::Rect;
use hayro_interpret::{
    Context, InterpreterCache, InterpreterSettings, TransformExt, interpret_page,
};

use crate::error::{DocumentsError, Limit};
use crate::{ExtractOptions, ExtractedText};
use collect::{Collector, Limits};
use layout::PageText;

/// The text of a PDF with its pages and the boxes of its characters.
pub(crate) fn extract(
    bytes: &[u8],
    options: &ExtractOptions,
) -> Result<ExtractedText, DocumentsError> {
    unpacked::check(bytes, options.max_unpacked)?;
    let limits = Limits {
        until: options.until(),
        characters: options.max_text,
        late: DocumentsError::TooSlow { deadline: options.deadline },
        many: DocumentsError::too_large(Limit::Text, options.max_text),
    };
    let work = || text(bytes, &limits, options.max_text);
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result,
        Err(payload) => Err(left(payload)),
    }
}

/// The error with which the interpreter was left; a panic goes on.
fn left(payload: Box<dyn Any + Send>) -> DocumentsError {
    match payload.downcast::<DocumentsError>() {
        Ok(error) => *error,
        Err(payload) => resume_unwind(payload),
    }
}

fn text(bytes: &[u8], limits: &Limits, max_text: usize) -> Result<ExtractedText, DocumentsError> {
    let pdf = Pdf::new(bytes.to_vec()).map_err(unopened)?;
    if pdf.pages().is_empty() {
        return Err(DocumentsError::malformed("a PDF with pages", "none"));
    }
    let cache = InterpreterCache::new();
    let mut characters = 0;
    let mut pages = Vec::with_capacity(pdf.pages().len());
    for page in pdf.pages().iter() {
        limits.check(characters);
        let limits = Limits { characters: max_text - characters, ..limits.clone() };
        let (text, count) = page_text(page, &pdf, &cache, limits);
        characters += count;
        pages.push(text);
    }
    let document = layout::flow(&pages, max_text)?;
    let unknown = document.text.chars().filter(|&c| c == letters::UNKNOWN).count();
    let visible = document.text.chars().filter(|c| !c.is_whitespace()).count();
    if visible == 0 {
        return Err(DocumentsError::NoText { pages: (1..=pages.len()).collect() });
    }
    if 2 * unknown > visible {
        let found = format!("{unknown} of {visible} characters of which no font tells the letter");
        return Err(DocumentsError::malformed("a PDF whose fonts tell their letters", found));
    }
    Ok(document)
}

/// The text of a page, and how many characters it has.
fn page_text<'a>(
    page: &Page<'a>,
    pdf: &'a Pdf,
    cache: &InterpreterCache<'a>,
    limits: Limits,
) -> (PageText, usize) {
    let (width, height) = page.render_dimensions();
    let transform = page.initial_transform(true).to_kurbo();
    let bounds = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let settings = InterpreterSettings::default();
    let mut context = Context::new(transform, bounds, cache, pdf.xref(), settings);
    let mut collector = Collector::new(f64::from(width), f64::from(height), limits);
    interpret_page(page, &mut context, &mut collector);
    let marks = collector.into_marks();
    let count = marks.iter().map(|(_, marks)| marks.len()).sum();
    (layout::page(marks, width, height), count)
}

/// Why a file did not open.
fn unopened(error: LoadPdfError) -> DocumentsError {
    match error {
        LoadPdfError::Decryption(
            DecryptionError::PasswordProtected | DecryptionError::UnsupportedAlgorithm,
        ) => DocumentsError::Encrypted,
        LoadPdfError::Decryption(_) => {
            DocumentsError::malformed("a PDF", "one whose encryption is damaged")
        }
        LoadPdfError::Invalid => {
            DocumentsError::malformed("a PDF", "one without a table of objects")
        }
    }
}
