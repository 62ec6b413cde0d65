//! Bytes of another encoding to UTF-8, block by block.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult};

/// What makes characters of bytes.
pub(super) enum Decode {
    Latin1,
    Cp1252,
    Standard(Decoder),
}

/// The characters of the bytes 0x80 to 0x9F in code page 1252; five bytes have no character.
const CP1252: [Option<char>; 32] = [
    Some('€'),
    None,
    Some('‚'),
    Some('ƒ'),
    Some('„'),
    Some('…'),
    Some('†'),
    Some('‡'),
    Some('ˆ'),
    Some('‰'),
    Some('Š'),
    Some('‹'),
    Some('Œ'),
    None,
    Some('Ž'),
    None,
    None,
    Some('‘'),
    Some('’'),
    Some('“'),
    Some('”'),
    Some('•'),
    Some('–'),
    Some('—'),
    Some('˜'),
    Some('™'),
    Some('š'),
    Some('›'),
    Some('œ'),
    None,
    Some('ž'),
    Some('Ÿ'),
];

/// Bytes decoded at a time.
const BLOCK: usize = 64 * 1024;

/// Reads bytes of another encoding as UTF-8.
pub(super) struct Transcoder<R> {
    source: R,
    /// The encoding's name, for messages.
    encoding: String,
    decode: Decode,
    block: Vec<u8>,
    /// UTF-8 that was not handed out yet, from `at` on.
    text: Vec<u8>,
    at: usize,
    read: u64,
    ended: bool,
}

impl<R: Read> Transcoder<R> {
    pub(super) fn new(source: R, encoding: String, decode: Decode) -> Self {
        let block = vec![0; BLOCK];
        Self { source, encoding, decode, block, text: Vec::new(), at: 0, read: 0, ended: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        let count = self.source.read(&mut self.block)?;
        self.text.clear();
        self.at = 0;
        self.ended = count == 0;
        let bytes = &self.block[..count];
        match &mut self.decode {
            Decode::Latin1 => push_all(&mut self.text, bytes.iter().copied().map(char::from)),
            Decode::Cp1252 => {
                for (index, &byte) in bytes.iter().enumerate() {
                    let character = match byte {
                        0x80..=0x9F => CP1252[usize::from(byte - 0x80)].ok_or_else(|| {
                            let at = self.read + index as u64;
                            no_character(&[byte], at, &self.encoding)
                        })?,
                        _ => char::from(byte),
                    };
                    push_all(&mut self.text, [character]);
                }
            }
            Decode::Standard(decoder) => {
                let room = decoder.max_utf8_buffer_length_without_replacement(count);
                self.text.resize(room.unwrap_or(4 * BLOCK), 0);
                let mut rest = bytes;
                let mut written = 0;
                loop {
                    let (result, read, wrote) = decoder.decode_to_utf8_without_replacement(
                        rest,
                        &mut self.text[written..],
                        self.ended,
                    );
                    written += wrote;
                    rest = &rest[read..];
                    match result {
                        DecoderResult::InputEmpty => break,
                        DecoderResult::OutputFull => {
                            let more = self.text.len() + BLOCK;
                            self.text.resize(more, 0);
                        }
                        DecoderResult::Malformed(length, after) => {
                            let end = (self.read + (count - rest.len()) as u64)
                                .saturating_sub(u64::from(after));
                            let at = end.saturating_sub(u64::from(length));
                            let known =
                                count - rest.len() - usize::from(after).min(count - rest.len());
                            let shown = &bytes[known.saturating_sub(usize::from(length))..known];
                            return Err(no_character(shown, at, &self.encoding));
                        }
                    }
                }
                self.text.truncate(written);
            }
        }
        self.read += count as u64;
        Ok(())
    }
}

fn push_all(text: &mut Vec<u8>, characters: impl IntoIterator<Item = char>) {
    for character in characters {
        text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

/// The error for bytes that are no character.
fn no_character(bytes: &[u8], at: u64, encoding: &str) -> io::Error {
    let shown: Vec<String> = bytes.iter().map(|byte| format!("0x{byte:02X}")).collect();
    let what = match shown.as_slice() {
        [] => "bytes".to_owned(),
        [byte] => format!("byte {byte}"),
        bytes => format!("bytes {}", bytes.join(" ")),
    };
    let message = format!("{what} at offset {at}, no character of {encoding}");
    io::Error::new(io::ErrorKind::InvalidData, message)
}

impl<R: Read> Read for Transcoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // A block may hold only the start of a character.
        while self.at == self.text.len() && !self.ended {
            self.refill()?;
        }
        let count = (&self.text[self.at..]).read(buffer)?;
        self.at += count;
        Ok(count)
    }
}
