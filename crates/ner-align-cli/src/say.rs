//! Words on standard error.

use std::fmt;
use std::io::{self, Write};

use ner_align_corpus::text::clip;

/// Writes a line on standard error, long words of it clipped. That nobody takes it, because a pipe is closed or a disk is full, ends no
/// work: the printing macros of the standard library panic there.
pub fn say(line: impl fmt::Display) {
    // In one piece, so that lines of several threads do not mix.
    let text = line.to_string();
    let mut line: String = text.split('\n').map(clip).collect::<Vec<_>>().join("\n");
    line.push('\n');
    let _ = io::stderr().lock().write_all(line.as_bytes());
}
