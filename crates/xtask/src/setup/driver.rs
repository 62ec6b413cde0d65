//! The NVIDIA driver of this machine.

use std::fs;
use std::path::Path;

/// The first driver that CUDA 13 runs with (NVIDIA's table of minor version compatibility).
pub(super) const OLDEST: u32 = 580;

/// What the kernel says of its driver.
const VERSION: &str = "/proc/driver/nvidia/version";

/// Where its library is, on machines whose kernel says nothing: in a container, under WSL.
const LIBRARIES: [&str; 4] = [
    "/usr/lib/x86_64-linux-gnu/libcuda.so.1",
    "/usr/lib64/libcuda.so.1",
    "/usr/lib/libcuda.so.1",
    "/usr/lib/wsl/lib/libcuda.so.1",
];

/// An NVIDIA driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Driver {
    /// The first number of its version, such as 580; `None` if unknown.
    pub(super) major: Option<u32>,
}

impl Driver {
    /// The driver of this machine, if it has one.
    pub(super) fn find() -> Option<Self> {
        match fs::read_to_string(VERSION) {
            Ok(text) => Some(Self { major: parse(&text) }),
            Err(_) => LIBRARIES
                .iter()
                .any(|library| Path::new(library).exists())
                .then_some(Self { major: None }),
        }
    }
}

/// From `NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.65.06  Sun Jul 27 07:21:14 UTC 2025`.
fn parse(text: &str) -> Option<u32> {
    let line = text.lines().find(|line| line.starts_with("NVRM version:"))?;
    line.split_whitespace().find_map(|word| word.split_once('.')?.0.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_as_the_kernel_writes_them() {
        let closed = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.65.06  Sun Jul 27 07:21:14 \
                      UTC 2025\nGCC version:  gcc version 12.3.0\n";
        let open = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release \
                    Build\n";
        for (text, major) in [(closed, Some(580)), (open, Some(570)), ("nothing", None), ("", None)]
        {
            assert_eq!(parse(text), major, "{text}");
        }
    }
}
