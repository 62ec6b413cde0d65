//! The files that set-up downloads, and their verification.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::failure::Failure;

/// A wheel of the package registry.
#[derive(Debug)]
pub(super) struct Wheel {
    /// What it contains, for the progress line; at most 18 characters.
    pub(super) label: &'static str,
    /// The requirement for pip. `===` excludes builds of the same version with a suffix (`+cpu`).
    pub(super) requirement: &'static str,
    /// What to do if it cannot be downloaded, for a hint.
    pub(super) otherwise: &'static str,
    /// The name of the file.
    pub(super) file: &'static str,
    /// In bytes.
    pub(super) size: u64,
    /// In hexadecimal.
    pub(super) sha256: &'static str,
}

impl Wheel {
    /// Whether `path` is this wheel, complete and unaltered.
    pub(super) fn is_whole(&self, path: &Path) -> Result<bool, Failure> {
        match fs::metadata(path) {
            Ok(found) if found.len() == self.size => {}
            _ => return Ok(false),
        }
        let digest = sha256(path).map_err(|error| Failure::io("read", path, &error))?;
        Ok(hex(&digest) == self.sha256)
    }
}

fn sha256(path: &Path) -> io::Result<[u8; 32]> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finalize().into()),
            read => hasher.update(&buffer[..read]),
        }
    }
}

/// Lower-case hexadecimal, as the pins are written.
fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// URL-safe base64 without padding, as digests are written in a wheel's RECORD.
pub(super) fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = (0..3).fold(0_u32, |group, index| {
            group << 8 | u32::from(chunk.get(index).copied().unwrap_or_default())
        });
        for index in 0..=chunk.len() {
            let sextet = (group >> (18 - 6 * index)) & 0x3f;
            text.push(char::from(ALPHABET[sextet as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_and_digest_decide_whether_a_wheel_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc.whl");
        // The digest of "abc" from FIPS 180-2.
        let wheel = Wheel {
            label: "abc",
            requirement: "abc",
            otherwise: "",
            file: "abc.whl",
            size: 3,
            sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        };
        assert!(!wheel.is_whole(&path).unwrap(), "not there");
        for (content, whole) in [("abc", true), ("ab", false), ("abd", false), ("abcd", false)] {
            fs::write(&path, content).unwrap();
            assert_eq!(wheel.is_whole(&path).unwrap(), whole, "{content}");
        }
    }

    #[test]
    fn base64url_as_in_rfc_4648() {
        for (plain, encoded) in
            [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64url(plain.as_bytes()), encoded);
        }
        assert_eq!(base64url(&[0xfb, 0xff]), "-_8");
    }
}
