//! Signals that would end a program without a word, and panics that end nothing.

/// Lets a write beyond a limit on the size of files (`ulimit -f`) fail as a full disk does, with an
/// error that names the file.
#[cfg(unix)]
pub fn survive_file_limits() {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;
    // Where the signal cannot be taken over, it ends the program as before.
    let flag = Arc::new(AtomicBool::new(false));
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, flag);
}

/// There is no such limit here.
#[cfg(not(unix))]
pub fn survive_file_limits() {}

/// Shows no panic that a library catches and makes an error of the file.
pub fn hide_caught_panics() {
    let shown = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !ner_align_core::is_panic_caught() {
            shown(info);
        }
    }));
}

/// Lets Ctrl-C and SIGTERM end the program as ever, but without the temporary files of what it was
/// writing.
#[cfg(unix)]
pub fn leave_no_drafts() {
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;
    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM]) else { return };
    std::thread::spawn(move || {
        for signal in signals.forever() {
            ner_align_corpus::remove_drafts();
            let _ = emulate_default_handler(signal);
        }
    });
}

/// Signals are other ones here.
#[cfg(not(unix))]
pub fn leave_no_drafts() {}
