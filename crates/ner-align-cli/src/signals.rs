//! Signals that would end a program without a word.

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
