//! Whether a file is a `.spacy`.

use std::io::Read;

use flate2::read::ZlibDecoder;

/// True if these first bytes of a file are those of a `.spacy`.
pub(crate) fn is_docbin(head: &[u8]) -> bool {
    let mut start = [0; 2];
    is_zlib(head)
        && ZlibDecoder::new(head).read_exact(&mut start).is_ok()
        // A map of up to 15 entries, and a short string.
        && start[0] & 0xF0 == 0x80
        && start[1] & 0xE0 == 0xA0
}

/// True if these first bytes of a file are those of data compressed by zlib.
pub(super) fn is_zlib(head: &[u8]) -> bool {
    let [first, second, ..] = head else { return false };
    first & 0x0F == 8 && u16::from_be_bytes([*first, *second]) % 31 == 0
}
