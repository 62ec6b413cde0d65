//! Whether items have parts of speech, which their first ten thousand tell.

/// Counts items of two parts and of three.
#[derive(Debug, Default)]
pub(super) struct Parts {
    items: usize,
    two: usize,
    three: usize,
}

impl Parts {
    pub(super) fn add(&mut self, item: &str) {
        if self.items == 10_000 {
            return;
        }
        self.items += 1;
        match item.bytes().filter(|&byte| byte == b'|').count() {
            1 => self.two += 1,
            2 => self.three += 1,
            _ => {}
        }
    }

    /// True if most items have three parts: a word that holds a `|` is rare.
    pub(super) fn has_pos(&self) -> bool {
        self.three > self.two
    }
}
