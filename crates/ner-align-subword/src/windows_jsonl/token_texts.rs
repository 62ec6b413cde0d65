//! The texts of subtokens as JSON, each made once.

use std::sync::OnceLock;

use ner_align_core::SubwordTokenizer;

/// Ids of a page. The tokenizer does not say how many ids it has, and few corpora meet all of them.
const PAGE: usize = 1 << 10;

/// Ids from `PAGE * PAGES` on, which no vocabulary in use has, are made anew each time.
const PAGES: usize = 1 << 10;

type Page = Box<[OnceLock<Box<str>>]>;

/// The texts, quoted; threads share them.
pub(super) struct TokenTexts<'a> {
    tokenizer: &'a dyn SubwordTokenizer,
    pages: Box<[OnceLock<Page>]>,
}

impl<'a> TokenTexts<'a> {
    pub(super) fn new(tokenizer: &'a dyn SubwordTokenizer) -> Self {
        Self { tokenizer, pages: unset(PAGES) }
    }

    /// Appends the text of a subtoken, empty for an id without one.
    pub(super) fn append(&self, id: u32, out: &mut Vec<u8>) {
        let make = || quoted(&self.tokenizer.token(id).unwrap_or_default());
        match self.pages.get(id as usize / PAGE) {
            Some(page) => {
                let text = &page.get_or_init(|| unset(PAGE))[id as usize % PAGE];
                out.extend_from_slice(text.get_or_init(|| make().into_boxed_str()).as_bytes());
            }
            None => out.extend_from_slice(make().as_bytes()),
        }
    }
}

fn unset<T>(count: usize) -> Box<[OnceLock<T>]> {
    std::iter::repeat_with(OnceLock::new).take(count).collect()
}

/// A text as a string of JSON.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
