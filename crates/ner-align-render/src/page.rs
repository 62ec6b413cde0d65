//! The frame that every page has: one head, one style, one policy.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::visible::escape;

/// The style that all pages share.
const STYLE: &str = include_str!("assets/page.css");

/// A page of one file. Its policy lets the browser run and apply what the page was made with, by
/// hash, and load nothing.
///
/// The body is trusted: who adds to it has escaped what comes from outside. Attributes `style` do not
/// apply, since the policy has no hash for them.
#[derive(Debug)]
pub(crate) struct Page {
    title: String,
    styles: Vec<String>,
    scripts: Vec<&'static str>,
    body: String,
}

impl Page {
    pub(crate) fn new(title: &str) -> Self {
        let (title, styles) = (escape(title), vec![STYLE.to_owned()]);
        Self { title, styles, scripts: Vec::new(), body: String::new() }
    }

    /// Adds a style of this page's own.
    pub(crate) fn style(&mut self, css: impl Into<String>) {
        self.styles.push(css.into());
    }

    /// Adds a script, which runs when the body is there.
    pub(crate) fn script(&mut self, script: &'static str) {
        self.scripts.push(script);
    }

    /// Where the body is written.
    pub(crate) const fn body(&mut self) -> &mut String {
        &mut self.body
    }

    /// Adds an SVG picture. Its styles move to the head, where the policy knows them.
    pub(crate) fn picture(&mut self, svg: &str) {
        let mut rest = svg;
        self.body.push_str("<figure>\n");
        while let Some((before, from)) = rest.split_once("<style>") {
            let Some((css, after)) = from.split_once("</style>") else { break };
            self.body.push_str(before);
            if !self.styles.iter().any(|known| known == css) {
                self.styles.push(css.to_owned());
            }
            rest = after;
        }
        self.body.push_str(rest);
        self.body.push_str("</figure>\n");
    }

    /// The file.
    pub(crate) fn finish(self) -> String {
        let hashes = |texts: &mut dyn Iterator<Item = &str>| {
            let hash = |text: &str| format!(" 'sha256-{}'", base64(&Sha256::digest(text)));
            texts.map(hash).collect::<String>()
        };
        let styles = hashes(&mut self.styles.iter().map(String::as_str));
        let scripts = match self.scripts.as_slice() {
            [] => " 'none'".to_owned(),
            scripts => hashes(&mut scripts.iter().copied()),
        };
        let title = &self.title;
        let mut out = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
             style-src{styles}; script-src{scripts}; base-uri 'none'; form-action 'none'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n<title>{title}</title>\n"
        );
        for style in &self.styles {
            let _ = writeln!(out, "<style>{style}</style>");
        }
        let _ = write!(out, "</head>\n<body>\n{}", self.body);
        for script in &self.scripts {
            let _ = writeln!(out, "<script>{script}</script>");
        }
        out.push_str("</body>\n</html>\n");
        out
    }
}

/// The standard alphabet with padding, as a policy spells hashes.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let sextet = (group >> (18 - 6 * place)) as usize & 63;
            out.push(if place <= chunk.len() { char::from(ALPHABET[sextet]) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of RFC 4648, and a hash of the standard on policies.
    #[test]
    fn hashes_are_spelled_as_policies_spell_them() {
        for (text, expected) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(text.as_bytes()), expected);
        }
        let hash = base64(&Sha256::digest("alert('Hello, world.');"));
        assert_eq!(hash, "qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=");
    }
}
