//! Who is connected, and who has been idle for longest.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// Of so many connections, one is closed where there are too many.
const SHARE: usize = 64;

/// All connections of a listener.
#[derive(Debug)]
pub(crate) struct Connections {
    start: Instant,
    open: Arc<Mutex<Open>>,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    connections: BTreeMap<u64, Weak<Connection>>,
}

/// A connection of a listener.
#[derive(Debug)]
pub(crate) struct Connection {
    number: u64,
    start: Instant,
    busy: AtomicBool,
    /// The last change between busy and idle, in microseconds since `start`.
    since: AtomicU64,
    close: Notify,
    open: Arc<Mutex<Open>>,
}

impl Default for Connections {
    fn default() -> Self {
        Self { start: Instant::now(), open: Arc::default() }
    }
}

fn lock(open: &Mutex<Open>) -> MutexGuard<'_, Open> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Connections {
    /// A connection more. If there are more than `most`, the longest idle are closed.
    pub(crate) fn open(&self, most: usize) -> Arc<Connection> {
        let mut open = lock(&self.open);
        let number = open.next;
        open.next += 1;
        let connection = Arc::new(Connection {
            number,
            start: self.start,
            busy: AtomicBool::new(false),
            since: AtomicU64::new(micros(self.start)),
            close: Notify::new(),
            open: Arc::clone(&self.open),
        });
        let too_many = open.connections.len() >= most;
        open.connections.insert(number, Arc::downgrade(&connection));
        drop(open);
        if too_many {
            self.close_idle();
        }
        connection
    }

    /// Closes some of the connections that have been idle for longest.
    pub(crate) fn close_idle(&self) {
        let open = lock(&self.open);
        let mut idle: Vec<Arc<Connection>> =
            open.connections.values().filter_map(Weak::upgrade).collect();
        drop(open);
        idle.retain(|connection| !connection.busy.load(Ordering::Relaxed));
        idle.sort_by_key(|connection| connection.since.load(Ordering::Relaxed));
        let some = idle.len().div_ceil(SHARE);
        for connection in idle.iter().take(some) {
            connection.close.notify_one();
        }
    }
}

impl Connection {
    /// A request begins, and lasts until what this returns is dropped.
    pub(crate) fn begin(self: &Arc<Self>) -> Busy {
        self.change(true);
        Busy(Arc::clone(self))
    }

    /// How long the connection has had no request; `None` during one.
    pub(crate) fn idle(&self) -> Option<Duration> {
        let since = Duration::from_micros(self.since.load(Ordering::Relaxed));
        let idle = !self.busy.load(Ordering::Relaxed);
        idle.then(|| self.start.elapsed().saturating_sub(since))
    }

    /// Waits until the connection is to be closed for others.
    pub(crate) async fn closed(&self) {
        self.close.notified().await;
    }

    fn change(&self, busy: bool) {
        self.since.store(micros(self.start), Ordering::Relaxed);
        self.busy.store(busy, Ordering::Relaxed);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        lock(&self.open).connections.remove(&self.number);
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub(crate) struct Busy(Arc<Connection>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.change(false);
    }
}

fn micros(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_longest_idle_is_closed_for_a_new_one() {
        let connections = Connections::default();
        let [busy, old, young] = [(); 3].map(|()| connections.open(3));
        let _request = busy.begin();
        drop(young.begin());
        assert!(busy.idle().is_none() && old.idle().is_some());
        let _new = connections.open(3);
        let closed = tokio::time::timeout(Duration::from_secs(5), old.closed()).await;
        assert!(closed.is_ok());
        for other in [&busy, &young] {
            let closed = tokio::time::timeout(Duration::from_millis(1), other.closed()).await;
            assert!(closed.is_err());
        }
        drop(old);
        assert_eq!(lock(&connections.open).connections.len(), 3);
    }
}
