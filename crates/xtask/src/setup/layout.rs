//! Makes `target/libtorch` from wheels: the CPU half of `torch` and the two small CUDA libraries
//! that it is linked with.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::cache::Cache;
use super::download::{fetch as fetch_wheel, progress_bar, remove_leftovers, say};
use super::files::{create_dir, partial, remove, replace, require_space, symlink};
use super::python::Python;
use super::stamp::Stamp;
use super::unpack::{Pick, WheelFile};
use super::wheels::{LIBTORCH_VERSION, LIBTORCH_WHEELS};
use crate::failure::Failure;

/// What is taken from each of [`LIBTORCH_WHEELS`], in their order.
///
/// Each library has `$ORIGIN` in its run path, so they find each other in one folder. Without
/// `libtorch_cuda.so` beside it, torch-sys links the CPU half alone.
const PICKS: [&[Pick]; 3] = [
    &[("nvidia/cu13/lib/libcudart.so.13", "lib/libcudart.so.13")],
    &[("nvidia/cu13/lib/libcupti.so.13", "lib/libcupti.so.13")],
    &[
        ("torch/lib/libtorch_cpu.so", "lib/libtorch_cpu.so"),
        ("torch/lib/libc10.so", "lib/libc10.so"),
        ("torch/lib/libgomp.so.1", "lib/libgomp.so.1"),
        ("torch/include/", "include/"),
    ],
];

/// Names that the linker asks for: `-lgomp`, and `-ltorch`. The wheel's own libtorch.so is a
/// wrapper that needs the CUDA half, so the name leads to the CPU half.
const LINKS: [(&str, &str); 2] =
    [("lib/libgomp.so", "libgomp.so.1"), ("lib/libtorch.so", "libtorch_cpu.so")];

/// One header of thousands, whose absence shows that they were removed.
const HEADER: &str = "include/torch/headeronly/version.h";

/// Bytes that the wheels and the unpacked files take, with a margin.
const SPACE: u64 = 1_200_000_000;

/// The oldest C library that the wheel of `torch` runs with.
const GLIBC: (u32, u32) = (2, 28);

/// Downloads and unpacks; returns the version. The caller holds the cache's lock.
pub(super) fn fetch(path: &Path, python: &Python, cache: &Cache) -> Result<String, Failure> {
    check_glibc()?;
    let wheels = cache.wheels();
    create_dir(&wheels)?;
    remove_leftovers(&wheels);
    let partial = partial(path)?;
    let held: u64 = LIBTORCH_WHEELS
        .iter()
        .filter_map(|wheel| Some(fs::metadata(wheels.join(wheel.file)).ok()?.len()))
        .sum();
    require_space(&wheels, SPACE.saturating_sub(held))?;
    let pip = python.pip(&wheels)?;
    let mut fetched = Vec::new();
    for wheel in &LIBTORCH_WHEELS {
        fetched.push(fetch_wheel(&pip, wheel, &wheels)?);
    }
    unpack(&fetched, &partial)?;
    let libraries = PICKS.iter().copied().flatten().map(|(_, to)| PathBuf::from(to));
    let mut files: Vec<_> = libraries.filter(|to| to.starts_with("lib")).collect();
    files.push(HEADER.into());
    files.extend(LINKS.iter().map(|(link, _)| PathBuf::from(link)));
    Stamp::of(&partial, LIBTORCH_VERSION, None, &files)?.write(&partial)?;
    replace(&partial, path)?;
    // Once unpacked they are of no use, and large.
    fetched.iter().try_for_each(|wheel| remove(wheel))?;
    Ok(LIBTORCH_VERSION.to_owned())
}

fn unpack(fetched: &[PathBuf], partial: &Path) -> Result<(), Failure> {
    let mut opened =
        fetched.iter().map(|wheel| WheelFile::open(wheel)).collect::<Result<Vec<_>, _>>()?;
    let size = opened.iter().zip(PICKS).map(|(wheel, picks)| wheel.unpacked_size(picks)).sum();
    // Thousands of small headers take a whole block each.
    require_space(partial, size + 50_000_000)?;
    let bar = progress_bar("unpacking libtorch", size);
    say(&bar, "unpacking libtorch");
    for (wheel, picks) in opened.iter_mut().zip(PICKS) {
        wheel.unpack(picks, partial, &bar)?;
    }
    bar.finish_and_clear();
    LINKS.iter().try_for_each(|(link, to)| symlink(Path::new(to), &partial.join(link)))
}

/// pip downloads a wheel by its tags and does not check the C library.
fn check_glibc() -> Result<(), Failure> {
    let output = Command::new("getconf").arg("GNU_LIBC_VERSION").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    match text.ok().as_deref().and_then(parse_glibc) {
        Some(found) if found < GLIBC => {
            let what =
                format!("libtorch needs glibc 2.28, this system has {}.{}", found.0, found.1);
            Err(Failure::environment(what)
                .hint("set LIBTORCH to a libtorch 2.11 built for this system"))
        }
        _ => Ok(()),
    }
}

/// From `glibc 2.36`.
fn parse_glibc(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().strip_prefix("glibc ")?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glibc_versions() {
        assert_eq!(parse_glibc("glibc 2.36\n"), Some((2, 36)));
        assert_eq!(parse_glibc("musl"), None);
        assert!(parse_glibc("glibc 2.9").unwrap() < GLIBC);
    }
}
