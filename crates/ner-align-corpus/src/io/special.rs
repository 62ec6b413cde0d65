//! Files that are none: pipes, sockets and devices.

use std::fs::{self, File, FileType, Metadata};
use std::io::IsTerminal;
use std::path::Path;

/// What a path is, if it is neither a regular file nor a folder: such are not read where a folder holds
/// them, since they may have no end, or wait for ever.
pub(crate) fn special_kind(path: &Path) -> Option<&'static str> {
    kind(fs::metadata(path).ok()?.file_type())
}

/// True for a device that gives bytes without end, such as `/dev/zero`. Terminals and `/dev/null` have
/// an end, and what is piped into `/dev/stdin` is no device.
pub(super) fn is_endless(file: &File, metadata: &Metadata) -> bool {
    kind(metadata.file_type()) == Some(DEVICE) && !file.is_terminal() && !is_null(metadata)
}

/// The name of devices in messages.
pub(super) const DEVICE: &str = "a device";

#[cfg(unix)]
fn kind(kind: FileType) -> Option<&'static str> {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_fifo() {
        Some("a named pipe")
    } else if kind.is_socket() {
        Some("a socket")
    } else if kind.is_char_device() || kind.is_block_device() {
        Some(DEVICE)
    } else {
        None
    }
}

#[cfg(unix)]
fn is_null(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/dev/null").is_ok_and(|null| null.rdev() == metadata.rdev())
}

#[cfg(not(unix))]
fn kind(_: FileType) -> Option<&'static str> {
    None
}

#[cfg(not(unix))]
fn is_null(_: &Metadata) -> bool {
    false
}
