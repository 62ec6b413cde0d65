//! Columns of text in a terminal.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// `text` with spaces before it up to `width` terminal cells.
pub(super) fn right(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(text.width())))
}

/// `text` with spaces after it up to `width` terminal cells.
pub(super) fn left(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// `text` in at most `width` cells: what does not fit gives way to `…` in the middle, so that both
/// a tag's prefix and a type's end stay.
pub(super) fn abbreviate(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let tail_width = width.saturating_sub(1) / 2;
    let mut tail: Vec<char> = Vec::new();
    let mut used = 0;
    for c in text.chars().rev() {
        used += c.width().unwrap_or(0);
        if used > tail_width {
            break;
        }
        tail.push(c);
    }
    let tail: String = tail.into_iter().rev().collect();
    let head_width = width.saturating_sub(1 + tail.width());
    let mut head = String::new();
    for c in text.chars() {
        if head.width() + c.width().unwrap_or(0) > head_width {
            break;
        }
        head.push(c);
    }
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_terminal_cells() {
        for (text, width, expected) in [
            ("B-PER", 5, "B-PER"),
            ("B-ORGANISATION", 8, "B-OR…ION"),
            ("日本語地名", 6, "日…名"),
            ("abc", 1, "…"),
        ] {
            assert_eq!(abbreviate(text, width), expected);
        }
        assert_eq!(right("日本", 6), "  日本");
        assert_eq!(left("é", 3), "é  ");
    }
}
