//! A limit to what a compressed file may grow to.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Annotated text shrinks to a tenth, repetitive columns to a hundredth; more is made on purpose.
pub(crate) const MAX_RATIO: u64 = 400;

/// Below this, no ratio is too large.
pub(crate) const ALWAYS_FINE: u64 = 64 * 1024 * 1024;

/// Counts the packed bytes on their way to the unpacker.
pub(super) struct Counted<R> {
    pub(super) source: R,
    pub(super) count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.count.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Stops where the unpacked bytes are out of all proportion to the packed ones.
pub(super) struct Guard<R> {
    unpacked: R,
    packed: Arc<AtomicU64>,
    count: u64,
}

impl<R: Read> Guard<R> {
    pub(super) const fn new(unpacked: R, packed: Arc<AtomicU64>) -> Self {
        Self { unpacked, packed, count: 0 }
    }
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.unpacked.read(buffer)?;
        self.count += count as u64;
        let packed = self.packed.load(Ordering::Relaxed);
        if self.count > ALWAYS_FINE && self.count / MAX_RATIO > packed {
            let message = format!(
                "{} MiB out of {} KiB, more than {MAX_RATIO} times as much: unpack it yourself if \
                 that is right",
                self.count >> 20,
                packed >> 10
            );
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endless_stream_is_stopped() {
        let packed = Arc::new(AtomicU64::new(1000));
        let mut guard = Guard::new(io::repeat(b'a'), packed);
        let error = io::copy(&mut guard, &mut io::sink()).unwrap_err();
        assert!(error.to_string().starts_with("64 MiB out of 0 KiB"), "{error}");
    }
}
