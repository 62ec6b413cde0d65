//! What the server asks of the system: signals, files, and its end.

use std::future::Future;

use ner_align_cli::Failure;
use ner_align_cli::failure::INTERRUPTED;
use tokio::sync::oneshot;

/// Files that are no connections.
#[cfg(unix)]
const OTHER_FILES: u64 = 200;

/// Lets the process have as many open files as the system allows it; how many connections that
/// makes.
#[cfg(unix)]
pub(super) fn raise_file_limit() -> Option<usize> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    // Where it cannot be raised, it stays.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    let files = getrlimit(Resource::Nofile).current?;
    usize::try_from(files.saturating_sub(OTHER_FILES)).ok().map(|files| files.clamp(16, 1 << 20))
}

/// There is no such limit here.
#[cfg(not(unix))]
pub(super) fn raise_file_limit() -> Option<usize> {
    None
}

/// Is ready once SIGINT or SIGTERM comes; the next one ends the program at once. SIGHUP calls
/// `reload`.
#[cfg(unix)]
pub(super) fn watch_signals(
    reload: impl Fn() + Send + 'static,
) -> Result<impl Future<Output = ()>, Failure> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    let fail = |error| Failure::environment(format!("signals: {error}"));
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM]).map_err(fail)?;
    let (reloads, reloading) = std::sync::mpsc::channel();
    // A thread of its own, as a model takes a while and the server may be told to stop meanwhile.
    std::thread::spawn(move || reloading.iter().for_each(|()| reload()));
    let (stop, stopped) = oneshot::channel();
    std::thread::spawn(move || {
        let mut stop = Some(stop);
        for signal in signals.forever() {
            if signal == SIGHUP {
                let _ = reloads.send(());
            } else if let Some(stop) = stop.take() {
                ner_align_cli::say::say("answering what was accepted; once more to leave at once");
                let _ = stop.send(());
            } else {
                signal_hook::low_level::exit(i32::from(INTERRUPTED));
            }
        }
    });
    Ok(ready(stopped))
}

/// Is ready once Ctrl-C comes; the next one ends the program at once.
#[cfg(not(unix))]
pub(super) fn watch_signals(
    _reload: impl Fn() + Send + 'static,
) -> Result<impl Future<Output = ()>, Failure> {
    let (stop, stopped) = oneshot::channel();
    let mut stop = Some(stop);
    let handler = move || match stop.take() {
        Some(stop) => drop(stop.send(())),
        None => signal_hook::low_level::exit(i32::from(INTERRUPTED)),
    };
    ctrlc::set_handler(handler)
        .map_err(|error| Failure::environment(format!("signals: {error}")))?;
    Ok(ready(stopped))
}

async fn ready(stopped: oneshot::Receiver<()>) {
    // Without whoever watches the signals nobody can tell the server to stop.
    if stopped.await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Ends the program without what a program does at its end: libtorch would be taken down while a
/// thread computes what nobody waits for any more.
pub(super) fn leave() -> ! {
    signal_hook::low_level::exit(0)
}
