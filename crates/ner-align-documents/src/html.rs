//! The visible text of HTML.
//!
//! Tags are read as the standard says (entities, comments, scripts), but no tree is built: the text
//! needs only to know where blocks begin and end. So there is no nesting that could grow too deep.

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{Token, Tokenizer};

use crate::blocks::{Blocks, Separator};
use crate::error::DocumentsError;
use crate::{ExtractOptions, ExtractedText, charset};

/// Elements without text that a reader sees.
const INVISIBLE: [&[u8]; 19] = [
    b"script",
    b"style",
    b"head",
    b"title",
    b"template",
    b"noscript",
    b"noframes",
    b"iframe",
    b"noembed",
    b"textarea",
    b"select",
    b"datalist",
    b"svg",
    b"math",
    b"canvas",
    b"audio",
    b"video",
    b"object",
    b"rp",
];

/// Elements that paragraphs of their own surround.
const PARAGRAPHS: [&[u8]; 34] = [
    b"address",
    b"article",
    b"aside",
    b"blockquote",
    b"body",
    b"caption",
    b"details",
    b"dialog",
    b"div",
    b"dl",
    b"fieldset",
    b"figcaption",
    b"figure",
    b"footer",
    b"form",
    b"h1",
    b"h2",
    b"h3",
    b"h4",
    b"h5",
    b"h6",
    b"header",
    b"hgroup",
    b"hr",
    b"main",
    b"nav",
    b"ol",
    b"p",
    b"pre",
    b"section",
    b"summary",
    b"table",
    b"ul",
    b"menu",
];

/// Elements that begin on a line of their own.
const LINES: [&[u8]; 9] =
    [b"li", b"dt", b"dd", b"tr", b"thead", b"tbody", b"tfoot", b"option", b"legend"];

/// Elements that never have an end tag.
const VOID: [&[u8]; 14] = [
    b"area", b"base", b"br", b"col", b"embed", b"hr", b"img", b"input", b"link", b"meta", b"param",
    b"source", b"track", b"wbr",
];

/// The visible text of a document.
pub(crate) fn extract(
    bytes: &[u8],
    options: &ExtractOptions,
) -> Result<ExtractedText, DocumentsError> {
    let mut blocks = Blocks::new(options.max_text);
    append(&charset::html(bytes), &mut blocks)?;
    Ok(ExtractedText::new(blocks.finish()))
}

/// Appends the visible text of `html`.
pub(crate) fn append(html: &str, blocks: &mut Blocks) -> Result<(), DocumentsError> {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut text = VisibleText { blocks, hidden: None, preformatted: 0 };
    for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
        match token {
            Token::StartTag(tag) => {
                let is_hidden = tag.attributes.contains_key(b"hidden".as_slice())
                    || tag.attributes.get(b"style".as_slice()).is_some_and(|style| hides(style));
                text.start(&tag.name, is_hidden, tag.self_closing)?;
            }
            Token::EndTag(tag) => text.end(&tag.name),
            Token::String(string) => text.string(&String::from_utf8_lossy(&string.value))?,
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    Ok(())
}

/// Whether an inline style hides its element.
fn hides(style: &[u8]) -> bool {
    let style: Vec<u8> = style.iter().filter(|b| !b.is_ascii_whitespace()).copied().collect();
    let style = style.to_ascii_lowercase();
    let has = |wanted: &[u8]| style.windows(wanted.len()).any(|window| window == wanted);
    has(b"display:none") || has(b"visibility:hidden")
}

struct VisibleText<'a> {
    blocks: &'a mut Blocks,
    /// The invisible element around, and how many of its name are open.
    hidden: Option<(Vec<u8>, usize)>,
    /// How many `pre` are open.
    preformatted: usize,
}

impl VisibleText<'_> {
    fn start(&mut self, name: &[u8], is_hidden: bool, closed: bool) -> Result<(), DocumentsError> {
        if let Some((hidden, depth)) = &mut self.hidden {
            *depth += usize::from(hidden == name && !closed);
            // A page that leaves its head open still shows its body.
            if !(hidden == b"head" && name == b"body") {
                return Ok(());
            }
            self.hidden = None;
        }
        self.separate(name);
        if (INVISIBLE.contains(&name) || is_hidden) && !VOID.contains(&name) {
            // In HTML, only elements of SVG and MathML can close themselves.
            let foreign = name == b"svg" || name == b"math";
            if !(closed && foreign) {
                self.hidden = Some((name.to_vec(), 1));
            }
            return Ok(());
        }
        match name {
            b"br" => self.blocks.break_line()?,
            b"pre" => self.preformatted += 1,
            b"q" => self.blocks.flow("\"")?,
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, name: &[u8]) {
        if let Some((hidden, depth)) = &mut self.hidden {
            *depth -= usize::from(hidden == name);
            if *depth == 0 {
                self.hidden = None;
                self.separate(name);
            }
            return;
        }
        self.separate(name);
        if name == b"pre" {
            self.preformatted = self.preformatted.saturating_sub(1);
        }
    }

    fn string(&mut self, text: &str) -> Result<(), DocumentsError> {
        if self.hidden.is_some() {
            return Ok(());
        }
        if self.preformatted > 0 { self.blocks.verbatim(text) } else { self.blocks.flow(text) }
    }

    fn separate(&mut self, name: &[u8]) {
        if PARAGRAPHS.contains(&name) {
            self.blocks.separate(Separator::Blank);
        } else if LINES.contains(&name) {
            self.blocks.separate(Separator::Line);
        } else if name == b"td" || name == b"th" {
            self.blocks.separate(Separator::Tab);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(html: &str) -> String {
        extract(html.as_bytes(), &ExtractOptions::default()).unwrap().text
    }

    #[test]
    fn what_a_reader_sees() {
        for (html, expected) in [
            ("<p>Ada <b>Love</b>lace<p>wrote", "Ada Lovelace\n\nwrote"),
            ("<h1>Title</h1>\n<div>\n  one\n  two<br>three</div>", "Title\n\none two\nthree"),
            ("<ul><li>a<li>b</ul>c", "a\nb\n\nc"),
            ("<table><tr><th>a<td>b</tr><tr><td>c<td>d</table>", "a\tb\nc\td"),
            ("AT&amp;T &eacute;&#233;&#x41;&nbsp;&notit; a&shy;b", "AT&T ééA ¬it; ab"),
            ("a<script>if (a < b) { '</b>' }</script>b<style>p{}</style>c<!-- d -->", "abc"),
            ("<head><title>t</title><meta name=x></head><body>x", "x"),
            ("<head><title>t</title><body>x", "x"),
            ("<pre>a\n  b\n\nc</pre>d  e", "a\n  b\n\nc\n\nd e"),
            (
                "a<div hidden>b<div>c</div>d</div>e<p style='color:red; DISPLAY : none'>f</p>g",
                "a\n\ne\n\ng",
            ),
            ("a <img alt=x hidden> b<svg/>c<svg><text>d</text></svg>e", "a bce"),
            ("<textarea><p>a</textarea>b", "b"),
            ("1 < 2 <3", "1 < 2 <3"),
            ("", ""),
        ] {
            assert_eq!(text(html), expected, "{html}");
        }
    }

    #[test]
    fn depth_costs_nothing() {
        let deep = "<div>".repeat(200_000) + "x";
        assert_eq!(text(&deep), "x");
        assert_eq!(text(&("<b hidden>".repeat(100_000) + "x")), "");
    }
}
