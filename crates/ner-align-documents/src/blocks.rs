//! Text with blocks, lines and cells, as HTML, Word and Markdown have them.

use crate::error::{DocumentsError, Limit};

/// What separates one piece of text from the next. A stronger separator replaces a weaker one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Separator {
    Nothing,
    Space,
    /// Between the cells of a row.
    Tab,
    /// Between lines: list items, rows of a table.
    Line,
    /// Between paragraphs.
    Blank,
}

/// Builds text from pieces. Separators appear only between pieces: never first, last or twice.
#[derive(Debug)]
pub(crate) struct Blocks {
    text: String,
    pending: Separator,
    limit: usize,
}

impl Blocks {
    /// At most `limit` bytes of text.
    pub(crate) fn new(limit: usize) -> Self {
        Self { text: String::new(), pending: Separator::Nothing, limit }
    }

    pub(crate) fn separate(&mut self, separator: Separator) {
        self.pending = self.pending.max(separator);
    }

    /// Ends a line within a block. Each call is one line end.
    pub(crate) fn break_line(&mut self) -> Result<(), DocumentsError> {
        if self.pending < Separator::Line {
            self.pending = Separator::Line;
            return Ok(());
        }
        if self.pending == Separator::Line && !self.text.is_empty() {
            return self.append("\n");
        }
        Ok(())
    }

    /// Appends text in which any white space is one space.
    pub(crate) fn flow(&mut self, text: &str) -> Result<(), DocumentsError> {
        let mut rest = text;
        while !rest.is_empty() {
            let blank = rest.len() - rest.trim_start_matches(is_space).len();
            if blank > 0 {
                self.separate(Separator::Space);
                rest = &rest[blank..];
                continue;
            }
            let end = rest.find(is_space).unwrap_or(rest.len());
            self.piece(&rest[..end])?;
            rest = &rest[end..];
        }
        Ok(())
    }

    /// Appends text whose white space counts, as in `pre`.
    pub(crate) fn verbatim(&mut self, text: &str) -> Result<(), DocumentsError> {
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                self.break_line()?;
            }
            let line = line.strip_suffix('\r').unwrap_or(line);
            if !line.is_empty() {
                self.piece(line)?;
            }
        }
        Ok(())
    }

    /// The text, without white space at its end.
    pub(crate) fn finish(mut self) -> String {
        self.text.truncate(self.text.trim_end().len());
        self.text
    }

    fn piece(&mut self, piece: &str) -> Result<(), DocumentsError> {
        let pending = std::mem::replace(&mut self.pending, Separator::Nothing);
        if !self.text.is_empty() {
            let separator = match pending {
                Separator::Nothing => "",
                Separator::Space => " ",
                Separator::Tab => "\t",
                Separator::Line => "\n",
                Separator::Blank => "\n\n",
            };
            self.append(separator)?;
        }
        if piece.contains(is_changed) {
            return self.append(&cleaned(piece));
        }
        self.append(piece)
    }

    fn append(&mut self, piece: &str) -> Result<(), DocumentsError> {
        if self.text.len() + piece.len() > self.limit {
            return Err(DocumentsError::too_large(Limit::Text, self.limit));
        }
        self.text.push_str(piece);
        Ok(())
    }
}

/// White space that HTML collapses. A no-break space is none of it.
const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0C')
}

/// Characters that serve the typesetting and would split or hide a word.
const fn is_changed(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{A0}' | '\u{202F}' | '\u{200B}' | '\u{FEFF}')
}

/// Soft hyphens and zero-width spaces go; no-break spaces become spaces.
pub(crate) fn cleaned(text: &str) -> String {
    let changed = |c: char| match c {
        '\u{AD}' | '\u{200B}' | '\u{FEFF}' => None,
        '\u{A0}' | '\u{202F}' => Some(' '),
        other => Some(other),
    };
    text.chars().filter_map(changed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_stand_between_pieces_only() {
        let mut blocks = Blocks::new(100);
        blocks.separate(Separator::Blank);
        blocks.flow("  Ada \n Love\u{AD}lace ").unwrap();
        blocks.separate(Separator::Blank);
        blocks.separate(Separator::Tab);
        blocks.flow(" \t ").unwrap();
        blocks.flow("10\u{A0}km").unwrap();
        blocks.separate(Separator::Tab);
        blocks.flow("x").unwrap();
        blocks.break_line().unwrap();
        blocks.break_line().unwrap();
        blocks.verbatim("a  b\r\n\n  c\n").unwrap();
        blocks.separate(Separator::Blank);
        assert_eq!(blocks.finish(), "Ada Lovelace\n\n10 km\tx\n\na  b\n\n  c");
    }

    #[test]
    fn the_text_has_a_limit() {
        let mut blocks = Blocks::new(7);
        blocks.flow("abc de").unwrap();
        assert_eq!(blocks.flow("fg"), Err(DocumentsError::too_large(Limit::Text, 7_u64)));
        let mut blocks = Blocks::new(50);
        blocks.flow("a").unwrap();
        assert!((0..100).any(|_| blocks.break_line().is_err()));
    }
}
