//! The text of Markdown without its markup.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::blocks::{Blocks, Separator};
use crate::error::DocumentsError;
use crate::{ExtractOptions, ExtractedText, charset, html};

/// The text without markup; code stays as it is.
pub(crate) fn extract(
    bytes: &[u8],
    options: &ExtractOptions,
) -> Result<ExtractedText, DocumentsError> {
    let source = charset::text(bytes, "Markdown")?;
    let mut blocks = Blocks::new(options.max_text);
    // Blocks of HTML come line by line.
    let mut embedded = String::new();
    let mut is_code = false;
    for event in Parser::new_ext(without_front_matter(&source), extensions()) {
        match event {
            Event::Text(text) if is_code => blocks.verbatim(&text)?,
            Event::Text(text) | Event::Code(text) => blocks.flow(&text)?,
            Event::InlineMath(text) | Event::DisplayMath(text) => blocks.flow(&text)?,
            Event::SoftBreak => blocks.separate(Separator::Space),
            Event::HardBreak => blocks.break_line()?,
            Event::InlineHtml(tag) if is_break(&tag) => blocks.break_line()?,
            Event::InlineHtml(_) | Event::FootnoteReference(_) | Event::TaskListMarker(_) => {}
            Event::Rule => blocks.separate(Separator::Blank),
            Event::Html(line) => embedded.push_str(&line),
            Event::Start(tag) => {
                is_code |= matches!(tag, Tag::CodeBlock(_));
                blocks.separate(before(&tag));
            }
            Event::End(TagEnd::HtmlBlock) => {
                html::append(&std::mem::take(&mut embedded), &mut blocks)?;
                blocks.separate(Separator::Blank);
            }
            Event::End(tag) => {
                is_code &= tag != TagEnd::CodeBlock;
                blocks.separate(after(tag));
            }
        }
    }
    Ok(ExtractedText::new(blocks.finish()))
}

fn extensions() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_TASKLISTS
}

/// Metadata between two lines `---` at the very start is no text.
fn without_front_matter(source: &str) -> &str {
    let Some(rest) = source.strip_prefix("---").filter(|rest| rest.starts_with(['\n', '\r']))
    else {
        return source;
    };
    let mut at = source.len() - rest.len();
    for line in rest.split_inclusive('\n') {
        at += line.len();
        if matches!(line.trim_end(), "---" | "...") {
            return &source[at..];
        }
    }
    source
}

fn is_break(tag: &str) -> bool {
    let name = tag.trim_start_matches('<').trim_end_matches('>').trim_end_matches('/').trim();
    name.eq_ignore_ascii_case("br")
}

fn before(tag: &Tag<'_>) -> Separator {
    match tag {
        Tag::Item | Tag::TableRow => Separator::Line,
        Tag::TableCell => Separator::Tab,
        Tag::Emphasis
        | Tag::Strong
        | Tag::Strikethrough
        | Tag::Superscript
        | Tag::Subscript
        | Tag::Link { .. }
        | Tag::Image { .. } => Separator::Nothing,
        // Items of a tight list have no paragraphs; their nested lists begin a line.
        Tag::List(_) => Separator::Line,
        _ => Separator::Blank,
    }
}

fn after(tag: TagEnd) -> Separator {
    match tag {
        TagEnd::Item | TagEnd::TableRow | TagEnd::TableHead => Separator::Line,
        TagEnd::TableCell => Separator::Tab,
        TagEnd::Emphasis
        | TagEnd::Strong
        | TagEnd::Strikethrough
        | TagEnd::Superscript
        | TagEnd::Subscript
        | TagEnd::Link
        | TagEnd::Image => Separator::Nothing,
        _ => Separator::Blank,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_without_markup() {
        for (source, expected) in [
            (
                "# Ada *Lovelace*\n\nwrote\nthe **first** [program](http://x \"t\").",
                "Ada Lovelace\n\nwrote the first program.",
            ),
            ("- a\n- b\n  - c\n\nd", "a\nb\nc\n\nd"),
            ("1. a\n\n2. b", "a\n\nb"),
            ("| a | b |\n|---|---|\n| c | `d` |\n", "a\tb\nc\td"),
            (
                "x `let  a = 1;` y\n\n```rust\nfn f() {\n\n    g()\n}\n```\nz",
                "x let a = 1; y\n\nfn f() {\n\n    g()\n}\n\nz",
            ),
            ("a  \nb\\\nc<br>d", "a\nb\nc\nd"),
            ("&amp; &eacute; \\*x\\* ~~gone~~ ![a cat](c.png)", "& é *x* gone a cat"),
            ("a <b>bold</b>\n\n<div>x<script>y</script>\n<p>z</div>\n\nw", "a bold\n\nx\n\nz\n\nw"),
            ("> quoted\n> text\n\nafter\n\n---\n\nend", "quoted text\n\nafter\n\nend"),
            ("- [x] done\n- [ ] open[^1]\n\n[^1]: a note", "done\nopen\n\na note"),
            ("---\ntitle: t\n---\ntext", "text"),
            ("---\nno end", "no end"),
            ("", ""),
        ] {
            let found = extract(source.as_bytes(), &ExtractOptions::default()).unwrap().text;
            assert_eq!(found, expected, "{source}");
        }
    }

    #[test]
    fn depth_ends() {
        for piece in [">", "- ", "*a ", "[", "<b>"] {
            let source = piece.repeat(20_000) + "x";
            assert!(extract(source.as_bytes(), &ExtractOptions::default()).is_ok(), "{piece}");
        }
    }
}
