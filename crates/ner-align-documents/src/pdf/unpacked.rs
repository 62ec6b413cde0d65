//! How much the streams of a file unpack to, before they are unpacked.
//!
//! hayro unpacks a stream as a whole. This looks for streams in the bytes of the file, as its tables
//! may be wrong, and counts what each gives. Pictures do not count, since nothing unpacks them. What an
//! encrypted file hides is not seen; a process of its own bounds that.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};

use flate2::read::ZlibDecoder;

use crate::error::{DocumentsError, Limit};

const STREAM: &[u8] = b"stream";
/// How far before its stream a dictionary is looked for.
const HEAD: usize = 1024;
/// A stream may be packed several times over.
const LAYERS: usize = 4;

/// Checks that the streams of a file unpack to at most `limit` bytes together.
pub(crate) fn check(bytes: &[u8], limit: u64) -> Result<(), DocumentsError> {
    let count = Cell::new(0);
    let mut at = 0;
    while let Some(found) = find(&bytes[at..], STREAM) {
        let (before, after) = (&bytes[..at + found], &bytes[at + found + STREAM.len()..]);
        at += found + STREAM.len();
        let body = after.strip_prefix(b"\r").unwrap_or(after);
        let Some(body) = body.strip_prefix(b"\n") else { continue };
        if before.ends_with(b"end") || is_picture(before) {
            continue;
        }
        unpack(&mut &*body, &count, limit, LAYERS);
        if count.get() > limit {
            return Err(DocumentsError::too_large(Limit::Unpacked, limit));
        }
    }
    Ok(())
}

/// Unpacks without keeping anything, to the end, to a fault or until the count is above the limit.
fn unpack(packed: &mut dyn BufRead, count: &Cell<u64>, limit: u64, layers: usize) {
    let is_packed =
        |head: &[u8]| matches!(head, [0x78, flags, ..] if (0x7800 + u16::from(*flags)) % 31 == 0);
    if layers == 0 || !packed.fill_buf().is_ok_and(is_packed) {
        let _ = io::copy(packed, &mut io::sink());
        return;
    }
    let counted = Counted { inner: ZlibDecoder::new(packed), count, limit };
    unpack(&mut BufReader::new(counted), count, limit, layers - 1);
}

/// Counts what is read, and ends once that is above the limit.
struct Counted<'a, R> {
    inner: R,
    count: &'a Cell<u64>,
    limit: u64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.count.get() > self.limit {
            return Ok(0);
        }
        let read = self.inner.read(buffer)?;
        self.count.set(self.count.get() + read as u64);
        Ok(read)
    }
}

/// Whether the dictionary before a stream is that of a picture.
fn is_picture(before: &[u8]) -> bool {
    let head = &before[before.len().saturating_sub(HEAD)..];
    let start = head.windows(3).rposition(|window| window == b"obj").unwrap_or(0);
    let mut names = head[start..].split(|&byte| byte == b'/');
    let kind = names.find(|name| name.trim_ascii_end() == b"Subtype").and_then(|_| names.next());
    kind.and_then(|name| name.strip_prefix(b"Image")).is_some_and(|rest| {
        rest.first().is_none_or(|byte| byte.is_ascii_whitespace() || *byte == b'>')
    })
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::ZlibEncoder};

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn streams_are_counted_once_unpacked() {
        let zeros = packed(&[0; 10_000]);
        let twice = packed(&packed(&[b'x'; 10_000]));
        for (dictionary, body, fits) in [
            ("<< /Filter /FlateDecode >>", &zeros, false),
            ("<< /Length 3 >>", &zeros, false),
            ("<< /Filter [/FlateDecode /FlateDecode] >>", &twice, false),
            ("<< /Subtype /Image /Filter /FlateDecode >>", &zeros, true),
            ("<< /Subtype/Image>>", &zeros, true),
            ("<< /Subtype /ImageX >>", &zeros, false),
            ("<< >>", &b"not packed, 0x78 comes later \x78\x9c".to_vec(), true),
        ] {
            for end in ["\n", "\r\n"] {
                let head = format!("%PDF-1.5\n1 0 obj {dictionary} stream{end}");
                let file = [head.as_bytes(), body, b"\nendstream\nendobj"].concat();
                assert_eq!(check(&file, 9_999).is_ok(), fits, "{dictionary}");
                assert_eq!(check(&file, 20_000), Ok(()), "{dictionary}");
            }
        }
    }

    #[test]
    fn all_streams_count_together() {
        let body = packed(&[0; 1_000]);
        let one = [b"1 0 obj <<>> stream\n", body.as_slice(), b"\nendstream endobj\n"].concat();
        assert_eq!(check(&one.repeat(3), 3_000), Ok(()));
        let error = check(&one.repeat(4), 3_000).unwrap_err();
        assert_eq!(error, DocumentsError::too_large(Limit::Unpacked, 3_000_u64));
    }
}
