//! Words on standard error.

use std::fmt;
use std::io::{self, Write};
use std::sync::RwLock;

use ner_align_corpus::text::clip;

/// Takes what is drawn on standard error away while its argument runs, and draws it anew.
type Aside = Box<dyn Fn(&mut dyn FnMut()) + Send + Sync>;

/// What is drawn on standard error now.
static DRAWN: RwLock<Option<Aside>> = RwLock::new(None);

/// Has lines written while `aside` takes away what is drawn there, such as a progress bar; `None`: nothing is.
pub fn draw_aside(aside: Option<Aside>) {
    if let Ok(mut drawn) = DRAWN.write() {
        *drawn = aside;
    }
}

/// Writes a line on standard error, long words of it clipped. That nobody takes it, because a pipe is closed or a disk is full, ends no
/// work: the printing macros of the standard library panic there.
pub fn say(line: impl fmt::Display) {
    // In one piece, so that lines of several threads do not mix.
    let text = line.to_string();
    let mut line: String = text.split('\n').map(clip).collect::<Vec<_>>().join("\n");
    line.push('\n');
    let mut write = || {
        let _ = io::stderr().lock().write_all(line.as_bytes());
    };
    match DRAWN.read().ok().as_deref() {
        Some(Some(aside)) => aside(&mut write),
        _ => write(),
    }
}
