//! What a person sees of a download.

use std::fmt;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over the bytes of a file; it draws nothing where standard error is no terminal.
pub(super) fn bar(file: &str, size: Option<u64>) -> ProgressBar {
    let hidden = std::env::var("HF_HUB_DISABLE_PROGRESS_BARS").is_ok_and(|value| value == "1");
    if hidden {
        return ProgressBar::hidden();
    }
    let (bar, template) = match size {
        Some(size) => (
            ProgressBar::new(size),
            "{prefix:24} {bar:24.cyan/dim} {decimal_bytes:>9}/{decimal_total_bytes:9} \
             {decimal_bytes_per_sec}, {eta}",
        ),
        None => (ProgressBar::no_length(), "{prefix:24} {decimal_bytes} {decimal_bytes_per_sec}"),
    };
    let style = ProgressStyle::with_template(template);
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_prefix(file.to_owned())
}

/// A line for whoever watches.
#[expect(clippy::print_stderr, reason = "this is where the program speaks")]
pub(super) fn say(line: &str) {
    eprintln!("{line}");
}

/// A line for whoever should know.
pub(super) fn warn(line: &str) {
    say(&format!("warning: {line}"));
}

/// A size for people, in decimal units, as download pages and disks count.
pub(super) struct Bytes(pub(super) u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            ..1_000_000 => write!(f, "{} kB", self.0.div_ceil(1000)),
            bytes => write!(f, "{:.1} MB", bytes as f64 / 1e6),
        }
    }
}
